package dataplane_test

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

const (
	ingress = mirror.Ingress
	egress  = mirror.Egress
)

// want is the part of a verdict that a table states.
type want struct {
	outcome       dataplane.Outcome
	session, rule int
	reason        dataplane.Reason
	assumption    string
}

func (w want) check(t *testing.T, v dataplane.Verdict) {
	t.Helper()
	got := want{v.Outcome, v.SessionNumber, v.RuleNumber, v.Reason, v.Assumption.String()}
	if got != w {
		t.Errorf("\n got %s by session %d, rule %d: %s %s\nwant %s by session %d, rule %d: %s %s",
			got.outcome, got.session, got.rule, got.reason, got.assumption, w.outcome, w.session, w.rule, w.reason, w.assumption)
	}
}

func accepted(session, rule int) want {
	return want{dataplane.Mirrored, session, rule, dataplane.RuleAccepts, ""}
}

func rejected(session, rule int) want {
	return want{dataplane.Rejected, session, rule, dataplane.RuleRejects, ""}
}

func unmatched(reason dataplane.Reason) want {
	return want{dataplane.NoMatch, 0, 0, reason, ""}
}

func (w want) by(assumption string) want {
	w.assumption = assumption
	return w
}

func TestRules(t *testing.T) {
	t.Parallel()
	https := []func(*mirror.Rule){protocol(mirror.TCP), to(443, 443)}
	for _, test := range []struct {
		name  string
		rules []mirror.Rule
		spec  packet.Spec
		want  want
	}{
		{"no rules mirror nothing", nil, tcp(peer, own, 1, 443), unmatched(dataplane.NoRule)},
		{"a rule of the other direction does not match", []mirror.Rule{accept(egress, 1, any4, any4)}, tcp(peer, own, 1, 443), unmatched(dataplane.NoRule)},
		{"0.0.0.0/0 matches no IPv6", []mirror.Rule{accept(ingress, 1, any4, any4)}, tcp(peer6, own6, 1, 443), unmatched(dataplane.NoRule)},
		{"::/0 matches no IPv4", []mirror.Rule{accept(ingress, 1, any6, any6)}, tcp(peer, own, 1, 443), unmatched(dataplane.NoRule)},
		{"::/0 matches IPv6", []mirror.Rule{accept(ingress, 1, any6, any6)}, tcp(peer6, own6, 1, 443), accepted(1, 1)},
		{"the lowest number decides, wherever it stands", []mirror.Rule{accept(ingress, 20, any4, any4), reject(ingress, 10, any4, any4)}, tcp(peer, own, 1, 443), rejected(1, 10)},
		{"a rule that does not match is passed over", []mirror.Rule{reject(ingress, 10, "10.9.0.0/16", any4), accept(ingress, 20, any4, any4)}, tcp(peer, own, 1, 443), accepted(1, 20)},
		{"one number in both directions", []mirror.Rule{reject(ingress, 1, any4, any4), accept(egress, 1, any4, any4)}, tcp(own, peer, 443, 1), accepted(1, 1)},

		{"source prefix, inside", []mirror.Rule{accept(ingress, 1, "10.1.2.2/31", any4)}, tcp(peer, own, 1, 443), accepted(1, 1)},
		{"source prefix, outside", []mirror.Rule{accept(ingress, 1, "10.1.2.4/31", any4)}, tcp(peer, own, 1, 443), unmatched(dataplane.NoRule)},
		{"destination prefix, inside", []mirror.Rule{accept(ingress, 1, any4, "10.0.1.10/32")}, tcp(peer, own, 1, 443), accepted(1, 1)},
		{"destination prefix, outside", []mirror.Rule{accept(ingress, 1, any4, "10.0.1.11/32")}, tcp(peer, own, 1, 443), unmatched(dataplane.NoRule)},
		{"IPv6 prefix over the first half, inside", []mirror.Rule{accept(ingress, 1, "2001:db8:2::2/127", any6)}, tcp(peer6, own6, 1, 443), accepted(1, 1)},
		{"IPv6 prefix over the first half, outside", []mirror.Rule{accept(ingress, 1, "2001:db8:2::4/127", any6)}, tcp(peer6, own6, 1, 443), unmatched(dataplane.NoRule)},
		{"IPv6 prefix within the first half, outside", []mirror.Rule{accept(ingress, 1, any6, "2001:db8:3::/48")}, tcp(peer6, own6, 1, 443), unmatched(dataplane.NoRule)},

		{"destination port, lowest", []mirror.Rule{accept(ingress, 1, any4, any4, protocol(mirror.TCP), to(443, 500))}, tcp(peer, own, 1, 443), accepted(1, 1)},
		{"destination port, highest", []mirror.Rule{accept(ingress, 1, any4, any4, protocol(mirror.TCP), to(400, 443))}, tcp(peer, own, 1, 443), accepted(1, 1)},
		{"destination port, below", []mirror.Rule{accept(ingress, 1, any4, any4, protocol(mirror.TCP), to(444, 500))}, tcp(peer, own, 1, 443), unmatched(dataplane.NoRule)},
		{"destination port, above", []mirror.Rule{accept(ingress, 1, any4, any4, protocol(mirror.TCP), to(400, 442))}, tcp(peer, own, 1, 443), unmatched(dataplane.NoRule)},
		{"source port, lowest of all", []mirror.Rule{accept(ingress, 1, any4, any4, protocol(mirror.UDP), from(0, 0))}, udp(peer, own, 0, 9), accepted(1, 1)},
		{"source port, highest of all", []mirror.Rule{accept(ingress, 1, any4, any4, protocol(mirror.UDP), from(1, 65535))}, udp(peer, own, 65535, 9), accepted(1, 1)},
		{"source port is not destination port", []mirror.Rule{accept(ingress, 1, any4, any4, protocol(mirror.TCP), from(443, 443))}, tcp(peer, own, 1, 443), unmatched(dataplane.NoRule)},
		{"UDP is not TCP", []mirror.Rule{accept(ingress, 1, any4, any4, https...)}, udp(peer, own, 1, 443), unmatched(dataplane.NoRule)},

		{"protocol by number", []mirror.Rule{accept(ingress, 1, any4, any4, protocol(132))}, other(132, peer, own), accepted(1, 1)},
		{"A0044: protocol 0 is HOPOPT", []mirror.Rule{accept(ingress, 1, any4, any4, protocol(0))}, tcp(peer, own, 1, 443), unmatched(dataplane.NoRule)},
		{"ICMP has no ports", []mirror.Rule{accept(ingress, 1, any4, any4, protocol(mirror.TCP), from(0, 65535)), accept(ingress, 2, any4, any4, protocol(mirror.ICMP))}, other(1, peer, own), accepted(1, 2)},
		{"neighbour discovery is ordinary", []mirror.Rule{accept(ingress, 1, any6, any6)}, other(58, peer6, own6), accepted(1, 1)},
		{"NTP to others is ordinary", all(), udp(own, peer, 123, 123), accepted(1, 1)},
		{"port 53 of others is ordinary", all(), udp(own, peer, 5353, 53), accepted(1, 1)},
		{"a tag is looked behind", all(), tagged(tcp(peer, own, 1, 443)), accepted(1, 1).by("A0114")},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSource(t, session(1, test.rules...))
			test.want.check(t, s.Process(decode(t, s, test.spec), ""))
		})
	}
}

