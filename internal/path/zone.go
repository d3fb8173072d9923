package path

import (
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
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
	state := "not known to be on or off"
	if lb.CrossZone != nil {
		state = map[bool]string{true: "on", false: "off"}[*lb.CrossZone]
	}
	h := hop(ZoneHop, Passes, at, lb.ARN, "The load balancer has nodes in %s. Cross-zone load balancing is %s.", listed(zones), state)
	if lb.CrossZone == nil && len(zones) > 1 {
		h.Outcome = Unknown
		h.Reason += " If it is off, a node sends only to appliances in its own zone."
		h.Fix = "Allow elasticloadbalancing:DescribeLoadBalancerAttributes."
	}
	j.add(h)
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
