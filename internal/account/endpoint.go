package account

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Endpoint returns the endpoint that receives the packets for a target. AWS does not show
// the MTU of an interface: it is unknown unless Options.TargetFacts knows it. Listeners and
// appliances of a load balancer are unknown if Elastic Load Balancing does not show them.
//
// If the backing resource was deleted, the target still exists, and its endpoint is Gone.
// AWS shows the backing resource of a target to the account that owns it. So one that
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
	var onEndpoints []string
	for _, t := range targets {
		if id := t.GatewayLoadBalancerEndpointID; id != "" {
			onEndpoints = append(onEndpoints, id)
		}
	}
	var shown shownBackings
	var err error
	if shown.endpoints, err = a.shownEndpoints(ctx, onEndpoints); err != nil {
		return nil, err
	}
	if err := a.addInterfaces(ctx, targets, &shown); err != nil {
		return nil, err
	}
	states, err := a.receiverStates(ctx, targets, shown)
	if err != nil {
		return nil, err
	}
	isShared := func(t mirror.Target) bool { return t.OwnerID != "" && t.OwnerID != viewer }
	all := make([]mirror.Endpoint, len(targets))
	for i, t := range targets {
		backing, exists := shown.byBacking[t.Backing()]
		all[i] = mirror.Endpoint{Type: t.Type(), Address: addressOf(backing), State: shown.endpoints[t.GatewayLoadBalancerEndpointID].State, Gone: !exists && !isShared(t)}
		switch t.Type() {
		case mirror.NetworkInterface:
			all[i].Down = mirror.Receiver{Interface: backing, InstanceState: states[backing.InstanceID]}.Obstacle()
		case mirror.GatewayLoadBalancerEndpoint:
			all[i].Zone = backing.Zone
		}
		if a.facts == nil || all[i].Gone {
			continue
		}
		if err := a.facts(ctx, a.Region, t, &all[i]); err != nil {
			return nil, err
		}
	}
	return all, a.addBalancers(ctx, targets, isShared, shown, all)
}

// MTU returns the MTU of a network interface, or 0 if it is not known. AWS does not show it.
func MTU(ctx context.Context, a *Account, interfaceID string) (int, error) {
	if a.facts == nil {
		return 0, nil
	}
	var shown mirror.Endpoint
	err := a.facts(ctx, a.Region, mirror.Target{InterfaceID: interfaceID}, &shown)
	return shown.MTU, err
}

// receiverStates returns the states of the instances whose interfaces back targets, by their IDs, as
// far as EC2 shows them: they are not needed.
func (a *Account) receiverStates(ctx context.Context, targets []mirror.Target, shown shownBackings) (map[string]string, error) {
	var ids []string
	for _, t := range targets {
		if i := shown.byBacking[t.InterfaceID]; t.Type() == mirror.NetworkInterface && i.InstanceID != "" && !slices.Contains(ids, i.InstanceID) {
			ids = append(ids, i.InstanceID)
		}
	}
	if ids == nil {
		return nil, nil
	}
	states := map[string]string{}
	all, err := readAll(ctx, a, instanceSource, []Where{{instanceSource.idField, ids}})
	for _, i := range taggedOf[Instance](a, all) {
		states[i.Noun.ID] = i.Noun.State
	}
	return states, unlessRefused(err)
}

// shownBackings is what EC2 shows of the backing resources of targets.
type shownBackings struct {
	endpoints  map[string]VPCEndpoint      // by their IDs
	interfaces []mirror.Interface          // of all backing resources
	byBacking  map[string]mirror.Interface // the first one, by the ID or ARN of the resource
}

// addInterfaces adds the network interfaces of the backing resources. A load balancer has one for
// each Availability Zone.
func (a *Account) addInterfaces(ctx context.Context, targets []mirror.Target, shown *shownBackings) error {
	backed := map[string][]string{} // IDs and ARNs, by the ID or the description of an interface
	var ids, descriptions []string
	for _, t := range targets {
		switch t.Type() {
		case mirror.NetworkInterface:
			ids = append(ids, t.InterfaceID)
			backed[t.InterfaceID] = append(backed[t.InterfaceID], t.InterfaceID)
		case mirror.NetworkLoadBalancer:
			d := mirror.LoadBalancerInterfaceDescription(t.LoadBalancerARN)
			descriptions = append(descriptions, d)
			backed[d] = append(backed[d], t.LoadBalancerARN)
		}
	}
	for endpoint, e := range shown.endpoints {
		if id := e.interfaceID(); id != "" {
			ids = append(ids, id)
			backed[id] = append(backed[id], endpoint)
		}
	}
	shown.byBacking = map[string]mirror.Interface{}
	for _, where := range []Where{{onInterface, ids}, {withDescription, descriptions}} {
		if len(where.values) == 0 {
			continue
		}
		interfaces, err := a.Interfaces(ctx, where)
		if err != nil {
			return err
		}
		shown.interfaces = append(shown.interfaces, interfaces...)
		for _, i := range interfaces {
			key := i.ID
			if where.name == withDescription {
				key = i.Description
			}
			for _, backing := range backed[key] {
				if _, isKnown := shown.byBacking[backing]; !isKnown {
					shown.byBacking[backing] = i
				}
			}
		}
	}
	return nil
}

