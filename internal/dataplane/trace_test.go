package dataplane_test

import (
	"net/netip"
	"slices"
	"strings"
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
		if w.IntN(2) == 0 {
			e.SetLoadBalancer(w.balancer(e.Type))
		}
	}
	e.Down = pick(w, e.Down, e.Down, e.Down, e.Down, e.Down, "is attached to no instance now")
	return e
}

// balancer draws a load balancer with nodes in two Availability Zones, and its target groups.
func (w world) balancer(of mirror.TargetType) (mirror.LoadBalancer, []mirror.TargetGroup) {
	const group, other = "the group", "another group"
	lb := mirror.LoadBalancer{
		ARN: "the load balancer", Type: mirror.NetworkBalancer, State: pick(w, "active", "active", "active", "provisioning"), CrossZone: pick(w, nil, new(true), new(bool), new(bool), new(bool)),
		Zones:     []mirror.LoadBalancerZone{{Zone: "zone-a"}, {Zone: "zone-b"}},
		Listeners: []mirror.Listener{{Protocol: "UDP", Port: pick(w, 4789, 4789, 4789, 53), TargetGroups: pick(w, []string{group}, []string{group}, []string{group, other}, []string{})}},
	}
	if of == mirror.GatewayLoadBalancerEndpoint {
		lb.Type = mirror.GatewayBalancer
	}
	targets := []mirror.RegisteredTarget{}
	for i := range w.IntN(4) {
		targets = append(targets, mirror.RegisteredTarget{
			ID: "a target", Address: pick(w, addr("10.0.4.1"), addr("10.0.4.2"), addr("10.0.4.3"), netip.Addr{}), Zone: pick(w, "zone-a", "zone-a", "zone-a", "zone-b", "zone-c", ""),
			Health: pick(w, mirror.TargetHealthy, pick(w, mirror.Healths...)), Port: i,
		})
	}
	return lb, []mirror.TargetGroup{{ARN: group, CrossZone: pick(w, "", "", "true", "false"), Targets: targets}, {ARN: other, Targets: pick(w, nil, targets)}}
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
	case 5:
		frame = inPPPoE(frame)
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
		for _, u := range v.Unknown.List() {
			if !slices.ContainsFunc(trace.Steps, func(s dataplane.Step) bool { return s.Reason == u.String() }) {
				t.Fatalf("%s: no step names %s:\n%s", trace.Packet, u, trace.All())
			}
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
	seen, unknown := map[dataplane.Reason]int{}, map[dataplane.Unknown]int{}
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
		iface.Zone = pick(w, "", "zone-a", "zone-b", "zone-c")
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
			for _, u := range want.Unknown.List() {
				unknown[u]++
			}
		}
	}
	for _, r := range dataplane.Reasons {
		if seen[r] == 0 {
			t.Errorf("no verdict has the reason %s", r)
		}
	}
	for _, u := range dataplane.Unknowns {
		if unknown[u] == 0 {
			t.Errorf("no verdict has the unknown %s", u)
		}
	}
	t.Logf("%v %v", seen, unknown)
}

// Many rules that do not match share a line, in which they are counted by the first field
// that does not fit. All has a line for each.
func TestTrace_manyRules(t *testing.T) {
	t.Parallel()
	var rules []mirror.Rule
	for n := 1; n <= 1000; n++ {
		r := accept(ingress, 10*n, any4, any4, protocol(mirror.TCP), to(n+1000, n+1000))
		switch n % 4 {
		case 1:
			r = reject(ingress, 10*n, any4, any4, protocol(mirror.UDP))
		case 2:
			r = accept(ingress, 10*n, any6, any6)
		}
		rules = append(rules, r)
	}
	rules = append(rules, accept(ingress, 20000, any4, any4))
	s := newSource(t, session(1, rules...))
	p := decode(t, s, tcp(peer, own, 50000, 22))
	trace := s.Trace(p, "")
	const line = "  12. to 1011.   The 1000 rules from 10 to 10000 do not match: 250 by protocol, 250 by source_cidr_block, 500 by destination_port_range.\n"
	if text := trace.String(); !strings.Contains(text, line) || strings.Count(text, "\n") != 17 {
		t.Errorf("there are %d lines:\n%s", strings.Count(text, "\n"), text)
	}
	if all := trace.All(); strings.Count(all, "\n") != 17+999 || !strings.Contains(all, "Rule 40 (accept) does not match: destination_port 22 is not in 1004.\n") {
		t.Errorf("there are %d lines", strings.Count(all, "\n"))
	}
	if trace.Verdict.RuleNumber != 20000 {
		t.Errorf("rule %d decides", trace.Verdict.RuleNumber)
	}
}

