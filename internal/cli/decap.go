package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/decapsulation"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

// decapFlags are the arguments of the subcommand decap.
type decapFlags struct {
	in, listen, out, byVNI string
	vnis, ports            []uint
	packets                int64
	lasts                  time.Duration
	pcapng, json, schema   bool
}

func decapCommand() *cobra.Command {
	var f decapFlags
	cmd := &cobra.Command{
		Use:   "decap",
		Short: "Turn mirrored packets back into the frames that the source's interface saw",
		Long: `Turn copies, as a sensor receives them, back into the frames that the interface of the mirror source saw. Copies are VXLAN,
or VXLAN in GENEVE from a Gateway Load Balancer. They come from a capture file, or from a UDP socket. The frames are
written into one file, or into one file for each VNI. Their times are kept. The counts on standard error show the copies,
and why other packets are no copies.

A capture file is classic pcap or pcapng, also compressed with gzip or zstd. "-" means standard input or standard output.`,
		Example: `  terraform-provider-trafficmirror decap --in mirrored.pcap --out frames.pcap
  terraform-provider-trafficmirror decap --in mirrored.pcap --by-vni frames
  terraform-provider-trafficmirror decap --listen 127.0.0.1:4789 --out - | tshark -i -`,
		Args:    cobra.NoArgs,
		PreRunE: refuseEmptyFlags,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.schema {
				_, err := cmd.OutOrStdout().Write(reportSchema[decapsulation.Summary]("decap", "The counts of the command decap."))
				return err
			}
			return f.run(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.in, "in", "", "capture file to read: what the sensor receives")
	flags.StringVar(&f.listen, "listen", "", "address and UDP port to receive copies on, such as 127.0.0.1:4789, or 127.0.0.1:6081 for GENEVE; without an address, 127.0.0.1")
	flags.StringVar(&f.out, "out", "", "capture file to write the frames into; pcapng if its name ends with .pcapng")
	flags.StringVar(&f.byVNI, "by-vni", "", "folder to write the frames into, one file for each VNI: VNI.pcap")
	flags.BoolVar(&f.pcapng, "pcapng", false, "with --by-vni: write VNI.pcapng")
	flags.UintSliceVar(&f.vnis, "vni", nil, "only copies with this VNI; may be repeated")
	flags.UintSliceVar(&f.ports, "port", nil, "with --in: UDP port of VXLAN instead of 4789; may be repeated")
	flags.Int64Var(&f.packets, "packets", 0, "with --listen: end after so many packets")
	flags.DurationVar(&f.lasts, "for", 0, "with --listen: end after this time, such as 10s")
	flags.BoolVar(&f.json, "json", false, "print the counts as JSON")
	flags.BoolVar(&f.schema, "result-schema", false, "only print the JSON schema of the output with --json")
	cmd.MarkFlagsOneRequired("in", "listen", "result-schema")
	cmd.MarkFlagsMutuallyExclusive("in", "listen", "result-schema")
	cmd.MarkFlagsMutuallyExclusive("out", "by-vni")
	return cmd
}

// check refuses flags that do not fit together, and numbers that do not exist.
func (f decapFlags) check() error {
	switch {
	case f.listen == "" && (f.packets != 0 || f.lasts != 0):
		return errors.New("--packets and --for are for --listen. A capture file is read to its end")
	case f.packets < 0 || f.lasts < 0:
		return errors.New("--packets and --for must be above 0")
	case f.listen != "" && f.ports != nil:
		return errors.New("--port is for --in. Write the port into --listen")
	case f.pcapng && f.byVNI == "":
		return errors.New("--pcapng is for --by-vni. With --out, the ending of the name says the format")
	case f.json && f.out == standard:
		return errors.New("--out and --json cannot both be standard output")
	}
	for _, vni := range f.vnis {
		if problems := mirror.VirtualNetworkIDs.Check("--vni", int64(vni)); problems != nil {
			return problems
		}
	}
	for _, port := range f.ports {
		if port == 0 || port > 65535 {
			return fmt.Errorf("--port is %d. Write a port from 1 to 65535", port)
		}
	}
	return nil
}

func (f decapFlags) options() decapsulation.Options {
	var o decapsulation.Options
	for _, vni := range f.vnis {
		o.VNIs = append(o.VNIs, uint32(vni))
	}
	for _, port := range f.ports {
		o.Ports = append(o.Ports, uint16(port))
	}
	return o
}

// decapsulated is a packet that the command has read.
type decapsulated struct {
	decapsulation.Copy
	reason      decapsulation.Reason
	nanoseconds int64
}

// A copySource has packets that may be copies.
type copySource interface {
	// next reads the next packet. It returns io.EOF after the last one. The packet is valid until
	// the next call.
	next(*decapsulated) error

	// isWaiting reports whether the next packet may take a while, so that what is held back has to
	// be written.
	isWaiting() bool
}

// frameWriter takes the frames.
type frameWriter interface {
	write(vni uint32, nanoseconds int64, frame []byte) error
	flush() error
	close() error
}

func (f decapFlags) run(ctx context.Context, stdin io.Reader, stdout, stderr io.Writer) (err error) {
	if err := f.check(); err != nil {
		return err
	}
	files := &files{ctx: ctx, stdin: stdin, stdout: stdout}
	defer func() { err = errors.Join(err, files.close()) }()
	from, done, err := f.open(ctx, files, stderr)
	if err != nil {
		return err
	}
	defer done()
	to, err := f.create(files)
	if err != nil {
		return err
	}
	tally := decapsulation.NewTally()
	err = errors.Join(decapsulateAll(from, to, tally), to.close())
	return errors.Join(err, f.print(stdout, stderr, tally.Summary()))
}

func decapsulateAll(from copySource, to frameWriter, tally *decapsulation.Tally) error {
	var d decapsulated
	for {
		if from.isWaiting() {
			if err := to.flush(); err != nil {
				return err
			}
		}
		err := from.next(&d)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		tally.Add(d.Copy, d.reason)
		if d.reason != 0 {
			continue
		}
		if err := to.write(d.VNI, d.nanoseconds, d.Frame); err != nil {
			return err
		}
	}
}

func (f decapFlags) open(ctx context.Context, files *files, stderr io.Writer) (copySource, func(), error) {
	if f.listen != "" {
		return f.openSocket(ctx, stderr)
	}
	in, _, err := files.open("--in", f.in)
	if err != nil {
		return nil, nil, err
	}
	reader, err := capture.NewReader(in)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", shownName(f.in), err)
	}
	return &copyFile{reader: reader, unwrap: decapsulation.New(f.options()), name: shownName(f.in), isLive: f.in == standard}, func() {}, nil
}

