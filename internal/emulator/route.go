package emulator

import (
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// readRoute reads the destination of a route, of which a request names exactly one
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html).
func readRoute(q *query.Query) mirror.Route {
	var r mirror.Route
	var given []string
	for _, name := range []string{"DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"} {
		if q.Has(name) {
			given = append(given, name)
		}
	}
	switch {
	case len(given) == 0:
		q.Fail(query.Refuse("MissingParameter", "The request must contain the parameter destinationCidrBlock, destinationIpv6CidrBlock or destinationPrefixListId"))
	case len(given) > 1:
		q.Fail(query.Refuse("InvalidParameterCombination", "The parameter %s cannot be used with the parameter %s", given[0], given[1]))
	}
	replace(&r.Destination, readDestination(q, "DestinationCidrBlock", false))
	replace(&r.Destination, readDestination(q, "DestinationIpv6CidrBlock", true))
	r.PrefixListID = q.Text("DestinationPrefixListId")
	return r
}

// readDestination reads a block. EC2 keeps its first address.
func readDestination(q *query.Query, name string, v6 bool) *netip.Prefix {
	p := q.OptPrefix(name)
	if p == nil || !p.IsValid() {
		return nil
	}
	if p.Addr().Is6() != v6 {
		q.Fail(query.Refuse("InvalidParameterValue", "Value (%s) for parameter %s is invalid. It is of the other address family.", p, name))
	}
	return new(p.Masked())
}

// needTarget reads a target that is required.
func needTarget(q *query.Query) string {
	target := readTarget(q)
	if target == "" {
		q.Fail(query.Refuse("MissingParameter", "The request must contain exactly one target, such as gatewayId or networkInterfaceId"))
	}
	return target
}

// maxRoutes is how many routes a table can have, without the local ones
// (https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html).
const maxRoutes = 500

func routeText(r mirror.Route) string {
	if r.PrefixListID != "" {
		return r.PrefixListID
	}
	return r.Destination.String()
}

// changeRoutes returns the operation of a request about a route. Change gets the table, its
// VPC, and the index of the route to the same destination, -1 if there is none, and returns
// the routes after it.
func changeRoutes(id string, r mirror.Route, change func(t *tx, v routeTable, in vpc, i int) ([]mirror.Route, error)) operation {
	return func(t *tx, x *query.Writer) error {
		v, err := routeTables.need(t, id)
		if err != nil {
			return err
		}
		in, _ := vpcs.get(t, v.VPCID)
		i := slices.IndexFunc(v.Routes, func(other mirror.Route) bool { return isSameDestination(other, r) })
		if r.PrefixListID != "" && i < 0 {
			if err := needPrefixList(t, r.PrefixListID); err != nil {
				return err
			}
		}
		if v.Routes, err = change(t, v, in, i); err != nil {
			return err
		}
		routeTables.put(t, id, v)
		x.Bool("return", true)
		return nil
	}
}

// routeTo returns a route with its target. A target that the embedded EC2 does not have
// is there.
func routeTo(t *tx, v routeTable, in vpc, r mirror.Route, target string) (mirror.Route, error) {
	stored, err := checkTarget(t, v, target)
	if err == nil {
		err = refuseInside(t, in, r, target)
	}
	if err != nil {
		return r, err
	}
	r.Target, r.Origin = stored, originOfRoute
	if stateOfTarget(t, v, stored) == "" {
		r.State = mirror.ActiveRoute
	}
	return r, nil
}

func createRoute(q *query.Query) operation {
	id, r, target := routeTables.needID(q, "RouteTableId"), readRoute(q), needTarget(q)
	if target == mirror.LocalRoute {
		q.Fail(query.Refuse("InvalidParameterValue", "Invalid value '%s' for gatewayId. Only the routes that a route table comes with are local.", target))
	}
	return changeRoutes(id, r, func(t *tx, v routeTable, in vpc, i int) ([]mirror.Route, error) {
		made, err := routeTo(t, v, in, r, target)
		switch {
		case err != nil:
			return nil, err
		case i >= 0 || isLocalDestination(in, r):
			return nil, query.Refuse("RouteAlreadyExists", "The route identified by %s already exists.", routeText(r))
		case len(v.Routes) >= maxRoutes:
			return nil, query.Refuse("RouteLimitExceeded", "The maximum number of routes of the route table '%s', %d, has been reached", id, maxRoutes)
		}
		return append(v.Routes, made), nil
	})
}

// replaceRoute gives a route another target. A local route can get one too, and back
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceRoute.html).
func replaceRoute(q *query.Query) operation {
	id, r, target := routeTables.needID(q, "RouteTableId"), readRoute(q), readTarget(q)
	if q.Bool("LocalTarget") {
		if target != "" {
			q.Fail(query.Refuse("InvalidParameterCombination", "The parameter localTarget cannot be used with another target"))
		}
		target = mirror.LocalRoute
	}
	if target == "" {
		needTarget(q)
	}
	return changeRoutes(id, r, func(t *tx, v routeTable, in vpc, i int) ([]mirror.Route, error) {
		isLocal := isLocalDestination(in, r)
		switch {
		case i < 0 && !isLocal:
			return nil, query.Refuse("InvalidRoute.NotFound", "no route with destination-cidr-block %s in route table %s", routeText(r), id)
		case target == mirror.LocalRoute && !isLocal:
			return nil, query.Refuse("InvalidParameterValue", "The route to %s of route table %s is not one that it comes with, and cannot be local", routeText(r), id)
		case target == mirror.LocalRoute:
			return slices.DeleteFunc(v.Routes, func(other mirror.Route) bool { return isSameDestination(other, r) }), nil
		}
		made, err := routeTo(t, v, in, r, target)
		if err != nil {
			return nil, err
		}
		if i < 0 {
			return append(v.Routes, made), nil
		}
		v.Routes[i] = made
		return v.Routes, nil
	})
}

func deleteRoute(q *query.Query) operation {
	id, r := routeTables.needID(q, "RouteTableId"), readRoute(q)
	return changeRoutes(id, r, func(_ *tx, v routeTable, in vpc, i int) ([]mirror.Route, error) {
		switch {
		case isLocalDestination(in, r):
			return nil, query.Refuse("InvalidParameterValue", "cannot remove local route %s in route table %s", routeText(r), id)
		case i < 0:
			return nil, query.Refuse("InvalidRoute.NotFound", "no route with destination-cidr-block %s in route table %s", routeText(r), id)
		}
		return slices.Delete(v.Routes, i, i+1), nil
	})
}
