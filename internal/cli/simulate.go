package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

// simulateFlags are the arguments of the subcommand simulate.
type simulateFlags struct {
	interfaceFlags
	expectFlags
	outputFlags
	unwrapFlag
	in           []string // names and patterns; run replaces the patterns
	summary      string
	json, schema bool
	version      string // of the program

	flowsSchema, verdictsSchema bool
}

func simulateCommand(version string) *cobra.Command {
	f := simulateFlags{version: version}
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "Send a capture file through mirror sessions, and show what happens to each packet",
		Long: `Send a capture file through the mirror sessions of a network interface, as EC2 would. The summary shows how many packets
each session and each rule takes, how many copies are cut, and why the other packets are not mirrored. mirror.json
describes the interface and its sessions. With --plan or --state they are read from the output of terraform show -json,
from a plan also before the first apply.

expectations.json says what should happen to packets of the capture, and to packets in words. The exit status is 0 if all
expectations hold, 2 if one does not, and 1 after an error.

A capture file is classic pcap or pcapng, also compressed with gzip or zstd. --unwrap reads what is in the VXLAN and GENEVE
packets of a sensor's capture. "-" means standard input or standard output.
Several captures are one run: their packets are sent by time, or side by side on all processors if nothing that is
written depends on their order.

--annotate writes the packets of the capture again, for Wireshark: each has its verdict as a comment, which a filter such
as frame.comment contains "rejected" finds.`,
		Example: `  terraform-provider-trafficmirror simulate --config mirror.json --in in.pcap
  terraform-provider-trafficmirror simulate --config mirror.json --in in.pcap --out mirrored.pcap --verdicts verdicts.jsonl
  terraform-provider-trafficmirror simulate --config mirror.json --in in.pcap --annotate annotated.pcapng
  terraform-provider-trafficmirror simulate --config mirror.json --in 'cap-*.pcap' --json
  terraform-provider-trafficmirror simulate --config mirror.json --in in.pcap --flows flows.csv --verdicts eve.json --format eve
  terraform-provider-trafficmirror simulate --plan plan.json --interface eni-0a3f6c9e1b7d25840 --in in.pcap
  terraform-provider-trafficmirror simulate --config mirror.json --expect expectations.json --junit results.xml --markdown "$GITHUB_STEP_SUMMARY"
  tcpdump -w - | terraform-provider-trafficmirror simulate --config mirror.json --in - --out - | tshark -r -`,
		Args:    noFiles,
		PreRunE: refuseEmptyFlags,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if text := f.schemaText(); text != nil {
				_, err := cmd.OutOrStdout().Write(text)
				return err
			}
			return f.run(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	f.interfaceFlags.add(cmd)
	f.expectFlags.add(cmd)
	flags.StringArrayVar(&f.in, "in", nil, "capture file to read: packets that the interface sends and receives; may be repeated, and may be a pattern in quotes, such as 'cap-*.pcap'")
	f.addUnwrap(flags)
	f.outputFlags.add(flags)
	flags.StringVar(&f.summary, "summary", "", "file to write the summary into as JSON, which merge reads: what --json prints")
	flags.BoolVar(&f.json, "json", false, "print the summary as JSON")
	flags.BoolVar(&f.schema, "schema", false, "only print the JSON schema of mirror.json")
	flags.BoolVar(&f.flowsSchema, "flows-schema", false, "only print the JSON schema of a flow table")
	flags.BoolVar(&f.verdictsSchema, "verdicts-schema", false, "only print the JSON schema of a line of --verdicts")
	cmd.MarkFlagsOneRequired(append(sources, schemaFlags...)...)
	cmd.MarkFlagsMutuallyExclusive(append(sources, schemaFlags...)...)
	return cmd
}

// noFiles refuses arguments that are no flags.
func noFiles(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return fmt.Errorf("%q is an argument without a flag. If the shell has replaced a pattern, write the pattern in quotes: --in 'cap-*.pcap'", args[0])
}

// schemaFlags print a schema, and do nothing else.
var schemaFlags = []string{"schema", "expect-schema", "flows-schema", "verdicts-schema"}

// schemaText returns the schema that is asked for; nil: none.
func (f simulateFlags) schemaText() []byte {
	switch {
	case f.schema:
		return topology.MirrorSchema()
	case f.expectSchema:
		return expectationsSchema()
	case f.flowsSchema:
		return flowsSchema()
	case f.verdictsSchema:
		return verdictsSchema()
	}
	return nil
}

func (f simulateFlags) run(ctx context.Context, stdin io.Reader, stdout, stderr io.Writer) (err error) {
	if f.in, err = expandPatterns("--in", f.in); err != nil {
		return err
	}
	if err := errors.Join(f.checkStandard(), f.checkExpect(), f.checkFormats(), f.checkFormat(), checkFlows(f.flows), f.checkUnwrap(len(f.in) > 0)); err != nil {
		return err
	}
	f.isTest = f.expect != ""
	files := &files{ctx: ctx, stdin: stdin, stdout: stdout}
	defer func() { err = afterFailure(err, files.close()) }()
	p, err := f.prepare(files, stderr)
	if err != nil {
		return err
	}
	judge := simulation.NewJudge(p.source, p.expect)
	if len(p.expect) > 0 {
		p.sinks = append(p.sinks, judge)
	}
	for _, o := range p.outputs {
		p.sinks = append(p.sinks, o.sink)
	}
	doubts := newDoubts(p.source)
	if f.config != "" { // about a plan or a state, reading it has warned
		p.sinks = append(p.sinks, doubts)
	}
	summary, err := simulation.Run(ctx, p.source, p.input, p.sinks...)
	doubts.warn(stderr, f.name(), summary)
	unwrapped := p.unwrapping.sum()
	if f.json || unwrapped != nil && unwrapped.Unreadable > 0 { // the text has the rest
		p.unwrapping.report(stderr, shownFiles(f.in))
	}
	results := simulation.Results{Suite: shownName(f.expect), Expectations: p.expect, Err: err}
	whole := simulation.RunSummary{
		Summary: summary, Files: int64(len(f.in)), IsComplete: err == nil, Unwraps: f.unwrap, Unwrapped: unwrapped, Configuration: p.source.Configuration(p.input.Direction),
	}
	if err == nil {
		results.Failures = judge.Failures()
	} else {
		err = f.nameFile(err)
	}
	if f.usesStandardOutput() {
		stdout = stderr // standard output has the result
	}
	// A damaged capture also has a summary, of the packets before the damage.
	for _, o := range p.outputs {
		if !whole.IsComplete && o.incomplete != nil {
			o.incomplete()
		}
		err = errors.Join(err, o.end(stderr, summary))
	}
	if p.summary != nil {
		err = errors.Join(err, whole.WriteJSON(p.summary))
	}
	err = errors.Join(err, f.print(stdout, p.input, whole), p.results.write(results, summary), finish(p.outputs, f.namesOf(p.input), f.origin(p.input, whole.Unwrapped), results, summary))
	printFailures(stderr, results)
	if err == nil {
		err = newNotAsExpected(results)
	}
	return err
}

// prepared is what a simulation needs.
type prepared struct {
	source  *dataplane.Source
	input   simulation.Input
	expect  []simulation.Expectation
	sinks   []simulation.Sink // beside those of outputs
	outputs []output
	summary io.Writer // nil: none
	results resultFiles

	unwrapping *unwrapping // nil: the packets of the captures are simulated as they are
}

// prepare reads the inputs, and then creates the outputs.
func (f simulateFlags) prepare(files *files, stderr io.Writer) (p prepared, err error) {
	expected, err := f.readExpectations(files, len(f.in) > 0)
	switch {
	case err != nil:
		return p, err
	case len(f.in) == 0 && len(expected.packets) == 0:
		return p, errors.New("there is nothing to simulate. Write --in, or --expect with packets in it")
	}
	p.expect, p.input.Packets = expected.expect, expected.packets
	if p.source, p.input.Direction, err = f.read(files, stderr); err != nil {
		return p, err
	}
	if err := simulation.CheckPackets(p.source, expected.packets); err != nil {
		return p, fmt.Errorf("%s: %w", f.expect, err)
	}
	p.unwrapping = f.unwrapping(len(f.in))
	switch len(f.in) {
	case 0:
	case 1:
		p.input.Capture, p.sinks, err = openCapture(files, f.in[0], stderr)
		p.input.Capture = p.unwrapping.source(p.input.Capture)
	default:
		p.input.Files, p.sinks, err = openCaptures(files, f.in, stderr)
		p.input.Files = p.unwrapping.files(p.input.Files)
	}
	if err != nil {
		return p, err
	}
	if p.outputs, err = f.createOutputs(files, p.source); err != nil {
		return p, err
	}
	if f.summary != "" {
		if p.summary, err = files.create("--summary", f.summary); err != nil {
			return p, err
		}
	}
	p.results, err = f.createResults(files)
	return p, err
}

// afterFailure adds the failure to close a file. Then the exit status is not that of an
// expectation that does not hold: its results may not be written.
func afterFailure(err, failedToClose error) error {
	if err == nil || failedToClose == nil {
		return errors.Join(err, failedToClose)
	}
	return fmt.Errorf("%w\n%s", failedToClose, err.Error())
}

// nameFile adds the name of the only file to the error of a run. With several captures, the
// error of a file has its name already.
func (f simulateFlags) nameFile(err error) error {
	var interrupted *simulation.InterruptedError
	switch {
	case len(f.in) == 0:
		return fmt.Errorf("%s: %w", shownName(f.expect), err)
	case len(f.in) == 1:
		return fmt.Errorf("%s: %w", shownName(f.in[0]), err)
	case errors.As(err, &interrupted):
		return fmt.Errorf("%s: %w", shownFiles(f.in), err)
	}
	return err
}

// namesOf names the files that have the packets.
func (f simulateFlags) namesOf(input simulation.Input) string {
	var names []string
	if len(f.in) > 0 {
		names = append(names, shownFiles(f.in))
	}
	if len(input.Packets) > 0 {
		names = append(names, shownName(f.expect))
	}
	return strings.Join(names, " and ")
}

// shownFiles names one file, and counts several.
func shownFiles(names []string) string {
	if len(names) == 1 {
		return shownName(names[0])
	}
	return wording.Count(len(names), "file")
}

func (f simulateFlags) print(to io.Writer, input simulation.Input, summary simulation.RunSummary) error {
	if f.json {
		return summary.WriteJSON(to)
	}
	_, err := io.WriteString(to, f.namesOf(input)+": "+summary.Table())
	return err
}
