package account

import (
	"context"
	"net/netip"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

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
	all, err := a.Endpoints(ctx, a.ID, target)
	if err != nil {
		return mirror.Endpoint{Type: target.Type()}, err
	}
	return all[0], nil
}

// Endpoints is Endpoint for many targets, in their order, by one listing of each kind of
// object that backs them. It is for the account that viewer is, which a.ID may not say.
func (a *Account) Endpoints(ctx context.Context, viewer string, targets ...mirror.Target) ([]mirror.Endpoint, error) {
	addresses, err := a.addresses(ctx, targets)
	if err != nil {
		return nil, err
	}
	all := make([]mirror.Endpoint, len(targets))
	for i, t := range targets {
		address, exists := addresses[t.Backing()]
		isShared := t.OwnerID != "" && t.OwnerID != viewer
		all[i] = mirror.Endpoint{Type: t.Type(), Address: address, Gone: !exists && !isShared}
		if a.facts == nil || all[i].Gone {
			continue
		}
		if err := a.facts(ctx, a.Region, t, &all[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// addresses returns the addresses of the backing resources that EC2 shows, by their ID or ARN.
// Of a load balancer, it is that of the first interface: there is one for each Availability
// Zone.
func (a *Account) addresses(ctx context.Context, targets []mirror.Target) (map[string]netip.Addr, error) {
	backed := map[string][]string{} // IDs and ARNs, by the ID or the description of an interface
	var endpoints, ids, descriptions []string
	for _, t := range targets {
		switch t.Type() {
		case mirror.NetworkInterface:
			ids = append(ids, t.InterfaceID)
			backed[t.InterfaceID] = append(backed[t.InterfaceID], t.InterfaceID)
		case mirror.NetworkLoadBalancer:
			d := mirror.LoadBalancerInterfaceDescription(t.LoadBalancerARN)
			descriptions = append(descriptions, d)
			backed[d] = append(backed[d], t.LoadBalancerARN)
		case mirror.GatewayLoadBalancerEndpoint:
			endpoints = append(endpoints, t.GatewayLoadBalancerEndpointID)
		}
	}
	found, err := a.endpointInterfaces(ctx, endpoints)
	if err != nil {
		return nil, err
	}
	for endpoint, id := range found {
		ids = append(ids, id)
		backed[id] = append(backed[id], endpoint)
	}
	addresses := map[string]netip.Addr{}
	for _, where := range append(chunks("network-interface-id", ids), chunks("description", descriptions)...) {
		interfaces, err := a.Interfaces(ctx, where)
		if err != nil {
			return nil, err
		}
		for _, i := range interfaces {
			key := i.ID
			if where.name == "description" {
				key = i.Description
			}
			for _, backing := range backed[key] {
				if _, isKnown := addresses[backing]; !isKnown {
					addresses[backing] = addressOf(i)
				}
			}
		}
	}
	return addresses, nil
}

// endpointInterfaces returns the first interfaces of the VPC endpoints that EC2 shows.
func (a *Account) endpointInterfaces(ctx context.Context, ids []string) (map[string]string, error) {
	found := map[string]string{}
	for _, where := range chunks("vpc-endpoint-id", ids) {
		err := pages(func(token *string) (*string, error) {
			out, err := a.ec2.describeEndpoints(ctx, &ec2.DescribeVpcEndpointsInput{Filters: filtersOf([]Where{where}), NextToken: token}, a.options...)
			if err != nil {
				return nil, err
			}
			for _, e := range out.VpcEndpoints {
				if len(e.NetworkInterfaceIds) > 0 {
					found[aws.ToString(e.VpcEndpointId)] = e.NetworkInterfaceIds[0]
				}
			}
			return out.NextToken, nil
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// maxValues is how many values the filters of one request can have.
const maxValues = 200

// chunks returns one condition for as many different values as a request can have.
func chunks(name string, values []string) []Where {
	slices.Sort(values)
	var all []Where
	for some := range slices.Chunk(slices.Compact(values), maxValues) {
		all = append(all, Where{name, some})
	}
	return all
}

// VPCEndpoint has the facts of a VPC endpoint that matter for a target.
type VPCEndpoint struct{ Type, State string }

// GatewayEndpointType is the type of the endpoints that can back a target.
const GatewayEndpointType = string(types.VpcEndpointTypeGatewayLoadBalancer)

// VPCEndpoint returns a VPC endpoint.
func (a *Account) VPCEndpoint(ctx context.Context, id string) (VPCEndpoint, error) {
	out, err := a.ec2.describeEndpoints(ctx, &ec2.DescribeVpcEndpointsInput{VpcEndpointIds: []string{id}}, a.options...)
	if err != nil {
		return VPCEndpoint{}, err
	}
	for _, e := range out.VpcEndpoints {
		if aws.ToString(e.VpcEndpointId) == id {
			return VPCEndpoint{string(e.VpcEndpointType), string(e.State)}, nil
		}
	}
	return VPCEndpoint{}, &NotFoundError{mirror.KindEndpoint, id}
}

// LoadBalancerInterfaces lists the network interfaces of a load balancer, which EC2 shows
// although the load balancer itself is in another API.
func (a *Account) LoadBalancerInterfaces(ctx context.Context, arn string) ([]mirror.Interface, error) {
	return a.Interfaces(ctx, Where{"description", []string{mirror.LoadBalancerInterfaceDescription(arn)}})
}

// addressOf returns the address that packets to an interface carry: the primary
// IPv4 address, or the first IPv6 address where a subnet has no IPv4.
func addressOf(i mirror.Interface) netip.Addr {
	if !i.PrivateIPAddress.IsValid() && len(i.IPv6Addresses) > 0 {
		return i.IPv6Addresses[0]
	}
	return i.PrivateIPAddress
}
