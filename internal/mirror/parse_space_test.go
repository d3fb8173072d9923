package mirror_test

import (
	"net/netip"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

func TestParseSpace(t *testing.T) {
	t.Parallel()
	ports := func(from, to int) *mirror.PortRange { return &mirror.PortRange{From: from, To: to} }
	for text, want := range map[string]mirror.Space{
		"any any > any": {},
		"ingress tcp 10.0.0.0/8 > any:22": {
			Direction: mirror.Ingress, Protocol: new(mirror.TCP), SourceCIDR: prefix("10.0.0.0/8"), DestinationPorts: ports(22, 22),
		},
		"udp 10.0.0.0/8:1024-65535 > 192.0.2.1/32:53": {
			Protocol: new(mirror.UDP), SourceCIDR: prefix("10.0.0.0/8"), DestinationCIDR: prefix("192.0.2.1/32"), SourcePorts: ports(1024, 65535), DestinationPorts: ports(53, 53),
		},
		"egress tcp [2001:db8::/32]:443 > ::/0": {
			Direction: mirror.Egress, Protocol: new(mirror.TCP), SourceCIDR: prefix("2001:db8::/32"), DestinationCIDR: prefix("::/0"), SourcePorts: ports(443, 443),
		},
		"icmp any > 10.0.0.0/8": {Protocol: new(mirror.ICMP), DestinationCIDR: prefix("10.0.0.0/8")},
		"200 any > any":         {Protocol: new(mirror.Protocol(200))},
		"0 any > any":           {Protocol: new(mirror.HOPOPT)},
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			got, ps := mirror.ParseSpace(text)
			if ps != nil || got.String() != want.String() || got.SourceCIDR != want.SourceCIDR || got.DestinationCIDR != want.DestinationCIDR {
				t.Fatalf("got %v (%v), want %v", got, ps, want)
			}
			again, ps := mirror.ParseSpace(got.String())
			if ps != nil || !mirror.SameValue(again.SourcePorts, want.SourcePorts) || !mirror.SameValue(again.DestinationPorts, want.DestinationPorts) ||
				!mirror.SameValue(again.Protocol, want.Protocol) || again.Direction != want.Direction {
				t.Errorf("%v is read as %v (%v)", got, again, ps)
			}
		})
	}
}

func TestParseSpace_wrong(t *testing.T) {
	t.Parallel()
	const example = ` Write a space such as "ingress tcp 10.0.0.0/8 > any:22": a direction or none, a protocol, the source and the destination, each with ports or none.`
	for text, want := range map[string]string{
		"":                         `is "", without ">" between the source and the destination.` + example,
		"tcp any any:22":           `is "tcp any any:22", without ">" between the source and the destination.` + example,
		"tcp any>any":              `is "tcp any>any", without a space on each side of ">".` + example,
		"in tcp any > any":         `is "in tcp any > any", and "in" is not a direction.` + example,
		"any > any":                `is "any > any", without a protocol or without a source.` + example,
		"tcp any >":                `is "tcp any >", without a destination.` + example,
		"tcp any > any > any":      `is "tcp any > any > any".` + example,
		"all any > any":            `protocol is "all". Write a protocol number from 0 to 255 or a name such as "tcp", "udp", "icmp" or "icmpv6", or "any" for every protocol.`,
		"256 any > any":            `protocol is 256. Write a protocol number from 0 to 255 or a name such as "tcp", "udp", "icmp" or "icmpv6", or "any" for every protocol.`,
		"tcp 10.1.2.3 > any":       `source_cidr_block is "10.1.2.3", which is not a CIDR block. Write "10.1.2.3/32" for this one address, or "any" for every address.`,
		"tcp any > all":            `destination_cidr_block is "all", which is not a CIDR block. Write a prefix such as "10.0.0.0/8" or "2001:db8::/32", or "any" for every address.`,
		"tcp :22 > any":            `source_cidr_block is missing. Write a prefix, or "any" for every address.`,
		"tcp any > ::/0:22":        `destination_cidr_block is "::/0:22", which is not a CIDR block. Write "[::/0]:22": a CIDR block of IPv6 with ports is in brackets.`,
		"tcp any > [::/0]22":       `destination_port_range is "22" after the bracket. Write a colon and ports, such as "[::/0]:443".`,
		"tcp any:http > any":       `source_port_range is "http". Write a port from 0 to 65535 such as "443", or a range such as "1024-65535".`,
		"tcp any > any:70000":      `destination_port_range is "70000". Write a port from 0 to 65535 such as "443", or a range such as "1024-65535".`,
		"tcp any > any:80-22":      `destination_port_range.from_port is 80, which is higher than to_port (22). Write the lower port as from_port.`,
		"tcp 10.0.0.1/8 > any":     `source_cidr_block is "10.0.0.1/8", which has bits set after the prefix length. Write "10.0.0.0/8".`,
		"tcp 10.0.0.0/8 > ::/0":    `destination_cidr_block is ::/0, of another address family than source_cidr_block, 10.0.0.0/8. Write both as IPv4 or both as IPv6. To match IPv4 and IPv6, write one rule for each (0.0.0.0/0 matches no IPv6 packet, ::/0 matches no IPv4 packet).`,
		"icmp any > any:22":        `destination_port_range is set, but EC2 matches no ports for protocol icmp. Write protocol = "tcp" or "udp", one rule for each, or leave the port range out.`,
		"nonsense 10.0.0.1 > ten:": "protocol is \"nonsense\". Write a protocol number from 0 to 255 or a name such as \"tcp\", \"udp\", \"icmp\" or \"icmpv6\", or \"any\" for every protocol.\nsource_cidr_block is \"10.0.0.1\", which is not a CIDR block. Write \"10.0.0.1/32\" for this one address, or \"any\" for every address.\ndestination_cidr_block is \"ten\", which is not a CIDR block. Write a prefix such as \"10.0.0.0/8\" or \"2001:db8::/32\", or \"any\" for every address.\ndestination_port_range is \"\". Write a port from 0 to 65535 such as \"443\", or a range such as \"1024-65535\".",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			if _, ps := mirror.ParseSpace(text); ps.Error() != want {
				t.Errorf("got  %s\nwant %s", ps.Error(), want)
			}
		})
	}
}

// What is written of a space is read as the same space.
func FuzzParseSpace(f *testing.F) {
	for _, text := range []string{"any any > any", "ingress tcp [::/0]:1-2 > [2001:db8::/32]:22", "17 10.0.0.0/8:0 > any:65535", "[]: > ]"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, ps := mirror.ParseSpace(text)
		if ps != nil {
			return
		}
		again, ps := mirror.ParseSpace(s.String())
		if ps != nil || again.String() != s.String() {
			t.Errorf("%q is read as %q, and that as %q (%v)", text, s, again, ps)
		}
	})
}

// The traffic that EC2 never mirrors has a source or a destination at a link-local address, or
// is DHCP.
func TestNeverMirrored(t *testing.T) {
	t.Parallel()
	for _, s := range append(mirror.NeverMirrored(), mirror.AmazonDNSTraffic(mirror.LinkLocalResolvers...)...) {
		if ps := s.Validate(); ps != nil {
			t.Errorf("%v: %v", s, ps)
		}
	}
	for _, s := range mirror.LinkLocalServices {
		if !prefix("169.254.169.0/24").Contains(s.Address) && !netip.MustParsePrefix("fd00:ec2::/64").Contains(s.Address) {
			t.Errorf("%s is not in the ranges that package dataplane looks at", s.Address)
		}
	}
}
