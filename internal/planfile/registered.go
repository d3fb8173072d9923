package planfile

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// registrars are the arguments by which other resources register targets in target groups.
var registrars = map[string][]string{
	"aws_autoscaling_attachment":                {"lb_target_group_arn", "alb_target_group_arn"},
	"aws_autoscaling_group":                     {"target_group_arns", "traffic_source"},
	"aws_autoscaling_traffic_source_attachment": {"traffic_source"},
	"aws_ecs_service":                           {"load_balancer"},
	"aws_ecs_task_set":                          {"load_balancer"},
}

// groupArguments are the arguments of a target group that decide which of its targets get copies, and how.
// The others decide about targets that are not healthy, which a file does not know, or about flows that exist
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html).
var groupArguments = []string{crossZone, "port", "protocol", "target_type", "ip_address_type", "proxy_protocol_v2"}

const (
	crossZone = "load_balancing_cross_zone_enabled"
	ipv6      = "ipv6" // an instance has another address in such a group
)

// registered returns the target group with the targets that the file registers in it, and whether
// these are all, as far as the file shows. A group that the file does not make, or in which it
// registers nothing, has its targets from elsewhere. With the proxy protocol, targets get a header
// before each copy, which this does not know.
func (q balancers) registered(all *balancing) (mirror.TargetGroup, bool) {
	group := all.group
	g := mirror.TargetGroup{
		ARN: cmp.Or(group.knownText("arn"), group.address), Name: cmp.Or(group.knownText("name"), group.address),
		CrossZone: cmp.Or(group.knownText(crossZone), mirror.UseBalancerCrossZone), Protocol: group.knownText("protocol"), Port: knownPort(group),
		TargetType: group.knownText("target_type"), VPCID: group.knownText("vpc_id"), IPAddressType: group.knownText("ip_address_type"),
		Attributes: groupAttributes(group),
	}
	if isSetUnknown(group, crossZone) {
		g.CrossZone = ""
	}
	isUnknown := func(argument string) bool { return isSetUnknown(group, argument) }
	all.isOpen = group.place.isData || len(q.file.Warnings) > 0
	isWhole := !slices.ContainsFunc(groupArguments, isUnknown) && group.values["proxy_protocol_v2"] != true
	for _, o := range q.file.objects {
		switch {
		case o.isDeleted:
		case slices.Contains(attachmentKinds, o.place.kind):
			of, found := q.file.follow(o, "target_group_arn", groupKinds)
			if found && of == group {
				g.Targets = append(g.Targets, q.registeredTarget(o, g))
				all.attachments = append(all.attachments, o)
			}
			all.isOpen = all.isOpen || !found && o.knownText("target_group_arn") == ""
			isWhole = isWhole && !isSetUnknown(o, "port")
		case registrars[o.place.kind] != nil:
			all.isOpen = all.isOpen || mayRegister(o, g.ARN)
		}
	}
	return g, isWhole && !all.isOpen && g.Targets != nil
}

// groupAttributes returns the attributes of a target group that are not the default, by the keys of Elastic
// Load Balancing, as far as they decide who gets copies.
func groupAttributes(group *object) map[string]string {
	health := blockIn(group.values, "target_group_health", "unhealthy_state_routing")
	sticky := blockIn(group.values, "stickiness")
	const minimum = "minimum_healthy_targets_"
	all := map[string]string{}
	for _, a := range []struct {
		key, initial string
		value        any
	}{
		{mirror.StickinessAttribute, "false", sticky["enabled"]},
		{mirror.MinimumHealthyAttributes + "count", "1", health[minimum+"count"]},
		{mirror.MinimumHealthyAttributes + "percentage", "off", health[minimum+"percentage"]},
	} {
		if text := fmt.Sprint(a.value); a.value != nil && text != "" && text != a.initial {
			all[a.key] = text
		}
	}
	if kind, _ := sticky["type"].(string); all[mirror.StickinessAttribute] != "" && kind != "" {
		all["stickiness.type"] = kind
	}
	return all
}

