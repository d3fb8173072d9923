package cli

import (
	"bufio"
	"errors"
	"io"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/report"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// createReport creates the file of --report. The page is written after the run, also after one
// that ended early. With --flows, both have the same flow table, which is the largest part of the
// memory.
func (f outputFlags) createReport(files *files, source *dataplane.Source) (*output, error) {
	if f.report == "" {
		return nil, nil
	}
	collector := report.NewCollector(source)
	o := &output{sink: collector, end: func(io.Writer, dataplane.Summary) error { return nil }}
	if f.flows != "" {
		var err error
		if o, err = f.flowsOf(files, collector, collector.Flows); err != nil {
			return nil, err
		}
	}
	file, err := files.create("--report", f.report)
	if err != nil {
		return nil, err
	}
	o.finish = func(input string, origin report.Origin, results simulation.Results, summary dataplane.Summary) error {
		to := bufio.NewWriter(file)
		data := collector.Data(input, summary, results)
		data.Origin = origin
		err := report.Write(to, data)
		return errors.Join(err, to.Flush())
	}
	return o, nil
}

// finish writes the outputs that need the results of the run.
func finish(outputs []output, input string, origin report.Origin, results simulation.Results, summary dataplane.Summary) error {
	var errs []error
	for _, o := range outputs {
		if o.finish != nil {
			errs = append(errs, o.finish(input, origin, results, summary))
		}
	}
	return errors.Join(errs...)
}

// origin says where the numbers of a report come from.
func (f simulateFlags) origin(input simulation.Input, unwrapped *simulation.Unwrapped) report.Origin {
	o := report.Origin{Version: f.version, Unwrapped: unwrapped}
	for _, name := range f.in {
		o.Captures = append(o.Captures, shownName(name))
	}
	if len(input.Packets) > 0 {
		o.Captures = append(o.Captures, shownName(f.expect)) // packets in words
	}
	for _, file := range append(f.inputs(), namedFile{"--expect", f.expect}) {
		if file.name != "" {
			o.Files = append(o.Files, file.argument+" "+shownName(file.name))
		}
	}
	return o
}
