package emulator

import (
	"net/netip"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// routeTable is the main route table of a VPC. There are no others, and it cannot be
// changed: its routes are the local ones to the blocks of the VPC.
type routeTable struct {
	ID    string `json:"id"`
	VPCID string `json:"vpc_id"`
}

// What is said of the local routes.
const (
	localGateway = "local"
	routeState   = "active"
	routeOrigin  = "CreateRouteTable"
)

// routeTableDescriber has all documented filters. A subnet without a route table of its
// own has no association, and no gateway is associated; no route leads out of the VPC
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRouteTables.html).
var routeTableDescriber = describer[routeTable]{
	of:      routeTables,
	set:     "routeTableSet",
	ids:     "RouteTableId",
	idField: "route-table-id",
	fields: []field[routeTable]{
		{"association.gateway-id", noneOf[routeTable]},
		{"association.main", func(*tx, routeTable) []string { return flagText(true) }},
		{"association.route-table-association-id", func(_ *tx, v routeTable) []string { return oneValue(v.associationID()) }},
		{"association.route-table-id", func(_ *tx, v routeTable) []string { return oneValue(v.ID) }},
		{"association.subnet-id", noneOf[routeTable]},
		{"owner-id", func(t *tx, _ routeTable) []string { return oneValue(t.account) }},
		{"route.destination-cidr-block", ofRoutes(func(p netip.Prefix) string { return blockOfFamily(p, false) })},
		{"route.destination-ipv6-cidr-block", ofRoutes(func(p netip.Prefix) string { return blockOfFamily(p, true) })},
		{"route.destination-prefix-list-id", noneOf[routeTable]},
		{"route.egress-only-internet-gateway-id", noneOf[routeTable]},
		{"route.gateway-id", ofRoutes(func(netip.Prefix) string { return localGateway })},
		{"route.instance-id", noneOf[routeTable]},
		{"route.nat-gateway-id", noneOf[routeTable]},
		{"route.origin", ofRoutes(func(netip.Prefix) string { return routeOrigin })},
		{"route.state", ofRoutes(func(netip.Prefix) string { return routeState })},
		{"route.transit-gateway-id", noneOf[routeTable]},
		{"route.vpc-peering-connection-id", noneOf[routeTable]},
		{"vpc-id", func(_ *tx, v routeTable) []string { return oneValue(v.VPCID) }},
	},
	finders: map[string]func(*tx, string) []string{
		"vpc-id": func(_ *tx, vpcID string) []string { return oneValue(mainRouteTableID(vpcID)) },
	},
	write: func(t *tx, x *query.Writer, _ string, v routeTable) { writeRouteTable(x, t, v) },
}

func (v routeTable) associationID() string { return derivedID("rtbassoc-", v.VPCID) }

// destinations returns where the local routes lead: to the blocks of the VPC.
func (v routeTable) destinations(t *tx) []netip.Prefix {
	in, _ := vpcs.get(t, v.VPCID)
	var all []netip.Prefix
	for _, p := range []netip.Prefix{in.CIDRBlock, in.IPv6CIDRBlock} {
		if p.IsValid() {
			all = append(all, p)
		}
	}
	return all
}

func ofRoutes(value func(netip.Prefix) string) func(*tx, routeTable) []string {
	return func(t *tx, v routeTable) []string {
		var all []string
		for _, p := range v.destinations(t) {
			all = append(all, oneValue(value(p))...)
		}
		return all
	}
}

func writeRouteTable(x *query.Writer, t *tx, v routeTable) {
	x.Text("routeTableId", v.ID)
	x.Text("vpcId", v.VPCID)
	x.Text("ownerId", t.account)
	x.In("routeSet", func() {
		for _, p := range v.destinations(t) {
			x.In("item", func() {
				x.OptText("destinationCidrBlock", blockOfFamily(p, false))
				x.OptText("destinationIpv6CidrBlock", blockOfFamily(p, true))
				x.Text("gatewayId", localGateway)
				x.Text("state", routeState)
				x.Text("origin", routeOrigin)
			})
		}
	})
	x.In("associationSet", func() {
		x.In("item", func() {
			x.Text("routeTableAssociationId", v.associationID())
			x.Text("routeTableId", v.ID)
			x.Bool("main", true)
			x.In("associationState", func() { x.Text("state", associated) })
		})
	})
	x.In("propagatingVgwSet", func() {})
	writeTagSet(x, tagsOf(t, v.ID))
}
