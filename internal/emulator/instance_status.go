package emulator

import (
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// The status checks of an instance are passed while it runs
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceStatusSummary.html).

func (v instance) check() string {
	if stateOf(v) == stateRunning {
		return "ok"
	}
	return "not-applicable"
}

func (v instance) reachability() string {
	if stateOf(v) == stateRunning {
		return "passed"
	}
	return ""
}

// statusDescriber has all documented filters. No instance here has a scheduled event
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceStatus.html).
var statusDescriber = describer[instance]{
	of:  instances,
	set: "instanceStatusSet",
	ids: "InstanceId",
	fields: []field[instance]{
		{"attached-ebs-status.status", ofInstance(instance.check)},
		{"availability-zone", func(t *tx, v instance) []string { return oneValue(instanceZone(t, v)) }},
		{"availability-zone-id", func(t *tx, v instance) []string { return oneValue(zoneIDOf(instanceZone(t, v))) }},
		{"event.code", unset},
		{"event.description", unset},
		{"event.instance-event-id", unset},
		{"event.not-after", unset},
		{"event.not-before", unset},
		{"event.not-before-deadline", unset},
		{"instance-state-code", ofInstance(func(v instance) string { return strconv.Itoa(stateCodes[stateOf(v)]) })},
		{stateFilter, ofInstance(stateOf)},
		{"instance-status.reachability", ofInstance(instance.reachability)},
		{"instance-status.status", ofInstance(instance.check)},
		{"operator.managed", ofFlag(func(instance) bool { return false })},
		{"operator.principal", unset},
		{"system-status.reachability", ofInstance(instance.reachability)},
		{"system-status.status", ofInstance(instance.check)},
	},
	write: func(t *tx, x *query.Writer, _ string, v instance) { writeStatus(x, t, v) },
}

const stateFilter = "instance-state-name"

// describeInstanceStatus answers with running instances only, unless all are asked for.
func describeInstanceStatus(q *query.Query) operation {
	r := describeRequest{Listing: q.Listing(), ids: instances.readIDs(q, "InstanceId")}
	r.Allow(q, fieldNames(statusDescriber.fields), false)
	if len(r.ids) > 0 && q.Has("MaxResults") {
		q.Fail(query.Refuse("InvalidParameterCombination", "The parameter InstanceId cannot be used with the parameter MaxResults"))
	}
	if !q.Bool("IncludeAllInstances") {
		r.Require(stateFilter, stateRunning)
	}
	readManaged(q)
	return statusDescriber.page(r)
}

func writeStatus(x *query.Writer, t *tx, v instance) {
	x.Text("instanceId", v.ID)
	name := instanceZone(t, v)
	x.OptText("availabilityZone", name)
	x.OptText("availabilityZoneId", zoneIDOf(name))
	writeState(x, "instanceState", stateOf(v))
	for _, element := range []string{"systemStatus", "instanceStatus", "attachedEbsStatus"} {
		x.In(element, func() {
			x.Text("status", v.check())
			if v.reachability() == "" {
				return
			}
			x.In("details", func() {
				x.In("item", func() {
					x.Text("name", "reachability")
					x.Text("status", v.reachability())
				})
			})
		})
	}
	x.In("operator", func() { x.Bool("managed", false) })
}