// copyFile is a capture with copies.
type copyFile struct {
	reader *capture.Reader
	record capture.Record
	unwrap *decapsulation.Decapsulator
	name   string
	isLive bool
}

func (c *copyFile) isWaiting() bool { return c.isLive }

func (c *copyFile) next(d *decapsulated) error {
	err := c.reader.Next(&c.record)
	switch {
	case errors.Is(err, io.EOF):
		return err
	case err != nil:
		return fmt.Errorf("%s: %w", c.name, err)
	}
	d.Copy, d.reason = c.unwrap.Decapsulate(&c.record)
	d.nanoseconds = c.record.Nanoseconds
	return nil
}

func (f decapFlags) create(files *files) (frameWriter, error) {
	switch {
	case f.byVNI != "":
		format := capture.Pcap
		if f.pcapng {
			format = capture.Pcapng
		}
		return newVNIFiles(files, f.byVNI, format)
	case f.out == "":
		return noFrames{}, nil
	}
	file, err := files.create("--out", f.out)
	if err != nil {
		return nil, err
	}
	return &oneFile{Writer: capture.FormatOf(f.out).NewWriter(file, packet.LinkEthernet), isHeld: true}, nil
}

// noFrames only counts.
type noFrames struct{}

func (noFrames) write(uint32, int64, []byte) error { return nil }
func (noFrames) flush() error                      { return nil }
func (noFrames) close() error                      { return nil }

// oneFile has the frames of all VNIs.
type oneFile struct {
	*capture.Writer
	isHeld bool // something was written since the last flush
}

func (o *oneFile) write(_ uint32, nanoseconds int64, frame []byte) error {
	o.isHeld = true
	return o.Write(nanoseconds, frame)
}

func (o *oneFile) flush() error {
	if !o.isHeld {
		return nil
	}
	o.isHeld = false
	return o.Flush()
}

func (o *oneFile) close() error { return o.Close() }

// print writes the counts: for a person on standard error, as JSON on standard output.
func (f decapFlags) print(stdout, stderr io.Writer, s decapsulation.Summary) error {
	if f.json {
		enc := json.NewEncoder(stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(s)
	}
	name := f.listen
	if f.in != "" {
		name = shownName(f.in)
	}
	fmt.Fprintf(stderr, "%s: packets %s, copies %s, bytes in them %s.\n", name, wording.Grouped(s.Packets), wording.Grouped(s.Copies), wording.Grouped(s.Bytes))
	for _, v := range s.VNIs[:min(len(s.VNIs), maxShown)] {
		fmt.Fprintf(stderr, "  VNI %d: copies %s, bytes %s%s\n", v.VNI, wording.Grouped(v.Copies), wording.Grouped(v.Bytes), cutText(v.CutFrames))
	}
	more(stderr, len(s.VNIs), "VNIs")
	for _, r := range s.Routes[:min(len(s.Routes), maxShown)] {
		fmt.Fprintf(stderr, "  From %s to %s in %s: copies %s\n", r.Source, r.Target, r.Encapsulation, wording.Grouped(r.Copies))
	}
	more(stderr, len(s.Routes), "pairs of addresses")
	for _, r := range s.NotCopies {
		fmt.Fprintf(stderr, "  No copy, %s: packets %s, the first is packet %d. %s\n", r.Reason, wording.Grouped(r.Packets), r.FirstPacket, sentenceOf(r.Reason))
	}
	if s.CutFrames > 0 {
		fmt.Fprintf(stderr, "  Cut frames: %s are shorter than the length in their IP header. A session with a packet length cuts frames, for example.\n", wording.Grouped(s.CutFrames))
	}
	if s.CutByCapture > 0 {
		fmt.Fprintf(stderr, "  Warning: the capture of the copies has cut %s of them. The frames end there too, and their file does not say so.\n", wording.Grouped(s.CutByCapture))
	}
	return nil
}

// maxShown is how many lines a list has on standard error. --json has all.
const maxShown = 30

func more(stderr io.Writer, n int, what string) {
	if n > maxShown {
		fmt.Fprintf(stderr, "  %d more %s: --json lists them.\n", n-maxShown, what)
	}
}

func cutText(n int64) string {
	if n == 0 {
		return ""
	}
	return ", cut frames " + wording.Grouped(n)
}

func sentenceOf(reason string) string {
	for _, r := range decapsulation.Reasons {
		if r.String() == reason {
			return r.Sentence()
		}
	}
	return ""
}
