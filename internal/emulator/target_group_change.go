package emulator

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// createTargetGroup makes a target group. A second request with the same settings gets the
// group of the first one.
func createTargetGroup(q *query.Query) operation {
	v := readTargetGroup(q)
	tagged := readBalancingTags(q)
	return func(t *tx, x *query.Writer) error {
		v := v
		if !vpcs.has(t, v.VPCID) {
			return query.Refuse("ValidationError", "The VPC ID '%s' is not found", v.VPCID)
		}
		known, exists := groupNamed(t, v.Name)
		if exists && !sameSettings(known, v) {
			return query.Refuse("DuplicateTargetGroupName", "A target group with the same name '%s' exists, but with different settings", v.Name)
		}
		if exists {
			v = known
		} else {
			v.ARN = balancingARN(t, groupResource+"/"+v.Name+"/"+balancingID(t))
			v.Targets = []mirror.RegisteredTarget{}
			targetGroups.put(t, v.ARN, v)
			setTags(t, v.ARN, tagged)
		}
		writeTargetGroups(x, t, v)
		return nil
	}
}

func sameSettings(a, b targetGroup) bool {
	return a.Protocol == b.Protocol && a.Port == b.Port && a.VPCID == b.VPCID && a.TargetType == b.TargetType &&
		a.IPAddressType == b.IPAddressType && a.HealthCheck == b.HealthCheck
}

func readTargetGroup(q *query.Query) targetGroup {
	var v targetGroup
	v.Name = q.Text("Name")
	q.Fail(checkBalancingName("Target group", v.Name))
	v.TargetType = cmp.Or(q.Text("TargetType"), byInstance)
	v.IPAddressType = cmp.Or(q.Text("IpAddressType"), groupsIPv4)
	v.Protocol = q.Text("Protocol")
	port := q.Int("Port")
	v.VPCID = q.Text("VpcId")
	q.Fail(refuseGroup(v, port))
	if port != nil {
		v.Port = *port
	}
	v.HealthCheck = defaultHealthCheck(v.Protocol)
	q.Fail(readHealthCheck(q).apply(&v))
	return v
}

// refuseGroup returns the error for a target group that Elastic Load Balancing cannot have, or that
// is not here.
func refuseGroup(v targetGroup, port *int) error {
	switch {
	case slices.Contains([]string{"alb", "lambda"}, v.TargetType), slices.Contains([]string{"HTTP", "HTTPS", "QUIC", "TCP_QUIC"}, v.Protocol):
		return query.Refuse("OperationNotPermitted", "The embedded AWS has target groups of Network and Gateway Load Balancers: target type instance or ip, protocol %s", strings.Join(groupProtocols, ", "))
	case v.TargetType != byInstance && v.TargetType != byAddress:
		return query.InvalidValue("TargetType", v.TargetType, "Write instance or ip.")
	case v.Protocol == "":
		return query.Refuse("ValidationError", "A protocol must be specified")
	case !slices.Contains(groupProtocols, v.Protocol):
		return query.InvalidValue("Protocol", v.Protocol, "Write one of "+strings.Join(groupProtocols, ", ")+".")
	case port == nil:
		return query.Refuse("ValidationError", "A port must be specified")
	case *port < 1 || *port > 65535:
		return query.Refuse("ValidationError", "Port '%d' is not valid. Write a number from 1 to 65535.", *port)
	case v.Protocol == geneve && *port != genevePort:
		return query.Refuse("ValidationError", "The port of a target group with the protocol GENEVE must be %d", genevePort)
	case v.VPCID == "":
		return query.Refuse("ValidationError", "A VPC ID must be specified")
	case v.IPAddressType != groupsIPv4 && v.IPAddressType != groupsIPv6:
		return query.InvalidValue("IpAddressType", v.IPAddressType, "Write ipv4 or ipv6.")
	case v.Protocol == geneve && v.IPAddressType != groupsIPv4:
		return query.Refuse("ValidationError", "A target group with the protocol GENEVE has the IP address type ipv4")
	}
	return nil
}

// defaultHealthCheck returns the health check of a target group for which a request says
// nothing about it.
func defaultHealthCheck(protocol string) mirror.HealthCheck {
	h := mirror.HealthCheck{Protocol: "TCP", Port: trafficPort, IntervalSeconds: 30, TimeoutSeconds: 10, HealthyThreshold: 5, UnhealthyThreshold: 2}
	if protocol == geneve {
		h.Port, h.IntervalSeconds, h.TimeoutSeconds = "80", 10, 5
	}
	return h
}

// healthCheckRequest is what a request says about a health check. What it leaves out is nil or
// empty.
type healthCheckRequest struct {
	enabled                               *bool
	protocol, port, path, matcher         string
	interval, timeout, healthy, unhealthy *int
}

func readHealthCheck(q *query.Query) healthCheckRequest {
	return healthCheckRequest{
		enabled:   q.OptBool("HealthCheckEnabled"),
		protocol:  q.Text("HealthCheckProtocol"),
		port:      q.Text("HealthCheckPort"),
		path:      q.Text("HealthCheckPath"),
		matcher:   q.Text("Matcher.HttpCode"),
		interval:  q.Int("HealthCheckIntervalSeconds"),
		timeout:   q.Int("HealthCheckTimeoutSeconds"),
		healthy:   q.Int("HealthyThresholdCount"),
		unhealthy: q.Int("UnhealthyThresholdCount"),
	}
}

