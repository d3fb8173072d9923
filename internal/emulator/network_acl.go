package emulator

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// networkACL is a network ACL. Its associations are part of the subnets. The entries that
// deny what no other entry decides are not stored, because nobody can change them.
type networkACL struct {
	ID      string                   `json:"id"`
	VPCID   string                   `json:"vpc_id"`
	Entries []mirror.NetworkACLEntry `json:"entries,omitzero"` // in order; nil: those that a VPC comes with
}

// aclDescriber has all documented filters
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkAcls.html).
var aclDescriber = describer[networkACL]{
	of:      networkACLs,
	set:     "networkAclSet",
	ids:     "NetworkAclId",
	idField: "network-acl-id",
	fields: []field[networkACL]{
		{"association.association-id", ofACLSubnets(func(_, association string) string { return association })},
		{"association.network-acl-id", func(t *tx, v networkACL) []string {
			if aclAssociations(t, v) == nil {
				return nil
			}
			return oneValue(v.ID)
		}},
		{"association.subnet-id", ofACLSubnets(func(subnet, _ string) string { return subnet })},
		{"default", func(t *tx, v networkACL) []string { return flagText(isDefaultACL(t, v)) }},
		{"entry.cidr", ofEntries(func(e mirror.NetworkACLEntry) string { return blockOfFamily(e.CIDR, false) })},
		{"entry.egress", ofEntries(func(e mirror.NetworkACLEntry) string { return strconv.FormatBool(e.Egress) })},
		{"entry.icmp.code", ofEntries(func(e mirror.NetworkACLEntry) string { return numberText(e.ICMPCode) })},
		{"entry.icmp.type", ofEntries(func(e mirror.NetworkACLEntry) string { return numberText(e.ICMPType) })},
		{"entry.ipv6-cidr", ofEntries(func(e mirror.NetworkACLEntry) string { return blockOfFamily(e.CIDR, true) })},
		{"entry.port-range.from", ofEntries(func(e mirror.NetworkACLEntry) string { return portText(e, e.FromPort) })},
		{"entry.port-range.to", ofEntries(func(e mirror.NetworkACLEntry) string { return portText(e, e.ToPort) })},
		{"entry.protocol", ofEntries(func(e mirror.NetworkACLEntry) string { return strconv.Itoa(e.Protocol) })},
		{"entry.rule-action", ofEntries(aclAction)},
		{"entry.rule-number", ofEntries(func(e mirror.NetworkACLEntry) string { return strconv.Itoa(e.Number) })},
		{"owner-id", func(t *tx, _ networkACL) []string { return oneValue(t.account) }},
		{"vpc-id", func(_ *tx, v networkACL) []string { return oneValue(v.VPCID) }},
	},
	finders: map[string]func(*tx, string) []string{
		"vpc-id": idsIn(aclsByVPC),
		"association.subnet-id": func(t *tx, id string) []string {
			v, _ := subnets.get(t, id)
			return oneValue(aclOf(t, v))
		},
		"association.association-id": func(t *tx, id string) []string {
			v, _ := subnets.get(t, subnetsByAssociation.get(t, id))
			return oneValue(aclOf(t, v))
		},
	},
	write: func(t *tx, x *query.Writer, _ string, v networkACL) { writeACL(x, t, v) },
}

