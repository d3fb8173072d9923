package mirror_test

import (
	"net/netip"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

func TestRule_Describe(t *testing.T) {
	t.Parallel()
	prefix := netip.MustParsePrefix
	ports := func(from, to int) *mirror.PortRange { return &mirror.PortRange{From: from, To: to} }
	for want, rule := range map[string]mirror.Rule{
		"accept TCP from 10.0.0.0/8 to any IPv4 address, port 443": {
			Action: mirror.Accept, Protocol: new(mirror.TCP), SourceCIDR: prefix("10.0.0.0/8"), DestinationCIDR: prefix("0.0.0.0/0"), DestinationPorts: ports(443, 443),
		},
		"reject any protocol from any IPv6 address to 2001:db8::1": {
			Action: mirror.Reject, SourceCIDR: prefix("::/0"), DestinationCIDR: prefix("2001:db8::1/128"),
		},
		"accept UDP from 10.1.2.3, ports 1 to 65535, to 10.0.0.0/16, port 53": {
			Action: mirror.Accept, Protocol: new(mirror.UDP), SourceCIDR: prefix("10.1.2.3/32"), SourcePorts: ports(1, 65535), DestinationCIDR: prefix("10.0.0.0/16"), DestinationPorts: ports(53, 53),
		},
		"accept ICMPv6 from ::/1 to any IPv6 address":       {Action: mirror.Accept, Protocol: new(mirror.ICMPv6), SourceCIDR: prefix("::/1"), DestinationCIDR: prefix("::/0")},
		"reject protocol 200 from 0.0.0.0/1 to 128.0.0.0/1": {Action: mirror.Reject, Protocol: new(mirror.Protocol(200)), SourceCIDR: prefix("0.0.0.0/1"), DestinationCIDR: prefix("128.0.0.0/1")},
	} {
		if text := rule.Describe(); text != want {
			t.Errorf("%q is not %q", text, want)
		}
	}
}
