package emulator

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"

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

	NetworkACLID     string `json:"network_acl_id,omitempty"`             // "": the default one of the VPC
	ACLAssociation   string `json:"network_acl_association_id,omitempty"` // "": it is computed
	RouteTableID     string `json:"route_table_id,omitempty"`             // "": the main one of the VPC, without an association
	RouteAssociation string `json:"route_table_association_id,omitempty"`
}

// subnetDescriber has all documented filters. There are no Outposts, so that the filters
// about them match nothing
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSubnets.html).
var subnetDescriber = describer[subnet]{
	of:      subnets,
	set:     "subnetSet",
	ids:     "SubnetId",
	idField: "subnet-id",
	fields: []field[subnet]{
		{"availability-zone", func(t *tx, v subnet) []string { return oneValue(v.zone(t)) }},
		{"availability-zone-id", func(t *tx, v subnet) []string { return oneValue(zoneIDOf(v.zone(t))) }},
		{"available-ip-address-count", func(t *tx, v subnet) []string { return oneValue(strconv.Itoa(freeAddresses(t, v))) }},
		{"cidr-block", func(_ *tx, v subnet) []string { return prefixText(v.CIDRBlock) }},
		{"customer-owned-ipv4-pool", noSubnetValue},
		{"default-for-az", func(_ *tx, v subnet) []string { return flagText(v.DefaultForAZ) }},
		{"enable-dns64", func(_ *tx, v subnet) []string { return flagText(v.DNS64) }},
		{"enable-lni-at-device-index", noSubnetValue},
		{"ipv6-cidr-block-association.ipv6-cidr-block", func(_ *tx, v subnet) []string { return prefixText(v.IPv6CIDRBlock) }},
		{"ipv6-cidr-block-association.association-id", func(_ *tx, v subnet) []string { return ofBlock(v.IPv6CIDRBlock, v.associationID()) }},
		{"ipv6-cidr-block-association.state", func(_ *tx, v subnet) []string { return ofBlock(v.IPv6CIDRBlock, associated) }},
		{"ipv6-native", func(_ *tx, v subnet) []string { return flagText(v.IPv6Native) }},
		{"map-customer-owned-ip-on-launch", func(*tx, subnet) []string { return flagText(false) }},
		{"map-public-ip-on-launch", func(_ *tx, v subnet) []string { return flagText(v.MapPublicIP) }},
		{"outpost-arn", noSubnetValue},
		{"owner-id", func(t *tx, v subnet) []string { return oneValue(accountOf(subnets, t, v)) }},
		{"private-dns-name-options-on-launch.hostname-type", func(_ *tx, v subnet) []string { return oneValue(v.hostnameType()) }},
		{"private-dns-name-options-on-launch.enable-resource-name-dns-a-record", func(_ *tx, v subnet) []string { return flagText(v.ARecord) }},
		{"private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record", func(_ *tx, v subnet) []string { return flagText(v.AAAARecord) }},
		{"state", func(*tx, subnet) []string { return oneValue("available") }},
		{"subnet-arn", func(t *tx, v subnet) []string { return oneValue(subnetARN(t, v)) }},
		{"vpc-id", func(_ *tx, v subnet) []string { return oneValue(v.VPCID) }},
	},
	synonyms: map[string]string{
		"availabilityZone": "availability-zone", "availabilityZoneId": "availability-zone-id",
		"cidr": "cidr-block", "cidrBlock": "cidr-block", "defaultForAz": "default-for-az",
	},
	write: func(t *tx, x *query.Writer, _ string, v subnet) { writeSubnet(x, t, v) },
}

func noSubnetValue(*tx, subnet) []string { return nil }

func subnetARN(t *tx, v subnet) string {
	return mirror.KindSubnet.ARN(mirror.PartitionOf(t.region), t.region, accountOf(subnets, t, v), v.ID)
}

// zone returns the name of the Availability Zone: the first one of the Region if a
// topology file does not say it (A0097).
func (v subnet) zone(t *tx) string { return cmp.Or(v.AvailabilityZone, zone{t.region, 'a'}.name()) }

