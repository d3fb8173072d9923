package planfile

import (
	"cmp"
	"net/netip"
	"slices"

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

// registrars are the arguments by which other resources register targets in target groups.
var registrars = map[string][]string{
	"aws_autoscaling_attachment":                {"lb_target_group_arn", "alb_target_group_arn"},
	"aws_autoscaling_group":                     {"target_group_arns", "traffic_source"},
	"aws_autoscaling_traffic_source_attachment": {"traffic_source"},
	"aws_ecs_service":                           {"load_balancer"},
	"aws_ecs_task_set":                          {"load_balancer"},
}

// balancers asks a file for load balancers.
type balancers struct{ *question }

// balancing is what a file has of the load balancer of a target.
type balancing struct {
	balancer *mirror.LoadBalancer
	groups   []mirror.TargetGroup // with what the file registers in them
	isWhole  bool                 // no other targets are registered, as far as the file shows
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
	all := balancing{balancer: lb}
	listener := q.copyListener(o, lb.Type)
	if listener == nil {
		return all
	}
	copies := mirror.Listener{Protocol: listener.knownText("protocol"), TargetGroups: []string{"of " + listener.address}}
	if lb.Type != mirror.GatewayBalancer {
		copies.Port = mirror.CopyPort
	}
	if group := q.forwardsTo(listener); group != nil {
		registered, isWhole := q.registered(group)
		copies.TargetGroups = []string{registered.ARN}
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

// groupARNs returns the target groups of an action, which can be written in two ways.
func groupARNs(action map[string]any) (arns []string) {
	if arn, _ := action["target_group_arn"].(string); arn != "" {
		arns = append(arns, arn)
	}
	forwards, _ := action["forward"].([]any)
	for _, f := range forwards {
		forward, _ := f.(map[string]any)
		groups, _ := forward["target_group"].([]any)
		for _, g := range groups {
			group, _ := g.(map[string]any)
			arn, _ := group["arn"].(string)
			arns = append(arns, arn)
		}
	}
	return arns
}

// registered returns a target group with the targets that the file registers in it, and whether
// these are all, as far as the file shows. A group that the file does not make, or in which it
// registers nothing, has its targets from elsewhere.
func (q balancers) registered(group *object) (mirror.TargetGroup, bool) {
	g := mirror.TargetGroup{
		ARN: cmp.Or(group.knownText("arn"), group.address), Name: cmp.Or(group.knownText("name"), group.address),
		CrossZone: group.knownText("load_balancing_cross_zone_enabled"), TargetType: group.knownText("target_type"), Port: knownPort(group),
	}
	isWhole := !group.place.isData && len(q.file.Warnings) == 0 && !isSetUnknown(group, "load_balancing_cross_zone_enabled") && !isSetUnknown(group, "port")
	for _, o := range q.file.objects {
		switch {
		case o.isDeleted:
		case slices.Contains(attachmentKinds, o.place.kind):
			of, found := q.file.follow(o, "target_group_arn", groupKinds)
			if found && of == group {
				g.Targets = append(g.Targets, q.registeredTarget(o, g.TargetType))
			}
			isWhole = isWhole && (found || o.knownText("target_group_arn") != "") && !isSetUnknown(o, "port")
		case registrars[o.place.kind] != nil:
			isWhole = isWhole && !mayRegister(o, g.ARN)
		}
	}
	return g, isWhole && g.Targets != nil
}

// registeredTarget returns what an attachment registers.
func (q balancers) registeredTarget(attachment *object, targetType string) mirror.RegisteredTarget {
	t := mirror.RegisteredTarget{ID: cmp.Or(attachment.knownText("target_id"), attachment.address), Zone: attachment.knownText("availability_zone"), Port: knownPort(attachment)}
	if targetType == "ip" {
		t.Address, _ = netip.ParseAddr(t.ID)
		return t
	}
	instance, _ := q.file.byReference(t.ID, targetInstances)
	if attachment.isUnknown("target_id") {
		found, warning, err := q.file.resolve(attachment, "target_id", targetInstances)
		if err == nil && warning == "" {
			instance = found
		}
	}
	if instance != nil {
		t.Address, t.Zone = interfaceOf(instance).PrivateIPAddress, cmp.Or(t.Zone, q.file.zoneOf(instance))
	}
	return t
}

// knownPort returns the port of a target group or of a registration, or 0.
func knownPort(o *object) int {
	if port, err := o.number("port"); err == nil && port != nil {
		return *port
	}
	return 0
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
