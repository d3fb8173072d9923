package console

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/flow"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// A captureRun is what the sessions of an interface do with the packets of a capture.
type captureRun struct {
	source  *dataplane.Source
	key     string // of the interface and its sessions
	summary dataplane.Summary
	flows   *flow.Flows
	lengths map[int]int64 // packets by their length on the wire
	leftOut []dataplane.LeftOut
	noCopy  error // why there are no copies at all; nil: there are
	damage  error // of the capture, after the packets that are counted; nil: none
}

// lengthCounts is a simulation.Sink that counts packets by their length on the wire.
type lengthCounts map[int]int64

// Take implements simulation.Sink.
func (l lengthCounts) Take(p *simulation.Packet) error {
	l[p.Record.Wire]++
	return nil
}

// Close implements simulation.Sink.
func (lengthCounts) Close() error { return nil }

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
	ran := &captureRun{source: source, key: key, lengths: map[int]int64{}}
	table := flow.NewTable(source)
	ran.summary, err = f.simulate(ctx, source, table, lengthCounts(ran.lengths))
	var damage *capture.FormatError
	switch {
	case errors.As(err, &damage):
		ran.damage = err
	case err != nil:
		return nil, err
	}
	ran.flows = table.Flows()
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
	var damage *capture.FormatError
	if errors.As(err, &damage) {
		return nil
	}
	return err
}
