package console

import (
	"context"
	"encoding/json"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/flow"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// A captureRun is what the sessions of an interface do with the packets of a capture.
type captureRun struct {
	source     *dataplane.Source
	key        string // of the interface and its sessions
	summary    dataplane.Summary
	flows      *flow.Flows
	statistics *simulation.Statistics
	leftOut    []dataplane.LeftOut
	noCopy     error // why there are no copies at all; nil: there are
	damage     error // of the capture, after the packets that are counted; nil: none
}

// run sends the capture through the sessions that the interface has now. A run with the same
// sessions is not repeated.
func (f *captureFile) run(ctx context.Context, source *dataplane.Source) (*captureRun, error) {
	key, err := keyOf(source)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ran != nil && f.ran.key == key {
		return f.ran, nil
	}
	ran := &captureRun{source: source, key: key, statistics: simulation.NewStatistics()}
	table := flow.NewTable(source)
	ran.summary, err = f.simulate(ctx, source, table, ran.statistics)
	switch {
	case isDamage(err):
		ran.damage = err
	case err != nil:
		return nil, err
	}
	ran.flows = table.Flows()
	ran.flows.Incomplete = ran.damage != nil
	if encapsulator, err := source.Encapsulator(); err != nil {
		ran.noCopy = err
	} else {
		ran.leftOut = encapsulator.LeftOut(ran.summary)
	}
	f.ran = ran
	return ran, nil
}

// simulate sends the capture through the sessions of a source.
func (f *captureFile) simulate(ctx context.Context, source *dataplane.Source, sinks ...simulation.Sink) (dataplane.Summary, error) {
	reader, err := capture.NewReader(f.read())
	if err != nil {
		return dataplane.Summary{}, err
	}
	return simulation.Run(ctx, source, simulation.Input{Capture: reader, Direction: f.direction}, sinks...)
}

// keyOf is the same for sources that decide alike.
func keyOf(source *dataplane.Source) (string, error) {
	text, err := json.Marshal(dataplane.FactsOf(source))
	return string(text), err
}

// write sends the capture through the sessions of a run once more, to a sink that writes a
// download. Of a damaged capture, it has what is before the damage.
func (f *captureFile) write(ctx context.Context, ran *captureRun, sink simulation.Sink) error {
	_, err := f.simulate(ctx, ran.source, sink)
	if isDamage(err) {
		return nil
	}
	return err
}
