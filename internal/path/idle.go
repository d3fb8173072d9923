package path

import (
	"cmp"
	"fmt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// idleHop says why the load balancer does not send to a registered appliance, and what to do. No copy
// is lost by it: the load balancer sends them to the others
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-health-checks.html).
func idleHop(j *judge, a Appliance) Hop {
	h := hop(ApplianceReceiver, Skipped, cmp.Or(a.Node.ID, a.ID), a.ID, "The load balancer sends no copy to %s, which is %s in %s.", a.ID, healthText(a), a.GroupARN).rule(a.Health)
	switch {
	case a.Node.Unread != "":
		h.Fix = healthFix(j, a)
	case a.Node.ID == "":
		h.Reason += fmt.Sprintf(" EC2 shows no network interface of %s.", a.ID)
		h.Fix = goneFix(a)
	default:
		own := runningHop(ApplianceReceiver, a.Node)
		h.Reason += " " + own.Reason
		h.Fix = healthFix(j, a)
		if own.Outcome == Blocked {
			h.By, h.Rule, h.Fix = own.By, cmp.Or(own.Rule, h.Rule), own.Fix
		}
	}
	return h
}

// otherZoneHop says that the load balancer has no node that sends to an appliance.
func otherZoneHop(j *judge, a Appliance) Hop {
	arn := a.GroupARN
	if lb := j.Backing.LoadBalancer; lb != nil {
		arn = lb.ARN
	}
	return hop(ApplianceReceiver, Skipped, cmp.Or(a.Node.ID, a.ID), a.ID, "The load balancer sends no copy to %s: cross-zone load balancing is off, and it has no node in %s.", a.ID, a.Zone).rule(a.Zone).
		fix("Turn cross-zone load balancing on, or enable %s for %s.", a.Zone, arn)
}

// healthText returns the health of a registered target, with its reason.
func healthText(a Appliance) string {
	text := cmp.Or(a.Health, "of a health that is not shown")
	if a.Reason != "" {
		text += " (" + a.Reason + ")"
	}
	return text
}

func goneFix(a Appliance) string {
	if a.GroupARN == "" {
		return fmt.Sprintf("If %s was deleted, register another appliance.", a.ID)
	}
	return fmt.Sprintf("If %s was deleted, deregister it from %s, and register another appliance there.", a.ID, a.GroupARN)
}

// healthFix says what to do about an appliance that is not healthy.
func healthFix(j *judge, a Appliance) string {
	switch a.Health {
	case mirror.TargetInitial:
		return fmt.Sprintf("Wait until the health check of %s has passed.", a.ID)
	case mirror.TargetDraining, mirror.TargetUnhealthyDraining:
		return fmt.Sprintf("If %s is to get copies, register it in %s again.", a.ID, a.GroupARN)
	case mirror.TargetUnused:
		return unusedFix(j, a)
	case mirror.TargetUnhealthy:
		return cmp.Or(healthHintOf(j, a), fmt.Sprintf("Find out why the health check of %s does not pass%s.", a.ID, onPort(healthPort(j, a))))
	}
	return fmt.Sprintf("Find out why Elastic Load Balancing does not report %s as healthy.", a.ID)
}

func onPort(port int) string {
	if port == 0 {
		return ""
	}
	return fmt.Sprintf(" on TCP port %d", port)
}

// unusedFix says what to do about a target that is not in use: its zone is not one of the load
// balancer, or its instance does not run
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html).
func unusedFix(j *judge, a Appliance) string {
	lb := j.Backing.LoadBalancer
	if a.Reason == "Target.NotInUse" && lb != nil && a.Zone != "" && a.Zone != "all" && len(lb.Zones) > 0 && !hasZone(*lb, a.Zone) {
		return fmt.Sprintf("Enable %s for %s, or register an appliance in another Availability Zone.", a.Zone, lb.ARN)
	}
	return fmt.Sprintf("Bring %s back into service, or register another appliance in %s.", a.ID, a.GroupARN)
}

func hasZone(lb mirror.LoadBalancer, zone string) bool {
	for _, z := range lb.Zones {
		if z.Zone == zone {
			return true
		}
	}
	return false
}
