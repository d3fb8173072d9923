package emulator

import (
	"net/netip"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// An IPv6 block can be added to a VPC or a subnet, and removed again. The IPv4 block
// never changes.

// readIPv4Block reads the IPv4 block of a VPC or a subnet. EC2 accepts any address of
// the block
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpc.html).
func readIPv4Block(q *query.Query, name, code string) netip.Prefix {
	p := q.Prefix(name)
	if p.IsValid() && (!p.Addr().Is4() || p.Bits() < 16 || p.Bits() > 28) {
		q.Fail(query.Refuse(code, "The CIDR '%s' is invalid. It is an IPv4 network of a size from /16 to /28.", p))
	}
	return p.Masked()
}

// The states of a block.
const (
	associated    = "associated"
	disassociated = "disassociated"
)

func (v vpc) associationID() string     { return derivedID("vpc-cidr-assoc-", v.ID) }
func (v vpc) ipv6AssociationID() string { return derivedID("vpc-cidr-assoc-", v.ID+"6") }

// associationOf returns the ID of the association of a block.
func (v vpc) associationOf(block netip.Prefix) string {
	switch block {
	case v.CIDRBlock:
		return v.associationID()
	case v.IPv6CIDRBlock:
		return v.ipv6AssociationID()
	}
	return derivedID("vpc-cidr-assoc-", v.ID+" "+block.String())
}

// ipv6Pool returns where the IPv6 block comes from, "" if that is unknown.
func (v vpc) ipv6Pool() string {
	if v.ProvidedBlock {
		return "Amazon"
	}
	return ""
}

// writeIPv6Block writes an IPv6 block of a VPC or a subnet. Where a block comes from is
// known if Amazon provided it
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcIpv6CidrBlockAssociation.html).
func writeIPv6Block(x *query.Writer, in vpc, id string, block netip.Prefix, state string) {
	x.Text("associationId", id)
	x.Text("ipv6CidrBlock", block.String())
	x.In("ipv6CidrBlockState", func() { x.Text("state", state) })
	if in.ProvidedBlock {
		x.Text("ipv6AddressAttribute", "public")
		x.Text("ipSource", "amazon")
	}
}

func writeSubnetIPv6Block(x *query.Writer, t *tx, v subnet, state string) {
	in, _ := vpcs.get(t, v.VPCID)
	writeIPv6Block(x, in, v.associationID(), v.IPv6CIDRBlock, state)
}

func writeVPCIPv6Block(x *query.Writer, t *tx, v vpc, block netip.Prefix, state string) {
	writeIPv6Block(x, v, v.associationOf(block), block, state)
	x.Text("networkBorderGroup", t.region)
	x.OptText("ipv6Pool", v.ipv6Pool())
}

// providedBlock returns the IPv6 block that EC2 provides for a VPC. Here it is computed
// from the ID, within the prefix for documentation.
func providedBlock(id string) netip.Prefix {
	n, _ := strconv.ParseUint(id[len(id)-6:], 16, 24)
	return netip.PrefixFrom(netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, byte(n >> 16), byte(n >> 8), byte(n)}), 56)
}

func associateVPCBlock(q *query.Query) operation {
	id := vpcs.needID(q, "VpcId")
	q.Text("Ipv6CidrBlockNetworkBorderGroup")
	if !q.Bool("AmazonProvidedIpv6CidrBlock") {
		q.Fail(query.Refuse("UnsupportedOperation", "The embedded EC2 associates the block of AmazonProvidedIpv6CidrBlock=true and no other"))
	}
	return func(t *tx, x *query.Writer) error {
		v, err := vpcs.need(t, id)
		if err != nil {
			return err
		}
		if v.IPv6CIDRBlock.IsValid() {
			return query.Refuse("CidrLimitExceeded", "The vpc '%s' has the IPv6 CIDR block %s already", id, v.IPv6CIDRBlock)
		}
		v.IPv6CIDRBlock, v.ProvidedBlock = providedBlock(id), true
		vpcs.put(t, id, v)
		openDefaultGroup(t, v)
		x.Text("vpcId", id)
		x.In("ipv6CidrBlockAssociation", func() { writeVPCIPv6Block(x, t, v, v.IPv6CIDRBlock, associated) })
		return nil
	}
}

