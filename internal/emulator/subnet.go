package emulator

import (
	"net/netip"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

var subnetShelf = shelf[topology.Subnet]{
	of:      subnets,
	set:     "subnetSet",
	ids:     "SubnetId",
	idField: "subnet-id",
	fields: []field[topology.Subnet]{
		{"vpc-id", func(_ *tx, v topology.Subnet) []string { return one(v.VPCID) }},
		{"cidr-block", func(_ *tx, v topology.Subnet) []string { return prefixText(v.CIDRBlock) }},
		{"availability-zone", func(_ *tx, v topology.Subnet) []string { return one(v.AvailabilityZone) }},
		{"default-for-az", func(*tx, topology.Subnet) []string { return one("false") }},
		{"owner-id", func(t *tx, _ topology.Subnet) []string { return one(t.account) }},
		{"state", func(*tx, topology.Subnet) []string { return one("available") }},
	},
	write: func(t *tx, x *xmlWriter, _ string, v topology.Subnet) { x.subnet(t, v) },
}

func (x *xmlWriter) subnet(t *tx, v topology.Subnet) {
	x.text("subnetId", v.ID)
	x.text("subnetArn", mirror.KindSubnet.ARN("aws", t.region, t.account, v.ID))
	x.text("vpcId", v.VPCID)
	x.text("ownerId", t.account)
	x.text("state", "available")
	x.opt("availabilityZone", v.AvailabilityZone)
	if v.CIDRBlock.IsValid() {
		x.text("cidrBlock", v.CIDRBlock.String())
		x.num("availableIpAddressCount", max(0, 1<<(32-v.CIDRBlock.Bits())-reservedAddresses-interfacesBySubnet.countBelow(t, v.ID)))
	}
	x.in("ipv6CidrBlockAssociationSet", func() {
		if v.IPv6CIDRBlock.IsValid() {
			x.association("ipv6CidrBlock", "ipv6CidrBlockState", derivedID("subnet-cidr-assoc-", v.ID), v.IPv6CIDRBlock, "associated")
		}
	})
	x.flag("ipv6Native", v.IPv6Native)
	x.flag("assignIpv6AddressOnCreation", false)
	x.flag("mapPublicIpOnLaunch", false)
	x.flag("mapCustomerOwnedIpOnLaunch", false)
	x.flag("defaultForAz", false)
	x.flag("enableDns64", false)
	x.in("privateDnsNameOptionsOnLaunch", func() {
		x.text("hostnameType", "ip-name")
		x.flag("enableResourceNameDnsARecord", false)
		x.flag("enableResourceNameDnsAAAARecord", false)
	})
	x.tagSet(t.tagsOf(v.ID))
}

func createSubnet(q *query) operation {
	v := topology.Subnet{VPCID: q.needID("VpcId", mirror.KindVPC), AvailabilityZone: q.str("AvailabilityZone"), IPv6Native: q.bool("Ipv6Native")}
	replace(&v.IPv6CIDRBlock, q.optPrefix("Ipv6CidrBlock"))
	if v.IPv6Native && q.has("CidrBlock") {
		q.fail(refuse("InvalidParameterCombination", "An IPv6-only subnet has no CidrBlock"))
	}
	if !v.IPv6Native {
		v.CIDRBlock = q.prefix("CidrBlock")
	}
	if p := v.CIDRBlock; p.IsValid() && (!p.Addr().Is4() || p != p.Masked() || p.Bits() < 16 || p.Bits() > 28) {
		q.fail(refuse("InvalidSubnet.Range", "The CIDR '%s' is invalid. It is an IPv4 network of a size from /16 to /28.", p))
	}
	tagged := q.tagSpecification(mirror.KindSubnet)
	return func(t *tx, x *xmlWriter) error {
		v := v
		if err := t.checkSubnet(v); err != nil {
			return err
		}
		if v.AvailabilityZone == "" {
			v.AvailabilityZone = t.region + "a"
		}
		v.ID = freshID(t, subnets)
		subnets.put(t, v.ID, v)
		t.setTags(v.ID, tagged)
		x.in("subnet", func() { x.subnet(t, v) })
		return nil
	}
}

// checkSubnet refuses blocks outside of the VPC, and those that another subnet
// has.
func (t *tx) checkSubnet(v topology.Subnet) error {
	in, err := vpcs.need(t, v.VPCID)
	if err != nil {
		return err
	}
	for _, block := range []struct{ subnet, vpc netip.Prefix }{{v.CIDRBlock, in.CIDRBlock}, {v.IPv6CIDRBlock, in.IPv6CIDRBlock}} {
		outside := !block.vpc.IsValid() || block.subnet.Bits() < block.vpc.Bits() || !block.vpc.Contains(block.subnet.Addr())
		if block.subnet.IsValid() && outside {
			return refuse("InvalidSubnet.Range", "The CIDR '%s' is invalid: it does not lie in the VPC's.", block.subnet)
		}
	}
	for id := range subnets.idsAfter(t, "") {
		other, _ := subnets.get(t, id)
		if other.VPCID == v.VPCID && (overlap(other.CIDRBlock, v.CIDRBlock) || overlap(other.IPv6CIDRBlock, v.IPv6CIDRBlock)) {
			return refuse("InvalidSubnet.Conflict", "The CIDR '%s' conflicts with another subnet", v.CIDRBlock)
		}
	}
	return nil
}

func overlap(a, b netip.Prefix) bool { return a.IsValid() && b.IsValid() && a.Overlaps(b) }

func deleteSubnet(q *query) operation {
	id := q.needID("SubnetId", mirror.KindSubnet)
	return func(t *tx, x *xmlWriter) error {
		if _, err := subnets.need(t, id); err != nil {
			return err
		}
		for interfaceID := range interfaces.idsAfter(t, "") {
			if v, _ := interfaces.get(t, interfaceID); v.SubnetID == id {
				return dependencyViolation("subnet", id)
			}
		}
		subnets.del(t, id)
		t.setTags(id, nil)
		x.flag("return", true)
		return nil
	}
}
