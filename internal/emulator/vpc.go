package emulator

import (
	"cmp"
	"net/netip"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
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

	// Without these, the IDs are computed from that of the VPC.
	DefaultACL      string `json:"default_network_acl_id,omitempty"`
	MainRouteTable  string `json:"main_route_table_id,omitempty"`
	MainAssociation string `json:"main_route_table_association_id,omitempty"`
}

const defaultTenancy = "default"

// isDefault reports whether it is the default VPC of the Region.
func (v vpc) isDefault() bool { return v.Default }

// vpcDescriber has all documented filters
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcs.html), and one in
// the form that provider aws sends
// (https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/ec2/vpc_data_source.go).
var vpcDescriber = describer[vpc]{
	of:      vpcs,
	set:     "vpcSet",
	ids:     "VpcId",
	idField: "vpc-id",
	fields: []field[vpc]{
		{"cidr", func(_ *tx, v vpc) []string { return prefixText(v.CIDRBlock) }},
		{"cidr-block-association.cidr-block", func(_ *tx, v vpc) []string { return v.blockTexts(true, netip.Prefix.String) }},
		{"cidr-block-association.association-id", func(_ *tx, v vpc) []string { return v.blockTexts(true, v.associationOf) }},
		{"cidr-block-association.state", func(_ *tx, v vpc) []string { return v.blockTexts(true, associatedBlock) }},
		{"dhcp-options-id", func(t *tx, _ vpc) []string { return oneValue(dhcpOptionsID(t)) }},
		{"ipv6-cidr-block-association.ipv6-cidr-block", func(_ *tx, v vpc) []string { return v.blockTexts(false, netip.Prefix.String) }},
		{"ipv6-cidr-block-association.ipv6-pool", func(_ *tx, v vpc) []string { return ofBlock(v.IPv6CIDRBlock, v.ipv6Pool()) }},
		{"ipv6-cidr-block-association.association-id", func(_ *tx, v vpc) []string { return v.blockTexts(false, v.associationOf) }},
		{"ipv6-cidr-block-association.state", func(_ *tx, v vpc) []string { return v.blockTexts(false, associatedBlock) }},
		{"is-default", func(_ *tx, v vpc) []string { return flagText(v.isDefault()) }},
		{"owner-id", func(t *tx, v vpc) []string { return oneValue(accountOf(vpcs, t, v)) }},
		{"state", func(*tx, vpc) []string { return oneValue("available") }},
	},
	synonyms: map[string]string{"isDefault": "is-default"},
	write:    func(t *tx, x *query.Writer, _ string, v vpc) { writeVPC(x, t, v) },
}

func dhcpOptionsID(t *tx) string { return derivedID("dopt-", t.region) }

// writeNoBlock writes that nothing blocks public access, as in an account that never set
// it
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_BlockPublicAccessStates.html).
func writeNoBlock(x *query.Writer) {
	x.In("blockPublicAccessStates", func() { x.Text("internetGatewayBlockMode", "off") })
}

func prefixText(p netip.Prefix) []string { return ofBlock(p, p.String()) }

// ofBlock returns a text about a block of addresses, if there is one.
func ofBlock(p netip.Prefix, text string) []string {
	if !p.IsValid() {
		return nil
	}
	return oneValue(text)
}

func flagText(b bool) []string { return oneValue(strconv.FormatBool(b)) }

func writeVPC(x *query.Writer, t *tx, v vpc) {
	x.Text("vpcId", v.ID)
	x.Text("ownerId", accountOf(vpcs, t, v))
	x.Text("state", "available")
	x.Text("instanceTenancy", cmp.Or(v.Tenancy, defaultTenancy))
	x.Bool("isDefault", v.isDefault())
	x.Text("dhcpOptionsId", dhcpOptionsID(t))
	if v.CIDRBlock.IsValid() {
		x.Text("cidrBlock", v.CIDRBlock.String())
		x.In("cidrBlockAssociationSet", func() { writeVPCBlocks(x, v) })
	}
	x.In("ipv6CidrBlockAssociationSet", func() {
		for _, block := range v.Blocks(false) {
			x.In("item", func() { writeVPCIPv6Block(x, t, v, block, associated) })
		}
	})
	writeNoBlock(x)
	writeTagSet(x, tagsOf(t, v.ID))
}

func writeVPCBlocks(x *query.Writer, v vpc) {
	for _, block := range v.Blocks(true) {
		x.In("item", func() {
			x.Text("associationId", v.associationOf(block))
			x.Text("cidrBlock", block.String())
			x.In("cidrBlockState", func() { x.Text("state", associated) })
		})
	}
}

// blockTexts returns a text about each block of an address family.
func (v vpc) blockTexts(ipv4 bool, text func(netip.Prefix) string) []string {
	var list []string
	for _, block := range v.Blocks(ipv4) {
		list = append(list, text(block))
	}
	return list
}

func associatedBlock(netip.Prefix) string { return associated }

func createVPC(q *query.Query) operation {
	v := vpc{VPC: topology.VPC{CIDRBlock: readIPv4Block(q, "CidrBlock", "InvalidVpc.Range")}, Tenancy: q.Text("InstanceTenancy"), ProvidedBlock: q.Bool("AmazonProvidedIpv6CidrBlock")}
	q.Text("Ipv6CidrBlockNetworkBorderGroup") // each Region here has one
	if t := v.Tenancy; t != "" && t != defaultTenancy && t != "dedicated" {
		q.Fail(query.InvalidValue("InstanceTenancy", t, "Write default or dedicated."))
	}
	return vpcDescriber.create(q, "vpc", func(t *tx) (string, error) {
		v := v
		v.ID = vpcs.freshID(t)
		if v.ProvidedBlock {
			v.IPv6CIDRBlock = providedBlock(v.ID)
		}
		vpcs.put(t, v.ID, v)
		addDefaults(t, v.ID)
		return v.ID, nil
	})
}

func deleteVPC(q *query.Query) operation {
	id := vpcs.needID(q, "VpcId")
	return func(t *tx, x *query.Writer) error {
		if _, err := vpcs.need(t, id); err != nil {
			return err
		}
		if subnetsByVPC.firstBelow(t, id) != "" || hasOtherGroups(t, id) || hasEndpoints(t, id) || hasNetworkParts(t, id) {
			return dependencyViolation("vpc", id)
		}
		dropDefaults(t, id)
		vpcs.del(t, id)
		x.Bool("return", true)
		return nil
	}
}

// hasEndpoints reports whether a VPC has an endpoint. One of a topology file can be without
// a subnet.
func hasEndpoints(t *tx, vpcID string) bool {
	for _, v := range endpoints.all(t, "") {
		if v.VPCID == vpcID {
			return true
		}
	}
	return false
}

func dependencyViolation(noun, id string) error {
	return query.Refuse("DependencyViolation", "The %s '%s' has dependencies and cannot be deleted.", noun, id)
}