// blockIn returns the values of a block in blocks, each of which is there at most once.
func blockIn(values map[string]any, path ...string) map[string]any {
	for _, name := range path {
		blocks, _ := values[name].([]any)
		if len(blocks) != 1 {
			return nil
		}
		values, _ = blocks[0].(map[string]any)
	}
	return values
}

// registeredTarget returns what an attachment registers.
func (q balancers) registeredTarget(attachment *object, g mirror.TargetGroup) mirror.RegisteredTarget {
	t := mirror.RegisteredTarget{ID: cmp.Or(attachment.knownText("target_id"), attachment.address), Zone: attachment.knownText("availability_zone"), Port: knownPort(attachment)}
	if g.TargetType == "ip" {
		t.Address, _ = netip.ParseAddr(t.ID)
		t.Zone = cmp.Or(t.Zone, q.zoneOfAddress(t.Address, g.VPCID))
		return t
	}
	instance, _ := q.file.byReference(t.ID, targetInstances)
	if attachment.isUnknown("target_id") {
		found, warning, err := q.file.resolve(attachment, "target_id", targetInstances)
		if err == nil && warning == "" {
			instance = found
		}
	}
	if instance == nil {
		return t
	}
	t.Zone = cmp.Or(t.Zone, q.file.zoneOf(instance))
	if g.IPAddressType != ipv6 {
		t.Address = interfaceOf(instance).PrivateIPAddress
	}
	if state := instance.knownText("instance_state"); mirror.IsStopped(state) {
		t.Health, t.Reason, t.Description = mirror.TargetUnused, "Target.InvalidState", "Target is in the "+state+" state"
	}
	return t
}

// zoneOfAddress returns the Availability Zone of the subnet of a VPC that has an address, or "".
func (q balancers) zoneOfAddress(address netip.Addr, vpcID string) string {
	for _, o := range q.file.objects {
		block, err := netip.ParsePrefix(o.knownText("cidr_block"))
		if !o.isDeleted && slices.Contains(subnetKinds, o.place.kind) && err == nil && block.Contains(address) && vpcID != "" && o.knownText("vpc_id") == vpcID {
			return o.knownText("availability_zone")
		}
	}
	return ""
}

// inZones returns registered targets with their health, as far as the Availability Zones of the load
// balancer decide about it: it sends nothing to targets in other zones, also across zones
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/network-load-balancers.html#availability-zones).
func inZones(targets []mirror.RegisteredTarget, zones []mirror.LoadBalancerZone) []mirror.RegisteredTarget {
	if len(zones) == 0 || slices.ContainsFunc(zones, func(z mirror.LoadBalancerZone) bool { return z.Zone == "" }) {
		return targets
	}
	targets = slices.Clone(targets)
	for i, t := range targets {
		if t.Zone != "" && t.Zone != "all" && !slices.ContainsFunc(zones, func(z mirror.LoadBalancerZone) bool { return z.Zone == t.Zone }) {
			t.Health, t.Reason = mirror.TargetUnused, "Target.NotInUse"
			t.Description = "Target is in an Availability Zone that is not enabled for the load balancer"
			targets[i] = t
		}
	}
	return targets
}

// knownPort returns the port of a target group or of a registration, or 0.
func knownPort(o *object) int {
	if port, err := o.number("port"); err == nil && port != nil {
		return *port
	}
	return 0
}

// mayRegister reports whether a resource registers targets in a target group, or can do so: what
// is unknown of it may be the ARN of the group.
func mayRegister(o *object, arn string) bool {
	unknown, _ := o.unknown.(map[string]any)
	for _, argument := range registrars[o.place.kind] {
		_, hasUnknown := marked(unknown[argument], argument)
		isSet := o.config == nil || o.config.Expressions[argument] != nil
		if hasUnknown && isSet || hasText(o.values[argument], arn) {
			return true
		}
	}
	return false
}

// hasText reports whether a text is somewhere in a value.
func hasText(value any, text string) bool {
	switch value := value.(type) {
	case string:
		return value == text
	case []any:
		return slices.ContainsFunc(value, func(v any) bool { return hasText(v, text) })
	case map[string]any:
		for _, v := range value {
			if hasText(v, text) {
				return true
			}
		}
	}
	return false
}
