package planfile

import (
	"cmp"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// balancing adds what the file has of the load balancer of a target: its name, its listener for
// copies, and what is registered behind it. The file may not have all, so that what is missing is
// unknown.
func (q overviewer) balancing(target *object, argument string, t *PlannedTarget) {
	o, found := q.file.follow(target, argument, balancerKinds)
	if !found {
		return
	}
	t.Backing = o.name()
	lb := &mirror.LoadBalancer{ARN: cmp.Or(o.knownText("arn"), o.address), Name: cmp.Or(o.knownText("name"), o.address), Type: mirror.NetworkBalancer}
	if on, err := o.value("enable_cross_zone_load_balancing"); err == nil {
		if isOn, isBool := on.(bool); isBool {
			lb.CrossZone = &isOn
		}
	}
	t.Endpoint.LoadBalancer = lb
	group, found := q.copyGroup(o)
	if !found {
		return
	}
	registered := mirror.TargetGroup{ARN: cmp.Or(group.knownText("arn"), group.address), Name: cmp.Or(group.knownText("name"), group.address)}
	for _, a := range q.file.objects {
		if a.isDeleted || !slices.Contains(attachmentKinds, a.place.kind) {
			continue
		}
		if of, ok := q.file.follow(a, "target_group_arn", groupKinds); ok && of == group {
			registered.Targets = append(registered.Targets, mirror.RegisteredTarget{ID: cmp.Or(a.knownText("target_id"), a.address)})
		}
	}
	t.Endpoint.TargetGroups = []mirror.TargetGroup{registered}
}

// The types of resource of Elastic Load Balancing, in addition to load balancers.
var (
	listenerKinds   = []string{"aws_lb_listener", "aws_alb_listener"}
	groupKinds      = []string{"aws_lb_target_group", "aws_alb_target_group"}
	attachmentKinds = []string{"aws_lb_target_group_attachment", "aws_alb_target_group_attachment"}
)

// copyGroup returns the target group of the listener for copies of a load balancer.
func (q overviewer) copyGroup(balancer *object) (*object, bool) {
	for _, o := range q.file.objects {
		port, err := o.number("port")
		if o.isDeleted || !slices.Contains(listenerKinds, o.place.kind) || err != nil || port == nil || *port != vxlanPort || !slices.Contains([]string{"UDP", "TCP_UDP"}, o.knownText("protocol")) {
			continue
		}
		if found, ok := q.file.follow(o, "load_balancer_arn", balancerKinds); ok && found == balancer {
			return q.forwardsTo(o)
		}
	}
	return nil, false
}

// forwardsTo returns the target group of the first action of a listener.
func (q overviewer) forwardsTo(listener *object) (*object, bool) {
	const block, argumentName = "default_action", "target_group_arn"
	actions, _ := listener.values[block].([]any)
	if len(actions) > 0 {
		action, _ := actions[0].(map[string]any)
		if arn, isText := action[argumentName].(string); isText {
			o, err := q.file.byReference(arn, groupKinds)
			return o, err == nil
		}
	}
	e, isSet := argument(listener.config.block(block), argumentName)
	if !isSet {
		return nil, false
	}
	o, warning, err := q.file.resolveExpression(listener, block+"."+argumentName, e, groupKinds)
	return o, err == nil && warning == ""
}
