package emulator

import (
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// balancingActions lists what the emulated Elastic Load Balancing can do. Its parameters are read as
// those of EC2 are, and by List and Tags in balancing_request.go. Errors of the functions that are
// shared with EC2 are translated by query.API.
var balancingActions = map[string]action{
	"CreateLoadBalancer":             {changingBalancing, createLoadBalancer},
	"DeleteLoadBalancer":             {changingBalancing, deleteLoadBalancer},
	"DescribeLoadBalancers":          {readingBalancing, describeLoadBalancers},
	"DescribeLoadBalancerAttributes": {readingBalancing, describeBalancerAttributes},
	"ModifyLoadBalancerAttributes":   {changingBalancing, modifyBalancerAttributes},
	"SetSubnets":                     {changingBalancing, setSubnets},
	"SetSecurityGroups":              {changingBalancing, setSecurityGroups},
	"SetIpAddressType":               {changingBalancing, setIPAddressType},
	"DescribeCapacityReservation":    {readingBalancing, describeCapacity},

	"CreateListener":             {changingBalancing, createListener},
	"DeleteListener":             {changingBalancing, deleteListener},
	"DescribeListeners":          {readingBalancing, describeListeners},
	"ModifyListener":             {changingBalancing, modifyListener},
	"DescribeListenerAttributes": {readingBalancing, describeListenerAttributes},
	"ModifyListenerAttributes":   {changingBalancing, modifyListenerAttributes},

	"AddTags":      {changingBalancing, addBalancingTags},
	"RemoveTags":   {changingBalancing, removeBalancingTags},
	"DescribeTags": {readingBalancing, describeBalancingTags},

	"CreateTargetGroup":             {changingBalancing, createTargetGroup},
	"DeleteTargetGroup":             {changingBalancing, deleteTargetGroup},
	"DescribeTargetGroups":          {readingBalancing, describeTargetGroups},
	"ModifyTargetGroup":             {changingBalancing, modifyTargetGroup},
	"DescribeTargetGroupAttributes": {readingBalancing, describeGroupAttributes},
	"ModifyTargetGroupAttributes":   {changingBalancing, modifyGroupAttributes},
	"RegisterTargets":               {changingBalancing, registerTargets},
	"DeregisterTargets":             {changingBalancing, deregisterTargets},
	"DescribeTargetHealth":          {readingBalancing, describeTargetHealth},
}

// balancingPrefix is before the name of an action of Elastic Load Balancing in IAM policies. Here it
// is before the names that EC2 has too, such as DescribeTags.
const balancingPrefix = query.BalancingService + ":"

// actionOf returns the action that a request is for.
func actionOf(req *query.Request) (a action, known bool) {
	if req.API == query.Balancing {
		a, known = balancingActions[req.Action]
	} else {
		a, known = actions[req.Action]
	}
	return a, known
}

// nameOf returns the name under which faults and counts know the action of a request.
func nameOf(req *query.Request) string {
	if req.API == query.Balancing {
		return balancingName(req.Action)
	}
	return req.Action
}

func balancingName(action string) string {
	if _, both := actions[action]; both {
		return balancingPrefix + action
	}
	return action
}

// findAction returns the name under which faults and counts know an action. A person may write
// balancingPrefix before any action of Elastic Load Balancing.
func findAction(text string) (name string, known bool) {
	action, ofBalancing := strings.CutPrefix(text, balancingPrefix)
	if _, known := actions[action]; known && !ofBalancing {
		return action, true
	}
	if _, known := balancingActions[action]; known {
		return balancingName(action), true
	}
	return text, false
}
