package emulator

import (
	"maps"
	"slices"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// The keys of the attributes of target groups that mean something here.
const (
	deregistrationDelay = "deregistration_delay.timeout_seconds"
	crossZoneEnabled    = "load_balancing.cross_zone.enabled"
	preserveClientIP    = "preserve_client_ip.enabled"
	failoverOnGoing     = "target_failover.on_deregistration"
	failoverOnUnhealthy = "target_failover.on_unhealthy"
	endsUnhealthy       = "target_health_state.unhealthy.connection_termination.enabled"
)

// groupAttribute is an attribute of target groups with its default and its values
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html).
type groupAttribute struct {
	key     string
	initial func(targetGroup) string
	accepts func(text string) bool
	values  string // in words
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

const mostTargets = 1000

var (
	commonAttributes = []groupAttribute{
		{deregistrationDelay, always("300"), between(0, 3600), "a number of seconds from 0 to 3600"},
		{"stickiness.enabled", always("false"), oneOf("true", "false"), "true or false"},
	}
	networkAttributes = append(slices.Clip(commonAttributes), []groupAttribute{
		{"stickiness.type", always("source_ip"), oneOf("source_ip"), "source_ip"},
		{"target_group_health.dns_failover.minimum_healthy_targets.count", always("1"), between(1, mostTargets, "off"), "off or a number from 1"},
		{"target_group_health.dns_failover.minimum_healthy_targets.percentage", always("off"), between(1, 100, "off"), "off or a number from 1 to 100"},
		{"target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", always("1"), between(1, mostTargets), "a number from 1"},
		{"target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", always("off"), between(1, 100, "off"), "off or a number from 1 to 100"},
		{crossZoneEnabled, always("use_load_balancer_configuration"), oneOf("true", "false", "use_load_balancer_configuration"), "true, false or use_load_balancer_configuration"},
		{"deregistration_delay.connection_termination.enabled", ofDatagrams("true", "false"), oneOf("true", "false"), "true or false"},
		{preserveClientIP, preservesClientIP, oneOf("true", "false"), "true or false"},
		{"proxy_protocol_v2.enabled", always("false"), oneOf("true", "false"), "true or false"},
		{endsUnhealthy, ofDatagrams("false", "true"), oneOf("true", "false"), "true or false"},
		{"target_health_state.unhealthy.draining_interval_seconds", always("0"), between(0, 360000), "a number of seconds from 0 to 360000"},
	}...)
	gatewayAttributes = append(slices.Clip(commonAttributes), []groupAttribute{
		{"stickiness.type", always("source_ip_dest_ip_proto"), oneOf("source_ip_dest_ip", "source_ip_dest_ip_proto"), "source_ip_dest_ip or source_ip_dest_ip_proto"},
		{failoverOnGoing, always("no_rebalance"), oneOf("rebalance", "no_rebalance"), "rebalance or no_rebalance"},
		{failoverOnUnhealthy, always("no_rebalance"), oneOf("rebalance", "no_rebalance"), "rebalance or no_rebalance"},
		{"send_tcp_reset.on_unhealthy.enabled", always("false"), oneOf("true", "false"), "true or false"},
		{"send_tcp_reset.on_deregistration.enabled", always("false"), oneOf("true", "false"), "true or false"},
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
	set := maps.Clone(v.Attributes)
	if set == nil {
		set = map[string]string{}
	}
	known := attributesOf(v)
	for _, key := range slices.Sorted(maps.Keys(given)) {
		i := slices.IndexFunc(known, func(a groupAttribute) bool { return a.key == key })
		if i < 0 {
			return v, query.Refuse("ValidationError", "Target group attribute key '%s' is not recognized", key)
		}
		if !known[i].accepts(given[key]) {
			return v, query.Refuse("ValidationError", "The value '%s' of the target group attribute '%s' is not valid. Write %s.", given[key], key, known[i].values)
		}
		set[key] = given[key]
	}
	v.Attributes = set
	v.dropDefaults()
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

func describeGroupAttributes(q *query.Query) operation {
	arn := needGroupARN(q)
	return func(t *tx, x *query.Writer) error {
		v, err := needGroup(t, arn)
		if err != nil {
			return err
		}
		writeGroupAttributes(x, v)
		return nil
	}
}

func modifyGroupAttributes(q *query.Query) operation {
	arn := needGroupARN(q)
	given := map[string]string{}
	for _, member := range q.Items("Attributes") {
		given[q.NeedText(member+".Key")] = q.Text(member + ".Value")
	}
	if len(given) == 0 {
		q.Fail(query.Missing("Attributes.member.1.Key"))
	}
	return func(t *tx, x *query.Writer) error {
		v, err := needGroup(t, arn)
		if err != nil {
			return err
		}
		if v, err = v.withAttributes(given); err != nil {
			return err
		}
		targetGroups.put(t, arn, v)
		writeGroupAttributes(x, v)
		return nil
	}
}
