package planfile

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// The types of resource of load balancing, in addition to load balancers. All are of hashicorp/aws.
var (
	listenerKinds   = []string{"aws_lb_listener", "aws_alb_listener"}
	groupKinds      = []string{"aws_lb_target_group", "aws_alb_target_group"}
	attachmentKinds = []string{"aws_lb_target_group_attachment", "aws_alb_target_group_attachment"}
	endpointKinds   = []string{"aws_vpc_endpoint"}
	serviceKinds    = []string{"aws_vpc_endpoint_service"}
	targetInstances = []string{instanceKind} // the instances themselves: see resolver.resource
)

// balancers asks a file for load balancers.
type balancers struct{ *question }

// balancing is what a file has of the load balancer of a target.
type balancing struct {
	balancer *mirror.LoadBalancer
	groups   []mirror.TargetGroup // with what the file registers in them
	isWhole  bool                 // no other targets are registered, as far as the file shows

	object, listener, group *object   // nil: the file does not have it
	attachments             []*object // in the order of the targets of the group
	isOpen                  bool      // others can be registered in the group
}

// readBalancing reads a load balancer with its listener for copies, and what is registered behind it.
// Others may have made what the file does not have, so that it is unknown.
func (q balancers) readBalancing(o *object) balancing {
	lb := &mirror.LoadBalancer{ARN: cmp.Or(o.knownText("arn"), o.address), Name: cmp.Or(o.knownText("name"), o.address), Type: mirror.NetworkBalancer}
	if o.knownText("load_balancer_type") == string(mirror.GatewayBalancer) {
		lb.Type = mirror.GatewayBalancer
	}
	if on, err := o.value("enable_cross_zone_load_balancing"); err == nil {
		if isOn, isBool := on.(bool); isBool {
			lb.CrossZone = &isOn
		}
	}
	lb.Zones = q.zonesOf(o)
	listener := q.copyListener(o, lb.Type)
	all := balancing{balancer: lb, object: o, listener: listener}
	if listener == nil {
		return all
	}
	copies := mirror.Listener{Protocol: listener.knownText("protocol"), TargetGroups: []string{"of " + listener.address}}
	if lb.Type != mirror.GatewayBalancer {
		copies.Port = mirror.CopyPort
	}
	if group := q.forwardsTo(listener); group != nil {
		all.group = group
		registered, isWhole := q.registered(&all)
		isWhole = isWhole && (registered.Protocol == "" || lb.CanForward(mirror.TargetGroup{Protocol: registered.Protocol}))
		copies.TargetGroups = []string{registered.ARN}
		registered.Targets = inZones(registered.Targets, lb.Zones)
		all.groups, all.isWhole = []mirror.TargetGroup{registered}, isWhole && isZoned(lb, registered)
	}
	lb.Listeners = []mirror.Listener{copies}
	return all
}

// derive adds what the load balancer does with copies to the endpoint of a target. If other
// targets may be registered, the appliances stay unknown.
func (b balancing) derive(e *mirror.Endpoint) {
	var groups []mirror.TargetGroup
	if b.isWhole {
		groups = b.groups
	}
	e.SetLoadBalancer(*b.balancer, groups)
}

// isZoned reports whether the zones of a load balancer and of registered targets are known, as far
// as they decide who gets copies: with cross-zone load balancing on, they do not.
func isZoned(lb *mirror.LoadBalancer, g mirror.TargetGroup) bool {
	return crossesZones(lb, g) || lb.Zones != nil && !slices.ContainsFunc(g.Targets, func(t mirror.RegisteredTarget) bool { return t.Zone == "" })
}

func crossesZones(lb *mirror.LoadBalancer, g mirror.TargetGroup) bool {
	switch g.CrossZone {
	case "true", "false":
		return g.CrossZone == "true"
	}
	return lb.CrossZone != nil && *lb.CrossZone
}

// dependsOnZone reports whether the zone of the source decides which appliances get its copies.
func dependsOnZone(e *mirror.Endpoint) bool {
	return e.LoadBalancer != nil && slices.ContainsFunc(e.TargetGroups, func(g mirror.TargetGroup) bool { return !crossesZones(e.LoadBalancer, g) })
}

// zonesOf returns the Availability Zones of a load balancer; nil if one is unknown.
func (q balancers) zonesOf(balancer *object) []mirror.LoadBalancerZone {
	subnets := balancer.texts("subnets")
	var zones []mirror.LoadBalancerZone
	for _, id := range subnets {
		subnet, err := q.file.byReference(id, subnetKinds)
		if err != nil || subnet.knownText("availability_zone") == "" {
			return nil
		}
		zones = append(zones, mirror.LoadBalancerZone{Zone: subnet.knownText("availability_zone"), SubnetID: id})
	}
	return zones
}

// zoneOf returns the Availability Zone of an interface or of an instance, or "".
func (f *File) zoneOf(o *object) string {
	if zone := o.knownText("availability_zone"); zone != "" {
		return zone
	}
	if subnet, found := f.follow(o, "subnet_id", subnetKinds); found {
		return subnet.knownText("availability_zone")
	}
	return ""
}