// apply changes the health check of a target group as a request says.
func (r healthCheckRequest) apply(v *targetGroup) error {
	h := &v.HealthCheck
	if r.enabled != nil && !*r.enabled {
		return query.Refuse("ValidationError", "Health check enabled must be true for target groups with target type '%s'", v.TargetType)
	}
	if r.protocol != "" && r.protocol != h.Protocol {
		h.Protocol = r.protocol
		useProtocolDefaults(h, v.Protocol)
	}
	h.Port = cmp.Or(r.port, h.Port)
	h.Path = cmp.Or(r.path, h.Path)
	h.Matcher = cmp.Or(r.matcher, h.Matcher)
	replace(&h.IntervalSeconds, r.interval)
	replace(&h.TimeoutSeconds, r.timeout)
	replace(&h.HealthyThreshold, r.healthy)
	replace(&h.UnhealthyThreshold, r.unhealthy)
	return refuseHealthCheck(*v)
}

// useProtocolDefaults sets what depends on the protocol of a health check.
func useProtocolDefaults(h *mirror.HealthCheck, groupProtocol string) {
	h.Path, h.Matcher = "", ""
	if h.Protocol != "TCP" {
		h.Path, h.Matcher = "/", "200-399"
	}
	if groupProtocol == geneve {
		return
	}
	h.TimeoutSeconds = 10
	if h.Protocol == "HTTP" {
		h.TimeoutSeconds = 6
	}
}

// refuseHealthCheck returns the error for a health check that a target group cannot have.
func refuseHealthCheck(v targetGroup) error {
	h := v.HealthCheck
	port, err := strconv.Atoi(h.Port)
	switch {
	case h.Protocol != "TCP" && h.Protocol != "HTTP" && h.Protocol != "HTTPS":
		return query.Refuse("ValidationError", "Health check protocol '%s' is not supported for target groups with the protocol '%s'. Write TCP, HTTP or HTTPS.", h.Protocol, v.Protocol)
	case h.Port != trafficPort && (err != nil || port < 1 || port > 65535):
		return query.Refuse("ValidationError", "Health check port '%s' must be a number from 1 to 65535 or '%s'", h.Port, trafficPort)
	case h.Protocol != "TCP" && !isMatcher(h.Matcher, highestCode(v.Protocol)):
		return query.Refuse("ValidationError", "Health check matcher HTTP code '%s' must be within '%d-%d' inclusive, such as 200,202 or 200-299", h.Matcher, lowestCode, highestCode(v.Protocol))
	case h.Protocol == "TCP" && (h.Path != "" || h.Matcher != ""):
		return query.Refuse("ValidationError", "Health checks with the protocol TCP have no path and no matcher")
	case h.Path != "" && (!strings.HasPrefix(h.Path, "/") || len(h.Path) > 1024):
		return query.Refuse("ValidationError", "Health check path '%s' must begin with '/' and have up to 1024 characters", h.Path)
	}
	for _, n := range []struct {
		name            string
		value, min, max int
	}{
		{"Health check interval", h.IntervalSeconds, 5, 300},
		{"Health check timeout", h.TimeoutSeconds, 2, 120},
		{"Healthy threshold count", h.HealthyThreshold, 2, 10},
		{"Unhealthy threshold count", h.UnhealthyThreshold, 2, 10},
	} {
		if n.value < n.min || n.value > n.max {
			return query.Refuse("ValidationError", "%s '%d' must be between '%d' and '%d' inclusive", n.name, n.value, n.min, n.max)
		}
	}
	if h.IntervalSeconds <= h.TimeoutSeconds {
		return query.Refuse("ValidationError", "Health check interval must be greater than the timeout.")
	}
	return nil
}

// lowestCode and highestCode are the HTTP codes that a health check can expect
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Matcher.html).
const lowestCode = 200

func highestCode(protocol string) int {
	if protocol == geneve {
		return 399
	}
	return 599
}

// isMatcher reports whether a text is a list of HTTP codes and of ranges of them.
func isMatcher(text string, highest int) bool {
	for part := range strings.SplitSeq(text, ",") {
		from, to, isRange := strings.Cut(part, "-")
		first, err := strconv.Atoi(from)
		last := first
		if isRange && err == nil {
			last, err = strconv.Atoi(to)
		}
		if err != nil || first < lowestCode || last < first || last > highest {
			return false
		}
	}
	return true
}

func modifyTargetGroup(q *query.Query) operation {
	arn, change := needGroupARN(q), readHealthCheck(q)
	return func(t *tx, x *query.Writer) error {
		v, err := needGroup(t, arn)
		if err != nil {
			return err
		}
		if err := change.apply(&v); err != nil {
			return err
		}
		targetGroups.put(t, arn, v)
		writeTargetGroups(x, t, v)
		return nil
	}
}

func writeTargetGroups(x *query.Writer, t *tx, list ...targetGroup) {
	query.List(x, "TargetGroups", list, func(v targetGroup) { writeTargetGroup(x, t, v) })
}
