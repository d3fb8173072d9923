package simulation_test

import (
	"maps"
	"net/netip"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

func TestStatistics(t *testing.T) {
	t.Parallel()
	take := func(s *simulation.Statistics, length int, v dataplane.Verdict) {
		spec := packet.Spec{Protocol: 6, Source: netip.MustParseAddr("10.0.0.1"), Destination: netip.MustParseAddr("10.0.0.2"), SourcePort: new(uint16(1)), DestinationPort: new(uint16(2)), Length: length}
		frame, err := packet.Build(spec)
		if err != nil {
			t.Fatal(err)
		}
		p := simulation.Packet{Verdict: v}
		p.Decoded.Decode(frame, packet.LinkEthernet)
		if err := s.Take(&p); err != nil {
			t.Fatal(err)
		}
	}
	s := simulation.NewStatistics()
	take(s, 60, dataplane.Verdict{Outcome: dataplane.Mirrored, SessionNumber: 2, Assumption: 100})
	take(s, 60, dataplane.Verdict{Outcome: dataplane.NoMatch})
	take(s, 1514, dataplane.Verdict{Outcome: dataplane.Lost, SessionNumber: 2, Assumption: 108})
	take(s, 1514, dataplane.Verdict{Outcome: dataplane.Rejected, SessionNumber: 1, Assumption: 100})
	for _, c := range []struct {
		name      string
		got, want map[int]int64
	}{
		{"all", s.Lengths(), map[int]int64{60: 2, 1514: 2}},
		{"session 2", s.Copied(2), map[int]int64{60: 1}},
		{"session 1", s.Copied(1), map[int]int64{}},
	} {
		if !maps.Equal(c.got, c.want) {
			t.Errorf("%s: %v", c.name, c.got)
		}
	}
	if a := s.Assumptions(); !maps.Equal(a, map[dataplane.Assumption]int64{100: 2, 108: 1}) {
		t.Errorf("the assumptions are %v", a)
	}
}

// What was counted before allocates nothing.
func TestStatistics_allocations(t *testing.T) {
	s := simulation.NewStatistics()
	p := simulation.Packet{Verdict: dataplane.Verdict{Outcome: dataplane.Mirrored, SessionNumber: 1, Assumption: 100}}
	p.Decoded.Decode(make([]byte, 1514), packet.LinkEthernet)
	if n := testing.AllocsPerRun(100, func() { _ = s.Take(&p) }); n != 0 {
		t.Errorf("a packet allocates %v times", n)
	}
}

// Frames are as long as on the wire. What a capture has cut is counted, and of what the length is not
// known.
func TestStatistics_cut(t *testing.T) {
	t.Parallel()
	for _, from := range []string{"10.0.0.1", "2001:db8::1"} {
		spec := packet.Spec{Protocol: 6, Source: netip.MustParseAddr(from), Destination: netip.MustParseAddr(from), SourcePort: new(uint16(1)), DestinationPort: new(uint16(2)), Length: 1000}
		frame, err := packet.Build(spec)
		if err != nil {
			t.Fatal(err)
		}
		s := simulation.NewStatistics()
		part := s.Split()
		for _, r := range []capture.Record{
			{Data: frame, Wire: 1000}, {Data: frame[:100], Wire: 1000}, {Data: frame[:100], Wire: 100}, {Data: frame[:100], Wire: 999}, {Data: frame[:100], Wire: 1004}, {Data: frame[:10], Wire: 1000},
			{Data: frame[:100], Wire: 1 << 30},
		} {
			p := simulation.Packet{Record: &r, Verdict: dataplane.Verdict{Outcome: dataplane.Mirrored, SessionNumber: 1}}
			p.Decoded.Decode(r.Data, packet.LinkEthernet)
			if err := part.Take(&p); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Join(part); err != nil {
			t.Fatal(err)
		}
		want := map[int]int64{100: 1, 999: 1, 1000: 3, 1004: 1, simulation.LongestFrame + 1: 1}
		if !maps.Equal(s.Lengths(), want) || !maps.Equal(s.Copied(1), want) {
			t.Errorf("the lengths are %v and %v", s.Lengths(), s.Copied(1))
		}
		if got := s.Shortened(); got != (simulation.Shortened{Known: 4, Unknown: 2}) {
			t.Errorf("the capture has cut %+v", got)
		}
	}
}
