package emulator

import (
	"net/netip"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// subnet is a subnet with its attributes.
type subnet struct {
	topology.Subnet
	AssignIPv6   bool   `json:"assign_ipv6_address_on_creation,omitempty"`
	MapPublicIP  bool   `json:"map_public_ip_on_launch,omitempty"`
	DNS64        bool   `json:"enable_dns64,omitempty"`
	ARecord      bool   `json:"enable_resource_name_dns_a_record_on_launch,omitempty"`
	AAAARecord   bool   `json:"enable_resource_name_dns_aaaa_record_on_launch,omitempty"`
	HostnameType string `json:"private_dns_hostname_type_on_launch,omitempty"`
}

var subnetDescriber = describer[subnet]{
	of:      subnets,
	set:     "subnetSet",
	ids:     "SubnetId",
	idField: "subnet-id",
	fields: []field[subnet]{
		{"vpc-id", func(_ *tx, v subnet) []string { return oneValue(v.VPCID) }},
		{"cidr-block", func(_ *tx, v subnet) []string { return prefixText(v.CIDRBlock) }},
		{"ipv6-cidr-block-association.ipv6-cidr-block", func(_ *tx, v subnet) []string { return prefixText(v.IPv6CIDRBlock) }},
		{"ipv6-cidr-block-association.association-id", func(_ *tx, v subnet) []string { return ofBlock(v.IPv6CIDRBlock, v.associationID()) }},
		{"ipv6-native", func(_ *tx, v subnet) []string { return flagText(v.IPv6Native) }},
		{"map-public-ip-on-launch", func(_ *tx, v subnet) []string { return flagText(v.MapPublicIP) }},
		{"enable-dns64", func(_ *tx, v subnet) []string { return flagText(v.DNS64) }},
		{"availability-zone", func(_ *tx, v subnet) []string { return oneValue(v.AvailabilityZone) }},
		{"default-for-az", func(*tx, subnet) []string { return oneValue("false") }},
		{"owner-id", func(t *tx, _ subnet) []string { return oneValue(t.account) }},
		{"state", func(*tx, subnet) []string { return oneValue("available") }},
	},
	write: func(t *tx, x *query.Writer, _ string, v subnet) { writeSubnet(x, t, v) },
}

// The types of the hostnames of instances in a subnet.
const (
	hostnameByAddress  = "ip-name"
	hostnameByInstance = "resource-name"
)

// hostnameType returns the type of hostname. An IPv6-only subnet has only one
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySubnetAttribute.html).
func (v subnet) hostnameType() string {
	switch {
	case v.IPv6Native:
		return hostnameByInstance
	case v.HostnameType == "":
		return hostnameByAddress
	}
	return v.HostnameType
}

// assignsIPv6 reports whether each new interface gets an IPv6 address, as it always
// does in an IPv6-only subnet (A0094).
func (v subnet) assignsIPv6() bool { return v.AssignIPv6 || v.IPv6Native }

func (v subnet) associationID() string { return derivedID("subnet-cidr-assoc-", v.ID) }

// freeAddresses returns how many IPv4 addresses are free.
func freeAddresses(t *tx, v subnet) int {
	if !v.CIDRBlock.IsValid() {
		return 0
	}
	taken := 0
	for parts := range interfacesBySubnet.below(t, v.ID) {
		if a, err := netip.ParseAddr(parts[0]); err == nil && v.CIDRBlock.Contains(a) {
			taken++
		}
	}
	return max(0, 1<<(32-v.CIDRBlock.Bits())-reservedAddresses-taken)
}

func writeSubnet(x *query.Writer, t *tx, v subnet) {
	x.Text("subnetId", v.ID)
	x.Text("subnetArn", mirror.KindSubnet.ARN(mirror.PartitionOf(t.region), t.region, t.account, v.ID))
	x.Text("vpcId", v.VPCID)
	x.Text("ownerId", t.account)
	x.Text("state", "available")
	x.OptText("availabilityZone", v.AvailabilityZone)
	if v.CIDRBlock.IsValid() {
		x.Text("cidrBlock", v.CIDRBlock.String())
	}
	x.Int("availableIpAddressCount", freeAddresses(t, v))
	x.In("ipv6CidrBlockAssociationSet", func() {
		if v.IPv6CIDRBlock.IsValid() {
			x.In("item", func() { writeIPv6Block(x, v.associationID(), v.IPv6CIDRBlock, associated) })
		}
	})
	x.Bool("ipv6Native", v.IPv6Native)
	x.Bool("assignIpv6AddressOnCreation", v.assignsIPv6())
	x.Bool("mapPublicIpOnLaunch", v.MapPublicIP)
	x.Bool("mapCustomerOwnedIpOnLaunch", false)
	x.Bool("defaultForAz", false)
	x.Bool("enableDns64", v.DNS64)
	x.In("privateDnsNameOptionsOnLaunch", func() {
		x.Text("hostnameType", v.hostnameType())
		x.Bool("enableResourceNameDnsARecord", v.ARecord)
		x.Bool("enableResourceNameDnsAAAARecord", v.AAAARecord)
	})
	writeTagSet(x, tagsOf(t, v.ID))
}

