package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// A line of verdicts is what encoding/json makes of the verdict.
func TestAppendVerdict(t *testing.T) {
	t.Parallel()
	for _, v := range []dataplane.Verdict{
		{Outcome: dataplane.NoMatch, Reason: dataplane.LinkTypeUnread},
		{
			Outcome: dataplane.Mirrored, Direction: mirror.Egress, SessionNumber: 32766, RuleNumber: 1, Reason: dataplane.RuleAccepts,
			Bytes: 65499, TruncatedBy: dataplane.ByUDPDatagram, Assumption: 107,
		},
	} {
		want, err := json.Marshal(struct {
			Packet int64 `json:"packet"`
			dataplane.Verdict
		}{7, v})
		if err != nil {
			t.Fatal(err)
		}
		got := appendVerdict(nil, 7, v)
		var a, b map[string]any
		if json.Unmarshal(got, &a) != nil || json.Unmarshal(want, &b) != nil || !reflect.DeepEqual(a, b) {
			t.Errorf("got %s\nwant %s", got, want)
		}
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	var drawn bytes.Buffer
	now := time.Unix(0, 0)
	p := newProgress(&drawn, &counter{n: 25e6}, 100e6)
	p.to, p.now, p.next = &drawn, func() time.Time { return now }, now.Add(progressAfter)
	p.show(4096)
	if drawn.Len() > 0 {
		t.Errorf("it is drawn at once: %q", &drawn)
	}
	now = now.Add(time.Second)
	p.show(8192)
	p.show(12288)
	const want = "\r[=======                       ]  25 %  8,192 packets, 25 MB\x1b[K"
	if drawn.String() != want {
		t.Errorf("after a second it is %q", &drawn)
	}
	p.end()
	if drawn.String() != want+"\r\x1b[K" {
		t.Errorf("it is not taken away: %q", &drawn)
	}
}

// Nobody looks at what is not a terminal.
func TestProgress_elsewhere(t *testing.T) {
	t.Parallel()
	var drawn bytes.Buffer
	p := newProgress(&drawn, &counter{}, 0)
	p.next = time.Time{}
	p.show(1)
	p.end()
	if drawn.Len() > 0 {
		t.Errorf("drawn: %q", &drawn)
	}
}

func TestInterruptible(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	text := strings.Repeat("0123456789", 100_000)
	got, err := io.ReadAll(newInterruptible(ctx, strings.NewReader(text)))
	if err != nil || string(got) != text {
		t.Errorf("it reads %d bytes: %v", len(got), err)
	}
	silent, _ := io.Pipe()
	r := newInterruptible(ctx, silent)
	cancel()
	if _, err := r.Read(make([]byte, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

// Long lists are cut to what got something.
func TestPrintSummary_long(t *testing.T) {
	t.Parallel()
	var s dataplane.Summary
	for i := range 1000 {
		s.Rules = append(s.Rules, dataplane.RuleSummary{SessionNumber: 1, Direction: mirror.Ingress, RuleNumber: new(i + 1)})
	}
	s.Rules[499].Packets = 1234567
	var b bytes.Buffer
	if err := printSummary(&b, "in.pcap", s); err != nil {
		t.Fatal(err)
	}
	const want = `in.pcap: 0 packets, 0 bytes; mirrored 0 packets, 0 bytes copied.

Session  Direction  Rule    Packets  Bytes copied
      1  ingress     500  1,234,567             0
999 rules decide nothing.
`
	if got := b.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Twice as many packets take no more allocations.
func TestSimulation_allocatesNothingPerPacket(t *testing.T) {
	m, err := topology.ParseMirror([]byte(topology.MirrorExample))
	if err != nil {
		t.Fatal(err)
	}
	source, err := dataplane.New(m.Interface, []dataplane.Session{dataplane.Session(m.Sessions[0])}, dataplane.Options{})
	if err != nil {
		t.Fatal(err)
	}
	frame, err := source.Build(packet.Spec{
		Protocol: packet.ProtocolTCP, Source: m.Sessions[0].Target.Address, Destination: m.Interface.PrivateIPAddress,
		SourcePort: new(uint16(50000)), DestinationPort: new(uint16(443)), Length: 200,
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	few, many := allocations(t, source, frame, 1000), allocations(t, source, frame, 20_000)
	if many > few+5 { // a goroutine may wait in a channel now and then
		t.Errorf("1,000 packets take %v allocations, 20,000 packets %v", few, many)
	}
}

func allocations(t *testing.T, source *dataplane.Source, frame []byte, packets int) float64 {
	t.Helper()
	var file bytes.Buffer
	w := capture.NewWriter(&file, packet.LinkEthernet)
	for range packets {
		if err := w.Write(0, frame); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	encapsulator, err := source.Encapsulator()
	if err != nil {
		t.Fatal(err)
	}
	return testing.AllocsPerRun(3, func() {
		s := simulation{source: source, tally: source.NewTally(), encapsulator: encapsulator, progress: &progress{}}
		s.writeCopies(io.Discard)
		s.writeVerdicts(io.Discard)
		reader, err := capture.NewReader(bytes.NewReader(file.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.run(t.Context(), reader); err != nil {
			t.Fatal(err)
		}
		if err := s.close(); err != nil {
			t.Fatal(err)
		}
	})
}
