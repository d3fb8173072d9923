package emulator

import (
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// targetGroup is a target group. Its attributes are those that are not the default; its tags
// and cross-zone load balancing are kept with the tags and the attributes. The health of its
// targets is what a test or a topology has set; the rest is computed.
type targetGroup struct {
	mirror.TargetGroup
	Draining       map[string]time.Time `json:"draining,omitempty"`        // by ID and port: when a deregistered target has gone
	UnknownTargets bool                 `json:"unknown_targets,omitempty"` // a topology does not say which there are besides

	UnknownAttributes bool `json:"unknown_attributes,omitempty"` // an export could not read them
}

// The values of a target group.
const (
	geneve      = "GENEVE"
	genevePort  = 6081
	byInstance  = "instance"
	byAddress   = "ip"
	groupsIPv4  = "ipv4"
	groupsIPv6  = "ipv6"
	trafficPort = "traffic-port"
)

// groupProtocols are the protocols of target groups of Network and Gateway Load Balancers that
// are here.
var groupProtocols = []string{"TCP", "UDP", "TCP_UDP", "TLS", geneve}

const groupResource = "targetgroup"

func needGroupARN(q *query.Query) string { return needBalancingARN(q, "TargetGroupArn", groupResource) }

func noGroup() error {
	return query.Refuse("TargetGroupNotFound", "One or more target groups not found")
}

// needGroup returns a target group, without the targets that have drained.
func needGroup(t *tx, arn string) (targetGroup, error) {
	v, ok := targetGroups.get(t, arn)
	if !ok && t.err == nil {
		return v, noGroup()
	}
	v.dropDrained(t.now)
	return v, t.err
}

// groupNamed returns the target group with a name.
func groupNamed(t *tx, name string) (targetGroup, bool) {
	return targetGroups.get(t, targetGroupsByName.firstBelow(t, name))
}

// balancersTo returns the load balancers that have a listener to a target group. For one whose
// listeners are unknown, a topology can say to which groups it leads.
func balancersTo(t *tx, arn string) []loadBalancer {
	var users []loadBalancer
	for _, id := range userARNs(t, arn) {
		if v, ok := loadBalancers.get(t, id); ok {
			users = append(users, v)
		}
	}
	return users
}

// userARNs returns the ARNs of the load balancers that lead to a target group, in order.
func userARNs(t *tx, arn string) []string {
	all := balancersByGroup.idsBelow(t, arn)
	for _, id := range listenersByGroup.idsBelow(t, arn) {
		l, _ := listeners.get(t, id)
		all = append(all, l.LoadBalancerARN)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func describeTargetGroups(q *query.Query) operation {
	l := q.Markers()
	arns := readBalancingARNs(q, "TargetGroupArns", groupResource, 20)
	names := q.Texts("Names")
	refuseMany(q, "Names", names, 20)
	of := q.Text("LoadBalancerArn")
	if len(slices.DeleteFunc([]bool{arns != nil, len(names) > 0, of != ""}, func(given bool) bool { return !given })) > 1 {
		q.Fail(query.Refuse("ValidationError", "Only one of TargetGroupArns, Names and LoadBalancerArn can be specified"))
	}
	return func(t *tx, x *query.Writer) error {
		arns := slices.Clone(arns)
		for _, name := range names {
			v, _ := groupNamed(t, name)
			arns = append(arns, v.ARN)
		}
		for _, arn := range arns {
			if !targetGroups.has(t, arn) {
				return noGroup()
			}
		}
		if of != "" {
			if _, err := needBalancer(t, of); err != nil {
				return err
			}
			arns = groupsOf(t, of)
		}
		writeBalancingPage(t, x, l, "TargetGroups", targetGroups, arns, func(v targetGroup) { writeTargetGroup(x, t, v) })
		return t.err
	}
}

// groupsOf returns the ARNs of the target groups to which a load balancer leads.
func groupsOf(t *tx, balancer string) []string {
	v, _ := loadBalancers.get(t, balancer)
	arns := append([]string{}, v.TargetGroups...)
	for _, id := range listenersByBalancer.idsBelow(t, balancer) {
		l, _ := listeners.get(t, id)
		arns = append(arns, l.TargetGroups...)
	}
	arns = slices.DeleteFunc(arns, func(arn string) bool { return !targetGroups.has(t, arn) })
	slices.Sort(arns)
	return slices.Compact(arns)
}

func writeTargetGroup(x *query.Writer, t *tx, v targetGroup) {
	h := v.HealthCheck
	x.Text("TargetGroupArn", v.ARN)
	x.Text("TargetGroupName", v.Name)
	x.OptText("Protocol", v.Protocol) // a topology can leave it out
	if v.Port != 0 {
		x.Text("Port", strconv.Itoa(v.Port))
	}
	x.OptText("VpcId", v.VPCID)
	x.Text("TargetType", v.TargetType)
	x.Text("IpAddressType", v.IPAddressType)
	x.Bool("HealthCheckEnabled", true)
	x.Text("HealthCheckProtocol", h.Protocol)
	x.Text("HealthCheckPort", h.Port)
	x.OptText("HealthCheckPath", h.Path)
	x.Text("HealthCheckIntervalSeconds", strconv.Itoa(h.IntervalSeconds))
	x.Text("HealthCheckTimeoutSeconds", strconv.Itoa(h.TimeoutSeconds))
	x.Text("HealthyThresholdCount", strconv.Itoa(h.HealthyThreshold))
	x.Text("UnhealthyThresholdCount", strconv.Itoa(h.UnhealthyThreshold))
	if h.Matcher != "" {
		x.In("Matcher", func() { x.Text("HttpCode", h.Matcher) })
	}
	x.Texts("LoadBalancerArns", userARNs(t, v.ARN))
}

// deleteTargetGroup deletes a target group. One that does not exist is deleted: the documented
// errors have no code for it
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteTargetGroup.html).
func deleteTargetGroup(q *query.Query) operation {
	arn := needGroupARN(q)
	return func(t *tx, _ *query.Writer) error {
		if len(userARNs(t, arn)) > 0 {
			return query.Refuse("ResourceInUse", "Target group '%s' is currently in use by a listener or a rule", arn)
		}
		targetGroups.del(t, arn)
		return nil
	}
}

// takes reports whether an address is of the family of the target group.
func (v targetGroup) takes(a netip.Addr) bool { return a.Is4() == (v.IPAddressType != groupsIPv6) }

func targetKey(id string, port int) string { return id + " " + strconv.Itoa(port) }

// dropDrained removes the targets whose deregistration has ended.
func (v *targetGroup) dropDrained(now time.Time) {
	if len(v.Draining) == 0 {
		return
	}
	v.Draining = maps.Clone(v.Draining)
	v.Targets = slices.DeleteFunc(slices.Clone(v.Targets), func(r mirror.RegisteredTarget) bool {
		end, draining := v.Draining[targetKey(r.ID, r.Port)]
		return draining && !end.After(now)
	})
	maps.DeleteFunc(v.Draining, func(_ string, end time.Time) bool { return !end.After(now) })
}
