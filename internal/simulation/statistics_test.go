package simulation_test

import (
	"maps"
	"net/netip"
	"testing"

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
