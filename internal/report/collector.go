package report

import (
	"errors"
	"fmt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/flow"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// Collector is a simulation.Splitter that collects what a report shows beside the summary.
type Collector struct {
	source     *dataplane.Source
	statistics *simulation.Statistics
	table      *flow.Table
	flows      *flow.Flows // of the table; nil until they are asked for
}

// NewCollector returns a collector for a run of the source.
func NewCollector(source *dataplane.Source) *Collector {
	return &Collector{source: source, statistics: simulation.NewStatistics(), table: flow.NewTable(source)}
}

// Take implements simulation.Sink.
func (c *Collector) Take(p *simulation.Packet) error {
	if err := c.statistics.Take(p); err != nil {
		return err
	}
	return c.table.Take(p)
}

// Close implements simulation.Sink.
func (c *Collector) Close() error { return errors.Join(c.statistics.Close(), c.table.Close()) }

// Split implements simulation.Splitter.
func (c *Collector) Split() simulation.Splitter { return NewCollector(c.source) }

// Join implements simulation.Splitter.
func (c *Collector) Join(part simulation.Splitter) error {
	other, ok := part.(*Collector)
	if !ok {
		return fmt.Errorf("a part of a collector is a %T", part)
	}
	return errors.Join(c.table.Join(other.table), c.statistics.Join(other.statistics))
}

// Flows returns the flows of the run, which has ended. Each call returns the same ones.
func (c *Collector) Flows() *flow.Flows {
	if c.flows == nil {
		c.flows = c.table.Flows()
	}
	return c.flows
}

// Data returns what a report shows of the run.
func (c *Collector) Data(input string, summary dataplane.Summary, results simulation.Results) Data {
	return Data{Input: input, Source: c.source, Summary: summary, Statistics: c.statistics, Flows: c.Flows(), Results: results}
}
