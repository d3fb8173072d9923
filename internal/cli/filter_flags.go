package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// filterFlags say where a command finds a filter.
type filterFlags struct{ config string }

// add declares the flags.
func (f *filterFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.config, "config", "", "filter.json: network_services, ingress_rules and egress_rules of a filter")
}

// read returns the filter.
func (f filterFlags) read(files *files, stderr io.Writer) (mirror.Filter, error) {
	return readFilter(files, "--config", f.config, stderr)
}

// name names the filter in a text.
func (f filterFlags) name() string { return shownName(f.config) }

// readFilter reads a filter.json that an argument names.
func readFilter(files *files, argument, name string, stderr io.Writer) (mirror.Filter, error) {
	file, _, err := files.open(argument, name)
	if err != nil {
		return mirror.Filter{}, err
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return mirror.Filter{}, err
	}
	filter, doubts, err := topology.ParseFilter(text)
	if err != nil {
		return mirror.Filter{}, fmt.Errorf("%s: %w", name, err)
	}
	for _, doubt := range doubts {
		fmt.Fprintf(stderr, "Warning: %s: %v\n", name, doubt)
	}
	return filter, nil
}
