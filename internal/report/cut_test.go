package report_test

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/report"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// snapshot is a capture with a snapshot length.
type snapshot struct {
	of           capture.Source
	length       int
	forgetsWires bool // the lengths of packets that it cuts
}

// Next implements capture.Source.
func (s snapshot) Next(r *capture.Record) error {
	err := s.of.Next(r)
	r.Data = r.Data[:min(len(r.Data), s.length)]
	if s.forgetsWires {
		r.Wire = len(r.Data)
	}
	return err
}

// cutQuickstart is the quickstart, of which the capture has the first bytes of each packet.
func cutQuickstart(t *testing.T, length int, forgetsWires bool) report.Data {
	t.Helper()
	file, err := os.Open("../../examples/quickstart/quickstart.pcap")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	reader, err := capture.NewReader(io.Reader(file))
	if err != nil {
		t.Fatal(err)
	}
	source := sourceOf(t, "testdata/mirror.json")
	collector := report.NewCollector(source)
	summary, err := simulation.Run(t.Context(), source, simulation.Input{Capture: snapshot{reader, length, forgetsWires}}, collector)
	if err != nil {
		t.Fatal(err)
	}
	return collector.Data("quickstart.pcap", summary, simulation.Results{})
}

// A capture with a snapshot length has the frame lengths and the rates of the whole packets, and the
// page says what it lacks.
func TestWrite_snapshot(t *testing.T) {
	t.Parallel()
	whole, page := readPage(t, write(t, quickstart(t))), write(t, cutQuickstart(t, 60, false))
	d := readPage(t, page)
	for _, caption := range []string{"How long copies are at most", "Copies that reach the targets, with all headers around them"} {
		check(t, d, caption, whole.rows(caption))
	}
	if !strings.Contains(page, "<p>The capture has cut 191 packets. ") || strings.Contains(page, "longer than the capture says") {
		t.Error("the page does not say what the capture lacks")
	}
	if text := write(t, quickstart(t)); strings.Contains(text, "The capture has cut") {
		t.Error("the page of whole packets says that they are cut")
	}
	page = write(t, cutQuickstart(t, 60, true))
	for _, want := range []string{"The capture has cut 191 packets. ", "191 packets are longer than the capture says: ", "The rate can be higher than that: the length of "} {
		if !strings.Contains(page, want) {
			t.Errorf("the page of a capture without lengths does not have %q", want)
		}
	}
}

// Packets without ports are beside the first session, and its title does not say that no session was
// asked.
func TestPaths_cutOff(t *testing.T) {
	t.Parallel()
	data := cutQuickstart(t, 34, false)
	if data.Summary.NotMirrored[dataplane.CutOff] == 0 {
		t.Fatal("no packet is cut off")
	}
	s, err := report.Paths(dataplane.FactsOf(data.Source), data.Summary)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Columns[1].Title; got != "Without a rule, or session 1" || !strings.Contains(s.Description, "all sessions were asked") {
		t.Errorf("the title is %q, and the description %s", got, s.Description)
	}
}

// The page names all captures, or the first and the last of very many. It has no name without one.
func TestWrite_origin(t *testing.T) {
	t.Parallel()
	data := quickstart(t)
	const caption = "What this report is of"
	check(t, readPage(t, write(t, data)), caption, [][]string{{"Packets", "quickstart.pcap"}})
	var names []string
	for i := range 1234 {
		names = append(names, fmt.Sprintf("cap-%04d.pcap", i))
	}
	data.Origin = report.Origin{Captures: names[:100], Files: []string{"--plan plan.json"}, Version: "1.2.3"}
	check(t, readPage(t, write(t, data)), caption, [][]string{{"Packets", strings.Join(names[:100], "")}, {"Configuration", "--plan plan.json"}, {"Program", "terraform-provider-trafficmirror 1.2.3"}})
	data.Origin.Captures = names
	got := readPage(t, write(t, data)).rows(caption)[0][1]
	if want := strings.Join(slices.Concat(names[:50], []string{"and 1,134 more, and then"}, names[1184:]), ""); got != want {
		t.Errorf("the captures are %s", got)
	}
}