func numberText(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

// portText returns a port of an entry, "" if the protocol has none.
func portText(e mirror.NetworkACLEntry, port int) string {
	if !hasACLPorts(e.Protocol) {
		return ""
	}
	return strconv.Itoa(port)
}

func aclAction(e mirror.NetworkACLEntry) string {
	if e.Allow {
		return "allow"
	}
	return "deny"
}

func ofACLSubnets(value func(subnet, association string) string) func(*tx, networkACL) []string {
	return func(t *tx, v networkACL) []string {
		var all []string
		for _, a := range aclAssociations(t, v) {
			all = append(all, value(a.subnet, a.id))
		}
		return all
	}
}

func ofEntries(value func(mirror.NetworkACLEntry) string) func(*tx, networkACL) []string {
	return func(t *tx, v networkACL) []string {
		var all []string
		for _, e := range entriesOf(t, v) {
			all = append(all, oneValue(value(e))...)
		}
		return all
	}
}

func isDefaultACL(t *tx, v networkACL) bool {
	in, _ := vpcs.get(t, v.VPCID)
	return in.defaultACL() == v.ID
}

// aclOf returns the ID of the network ACL of a subnet: the default one of its VPC, unless
// somebody has chosen another.
func aclOf(t *tx, v subnet) string {
	if v.NetworkACLID != "" || v.VPCID == "" {
		return v.NetworkACLID
	}
	in, _ := vpcs.get(t, v.VPCID)
	return in.defaultACL()
}

// association is that of a subnet or a gateway with a network ACL or a route table.
type association struct{ id, subnet, gateway string }

// aclAssociations returns the associations of a network ACL in the order of the subnets.
func aclAssociations(t *tx, v networkACL) []association {
	all := associationsBelow(t, subnetsByACL, v.ID)
	if isDefaultACL(t, v) {
		all = append(all, associationsBelow(t, subnetsByACL, v.VPCID)...)
		slices.SortFunc(all, func(a, b association) int { return cmp.Compare(a.subnet, b.subnet) })
	}
	return all
}

// associationsBelow returns the associations of an index of subnets, without reading these.
func associationsBelow(t *tx, i index, of string) []association {
	var all []association
	for parts, id := range i.below(t, of) {
		all = append(all, association{id: parts[1], subnet: id})
	}
	return all
}

// aclAssociationID returns the ID of the association with a network ACL. It is computed as
// long as nobody has replaced the first one.
func (v subnet) aclAssociationID() string {
	if v.ACLAssociation != "" {
		return v.ACLAssociation
	}
	return derivedID(aclAssociationPrefix, v.ID)
}

// keysByACL returns the key for the VPC of a subnet that has the default ACL.
func keysByACL(_ *tx, id string, v subnet) []key {
	of := v.NetworkACLID
	if of == "" {
		of = v.VPCID
	}
	return oneKey(of, id, v.aclAssociationID())
}

func keysByAssociation(_ *tx, _ string, v subnet) []key {
	keys := oneKey(v.aclAssociationID())
	if v.RouteAssociation != "" {
		keys = append(keys, key{v.RouteAssociation})
	}
	return keys
}

func writeACL(x *query.Writer, t *tx, v networkACL) {
	x.Text("networkAclId", v.ID)
	x.Text("vpcId", v.VPCID)
	x.Text("ownerId", t.account)
	x.Bool("default", isDefaultACL(t, v))
	x.In("entrySet", func() {
		for _, e := range entriesOf(t, v) {
			x.In("item", func() { writeACLEntry(x, e) })
		}
	})
	x.In("associationSet", func() {
		for _, a := range aclAssociations(t, v) {
			x.In("item", func() {
				x.Text("networkAclAssociationId", a.id)
				x.Text("networkAclId", v.ID)
				x.Text("subnetId", a.subnet)
			})
		}
	})
	writeTagSet(x, tagsOf(t, v.ID))
}

func writeACLEntry(x *query.Writer, e mirror.NetworkACLEntry) {
	x.Int("ruleNumber", e.Number)
	x.Int("protocol", e.Protocol)
	x.Text("ruleAction", aclAction(e))
	x.Bool("egress", e.Egress)
	x.OptText("cidrBlock", blockOfFamily(e.CIDR, false))
	x.OptText("ipv6CidrBlock", blockOfFamily(e.CIDR, true))
	if hasACLPorts(e.Protocol) {
		x.In("portRange", func() {
			x.Int("from", e.FromPort)
			x.Int("to", e.ToPort)
		})
	}
	if e.ICMPType != nil || e.ICMPCode != nil {
		x.In("icmpTypeCode", func() {
			x.OptInt("code", e.ICMPCode)
			x.OptInt("type", e.ICMPType)
		})
	}
}
