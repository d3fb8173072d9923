package account

import (
	"context"
	"net/netip"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Endpoint returns the endpoint that receives the packets for a target. EC2 does not show
// the MTU of an interface nor the listeners and the appliances of a load balancer: they are
// unknown unless Options.TargetFacts knows them.
//
// If the backing resource was deleted, the target still exists, and its endpoint is Gone.
// EC2 shows the backing resource of a target to the account that owns it. So one that
// another account shares is not Gone: it is assumed to exist, and its address is unknown
// (assumption A0131).
func (a *Account) Endpoint(ctx context.Context, target mirror.Target) (mirror.Endpoint, error) {
	return a.endpoint(ctx, target, a.ID)
}

// endpoint does it for the account that viewer is, which a.ID may not say.
func (a *Account) endpoint(ctx context.Context, target mirror.Target, viewer string) (mirror.Endpoint, error) {
	endpoint := mirror.Endpoint{Type: target.Type()}
	address, err := a.address(ctx, target)
	switch isShared := target.OwnerID != "" && target.OwnerID != viewer; {
	case IsNotFound(err) && !isShared:
		endpoint.Gone = true
		return endpoint, nil
	case err != nil && !IsNotFound(err):
		return endpoint, err
	}
	endpoint.Address = address
	if a.facts == nil {
		return endpoint, nil
	}
	return endpoint, a.facts(ctx, a.Region, target, &endpoint)
}

func (a *Account) address(ctx context.Context, target mirror.Target) (netip.Addr, error) {
	switch target.Type() {
	case mirror.NetworkInterface:
		return a.interfaceAddress(ctx, target.InterfaceID)
	case mirror.NetworkLoadBalancer:
		return a.loadBalancerAddress(ctx, target)
	case mirror.GatewayLoadBalancerEndpoint:
		return a.endpointAddress(ctx, target)
	}
	return netip.Addr{}, &NotFoundError{mirror.KindTarget, target.ID}
}

func (a *Account) interfaceAddress(ctx context.Context, id string) (netip.Addr, error) {
	i, err := a.Interface(ctx, id)
	if err != nil {
		return netip.Addr{}, err
	}
	return addressOf(i), nil
}

// loadBalancerAddress finds the interfaces of the load balancer by their
// description, because the load balancer itself is in another API. There is one interface
// per Availability Zone; it returns the first.
func (a *Account) loadBalancerAddress(ctx context.Context, target mirror.Target) (netip.Addr, error) {
	description := mirror.LoadBalancerInterfaceDescription(target.LoadBalancerARN)
	interfaces, err := a.Interfaces(ctx, Where{"description", []string{description}})
	switch {
	case err != nil:
		return netip.Addr{}, err
	case len(interfaces) == 0:
		return netip.Addr{}, &NotFoundError{mirror.KindInterface, description}
	}
	return addressOf(interfaces[0]), nil
}

func (a *Account) endpointAddress(ctx context.Context, target mirror.Target) (netip.Addr, error) {
	id := target.GatewayLoadBalancerEndpointID
	out, err := a.ec2.describeEndpoints(ctx, &ec2.DescribeVpcEndpointsInput{VpcEndpointIds: []string{id}}, a.options...)
	if err != nil {
		return netip.Addr{}, err
	}
	for _, e := range out.VpcEndpoints {
		if aws.ToString(e.VpcEndpointId) == id && len(e.NetworkInterfaceIds) > 0 {
			return a.interfaceAddress(ctx, e.NetworkInterfaceIds[0])
		}
	}
	return netip.Addr{}, &NotFoundError{mirror.KindEndpoint, id}
}

// addressOf returns the address that packets to an interface carry: the primary
// IPv4 address, or the first IPv6 address where a subnet has no IPv4.
func addressOf(i mirror.Interface) netip.Addr {
	if !i.PrivateIPAddress.IsValid() && len(i.IPv6Addresses) > 0 {
		return i.IPv6Addresses[0]
	}
	return i.PrivateIPAddress
}
