package mirror

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// DeliveryKind is what keeps the copies for a target from arriving.
type DeliveryKind string

// The kinds, in the order in which a copy reaches them.
const (
	DeliveryTargetGone         DeliveryKind = "target_gone"            // the backing resource does not exist
	DeliveryNoReceiver         DeliveryKind = "no_receiver"            // it receives nothing now
	DeliveryNoListener         DeliveryKind = "no_listener"            // the load balancer does not listen for copies
	DeliveryNoAppliance        DeliveryKind = "no_appliance"           // nothing is registered that can get copies
	DeliveryNoHealthyAppliance DeliveryKind = "no_healthy_appliance"   // what is registered is not healthy
	DeliveryZone               DeliveryKind = "zone_without_appliance" // cross-zone load balancing is off, and a zone has no appliance
)

// A DeliveryProblem is one thing that keeps copies from arriving, or may keep them.
type DeliveryProblem struct {
	Kind    DeliveryKind
	Loses   bool   // no copy arrives. Otherwise it depends on what is not known, and copies may arrive
	Object  string // ARN of the load balancer or of the target group; "": the backing resource of the target
	Wrong   string // what is wrong with the object, as a verb phrase
	Effect  string // what follows for the copies, as a sentence
	Fix     string // what to do, as a sentence
	Source  string // ID of the interface, if only its copies have the problem
	ZoneFor string // of DeliveryZone: the Availability Zone whose node was looked at, "" if it is not known
}

// Fact says what is wrong, without a full stop. backing names the backing resource of the target.
func (p DeliveryProblem) Fact(backing string) string {
	return cmp.Or(p.Object, backing) + " " + p.Wrong
}

// Text says what is wrong, and what follows.
func (p DeliveryProblem) Text(backing string) string { return p.Fact(backing) + ". " + p.Effect }

// Fix says what to do about a kind of problem, whatever object has it. A problem says it about its
// objects.
func (k DeliveryKind) Fix() string { return deliveryFixes[k] }

// deliveryFixes has what to do by kind. A session without a receiver can lack any of what
// DeliveryNoReceiver names: one status stands for all of it.
var deliveryFixes = map[DeliveryKind]string{
	DeliveryTargetGone:         "Give the sessions another target. If the target still exists, it can get another backing resource instead.",
	DeliveryNoReceiver:         "Start what receives them, register the appliances as targets, turn cross-zone load balancing on, or give the sessions another target.",
	DeliveryNoListener:         fmt.Sprintf("Create a listener that forwards to the target group of the appliances. That of a Network Load Balancer has the protocol UDP and the port %d, that of a Gateway Load Balancer has neither.", CopyPort),
	DeliveryNoAppliance:        "Register the appliances as targets.",
	DeliveryNoHealthyAppliance: "Register healthy appliances, or find out why the health check does not pass. A security group of the appliances has to allow it.",
	DeliveryZone:               "Turn cross-zone load balancing on, or register an appliance in each Availability Zone of the load balancer.",
}

// nothingArrives is the effect of a problem that loses every copy.
const nothingArrives = "So no copy arrives, and there is no error."

// DeliveryProblems returns what is known to keep copies of a source in an Availability Zone from
// arriving, in the order in which a copy reaches it. zone is "" if it is not known. A fact that
// is not known is no problem. After a problem that loses every copy, there is no other.
//
// It does not look at routes, network ACLs and security groups.
func (e *Endpoint) DeliveryProblems(zone string) []DeliveryProblem {
	for _, find := range []func(*Endpoint) []DeliveryProblem{goneProblems, receiverProblems, listenerProblems} {
		if found := find(e); found != nil {
			return found
		}
	}
	found := applianceProblems(e)
	if slices.ContainsFunc(found, func(p DeliveryProblem) bool { return p.Loses }) {
		return found
	}
	return append(found, e.zoneProblems(zone)...)
}

// Loss returns the problem by which no copy of a source in a zone arrives, if there is one.
func (e *Endpoint) Loss(zone string) (DeliveryProblem, bool) {
	found := e.DeliveryProblems(zone)
	at := slices.IndexFunc(found, func(p DeliveryProblem) bool { return p.Loses })
	if at < 0 {
		return DeliveryProblem{}, false
	}
	return found[at], true
}

