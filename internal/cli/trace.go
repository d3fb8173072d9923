package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// traceFlags are the arguments of the subcommand trace.
type traceFlags struct {
	interfaceFlags
	unwrapFlag
	ingress, egress   string
	in                string
	packet            int64
	all, json, schema bool
}

func traceCommand() *cobra.Command {
	var f traceFlags
	cmd := &cobra.Command{
		Use:   "trace",
		Short: "Show step by step what the mirror sessions of an interface do with one packet",
		Long: `Show step by step what the mirror sessions of a network interface do with one packet. The steps are whether EC2
mirrors packets of its kind, each session and each rule with the first field that does not fit, the length of the
copy, and whether it arrives. The sessions are in mirror.json, or in a plan or a state of Terraform. The packet is
written in words, or is packet N of a capture file. The exit status is 0 whatever the verdict is.`,
		Example: `  terraform-provider-trafficmirror trace --config mirror.json --ingress "tcp 10.1.2.3:50000 > 10.0.1.10:22"
  terraform-provider-trafficmirror trace --config mirror.json --egress "udp [2001:db8::1]:5000 > [2001:db8::2]:53, 200 bytes" --json
  terraform-provider-trafficmirror trace --config mirror.json --in in.pcap --packet 38
  terraform-provider-trafficmirror trace --plan plan.json --interface aws_network_interface.web --ingress "tcp 10.1.2.3:50000 > 10.0.1.10:22"`,
		Args:    cobra.NoArgs,
		PreRunE: refuseEmptyFlags,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.schema {
				_, err := cmd.OutOrStdout().Write(traceSchema())
				return err
			}
			return f.run(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	f.add(cmd)
	flags.StringVar(&f.ingress, "ingress", "", `a packet that the interface receives, such as "tcp 10.1.2.3:50000 > 10.0.1.10:22"`)
	flags.StringVar(&f.egress, "egress", "", "a packet that the interface sends")
	flags.StringVar(&f.in, "in", "", "capture file to read the packet from")
	flags.Int64Var(&f.packet, "packet", 0, "number of the packet in the capture file, from 1; with --unwrap, only packets that are unwrapped count")
	f.addUnwrap(flags)
	flags.BoolVar(&f.all, "all", false, "print a line for each rule, also where many rules do not match")
	flags.BoolVar(&f.json, "json", false, "print the steps as JSON")
	flags.BoolVar(&f.schema, "result-schema", false, "only print the JSON schema of the output with --json")
	cmd.MarkFlagsOneRequired("ingress", "egress", "in", "result-schema")
	cmd.MarkFlagsMutuallyExclusive("ingress", "egress", "in", "result-schema")
	cmd.MarkFlagsOneRequired(append(sources, "result-schema")...)
	cmd.MarkFlagsRequiredTogether("in", "packet")
	cmd.MarkFlagsMutuallyExclusive("all", "json")
	return cmd
}

func (f traceFlags) run(ctx context.Context, stdin io.Reader, stdout, stderr io.Writer) (err error) {
	if err := errors.Join(checkOneStandard("input", append(f.inputs(), namedFile{"--in", f.in})), f.checkUnwrap(f.in != "")); err != nil {
		return err
	}
	files := &files{ctx: ctx, stdin: stdin, stdout: stdout}
	defer func() { err = errors.Join(err, files.close()) }()
	source, direction, err := f.read(files, stderr)
	if err != nil {
		return err
	}
	var p packet.Packet
	switch {
	case f.in != "":
		err = f.find(ctx, files, stderr, &p)
	case f.ingress != "":
		direction, err = mirror.Ingress, build("--ingress", f.ingress, mirror.Ingress, source, &p)
	default:
		direction, err = mirror.Egress, build("--egress", f.egress, mirror.Egress, source, &p)
	}
	if err != nil {
		return err
	}
	return f.print(stdout, source.Trace(&p, direction))
}

// build reads a packet in words.
func build(argument, text string, direction mirror.Direction, source *dataplane.Source, into *packet.Packet) error {
	words, problems := simulation.ParsePacket(text)
	switch {
	case problems != nil:
		return fmt.Errorf("%s: %w", argument, problems)
	case words.Direction != "" && words.Direction != string(direction):
		return fmt.Errorf("%s: the packet says %s. Write the direction only once", argument, words.Direction)
	}
	words.Direction = string(direction)
	return words.Decode(source, into)
}

// find reads the capture up to the packet.
func (f traceFlags) find(ctx context.Context, files *files, stderr io.Writer, into *packet.Packet) error {
	if f.packet < 1 {
		return fmt.Errorf("--packet is %d: write the number of a packet, from 1", f.packet)
	}
	name, err := oneCapture("trace", f.in)
	if err != nil {
		return err
	}
	reader, _, err := openCapture(files, name, stderr)
	if err != nil {
		return err
	}
	unwrapping := f.unwrapping(1)
	reader = unwrapping.source(reader)
	var record capture.Record
	for n := range f.packet {
		err := reader.Next(&record)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, io.EOF):
			unwrapping.report(stderr, f.in)
			return fmt.Errorf("--packet is %d, and %s has %d packets%s", f.packet, f.in, n, f.inTunnels())
		case err != nil:
			return fmt.Errorf("%s: %w", f.in, err)
		}
	}
	if f.unwrap {
		fmt.Fprintf(stderr, "Packet %d%s of %s is in packet %d of the file.\n", f.packet, f.inTunnels(), f.in, record.Number)
	}
	record.Decode(into)
	return nil
}

// inTunnels says which packets are counted.
func (f traceFlags) inTunnels() string {
	if f.unwrap {
		return " in VXLAN or GENEVE"
	}
	return ""
}

func (f traceFlags) print(to io.Writer, trace dataplane.Trace) error {
	switch {
	case f.json:
		enc := json.NewEncoder(to)
		enc.SetEscapeHTML(false) // the text of a packet has ">"
		enc.SetIndent("", "  ")
		return enc.Encode(trace)
	case f.all:
		_, err := io.WriteString(to, trace.All())
		return err
	}
	_, err := io.WriteString(to, trace.String())
	return err
}
