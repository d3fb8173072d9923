package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// analyzeFlags are the arguments of the subcommand analyze.
type analyzeFlags struct {
	filterFlags
	captureFlags
	compare, space             string
	failOn                     []string
	json, schema, resultSchema bool
}

func analyzeCommand() *cobra.Command {
	var f analyzeFlags
	cmd := &cobra.Command{
		Use:   "analyze",
		Short: "Show what a mirror filter does, without packets: rules without effect, differences, what is mirrored",
		Long: `Analyse a mirror filter. The answers are exact: they are about every packet that can exist, and each has a packet as
its proof. The report shows rules that decide no packet, rules that can be removed, and flows of which only one direction
is mirrored. It also compares the filter with another one, and says how much of a space of packets is mirrored.
filter.json has the network_services, ingress_rules and egress_rules of the filter. With --plan or --state the filter is read
from the output of terraform show -json, from a plan also before the first apply.

A space is written as DIRECTION PROTOCOL SOURCE:PORTS > DESTINATION:PORTS, such as "ingress tcp 10.0.0.0/8 > any:22".`,
		Example: `  terraform-provider-trafficmirror analyze --config filter.json
  terraform-provider-trafficmirror analyze --config filter.json --space "ingress tcp any > any:22"
  terraform-provider-trafficmirror analyze --plan plan.json --filter trafficmirror_filter.web
  terraform-provider-trafficmirror analyze --config old.json --compare new.json --fail-on gained
  terraform-provider-trafficmirror analyze --config filter.json --in in.pcap --interface-address 10.0.1.10`,
		Args:    cobra.NoArgs,
		PreRunE: refuseEmptyFlags,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case f.schema:
				_, err := cmd.OutOrStdout().Write(topology.FilterSchema())
				return err
			case f.resultSchema:
				_, err := cmd.OutOrStdout().Write(analysisSchema())
				return err
			}
			return f.run(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	f.filterFlags.add(cmd)
	f.captureFlags.add(cmd)
	flags.StringVar(&f.compare, "compare", "", "filter.json of another filter: show which packets only one of both filters mirrors")
	flags.StringVar(&f.space, "space", "", "show how much is mirrored of these packets")
	flags.StringSliceVar(&f.failOn, "fail-on", nil, "end with exit status 2 if the report has one of these findings, or if it is not known: "+findingNames())
	flags.BoolVar(&f.json, "json", false, "print the report as JSON")
	flags.BoolVar(&f.schema, "schema", false, "only print the JSON schema of filter.json")
	flags.BoolVar(&f.resultSchema, "result-schema", false, "only print the JSON schema of the report")
	cmd.MarkFlagsOneRequired(append(sources, "schema", "result-schema")...)
	cmd.MarkFlagsMutuallyExclusive(append(sources, "schema", "result-schema")...)
	return cmd
}

// analysisResult is what the command prints.
type analysisResult struct {
	analysis.Report
	Capture *captureReport `json:"capture" doc:"What the packets of a capture show. Null if no capture is given."`
}

func (f analyzeFlags) run(ctx context.Context, stdin io.Reader, stdout, stderr io.Writer) (err error) {
	if err := errors.Join(f.checkInputs(), f.checkFindings(), f.checkUnwrap(f.in != "")); err != nil {
		return err
	}
	f.isTest = f.failOn != nil
	files := &files{ctx: ctx, stdin: stdin, stdout: stdout}
	defer func() { err = errors.Join(err, files.close()) }()
	ask, err := f.questions(files, stderr)
	if err != nil {
		return err
	}
	filter, err := f.read(files, stderr)
	if err != nil {
		return err
	}
	result := analysisResult{Report: analysis.NewReport(filter, ask)}
	if f.in != "" {
		if result.Capture, err = f.send(ctx, files, stderr, filter); err != nil {
			return err
		}
	}
	if err := f.print(stdout, filter, result); err != nil {
		return err
	}
	return f.fail(result)
}

// checkInputs refuses two inputs from standard input.
func (f analyzeFlags) checkInputs() error {
	return checkOneStandard("input", append(f.inputs(), namedFile{"--compare", f.compare}, namedFile{"--in", f.in}))
}

// questions reads what to ask in addition to the questions about the filter alone.
func (f analyzeFlags) questions(files *files, stderr io.Writer) (analysis.Questions, error) {
	var ask analysis.Questions
	if f.space != "" {
		space, problems := mirror.ParseSpace(f.space)
		if err := problems.Err(); err != nil {
			return ask, fmt.Errorf("--space: %w", err)
		}
		ask.Space = &space
	}
	if f.compare != "" {
		other, err := readFilter(files, "--compare", f.compare, stderr)
		if err != nil {
			return ask, err
		}
		ask.Compare = &other
	}
	return ask, nil
}

func (f analyzeFlags) print(to io.Writer, filter mirror.Filter, result analysisResult) error {
	if !f.json {
		_, err := io.WriteString(to, f.describe(filter, result))
		return err
	}
	enc := json.NewEncoder(to)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(result)
}
