package mirror

import (
	"cmp"
	"net/netip"
)

// AppliancePorts returns the UDP port on which each appliance behind a Network Load Balancer gets copies, where that is not CopyPort. A load
// balancer sends to the port of the registration, else to that of the target group, whatever the port of its listener
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-target-groups.html). Of an address that is registered with
// several ports, the first counts.
func (e *Endpoint) AppliancePorts() map[netip.Addr]int {
	if e.Type != NetworkLoadBalancer {
		return nil
	}
	var others map[netip.Addr]int
	seen := map[netip.Addr]bool{}
	for _, g := range e.TargetGroups {
		for _, t := range g.Targets {
			if seen[t.Address] {
				continue
			}
			seen[t.Address] = true
			if port := cmp.Or(t.Port, g.Port, CopyPort); port != CopyPort {
				if others == nil {
					others = map[netip.Addr]int{}
				}
				others[t.Address] = port
			}
		}
	}
	return others
}

// StickinessAttribute is the attribute of a target group that turns stickiness on.
const StickinessAttribute = "stickiness.enabled"

// IsSticky reports whether the load balancer sends all packets from one address to one appliance. Then all copies of a session, which have the
// same outer addresses, go to one appliance
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html#sticky-sessions).
func (e *Endpoint) IsSticky() bool {
	for _, g := range e.TargetGroups {
		if g.Attributes[StickinessAttribute] != "true" {
			return false
		}
	}
	return len(e.TargetGroups) > 0
}
