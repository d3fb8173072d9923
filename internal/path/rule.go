package path

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// The numbers of protocols in rules.
const (
	tcp = 6
	udp = 17
)

// A flow is what rules decide about: UDP datagrams between two addresses to a port. Their source
// port can be any. No rule of a security group or a network ACL matches it: the ports of their
// rules are those of the destination.
type flow struct {
	source, destination netip.Addr // source is not valid: it can be any
	port                int
	isTCP               bool // that of a health check
}

// has reports whether the flow has a protocol.
func (f flow) has(protocol int) bool {
	return protocol == udp && !f.isTCP || protocol == tcp && f.isTCP
}

// hasPort reports whether a range of ports has the port of the flow.
func (f flow) hasPort(from, to int) bool {
	return from == mirror.AnyPort || to == mirror.AnyPort || from <= f.port && f.port <= to
}

// entryOf returns the entry of a network ACL that decides about the flow: that with the lowest
// number which matches. nil: none matches, which denies.
func (f flow) entryOf(acl mirror.NetworkACL, egress bool) *mirror.NetworkACLEntry {
	address := f.source
	if egress {
		address = f.destination
	}
	entries := slices.SortedStableFunc(slices.Values(acl.Entries), func(a, b mirror.NetworkACLEntry) int { return cmp.Compare(a.Number, b.Number) })
	for _, e := range entries {
		if e.Egress != egress || !e.CIDR.Contains(address) {
			continue
		}
		if e.Protocol == mirror.AllProtocols || f.has(e.Protocol) && f.hasPort(e.FromPort, e.ToPort) {
			return &e
		}
	}
	return nil
}

// membership says which security groups the other end of a flow has, for rules that name a group
// in place of a CIDR block.
type membership struct {
	groups    []string
	isUnknown bool
	isFar     bool     // it is in another VPC, behind something else than a VPC peering connection
	hidden    []string // groups that it has, and that no rule sees through a load balancer
}

// groupDecision is what security groups decide about a flow.
type groupDecision struct {
	allowed bool
	group   string                    // that allows, or that of maybe or near
	rule    *mirror.SecurityGroupRule // that allows
	maybe   *mirror.SecurityGroupRule // that allows if its prefix list, or its group, has the other end
	unread  *Missing                  // why the prefix list of maybe is not known
	near    *mirror.SecurityGroupRule // that allows the port, from or to another address
	absent  string                    // a group that is not known
}

// decide returns what the rules of security groups in a direction decide about the flow. One rule
// that allows is enough.
func (f flow) decide(n Network, groupIDs []string, direction mirror.Direction, other membership) groupDecision {
	var d groupDecision
	for _, id := range groupIDs {
		group, isKnown := n.group(id)
		if !isKnown {
			d.absent = cmp.Or(d.absent, id)
			continue
		}
		for _, r := range group.Rules {
			if f.weigh(&d, n, id, r, direction, other); d.allowed {
				return d
			}
		}
	}
	return d
}

// weigh adds a rule to a decision.
func (f flow) weigh(d *groupDecision, n Network, group string, r mirror.SecurityGroupRule, direction mirror.Direction, other membership) {
	if r.Direction != direction || r.Protocol != mirror.AllProtocols && (!f.has(r.Protocol) || !f.hasPort(r.FromPort, r.ToPort)) {
		return
	}
	blocks, unread := []netip.Prefix{r.CIDR}, (*Missing)(nil)
	if r.PrefixListID != "" {
		blocks, unread = n.list(r.PrefixListID)
	}
	address := f.source
	if direction == mirror.Egress {
		address = f.destination
	}
	isMember := r.GroupID != "" && slices.Contains(other.groups, r.GroupID)
	switch {
	case isAmong(address, blocks), isMember && !other.isFar:
		d.allowed, d.group, d.rule = true, group, &r
	case unread != nil, isMember, r.GroupID != "" && other.isUnknown, !address.IsValid() && slices.ContainsFunc(blocks, isIPv4):
		if d.maybe == nil {
			d.group, d.maybe, d.unread = group, &r, unread
		}
	case d.near == nil && d.maybe == nil:
		d.group, d.near = group, &r
	}
}

func isIPv4(p netip.Prefix) bool { return p.IsValid() && p.Addr().Is4() }

// isAmong reports whether an address is in one of the blocks. One that can be any IPv4 address is in
// the block of all.
func isAmong(address netip.Addr, blocks []netip.Prefix) bool {
	return slices.ContainsFunc(blocks, func(p netip.Prefix) bool {
		return p.IsValid() && (p.Contains(address) || !address.IsValid() && p.Bits() == 0 && isIPv4(p))
	})
}