// A rule sees what is behind a PPPoE header, and the copy keeps the header.
func TestPPPoE(t *testing.T) {
	t.Parallel()
	s := newSource(t, session(1, reject(ingress, 1, any4, any4, protocol(mirror.UDP)), accept(ingress, 2, any4, any4, protocol(mirror.TCP), to(443, 443))))
	p := decodeFrame(inPPPoE(decode(t, s, tcp(peer, own, 1, 443)).Data))
	v := s.Process(p, "")
	accepted(1, 2).by("A0197").check(t, v)
	if copied := newEncapsulator(t, s).Append(nil, p, v); !bytes.Equal(copied[dataplane.OuterLength:], p.Data) {
		t.Errorf("the copy is\n%x, not\n%x", copied[dataplane.OuterLength:], p.Data)
	}
	if text := s.Trace(p, "").String(); !strings.Contains(text, "Rules match what is behind its PPPoE header.") {
		t.Error(text)
	}
}

// inPPPoE puts a PPPoE header between the Ethernet header and the IP header of a frame.
func inPPPoE(frame []byte) []byte {
	const session, ip4, ip6 = 0x8864, 0x21, 0x57
	protocol := byte(ip4)
	if frame[12] == 0x86 {
		protocol = ip6
	}
	b := binary.BigEndian.AppendUint16(bytes.Clone(frame[:12]), session)
	b = append(b, 0x11, 0, 0, 1)
	b = binary.BigEndian.AppendUint16(b, uint16(len(frame)-packet.EthernetHeaderLength+2))
	return append(append(b, 0, protocol), frame[packet.EthernetHeaderLength:]...)
}

