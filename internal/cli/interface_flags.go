package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// interfaceFlags say where a command finds an interface and its sessions, and which
// assumptions it makes about them.
type interfaceFlags struct {
	config  string
	options dataplane.Options
}

// add declares the flags.
func (f *interfaceFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.config, "config", "", "mirror.json: the interface, its sessions, their targets and filters")
	flags.BoolVar(&f.options.RejectStops, "reject-stops", false, "a reject rule ends the search: no later session gets the packet (instead of assumption A0100)")
	flags.IntVar(&f.options.EncapsulationAllowance, "encapsulation-allowance", dataplane.DefaultEncapsulationAllowance,
		"54 or 50: by how many bytes an IP packet must be shorter than the target's MTU (assumption A0105)")
}

// read returns the interface with its sessions, and the direction of every packet, or "" if
// each packet shows its own.
func (f interfaceFlags) read(files *files, stderr io.Writer) (*dataplane.Source, mirror.Direction, error) {
	file, _, err := files.open("--config", f.config)
	if err != nil {
		return nil, "", err
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, "", err
	}
	m, err := topology.ParseMirror(text)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", f.config, err)
	}
	for _, doubt := range m.Doubts {
		fmt.Fprintf(stderr, "Warning: %s: %v\n", f.config, doubt)
	}
	sessions := make([]dataplane.Session, len(m.Sessions))
	for i, s := range m.Sessions {
		sessions[i] = dataplane.Session(s)
	}
	source, err := dataplane.New(m.Interface, sessions, f.options)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", f.config, err)
	}
	return source, m.Direction, nil
}
