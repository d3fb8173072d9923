package path

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// aclHop judges what the network ACL of a subnet does with a flow. AWS documents no exception for
// copies that leave the subnet of the source (assumption A0223).
func (n Network) aclHop(f flow, what Stage, subnetID, vpcID string) Hop {
	if m, isUnread := n.Unread[mirror.KindNetworkACL]; isUnread {
		return m.unread(what, subnetID)
	}
	acl, isKnown := n.acl(subnetID, vpcID)
	if subnetID == "" || !isKnown {
		return hop(what, Unknown, subnetID, "", "EC2 shows no network ACL of %s.", cmp.Or(subnetID, "the subnet, which is not known"))
	}
	egress := what == ACLEgress
	direction, end := "inbound", fmt.Sprintf("from %s", f.source)
	if egress {
		direction, end = "outbound", fmt.Sprintf("to %s", f.destination)
	}
	fix := fmt.Sprintf("Add an %s entry to %s that allows UDP port %d %s.", direction, acl.ID, f.port, end)
	e := f.entryOf(acl, egress)
	if e == nil {
		return hop(what, Blocked, subnetID, acl.ID, "No %s entry of %s, the network ACL of %s, allows UDP port %d %s.", direction, acl.ID, subnetID, f.port, end).fix("%s", fix)
	}
	number := strconv.Itoa(e.Number)
	if e.Number >= lastACLEntry {
		number = "*"
	}
	switch {
	case e.Allow:
		return hop(what, Passes, subnetID, acl.ID, "%s entry %s of %s allows UDP port %d %s.", capital(direction), number, acl.ID, f.port, end).rule(number)
	case number == "*":
		return hop(what, Blocked, subnetID, acl.ID, "No %s entry of %s, the network ACL of %s, allows UDP port %d %s: its last entry denies it.", direction, acl.ID, subnetID, f.port, end).rule(number).fix("%s", fix)
	}
	return hop(what, Blocked, subnetID, acl.ID, "%s entry %s of %s, the network ACL of %s, denies UDP port %d %s.", capital(direction), number, acl.ID, subnetID, f.port, end).rule(number).
		fix("Add an %s entry to %s with a number below %s that allows UDP port %d %s, or delete entry %s, which is about %s.", direction, acl.ID, number, f.port, end, number, e.CIDR)
}

// lastACLEntry is the number of the last entry, which denies what no other entry matches. The
// console shows it as *.
const lastACLEntry = 32767

func capital(word string) string { return strings.ToUpper(word[:1]) + word[1:] }

// groupHop judges what the security groups of a node do with a flow.
func (n Network) groupHop(f flow, at Node, direction mirror.Direction, other membership) Hop {
	what, end, way := GroupIngress, "from any address", "inbound"
	if f.source.IsValid() {
		end = fmt.Sprintf("from %s", f.source)
	}
	if direction == mirror.Egress {
		what, end, way = GroupEgress, fmt.Sprintf("to %s", f.destination), "outbound"
	}
	if m, isUnread := n.Unread[mirror.KindGroup]; isUnread {
		return m.unread(what, at.ID)
	}
	if len(at.GroupIDs) == 0 {
		return hop(what, Unknown, at.ID, "", "EC2 shows no security group of %s.", at.ID)
	}
	groups := strings.Join(at.GroupIDs, ", ")
	d := f.decide(n, at.GroupIDs, direction, other)
	fix := fmt.Sprintf("Add an %s rule to %s that allows UDP port %d %s.", way, at.GroupIDs[0], f.port, end)
	blocked := func(reason string, values ...any) Hop {
		return hop(what, Blocked, at.ID, groups, reason, values...).fix("%s", fix)
	}
	switch {
	case d.allowed:
		return hop(what, Passes, at.ID, d.group, "%s allows UDP port %d %s.", ruleOf(d.group, d.rule), f.port, end).rule(d.rule.ID)
	case d.unread != nil:
		h := hop(what, Unknown, at.ID, d.group, "%s allows UDP port %d by prefix list %s, whose addresses are not known. %s", ruleOf(d.group, d.maybe), f.port, d.maybe.PrefixListID, d.unread.Reason).rule(d.maybe.ID)
		h.Fix = d.unread.fix()
		return h
	case d.maybe != nil && !f.source.IsValid() && direction == mirror.Ingress && d.maybe.GroupID == "":
		return hop(what, Unknown, at.ID, d.group, "%s allows UDP port %d only %s, and the addresses of the load balancer are not known.", ruleOf(d.group, d.maybe), f.port, endOf(d.maybe, direction)).rule(d.maybe.ID)
	case d.maybe != nil && other.isFar && slices.Contains(other.groups, d.maybe.GroupID):
		return hop(what, Unknown, at.ID, d.group, "%s allows UDP port %d with %s. Across a transit gateway it matches only if security group referencing is on there, which EC2 does not show here.",
			ruleOf(d.group, d.maybe), f.port, d.maybe.GroupID).rule(d.maybe.ID).fix("Add an %s rule to %s that allows UDP port %d %s.", way, d.group, f.port, end)
	case d.maybe != nil:
		return hop(what, Unknown, at.ID, d.group, "%s allows UDP port %d with %s, and whether the other end has that group is not known.", ruleOf(d.group, d.maybe), f.port, d.maybe.GroupID).rule(d.maybe.ID)
	case d.absent != "":
		return hop(what, Unknown, at.ID, d.absent, "EC2 does not show the rules of %s, a security group of %s.", d.absent, at.ID)
	case d.near != nil && slices.Contains(other.hidden, d.near.GroupID):
		return blocked("%s allows UDP port %d from members of %s. Behind a Network Load Balancer such a rule does not match, although the source is a member.",
			ruleOf(d.group, d.near), f.port, d.near.GroupID).rule(d.near.ID).by(d.group)
	case d.near != nil:
		return blocked("%s, the security group of %s, allows UDP port %d only %s, not %s.", d.group, at.ID, f.port, endOf(d.near, direction), end).rule(d.near.ID).by(d.group)
	}
	return blocked("%s of %s has no %s rule for UDP port %d.", map[bool]string{true: "Security group ", false: "None of the security groups "}[len(at.GroupIDs) == 1]+groups, at.ID, way, f.port)
}

func (h Hop) by(id string) Hop {
	h.By = id
	return h
}

// ruleOf names a rule, whose ID can be unknown.
func ruleOf(group string, r *mirror.SecurityGroupRule) string {
	if r.ID == "" {
		return "A rule of " + group
	}
	return fmt.Sprintf("Rule %s of %s", r.ID, group)
}

// endOf names the addresses that a rule allows.
func endOf(r *mirror.SecurityGroupRule, direction mirror.Direction) string {
	word := map[bool]string{true: "from ", false: "to "}[direction == mirror.Ingress]
	switch {
	case r.GroupID != "":
		return word + "members of " + r.GroupID
	case r.PrefixListID != "":
		return word + "the addresses of prefix list " + r.PrefixListID
	}
	return word + r.CIDR.String()
}

// vxlan is the port of copies, in words.
var vxlan = fmt.Sprintf("UDP port %d", packet.VXLANPort)
