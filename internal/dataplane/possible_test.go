package dataplane_test

import (
	"net/netip"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// A0130: which packets an interface can receive and send.
func TestImpossibleDirection(t *testing.T) {
	t.Parallel()
	delegated := testInterface()
	delegated.ID = "eni-00000000000000001"
	delegated.IPv4Prefixes, delegated.IPv6Prefixes = []netip.Prefix{netip.MustParsePrefix("10.0.7.16/28")}, []netip.Prefix{netip.MustParsePrefix("2001:db8:7::/80")}
	noIPv6, unknownIPv6, only6 := testInterface(), testInterface(), boundless()
	noIPv6.IPv6Addresses, unknownIPv6.IPv6Addresses = []netip.Addr{}, nil
	only6.PrivateIPAddresses, only6.IPv6Addresses = []netip.Addr{}, []netip.Addr{own6}
	secondary, foreign, foreign6 := addr("10.0.1.11"), addr("172.31.0.1"), addr("2001:db8:9::9")
	checked, open := testInterface(), unchecked()
	for _, test := range []struct {
		name   string
		iface  mirror.Interface
		told   mirror.Direction
		spec   packet.Spec
		reason dataplane.Reason
		field  string // of the problem; "": the packet is possible
	}{
		{"received from a peer", checked, ingress, tcp(peer, own, 1, 2), dataplane.RuleAccepts, ""},
		{"received by a secondary address", checked, ingress, tcp(peer, secondary, 1, 2), dataplane.RuleAccepts, ""},
		{"received from itself", checked, ingress, tcp(own, foreign, 1, 2), dataplane.ImpossibleDirection, "source"},
		{"received from itself, unchecked", open, ingress, tcp(secondary, foreign, 1, 2), dataplane.ImpossibleDirection, "source"},
		{"received from itself over IPv6", checked, ingress, tcp(own6, foreign6, 1, 2), dataplane.ImpossibleDirection, "source"},
		{"received for another", checked, ingress, tcp(peer, foreign, 1, 2), dataplane.ImpossibleDirection, "destination"},
		{"received for another, unchecked", open, ingress, tcp(peer, foreign, 1, 2), dataplane.RuleAccepts, ""},
		{"received for another over IPv6", checked, ingress, tcp(peer6, foreign6, 1, 2), dataplane.ImpossibleDirection, "destination"},
		{"sent to a peer", checked, egress, tcp(own, peer, 1, 2), dataplane.RuleAccepts, ""},
		{"sent from a secondary address", checked, egress, tcp(secondary, peer, 1, 2), dataplane.RuleAccepts, ""},
		{"sent from a foreign address", checked, egress, tcp(foreign, peer, 1, 2), dataplane.ImpossibleDirection, "source"},
		{"sent from a foreign address, unchecked", open, egress, tcp(foreign, peer, 1, 2), dataplane.RuleAccepts, ""},
		{"sent from a foreign address over IPv6", checked, egress, tcp(foreign6, peer6, 1, 2), dataplane.ImpossibleDirection, "source"},
		{"multicast", checked, ingress, udp(peer, addr("239.1.2.3"), 1, 2), dataplane.RuleAccepts, ""},
		{"multicast over IPv6", checked, ingress, other(58, addr("fe80::1"), addr("ff02::1")), dataplane.RuleAccepts, ""},
		{"broadcast", checked, ingress, udp(peer, addr("255.255.255.255"), 1, 2), dataplane.RuleAccepts, ""},
		{"from the link-local address", checked, egress, other(58, addr("fe80::5"), addr("fe80::1")), dataplane.RuleAccepts, ""},
		{"to the link-local address", checked, ingress, other(58, addr("fe80::1"), addr("fe80::5")), dataplane.RuleAccepts, ""},
		{"before it has an address", checked, egress, other(58, addr("::"), addr("ff02::1")), dataplane.RuleAccepts, ""},
		{"from a delegated prefix", delegated, egress, tcp(addr("10.0.7.31"), peer, 1, 2), dataplane.RuleAccepts, ""},
		{"from behind a delegated prefix", delegated, egress, tcp(addr("10.0.7.32"), peer, 1, 2), dataplane.ImpossibleDirection, "source"},
		{"to a delegated prefix over IPv6", delegated, ingress, tcp(peer6, addr("2001:db8:7::ffff"), 1, 2), dataplane.RuleAccepts, ""},
		{"before a delegated prefix over IPv6", delegated, ingress, tcp(peer6, addr("2001:db8:6:ffff::"), 1, 2), dataplane.ImpossibleDirection, "destination"},
		{"received from its own prefix", delegated, ingress, tcp(addr("10.0.7.16"), peer, 1, 2), dataplane.ImpossibleDirection, "source"},
		{"no address is known", boundless(), egress, tcp(foreign, peer, 1, 2), dataplane.RuleAccepts, ""},
		{"IPv6 on an interface without it", noIPv6, egress, tcp(own6, peer6, 1, 2), dataplane.ImpossibleDirection, "source"},
		{"IPv6 where it is unknown", unknownIPv6, egress, tcp(own6, peer6, 1, 2), dataplane.RuleAccepts, ""},
		{"IPv4 on an interface without it", only6, ingress, tcp(peer, own, 1, 2), dataplane.ImpossibleDirection, "destination"},
		{"never mirrored comes first", checked, egress, tcp(foreign, addr("169.254.169.254"), 1, 80), dataplane.InstanceMetadata, "source"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSourceOn(t, test.iface, session(1, all()...))
			frame, err := s.Build(test.spec, test.told)
			if err != nil {
				t.Fatal(err)
			}
			p := decodeFrame(frame)
			v := s.Process(p, test.told)
			if v.Reason != test.reason || v.Direction != test.told {
				t.Errorf("the verdict is %s, %s", v.Direction, v.Reason)
			}
			if v.Reason == dataplane.ImpossibleDirection && (v.Outcome != dataplane.NoDirection || v.Assumption.String() != "A0130") {
				t.Errorf("the verdict is %s by assumption %s", v.Outcome, v.Assumption)
			}
			ps := s.Impossible(p, test.told)
			if len(ps) > 1 || (len(ps) == 0) != (test.field == "") || len(ps) == 1 && ps[0].Field != test.field {
				t.Errorf("the problem is %v, not of %q", ps, test.field)
			}
			// A capture that says the direction has the same verdict; one in which it was found
			// is never impossible.
			p.Heading = map[mirror.Direction]packet.Heading{ingress: packet.Inbound, egress: packet.Outbound}[test.told]
			if again := s.Process(p, ""); again.Reason != v.Reason {
				t.Errorf("the capture says the direction: %s, not %s", again.Reason, v.Reason)
			}
			p.Heading = packet.HeadingUnknown
			if found := s.Process(p, ""); found.Reason == dataplane.ImpossibleDirection {
				t.Error("a direction that was found is impossible")
			}
		})
	}
}

