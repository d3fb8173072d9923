package emulator

import (
	"cmp"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// routeTable is a route table. Its associations are part of the subnets and gateways, and
// which table is the main one is part of the VPC. The local routes to the blocks of the
// VPC are not stored, unless another target has taken their place.
type routeTable struct {
	ID     string         `json:"id"`
	VPCID  string         `json:"vpc_id"`
	Routes []mirror.Route `json:"routes,omitempty"` // in order; without State: it follows from the target
}

// routeTableDescriber has all documented filters
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRouteTables.html).
var routeTableDescriber = describer[routeTable]{
	of:      routeTables,
	set:     "routeTableSet",
	ids:     "RouteTableId",
	idField: "route-table-id",
	fields: []field[routeTable]{
		{"association.gateway-id", ofRouteAssociations(func(a association) string { return a.gateway })},
		{"association.main", func(t *tx, v routeTable) []string {
			var all []string
			for _, a := range routeAssociations(t, v) {
				all = append(all, flagText(a.isMain())...)
			}
			return all
		}},
		{"association.route-table-association-id", ofRouteAssociations(func(a association) string { return a.id })},
		{"association.route-table-id", func(t *tx, v routeTable) []string {
			if routeAssociations(t, v) == nil {
				return nil
			}
			return oneValue(v.ID)
		}},
		{"association.subnet-id", ofRouteAssociations(func(a association) string { return a.subnet })},
		{"owner-id", func(t *tx, _ routeTable) []string { return oneValue(t.account) }},
		{"route.destination-cidr-block", ofRoutes(func(_ *tx, r mirror.Route) string { return blockOfFamily(r.Destination, false) })},
		{"route.destination-ipv6-cidr-block", ofRoutes(func(_ *tx, r mirror.Route) string { return blockOfFamily(r.Destination, true) })},
		{"route.destination-prefix-list-id", ofRoutes(func(_ *tx, r mirror.Route) string { return r.PrefixListID })},
		{"route.egress-only-internet-gateway-id", ofTargets("egressOnlyInternetGatewayId")},
		{"route.gateway-id", ofTargets(gatewayElement)},
		{"route.instance-id", ofRoutes(func(t *tx, r mirror.Route) string {
			instance, _ := routeInstance(t, r)
			return instance
		})},
		{"route.nat-gateway-id", ofTargets("natGatewayId")},
		{"route.origin", ofRoutes(func(_ *tx, r mirror.Route) string { return r.Origin })},
		{"route.state", ofRoutes(func(_ *tx, r mirror.Route) string { return r.State })},
		{"route.transit-gateway-id", ofTargets("transitGatewayId")},
		{"route.vpc-peering-connection-id", ofTargets("vpcPeeringConnectionId")},
		{"vpc-id", func(_ *tx, v routeTable) []string { return oneValue(v.VPCID) }},
	},
	finders: map[string]func(*tx, string) []string{
		"vpc-id": idsIn(routeTablesByVPC),
		"association.subnet-id": func(t *tx, id string) []string {
			v, _ := subnets.get(t, id)
			return oneValue(v.RouteTableID)
		},
		"association.route-table-association-id": func(t *tx, id string) []string {
			p, _ := placeOf(t, id)
			return oneValue(p.table)
		},
	},
	write: func(t *tx, x *query.Writer, _ string, v routeTable) { writeRouteTable(x, t, v) },
}

func (a association) isMain() bool { return a.subnet == "" && a.gateway == "" }

// routeAssociations returns the associations of a route table: that of the main one with
// its VPC, and those with subnets and gateways.
func routeAssociations(t *tx, v routeTable) []association {
	var all []association
	if in, _ := vpcs.get(t, v.VPCID); in.mainTable() == v.ID {
		all = append(all, association{id: in.mainAssociation()})
	}
	all = append(all, associationsBelow(t, subnetsByRouteTable, v.ID)...)
	for parts, id := range gatewaysByRouteTable.below(t, v.ID) {
		all = append(all, association{id: parts[1], gateway: id})
	}
	return all
}

func keysByRouteTable(_ *tx, id string, v subnet) []key {
	if v.RouteTableID == "" {
		return nil
	}
	return oneKey(v.RouteTableID, id, v.RouteAssociation)
}

func ofRouteAssociations(value func(association) string) func(*tx, routeTable) []string {
	return func(t *tx, v routeTable) []string {
		var all []string
		for _, a := range routeAssociations(t, v) {
			all = append(all, oneValue(value(a))...)
		}
		return all
	}
}

func ofRoutes(value func(*tx, mirror.Route) string) func(*tx, routeTable) []string {
	return func(t *tx, v routeTable) []string {
		var all []string
		for _, r := range routesOf(t, v) {
			all = append(all, oneValue(value(t, r))...)
		}
		return all
	}
}