func tagged(s packet.Spec) packet.Spec {
	s.VLAN = port(7)
	return s
}

func TestSessions(t *testing.T) {
	t.Parallel()
	toTCP, toUDP := accept(ingress, 5, any4, any4, protocol(mirror.TCP)), accept(ingress, 6, any4, any4, protocol(mirror.UDP))
	everything, nothing := accept(ingress, 7, any4, any4), reject(ingress, 8, any4, any4)
	for _, test := range []struct {
		name     string
		sessions []dataplane.Session
		options  dataplane.Options
		want     want
	}{
		{"none", nil, dataplane.Options{}, unmatched(dataplane.NoSession)},
		{"the lowest number takes the packet, wherever it stands", []dataplane.Session{session(9, everything), session(3, everything)}, dataplane.Options{}, accepted(3, 7)},
		{"what the first does not match goes to the second", []dataplane.Session{session(1, toUDP), session(2, toTCP)}, dataplane.Options{}, accepted(2, 5)},
		{"a reject goes to the second too", []dataplane.Session{session(1, nothing), session(2, toTCP)}, dataplane.Options{}, accepted(2, 5).by("A0100")},
		{"unless it is to stop", []dataplane.Session{session(1, nothing), session(2, toTCP)}, dataplane.Options{RejectStops: true}, rejected(1, 8)},
		{"which no match is not", []dataplane.Session{session(1, toUDP), session(2, toTCP)}, dataplane.Options{RejectStops: true}, accepted(2, 5)},
		{"the first reject is named", []dataplane.Session{session(1, toUDP), session(2, nothing), session(3, reject(ingress, 1, any4, any4))}, dataplane.Options{}, rejected(2, 8)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, err := dataplane.New(testInterface(), test.sessions, test.options)
			if err != nil {
				t.Fatal(err)
			}
			test.want.check(t, s.Process(decode(t, s, tcp(peer, own, 1, 443)), ""))
		})
	}
}

