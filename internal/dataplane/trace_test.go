package dataplane_test

import (
	"net/netip"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// sameVerdict compares what a verdict shows.
func sameVerdict(a, b dataplane.Verdict) bool {
	return visible(a) == visible(b) && a.Unknown == b.Unknown && a.Assumption == b.Assumption
}

// target draws a target of any type, of which nothing, something or everything is known.
func (w world) target() mirror.Endpoint {
	e := mirror.Endpoint{Type: pick(w, mirror.TargetTypes...), Gone: w.IntN(4) == 0, MTU: pick(w, 0, 128, 200)}
	e.Address = pick(w, appliance, addr("2001:db8:1::20"), addr("10.0.2.21"))
	if e.Type != mirror.NetworkInterface {
		e.MTU = 0
		e.UDPListeners = pick(w, nil, []int{}, []int{53, 4789}, []int{4789})
		e.Appliances = pick(w, nil, []netip.Addr{}, addrs("10.0.3.1"), addrs("10.0.3.1", "10.0.3.2"))
	}
	return e
}

// damaged decodes a frame, now and then with its end cut off, with another EtherType, with a
// wrong IP version, without a MAC address, or with what a capture says of its direction.
func (w world) damaged(frame []byte) *packet.Packet {
	p := &packet.Packet{}
	switch w.IntN(20) {
	case 0:
		frame = frame[:w.IntN(len(frame))]
	case 1:
		frame[13] = pick[byte](w, 0x06, 0x07, 0x01)
	case 2:
		frame[14] = 0x10
	case 3:
		p.Decode(frame, 7)
		return p
	case 4:
		p.Decode(frame[14:], packet.LinkRaw)
		return p
	}
	p.Decode(frame, packet.LinkEthernet)
	p.Heading = pick(w, 0, 0, 0, 0, packet.Inbound, packet.Outbound, packet.Passing)
	return p
}

// checkDecision compares the steps that decide with the verdict.
func checkDecision(t *testing.T, trace dataplane.Trace) {
	t.Helper()
	v := trace.Verdict
	decide := map[dataplane.StepKind]dataplane.Step{}
	for i, s := range trace.Steps {
		if s.Number != i+1 || s.Text == "" {
			t.Fatalf("step %d is %+v", i+1, s)
		}
		if s.Decides {
			decide[s.Kind] = s
		}
	}
	last := decide[trace.Steps[len(trace.Steps)-1].Kind]
	rule, byRule := decide[dataplane.StepRule]
	service, byService := decide[dataplane.StepNetworkService]
	switch v.Outcome {
	case dataplane.Mirrored, dataplane.Rejected, dataplane.Lost:
		if byRule == byService || rule.RuleNumber != v.RuleNumber || rule.SessionNumber+service.SessionNumber != v.SessionNumber {
			t.Fatalf("%s: the verdict is %s, and the steps are\n%s", trace.Packet, visible(v), trace.All())
		}
		if action := mirror.Accept; byRule && (rule.Action == action) == (v.Outcome == dataplane.Rejected) {
			t.Fatalf("%s: the verdict is %s, and the rule has the action %s", trace.Packet, visible(v), rule.Action)
		}
		if _, isLost := decide[dataplane.StepDelivery]; isLost != (v.Outcome == dataplane.Lost) {
			t.Fatalf("%s: the verdict is %s, and the steps are\n%s", trace.Packet, visible(v), trace.All())
		}
	default:
		if len(decide) != 1 || last.Reason != v.Reason.String() {
			t.Fatalf("%s: the verdict is %s, and the steps are\n%s", trace.Packet, visible(v), trace.All())
		}
	}
}

// The verdict of a trace is that of Process and that of the reference, and its steps name
// the rule that decides.
func TestTrace_agrees(t *testing.T) {
	t.Parallel()
	const worlds, packets = 200, 100
	seen := map[dataplane.Reason]int{}
	for seed := range uint64(worlds) {
		w := newWorld(seed, 7)
		sessions := w.sessions()
		withTargets := seed%2 == 0
		for i := range sessions {
			if withTargets {
				sessions[i].Target = w.target()
			}
		}
		iface := []mirror.Interface{boundless(), unchecked(), testInterface()}[seed%3]
		s, err := dataplane.New(iface, sessions, dataplane.Options{RejectStops: seed%5 == 0, EncapsulationAllowance: pick(w, 50, 54)})
		if err != nil {
			t.Fatal(err)
		}
		for range packets {
			frame, f := w.packet()
			p := w.damaged(frame)
			told := pick(w, "", f.direction)
			trace, want := s.Trace(p, told), s.Process(p, told)
			if !sameVerdict(trace.Verdict, want) {
				t.Fatalf("seed %d: the trace says %s, Process says %s:\n%s", seed, visible(trace.Verdict), visible(want), trace.All())
			}
			checkDecision(t, trace)
			seen[want.Reason]++
		}
	}
	for _, r := range dataplane.Reasons {
		if seen[r] == 0 {
			t.Errorf("no verdict has the reason %s", r)
		}
	}
	t.Logf("%v", seen)
}