// copyListener returns the listener for copies of a load balancer if the file has it, else nil.
func (q balancers) copyListener(balancer *object, kind mirror.LoadBalancerType) *object {
	for _, o := range q.file.objects {
		if o.isDeleted || !slices.Contains(listenerKinds, o.place.kind) {
			continue
		}
		if found, ok := q.file.follow(o, "load_balancer_arn", balancerKinds); !ok || found != balancer {
			continue
		}
		port, err := o.number("port")
		isCopies := err == nil && port != nil && mirror.Listener{Protocol: o.knownText("protocol"), Port: *port}.Receives(mirror.CopyPort)
		if isCopies || kind == mirror.GatewayBalancer { // which has one listener
			return o
		}
	}
	return nil
}

// forwardsTo returns the target group of a listener, or nil if the file does not show exactly one.
func (q balancers) forwardsTo(listener *object) *object {
	const block, argumentName = "default_action", "target_group_arn"
	actions, _ := listener.values[block].([]any)
	var arns []string
	for _, a := range actions {
		action, _ := a.(map[string]any)
		if hasNoWeight(action) {
			return nil
		}
		arns = append(arns, groupARNs(action)...)
	}
	slices.Sort(arns)
	arns = slices.Compact(arns)
	switch {
	case len(arns) > 1 || len(actions) > 1:
		return nil
	case len(arns) == 1:
		o, _ := q.file.byReference(arns[0], groupKinds)
		return o
	}
	e, isSet := argument(listener.config.block(block), argumentName)
	if !isSet {
		return nil
	}
	o, warning, err := q.file.resolveExpression(listener, block+"."+argumentName, e, groupKinds)
	if err != nil || warning != "" {
		return nil
	}
	return o
}

// hasNoWeight reports whether an action gives a target group the weight 0. Then it may get nothing.
func hasNoWeight(action map[string]any) bool {
	for _, g := range forwardedTo(action) {
		if weight, err := strconv.ParseFloat(fmt.Sprint(g["weight"]), 64); err == nil && weight == 0 {
			return true
		}
	}
	return false
}

// forwardedTo returns the blocks of the target groups of an action.
func forwardedTo(action map[string]any) (blocks []map[string]any) {
	forwards, _ := action["forward"].([]any)
	for _, f := range forwards {
		forward, _ := f.(map[string]any)
		groups, _ := forward["target_group"].([]any)
		for _, g := range groups {
			group, _ := g.(map[string]any)
			blocks = append(blocks, group)
		}
	}
	return blocks
}

// groupARNs returns the target groups of an action, which can be written in two ways.
func groupARNs(action map[string]any) (arns []string) {
	if arn, _ := action["target_group_arn"].(string); arn != "" {
		arns = append(arns, arn)
	}
	for _, g := range forwardedTo(action) {
		arn, _ := g["arn"].(string)
		arns = append(arns, arn)
	}
	return arns
}

// gatewayEndpoint adds what the file has of a Gateway Load Balancer endpoint: its address, and the
// load balancer behind its service.
func (q balancers) gatewayEndpoint(o *object, e *mirror.Endpoint) (balancing, bool) {
	addresses, _ := o.values["subnet_configuration"].([]any)
	if len(addresses) == 1 {
		first, _ := addresses[0].(map[string]any)
		text, _ := first["ipv4"].(string)
		e.Address, _ = netip.ParseAddr(text)
	}
	if subnets := o.texts("subnet_ids"); len(subnets) == 1 {
		if subnet, err := q.file.byReference(subnets[0], subnetKinds); err == nil {
			e.Zone = subnet.knownText("availability_zone")
		}
	}
	service := q.serviceOf(o)
	if service == nil {
		return balancing{}, false
	}
	const argument = "gateway_load_balancer_arns"
	if service.isUnknown(argument) {
		balancer, warning, err := q.file.resolve(service, argument, balancerKinds)
		if err != nil || warning != "" {
			return balancing{}, false
		}
		return q.readBalancing(balancer), true
	}
	arns := service.texts(argument)
	if len(arns) != 1 {
		return balancing{}, false
	}
	balancer, err := q.file.byReference(arns[0], balancerKinds)
	if err != nil {
		return balancing{}, false
	}
	return q.readBalancing(balancer), true
}

// serviceOf returns the service of an endpoint, or nil if the file does not have it.
func (q balancers) serviceOf(endpoint *object) *object {
	const argument = "service_name"
	if endpoint.isUnknown(argument) {
		service, warning, err := q.file.resolve(endpoint, argument, serviceKinds)
		if err != nil || warning != "" {
			return nil
		}
		return service
	}
	name := endpoint.knownText(argument)
	for _, o := range q.file.objects {
		if !o.isDeleted && name != "" && slices.Contains(serviceKinds, o.place.kind) && o.knownText(argument) == name {
			return o
		}
	}
	return nil
}

// isSetUnknown reports whether the configuration sets an argument to a value that is unknown.
func isSetUnknown(o *object, argument string) bool {
	return o.isUnknown(argument) && (o.config == nil || o.isSet(argument))
}