func createSubnet(q *query.Query) operation {
	v := subnet{Subnet: topology.Subnet{VPCID: vpcs.needID(q, "VpcId"), AvailabilityZone: q.Text("AvailabilityZone"), IPv6Native: q.Bool("Ipv6Native")}}
	replace(&v.IPv6CIDRBlock, readSubnetIPv6(q, "Ipv6CidrBlock"))
	if v.IPv6Native && q.Has("CidrBlock") {
		q.Fail(query.Refuse("InvalidParameterCombination", "An IPv6-only subnet has no CidrBlock"))
	}
	if v.IPv6Native {
		q.NeedText("Ipv6CidrBlock")
	} else {
		v.CIDRBlock = readIPv4Block(q, "CidrBlock", "InvalidSubnet.Range")
	}
	return subnetDescriber.create(q, "subnet", func(t *tx) (string, error) {
		v := v
		if err := checkSubnet(t, v); err != nil {
			return "", err
		}
		switch {
		case v.AvailabilityZone == "":
			v.AvailabilityZone = t.region + "a"
		case !strings.HasPrefix(v.AvailabilityZone, t.region):
			return "", query.InvalidValue("availabilityZone", v.AvailabilityZone, "Name a zone of "+t.region+", such as "+t.region+"a")
		}
		v.ID = subnets.freshID(t)
		subnets.put(t, v.ID, v)
		return v.ID, nil
	})
}

// readSubnetIPv6 reads the IPv6 block of a subnet. Its size is /44 to /64 in steps of 4
// (https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html).
func readSubnetIPv6(q *query.Query, name string) *netip.Prefix {
	p := q.OptPrefix(name)
	if p == nil || !p.IsValid() {
		return nil
	}
	if !p.Addr().Is6() || *p != p.Masked() || p.Bits() < 44 || p.Bits() > 64 || p.Bits()%4 != 0 {
		q.Fail(query.Refuse("InvalidSubnet.Range", "The CIDR '%s' is invalid. It is an IPv6 network of a size from /44 to /64, in steps of 4.", p))
	}
	return p
}

// checkSubnet refuses a subnet whose blocks are outside of the VPC, or overlap with
// those of another subnet.
func checkSubnet(t *tx, v subnet) error {
	in, err := vpcs.need(t, v.VPCID)
	if err != nil {
		return err
	}
	for _, block := range []struct{ subnet, vpc netip.Prefix }{{v.CIDRBlock, in.CIDRBlock}, {v.IPv6CIDRBlock, in.IPv6CIDRBlock}} {
		outside := !block.vpc.IsValid() || block.subnet.Bits() < block.vpc.Bits() || !block.vpc.Contains(block.subnet.Addr())
		if block.subnet.IsValid() && outside {
			return query.Refuse("InvalidSubnet.Range", "The CIDR '%s' is invalid: it does not lie in the VPC's.", block.subnet)
		}
	}
	for id, other := range subnets.all(t, "") {
		if id == v.ID || other.VPCID != v.VPCID {
			continue
		}
		if err := v.checkOverlap(other); err != nil {
			return err
		}
	}
	return nil
}

func (v subnet) checkOverlap(other subnet) error {
	for _, block := range []struct{ own, other netip.Prefix }{{v.CIDRBlock, other.CIDRBlock}, {v.IPv6CIDRBlock, other.IPv6CIDRBlock}} {
		if overlap(block.own, block.other) {
			return query.Refuse("InvalidSubnet.Conflict", "The CIDR '%s' conflicts with another subnet", block.own)
		}
	}
	return nil
}

func overlap(a, b netip.Prefix) bool { return a.IsValid() && b.IsValid() && a.Overlaps(b) }

func deleteSubnet(q *query.Query) operation {
	id := subnets.needID(q, "SubnetId")
	return func(t *tx, x *query.Writer) error {
		if _, err := subnets.need(t, id); err != nil {
			return err
		}
		for _, v := range interfaces.all(t, "") {
			if v.SubnetID == id {
				return dependencyViolation("subnet", id)
			}
		}
		subnets.del(t, id)
		x.Bool("return", true)
		return nil
	}
}
