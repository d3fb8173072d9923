package emulator

import "github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"

var vpcShelf = shelf[topology.VPC]{
	of:      vpcs,
	set:     "vpcSet",
	ids:     "VpcId",
	idField: "vpc-id",
	fields: []field[topology.VPC]{
		{"cidr", func(_ *tx, v topology.VPC) []string { return one(v.CIDRBlock.String()) }},
		{"owner-id", func(t *tx, _ topology.VPC) []string { return one(t.account) }},
		{"state", func(*tx, topology.VPC) []string { return one("available") }},
	},
	write: func(t *tx, x *xmlWriter, _ string, v topology.VPC) { x.vpc(t, v) },
}

func (x *xmlWriter) vpc(t *tx, v topology.VPC) {
	x.text("vpcId", v.ID)
	x.text("ownerId", t.account)
	x.text("state", "available")
	x.text("instanceTenancy", "default")
	x.flag("isDefault", false)
	if v.CIDRBlock.IsValid() {
		x.text("cidrBlock", v.CIDRBlock.String())
	}
	x.tagSet(t.tagsOf(v.ID))
}
