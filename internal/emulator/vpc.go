package emulator

import (
	"net/netip"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// vpc is a VPC with its attributes.
type vpc struct {
	topology.VPC
	Tenancy       string `json:"instance_tenancy,omitempty"`
	DNSHostnames  bool   `json:"enable_dns_hostnames,omitempty"`
	NoDNSSupport  bool   `json:"disable_dns_support,omitempty"`
	UsageMetrics  bool   `json:"enable_network_address_usage_metrics,omitempty"`
	ProvidedBlock bool   `json:"amazon_provided_ipv6,omitempty"`
}

var vpcShelf = shelf[vpc]{
	of:      vpcs,
	set:     "vpcSet",
	ids:     "VpcId",
	idField: "vpc-id",
	fields: []field[vpc]{
		{"cidr", func(_ *tx, v vpc) []string { return prefixText(v.CIDRBlock) }},
		{"cidr-block-association.cidr-block", func(_ *tx, v vpc) []string { return prefixText(v.CIDRBlock) }},
		{"is-default", func(*tx, vpc) []string { return one("false") }},
		{"owner-id", func(t *tx, _ vpc) []string { return one(t.account) }},
		{"state", func(*tx, vpc) []string { return one("available") }},
	},
	write: func(t *tx, x *xmlWriter, _ string, v vpc) { x.vpc(t, v) },
}

func prefixText(p netip.Prefix) []string {
	if !p.IsValid() {
		return nil
	}
	return one(p.String())
}

func (x *xmlWriter) vpc(t *tx, v vpc) {
	x.text("vpcId", v.ID)
	x.text("ownerId", t.account)
	x.text("state", "available")
	if v.Tenancy == "" {
		v.Tenancy = "default"
	}
	x.text("instanceTenancy", v.Tenancy)
	x.flag("isDefault", false)
	x.text("dhcpOptionsId", derivedID("dopt-", t.region))
	if v.CIDRBlock.IsValid() {
		x.text("cidrBlock", v.CIDRBlock.String())
		x.in("cidrBlockAssociationSet", func() {
			x.association("cidrBlock", "cidrBlockState", derivedID("vpc-cidr-assoc-", v.ID), v.CIDRBlock, "associated")
		})
	}
	x.in("ipv6CidrBlockAssociationSet", func() {
		if v.IPv6CIDRBlock.IsValid() {
			x.association("ipv6CidrBlock", "ipv6CidrBlockState", derivedID("vpc-cidr-assoc-", v.ID+"6"), v.IPv6CIDRBlock, "associated")
		}
	})
	x.tagSet(t.tagsOf(v.ID))
}

// association writes that a block of addresses belongs to a VPC or a subnet.
func (x *xmlWriter) association(block, state, id string, prefix netip.Prefix, value string) {
	x.in("item", func() {
		x.text("associationId", id)
		x.text(block, prefix.String())
		x.in(state, func() { x.text("state", value) })
	})
}

func createVPC(q *query) operation {
	v := vpc{VPC: topology.VPC{CIDRBlock: q.prefix("CidrBlock")}, Tenancy: q.str("InstanceTenancy"), ProvidedBlock: q.bool("AmazonProvidedIpv6CidrBlock")}
	if p := v.CIDRBlock; p.IsValid() && (!p.Addr().Is4() || p != p.Masked() || p.Bits() < 16 || p.Bits() > 28) {
		q.fail(refuse("InvalidVpc.Range", "The CIDR '%s' is invalid. It is an IPv4 network of a size from /16 to /28.", p))
	}
	if t := v.Tenancy; t != "" && t != "default" && t != "dedicated" {
		q.fail(invalidValue("InstanceTenancy", t, "Write default or dedicated."))
	}
	tagged := q.tagSpecification(mirror.KindVPC)
	return func(t *tx, x *xmlWriter) error {
		v := v
		v.ID = freshID(t, vpcs)
		if v.ProvidedBlock {
			v.IPv6CIDRBlock = providedBlock(v.ID)
		}
		vpcs.put(t, v.ID, v)
		t.setTags(v.ID, tagged)
		x.in("vpc", func() { x.vpc(t, v) })
		return nil
	}
}

// providedBlock returns the IPv6 block that EC2 gives a VPC: here, one that follows
// from its ID, below the prefix for documentation.
func providedBlock(id string) netip.Prefix {
	n, _ := strconv.ParseUint(id[len(id)-6:], 16, 24)
	return netip.PrefixFrom(netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, byte(n >> 16), byte(n >> 8), byte(n)}), 56)
}

func deleteVPC(q *query) operation {
	id := q.needID("VpcId", mirror.KindVPC)
	return func(t *tx, x *xmlWriter) error {
		if _, err := vpcs.need(t, id); err != nil {
			return err
		}
		for subnetID := range subnets.idsAfter(t, "") {
			if subnet, _ := subnets.get(t, subnetID); subnet.VPCID == id {
				return dependencyViolation("vpc", id)
			}
		}
		vpcs.del(t, id)
		t.setTags(id, nil)
		x.flag("return", true)
		return nil
	}
}

func dependencyViolation(noun, id string) error {
	return refuse("DependencyViolation", "The %s '%s' has dependencies and cannot be deleted.", noun, id)
}

// vpcAttributes are the attributes of a VPC that are read and changed one at a
// time.
var vpcAttributes = []struct {
	name string // of the attribute; its parameter begins in upper case
	get  func(vpc) bool
	set  func(*vpc, bool)
}{
	{"enableDnsHostnames", func(v vpc) bool { return v.DNSHostnames }, func(v *vpc, on bool) { v.DNSHostnames = on }},
	{"enableDnsSupport", func(v vpc) bool { return !v.NoDNSSupport }, func(v *vpc, on bool) { v.NoDNSSupport = !on }},
	{"enableNetworkAddressUsageMetrics", func(v vpc) bool { return v.UsageMetrics }, func(v *vpc, on bool) { v.UsageMetrics = on }},
}

func describeVPCAttribute(q *query) operation {
	id, name := q.needID("VpcId", mirror.KindVPC), q.needStr("Attribute")
	for _, attribute := range vpcAttributes {
		if attribute.name != name {
			continue
		}
		return func(t *tx, x *xmlWriter) error {
			v, err := vpcs.need(t, id)
			if err != nil {
				return err
			}
			x.text("vpcId", id)
			x.in(name, func() { x.flag("value", attribute.get(v)) })
			return nil
		}
	}
	q.fail(invalidValue("Attribute", name, "Write the name of an attribute, such as enableDnsSupport."))
	return nil
}

func modifyVPCAttribute(q *query) operation {
	id := q.needID("VpcId", mirror.KindVPC)
	var changes []func(*vpc)
	for _, attribute := range vpcAttributes {
		on := q.optBool("E" + attribute.name[1:] + ".Value")
		if on != nil {
			changes = append(changes, func(v *vpc) { attribute.set(v, *on) })
		}
	}
	if len(changes) != 1 {
		q.fail(refuse("InvalidParameterCombination", "The request changes %d attributes. Change one at a time.", len(changes)))
	}
	return func(t *tx, x *xmlWriter) error {
		v, err := vpcs.need(t, id)
		if err != nil {
			return err
		}
		changes[0](&v)
		vpcs.put(t, id, v)
		x.flag("return", true)
		return nil
	}
}
