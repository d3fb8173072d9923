package emulator

import (
	"net/netip"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// networkACL is the default network ACL of a VPC. There are no others, and it cannot be
// changed: its entries follow from the blocks of the VPC, its associations from the
// subnets.
type networkACL struct {
	ID    string `json:"id"`
	VPCID string `json:"vpc_id"`
}

// aclEntry is a rule of a network ACL.
type aclEntry struct {
	number int
	egress bool
	action string
	block  netip.Prefix
}

// aclDescriber has all documented filters. No entry has ports or a type of ICMP
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkAcls.html).
var aclDescriber = describer[networkACL]{
	of:      networkACLs,
	set:     "networkAclSet",
	ids:     "NetworkAclId",
	idField: "network-acl-id",
	fields: []field[networkACL]{
		{"association.association-id", ofSubnets(aclAssociationID)},
		{"association.network-acl-id", ofSubnets(func(s subnet) string { return defaultACLID(s.VPCID) })},
		{"association.subnet-id", ofSubnets(func(s subnet) string { return s.ID })},
		{"default", func(*tx, networkACL) []string { return flagText(true) }},
		{"entry.cidr", ofEntries(func(e aclEntry) string { return blockOfFamily(e.block, false) })},
		{"entry.egress", ofEntries(func(e aclEntry) string { return strconv.FormatBool(e.egress) })},
		{"entry.icmp.code", noneOf[networkACL]},
		{"entry.icmp.type", noneOf[networkACL]},
		{"entry.ipv6-cidr", ofEntries(func(e aclEntry) string { return blockOfFamily(e.block, true) })},
		{"entry.port-range.from", noneOf[networkACL]},
		{"entry.port-range.to", noneOf[networkACL]},
		{"entry.protocol", ofEntries(func(aclEntry) string { return allProtocols })},
		{"entry.rule-action", ofEntries(func(e aclEntry) string { return e.action })},
		{"entry.rule-number", ofEntries(func(e aclEntry) string { return strconv.Itoa(e.number) })},
		{"owner-id", func(t *tx, _ networkACL) []string { return oneValue(t.account) }},
		{"vpc-id", func(_ *tx, v networkACL) []string { return oneValue(v.VPCID) }},
	},
	finders: map[string]func(*tx, string) []string{
		"vpc-id": func(_ *tx, vpcID string) []string { return oneValue(defaultACLID(vpcID)) },
	},
	write: func(t *tx, x *query.Writer, _ string, v networkACL) { writeACL(x, t, v) },
}

// noneOf is the values of a filter on what no object has.
func noneOf[T any](*tx, T) []string { return nil }

func ofSubnets(value func(subnet) string) func(*tx, networkACL) []string {
	return func(t *tx, v networkACL) []string {
		var all []string
		for _, s := range subnetsOf(t, v.VPCID) {
			all = append(all, value(s))
		}
		return all
	}
}

func ofEntries(value func(aclEntry) string) func(*tx, networkACL) []string {
	return func(t *tx, v networkACL) []string {
		var all []string
		for _, e := range entriesOf(t, v) {
			all = append(all, oneValue(value(e))...)
		}
		return all
	}
}

// blockOfFamily returns a block as text if it is one of that family, else "".
func blockOfFamily(p netip.Prefix, v6 bool) string {
	if p.Addr().Is6() != v6 {
		return ""
	}
	return p.String()
}

func subnetsOf(t *tx, vpcID string) []subnet {
	var all []subnet
	for _, id := range subnetsByVPC.idsBelow(t, vpcID) {
		v, _ := subnets.get(t, id)
		all = append(all, v)
	}
	return all
}

func aclAssociationID(s subnet) string { return derivedID("aclassoc-", s.ID) }

// entriesOf returns the entries of the default network ACL: everything is allowed, and
// what no other entry decides is denied
// (https://docs.aws.amazon.com/vpc/latest/userguide/default-network-acl.html).
func entriesOf(t *tx, v networkACL) []aclEntry {
	in, _ := vpcs.get(t, v.VPCID)
	var entries []aclEntry
	for _, egress := range []bool{true, false} {
		entries = append(entries, aclEntry{100, egress, "allow", allIPv4}, aclEntry{32767, egress, "deny", allIPv4})
		if in.IPv6CIDRBlock.IsValid() {
			entries = append(entries, aclEntry{101, egress, "allow", allIPv6}, aclEntry{32768, egress, "deny", allIPv6})
		}
	}
	return entries
}

func writeACL(x *query.Writer, t *tx, v networkACL) {
	x.Text("networkAclId", v.ID)
	x.Text("vpcId", v.VPCID)
	x.Text("ownerId", t.account)
	x.Bool("default", true)
	x.In("entrySet", func() {
		for _, e := range entriesOf(t, v) {
			x.In("item", func() {
				x.Int("ruleNumber", e.number)
				x.Text("protocol", allProtocols)
				x.Text("ruleAction", e.action)
				x.Bool("egress", e.egress)
				x.OptText("cidrBlock", blockOfFamily(e.block, false))
				x.OptText("ipv6CidrBlock", blockOfFamily(e.block, true))
			})
		}
	})
	x.In("associationSet", func() {
		for _, s := range subnetsOf(t, v.VPCID) {
			x.In("item", func() {
				x.Text("networkAclAssociationId", aclAssociationID(s))
				x.Text("networkAclId", v.ID)
				x.Text("subnetId", s.ID)
			})
		}
	})
	writeTagSet(x, tagsOf(t, v.ID))
}