func TestAmazonDNS(t *testing.T) {
	t.Parallel()
	withService := func(number int, rules ...mirror.Rule) dataplane.Session {
		s := session(number, rules...)
		s.Filter.NetworkServices = []mirror.NetworkService{mirror.AmazonDNS}
		return s
	}
	linkLocal, linkLocal6 := addr("169.254.169.253"), addr("fd00:ec2::253")
	on := want{dataplane.Mirrored, 1, 0, dataplane.ServiceAccepts, "A0102"}
	off := want{dataplane.NoMatch, 0, 0, dataplane.AmazonDNSOff, "A0102"}
	for _, test := range []struct {
		name     string
		sessions []dataplane.Session
		spec     packet.Spec
		want     want
	}{
		{"a query, with the service", []dataplane.Session{withService(1)}, udp(own, resolver, 40000, 53), on},
		{"an answer, with the service", []dataplane.Session{withService(1)}, udp(resolver, own, 53, 40000), on},
		{"over TCP", []dataplane.Session{withService(1)}, tcp(own, resolver, 40000, 53), on},
		{"over IPv6", []dataplane.Session{withService(1)}, udp(own6, linkLocal6, 40000, 53), on.by("A0103")},
		{"to the link-local resolver", []dataplane.Session{withService(1)}, udp(own, linkLocal, 40000, 53), on.by("A0103")},
		{"a reject rule is not asked", []dataplane.Session{withService(1, reject(egress, 1, any4, any4))}, udp(own, resolver, 40000, 53), on},
		{"an accept rule is not asked", []dataplane.Session{session(1, all()...)}, udp(own, resolver, 40000, 53), off},
		{"the session with the service takes it", []dataplane.Session{session(1, all()...), withService(2)}, udp(own, resolver, 40000, 53), want{dataplane.Mirrored, 2, 0, dataplane.ServiceAccepts, "A0102"}},
		{"port 53 on the wrong side is ordinary", []dataplane.Session{session(1, all()...)}, udp(own, resolver, 53, 40000), accepted(1, 1)},
		{"another port of the resolver is ordinary", []dataplane.Session{session(1, all()...)}, tcp(own, resolver, 40000, 853), accepted(1, 1)},
		{"another protocol to the resolver is ordinary", []dataplane.Session{session(1, all()...)}, other(1, own, resolver), accepted(1, 1)},
		{"the service mirrors nothing else", []dataplane.Session{withService(1)}, udp(own, peer, 40000, 53), unmatched(dataplane.NoRule)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSource(t, test.sessions...)
			test.want.check(t, s.Process(decode(t, s, test.spec), ""))
		})
	}
}

func TestNeverMirrored(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name       string
		spec       packet.Spec
		reason     dataplane.Reason // 0: mirrored like any other packet
		assumption string
	}{
		{"DHCP request", udp(addr("0.0.0.0"), addr("255.255.255.255"), 68, 67), dataplane.DHCP, ""},
		{"DHCP answer", udp(peer, own, 67, 68), dataplane.DHCP, ""},
		{"DHCP between relays", udp(peer, own, 67, 67), dataplane.DHCP, ""},
		{"DHCPv6", udp(own6, peer6, 546, 547), dataplane.DHCP, ""},
		{"one port of DHCP is not enough", udp(own, peer, 68, 5000), 0, ""},
		{"TCP is not DHCP", tcp(own, peer, 68, 67), 0, ""},
		{"ports of DHCPv6 over IPv4", udp(own, peer, 546, 547), 0, ""},
		{"ports of DHCP over IPv6", udp(own6, peer6, 68, 67), 0, ""},
		{"instance metadata, request", tcp(own, addr("169.254.169.254"), 40000, 80), dataplane.InstanceMetadata, ""},
		{"instance metadata, answer", tcp(addr("169.254.169.254"), own, 80, 40000), dataplane.InstanceMetadata, ""},
		{"instance metadata, ping", other(1, own, addr("169.254.169.254")), dataplane.InstanceMetadata, ""},
		{"instance metadata over IPv6", tcp(own6, addr("fd00:ec2::254"), 40000, 80), dataplane.InstanceMetadata, ""},
		{"Amazon time", udp(own, addr("169.254.169.123"), 123, 123), dataplane.AmazonTimeService, "A0101"},
		{"Amazon time over IPv6", udp(addr("fd00:ec2::123"), own6, 123, 123), dataplane.AmazonTimeService, "A0101"},
		{"Windows activation", tcp(own, addr("169.254.169.250"), 40000, 1688), dataplane.WindowsActivation, "A0101"},
		{"Windows activation, the other address", tcp(addr("169.254.169.251"), own, 1688, 40000), dataplane.WindowsActivation, "A0101"},
		{"other link-local addresses", tcp(own, addr("169.254.169.252"), 40000, 1688), 0, ""},
		{"other link-local addresses of IPv6", tcp(own6, addr("fd00:ec2::252"), 40000, 1688), 0, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSource(t, session(1, all()...))
			v := s.Process(decode(t, s, test.spec), "")
			switch {
			case test.reason == 0 && v.Outcome != dataplane.Mirrored:
				t.Errorf("%s (%s), not mirrored", v.Outcome, v.Reason)
			case test.reason != 0:
				want{dataplane.NeverMirrored, 0, 0, test.reason, test.assumption}.check(t, v)
			}
		})
	}
}
