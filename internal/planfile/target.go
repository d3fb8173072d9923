package planfile

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// targetOf returns the target of a session, and the endpoint that backs it.
func (q *question) targetOf(session *object) (string, mirror.Endpoint, error) {
	id, err := q.reference(session, "traffic_mirror_target_id", targetKinds)
	if err != nil {
		return "", mirror.Endpoint{}, err
	}
	o, err := q.file.byReference(id, targetKinds)
	if errors.Is(err, errNotHere) {
		endpoint, err := q.facts.sharedTarget(session, id, q.file.kind)
		return id, endpoint, err
	}
	endpoint, err := q.endpoint(o)
	return id, endpoint, err
}

// sharedTarget finds a target that is not in the file in the topology.
func (f Facts) sharedTarget(session *object, id string, kind Kind) (mirror.Endpoint, error) {
	if t := f.Topology; t != nil {
		if at := slices.IndexFunc(t.SharedTargets, func(t mirror.Target) bool { return t.ID == id }); at >= 0 {
			target := t.SharedTargets[at]
			return f.known(mirror.Endpoint{Type: target.Type()}, target.Backing()), nil
		}
	}
	return mirror.Endpoint{}, fmt.Errorf("%s uses target %s, which is not in this %s, so that its type is not known. Write it into shared_targets of the file in --topology", session.address, id, kind)
}

// endpoint returns the endpoint of a target: its type and what is known of the backing
// resource.
func (q *question) endpoint(o *object) (mirror.Endpoint, error) {
	var unknown []string
	for i, argument := range mirror.TargetBackings {
		if o.isUnknown(argument) {
			unknown = append(unknown, argument)
			continue
		}
		id, err := o.text(argument)
		if err != nil {
			return mirror.Endpoint{}, err
		}
		if id != "" {
			return q.backing(o, argument, mirror.TargetTypes[i]), nil
		}
	}
	// Of the arguments that are not known, the configuration sets one.
	if len(unknown) > 1 {
		unknown = slices.DeleteFunc(unknown, func(argument string) bool { return !o.isSet(argument) })
	}
	if len(unknown) != 1 {
		return mirror.Endpoint{}, fmt.Errorf("%s: its type is known only after apply: the plan does not show which of %s is set. Apply and use --state", o.address, listOf(mirror.TargetBackings, "and"))
	}
	return q.backing(o, unknown[0], mirror.TargetTypes[slices.Index(mirror.TargetBackings, unknown[0])]), nil
}

// backing returns the endpoint of one type. Whatever the file and the topology do not have
// of it stays unknown.
func (q *question) backing(target *object, argument string, kind mirror.TargetType) mirror.Endpoint {
	endpoint := mirror.Endpoint{Type: kind}
	id := target.knownText(argument)
	switch kind {
	case mirror.NetworkInterface:
		// Without the address, only the copies cannot be written, and that is said then.
		if reference, err := q.reference(target, argument, interfaceKinds); err == nil {
			i, _ := q.fileInterface(reference)
			endpoint.Address = i.PrivateIPAddress
		}
	case mirror.NetworkLoadBalancer:
		if o, found := q.file.follow(target, argument, balancerKinds); found {
			endpoint.Address = balancerAddress(o)
			balancers{q}.readBalancing(o).derive(&endpoint)
		}
	case mirror.GatewayLoadBalancerEndpoint:
		if o, found := q.file.follow(target, argument, endpointKinds); found {
			if behind, found := (balancers{q}).gatewayEndpoint(o, &endpoint); found {
				behind.derive(&endpoint)
			}
		}
	}
	return q.facts.known(endpoint, id)
}

// known adds what the topology has of a backing resource.
func (f Facts) known(e mirror.Endpoint, id string) mirror.Endpoint {
	t := f.Topology
	if t == nil || id == "" {
		return e
	}
	for _, i := range t.NetworkInterfaces {
		if i.ID == id {
			e.Address, e.MTU = i.PrivateIPAddress, i.MTU
		}
	}
	for _, b := range t.NetworkLoadBalancers {
		if b.ARN == id {
			e = mirror.Endpoint{Type: e.Type, Address: b.IPAddress, UDPListeners: b.UDPListeners, Appliances: topology.Addresses(b.Appliances)}
		}
	}
	for _, g := range t.GatewayLoadBalancerEndpoints {
		if g.ID == id {
			e = mirror.Endpoint{Type: e.Type, Address: g.IPAddress, Appliances: topology.Addresses(g.Appliances), Zone: zoneOf(t, g.SubnetID)}
			id = balancerBehind(t, g)
		}
	}
	return withBalancer(e, t, id)
}

// balancerAddress returns the address of a load balancer in its first subnet, if it is given.
func balancerAddress(o *object) netip.Addr {
	mappings, _ := o.values["subnet_mapping"].([]any)
	if len(mappings) == 0 {
		return netip.Addr{}
	}
	first, _ := mappings[0].(map[string]any)
	text, _ := first["private_ipv4_address"].(string)
	address, _ := netip.ParseAddr(text)
	return address
}
