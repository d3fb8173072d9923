package report_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/flow"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/report"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

var update = flag.Bool("update-report", false, "write testdata/quickstart.html anew")

// hostile is a text that ends attributes, elements, comments and sections, if it is not escaped.
const hostile = `"'></style></script></title><script>alert(1)</script><!-- ]]> --><img src=x onerror=alert(1)>`

// sourceOf reads a mirror.json.
func sourceOf(t *testing.T, name string) *dataplane.Source {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	m, err := topology.ParseMirror(text)
	if err != nil {
		t.Fatal(err)
	}
	var sessions []dataplane.Session
	for _, s := range m.Sessions {
		sessions = append(sessions, dataplane.Session(s))
	}
	return newSource(t, m.Interface, sessions, dataplane.Options{})
}

func newSource(t *testing.T, iface mirror.Interface, sessions []dataplane.Session, options dataplane.Options) *dataplane.Source {
	t.Helper()
	source, err := dataplane.New(iface, sessions, options)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// dataOf sends a capture through a source.
func dataOf(t *testing.T, source *dataplane.Source, name string) report.Data {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	reader, err := capture.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	collector := report.NewCollector(source)
	summary, err := simulation.Run(t.Context(), source, simulation.Input{Capture: reader}, collector)
	if err != nil {
		t.Fatal(err)
	}
	return collector.Data("quickstart.pcap", summary, simulation.Results{})
}

func quickstart(t *testing.T) report.Data {
	t.Helper()
	return dataOf(t, sourceOf(t, "testdata/mirror.json"), "../../examples/quickstart/quickstart.pcap")
}

func write(t *testing.T, d report.Data) string {
	t.Helper()
	var page bytes.Buffer
	if err := report.Write(&page, d); err != nil {
		t.Fatal(err)
	}
	return page.String()
}

// The page of the quickstart. To change it, run the test with -update-report and look at it in a
// browser.
func TestWrite_golden(t *testing.T) {
	t.Parallel()
	const name = "testdata/quickstart.html"
	page := write(t, quickstart(t))
	if again := write(t, quickstart(t)); again != page {
		t.Error("the same run has two pages")
	}
	if *update {
		if err := os.WriteFile(name, []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if page != string(want) {
		at := 0
		for at < min(len(page), len(want)) && page[at] == want[at] {
			at++
		}
		t.Errorf("the page differs from %s at byte %d: %.200q", name, at, page[at:])
	}
	readPage(t, page)
}

// check compares the rows of a table.
func check(t *testing.T, d document, caption string, want [][]string) {
	t.Helper()
	if rows := d.rows(caption); !slices.EqualFunc(rows, want, slices.Equal) {
		t.Errorf("%s:\n%q\nis not\n%q", caption, rows, want)
	}
}

// Every number of the page is that of the summary, of the flows or of the frames.
func TestWrite_numbers(t *testing.T) {
	t.Parallel()
	data := quickstart(t)
	d, s := readPage(t, write(t, data)), data.Summary
	n := wording.Grouped[int64]
	cut := s.Truncated[dataplane.ByPacketLength]
	check(t, d, "Totals", [][]string{
		{"Packets", n(s.Packets), ""}, {"Mirrored", n(s.Mirrored), "57.0 %"}, {"Not mirrored", n(s.Packets - s.Mirrored), "43.0 %"},
		{"Copies shorter than their packet", n(cut), "3.6 %"}, {"Bytes captured", n(s.BytesIn), ""}, {"Bytes copied, without VXLAN headers", n(s.BytesOut), ""},
	})
	check(t, d, "Mirrored by each session", [][]string{
		{"1", "7", "network interface 10.0.3.30", n(s.Sessions[0].Packets), n(s.Sessions[0].Bytes)},
		{"2", "2", "Network Load Balancer 10.0.4.5", n(s.Sessions[1].Packets), n(s.Sessions[1].Bytes)},
	})
	reasons := d.rows("Not mirrored, by reason")
	for reason, count := range s.NotMirrored {
		if !slices.ContainsFunc(reasons, func(row []string) bool {
			return slices.Equal(row, []string{reason.String(), n(count), reason.Sentence()})
		}) {
			t.Errorf("%s is not in %q", reason, reasons)
		}
	}
	if len(reasons) != len(s.NotMirrored) {
		t.Errorf("the reasons are %q", reasons)
	}
	check(t, d, "Shorter than the packet, by reason", [][]string{{"packet_length", n(cut), dataplane.ByPacketLength.Sentence()}})
	check(t, d, "Assumptions about AWS on which verdicts depend", [][]string{{"A0102", n(data.Statistics.Assumptions()[102])}})
	checkRules(t, d, s)
	checkFlows(t, d, *data.Flows)
	longest := func(session int) (most int) {
		for length := range data.Statistics.Copied(session) {
			most = max(most, length)
		}
		return most
	}
	check(t, d, "How long copies are at most", [][]string{
		{"1", "128", "The packet length of the session is 128", n(s.Sessions[0].Packets), n(cut), n(int64(longest(1)))},
		{"2", "8,500", "Without a packet length of the session, a Network Load Balancer gets at most 8500 bytes", n(s.Sessions[1].Packets), "0", n(int64(longest(2)))},
	})
}

// checkRules compares hits, packets and bytes of each rule.
func checkRules(t *testing.T, d document, s dataplane.Summary) {
	t.Helper()
	found := map[string][][]string{}
	for _, r := range s.Rules {
		caption := fmt.Sprintf("Session %d, %s rules", r.SessionNumber, r.Direction)
		name := "amazon-dns"
		if r.RuleNumber != nil {
			name = strconv.Itoa(*r.RuleNumber)
		}
		found[caption] = append(found[caption], []string{name, wording.Grouped(r.Hits), wording.Grouped(r.Packets), wording.Grouped(r.Bytes)})
	}
	for caption, want := range found {
		var rows [][]string
		for _, row := range d.rows(caption) {
			rows = append(rows, []string{row[0], row[2], row[3], row[4]})
		}
		if !slices.EqualFunc(rows, want, slices.Equal) {
			t.Errorf("%s: %q", caption, rows)
		}
	}
}

// checkFlows compares the rows of the table of flows with the conversations.
func checkFlows(t *testing.T, d document, f flow.Flows) {
	t.Helper()
	n := wording.Grouped[int64]
	rows := d.rows("Conversations, those with the most bytes first")
	if len(rows) != len(f.Conversations) {
		t.Errorf("there are %d rows of %d conversations", len(rows), len(f.Conversations))
	}
	for _, c := range f.Conversations {
		counts := []string{
			n(c.In.Packets), n(c.In.Mirrored), n(c.Out.Packets), n(c.Out.Mirrored), n(c.In.Bytes + c.Out.Bytes), n(c.In.MirroredBytes + c.Out.MirroredBytes),
			n(c.In.Truncated + c.Out.Truncated), n(c.In.Lost + c.Out.Lost),
		}
		if !slices.ContainsFunc(rows, func(row []string) bool {
			return strings.Contains(row[1], c.Local.String()) && strings.Contains(row[2], c.Remote.String()) && slices.Equal(row[3:11], counts)
		}) {
			t.Errorf("no row is that of %+v", c)
		}
	}
	last := int64(1 << 62)
	for _, row := range rows {
		bytes, _ := strconv.ParseInt(strings.ReplaceAll(row[7], ",", ""), 10, 64)
		if bytes > last {
			t.Errorf("a flow of %d bytes is behind one of %d", bytes, last)
		}
		last = bytes
	}
	together := f.Rate.Together
	if row := d.rows("Copies that reach the targets, with all headers around them")[0]; row[1] != n(together.Copies) || row[2] != n(together.Bytes) || row[3] != n(together.Bits.Peak) {
		t.Errorf("the rate is %q", row)
	}
}

// What a page leaves out is said.
func TestWrite_mostFlows(t *testing.T) {
	t.Parallel()
	data := quickstart(t)
	data.MostFlows = 3
	d := readPage(t, write(t, data))
	if rows := d.rows("Conversations, those with the most bytes first"); len(rows) != 3 {
		t.Errorf("there are %d rows", len(rows))
	}
	left, packets := len(data.Flows.Conversations)-3, int64(0)
	for _, c := range data.Flows.Conversations {
		packets += c.In.Packets + c.Out.Packets
	}
	for _, row := range d.rows("Conversations, those with the most bytes first") {
		for _, cell := range []string{row[3], row[5]} {
			count, _ := strconv.ParseInt(cell, 10, 64)
			packets -= count
		}
	}
	want := fmt.Sprintf("This page leaves out the %d conversations with the fewest bytes: %d packets, ", left, packets)
	if text := d.section("flows"); !strings.Contains(text, want) {
		t.Errorf("the section does not have %q: %.300q", want, text)
	}
}

// Texts of a configuration, of expectations and of errors are texts on the page too.
func TestWrite_hostile(t *testing.T) {
	t.Parallel()
	everything := netip.MustParsePrefix("0.0.0.0/0")
	session := dataplane.Session{
		Session: mirror.Session{ID: hostile, TargetID: hostile, FilterID: hostile, Number: 1, Description: "description " + hostile},
		Target:  mirror.Endpoint{Type: mirror.NetworkInterface},
		Filter: mirror.Filter{Description: hostile, Rules: []mirror.Rule{
			{Direction: mirror.Ingress, Number: 1, Action: mirror.Accept, SourceCIDR: everything, DestinationCIDR: everything, Description: hostile},
		}},
	}
	source, err := dataplane.New(mirror.Interface{ID: hostile, Description: hostile}, []dataplane.Session{session}, dataplane.Options{SessionsIn: hostile})
	if err != nil {
		t.Skipf("the configuration is refused: %v", err)
	}
	data := report.NewCollector(source).Data(hostile, source.NewTally().Summary(), simulation.Results{
		Suite: hostile, Expectations: []simulation.Expectation{{Packet: hostile, Mirrored: "true"}},
		Failures: []simulation.Failure{{Index: 0, Text: "failure " + hostile}},
	})
	text := readPage(t, write(t, data)).texts()
	for _, want := range []string{hostile + ", sent through 1 session of interface " + hostile, "failure " + hostile, ": description " + hostile, "(" + hostile + ")"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not have %q", want)
		}
	}
	data.Results.Err = errors.New("error " + hostile)
	if text := readPage(t, write(t, data)).texts(); !strings.Contains(text, "error "+hostile) {
		t.Error("the page does not have the error")
	}
}

func (d document) texts() string { return textOf(d.Node) }

// A run that ended early says so before anything else.
func TestWrite_endedEarly(t *testing.T) {
	t.Parallel()
	data := quickstart(t)
	data.Results = simulation.Results{Suite: "x.json", Expectations: []simulation.Expectation{{Packet: "1", Mirrored: "true"}}, Err: errors.New("packet 194 is damaged")}
	d := readPage(t, write(t, data))
	if head := textOf(d.named("header")[0]); !strings.Contains(head, "The run ended early. The numbers of this page count only the packets before that.") || !strings.Contains(head, "packet 194 is damaged") {
		t.Errorf("the head is %q", head)
	}
	if text := d.section("expectations"); strings.Contains(text, "holds") || !strings.Contains(text, "no expectation was compared") {
		t.Errorf("the expectations are %q", text)
	}
}

func TestWrite_expectations(t *testing.T) {
	t.Parallel()
	data := quickstart(t)
	data.Results = simulation.Results{
		Suite: "expectations.json", Expectations: []simulation.Expectation{{Packet: "1", Mirrored: "true"}, {Packet: "2", Mirrored: "false"}},
		Failures: []simulation.Failure{{Index: 1, Text: "packet 2 is mirrored"}},
	}
	d := readPage(t, write(t, data))
	check(t, d, "Expectations of expectations.json", [][]string{{`packet "1": mirrored = true`, "holds"}, {`packet "2": mirrored = false`, "does not hold"}})
	if head := textOf(d.named("header")[0]); !strings.Contains(head, "1 of 2 expectations does not hold.") {
		t.Errorf("the head is %q", head)
	}
	if text := d.section("expectations"); !strings.Contains(text, "packet 2 is mirrored") || !strings.Contains(text, "1 of 2 expectations holds.") {
		t.Errorf("the expectations are %q", text)
	}
}

// An empty run, and an interface without sessions, prove nothing, and the page says so.
func TestWrite_empty(t *testing.T) {
	t.Parallel()
	source := newSource(t, mirror.Interface{}, nil, dataplane.Options{})
	d := readPage(t, write(t, report.NewCollector(source).Data("empty.pcap", source.NewTally().Summary(), simulation.Results{})))
	for _, want := range []string{"The run has no packet", "The interface has no session"} {
		if head := textOf(d.named("header")[0]); !strings.Contains(head, want) {
			t.Errorf("the head is %q", head)
		}
	}
}

// Rules that no packet hits are marked, and those that are of a direction without packets too.
// Findings are beside the rules that they concern.
func TestWrite_findings(t *testing.T) {
	t.Parallel()
	everything := netip.MustParsePrefix("0.0.0.0/0")
	rule := func(d mirror.Direction, number int, a mirror.Action) mirror.Rule {
		return mirror.Rule{Direction: d, Number: number, Action: a, SourceCIDR: everything, DestinationCIDR: everything}
	}
	session := dataplane.Session{Session: mirror.Session{Number: 1}, Target: mirror.Endpoint{Type: mirror.NetworkInterface}, Filter: mirror.Filter{Rules: []mirror.Rule{
		rule(mirror.Ingress, 10, mirror.Accept), rule(mirror.Ingress, 20, mirror.Reject), rule(mirror.Egress, 10, mirror.Reject),
	}}}
	source := newSource(t, mirror.Interface{}, []dataplane.Session{session}, dataplane.Options{})
	collector := report.NewCollector(source)
	words := simulation.PacketInWords{Name: "one", Direction: "ingress", Protocol: "udp", Source: "10.0.0.1", Destination: "10.0.0.2", SourcePort: new(int64(1)), DestinationPort: new(int64(2))}
	summary, err := simulation.Run(t.Context(), source, simulation.Input{Packets: []simulation.PacketInWords{words}}, collector)
	if err != nil {
		t.Fatal(err)
	}
	d := readPage(t, write(t, collector.Data("x", summary, simulation.Results{})))
	ingress, egress := d.rows("Session 1, ingress rules"), d.rows("Session 1, egress rules")
	for _, c := range []struct{ cell, want string }{
		{ingress[0][5], "Mirrors one direction of a flow only: ingress "},
		{ingress[1][5], "never hitDecides no packet, because others decide about every packet that it matches: rule 10. At least one of them has the other action"},
		{egress[0][5], "never hit: the run has no egress packetCan be removed without a change of what is mirrored"},
	} {
		if !strings.HasPrefix(c.cell, c.want) {
			t.Errorf("%q does not begin with %q", c.cell, c.want)
		}
	}
}

// If a rejected packet goes to no later session, a rule that rejects also protects those. The last
// session has none after it.
func TestWrite_rejectStops(t *testing.T) {
	t.Parallel()
	everything := netip.MustParsePrefix("0.0.0.0/0")
	session := func(number int) dataplane.Session {
		reject := mirror.Rule{Direction: mirror.Egress, Number: 10, Action: mirror.Reject, SourceCIDR: everything, DestinationCIDR: everything}
		accept := mirror.Rule{Direction: mirror.Ingress, Number: 10, Action: mirror.Accept, SourceCIDR: everything, DestinationCIDR: everything}
		again := accept
		again.Number = 20
		return dataplane.Session{Session: mirror.Session{Number: number}, Target: mirror.Endpoint{Type: mirror.NetworkInterface}, Filter: mirror.Filter{Rules: []mirror.Rule{reject, accept, again}}}
	}
	const anyMode = "Can be removed without a change of what is mirrored, together with all other rules of which this is said."
	const hides = "Can be removed without a change of what this session mirrors, together with all other rules of which this is said. " +
		"But some of them reject, and a later session can mirror what they reject now: simulate before they are removed."
	for _, stops := range []bool{false, true} {
		source := newSource(t, mirror.Interface{}, []dataplane.Session{session(1), session(2)}, dataplane.Options{RejectStops: stops})
		page := write(t, report.NewCollector(source).Data("x", source.NewTally().Summary(), simulation.Results{}))
		if fate := map[bool]string{false: "can still be taken by a later session.", true: "goes to no later session."}[stops]; !strings.Contains(page, "A packet that a rule rejects "+fate) {
			t.Errorf("stops %t: the page does not say that it %s", stops, fate)
		}
		d := readPage(t, page)
		first := map[bool]string{false: anyMode, true: hides}[stops]
		for caption, want := range map[string]string{"Session 1, egress rules": first, "Session 1, ingress rules": first, "Session 2, egress rules": anyMode, "Session 2, ingress rules": anyMode} {
			rows := d.rows(caption)
			if last := rows[len(rows)-1][5]; !strings.Contains(last, want) {
				t.Errorf("stops %t, %s: %q does not have %q", stops, caption, last, want)
			}
		}
	}
}
