package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/planfile"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// interfaceFlags say where a command finds an interface and its sessions, and which
// assumptions it makes about them.
type interfaceFlags struct {
	sourceFlags
	addressFlags
	iface, topology string
	options         dataplane.Options
}

// add declares the flags.
func (f *interfaceFlags) add(cmd *cobra.Command) {
	f.sourceFlags.add(cmd, "mirror.json: the interface, its sessions, their targets and filters")
	flags := cmd.Flags()
	flags.StringVar(&f.iface, "interface", "", "with --plan or --state: ID of the interface, or address of an aws_network_interface or aws_instance (needed if several interfaces have sessions)")
	flags.StringVar(&f.topology, "topology", "", "with --plan or --state: topology file of the embedded EC2, for addresses, MTU, listeners and appliances")
	f.addressFlags.add(cmd, "with --plan or --state: IP or MAC address of the interface; may be repeated, with the primary IPv4 address first",
		"with --plan or --state: IP address of the VPC's Route 53 Resolver, in addition to the link-local addresses; may be repeated")
	flags.BoolVar(&f.options.RejectStops, "reject-stops", false, "a reject rule ends the search: no later session gets the packet (instead of assumption A0100)")
	flags.IntVar(&f.options.EncapsulationAllowance, "encapsulation-allowance", dataplane.DefaultEncapsulationAllowance,
		"54 or 50: by how many bytes an IP packet must be shorter than the target's MTU (assumption A0105)")
}

// inputs are the files that the flags name.
func (f interfaceFlags) inputs() []namedFile {
	return append(f.sourceFlags.inputs(), namedFile{"--topology", f.topology})
}

// read returns the interface with its sessions, and the direction of every packet, or "" if
// each packet shows its own.
func (f interfaceFlags) read(files *files, stderr io.Writer) (*dataplane.Source, mirror.Direction, error) {
	err := f.check(map[string]bool{
		"interface": f.iface != "", "topology": f.topology != "", "interface-address": f.addresses != nil, "dns-resolver-address": f.resolvers != nil,
	})
	if err != nil {
		return nil, "", err
	}
	m, err := f.mirror(files)
	if err != nil {
		return nil, "", err
	}
	for _, warning := range m.Warnings {
		fmt.Fprintf(stderr, "Warning: %s: %v\n", f.name(), warning)
	}
	sessions := make([]dataplane.Session, len(m.Sessions))
	for i, s := range m.Sessions {
		sessions[i] = dataplane.Session(s)
	}
	if f.config == "" {
		f.options.SessionsIn = f.name()
	}
	source, err := dataplane.New(m.Interface, sessions, f.options)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", f.name(), err)
	}
	return source, m.Direction, nil
}

// mirror reads the file that has the mirror.
func (f interfaceFlags) mirror(files *files) (*topology.Mirror, error) {
	if f.config != "" {
		text, err := files.read("--config", f.config)
		if err != nil {
			return nil, err
		}
		m, err := topology.ParseMirror(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.config, err)
		}
		return m, nil
	}
	facts, err := f.facts(files)
	if err != nil {
		return nil, err
	}
	file, err := f.open(files)
	if err != nil {
		return nil, err
	}
	m, err := file.Mirror(f.iface, facts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.name(), err)
	}
	return m, nil
}

// facts reads what a plan or a state does not have.
func (f interfaceFlags) facts(files *files) (planfile.Facts, error) {
	given, err := f.parse()
	if err != nil {
		return planfile.Facts{}, err
	}
	facts := planfile.Facts{MACAddress: given.mac, Addresses: given.ofInterface, Resolvers: given.ofResolver}
	if f.topology == "" {
		return facts, nil
	}
	text, err := files.read("--topology", f.topology)
	if err != nil {
		return facts, err
	}
	if facts.Topology, err = topology.Parse(text); err != nil {
		return facts, fmt.Errorf("%s: %w", f.topology, err)
	}
	return facts, nil
}