func goneProblems(e *Endpoint) []DeliveryProblem {
	if !e.Gone {
		return nil
	}
	return []DeliveryProblem{{
		Kind: DeliveryTargetGone, Loses: true, Wrong: "does not exist any more", Effect: nothingArrives, Fix: DeliveryTargetGone.Fix(),
	}}
}

func receiverProblems(e *Endpoint) []DeliveryProblem {
	p := DeliveryProblem{Kind: DeliveryNoReceiver, Loses: true, Effect: "Nothing receives the copies."}
	switch {
	case e.State != "" && !IsAvailable(e.State):
		p.Wrong = fmt.Sprintf("is in the state %q", e.State)
		p.Fix = endpointFix(e.State)
	case e.LoadBalancer != nil && (e.LoadBalancer.State == balancerProvisioning || e.LoadBalancer.State == balancerFailed):
		p.Object, p.Wrong = e.LoadBalancer.ARN, fmt.Sprintf("is in the state %q", e.LoadBalancer.State)
		p.Fix = "Wait until it is active. If it does not become active, create it again."
	case e.Down != "" && e.Type == NetworkInterface:
		p.Wrong, p.Fix = e.Down, "Attach the interface to an instance, and start the instance."
	case e.Down != "":
		p.Wrong, p.Fix = e.Down, DeliveryTargetGone.Fix()
	default:
		return nil
	}
	return []DeliveryProblem{p}
}

// endpointFix says what to do about an endpoint that is not available. EC2 writes the states in
// several ways.
func endpointFix(state string) string {
	switch strings.ToLower(state) {
	case "pendingacceptance":
		return "Let the owner of its endpoint service accept it."
	case "pending":
		return "Wait until it is available."
	case "rejected":
		return "Its endpoint service has rejected it. Let the owner of the service accept it, or create another endpoint."
	}
	return "Create another endpoint, and give it to the target."
}

// applianceProblems looks at what is registered, whatever its zone is.
func applianceProblems(e *Endpoint) []DeliveryProblem {
	if e.Type == NetworkInterface {
		return nil
	}
	none := DeliveryProblem{Kind: DeliveryNoAppliance, Loses: true, Object: balancerARN(e), Effect: nothingArrives, Fix: DeliveryNoAppliance.Fix()}
	switch {
	case e.TargetGroups == nil && e.Appliances != nil && len(e.Appliances) == 0:
		none.Wrong = "has no registered appliance"
		return []DeliveryProblem{none}
	case e.TargetGroups != nil && len(e.TargetGroups) == 0:
		none.Wrong, none.Fix = "has no target group for copies", fmt.Sprintf("Let %s forward to %s.", copyListener(e), CopyGroup(e))
		return []DeliveryProblem{none}
	}
	var found []DeliveryProblem
	empty := 0
	for _, g := range e.TargetGroups {
		receiving, isKnown := g.Receiving()
		switch {
		case !isKnown:
		case len(receiving) == 0:
			empty++
			none := none
			none.Object, none.Wrong, none.Fix = g.ARN, "has no registered target", fmt.Sprintf("Register the appliances as targets of %s.", g.ARN)
			if len(g.Targets) > 0 {
				none.Wrong = "has no target that gets new flows: " + targetList(g.Targets)
				if slices.ContainsFunc(g.Targets, func(t RegisteredTarget) bool { return t.Health == TargetDraining }) {
					none.Effect = "So no copy of a new flow arrives. A target that is draining gets the copies of its flows until the deregistration delay ends."
				}
				none.Fix = fmt.Sprintf("Bring these targets back into service, or register others in %s.", g.ARN)
			}
			found = append(found, none)
		case !slices.ContainsFunc(receiving, isMaybeHealthy):
			p := DeliveryProblem{
				Kind: DeliveryNoHealthyAppliance, Object: g.ARN, Wrong: "has no healthy target: " + targetList(g.Targets),
				Effect: "The load balancer then sends to all of them (it fails open), so copies may still arrive.",
				Fix:    DeliveryNoHealthyAppliance.Fix(),
			}
			if !slices.ContainsFunc(receiving, func(t RegisteredTarget) bool { return t.Health != TargetInitial }) {
				p.Fix = "Wait until their first health checks have ended. If they stay initial or become unhealthy, let a security group of the appliances allow the health check."
			}
			found = append(found, p)
		case slices.ContainsFunc(receiving, func(t RegisteredTarget) bool { return !isMaybeHealthy(t) }):
			found = append(found, DeliveryProblem{
				Kind: DeliveryNoHealthyAppliance, Object: g.ARN, Wrong: "has fewer healthy targets than its attributes ask for: " + targetList(g.Targets),
				Effect: "The load balancer then sends to all of them (it fails open), so the copies that it sends to unhealthy ones may not arrive.",
				Fix:    "Let more of its targets pass the health check, or lower the minimum of healthy targets in the attributes " + MinimumHealthyAttributes + "count and percentage.",
			})
		}
	}
	for i := range found { // a load balancer with several groups shares out the flows
		if found[i].Loses && empty < len(e.TargetGroups) {
			found[i].Loses, found[i].Effect = false, "Copies that the load balancer sends to this target group do not arrive."
		}
	}
	return found
}

