package path

import (
	"fmt"
	"maps"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

// judgeZone judges which node of the load balancer gets the copies, and whether it has appliances.
func judgeZone(j *judge, at string) {
	if h, isProblem := j.problem(ZoneHop); isProblem {
		h.Rule = zonesApart
		j.add(h)
		return
	}
	if h, isProblem := otherNodes(j, at); isProblem {
		j.add(h)
		return
	}
	lb := j.Backing.LoadBalancer
	if lb == nil || len(lb.Zones) == 0 {
		return
	}
	var zones []string
	for _, z := range lb.Zones {
		zones = append(zones, z.Zone)
	}
	slices.Sort(zones)
	state, actions := crossZoneState(j)
	h := hop(ZoneHop, Passes, at, lb.ARN, "The load balancer has nodes in %s. Cross-zone load balancing is %s.", wording.List(zones), state)
	isUnknown := slices.Contains(j.Backing.UnknownDelivery(j.Source.Zone), mirror.DeliveryZone) || j.Backing.TargetGroups == nil && len(zones) > 1
	if len(actions) > 0 && isUnknown {
		h.Outcome = Unknown
		h.Reason += " If it is off, a node sends only to appliances in its own zone."
		h.Fix = unanswered(actions...)
	}
	j.add(h)
}

// crossZoneState says whether cross-zone load balancing is on for the target groups that get copies, and which actions
// would show what is not known of it.
func crossZoneState(j *judge) (state string, actions []string) {
	lb := j.Backing.LoadBalancer
	groups := j.Backing.TargetGroups
	if len(groups) == 0 { // nothing but the load balancer is known
		groups = []mirror.TargetGroup{{CrossZone: mirror.UseBalancerCrossZone}}
	}
	of := map[string][]string{}
	ask := func(action string) {
		if !slices.Contains(actions, action) {
			actions = append(actions, action)
		}
	}
	for _, g := range groups {
		crosses, isKnown := lb.CrossesZones(g)
		switch {
		case isKnown:
			state = map[bool]string{true: "on", false: "off"}[crosses]
		case g.CrossZone == "":
			ask("DescribeTargetGroupAttributes")
		default:
			ask("DescribeLoadBalancerAttributes")
		}
		if !isKnown {
			state = "not known to be on or off"
		}
		of[state] = append(of[state], g.ARN)
	}
	if len(of) == 1 {
		return state, actions
	}
	var parts []string
	for _, state := range slices.Sorted(maps.Keys(of)) {
		parts = append(parts, fmt.Sprintf("%s for %s", state, wording.List(of[state])))
	}
	return wording.List(parts), actions
}

// zonesApart is the rule by which a node of a load balancer sends only to appliances in its zone.
const zonesApart = "cross-zone load balancing off"

// otherNodes returns the hop of nodes without an appliance, if the node that probably gets the copies has
// one: that in the zone of the source, or of the endpoint. AWS does not document that it gets them
// (assumption A0219).
func otherNodes(j *judge, at string) (Hop, bool) {
	zone, anywhere := j.Source.Zone, j.Backing
	if j.Backing.Type == mirror.GatewayLoadBalancerEndpoint {
		zone = j.Backing.Zone
	}
	if zone == "" {
		return Hop{}, false
	}
	anywhere.Zone = ""
	for _, p := range anywhere.DeliveryProblems("") {
		if p.Kind == mirror.DeliveryZone {
			h := hop(ZoneHop, Unknown, at, p.Object, "%s AWS does not document which node gets the copies from %s.", p.Text(at), zone).rule(zonesApart)
			return h.fix("%s", p.Fix), true
		}
	}
	return Hop{}, false
}
