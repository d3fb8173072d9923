package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/flow"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// flowEndings are the endings of the files that --flows writes.
var flowEndings = []string{".csv", ".json", ".txt"}

// checkFlows refuses an ending that no form of a flow table has.
func checkFlows(name string) error {
	if name == "" || name == standard || slices.Contains(flowEndings, strings.ToLower(filepath.Ext(name))) {
		return nil
	}
	return fmt.Errorf("--flows is %q. Write a name that ends in .csv, .json or .txt, which decides the form, or \"-\" for text on standard output", name)
}

func (f outputFlags) createFlows(files *files, source *dataplane.Source) (*output, error) {
	if f.flows == "" || f.report != "" { // createReport writes the table that the report has
		return nil, nil
	}
	table := flow.NewTable(source)
	return f.flowsOf(files, table, table.Flows)
}

// flowsOf creates the file of --flows. The sink collects the flows of the run.
func (f outputFlags) flowsOf(files *files, sink simulation.Sink, collected func() *flow.Flows) (*output, error) {
	file, err := files.create("--flows", f.flows)
	if err != nil {
		return nil, err
	}
	isIncomplete := false
	return &output{
		sink:       sink,
		incomplete: func() { isIncomplete = true },
		end: func(io.Writer, dataplane.Summary) error {
			flows := collected()
			flows.Incomplete, flows.Unwrap = isIncomplete, f.isUnwrapped
			return writeFlows(flows, file, f.flows)
		},
	}, nil
}

// writeFlows writes a flow table in the form that the name asks for.
func writeFlows(flows *flow.Flows, to io.Writer, name string) error {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".csv":
		return flows.WriteCSV(to)
	case ".json":
		return flows.WriteJSON(to)
	}
	return flows.WriteText(to)
}
