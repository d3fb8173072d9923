package report_test

import (
	"os"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/report"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// dealer gives packets to its sinks in turn.
type dealer struct {
	sinks []simulation.Sink
	next  int
}

func (d *dealer) Take(p *simulation.Packet) error {
	d.next = (d.next + 1) % len(d.sinks)
	return d.sinks[d.next].Take(p)
}

func (d *dealer) Close() error { return nil }

// The page of parts that are joined is the page of the whole.
func TestCollector_Join(t *testing.T) {
	t.Parallel()
	whole := quickstart(t)
	source := sourceOf(t, "testdata/mirror.json")
	file, err := os.Open("../../examples/quickstart/quickstart.pcap")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader, err := capture.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	joined := report.NewCollector(source)
	parts := []simulation.Splitter{joined.Split(), joined.Split(), joined.Split()}
	summary, err := simulation.Run(t.Context(), source, simulation.Input{Capture: reader}, &dealer{sinks: []simulation.Sink{parts[0], parts[1], parts[2]}})
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{1, 2, 0} {
		if err := joined.Join(parts[i]); err != nil {
			t.Fatal(err)
		}
	}
	if write(t, joined.Data("quickstart.pcap", summary, simulation.Results{})) != write(t, whole) {
		t.Error("the page of the parts is another one")
	}
	if err := joined.Join(simulation.NewStatistics()); err == nil {
		t.Error("a part of another kind was joined")
	}
}
