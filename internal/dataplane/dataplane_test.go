package dataplane_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

func TestNewSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	change := func(f func(*dataplane.Session)) []dataplane.Session {
		s := session(1, all()...)
		f(&s)
		return []dataplane.Session{session(7), s}
	}
	long := 8501
	for field, sessions := range map[string][]dataplane.Session{
		"sessions[1].session_number":                                 change(func(s *dataplane.Session) { s.Number = 0 }),
		"sessions[1].packet_length":                                  change(func(s *dataplane.Session) { s.PacketLength = &long }),
		"sessions[1].target.type":                                    change(func(s *dataplane.Session) { s.Target.Type = "" }),
		"sessions[1].target.mtu":                                     change(func(s *dataplane.Session) { s.Target.MTU = 67 }),
		"sessions[1].filter.rules[1 ingress].source_cidr_block":      change(func(s *dataplane.Session) { s.Filter.Rules[0].SourceCIDR = netip.Prefix{} }),
		"sessions[1].filter.rules[1 ingress].destination_cidr_block": change(func(s *dataplane.Session) { s.Filter.Rules[0].DestinationCIDR = netip.MustParsePrefix(any6) }),
		"sessions[1].filter.network_services[0]":                     change(func(s *dataplane.Session) { s.Filter.NetworkServices = []mirror.NetworkService{"dns"} }),
		"sessions[2].session_number":                                 append(change(func(*dataplane.Session) {}), session(1)),
		"sessions[1].filter.rules[1 ingress].destination_port_range": change(func(s *dataplane.Session) { to(1, 2)(&s.Filter.Rules[0]) }),
		"sessions[1].filter.rules[1 egress].source_cidr_block":       change(func(s *dataplane.Session) { s.Filter.Rules[1].SourceCIDR = netip.MustParsePrefix("10.0.0.1/8") }),
		"sessions[1].filter.rules[3 sideways].traffic_direction":     change(func(s *dataplane.Session) { s.Filter.Rules[0].Direction, s.Filter.Rules[0].Number = "sideways", 3 }),
		"sessions[1].filter.rules[1 ingress].rule_action":            change(func(s *dataplane.Session) { s.Filter.Rules[0].Action = "" }),
		"sessions[1].virtual_network_id":                             change(func(s *dataplane.Session) { vni := 1 << 24; s.VirtualNetworkID = &vni }),
		"sessions[1].filter.rules[1 egress].protocol":                change(func(s *dataplane.Session) { protocol(256)(&s.Filter.Rules[1]) }),
		"sessions[1].filter.rules[1 egress].source_port_range":       change(func(s *dataplane.Session) { from(1, 2)(&s.Filter.Rules[1]) }),
		"sessions[1].filter.rules[2 ingress].rule_number":            change(func(s *dataplane.Session) { s.Filter.Rules[0].Number = 2 }),
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			_, err := dataplane.New(testInterface(), sessions, dataplane.Options{})
			var ps mirror.Problems
			if !errors.As(err, &ps) || len(ps) != 1 || ps[0].Field != field {
				t.Errorf("the error is %v, not one problem of %s", err, field)
			}
		})
	}
	if _, err := dataplane.New(testInterface(), nil, dataplane.Options{EncapsulationAllowance: 51}); err == nil {
		t.Error("an encapsulation allowance of 51 is taken")
	}
}

func TestEncapsulatorNeedsAnAddress(t *testing.T) {
	t.Parallel()
	for want, iface := range map[string]mirror.Interface{
		"interface.private_ip_address is missing. Write the IPv4 address": {},
		"interface.private_ip_address is 2001:db8:1::10. Write the IPv4":  {PrivateIPAddress: own6},
	} {
		if _, err := newSourceOn(t, iface).Encapsulator(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("the error is %v, not %s", err, want)
		}
		over6, over4 := toIPv6(mirror.NetworkInterface), session(2, all()...)
		if _, err := newSourceOn(t, iface, over6, over4).Encapsulator(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("with a target of each family, the error is %v, not %s", err, want)
		}
	}
	if _, err := newSourceOn(t, mirror.Interface{IPv6Addresses: addrs("2001:db8:1::10")}, toIPv6(mirror.NetworkInterface)).Encapsulator(); err != nil {
		t.Errorf("an interface with only IPv6, and only a target with IPv6: %v", err)
	}
}

