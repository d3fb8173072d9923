package topology_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

func parseMirror(t *testing.T, text string) *topology.Mirror {
	t.Helper()
	m, err := topology.ParseMirror([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// withTarget and withRule return a mirror.json with the given part.
func withTarget(target string) string {
	return `{"interface": {}, "sessions": [{"session_number": 1, "filter": {}, "target": ` + target + `}]}`
}

func withRule(key, rule string) string {
	return `{"interface": {}, "sessions": [{"session_number": 1, "target": {"type": "network-interface"}, "filter": {"ingress_rules": {"` + key + `": ` + rule + `}}}]}`
}

const everything = `"rule_action": "accept", "source_cidr_block": "0.0.0.0/0", "destination_cidr_block": "0.0.0.0/0"`

func TestParseMirror(t *testing.T) {
	t.Parallel()
	m := parseMirror(t, topology.MirrorExample)
	if m.Interface.MACAddress.String() != "02:00:00:00:00:01" || m.Interface.DNSResolverAddresses[0] != netip.MustParseAddr("10.0.0.2") {
		t.Errorf("the interface reads as %+v", m.Interface)
	}
	if m.Direction != "" || len(m.Warnings) > 0 {
		t.Errorf("direction %q, warnings %v", m.Direction, m.Warnings)
	}
	s := m.Sessions[0]
	if s.Number != 1 || *s.PacketLength != 128 || *s.VirtualNetworkID != 7 {
		t.Errorf("the session reads as %+v", s.Session)
	}
	if s.Target.Type != mirror.NetworkInterface || s.Target.Address != netip.MustParseAddr("10.0.2.20") || s.Target.MTU != 9001 || s.Target.Gone {
		t.Errorf("the target reads as %+v", s.Target)
	}
	r := s.Filter.Rules[0]
	if r.Number != 100 || r.Direction != mirror.Ingress || *r.Protocol != mirror.TCP || *r.DestinationPorts != (mirror.PortRange{From: 443, To: 443}) {
		t.Errorf("the rule reads as %+v", r)
	}
}

func TestParseMirror_direction(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]mirror.Direction{
		`{"interface": {}, "sessions": []}`:                         "",
		`{"interface": {}, "sessions": [], "direction": "auto"}`:    "",
		`{"interface": {}, "sessions": [], "direction": "ingress"}`: mirror.Ingress,
		`{"interface": {}, "sessions": [], "direction": "egress"}`:  mirror.Egress,
	} {
		if m := parseMirror(t, text); m.Direction != want {
			t.Errorf("%s: direction %q", text, m.Direction)
		}
	}
}

// The interface's own addresses include its prefixes. EC2 checks sources unless the check
// is off.
func TestParseMirror_interface(t *testing.T) {
	t.Parallel()
	i := parseMirror(t, `{"interface": {"ipv4_prefixes": ["10.0.1.16/28"], "ipv6_prefixes": ["2001:db8::/80"], "source_dest_check": false}, "sessions": []}`).Interface
	if i.ChecksSourceDest() || len(i.IPv4Prefixes) != 1 || i.IPv6Prefixes[0] != netip.MustParsePrefix("2001:db8::/80") || i.IPv6Addresses != nil {
		t.Errorf("the interface reads as %+v", i)
	}
	if i := parseMirror(t, `{"interface": {"ipv6_addresses": []}, "sessions": []}`).Interface; !i.ChecksSourceDest() || i.IPv6Addresses == nil {
		t.Errorf("the interface reads as %+v", i)
	}
}

// The MTU of a target is 9001 unless it is given.
func TestParseMirror_mtu(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{`{"type": "network-interface"}`: mirror.DefaultMTU, `{"type": "network-interface", "mtu": 1500}`: 1500} {
		if got := parseMirror(t, withTarget(text)).Sessions[0].Target.MTU; got != want {
			t.Errorf("%s: MTU %d, not %d", text, got, want)
		}
	}
}

// An empty list means none. A missing list means unknown.
func TestParseMirror_unknownIsNotNone(t *testing.T) {
	t.Parallel()
	unknown := parseMirror(t, withTarget(`{"type": "network-load-balancer"}`)).Sessions[0].Target
	if unknown.UDPListeners != nil || unknown.Appliances != nil || unknown.Gone {
		t.Errorf("left out: %+v", unknown)
	}
	none := parseMirror(t, withTarget(`{"type": "network-load-balancer", "available": false, "udp_listeners": [], "appliances": []}`)).Sessions[0].Target
	if none.UDPListeners == nil || none.Appliances == nil || !none.Gone {
		t.Errorf("none: %+v", none)
	}
	some := parseMirror(t, withTarget(`{"type": "network-load-balancer", "appliances": [{"ip_address": "10.0.3.1"}]}`)).Sessions[0].Target
	if len(some.Appliances) != 1 || some.Appliances[0] != netip.MustParseAddr("10.0.3.1") {
		t.Errorf("some: %+v", some)
	}
}

func TestParseMirror_protocol(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]mirror.Protocol{`"tcp"`: 6, `"6"`: 6, `6`: 6, `"ICMPv6"`: 58, `255`: 255} {
		m := parseMirror(t, withRule("1", `{`+everything+`, "protocol": `+text+`}`))
		if got := m.Sessions[0].Filter.Rules[0].Protocol; got == nil || *got != want {
			t.Errorf("%s reads as %v", text, got)
		}
	}
	if got := parseMirror(t, withRule("1", `{`+everything+`}`)).Sessions[0].Filter.Rules[0].Protocol; got != nil {
		t.Errorf("left out it reads as %v", got)
	}
}

func TestParseMirror_doubts(t *testing.T) {
	t.Parallel()
	m := parseMirror(t, withRule("1", `{`+everything+`, "protocol": 0}`))
	const want = `sessions[0].filter.ingress_rules["1"].protocol is 0, which means only HOPOPT. Write "hopopt" if that is meant, or leave it out to match every protocol.`
	if m.Warnings.Error() != want {
		t.Errorf("warnings: %v", m.Warnings)
	}
}

func TestParseMirror_refuses(t *testing.T) {
	t.Parallel()
	const rule100 = `sessions[0].filter.ingress_rules["100"]`
	for text, want := range map[string]string{
		`{}`:                              `interface is missing`,
		`{"interface": {}}`:               `sessions is missing`,
		`{"interface": {}, "session": 1}`: `session is not a known key: write one of $schema, direction, interface, sessions`,
		`{"interface": {"id": "i-1"}, "sessions": []}`:                        `interface.id is "i-1". Write the ID of a network interface`,
		`{"interface": {"ipv4_prefixes": ["10.0.0.1/28"]}, "sessions": []}`:   `interface.ipv4_prefixes[0] is 10.0.0.1/28, which has bits set after the prefix length. Write 10.0.0.0/28.`,
		`{"interface": {"mac_address": "x"}, "sessions": []}`:                 `interface.mac_address: "x" is not a MAC address`,
		`{"interface": {}, "sessions": [], "direction": "both"}`:              `direction is "both". Write "auto", "ingress" or "egress".`,
		`{"interface": {}, "sessions": [{"target": {}, "filter": {}}]}`:       `sessions[0].target.type is missing`,
		`{"interface": {}, "sessions": [{"session_number": 1}]}`:              `sessions[0].target is missing`,
		withTarget(`{"type": "network-interface", "available": 1}`):           `sessions[0].target.available is 1: write true or false`,
		withTarget(`{"type": "network-interface", "udp_listeners": null}`):    `sessions[0].target.udp_listeners is null: leave it out instead`,
		withTarget(`{"type": "network-interface", "udp_listeners": [70000]}`): `sessions[0].target.udp_listeners[0] is 70000. Write a port from 0 to 65535.`,
		withTarget(`{"type": "network-interface", "appliances": ["a"]}`):      `sessions[0].target.appliances[0] is not an object: write { ... }`,
		withRule("100", `{}`): rule100 + `.rule_action is missing`,
		withRule("100", `{`+everything+`, "protocol": "tpc"}`):                                    rule100 + `.protocol is "tpc". Write a protocol number from 0 to 255 or a name`,
		withRule("100", `{`+everything+`, "protocol": 256}`):                                      rule100 + `.protocol is 256. Write a protocol number`,
		withRule("100", `{`+everything+`, "protocol": 6.0}`):                                      rule100 + `.protocol is "6.0". Write a protocol number`,
		withRule("100", `{`+everything+`, "protocol": [6]}`):                                      rule100 + `.protocol: write the name or the number of a protocol, such as "tcp" or 6`,
		withRule("100", `{`+everything+`, "ports": {}}`):                                          rule100 + `.ports is not a known key`,
		withRule("100", `{`+everything+`, "protocol": 6, "source_port_range": {"from_port": 1}}`): rule100 + `.source_port_range.to_port is missing`,
		withRule("100", `{`+everything+`, "protocol": 6, "source_port_range": {"from_port": 2, "to_port": 1}}`): rule100 +
			`.source_port_range.from_port is 2, which is higher than to_port (1). Write the lower port as from_port.`,
		withRule("100", `{"rule_action": "drop", "source_cidr_block": "0.0.0.0/0", "destination_cidr_block": "0.0.0.0/0"}`): rule100 +
			`.rule_action is "drop". Write "accept" or "reject".`,
		withRule("100", `{"rule_action": "accept", "source_cidr_block": "10.0.0.1/8", "destination_cidr_block": "0.0.0.0/0"}`): rule100 +
			`.source_cidr_block is "10.0.0.1/8", which has bits set after the prefix length. Write "10.0.0.0/8".`,
		withRule("100", `{"rule_action": "accept", "source_cidr_block": "10.0.0.1", "destination_cidr_block": "0.0.0.0/0"}`): rule100 +
			`.source_cidr_block is "10.0.0.1", which is not a CIDR block. Write "10.0.0.1/32" for this one address.`,
		withRule("0100", `{`+everything+`}`):                         `sessions[0].filter.ingress_rules["0100"] has a key with leading zeros or a sign. Write "100".`,
		withRule("ssh", `{`+everything+`}`):                          `sessions[0].filter.ingress_rules["ssh"] has a key that is not a rule number. Write a whole number from 1 to 32766, such as "100".`,
		withRule("32767", `{`+everything+`}`):                        `sessions[0].filter.ingress_rules["32767"] has a key outside of the range of rule numbers.`,
		withRule("100", `{`+everything+`}, "100": {`+everything+`}`): rule100 + ` is there twice`,
	} {
		_, err := topology.ParseMirror([]byte(text))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s\n got  %v\n want %s", text, err, want)
		}
	}
}

// All wrong values are reported at once.
func TestParseMirror_allProblems(t *testing.T) {
	t.Parallel()
	_, err := topology.ParseMirror([]byte(`{"interface": {}, "sessions": [
		{"session_number": 0, "target": {"type": "network-interface"}, "filter": {"network_services": ["dns"]}},
		{"session_number": 2, "packet_length": 9000, "target": {"type": "network-interface"}, "filter": {}}]}`))
	const want = `sessions[0].session_number is 0. Write a whole number from 1 to 32766.
sessions[0].filter.network_services[0] is "dns". Write "amazon-dns".
sessions[1].packet_length is 9000. Write a whole number from 1 to 8500.`
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}
