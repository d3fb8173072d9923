package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// simulateFlags are the arguments of the subcommand simulate.
type simulateFlags struct {
	interfaceFlags
	expectFlags
	outputFlags
	in           string
	json, schema bool
}

func simulateCommand() *cobra.Command {
	var f simulateFlags
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "Send a capture file through mirror sessions, and show what happens to each packet",
		Long: `Send a capture file through the mirror sessions of a network interface, as EC2 would. The summary shows how many packets
each session and each rule takes, how many copies are cut, and why the other packets are not mirrored. mirror.json
describes the interface and its sessions. With --plan or --state they are read from the output of terraform show -json,
from a plan also before the first apply.

expectations.json says what should happen to packets of the capture, and to packets in words. The exit status is 0 if all
expectations hold, 2 if one does not, and 1 after an error.

A capture file is classic pcap or pcapng, also compressed with gzip. "-" means standard input or standard output.`,
		Example: `  terraform-provider-trafficmirror simulate --config mirror.json --in in.pcap
  terraform-provider-trafficmirror simulate --config mirror.json --in in.pcap --out mirrored.pcap --verdicts verdicts.jsonl
  terraform-provider-trafficmirror simulate --plan plan.json --interface eni-0a3f6c9e1b7d25840 --in in.pcap
  terraform-provider-trafficmirror simulate --config mirror.json --expect expectations.json --junit results.xml --markdown "$GITHUB_STEP_SUMMARY"
  tcpdump -w - | terraform-provider-trafficmirror simulate --config mirror.json --in - --out - | tshark -r -`,
		Args:    cobra.NoArgs,
		PreRunE: refuseEmptyFlags,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.schema {
				_, err := cmd.OutOrStdout().Write(topology.MirrorSchema())
				return err
			}
			if f.expectSchema {
				_, err := cmd.OutOrStdout().Write(expectationsSchema())
				return err
			}
			return f.run(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	f.interfaceFlags.add(cmd)
	f.expectFlags.add(cmd)
	flags.StringVar(&f.in, "in", "", "capture file to read: packets that the interface sends and receives")
	f.outputFlags.add(flags)
	flags.BoolVar(&f.json, "json", false, "print the summary as JSON")
	flags.BoolVar(&f.schema, "schema", false, "only print the JSON schema of mirror.json")
	cmd.MarkFlagsOneRequired(append(sources, "schema", "expect-schema")...)
	cmd.MarkFlagsMutuallyExclusive(append(sources, "schema", "expect-schema")...)
	return cmd
}

func (f simulateFlags) run(ctx context.Context, stdin io.Reader, stdout, stderr io.Writer) (err error) {
	if err := errors.Join(f.checkStandard(), f.checkExpect()); err != nil {
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
	summary, err := simulation.Run(ctx, p.source, p.input, p.sinks...)
	results := simulation.Results{Suite: shownName(f.expect), Expectations: p.expect, Err: err}
	if err == nil {
		results.Failures = judge.Failures()
	} else {
		err = fmt.Errorf("%s: %w", shownName(cmp.Or(f.in, f.expect)), err)
	}
	if f.usesStandardOutput() {
		stdout = stderr // standard output has the result
	}
	// A damaged capture also has a summary, of the packets before the damage.
	for _, o := range p.outputs {
		err = errors.Join(err, o.end(stderr, summary))
	}
	err = errors.Join(err, f.print(stdout, p.input, summary), p.results.write(results, summary), finish(p.outputs, f.namesOf(p.input), results, summary))
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
	results resultFiles
}

// prepare reads the inputs, and then creates the outputs.
func (f simulateFlags) prepare(files *files, stderr io.Writer) (p prepared, err error) {
	expected, err := f.readExpectations(files, f.in != "")
	switch {
	case err != nil:
		return p, err
	case f.in == "" && len(expected.packets) == 0:
		return p, errors.New("there is nothing to simulate. Write --in, or --expect with packets in it")
	}
	p.expect, p.input.Packets = expected.expect, expected.packets
	if p.source, p.input.Direction, err = f.read(files, stderr); err != nil {
		return p, err
	}
	if err := simulation.CheckPackets(p.source, expected.packets); err != nil {
		return p, fmt.Errorf("%s: %w", f.expect, err)
	}
	var bars []simulation.Sink
	if f.in != "" {
		if p.input.Capture, bars, err = openCapture(files, f.in, stderr); err != nil {
			return p, err
		}
	}
	if p.outputs, err = f.createOutputs(files, p.source); err != nil {
		return p, err
	}
	p.sinks = bars
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

// namesOf names the files that have the packets.
func (f simulateFlags) namesOf(input simulation.Input) string {
	var names []string
	if f.in != "" {
		names = append(names, shownName(f.in))
	}
	if len(input.Packets) > 0 {
		names = append(names, shownName(f.expect))
	}
	return strings.Join(names, " and ")
}

// openCapture opens the capture before any output is touched. A terminal gets a progress bar.
func openCapture(files *files, name string, stderr io.Writer) (*capture.Reader, []simulation.Sink, error) {
	in, size, err := files.open("--in", name)
	if err != nil {
		return nil, nil, err
	}
	counted := &counter{in: in}
	reader, err := capture.NewReader(counted)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	if !isTerminal(stderr) {
		return reader, nil, nil
	}
	return reader, []simulation.Sink{newProgress(stderr, counted, size)}, nil
}

func (f simulateFlags) print(to io.Writer, input simulation.Input, summary dataplane.Summary) error {
	if !f.json {
		_, err := io.WriteString(to, f.namesOf(input)+": "+simulation.Table(summary))
		return err
	}
	enc := json.NewEncoder(to)
	enc.SetIndent("", "  ")
	return enc.Encode(summary)
}
