package emulator

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// There are no packets here, so that nothing checks the health of a target. What follows from
// the other objects is computed for each request, in this order:
//
//	not registered, or its deregistration has ended   unused, Target.NotRegistered
//	is being deregistered                             draining, Target.DeregistrationInProgress
//	no listener leads to the group                    unused, Target.NotInUse
//	its zone is not enabled for the load balancer     unused, Target.NotInUse
//	its instance does not run                         unused, Target.InvalidState
//	a test or a topology says something else          what it says (A0207)
//	no running instance has its address               unhealthy, Target.FailedHealthChecks or Target.Timeout (A0209);
//	                                                  a stopped one also if it was said to be healthy
//	otherwise                                         healthy, at once (A0208)
//
// Security groups, network ACLs and routes are not part of it (A0208).

// targetHealth is the state of a registered target.
type targetHealth struct{ state, reason, description string }

// The reasons of a state with their descriptions
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html).
var (
	targetNotRegistered = targetHealth{mirror.TargetUnused, "Target.NotRegistered", "Target is not registered to the target group"}
	targetDraining      = targetHealth{mirror.TargetDraining, "Target.DeregistrationInProgress", "Target deregistration is in progress"}
	targetNotInUse      = targetHealth{mirror.TargetUnused, "Target.NotInUse", "Target group is not configured to receive traffic from the load balancer"}
	targetInOtherZone   = targetHealth{mirror.TargetUnused, "Target.NotInUse", "Target is in an Availability Zone that is not enabled for the load balancer"}
	targetStopped       = targetHealth{mirror.TargetUnused, "Target.InvalidState", "Target is in the stopped state"}
	targetTerminated    = targetHealth{mirror.TargetUnused, "Target.InvalidState", "Target is in the terminated state"}
	targetStarting      = targetHealth{mirror.TargetInitial, "Elb.InitialHealthChecking", "Initial health checks in progress"}
	targetFailed        = targetHealth{mirror.TargetUnhealthy, "Target.FailedHealthChecks", "Health checks failed"}
	targetTimeout       = targetHealth{mirror.TargetUnhealthy, "Target.Timeout", "Request timed out"}
	targetHealthy       = targetHealth{state: mirror.TargetHealthy}
)

// located is a registered target with the interface that has its address.
type located struct {
	mirror.RegisteredTarget
	host  networkInterface // without an ID: none, or none is known
	inVPC bool
}

// locate finds the address, the interface and the zone of a target. all are the subnets of its VPC.
func (v targetGroup) locate(t *tx, all []subnet, r mirror.RegisteredTarget) located {
	at := located{RegisteredTarget: r}
	switch v.TargetType {
	case byInstance:
		at.host, at.inVPC = primaryOf(t, r.ID)
		at.Zone = cmp.Or(r.Zone, zoneOf(t, at.host))
		i := slices.IndexFunc(at.host.addresses(), v.takes)
		if i >= 0 {
			at.Address = at.host.addresses()[i]
		}
	case byAddress:
		a, _ := netip.ParseAddr(r.ID) // was checked
		at.Address = a
		in, ok := subnetWith(all, a)
		at.inVPC = ok
		at.host, _ = interfaces.get(t, interfaceWith(t, in.ID, a))
		at.Zone = cmp.Or(r.Zone, zoneOf(t, at.host))
	}
	at.InterfaceID = cmp.Or(at.host.ID, r.InterfaceID)
	return at
}

// interfaceWith returns the ID of the interface in a subnet that has an address, by itself or in a
// delegated prefix; "": none.
func interfaceWith(t *tx, subnetID string, a netip.Addr) string {
	if id := interfacesBySubnet.get(t, subnetID, a.String()); id != "" {
		return id
	}
	for parts, id := range interfacesByPrefix.below(t, subnetID) {
		if block, err := netip.ParsePrefix(joinKey(parts...)); err == nil && block.Contains(a) {
			return id
		}
	}
	return ""
}

// healthOf returns the state of a registered target.
func (v targetGroup) healthOf(t *tx, at located, users []loadBalancer) targetHealth {
	set := targetHealth{at.Health, at.Reason, at.Description}
	enabled := func(b loadBalancer) bool { return reachesZone(b, at.Zone) }
	if _, draining := v.Draining[targetKey(at.ID, at.Port)]; draining {
		return targetDraining
	}
	if len(users) == 0 {
		return targetNotInUse
	}
	if !slices.ContainsFunc(users, enabled) {
		return targetInOtherZone
	}
	if v.TargetType == byInstance {
		return instanceHealth(t, at.ID, set)
	}
	claimsHealth := set.state == "" || set.state == mirror.TargetHealthy
	switch {
	case claimsHealth && hasStopped(t, at.host):
		return failureOf(v)
	case set.state != "":
		return set
	case at.inVPC && !isServed(t, at.host):
		return failureOf(v)
	}
	return targetHealthy
}

// hasStopped reports whether an interface is on an instance that does not run.
func hasStopped(t *tx, v networkInterface) bool {
	i, ok := instances.get(t, v.InstanceID)
	return ok && stateOf(i) != stateRunning
}

// failureOf is how the health check of the group fails if nothing answers.
func failureOf(v targetGroup) targetHealth {
	if v.Protocol == geneve {
		return targetTimeout
	}
	return targetFailed
}

