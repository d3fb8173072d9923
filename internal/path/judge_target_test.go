package path_test

import (
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/path"
)

// skipped returns how many hops say that the load balancer does not send to an appliance.
func skipped(r path.Result) (n int) {
	for _, h := range r.Hops {
		if h.Outcome == path.Skipped {
			n++
		}
	}
	return n
}

// The same instance is another target with another port, and in another target group.
func TestJudge_sameInstanceTwice(t *testing.T) {
	t.Parallel()
	ports := toBalancer()
	changed(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) {
		again := g.Targets[0]
		again.Port, again.Health = 53, mirror.TargetDraining
		g.Targets = append(g.Targets, again)
	})(&ports)
	if r := path.Judge(ports); skipped(r) != 1 {
		t.Errorf("%d appliances get nothing, want the one with the port 53:\n%+v", skipped(r), r.Hops)
	}

	groups := toBalancer()
	lb, group := balancer()
	other := group
	other.ARN, other.Targets = groupARN+"0", []mirror.RegisteredTarget{group.Targets[0], group.Targets[1]}
	other.Targets[0].Health = mirror.TargetDraining
	lb.Listeners[0].TargetGroups = append(lb.Listeners[0].TargetGroups, other.ARN)
	groups.Backing.SetLoadBalancer(lb, []mirror.TargetGroup{group, other})
	for _, a := range groups.Appliances[:2] {
		a.GroupARN = other.ARN
		groups.Appliances = append(groups.Appliances, a)
	}
	if r := path.Judge(groups); skipped(r) != 1 {
		t.Errorf("%d appliances get nothing, want the one of the other target group:\n%+v", skipped(r), r.Hops)
	}
}