func isMaybeHealthy(t RegisteredTarget) bool {
	return t.Health == TargetHealthy || t.Health == TargetUnavailable || t.Health == ""
}

// zoneProblems looks at cross-zone load balancing. While it is off, a node of the load balancer
// sends only to the appliances in its own Availability Zone. Which node gets the copies of a
// source is not documented. The one in the zone of the source is likely (assumption A0219).
func (e *Endpoint) zoneProblems(zone string) []DeliveryProblem {
	if e.LoadBalancer == nil || len(e.TargetGroups) == 0 {
		return nil
	}
	zone = e.nodeZone(zone)
	var nodes, bad []string
	empty := 0
	for _, z := range e.LoadBalancer.Zones {
		if z.Zone == "" {
			return nil
		}
		nodes = append(nodes, z.Zone)
		lacks, isEmpty := lacksAppliance(e, z.Zone)
		if lacks {
			bad = append(bad, z.Zone)
		}
		if isEmpty {
			empty++
		}
	}
	slices.Sort(nodes)
	slices.Sort(bad)
	p := DeliveryProblem{Kind: DeliveryZone, ZoneFor: zone}
	p.Object, p.Fix = crossZoneSetting(e, bad)
	const off = "has cross-zone load balancing off, "
	switch {
	case len(bad) == 0:
		return nil
	case empty == len(nodes):
		p.Loses, p.Effect = true, nothingArrives
		p.Wrong = fmt.Sprintf(off+"and no appliance that gets packets in its Availability Zones (%s)", list(nodes))
	case zone == "":
		p.Wrong = off + "and no healthy appliance in " + list(bad)
		p.Effect = "What its node there gets does not reach a healthy appliance."
	case slices.Contains(bad, zone):
		p.Wrong = off + "and no healthy appliance in " + zone
		p.Effect = "Copies from there probably do not reach a healthy appliance."
	case slices.Contains(nodes, zone):
		return nil
	default:
		p.Wrong = fmt.Sprintf(off+"no node in %s, and no healthy appliance in %s", zone, list(bad))
		p.Effect = fmt.Sprintf("Which node gets the copies from %s is not documented, so they may not reach a healthy appliance.", zone)
	}
	return []DeliveryProblem{p}
}

// crossZoneSetting returns the ARN of what turns cross-zone load balancing off where zones lack an appliance, and what to do. What a target group
// says counts, whatever the load balancer says.
func crossZoneSetting(e *Endpoint, zones []string) (arn, fix string) {
	for _, g := range e.TargetGroups {
		isLacking := func(zone string) bool { lacks, _ := groupLacks(e, g, zone); return lacks }
		if g.CrossZone == "false" && slices.ContainsFunc(zones, isLacking) {
			return g.ARN, fmt.Sprintf("Turn cross-zone load balancing on for the target group %s, or register an appliance in each Availability Zone of the load balancer.", g.ARN)
		}
	}
	return e.LoadBalancer.ARN, DeliveryZone.Fix()
}

// nodeZone returns the zone whose node gets copies of a source in a zone, if there is such a node
// (assumption A0219).
func (e *Endpoint) nodeZone(source string) string {
	if e.Type == GatewayLoadBalancerEndpoint {
		return e.Zone
	}
	return source
}

// lacksAppliance reports whether a target group has healthy appliances elsewhere, and the node in a zone cannot
// send to one of them. isEmpty reports whether the node can send to no appliance at all.
func lacksAppliance(e *Endpoint, zone string) (lacks, isEmpty bool) {
	isEmpty = true
	for _, g := range e.TargetGroups {
		of, isNone := groupLacks(e, g, zone)
		lacks, isEmpty = lacks || of, isEmpty && isNone
	}
	return lacks, isEmpty
}