// reachesZone reports whether a load balancer sends to the targets in a zone. It does so too
// if the zone of the target, or one of those of the load balancer, is not known.
func reachesZone(b loadBalancer, name string) bool {
	return name == "" || name == everyZone || len(b.Zones) == 0 ||
		slices.ContainsFunc(b.Zones, func(z mirror.LoadBalancerZone) bool { return z.Zone == "" || z.Zone == name })
}

// instanceHealth returns the state of an instance as a target. About an instance that is not
// here, a topology may know something.
func instanceHealth(t *tx, id string, set targetHealth) targetHealth {
	i, ok := instances.get(t, id)
	switch state := stateOf(i); {
	case !ok && set.state != "":
		return set
	case !ok, state == stateTerminated, state == stateShuttingDown:
		return targetTerminated
	case state == stateStopped, state == stateStopping:
		return targetStopped
	case set.state != "":
		return set
	case state == statePending:
		return targetStarting
	}
	return targetHealthy
}

// isServed reports whether something can answer at an interface: an instance that runs, or a
// service that manages it.
func isServed(t *tx, v networkInterface) bool {
	return v.ID != "" && v.isAttached() && !hasStopped(t, v)
}

// seen returns a target group as it is described.
func (v targetGroup) seen(t *tx) mirror.TargetGroup {
	v.dropDrained(t.now)
	group := v.TargetGroup
	if group.CrossZone = cmp.Or(v.attribute(crossZoneEnabled), mirror.UseBalancerCrossZone); v.UnknownAttributes {
		group.CrossZone = ""
	}
	group.Targets = nil
	if !v.hasUnknown() {
		group.Targets = v.known(t, v.Targets)
	}
	return group
}

// known returns registered targets, each with its address, its zone and its health.
func (v targetGroup) known(t *tx, registered []mirror.RegisteredTarget) []mirror.RegisteredTarget {
	users, in := balancersTo(t, v.ARN), subnetsOf(t, v)
	list := make([]mirror.RegisteredTarget, len(registered))
	for i, r := range registered {
		at := v.locate(t, in, r)
		h := v.healthOf(t, at, users)
		at.Health, at.Reason, at.Description = h.state, h.reason, h.description
		list[i] = at.RegisteredTarget
	}
	return list
}

// describeTargetHealth describes all registered targets, or those that are asked for. If a
// topology leaves them out, they are not known, and the answer is that of a client without the
// permission.
func describeTargetHealth(q *query.Query) operation {
	arn, wanted := needGroupARN(q), readRegistered(q)
	for _, text := range q.Texts("Include") {
		if text != "AnomalyDetection" && text != "All" {
			q.Fail(query.InvalidValue("Include", text, "Write AnomalyDetection or All."))
		}
	}
	return func(t *tx, x *query.Writer) error {
		v, err := needGroup(t, arn)
		if err != nil {
			return err
		}
		isKnown := func(r mirror.RegisteredTarget) bool { return v.find(r) >= 0 }
		if v.hasUnknown() && (wanted == nil || !all(wanted, isKnown)) {
			return query.Refuse("AccessDenied", "The topology file does not say which targets the target group '%s' has. Write its targets in target_groups.", arn)
		}
		var list []mirror.RegisteredTarget
		if wanted == nil {
			list = v.known(t, v.Targets)
		} else {
			list, err = selectTargets(t, v, wanted)
		}
		query.List(x, "TargetHealthDescriptions", list, func(r mirror.RegisteredTarget) { writeTargetHealth(x, v, r) })
		return err
	}
}

func all[T any](list []T, is func(T) bool) bool {
	return !slices.ContainsFunc(list, func(v T) bool { return !is(v) })
}

// selectTargets returns some targets with their health, also those that are not registered.
func selectTargets(t *tx, v targetGroup, wanted []mirror.RegisteredTarget) ([]mirror.RegisteredTarget, error) {
	var found, registered []mirror.RegisteredTarget
	var places []int // in found, of the registered ones
	for _, w := range wanted {
		w.Port = cmp.Or(w.Port, v.Port)
		if v.TargetType == byInstance && !mirror.KindInstance.Is(w.ID) {
			return nil, query.Refuse("ValidationError", "Instance ID '%s' is not valid", w.ID)
		}
		if i := v.find(w); i >= 0 {
			found, registered, places = append(found, w), append(registered, v.Targets[i]), append(places, len(found))
			continue
		}
		w.Health, w.Reason, w.Description = targetNotRegistered.state, targetNotRegistered.reason, targetNotRegistered.description
		found = append(found, w)
	}
	for i, r := range v.known(t, registered) {
		found[places[i]] = r
	}
	return found, nil
}

func writeTargetHealth(x *query.Writer, v targetGroup, r mirror.RegisteredTarget) {
	x.In("Target", func() {
		x.Text("Id", r.ID)
		x.Text("Port", strconv.Itoa(r.Port))
		if v.TargetType == byAddress {
			x.OptText("AvailabilityZone", r.Zone)
		}
	})
	port := v.HealthCheck.Port
	if port == trafficPort {
		port = strconv.Itoa(r.Port)
	}
	x.Text("HealthCheckPort", port)
	x.In("TargetHealth", func() {
		x.Text("State", r.Health)
		x.OptText("Reason", r.Reason)
		x.OptText("Description", r.Description)
	})
}
