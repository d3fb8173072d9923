package emulator

import (
	"maps"
	"slices"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// The keys of the attributes of target groups that mean something here.
const (
	deregistrationDelay = "deregistration_delay.timeout_seconds"
	crossZoneEnabled    = "load_balancing.cross_zone.enabled"
	preserveClientIP    = "preserve_client_ip.enabled"
	failoverOnGoing     = "target_failover.on_deregistration"
	failoverOnUnhealthy = "target_failover.on_unhealthy"
	endsUnhealthy       = "target_health_state.unhealthy.connection_termination.enabled"
	unhealthyInterval   = "target_health_state.unhealthy.draining_interval_seconds"
)

// groupAttribute is an attribute of target groups with its default and its values
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html).
type groupAttribute struct {
	attributeRule
	initial func(targetGroup) string
}

func always(text string) func(targetGroup) string { return func(targetGroup) string { return text } }

func oneOf(values ...string) func(string) bool {
	return func(text string) bool { return slices.Contains(values, text) }
}

func between(lowest, highest int, or ...string) func(string) bool {
	return func(text string) bool {
		n, err := strconv.Atoi(text)
		return slices.Contains(or, text) || err == nil && n >= lowest && n <= highest
	}
}

// isDatagram reports whether the load balancer sends UDP to the targets of the group.
func isDatagram(v targetGroup) bool { return v.Protocol == "UDP" || v.Protocol == "TCP_UDP" }

func ofDatagrams(text, others string) func(targetGroup) string {
	return func(v targetGroup) string {
		if isDatagram(v) {
			return text
		}
		return others
	}
}

// preservesClientIP returns the default of client IP preservation.
func preservesClientIP(v targetGroup) string {
	return strconv.FormatBool(v.TargetType != byAddress || isDatagram(v))
}

// mostTargets is how many targets a target group can have
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-limits.html).
const mostTargets = 1000

var (
	commonAttributes = []groupAttribute{
		{attributeRule{deregistrationDelay, between(0, 3600), "a number of seconds from 0 to 3600"}, always("300")},
		{attributeRule{"stickiness.enabled", oneOf("true", "false"), "true or false"}, always("false")},
	}
	networkAttributes = append(slices.Clip(commonAttributes), []groupAttribute{
		{attributeRule{"stickiness.type", oneOf("source_ip"), "source_ip"}, always("source_ip")},
		{attributeRule{"target_group_health.dns_failover.minimum_healthy_targets.count", between(1, mostTargets, "off"), "off or a number from 1"}, always("1")},
		{attributeRule{"target_group_health.dns_failover.minimum_healthy_targets.percentage", between(1, 100, "off"), "off or a number from 1 to 100"}, always("off")},
		{attributeRule{"target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", between(1, mostTargets), "a number from 1"}, always("1")},
		{attributeRule{"target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", between(1, 100, "off"), "off or a number from 1 to 100"}, always("off")},
		{attributeRule{crossZoneEnabled, oneOf(mirror.CrossZones...), "true, false or use_load_balancer_configuration"}, always(mirror.UseBalancerCrossZone)},
		{attributeRule{"deregistration_delay.connection_termination.enabled", oneOf("true", "false"), "true or false"}, ofDatagrams("true", "false")},
		{attributeRule{preserveClientIP, oneOf("true", "false"), "true or false"}, preservesClientIP},
		{attributeRule{"proxy_protocol_v2.enabled", oneOf("true", "false"), "true or false"}, always("false")},
		{attributeRule{endsUnhealthy, oneOf("true", "false"), "true or false"}, ofDatagrams("false", "true")},
		{attributeRule{unhealthyInterval, between(0, 360000), "a number of seconds from 0 to 360000"}, always("0")},
	}...)
	gatewayAttributes = append(slices.Clip(commonAttributes), []groupAttribute{
		{attributeRule{"stickiness.type", oneOf("source_ip_dest_ip", "source_ip_dest_ip_proto"), "source_ip_dest_ip or source_ip_dest_ip_proto"}, always("source_ip_dest_ip_proto")},
		{attributeRule{failoverOnGoing, oneOf("rebalance", "no_rebalance"), "rebalance or no_rebalance"}, always("no_rebalance")},
		{attributeRule{failoverOnUnhealthy, oneOf("rebalance", "no_rebalance"), "rebalance or no_rebalance"}, always("no_rebalance")},
		{attributeRule{"send_tcp_reset.on_unhealthy.enabled", oneOf("true", "false"), "true or false"}, always("false")},
		{attributeRule{"send_tcp_reset.on_deregistration.enabled", oneOf("true", "false"), "true or false"}, always("false")},
	}...)
)