// The message names what is wrong and what to write.
func TestImpossible_message(t *testing.T) {
	t.Parallel()
	named := testInterface()
	named.ID = "eni-00000000000000001"
	many := named
	many.PrivateIPAddresses = addrs("10.0.1.10", "10.0.1.11", "10.0.1.12", "10.0.1.13", "10.0.1.14", "10.0.1.15")
	none := named
	none.IPv6Addresses = []netip.Addr{}
	for _, test := range []struct {
		iface mirror.Interface
		told  mirror.Direction
		spec  packet.Spec
		want  string
	}{
		{
			named, ingress, tcp(own, peer, 1, 2),
			`source is 10.0.1.10, which is an address of eni-00000000000000001: it cannot receive a packet from itself. ` +
				`Write direction = "egress" if the interface sends the packet, or write the address of the sender as source.`,
		},
		{
			named, egress, tcp(peer, own, 1, 2),
			`source is 10.1.2.3, which is not an address of eni-00000000000000001 (10.0.1.10, 10.0.1.11): its source/destination check is on, so that it sends nothing from another address. ` +
				`Write an address of the interface as source, write direction = "ingress" if the interface receives the packet, or turn its source/destination check off.`,
		},
		{
			many, ingress, tcp(peer, addr("203.0.113.5"), 1, 2),
			`destination is 203.0.113.5, which is not an address of eni-00000000000000001 (10.0.1.10, 10.0.1.11, 10.0.1.12, 10.0.1.13, 2 more): its source/destination check is on, so that it receives nothing for another address. ` +
				`Write an address of the interface as destination (its private address instead of a public one), write direction = "egress" if the interface sends the packet, or turn its source/destination check off.`,
		},
		{
			none, egress, tcp(own6, peer6, 1, 2),
			`source is 2001:db8:1::10, and eni-00000000000000001 has no IPv6 address: its source/destination check is on, so that it sends nothing from another address. ` +
				`Write an address of the interface as source, write direction = "ingress" if the interface receives the packet, or turn its source/destination check off.`,
		},
	} {
		s := newSourceOn(t, test.iface)
		frame, err := s.Build(test.spec, test.told)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Impossible(decodeFrame(frame), test.told).Error(); got != test.want {
			t.Errorf("\n got %s\nwant %s", got, test.want)
		}
	}
}