// ofTargets returns the values of a filter by the targets that an element of the answer
// has.
func ofTargets(element string) func(*tx, routeTable) []string {
	return ofRoutes(func(_ *tx, r mirror.Route) string {
		if elementOf(r.Target) != element {
			return ""
		}
		return r.Target
	})
}

// localRoutes returns the routes to the blocks of a VPC: one for each
// (https://docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html).
func localRoutes(in vpc) []mirror.Route {
	var all []mirror.Route
	for _, block := range append(in.Blocks(true), in.Blocks(false)...) {
		all = append(all, mirror.Route{Destination: block, Target: mirror.LocalRoute, State: mirror.ActiveRoute, Origin: originOfTable})
	}
	return all
}

// routesOf returns the routes of a table with their states: first the local ones.
func routesOf(t *tx, v routeTable) []mirror.Route {
	in, _ := vpcs.get(t, v.VPCID)
	all := slices.DeleteFunc(localRoutes(in), func(local mirror.Route) bool {
		return slices.ContainsFunc(v.Routes, func(r mirror.Route) bool { return isSameDestination(r, local) })
	})
	for _, r := range v.Routes {
		r.State = cmp.Or(stateOfTarget(t, v, r.Target), r.State, mirror.BlackholeRoute)
		all = append(all, r)
	}
	return all
}

func isSameDestination(a, b mirror.Route) bool {
	return a.Destination == b.Destination && a.PrefixListID == b.PrefixListID
}

// isLocalDestination reports whether a route has the destination of a local route.
func isLocalDestination(in vpc, r mirror.Route) bool {
	return slices.ContainsFunc(localRoutes(in), func(local mirror.Route) bool { return isSameDestination(local, r) })
}

func writeRouteTable(x *query.Writer, t *tx, v routeTable) {
	x.Text("routeTableId", v.ID)
	x.Text("vpcId", v.VPCID)
	x.Text("ownerId", t.account)
	x.In("routeSet", func() {
		for _, r := range routesOf(t, v) {
			x.In("item", func() { writeRoute(x, t, r) })
		}
	})
	x.In("associationSet", func() {
		for _, a := range routeAssociations(t, v) {
			x.In("item", func() {
				x.Text("routeTableAssociationId", a.id)
				x.Text("routeTableId", v.ID)
				x.OptText("subnetId", a.subnet)
				x.OptText("gatewayId", a.gateway)
				x.Bool("main", a.isMain())
				writeAssociated(x)
			})
		}
	})
	x.In("propagatingVgwSet", func() {})
	writeTagSet(x, tagsOf(t, v.ID))
}

func writeAssociated(x *query.Writer) {
	x.In("associationState", func() { x.Text("state", associated) })
}

func writeRoute(x *query.Writer, t *tx, r mirror.Route) {
	x.OptText("destinationCidrBlock", blockOfFamily(r.Destination, false))
	x.OptText("destinationIpv6CidrBlock", blockOfFamily(r.Destination, true))
	x.OptText("destinationPrefixListId", r.PrefixListID)
	if instance, owner := routeInstance(t, r); instance != "" {
		x.Text("instanceId", instance)
		x.OptText("instanceOwnerId", owner)
	}
	if element := elementOf(r.Target); element != instanceElement {
		x.Text(element, r.Target)
	}
	x.Text("state", r.State)
	x.OptText("origin", r.Origin)
}

// maxRouteTables is how many route tables a VPC can have
// (https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html).
const maxRouteTables = 200

func createRouteTable(q *query.Query) operation {
	in := vpcs.needID(q, "VpcId")
	return routeTableDescriber.createOnce(q, "routeTable", func(t *tx) (string, error) {
		if err := needVPC(t, in); err != nil {
			return "", err
		}
		if routeTablesByVPC.countBelow(t, in) >= maxRouteTables {
			return "", query.Refuse("RouteTableLimitExceeded", "The maximum number of route tables of the vpc '%s', %d, has been reached", in, maxRouteTables)
		}
		v := routeTable{ID: routeTables.freshID(t), VPCID: in}
		routeTables.put(t, v.ID, v)
		return v.ID, nil
	})
}

func deleteRouteTable(q *query.Query) operation {
	id := routeTables.needID(q, "RouteTableId")
	return func(t *tx, x *query.Writer) error {
		v, err := routeTables.need(t, id)
		if err != nil {
			return err
		}
		if routeAssociations(t, v) != nil {
			return dependencyViolation("routeTable", id)
		}
		routeTables.del(t, id)
		x.Bool("return", true)
		return nil
	}
}