func noAssociation(code, id string) error {
	return query.Refuse(code, "The CIDR block association '%s' does not exist", id)
}

// blockInUse is the error for a block that cannot be removed. The code is one that
// clients report (A0095).
func blockInUse(block netip.Prefix, user string) error {
	return query.Refuse("InvalidCidrBlock.InUse", "The CIDR block %s is in use by %s", block, user)
}

func disassociateVPCBlock(q *query.Query) operation {
	association := q.NeedText("AssociationId")
	return func(t *tx, x *query.Writer) error {
		for id, v := range vpcs.all(t, "") {
			switch {
			case v.associationID() == association:
				return query.Refuse("OperationNotPermitted", "The association '%s' is that of the primary CIDR block of '%s', which stays", association, id)
			case v.ipv6AssociationID() == association && v.IPv6CIDRBlock.IsValid():
				return takeVPCBlock(t, x, v)
			}
		}
		return noAssociation("InvalidVpcCidrBlockAssociationID.NotFound", association)
	}
}

func takeVPCBlock(t *tx, x *query.Writer, v vpc) error {
	for id, s := range subnets.all(t, "") {
		if s.VPCID == v.ID && s.IPv6CIDRBlock.IsValid() {
			return blockInUse(v.IPv6CIDRBlock, id)
		}
	}
	x.Text("vpcId", v.ID)
	x.In("ipv6CidrBlockAssociation", func() { writeVPCIPv6Block(x, t, v, v.IPv6CIDRBlock, disassociated) })
	v.IPv6CIDRBlock, v.ProvidedBlock = netip.Prefix{}, false
	vpcs.put(t, v.ID, v)
	return nil
}

func associateSubnetBlock(q *query.Query) operation {
	id := subnets.needID(q, "SubnetId")
	q.NeedText("Ipv6CidrBlock")
	block := readSubnetIPv6(q, "Ipv6CidrBlock")
	return func(t *tx, x *query.Writer) error {
		v, err := subnets.need(t, id)
		if err != nil {
			return err
		}
		if v.IPv6CIDRBlock.IsValid() {
			return query.Refuse("CidrLimitExceeded", "The subnet '%s' has the IPv6 CIDR block %s already", id, v.IPv6CIDRBlock)
		}
		v.IPv6CIDRBlock = *block
		if err := checkSubnet(t, v); err != nil {
			return err
		}
		subnets.put(t, id, v)
		x.Text("subnetId", id)
		x.In("ipv6CidrBlockAssociation", func() { writeSubnetIPv6Block(x, t, v, associated) })
		return nil
	}
}

func disassociateSubnetBlock(q *query.Query) operation {
	association := q.NeedText("AssociationId")
	return func(t *tx, x *query.Writer) error {
		for _, v := range subnets.all(t, "") {
			if v.associationID() == association && v.IPv6CIDRBlock.IsValid() {
				return takeSubnetBlock(t, x, v)
			}
		}
		return noAssociation("InvalidSubnetCidrBlockAssociationID.NotFound", association)
	}
}

func takeSubnetBlock(t *tx, x *query.Writer, v subnet) error {
	if v.assignsIPv6() {
		return blockInUse(v.IPv6CIDRBlock, v.ID+", which assigns IPv6 addresses on creation")
	}
	for parts, id := range interfacesBySubnet.below(t, v.ID) {
		if a, err := netip.ParseAddr(parts[0]); err == nil && v.IPv6CIDRBlock.Contains(a) {
			return blockInUse(v.IPv6CIDRBlock, id)
		}
	}
	x.Text("subnetId", v.ID)
	x.In("ipv6CidrBlockAssociation", func() { writeSubnetIPv6Block(x, t, v, disassociated) })
	v.IPv6CIDRBlock = netip.Prefix{}
	subnets.put(t, v.ID, v)
	return nil
}
