package path_test

import (
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/path"
)

// Each registered appliance has a hop of its own, with its ID, its state and what to do, whatever the
// others are.
func TestJudge_appliances(t *testing.T) {
	t.Parallel()
	const second = "i-00000000000000004"
	health := func(health, reason string) func(*path.Facts) {
		return changed(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) {
			g.Targets[1].Health, g.Targets[1].Reason = health, reason
		})
	}
	both := func(a, b func(*path.Facts)) func(*path.Facts) {
		return func(f *path.Facts) { a(f); b(f) }
	}
	secondNode := func(change func(*path.Node)) func(*path.Facts) {
		return func(f *path.Facts) { change(&f.Appliances[1].Node) }
	}
	stopped := secondNode(func(n *path.Node) { n.InstanceState = "stopped" })
	gone := secondNode(func(n *path.Node) { *n = path.Node{} })
	for name, test := range map[string]struct {
		plant   func(*path.Facts)
		whole   path.Outcome
		outcome path.Outcome // of the hop of the second appliance
		by      string
		rule    string
		reason  string
		fix     string
	}{
		"healthy": {func(*path.Facts) {}, path.Passes, path.Passes, second, "running", "is attached to " + second + ", which is running. The registered target " + second + " is healthy.", ""},
		"healthy and stopped": {
			stopped, path.Partly, path.Blocked, second, "stopped", "which is stopped. The registered target " + second + " is healthy.", "Start " + second + ".",
		},
		"healthy and deleted": {gone, path.Unknown, path.Unknown, groupARN, "", "no network interface of the appliance " + second, "If " + second + " was deleted, deregister it from " + groupARN},
		"unhealthy": {
			health(mirror.TargetUnhealthy, "Target.FailedHealthChecks"), path.Passes, path.Skipped, second, "unhealthy",
			"sends no copy to " + second + ", which is unhealthy (Target.FailedHealthChecks) in " + groupARN, "Find out why the health check of " + second + " does not pass.",
		},
		"unhealthy, and its group closed to the health check": {
			changed(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) {
				g.Targets[1].Health, g.HealthCheck.Port = mirror.TargetUnhealthy, "80"
			}), path.Passes, path.Skipped, second, "unhealthy",
			"which is unhealthy in", "no inbound rule of " + applianceGroup + ", the security groups of eni-00000000000000004, allows TCP port 80 from 10.0.3.5",
		},
		"stopped, and out of service": {
			both(health(mirror.TargetUnused, "Target.InvalidState"), stopped), path.Passes, path.Skipped, second, "stopped",
			"which is unused (Target.InvalidState)", "Start " + second + ".",
		},
		"unattached": {
			both(health(mirror.TargetUnhealthy, ""), secondNode(func(n *path.Node) { n.InstanceID, n.InstanceState = "", "" })), path.Passes, path.Skipped, "eni-00000000000000004", "unhealthy",
			"is attached to no instance", "Attach eni-00000000000000004 to an instance.",
		},
		"deleted": {
			both(health(mirror.TargetUnhealthy, ""), gone), path.Passes, path.Skipped, second, "unhealthy",
			"EC2 shows no network interface of " + second, "If " + second + " was deleted, deregister it from " + groupARN,
		},
		"new":      {health(mirror.TargetInitial, ""), path.Passes, path.Skipped, second, "initial", "which is initial", "Wait until the health check of " + second},
		"draining": {health(mirror.TargetDraining, ""), path.Passes, path.Skipped, second, "draining", "which is draining", "register it in " + groupARN + " again"},
		"in a zone that the load balancer does not have": {
			changed(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) {
				g.Targets[1].Health, g.Targets[1].Reason, g.Targets[1].Zone = mirror.TargetUnused, "Target.NotInUse", "eu-west-1c"
			}), path.Passes, path.Skipped, second, "unused", "which is unused (Target.NotInUse)", "Enable eu-west-1c for " + balancerARN,
		},
		"no node of the load balancer reaches its zone": {
			changed(func(lb *mirror.LoadBalancer, g *mirror.TargetGroup) {
				lb.CrossZone, g.Targets[1].Zone = ptr(false), "eu-west-1c"
			}), path.Unknown, path.Skipped, second, "eu-west-1c",
			"it has no node in eu-west-1c", "enable eu-west-1c for " + balancerARN,
		},
		"health not shown": {health("", ""), path.Unknown, path.Unknown, second, "", "of a health that is not shown", "does not report " + second + " as healthy"},
		"all unhealthy": {
			changed(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) {
				g.Targets[0].Health, g.Targets[1].Health = mirror.TargetUnhealthy, mirror.TargetUnhealthy
			}), path.Unknown, path.Unknown, second, "unhealthy", "it is not known whether it takes the copies", "Find out why the health check of " + second,
		},
		"unhealthy, and alone in its zone with cross-zone off": {
			changed(func(lb *mirror.LoadBalancer, g *mirror.TargetGroup) {
				lb.CrossZone, g.Targets[1].Health = ptr(false), mirror.TargetUnhealthy
			}), path.Unknown, path.Unknown, second, "unhealthy", "it is not known whether it takes the copies", "Find out why the health check of " + second,
		},
		"all out of service": {
			changed(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) {
				g.Targets[0].Health, g.Targets[1].Health = mirror.TargetUnused, mirror.TargetUnused
			}), path.Blocked, path.Skipped, second, "unused", "sends no copy to " + second, "Bring " + second + " back into service",
		},
		"the other one closed": {
			both(health(mirror.TargetUnhealthy, ""), func(f *path.Facts) { f.Appliances[0].Node.GroupIDs = []string{sourceGroup} }), path.Blocked, path.Skipped, second, "unhealthy", "which is unhealthy", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := toBalancer()
			test.plant(&f)
			r := path.Judge(f)
			if r.Outcome != test.whole {
				t.Errorf("%s, want %s\n%s", r.Outcome, test.whole, r.Text())
			}
			var own []path.Hop
			for _, h := range r.Hops {
				if h.What == path.ApplianceReceiver {
					own = append(own, h)
				}
			}
			if len(own) != 2 {
				t.Fatalf("%d appliances have a hop:\n%s", len(own), r.Text())
			}
			h := own[1]
			if h.Outcome != test.outcome || h.By != test.by || h.Rule != test.rule || !strings.Contains(h.Reason, test.reason) || !strings.Contains(h.Fix, test.fix) {
				t.Errorf("%+v\nwant %+v", h, test)
			}
			if (h.Fix == "") != (h.Outcome == path.Passes) {
				t.Errorf("%s with the fix %q", h.Outcome, h.Fix)
			}
		})
	}
}