// The first field that does not fit, in the order protocol, source, destination, source port,
// destination port.
func TestTrace_misfit(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rule mirror.Rule
		spec packet.Spec
		want string
	}{
		"protocol":         {accept(ingress, 1, any6, any6, protocol(17)), tcp(peer, own, 1, 2), "protocol: protocol tcp is not udp"},
		"family":           {accept(ingress, 1, any6, any6), tcp(peer, own, 1, 2), "source_cidr_block: source 10.1.2.3 is IPv4, and ::/0 is not"},
		"source":           {accept(ingress, 1, "192.0.2.0/24", "192.0.2.0/24"), tcp(peer, own, 1, 2), "source_cidr_block: source 10.1.2.3 is not in 192.0.2.0/24"},
		"destination":      {accept(ingress, 1, any4, "192.0.2.0/24", protocol(6), from(5, 6)), tcp(peer, own, 1, 2), "destination_cidr_block: destination 10.0.1.10 is not in 192.0.2.0/24"},
		"source port":      {accept(ingress, 1, any4, any4, protocol(6), from(5, 6), to(5, 6)), tcp(peer, own, 1, 2), "source_port_range: source_port 1 is not in 5-6"},
		"destination port": {reject(ingress, 1, any4, any4, protocol(6), from(1, 6), to(22, 22)), tcp(peer, own, 1, 443), "destination_port_range: destination_port 443 is not in 22"},
		"later fragment": {
			accept(ingress, 1, any4, any4, protocol(6), to(0, 65535)), packet.Spec{Protocol: 6, Source: peer, Destination: own, Length: 100, LaterFragment: true},
			"destination_port_range: the rule asks for destination_port 0-65535, and the packet has no ports, because it is a later fragment",
		},
	} {
		s := newSource(t, session(1, test.rule))
		for _, step := range s.Trace(decode(t, s, test.spec), "").Steps {
			_, why, _ := strings.Cut(step.Text, "does not match: ")
			if got := step.Field + ": " + strings.TrimSuffix(why, "."); step.Kind == dataplane.StepRule && got != test.want {
				t.Errorf("%s: got %q, want %q", name, got, test.want)
			}
		}
	}
}

// What a filter does with a packet is what a session with this filter alone does.
func TestTraceFilter_agrees(t *testing.T) {
	t.Parallel()
	seen := map[dataplane.Outcome]int{}
	for seed := range uint64(200) {
		w := newWorld(seed, 9)
		filter := w.session(1, w.IntN(31)).Filter
		s := newSourceOn(t, boundless(), dataplane.Session{Session: mirror.Session{Number: 1}, Target: mirror.Endpoint{Type: mirror.NetworkInterface}, Filter: filter})
		for range 50 {
			frame, f := w.packet()
			p := decodeFrame(frame)
			trace, want := dataplane.TraceFilter(filter, []netip.Addr{resolver}, p, f.direction), s.Process(p, f.direction)
			got := trace.Verdict
			if got.Outcome != want.Outcome || got.Reason != want.Reason || got.RuleNumber != want.RuleNumber || got.SessionNumber != 0 {
				t.Fatalf("seed %d: the trace says %s, Process says %s:\n%s", seed, visible(got), visible(want), trace.All())
			}
			if strings.Contains(trace.All(), "ession") && got.Reason != dataplane.ImpossibleDirection {
				t.Fatalf("a session is named:\n%s", trace.All())
			}
			seen[got.Outcome]++
		}
	}
	for _, o := range []dataplane.Outcome{dataplane.Mirrored, dataplane.Rejected, dataplane.NoMatch, dataplane.NeverMirrored} {
		if seen[o] < 50 {
			t.Errorf("only %d outcomes are %s", seen[o], o)
		}
	}
}
