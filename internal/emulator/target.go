package emulator

import (
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

var targetDescriber = describer[mirror.Target]{
	of:      targets,
	set:     "trafficMirrorTargetSet",
	ids:     "TrafficMirrorTargetId",
	idField: "traffic-mirror-target-id",
	fields: []field[mirror.Target]{
		{"description", func(_ *tx, v mirror.Target) []string { return oneValue(v.Description) }},
		{"network-interface-id", func(_ *tx, v mirror.Target) []string { return oneValue(v.InterfaceID) }},
		{"network-load-balancer-arn", func(_ *tx, v mirror.Target) []string { return oneValue(v.LoadBalancerARN) }},
		{"owner-id", func(_ *tx, v mirror.Target) []string { return oneValue(v.OwnerID) }},
	},
	finders: map[string]func(*tx, string) []string{
		"network-interface-id":      targetOf,
		"network-load-balancer-arn": targetOf,
	},
	write: func(t *tx, x *query.Writer, id string, v mirror.Target) { writeTarget(x, v, tagsOf(t, id)) },
}

func targetOf(t *tx, backing string) []string { return oneValue(targetsByBacking.get(t, backing)) }

func writeTarget(x *query.Writer, v mirror.Target, tags map[string]string) {
	x.Text("trafficMirrorTargetId", v.ID)
	x.OptText("networkInterfaceId", v.InterfaceID)
	x.OptText("networkLoadBalancerArn", v.LoadBalancerARN)
	x.OptText("gatewayLoadBalancerEndpointId", v.GatewayLoadBalancerEndpointID)
	x.Text("type", string(v.Type()))
	x.OptText("description", v.Description)
	x.Text("ownerId", v.OwnerID)
	writeTagSet(x, tags)
}

func createTarget(q *query.Query) operation {
	v := mirror.Target{
		InterfaceID:                   interfaces.readID(q, "NetworkInterfaceId"),
		LoadBalancerARN:               q.Text("NetworkLoadBalancerArn"),
		GatewayLoadBalancerEndpointID: endpoints.readID(q, "GatewayLoadBalancerEndpointId"),
		Description:                   q.Text("Description"),
	}
	q.Fail(refuseTarget(v))
	return targetDescriber.createOnce(q, "trafficMirrorTarget", func(t *tx) (string, error) {
		v := v
		if err := checkBacking(t, v); err != nil {
			return "", err
		}
		if targets.count(t) >= t.quotas.TargetsPerAccount {
			return "", query.Refuse("TrafficMirrorTargetLimitExceeded", "The limit of %d traffic mirror targets has been reached", t.quotas.TargetsPerAccount)
		}
		v.ID, v.OwnerID = targets.freshID(t), t.account
		targets.put(t, v.ID, v)
		return v.ID, nil
	})
}

// refuseTarget returns the error for a target without a backing resource, or with more
// than one (A0085). An ARN of the wrong form, or of another kind of load balancer, has
// a code of its own (A0076).
func refuseTarget(v mirror.Target) error {
	ps := v.Validate()
	for _, p := range ps {
		if p.Field == "network_load_balancer_arn" && p.Kind != mirror.Conflict {
			return query.Refuse(loadBalancers.malformed, "NetworkLoadBalancerArn %s. %s", query.WireText(p.Wrong), query.WireText(p.Fix))
		}
	}
	return query.RefuseProblems(ps)
}

// checkBacking refuses a backing resource that does not exist, cannot back a target, or
// backs another target. For an endpoint the last is an assumption (A0040). EC2
// documents two codes for an unknown load balancer; this one names the parameter
// (A0064). Whether copies can arrive is not checked (A0086).
func checkBacking(t *tx, v mirror.Target) error {
	taken := targetsByBacking.get(t, v.Backing())
	switch v.Type() {
	case mirror.NetworkInterface:
		return checkTargetInterface(t, v.InterfaceID, taken)
	case mirror.NetworkLoadBalancer:
		if !loadBalancers.has(t, v.LoadBalancerARN) {
			return query.Refuse(loadBalancers.notFound, "The Network Load Balancer ARN '%s' does not exist", v.LoadBalancerARN)
		}
		if taken != "" {
			return query.Refuse("NlbInUseByTrafficMirrorTargetException", "The Network Load Balancer '%s' is in use by target %s", v.LoadBalancerARN, taken)
		}
	case mirror.GatewayLoadBalancerEndpoint:
		if !endpoints.has(t, v.GatewayLoadBalancerEndpointID) {
			return endpoints.notFoundError(v.GatewayLoadBalancerEndpointID)
		}
		if taken != "" {
			return query.Refuse("InvalidParameterValue", "The Gateway Load Balancer endpoint '%s' is in use by target %s", v.GatewayLoadBalancerEndpointID, taken)
		}
	}
	return nil
}

// checkTargetInterface answers with the code that names the user of the interface
// (A0080). An interface that does not exist has a code of this action alone (A0170).
func checkTargetInterface(t *tx, id, taken string) error {
	i, ok := interfaces.get(t, id)
	if !ok {
		return query.Refuse("InvalidTrafficMirrorTarget", "The interface ID '%s' does not exist", id)
	}
	source := sessionsByInterface.firstBelow(t, id)
	switch {
	case taken != "":
		return query.Refuse("InterfaceInUseByTrafficMirrorTarget", "The network interface '%s' is in use by target %s", id, taken)
	case source != "":
		return query.Refuse("InterfaceInUseByTrafficMirrorSession", "The network interface '%s' is in use by session %s", id, source)
	case i.Type != mirror.OrdinaryInterface:
		return query.Refuse("NetworkInterfaceNotSupported", "%s is a network interface of type %s. A target takes one of type %s.", id, i.Type, mirror.OrdinaryInterface)
	}
	return nil
}

// leaveTarget refuses to delete a target that a session of the account uses. Sessions
// of other accounts become inactive
// (https://docs.aws.amazon.com/vpc/latest/mirroring/cross-account-traffic-mirroring-targets.html).
// They are then no longer visible here, which is an assumption (A0081).
func leaveTarget(t *tx, id string) error {
	users := sessionsByTarget.idsBelow(t, id)
	for _, session := range users {
		if sessions.ownerOf(t, session) == t.account {
			return query.Refuse("TrafficMirrorTargetInUseException", "The traffic mirror target '%s' is in use by session %s", id, session)
		}
	}
	for _, session := range users {
		sessions.del(t, session)
	}
	return nil
}

func deleteTarget(q *query.Query) operation {
	id := targets.needID(q, "TrafficMirrorTargetId")
	return func(t *tx, x *query.Writer) error {
		v, err := targets.need(t, id)
		if err != nil {
			return err
		}
		if v.OwnerID != t.account {
			// The code is an assumption (A0041).
			return query.Refuse("UnauthorizedOperation", "The traffic mirror target '%s' belongs to account %s. Only that account can delete it.", id, v.OwnerID)
		}
		if err := leaveTarget(t, id); err != nil {
			return err
		}
		targets.del(t, id)
		x.Text("trafficMirrorTargetId", id)
		return nil
	}
}