// shownEndpoints returns the VPC endpoints that EC2 shows, by their IDs.
func (a *Account) shownEndpoints(ctx context.Context, ids []string) (map[string]VPCEndpoint, error) {
	found := map[string]VPCEndpoint{}
	if len(ids) == 0 {
		return found, nil
	}
	all, err := readAll(ctx, a, endpointSource, []Where{{endpointSource.idField, ids}})
	for _, i := range all {
		found[i.id] = i.noun.(VPCEndpoint)
	}
	return found, err
}

var endpointSource = &source{
	kind: mirror.KindEndpoint, idField: "vpc-endpoint-id",
	ask: func(ctx context.Context, api *operations, q question, options []func(*ec2.Options)) (answer, error) {
		out, err := api.describeEndpoints(ctx, &ec2.DescribeVpcEndpointsInput{
			VpcEndpointIds: q.ids, Filters: q.filters(), NextToken: q.token, MaxResults: q.size(),
		}, options...)
		if err != nil {
			return answer{}, err
		}
		page := answer{next: out.NextToken}
		for _, e := range out.VpcEndpoints {
			page.add(e.VpcEndpointId, vpcEndpointOf(e), nil, nil)
		}
		return page, nil
	},
	value: noCondition,
}

// VPCEndpoint has the facts of a VPC endpoint that matter for a target.
type VPCEndpoint struct {
	ID           string
	Type         string
	State        string
	Owner        string
	VPCID        string
	ServiceName  string
	SubnetIDs    []string
	InterfaceIDs []string
	Tags         map[string]string
}

// knownState returns a state of a list as the list has it, or the text if the list does not have it.
func knownState(text string, states []string) string {
	if i := slices.IndexFunc(states, func(s string) bool { return strings.EqualFold(s, text) }); i >= 0 {
		return states[i]
	}
	return text
}

func vpcEndpointOf(e types.VpcEndpoint) VPCEndpoint {
	return VPCEndpoint{
		ID: aws.ToString(e.VpcEndpointId), Type: string(e.VpcEndpointType), State: knownState(string(e.State), mirror.EndpointStates), Owner: aws.ToString(e.OwnerId),
		VPCID: aws.ToString(e.VpcId), ServiceName: aws.ToString(e.ServiceName), SubnetIDs: e.SubnetIds, InterfaceIDs: e.NetworkInterfaceIds, Tags: tagsOf(e.Tags),
	}
}

// interfaceID returns the first network interface of the endpoint, or "".
func (e VPCEndpoint) interfaceID() string {
	if len(e.InterfaceIDs) == 0 {
		return ""
	}
	return e.InterfaceIDs[0]
}

// GatewayEndpointType is the type of the endpoints that can back a target.
const GatewayEndpointType = string(types.VpcEndpointTypeGatewayLoadBalancer)

// VPCEndpoint returns a VPC endpoint.
func (a *Account) VPCEndpoint(ctx context.Context, id string) (VPCEndpoint, error) {
	found, err := readOne[VPCEndpoint](ctx, a, endpointSource, id)
	return found.Noun, err
}

// VPCEndpoints lists VPC endpoints, in the order of their IDs: those that EC2 shows of some IDs,
// or all.
func (a *Account) VPCEndpoints(ctx context.Context, ids ...string) ([]VPCEndpoint, error) {
	if len(ids) == 0 {
		return listAll[VPCEndpoint](ctx, a, endpointSource)
	}
	return listAll[VPCEndpoint](ctx, a, endpointSource, Where{endpointSource.idField, ids})
}

// LoadBalancerInterfaces lists the network interfaces of a load balancer, which EC2 shows
// although the load balancer itself is in another API.
func (a *Account) LoadBalancerInterfaces(ctx context.Context, arn string) ([]mirror.Interface, error) {
	return a.Interfaces(ctx, Where{withDescription, []string{mirror.LoadBalancerInterfaceDescription(arn)}})
}

// addressOf returns the address that packets to an interface carry: the primary
// IPv4 address, or the first IPv6 address where a subnet has no IPv4.
func addressOf(i mirror.Interface) netip.Addr {
	if !i.PrivateIPAddress.IsValid() && len(i.IPv6Addresses) > 0 {
		return i.IPv6Addresses[0]
	}
	return i.PrivateIPAddress
}
