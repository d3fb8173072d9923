package dataplane_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
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

func TestEncapsulatorNeedsAddresses(t *testing.T) {
	t.Parallel()
	noTarget := session(4)
	noTarget.Target.Address = netip.Addr{}
	over6 := session(5)
	over6.Target.Address = appliance6
	s, err := dataplane.New(mirror.Interface{}, []dataplane.Session{noTarget, session(3), over6}, dataplane.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Encapsulator()
	for _, part := range []string{"interface.private_ip_address", "session 4", "session 5", appliance6.String()} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("the error does not name %s: %v", part, err)
		}
	}
	if err != nil && strings.Contains(err.Error(), "session 3") {
		t.Errorf("the error names session 3, which is right: %v", err)
	}
}

func TestSummary(t *testing.T) {
	t.Parallel()
	length, vni := 60, 777
	first := session(1, accept(ingress, 10, any4, any4, protocol(mirror.TCP)), reject(ingress, 20, any4, any4, protocol(mirror.UDP)))
	first.PacketLength, first.VirtualNetworkID = &length, &vni
	second := session(2, accept(egress, 30, any4, any4))
	second.Filter.NetworkServices = mirror.NetworkServices
	s := newSource(t, second, first)
	tally := s.NewTally()
	add := func(times int, spec packet.Spec, length int) {
		spec.Length = length
		for range times {
			p := decode(t, s, spec)
			tally.Add(p, s.Process(p, ""))
		}
	}
	add(2, tcp(peer, own, 1, 2), 100)
	add(1, tcp(peer, own, 1, 2), 59)
	add(3, udp(peer, own, 1, 2), 100)
	add(4, udp(own, peer, 1, 2), 200)
	add(1, other(1, peer, own), 100)
	add(2, udp(own, resolver, 4000, 53), 70)
	add(1, tcp(own, addr("169.254.169.254"), 4000, 80), 90)

	const want = `{
  "packets": 14,
  "mirrored": 9,
  "not_mirrored": {"instance_metadata": 1, "no_rule": 1, "rule_rejects": 3},
  "truncated": {"packet_length": 2},
  "bytes_in": 1689,
  "bytes_out": 1119,
  "sessions": [
    {"session_number": 1, "virtual_network_id": 777, "packets": 3, "bytes": 179},
    {"session_number": 2, "virtual_network_id": 2, "packets": 6, "bytes": 940}
  ],
  "rules": [
    {"session_number": 1, "direction": "ingress", "rule_number": 10, "packets": 3, "bytes": 179},
    {"session_number": 1, "direction": "ingress", "rule_number": 20, "packets": 3, "bytes": 0},
    {"session_number": 2, "direction": "ingress", "rule_number": null, "packets": 0, "bytes": 0},
    {"session_number": 2, "direction": "egress", "rule_number": 30, "packets": 4, "bytes": 800},
    {"session_number": 2, "direction": "egress", "rule_number": null, "packets": 2, "bytes": 140}
  ],
  "cloudwatch": {"NetworkMirrorIn": 179, "NetworkMirrorOut": 940, "NetworkPacketsMirrorIn": 3, "NetworkPacketsMirrorOut": 6}
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
	var outcomes, reasons, truncations []word
	for _, o := range dataplane.Outcomes {
		outcomes = append(outcomes, o)
	}
	for _, r := range dataplane.Reasons {
		reasons = append(reasons, r)
	}
	for _, by := range dataplane.Truncations {
		truncations = append(truncations, by)
	}
	check("Outcomes", outcomes)
	check("Reasons", reasons)
	check("Truncations", truncations)
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
		{other(47, peer, own), `{"outcome":"mirrored","direction":"ingress","session_number":5,"rule_number":1,"reason":"rule_accepts","bytes":60,"truncated_by":"packet_length"}`},
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
				v := s.Process(&p, "")
				tally.Add(&p, v)
				out = e.Append(out[:0], &p, v)
				out = e.AppendReceived(out, &p, v)
			})
			if allocations != 0 {
				t.Errorf("%+v as %s: %v allocations", spec, input.link, allocations)
			}
		}
	}
}
