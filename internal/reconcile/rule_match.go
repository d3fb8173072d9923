package reconcile

import (
	"net/netip"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// sameMatch reports whether two rules match the same packets.
func sameMatch(a, b mirror.Rule) bool {
	return a.SourceCIDR == b.SourceCIDR && a.DestinationCIDR == b.DestinationCIDR &&
		mirror.SameValue(a.Protocol, b.Protocol) && mirror.SameValue(a.SourcePorts, b.SourcePorts) && mirror.SameValue(a.DestinationPorts, b.DestinationPorts)
}

// setMatch makes a rule match what another matches.
func setMatch(r *mirror.Rule, o mirror.Rule) {
	r.SourceCIDR, r.DestinationCIDR, r.Protocol, r.SourcePorts, r.DestinationPorts = o.SourceCIDR, o.DestinationCIDR, o.Protocol, o.SourcePorts, o.DestinationPorts
}

// widen returns a rule that matches what either of two rules matches, and maybe more. No
// rule matches packets of both address families: then it reports false.
func widen(r, o mirror.Rule) (mirror.Rule, bool) {
	if r.SourceCIDR.Addr().Is4() != o.SourceCIDR.Addr().Is4() {
		return r, false
	}
	r.SourceCIDR = cover(r.SourceCIDR, o.SourceCIDR)
	r.DestinationCIDR = cover(r.DestinationCIDR, o.DestinationCIDR)
	r.SourcePorts = coverPorts(r.SourcePorts, o.SourcePorts)
	r.DestinationPorts = coverPorts(r.DestinationPorts, o.DestinationPorts)
	if !mirror.SameValue(r.Protocol, o.Protocol) {
		r.Protocol, r.SourcePorts, r.DestinationPorts = nil, nil, nil // ports need a protocol
	}
	return r, true
}

// cover returns the longest prefix that holds two others.
func cover(a, b netip.Prefix) netip.Prefix {
	for bits := min(a.Bits(), b.Bits()); bits > 0; bits-- {
		if p := netip.PrefixFrom(a.Addr(), bits).Masked(); p.Contains(b.Addr()) {
			return p
		}
	}
	return netip.PrefixFrom(a.Addr(), 0).Masked()
}

func coverPorts(a, b *mirror.PortRange) *mirror.PortRange {
	if a == nil || b == nil {
		return nil
	}
	return &mirror.PortRange{From: min(a.From, b.From), To: max(a.To, b.To)}
}
