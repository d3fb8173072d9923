package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// filterFlags say where a command finds a filter.
type filterFlags struct {
	sourceFlags
	filter string
}

// add declares the flags.
func (f *filterFlags) add(cmd *cobra.Command) {
	f.sourceFlags.add(cmd, "filter.json: network_services, ingress_rules and egress_rules of a filter")
	cmd.Flags().StringVar(&f.filter, "filter", "", "with --plan or --state: ID or address of the filter (needed if there are several)")
}

// read returns the filter.
func (f filterFlags) read(files *files, stderr io.Writer) (mirror.Filter, error) {
	if err := f.check(map[string]bool{"filter": f.filter != ""}); err != nil {
		return mirror.Filter{}, err
	}
	if f.config != "" {
		return readFilter(files, "--config", f.config, stderr)
	}
	file, err := f.open(files)
	if err != nil {
		return mirror.Filter{}, err
	}
	filter, warnings, err := file.Filter(f.filter)
	if err != nil {
		return mirror.Filter{}, fmt.Errorf("%s: %w", f.sourceFlags.name(), err)
	}
	for _, warning := range warnings {
		fmt.Fprintf(stderr, "Warning: %s: %v\n", f.sourceFlags.name(), warning)
	}
	return filter, nil
}

// name names the filter in a text.
func (f filterFlags) name() string {
	if f.filter == "" {
		return f.sourceFlags.name()
	}
	return f.filter + " in " + f.sourceFlags.name()
}

// readFilter reads a filter.json that an argument names.
func readFilter(files *files, argument, name string, stderr io.Writer) (mirror.Filter, error) {
	text, err := files.read(argument, name)
	if err != nil {
		return mirror.Filter{}, err
	}
	filter, warnings, err := topology.ParseFilter(text)
	if err != nil {
		return mirror.Filter{}, fmt.Errorf("%s: %w", name, err)
	}
	for _, warning := range warnings {
		fmt.Fprintf(stderr, "Warning: %s: %v\n", name, warning)
	}
	return filter, nil
}
