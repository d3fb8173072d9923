package inventory

import (
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// passing are the addresses that the source/destination check lets pass although EC2 has not
// given them to the interface. They are those of many hosts, the link-local ones that each
// interface with IPv6 has, and those of a host without an address (assumption A0130).
var passing = func() []netip.Prefix {
	var all []netip.Prefix
	for _, text := range []string{"224.0.0.0/4", "255.255.255.255/32", "0.0.0.0/32", "ff00::/8", "fe80::/10", "::/128"} {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}()

// mayAccept reports whether a filter has a rule that accepts packets with an address of the
// interface at its own end. If it has none, it accepts no packet that the interface can send or
// receive. What is not known of the addresses counts as such a rule. Rules that reject packets
// do not matter here.
func mayAccept(f mirror.Filter, i account.NetworkInterface) bool {
	if i.ID == "" || !i.ChecksSourceDest() || len(f.NetworkServices) > 0 {
		return true
	}
	return slices.ContainsFunc(f.Rules, func(r mirror.Rule) bool {
		own := r.DestinationCIDR
		if r.Direction == mirror.Egress {
			own = r.SourceCIDR
		}
		if r.Action != mirror.Accept || !own.IsValid() {
			return false
		}
		blocks := blocksOf(i, own.Addr().Is4())
		return len(blocks) == 0 || slices.ContainsFunc(append(blocks, passing...), own.Overlaps)
	})
}