func attributesOf(v targetGroup) []groupAttribute {
	if v.Protocol == geneve {
		return gatewayAttributes
	}
	return networkAttributes
}

// attribute returns the value of an attribute, "" if the target group does not have it.
func (v targetGroup) attribute(key string) string {
	if text, set := v.Attributes[key]; set {
		return text
	}
	for _, a := range attributesOf(v) {
		if a.key == key {
			return a.initial(v)
		}
	}
	return ""
}

// withAttributes returns a target group with more attributes, or the error for those that it
// cannot have. A value that is the default is not kept.
func (v targetGroup) withAttributes(given map[string]string) (targetGroup, error) {
	known := attributesOf(v)
	set, err := withEach(v.Attributes, given, func(into map[string]string, key, text string) error {
		i := slices.IndexFunc(known, func(a groupAttribute) bool { return a.key == key })
		if i < 0 {
			return unknownAttribute("Target group", key)
		}
		into[key] = text
		return known[i].refuse("target group", text)
	})
	if err != nil {
		return v, err
	}
	v.Attributes = set
	v.dropDefaults()
	if given[unhealthyInterval] != "" && v.attribute(unhealthyInterval) != "0" && v.attribute(endsUnhealthy) == "true" {
		return v, query.Refuse("InvalidConfigurationRequest", "The attribute '%s' can be configured only if '%s' is false", unhealthyInterval, endsUnhealthy)
	}
	return v, refuseAttributes(v)
}

// dropDefaults removes the attributes that have their default.
func (v *targetGroup) dropDefaults() {
	for _, a := range attributesOf(*v) {
		if v.Attributes[a.key] == a.initial(*v) {
			delete(v.Attributes, a.key)
		}
	}
}

// refuseAttributes returns the error for attributes that contradict the protocol or one
// another.
func refuseAttributes(v targetGroup) error {
	switch {
	case isDatagram(v) && v.attribute(preserveClientIP) == "false":
		return query.Refuse("InvalidConfigurationRequest", "Client IP preservation cannot be disabled for target groups with the protocol %s", v.Protocol)
	case isDatagram(v) && v.attribute(endsUnhealthy) == "true":
		return query.Refuse("InvalidConfigurationRequest", "The attribute '%s' cannot be enabled for target groups with the protocol %s", endsUnhealthy, v.Protocol)
	case v.attribute(failoverOnGoing) != v.attribute(failoverOnUnhealthy):
		return query.Refuse("InvalidConfigurationRequest", "The values of '%s' and '%s' must be the same", failoverOnGoing, failoverOnUnhealthy)
	}
	return nil
}

func writeGroupAttributes(x *query.Writer, v targetGroup) {
	all := maps.Clone(v.Attributes) // a topology can have more than are known here
	if all == nil {
		all = map[string]string{}
	}
	for _, a := range attributesOf(v) {
		all[a.key] = v.attribute(a.key)
	}
	writeBalancingMap(x, "Attributes", all)
}

// describeGroupAttributes refuses attributes that an export could not read, as the account did.
func describeGroupAttributes(q *query.Query) operation {
	need := func(t *tx, arn string) (targetGroup, error) {
		v, err := needGroup(t, arn)
		if err == nil && v.UnknownAttributes {
			err = query.Refuse("AccessDenied", "The topology file does not say which attributes the target group '%s' has. Write its cross_zone in target_groups.", arn)
		}
		return v, err
	}
	return describeAttributes(needGroupARN(q), need, writeGroupAttributes)
}

func modifyGroupAttributes(q *query.Query) operation {
	return modifyAttributes(targetGroups, q, needGroupARN(q), needGroup, targetGroup.withAttributes, writeGroupAttributes)
}