// zoneIDOf returns the ID of a zone with a name, "" for one of another form.
func zoneIDOf(name string) string {
	if len(name) < 2 || name[len(name)-1] < 'a' || name[len(name)-1] > lastZone {
		return ""
	}
	return zone{name[:len(name)-1], name[len(name)-1]}.id()
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
	x.Text("subnetArn", subnetARN(t, v))
	x.Text("vpcId", v.VPCID)
	x.Text("ownerId", accountOf(subnets, t, v))
	x.Text("state", "available")
	x.Text("availabilityZone", v.zone(t))
	x.OptText("availabilityZoneId", zoneIDOf(v.zone(t)))
	if v.CIDRBlock.IsValid() {
		x.Text("cidrBlock", v.CIDRBlock.String())
	}
	x.Int("availableIpAddressCount", freeAddresses(t, v))
	x.In("ipv6CidrBlockAssociationSet", func() {
		if v.IPv6CIDRBlock.IsValid() {
			x.In("item", func() { writeSubnetIPv6Block(x, t, v, associated) })
		}
	})
	x.Bool("ipv6Native", v.IPv6Native)
	x.Bool("assignIpv6AddressOnCreation", v.assignsIPv6())
	x.Bool("mapPublicIpOnLaunch", v.MapPublicIP)
	x.Bool("mapCustomerOwnedIpOnLaunch", false)
	x.Bool("defaultForAz", v.DefaultForAZ)
	x.Bool("enableDns64", v.DNS64)
	x.In("privateDnsNameOptionsOnLaunch", func() {
		x.Text("hostnameType", v.hostnameType())
		x.Bool("enableResourceNameDnsARecord", v.ARecord)
		x.Bool("enableResourceNameDnsAAAARecord", v.AAAARecord)
	})
	writeNoBlock(x)
	writeTagSet(x, tagsOf(t, v.ID))
}

func createSubnet(q *query.Query) operation {
	v := subnet{Subnet: topology.Subnet{VPCID: vpcs.needID(q, "VpcId"), IPv6Native: q.Bool("Ipv6Native")}}
	zone := readSubnetZone(q)
	replace(&v.IPv6CIDRBlock, readSubnetIPv6(q, "Ipv6CidrBlock"))
	refuseMixedFamilies(q, v)
	if !v.IPv6Native {
		v.CIDRBlock = readIPv4Block(q, "CidrBlock", "InvalidSubnet.Range")
	}
	return subnetDescriber.create(q, "subnet", func(t *tx) (string, error) {
		v := v
		if err := checkSubnet(t, v); err != nil {
			return "", err
		}
		var err error
		if v.AvailabilityZone, err = zone.nameIn(t); err != nil {
			return "", err
		}
		v.ID = subnets.freshID(t)
		subnets.put(t, v.ID, v)
		return v.ID, nil
	})
}

// refuseMixedFamilies refuses an IPv6-only subnet without an IPv6 block, and then one with
// an IPv4 block: the codes, the messages and the order are those of a test that was run on
// AWS
// (https://github.com/getmoto/moto/pull/9359).
func refuseMixedFamilies(q *query.Query, v subnet) {
	switch {
	case !v.IPv6Native:
	case !q.Has("Ipv6CidrBlock"):
		q.Fail(query.Refuse("MissingParameter", "Either 'ipv6CidrBlock' or 'ipv6IpamPoolId' should be provided."))
	case q.Has("CidrBlock"):
		q.Fail(query.Refuse("InvalidParameterCombination", "When specifying ipv4 parameters, cidrBlock or ipv4IpamPoolId, you cannot set ipv6Native to true."))
	}
}

// subnetZone is the Availability Zone of a new subnet, by its name or by its ID.
type subnetZone struct{ name, id string }

func readSubnetZone(q *query.Query) subnetZone {
	z := subnetZone{q.Text("AvailabilityZone"), q.Text("AvailabilityZoneId")}
	if z.name != "" && z.id != "" {
		q.Fail(query.Refuse("InvalidParameterCombination", "The parameter AvailabilityZoneId cannot be used with the parameter AvailabilityZone"))
	}
	return z
}

// nameIn returns the name of the zone in a Region. Without one, EC2 chooses.
func (z subnetZone) nameIn(t *tx) (string, error) {
	switch {
	case z.id != "":
		for letter := byte('a'); letter <= lastZone; letter++ {
			if known := (zone{t.region, letter}); known.id() == z.id {
				return known.name(), nil
			}
		}
		return "", query.InvalidValue("availabilityZoneId", z.id, "Give the ID of a zone of "+t.region+", such as "+zone{t.region, 'a'}.id())
	case z.name == "":
		return zone{t.region, 'a'}.name(), nil
	case zoneIDOf(z.name) == "" || z.name[:len(z.name)-1] != t.region:
		return "", query.InvalidValue("availabilityZone", z.name, "Name a zone of "+t.region+", such as "+t.region+"a")
	}
	return z.name, nil
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
	for _, block := range []netip.Prefix{v.CIDRBlock, v.IPv6CIDRBlock} {
		hasIt := func(of netip.Prefix) bool { return block.Bits() >= of.Bits() && of.Contains(block.Addr()) }
		if block.IsValid() && !slices.ContainsFunc(in.Blocks(block.Addr().Is4()), hasIt) {
			return query.Refuse("InvalidSubnet.Range", "The CIDR '%s' is invalid: it does not lie in the VPC's.", block)
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
