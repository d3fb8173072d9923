package mirror

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
)

// LoopsBack reports whether a registered target of a group is the source of the copies: the same interface, or
// another one of its instance. A Network Load Balancer keeps the address of the source, always for UDP,
// and what it sends back to the source is lost
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-troubleshooting.html#loopback-timeout).
func (e *Endpoint) LoopsBack(source Interface, g TargetGroup, t RegisteredTarget) bool {
	isOtherVersion := g.IPAddressType == "ipv6" || e.Address.IsValid() && t.Address.IsValid() && e.Address.Is4() != t.Address.Is4() // it does not keep the address then
	if e.Type != NetworkLoadBalancer || isOtherVersion {
		return false
	}
	if source.InstanceID != "" && t.ID == source.InstanceID || source.ID != "" && t.InterfaceID == source.ID {
		return true
	}
	isOwn := slices.Contains(slices.Concat([]netip.Addr{source.PrivateIPAddress}, source.PrivateIPAddresses, source.IPv6Addresses), t.Address)
	return t.InterfaceID == "" && t.Address.IsValid() && isOwn
}

// DeliveryProblemsFrom returns DeliveryProblems of copies from an interface, and those that they have
// because the interface is one of the appliances.
func (e *Endpoint) DeliveryProblemsFrom(source Interface) []DeliveryProblem {
	found := e.DeliveryProblems(source.Zone)
	if slices.ContainsFunc(found, func(p DeliveryProblem) bool { return p.Loses }) {
		return found
	}
	p := DeliveryProblem{Kind: DeliveryNoAppliance, Object: balancerARN(e), Source: source.ID, Loses: true}
	own, others := "", 0
	add := func(g TargetGroup, t RegisteredTarget) {
		if !e.LoopsBack(source, g, t) {
			others++
			return
		}
		p.Object, own = cmp.Or(g.ARN, p.Object), t.ID
	}
	for _, g := range e.TargetGroups {
		receiving, isKnown := g.Receiving()
		if !isKnown {
			others++
		}
		for _, t := range receiving {
			add(g, t)
		}
	}
	for _, address := range e.Appliances {
		if e.TargetGroups == nil {
			add(TargetGroup{}, RegisteredTarget{ID: address.String(), Address: address})
		}
	}
	if own == "" {
		return found
	}
	p.Wrong = fmt.Sprintf("has %s as a registered target, which is the source of the copies", own)
	p.Effect = "A Network Load Balancer loses what it sends back to its source. " + nothingArrives
	p.Fix = fmt.Sprintf("End the session of %s, or deregister %s.", source.ID, own)
	if others > 0 {
		p.Loses, p.Effect = false, "A Network Load Balancer loses what it sends back to its source. Copies for the other appliances arrive."
		return append(found, p)
	}
	return []DeliveryProblem{p}
}