// groupLacks is lacksAppliance for one target group.
func groupLacks(e *Endpoint, g TargetGroup, zone string) (lacks, isEmpty bool) {
	near, isKnown := groupNear(e, g, zone)
	if !isKnown {
		return false, false
	}
	there, _ := near.Receiving()
	everywhere, _ := g.Receiving()
	if len(there) == 0 {
		return len(everywhere) > 0, true
	}
	return !slices.ContainsFunc(there, isMaybeHealthy) && slices.ContainsFunc(everywhere, isMaybeHealthy), false
}

// groupNear returns the target group with the targets to which the node in a zone can send. It reports
// false if they are unknown.
func groupNear(e *Endpoint, g TargetGroup, zone string) (TargetGroup, bool) {
	if g.Targets == nil {
		return g, false
	}
	if crosses, isKnown := e.LoadBalancer.CrossesZones(g); crosses || !isKnown || zone == "" {
		return g, crosses
	}
	all := g.Targets
	g.Targets = []RegisteredTarget{}
	for _, t := range all {
		switch t.Zone {
		case "":
			return g, false
		case zone, "all":
			g.Targets = append(g.Targets, t)
		}
	}
	return g, true
}

// AppliancesFor returns the appliances to which copies of a source in an Availability Zone are
// sent, or nil if they are unknown. With cross-zone load balancing off, those are the ones in the
// zone of the source, if the load balancer has a node there and the zone has any (assumption
// A0219). The result names that zone then, if it leaves appliances out.
func (e *Endpoint) AppliancesFor(source string) (addresses []netip.Addr, only string) {
	zone := e.nodeZone(source)
	hasNode := zone != "" && e.LoadBalancer != nil && slices.ContainsFunc(e.LoadBalancer.Zones, func(z LoadBalancerZone) bool { return z.Zone == zone })
	if !hasNode || e.Appliances == nil {
		return e.Appliances, ""
	}
	groups := slices.Clone(e.TargetGroups)
	for i, g := range groups {
		near, isKnown := groupNear(e, g, zone)
		if !isKnown {
			if isElsewhere := func(t RegisteredTarget) bool { return t.Zone != zone && t.Zone != "all" }; slices.ContainsFunc(g.Targets, isElsewhere) {
				return nil, "" // whether the node sends to these is unknown
			}
			return e.Appliances, ""
		}
		groups[i] = near
	}
	there := appliances(groups, TargetGroup.Receiving)
	if len(there) == 0 || slices.Equal(there, e.Appliances) {
		return e.Appliances, ""
	}
	return there, zone
}

// StateListeners sets the ports of the UDP listeners, whatever the load balancer shows.
func (e *Endpoint) StateListeners(ports []int) {
	e.UDPListeners = ports
	if e.LoadBalancer != nil {
		stated := *e.LoadBalancer
		stated.Listeners = nil
		e.LoadBalancer = &stated
	}
}

// StateAppliances sets the appliances that get copies, whatever the target groups show.
func (e *Endpoint) StateAppliances(addresses []netip.Addr) {
	e.Appliances, e.TargetGroups = addresses, nil
}

// AssumeDelivery forgets what DeliveryProblems looks at, unless the backing resource is gone.
func (e *Endpoint) AssumeDelivery() {
	e.State, e.Down, e.UDPListeners, e.Appliances, e.LoadBalancer, e.TargetGroups = "", "", nil, nil, nil, nil
}

// targetList names registered targets with their health, and says how many are left out.
func targetList(targets []RegisteredTarget) string {
	const most = 4
	var texts []string
	for i, t := range targets {
		if i == most && len(targets) > most+1 {
			texts = append(texts, fmt.Sprintf("%d more", len(targets)-most))
			break
		}
		text := fmt.Sprintf("%s is %s", t.ID, t.Health)
		if t.Reason != "" {
			text += " (" + t.Reason + ")"
		}
		texts = append(texts, text)
	}
	return list(texts)
}

// list joins texts as package wording does, which this one may not import.
func list(texts []string) string {
	if n := len(texts); n > 1 {
		return strings.Join(texts[:n-1], ", ") + " and " + texts[n-1]
	}
	return strings.Join(texts, "")
}
