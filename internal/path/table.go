package path

import (
	"net/netip"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A match is a route that has the destination of a flow.
type match struct {
	mirror.Route
	block netip.Prefix // its destination, or that block of its prefix list which decides
}

// name returns the destination of the route, as the route table shows it.
func (m match) name() string {
	if m.PrefixListID != "" {
		return m.PrefixListID + " (" + m.block.String() + ")"
	}
	return m.block.String()
}

// rank orders routes with the same destination: the lowest decides.
func (m match) rank() int {
	switch {
	case m.Origin == mirror.PropagatedRoute:
		return 2
	case m.PrefixListID != "":
		return 1
	}
	return 0
}

// isBefore reports whether a route takes priority over another one: the longest prefix does, then
// static routes, routes with a prefix list and propagated routes in this order
// (https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html).
func (m match) isBefore(o match) bool {
	if m.block.Bits() != o.block.Bits() {
		return m.block.Bits() > o.block.Bits()
	}
	return m.rank() < o.rank()
}

// A choice is what a route table decides about a flow.
type choice struct {
	best   *match         // nil: no route that is known has the destination
	rival  *match         // has the same priority and leads elsewhere
	unread []mirror.Route // with prefix lists that are not known, and may take priority
	why    *Missing       // that of the first of them
}

// routeOf returns the routes of a table that decide about the flow.
func (f flow) routeOf(n Network, t mirror.RouteTable) (c choice) {
	isLocal := false
	for _, r := range t.Routes {
		isLocal = isLocal || r.Target == mirror.LocalRoute && r.Destination.IsValid() && r.Destination.Contains(f.destination)
	}
	for _, r := range t.Routes {
		if isLocal && r.Origin == mirror.PropagatedRoute {
			continue // the local route is preferred: https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-route-priority.html
		}
		block, why := f.blockOf(n, r)
		switch {
		case why != nil:
			c.unread = append(c.unread, r)
			if c.why == nil {
				c.why = why
			}
		case block.IsValid():
			c.add(match{r, block})
		}
	}
	if c.best != nil && c.best.block.IsSingleIP() && c.best.rank() == 0 {
		c.unread, c.why = nil, nil
	}
	return c
}

func (c *choice) add(m match) {
	switch {
	case c.best == nil || m.isBefore(*c.best):
		c.best, c.rival = &m, nil
	case c.best.isBefore(m), m.Target == c.best.Target:
	default:
		c.rival = &m
	}
}

// blockOf returns the longest block of a route that has the destination of the flow; one that is not
// valid if none has it.
func (f flow) blockOf(n Network, r mirror.Route) (longest netip.Prefix, why *Missing) {
	blocks := []netip.Prefix{r.Destination}
	if r.PrefixListID != "" {
		if isServiceRoute(r) {
			return longest, nil
		}
		if blocks, why = n.list(r.PrefixListID); why != nil {
			return longest, why
		}
	}
	for _, b := range blocks {
		if b.IsValid() && b.Contains(f.destination) && (!longest.IsValid() || b.Bits() > longest.Bits()) {
			longest = b
		}
	}
	return longest, nil
}

// isServiceRoute reports whether the route is that of a gateway endpoint for Amazon S3 or
// DynamoDB, whose addresses no interface of a VPC has. The IDs of their prefix lists have 8
// digits, unlike those of customers.
func isServiceRoute(r mirror.Route) bool {
	return mirror.KindEndpoint.Is(r.Target) && len(r.PrefixListID) == len("pl-01234567")
}
