package path

import (
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// balancer reads the nodes of a Network Load Balancer, and the appliances behind it.
func (r *reading) balancer() error {
	arn := r.Target.LoadBalancerARN
	nodes, err := r.interfaces(ofBalancer(arn))
	if err := noteInterfaces(r, err); err != nil {
		return err
	}
	r.Receivers = nodes
	if err := noteBalancer(r, arn); err != nil {
		return err
	}
	if err := freeGroups(r); err != nil {
		return err
	}
	return r.appliances()
}

// freeGroups reads to which target groups a listener for copies can forward, if the load balancer
// has none that forwards. Without them, the answer is the same: it names no target group then.
func freeGroups(r *reading) error {
	lb := r.Backing.LoadBalancer
	if lb == nil || lb.Listeners == nil || len(lb.CopyTargetGroups()) > 0 {
		return nil
	}
	found, err := r.account.GroupsFor(r.ctx, *lb)
	if account.IsDenied(err) {
		return nil
	}
	r.Backing.FreeGroups = found
	return err
}

// gateway reads a Gateway Load Balancer endpoint, the load balancer that it leads to if this
// account has it, and the appliances.
func (r *reading) gateway() error {
	id := r.Target.GatewayLoadBalancerEndpointID
	endpoint, err := r.account.VPCEndpoint(r.ctx, id)
	if m := missing(id, err); m != nil {
		r.Unread = m
		return nil
	}
	if err != nil {
		return err
	}
	nodes, err := r.interfaces(func(i account.NetworkInterface) bool { return slices.Contains(endpoint.InterfaceIDs, i.ID) })
	if err := noteInterfaces(r, err); err != nil {
		return err
	}
	r.Receivers = nodes
	arn, err := balancerBehind(r, endpoint)
	if err != nil {
		return err
	}
	if arn == "" {
		return r.appliances()
	}
	r.Nodes, err = r.interfaces(ofBalancer(arn))
	if err := noteInterfaces(r, err); err != nil {
		return err
	}
	if err := noteBalancer(r, arn); err != nil {
		return err
	}
	if err := freeGroups(r); err != nil {
		return err
	}
	return r.appliances()
}

// balancerBehind returns the ARN of the load balancer that an endpoint leads to, or "" if it is not known,
// for example because another account has it.
func balancerBehind(r *reading, endpoint account.VPCEndpoint) (arn string, err error) {
	if r.Backing.LoadBalancer != nil {
		return r.Backing.LoadBalancer.ARN, nil
	}
	services, err := r.account.EndpointServices(r.ctx)
	if r.Balancing = missing("the endpoint services of this account", err); r.Balancing != nil {
		return "", nil
	}
	at := slices.IndexFunc(services, func(s mirror.EndpointService) bool { return s.Name != "" && s.Name == endpoint.ServiceName })
	if err != nil || at < 0 {
		return "", err
	}
	r.Service = &services[at]
	if len(r.Service.GatewayBalancers) != 1 {
		return "", nil
	}
	return r.Service.GatewayBalancers[0], nil
}

// noteInterfaces notes that network interfaces may not be read.
func noteInterfaces(r *reading, err error) error {
	if m := missing("network interfaces", err); m != nil {
		r.Unread = m
		return nil
	}
	return err
}

// noteBalancer notes that a load balancer may not be read.
func noteBalancer(r *reading, arn string) error {
	if r.Backing.LoadBalancer != nil {
		return nil
	}
	_, err := r.account.LoadBalancers(r.ctx, arn)
	if r.Balancing = missing(arn, err); r.Balancing != nil {
		return nil
	}
	return err
}

// appliances reads the network interfaces of the registered targets, and of the addresses that
// copies are sent to where only these are known.
func (r *reading) appliances() error {
	if knownTargets(r.Backing) {
		return addRegistered(r)
	}
	for _, address := range r.Backing.Appliances {
		t := mirror.RegisteredTarget{ID: address.String(), Address: address, Port: mirror.CopyPort}
		if err := r.appliance(t, "", ""); err != nil {
			return err
		}
	}
	return nil
}

func addRegistered(r *reading) error {
	for _, g := range r.Backing.TargetGroups {
		for _, t := range g.Targets {
			if err := r.appliance(t, g.ARN, g.VPCID); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *reading) appliance(t mirror.RegisteredTarget, groupARN, vpcID string) error {
	a := Appliance{RegisteredTarget: t, GroupARN: groupARN}
	found, err := r.applianceNodes(t, vpcID)
	if len(found) > 0 {
		a.Node = found[0]
	} else if err == nil && vpcID != "" && t.Address.IsValid() {
		a.Others, err = r.applianceNodes(t, "")
	}
	if m := missing("network interfaces", err); m != nil {
		a.Node.Unread, a.Node.Permission, err = m.Reason, m.Permission, nil
	}
	r.Appliances = append(r.Appliances, a)
	return err
}
