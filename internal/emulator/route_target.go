package emulator

import (
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// originOfTable and originOfRoute say how a route came.
const (
	originOfTable = "CreateRouteTable"
	originOfRoute = "CreateRoute"
)

// The elements of an answer for the target of a route.
const (
	gatewayElement   = "gatewayId" // also for what no other element is for
	instanceElement  = "instanceId"
	interfaceElement = "networkInterfaceId"
)

// targetForm is a kind of target that a parameter of a request names, by the form of its
// ID.
type targetForm struct {
	prefix    string
	parameter string
	element   string // in an answer
}

// targetForms are the kinds of target. EC2 shows an endpoint as a gateway. The embedded EC2
// has no NAT gateways, transit gateways and so on: each ID of the form exists (A0211).
var targetForms = []targetForm{
	{mirror.KindInternetGateway.Prefix, "GatewayId", gatewayElement},
	{"vgw-", "GatewayId", gatewayElement},
	{mirror.KindEndpoint.Prefix, "GatewayId", gatewayElement},
	{mirror.KindEndpoint.Prefix, "VpcEndpointId", gatewayElement},
	{mirror.KindInterface.Prefix, "NetworkInterfaceId", interfaceElement},
	{mirror.KindInstance.Prefix, "InstanceId", instanceElement},
	{mirror.KindPeering.Prefix, "VpcPeeringConnectionId", "vpcPeeringConnectionId"},
	{"nat-", "NatGatewayId", "natGatewayId"},
	{mirror.KindTransitGateway.Prefix, "TransitGatewayId", "transitGatewayId"},
	{"eigw-", "EgressOnlyInternetGatewayId", "egressOnlyInternetGatewayId"},
	{"lgw-", "LocalGatewayId", "localGatewayId"},
	{"cagw-", "CarrierGatewayId", "carrierGatewayId"},
}

// elementOf returns the element of an answer that has a target.
func elementOf(target string) string {
	for _, f := range targetForms {
		if strings.HasPrefix(target, f.prefix) {
			return f.element
		}
	}
	return gatewayElement
}

// readTarget reads the target of a route, of which a request names exactly one.
func readTarget(q *query.Query) string {
	target, by := "", ""
	for _, f := range targetForms {
		text := q.Text(f.parameter)
		switch {
		case text == "" || f.parameter == by:
			continue
		case target != "":
			q.Fail(query.Refuse("InvalidParameterCombination", "The parameter %s cannot be used with the parameter %s", f.parameter, by))
		case !isTarget(f.parameter, text):
			q.Fail(query.Refuse("InvalidParameterValue", "Invalid value '%s' for %s. Write the ID of such a target, %s and 17 hexadecimal digits.", text, f.parameter, f.prefix))
		}
		target, by = text, f.parameter
	}
	return target
}

func isTarget(parameter, text string) bool {
	if parameter == "GatewayId" && text == mirror.LocalRoute {
		return true
	}
	for _, f := range targetForms {
		if f.parameter == parameter && (mirror.Kind{Prefix: f.prefix}).Is(text) {
			return true
		}
	}
	return false
}

// stateOfTarget returns the state of a route to a target that exists here, else "". A route
// to an interface is a blackhole as long as no running instance has the interface. One to
// a connection that is not active, or to a gateway that is not attached, is one too
// (A0212).
func stateOfTarget(t *tx, in routeTable, target string) string {
	var works, exists bool
	switch {
	case target == mirror.LocalRoute:
		works, exists = true, true
	case mirror.KindInterface.Is(target):
		var v networkInterface
		v, exists = interfaces.get(t, target)
		works = isForwarding(t, v)
	case mirror.KindInstance.Is(target):
		var v instance
		v, exists = instances.get(t, target)
		works = stateOf(v) == stateRunning
	case mirror.KindPeering.Is(target):
		var v peering
		v, exists = peerings.get(t, target)
		works = v.state(t) == peeringActive
	case mirror.KindInternetGateway.Is(target):
		var v internetGateway
		v, exists = internetGateways.get(t, target)
		works = v.VPCID == in.VPCID
	case mirror.KindEndpoint.Is(target):
		var v gatewayEndpoint
		v, exists = endpoints.get(t, target)
		works = v.State == "" || v.State == "available"
	}
	switch {
	case !exists:
		return ""
	case works:
		return mirror.ActiveRoute
	}
	return mirror.BlackholeRoute
}

// isForwarding reports whether an interface can take packets. What a topology file does not
// have of an instance runs.
func isForwarding(t *tx, v networkInterface) bool {
	if v.InstanceID == "" {
		return v.isAttached()
	}
	owner, _ := instances.get(t, v.InstanceID)
	return stateOf(owner) == stateRunning
}

// routeInstance returns the instance behind the target of a route, and its owner.
func routeInstance(t *tx, r mirror.Route) (id, owner string) {
	if mirror.KindInstance.Is(r.Target) {
		return r.Target, t.account
	}
	if !mirror.KindInterface.Is(r.Target) {
		return "", ""
	}
	v, _ := interfaces.get(t, r.Target)
	if v.InstanceID == "" {
		return "", ""
	}
	return v.InstanceID, v.attachmentOwner()
}

// checkTarget refuses a target that does not exist or is in another VPC, and returns the
// one to store: for an instance, its only interface
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html).
func checkTarget(t *tx, in routeTable, target string) (string, error) {
	switch {
	case mirror.KindInstance.Is(target):
		if _, err := instances.need(t, target); err != nil {
			return "", err
		}
		own := interfacesByInstance.idsBelow(t, target)
		if len(own) != 1 {
			return "", query.Refuse("InvalidInstanceID", "There are multiple interfaces attached to instance '%s'. Please specify an interface ID for the operation instead.", target)
		}
		return checkTarget(t, in, own[0])
	case mirror.KindInterface.Is(target):
		v, err := interfaces.need(t, target)
		return target, sameVPC(in, "interface", target, v.VPCID, err)
	case mirror.KindPeering.Is(target):
		return target, checkPeeringTarget(t, in, target)
	case mirror.KindInternetGateway.Is(target):
		v, err := internetGateways.need(t, target)
		return target, sameVPC(in, "network gateway", target, v.VPCID, err)
	case mirror.KindEndpoint.Is(target):
		v, err := endpoints.need(t, target)
		return target, sameVPC(in, "network gateway", target, v.VPCID, err)
	}
	return target, nil
}

func sameVPC(in routeTable, noun, id, vpcID string, err error) error {
	if err == nil && vpcID != in.VPCID {
		return otherNetworks("route table", in.ID, noun, id)
	}
	return err
}

// checkPeeringTarget refuses a connection that is not one of the VPC, or that has ended.
func checkPeeringTarget(t *tx, in routeTable, id string) error {
	v, err := peerings.need(t, id)
	switch {
	case err != nil:
		return err
	case v.Requester.VPCID != in.VPCID && v.Accepter.VPCID != in.VPCID:
		return otherNetworks("route table", in.ID, "vpc peering connection", id)
	case v.isEnded(t):
		return peerings.notFoundError(id)
	}
	return nil
}
