package account

import (
	"context"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// addBalancers adds to the endpoints of targets what Elastic Load Balancing shows of the load
// balancers behind them. Shared are targets of other accounts, whose load balancers it does not
// show. What cannot be read is unknown: nothing of it is needed. Without a load balancer, it
// makes no call.
func (a *Account) addBalancers(ctx context.Context, targets []mirror.Target, isShared func(mirror.Target) bool, shown shownBackings, to []mirror.Endpoint) error {
	behind, err := a.balancersBehind(ctx, targets, isShared, shown.endpoints)
	if err != nil || len(behind) == 0 {
		return err
	}
	r := balancingReader{a, false}
	var arns []string
	for _, b := range behind {
		arns = append(arns, b)
	}
	all, err := r.balancers(ctx, arns)
	switch {
	case r.isUnknown(ctx, err):
		return nil
	case err != nil:
		return err
	}
	groups, err := r.groupsOf(ctx, all)
	if err != nil {
		return err
	}
	if err := r.addZoneInterfaces(ctx, all, shown.interfaces); err != nil {
		return err
	}
	for i, t := range targets {
		arn, hasBalancer := behind[i]
		if !hasBalancer {
			continue
		}
		at := slices.IndexFunc(all, func(lb mirror.LoadBalancer) bool { return lb.ARN == arn })
		if at >= 0 {
			to[i].SetLoadBalancer(all[at], groups)
		}
		if t.Type() == mirror.NetworkLoadBalancer {
			to[i].Gone = at < 0
		}
	}
	return nil
}

// balancersBehind returns the ARNs of the load balancers behind targets, by the index of the
// target. Behind a Gateway Load Balancer endpoint is the load balancer of its endpoint service, if
// the service is one of this account and has no other load balancer.
func (a *Account) balancersBehind(ctx context.Context, targets []mirror.Target, isShared func(mirror.Target) bool, shown map[string]VPCEndpoint) (map[int]string, error) {
	behind, named := map[int]string{}, map[int]string{}
	for i, t := range targets {
		if isShared(t) {
			continue
		}
		if t.Type() == mirror.NetworkLoadBalancer {
			behind[i] = t.LoadBalancerARN
		}
		if name := shown[t.GatewayLoadBalancerEndpointID].ServiceName; name != "" {
			named[i] = name
		}
	}
	if len(named) == 0 || a.balancing == nil {
		return behind, nil
	}
	services, err := listAll[mirror.EndpointService](ctx, a, endpointServiceSource)
	if err != nil {
		return behind, unlessRefused(err)
	}
	for i, name := range named {
		at := slices.IndexFunc(services, func(s mirror.EndpointService) bool { return s.Name == name })
		if at >= 0 && len(services[at].GatewayBalancers) == 1 {
			behind[i] = services[at].GatewayBalancers[0]
		}
	}
	return behind, nil
}

// groupsOf returns the target groups of load balancers that get copies, as far as they are known.
func (r balancingReader) groupsOf(ctx context.Context, all []mirror.LoadBalancer) ([]mirror.TargetGroup, error) {
	var arns []string
	for _, lb := range all {
		arns = append(arns, lb.CopyTargetGroups()...)
	}
	if len(arns) == 0 {
		return nil, nil
	}
	groups, err := r.groups(ctx, arns)
	if r.isUnknown(ctx, err) {
		return nil, nil
	}
	return groups, err
}