// Copies that need an unknown address are left out. The others are built, also what an appliance
// receives from a load balancer without a known address.
func TestCopiesWithoutAddress(t *testing.T) {
	t.Parallel()
	only := func(number, port int, change func(*mirror.Endpoint)) dataplane.Session {
		s := session(number, accept(ingress, 1, any4, any4, protocol(mirror.TCP), to(port, port)))
		change(&s.Target)
		return s
	}
	s := newSource(t,
		only(1, 1, func(*mirror.Endpoint) {}),
		only(2, 2, func(e *mirror.Endpoint) { e.Address = netip.Addr{} }),
		only(3, 3, func(e *mirror.Endpoint) { e.Address = appliance6 }),
		only(4, 4, func(e *mirror.Endpoint) { e.Address, e.Gone = netip.Addr{}, true }),
		only(5, 5, func(e *mirror.Endpoint) {
			*e = mirror.Endpoint{Type: mirror.NetworkLoadBalancer, Appliances: []netip.Addr{appliance}}
		}),
		only(6, 6, func(e *mirror.Endpoint) { e.Address = netip.Addr{} }),
	)
	e, tally := newEncapsulator(t, s), s.NewTally()
	for _, port := range []uint16{1, 2, 2, 3, 4, 5} {
		p := decode(t, s, tcp(peer, own, 1, port))
		v := tally.Process(p, "")
		isSent := port == 1 || port == 3
		isReceived := isSent || port == 5 // the appliance gets it from the load balancer, whatever the address of that is
		if out := e.Append(nil, p, v); len(out) > 0 != isSent || e.Builds(v) != isSent {
			t.Errorf("session %d: a copy of %d bytes, built: %t", port, len(out), e.Builds(v))
		}
		if out := e.AppendReceived(nil, p, v); len(out) > 0 != isReceived {
			t.Errorf("session %d: an appliance receives %d bytes", port, len(out))
		}
		if a := e.Appliance(p, v); a.IsValid() != isReceived {
			t.Errorf("session %d: the appliance is %s", port, a)
		}
	}
	var got []string
	for _, l := range e.LeftOut(tally.Summary()) {
		got = append(got, l.String())
	}
	want := []string{
		"2 copies of session 2, because the IP address of its target is not known",
		"1 copy of session 5, because the IP address of its target is not known",
	}
	if !slices.Equal(got, want) {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
}

func TestSummary(t *testing.T) {
	t.Parallel()
	length, vni := 60, 777
	first := session(1, accept(ingress, 10, any4, any4, protocol(mirror.TCP)), reject(ingress, 20, any4, any4, protocol(mirror.UDP)))
	first.PacketLength, first.VirtualNetworkID = &length, &vni
	second := session(2, accept(egress, 30, any4, any4), accept(ingress, 40, any4, any4, protocol(mirror.UDP), to(7, 7)))
	second.Target.MTU = 1500
	second.Filter.NetworkServices = mirror.NetworkServices
	s := newSource(t, second, first)
	tally := s.NewTally()
	add := func(times int, spec packet.Spec, length int) {
		spec.Length = length
		for range times {
			p := decode(t, s, spec)
			tally.Process(p, "")
		}
	}
	add(2, tcp(peer, own, 1, 2), 100)
	add(1, tcp(peer, own, 1, 2), 59)
	add(3, udp(peer, own, 1, 2), 100)
	add(4, udp(own, peer, 1, 2), 200)
	add(1, other(1, peer, own), 100)
	add(2, udp(own, resolver, 4000, 53), 70)
	add(1, tcp(own, addr("169.254.169.254"), 4000, 80), 90)
	add(5, udp(peer, own, 1, 7), 50) // rejected by the first session, and taken by the second

	const want = `{
  "packets": 19,
  "mirrored": 14,
  "directions": {"ingress": 12, "egress": 6},
  "not_mirrored": {"instance_metadata": 1, "no_rule": 1, "rule_rejects": 3},
  "truncated": {"packet_length": 2},
  "unknown": {"target_mtu": 3},
  "bytes_in": 1939,
  "bytes_out": 1369,
  "sessions": [
    {"session_number": 1, "virtual_network_id": 777, "packets": 3, "bytes": 179},
    {"session_number": 2, "virtual_network_id": 2, "packets": 11, "bytes": 1190}
  ],
  "rules": [
    {"session_number": 1, "direction": "ingress", "rule_number": 10, "hits": 3, "packets": 3, "bytes": 179},
    {"session_number": 1, "direction": "ingress", "rule_number": 20, "hits": 8, "packets": 3, "bytes": 0},
    {"session_number": 2, "direction": "ingress", "rule_number": 40, "hits": 5, "packets": 5, "bytes": 250},
    {"session_number": 2, "direction": "ingress", "rule_number": null, "hits": 0, "packets": 0, "bytes": 0},
    {"session_number": 2, "direction": "egress", "rule_number": 30, "hits": 4, "packets": 4, "bytes": 800},
    {"session_number": 2, "direction": "egress", "rule_number": null, "hits": 2, "packets": 2, "bytes": 140}
  ],
  "cloudwatch": {"NetworkMirrorIn": 429, "NetworkMirrorOut": 940, "NetworkPacketsMirrorIn": 8, "NetworkPacketsMirrorOut": 6}
}`
	got, err := json.Marshal(tally.Summary())
	if err != nil {
		t.Fatal(err)
	}
	if compact(t, string(got)) != compact(t, want) {
		t.Errorf("\n got %s\nwant %s", compact(t, string(got)), compact(t, want))
	}
}

// compact writes JSON in one form.
func compact(t *testing.T, text string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Every value has a name and a sentence. Both are unique among the values of a
// type.
func TestWords(t *testing.T) {
	t.Parallel()
	type word interface {
		fmt.Stringer
		Sentence() string
	}
	check := func(list string, words []word) {
		seen := map[string]bool{}
		for i, w := range words {
			if w.String() == "" || !strings.HasSuffix(w.Sentence(), ".") {
				t.Errorf("%s[%d] is called %q: %q", list, i, w, w.Sentence())
			}
			if seen[w.String()] {
				t.Errorf("%s: %q stands twice", list, w)
			}
			seen[w.String()] = true
		}
	}
	var outcomes, reasons, truncations, unknowns []word
	for _, o := range dataplane.Outcomes {
		outcomes = append(outcomes, o)
	}
	for _, r := range dataplane.Reasons {
		reasons = append(reasons, r)
	}
	for _, by := range dataplane.Truncations {
		truncations = append(truncations, by)
	}
	for _, u := range dataplane.Unknowns {
		unknowns = append(unknowns, u)
	}
	check("Outcomes", outcomes)
	check("Reasons", reasons)
	check("Truncations", truncations)
	check("Unknowns", unknowns)
}

func TestVerdictAsJSON(t *testing.T) {
	t.Parallel()
	length := 60
	given := session(5, all()...)
	given.PacketLength = &length
	s := newSource(t, given)
	for _, test := range []struct {
		spec packet.Spec
		want string
	}{
		{other(47, peer, own), `{"outcome":"mirrored","direction":"ingress","session_number":5,"rule_number":1,"reason":"rule_accepts","bytes":60,"truncated_by":"packet_length","unknown":["target_mtu"]}`},
		{other(1, own, addr("169.254.169.123")), `{"outcome":"never_mirrored","reason":"amazon_time_service","bytes":0,"assumption":"A0101"}`},
	} {
		got, err := json.Marshal(s.Process(decode(t, s, test.spec), ""))
		if err != nil || string(got) != test.want {
			t.Errorf("\n got %s, %v\nwant %s", got, err, test.want)
		}
	}
}

// The hot path allocates nothing for any kind of packet.
func TestNoAllocation(t *testing.T) {
	length := 60
	cut := session(1, all()...)
	cut.PacketLength = &length
	behindGateway := behind(mirror.GatewayLoadBalancerEndpoint, appliances)
	behindGateway.Number, behindGateway.Filter.NetworkServices = 2, mirror.NetworkServices
	s := newSource(t, behindGateway, cut)
	e := newEncapsulator(t, s)
	tally := s.NewTally()
	out := make([]byte, 0, 4096)
	for _, spec := range []packet.Spec{
		tcp(peer, own, 1, 2), tcp(own6, peer6, 1, 2), udp(own, resolver, 1, 53), udp(own, peer, 68, 67),
		tcp(own, addr("169.254.169.254"), 1, 80), other(1, own, peer), tagged(udp(peer, own, 1, 2)),
	} {
		frame := decode(t, s, spec).Data
		for _, input := range []struct {
			data []byte
			link packet.LinkType
		}{{frame, packet.LinkEthernet}, {frame[14:], packet.LinkRaw}, {frame[:20], packet.LinkEthernet}, {frame, 0}} {
			allocations := testing.AllocsPerRun(100, func() {
				var p packet.Packet
				p.Decode(input.data, input.link)
				v := tally.Process(&p, "")
				out = e.Append(out[:0], &p, v)
				out = e.AppendReceived(out, &p, v)
			})
			if allocations != 0 {
				t.Errorf("%+v as %s: %v allocations", spec, input.link, allocations)
			}
		}
	}
}
