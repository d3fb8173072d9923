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
}

const defaultTenancy = "default"

var vpcDescriber = describer[vpc]{
	of:      vpcs,
	set:     "vpcSet",
	ids:     "VpcId",
	idField: "vpc-id",
	fields: []field[vpc]{
		{"cidr", func(_ *tx, v vpc) []string { return prefixText(v.CIDRBlock) }},
		{"cidr-block-association.cidr-block", func(_ *tx, v vpc) []string { return prefixText(v.CIDRBlock) }},
		{"cidr-block-association.association-id", func(_ *tx, v vpc) []string { return ofBlock(v.CIDRBlock, v.associationID()) }},
		{"ipv6-cidr-block-association.ipv6-cidr-block", func(_ *tx, v vpc) []string { return prefixText(v.IPv6CIDRBlock) }},
		{"ipv6-cidr-block-association.association-id", func(_ *tx, v vpc) []string { return ofBlock(v.IPv6CIDRBlock, v.ipv6AssociationID()) }},
		{"is-default", func(*tx, vpc) []string { return oneValue("false") }},
		{"owner-id", func(t *tx, _ vpc) []string { return oneValue(t.account) }},
		{"state", func(*tx, vpc) []string { return oneValue("available") }},
	},
	write: func(t *tx, x *query.Writer, _ string, v vpc) { writeVPC(x, t, v) },
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
	x.Text("ownerId", t.account)
	x.Text("state", "available")
	x.Text("instanceTenancy", cmp.Or(v.Tenancy, defaultTenancy))
	x.Bool("isDefault", false)
	x.Text("dhcpOptionsId", derivedID("dopt-", t.region))
	if v.CIDRBlock.IsValid() {
		x.Text("cidrBlock", v.CIDRBlock.String())
		x.In("cidrBlockAssociationSet", func() {
			x.In("item", func() {
				x.Text("associationId", v.associationID())
				x.Text("cidrBlock", v.CIDRBlock.String())
				x.In("cidrBlockState", func() { x.Text("state", associated) })
			})
		})
	}
	x.In("ipv6CidrBlockAssociationSet", func() {
		if v.IPv6CIDRBlock.IsValid() {
			x.In("item", func() { writeVPCIPv6Block(x, t, v, associated) })
		}
	})
	writeTagSet(x, tagsOf(t, v.ID))
}

func createVPC(q *query.Query) operation {
	v := vpc{VPC: topology.VPC{CIDRBlock: readIPv4Block(q, "CidrBlock", "InvalidVpc.Range")}, Tenancy: q.Text("InstanceTenancy"), ProvidedBlock: q.Bool("AmazonProvidedIpv6CidrBlock")}
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
		if subnetsByVPC.firstBelow(t, id) != "" || hasOtherGroups(t, id) {
			return dependencyViolation("vpc", id)
		}
		dropDefaults(t, id)
		vpcs.del(t, id)
		x.Bool("return", true)
		return nil
	}
}

func dependencyViolation(noun, id string) error {
	return query.Refuse("DependencyViolation", "The %s '%s' has dependencies and cannot be deleted.", noun, id)
}

// vpcAttributes are the attributes of a VPC that are described and modified one at a
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

func describeVPCAttribute(q *query.Query) operation {
	id, name := vpcs.needID(q, "VpcId"), q.NeedText("Attribute")
	for _, attribute := range vpcAttributes {
		if attribute.name != name {
			continue
		}
		return func(t *tx, x *query.Writer) error {
			v, err := vpcs.need(t, id)
			if err != nil {
				return err
			}
			x.Text("vpcId", id)
			x.In(name, func() { x.Bool("value", attribute.get(v)) })
			return nil
		}
	}
	q.Fail(query.InvalidValue("Attribute", name, "Write the name of an attribute, such as enableDnsSupport."))
	return nil
}

// needOneChange refuses a request that does not change exactly one attribute. The code
// is an assumption (A0093).
func needOneChange(q *query.Query, n int) {
	if n != 1 {
		q.Fail(query.Refuse("InvalidParameterCombination", "The request changes %d attributes. Change one at a time.", n))
	}
}

func modifyVPCAttribute(q *query.Query) operation {
	id := vpcs.needID(q, "VpcId")
	var changes []func(*vpc)
	for _, attribute := range vpcAttributes {
		on := q.OptBool("E" + attribute.name[1:] + ".Value")
		if on != nil {
			changes = append(changes, func(v *vpc) { attribute.set(v, *on) })
		}
	}
	needOneChange(q, len(changes))
	return func(t *tx, x *query.Writer) error {
		v, err := vpcs.need(t, id)
		if err != nil {
			return err
		}
		changes[0](&v)
		vpcs.put(t, id, v)
		x.Bool("return", true)
		return nil
	}
}

// modifyVPCTenancy can only end dedicated tenancy
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcTenancy.html).
func modifyVPCTenancy(q *query.Query) operation {
	id := vpcs.needID(q, "VpcId")
	if tenancy := q.NeedText("InstanceTenancy"); tenancy != defaultTenancy {
		q.Fail(query.InvalidValue("InstanceTenancy", tenancy, "Write "+defaultTenancy+": the tenancy of a VPC cannot become dedicated."))
	}
	return func(t *tx, x *query.Writer) error {
		v, err := vpcs.need(t, id)
		if err != nil {
			return err
		}
		v.Tenancy = defaultTenancy
		vpcs.put(t, id, v)
		x.Bool("return", true)
		return nil
	}
}
