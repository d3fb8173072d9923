package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/flow"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

// mergeFlags are the arguments of the subcommand merge.
type mergeFlags struct {
	flows string
	json  bool
}

func mergeCommand() *cobra.Command {
	var f mergeFlags
	cmd := &cobra.Command{
		Use:   "merge FILE...",
		Short: "Merge the results of several simulations into one",
		Long: `Merge the results of several runs of simulate into one result. It is the result of one run over all of their captures,
to the last byte. A FILE is the output of simulate --json, or a flow table of simulate --flows in JSON: its content shows
which of them it is. The order of the files changes nothing. "-" is standard input. A pattern in quotes is replaced with
the files that fit it.

Summaries go to standard output, and flow tables into the file of --flows. Without summaries and without --flows, the
flow tables go to standard output. Summaries have to be of one configuration. The exit status is 1 if one of the runs
did not read its captures to their ends.`,
		Example: `  terraform-provider-trafficmirror merge part-0.json part-1.json
  terraform-provider-trafficmirror merge 'part-*.json' --json > whole.json
  terraform-provider-trafficmirror merge 'part-*.json' 'flows-*.json' --flows flows.csv`,
		Args:    needsFiles,
		PreRunE: refuseEmptyFlags,
		RunE: func(cmd *cobra.Command, names []string) error {
			return f.run(cmd.Context(), names, cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.flows, "flows", "", "file to write the merged flow table into, in the form of its ending: .csv, .json, or .txt for a person")
	flags.BoolVar(&f.json, "json", false, "print what goes to standard output as JSON")
	return cmd
}

// needsFiles refuses a command line without arguments.
func needsFiles(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return errors.New("there is nothing to merge. Write the names of files from simulate --json, or a pattern in quotes")
	}
	return nil
}

func (f mergeFlags) run(ctx context.Context, names []string, stdin io.Reader, stdout io.Writer) (err error) {
	if err := checkFlows(f.flows); err != nil {
		return err
	}
	if names, err = expandPatterns("merge", names); err != nil {
		return err
	}
	files := &files{ctx: ctx, stdin: stdin, stdout: stdout}
	defer func() { err = errors.Join(err, files.close()) }()
	var m merged
	for _, name := range names {
		if err := m.add(files, name); err != nil {
			return err
		}
	}
	if err := f.check(&m); err != nil {
		return err
	}
	if err := f.write(files, stdout, &m); err != nil {
		return err
	}
	return m.incompleteError()
}

// merged is what was read so far.
type merged struct {
	opened     []namedInfo
	summary    *simulation.RunSummary
	firstRun   string // the file that has the first summary; the others are compared with it
	flows      *flow.Flows
	firstFlows string
	incomplete []string // files of runs that did not read everything
}

// namedInfo is a file that was read.
type namedInfo struct {
	name string
	info os.FileInfo // nil: standard input
}

// add reads a file and merges it.
func (m *merged) add(files *files, name string) error {
	text, err := m.read(files, name)
	if err != nil {
		return err
	}
	shown := shownName(name)
	text, err = topology.OneValue(text)
	if err != nil {
		return fmt.Errorf("%s: %w", shown, err)
	}
	var keys struct {
		CloudWatch    json.RawMessage `json:"cloudwatch"`
		Configuration json.RawMessage `json:"configuration"`
		Conversations json.RawMessage `json:"conversations"`
	}
	_ = json.Unmarshal(text, &keys) // a text without these keys is refused
	switch {
	case keys.Conversations != nil:
		return m.addFlows(shown, text)
	case keys.Configuration != nil:
		return m.addSummary(shown, text)
	case keys.CloudWatch != nil:
		return fmt.Errorf("%s has no configuration, because an earlier version wrote it: it cannot be known whether it is of the same sessions and rules. Run simulate --json again", shown)
	}
	return fmt.Errorf("%s is neither a summary of simulate --json nor a flow table of simulate --flows in JSON", shown)
}

// read reads a file and closes it. It refuses a file that was read before.
func (m *merged) read(all *files, name string) ([]byte, error) {
	opened := files{ctx: all.ctx, stdin: all.stdin}
	text, err := opened.read("merge", name)
	if err != nil {
		return nil, errors.Join(err, opened.close())
	}
	var info os.FileInfo
	for _, o := range opened.opened {
		info = o.info
		all.opened = append(all.opened, openFile{"the input", name, info, nil})
	}
	for _, o := range m.opened {
		isStandard := name == standard && o.name == standard
		if isStandard || info != nil && o.info != nil && info.Mode().IsRegular() && os.SameFile(o.info, info) {
			return nil, errors.Join(fmt.Errorf("%s and %s are the same file: its content would count twice", shownName(o.name), shownName(name)), opened.close())
		}
	}
	m.opened = append(m.opened, namedInfo{name, info})
	return text, opened.close()
}

func (m *merged) addSummary(name string, text []byte) error {
	summary, err := simulation.ParseRunSummary(text)
	if err != nil {
		return fmt.Errorf("%s is not a summary as simulate --json prints it: %w", name, err)
	}
	if !summary.IsComplete {
		m.incomplete = append(m.incomplete, name)
	}
	if m.summary == nil {
		m.summary, m.firstRun = &summary, name
		return nil
	}
	if err := m.summary.Merge(summary); err != nil {
		return fmt.Errorf("%s cannot be merged with %s: %w", name, m.firstRun, err)
	}
	return nil
}

func (m *merged) addFlows(name string, text []byte) error {
	flows, err := flow.Parse(bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("%s is not a flow table as simulate --flows writes it: %w", name, err)
	}
	if flows.Incomplete {
		m.incomplete = append(m.incomplete, name)
	}
	if m.flows == nil {
		m.flows, m.firstFlows = flows, name
		return nil
	}
	if err := m.flows.Merge(flows); err != nil {
		return fmt.Errorf("%s cannot be merged with %s: %w", name, m.firstFlows, err)
	}
	return nil
}

// check compares what was read with what is to be written.
func (f mergeFlags) check(m *merged) error {
	switch {
	case f.flows != "" && m.flows == nil:
		return errors.New("--flows writes flow tables, and no file has one. Merge files of simulate --flows too, or leave --flows out")
	case f.flows == "" && m.flows != nil && m.summary != nil:
		return fmt.Errorf("%s has a summary, and %s has a flow table. Write --flows to say where the merged flow table goes, or merge only files of one kind", m.firstRun, m.firstFlows)
	case f.flows == standard && m.summary != nil:
		return errors.New("--flows and the summary cannot both be standard output. Write a file after --flows")
	case f.json && f.flows != "" && m.summary == nil:
		return errors.New("--json is about the summary, and no file has one. The name of the file after --flows decides its format")
	}
	return nil
}

func (f mergeFlags) write(files *files, stdout io.Writer, m *merged) error {
	if f.flows != "" {
		to, err := files.create("--flows", f.flows)
		if err != nil {
			return err
		}
		if err := writeFlows(m.flows, to, f.flows); err != nil {
			return fmt.Errorf("--flows: %w", err)
		}
	}
	switch {
	case m.summary != nil && f.json:
		return m.summary.WriteJSON(stdout)
	case m.summary != nil:
		_, err := io.WriteString(stdout, wording.Count(m.summary.Files, "file")+": "+m.summary.Table())
		return err
	case f.flows != "":
		return nil
	case f.json:
		return m.flows.WriteJSON(stdout)
	}
	return m.flows.WriteText(stdout)
}

// incompleteError names the files of runs that did not read everything.
func (m *merged) incompleteError() error {
	switch len(m.incomplete) {
	case 0:
		return nil
	case 1:
		return fmt.Errorf("%s is of a run that did not read its captures to their ends. The merged result lacks packets", m.incomplete[0])
	}
	return fmt.Errorf("%s and %s are of runs that did not read their captures to their ends. The merged result lacks packets",
		m.incomplete[0], wording.Count(len(m.incomplete)-1, "more file"))
}
