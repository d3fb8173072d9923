package emulator_test

import (
	"slices"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A connection of a topology has no time at which it expires or is forgotten.
func TestPeering_statesOfTopology(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, func(o *emulator.Options) {
		for id, state := range map[string]string{"pcx-00000000000000001": "pending-acceptance", "pcx-00000000000000002": "rejected", "pcx-00000000000000003": ""} {
			o.Topology.PeeringConnections = append(o.Topology.PeeringConnections, mirror.PeeringConnection{
				ID: id, State: state, Requester: mirror.PeeredVPC{VPCID: worldVPC}, Accepter: mirror.PeeredVPC{VPCID: "vpc-00000000000000099", OwnerID: otherAccount},
			})
		}
	})
	got := must(t, e, "DescribeVpcPeeringConnections", "").texts("vpcPeeringConnectionSet/item/status/code")
	if slices.Sort(got); !slices.Equal(got, []string{"active", "pending-acceptance", "rejected"}) {
		t.Errorf("the connections are %q", got)
	}
}

// An endpoint service whose name has another Region is not in this one.
func TestEndpointService_otherRegion(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, func(o *emulator.Options) {
		for id, region := range map[string]string{"vpce-svc-00000000000000001": "us-east-1", "vpce-svc-00000000000000002": "eu-west-1"} {
			o.Topology.EndpointServices = append(o.Topology.EndpointServices, mirror.EndpointService{ID: id, Name: "com.amazonaws.vpce." + region + "." + id})
		}
	})
	if got := must(t, e, "DescribeVpcEndpointServiceConfigurations", "").texts("serviceConfigurationSet/item/serviceId"); !slices.Equal(got, []string{"vpce-svc-00000000000000001"}) {
		t.Errorf("the services are %q, want that of us-east-1", got)
	}
}

// A listener can name its only target group twice, and a load balancer of another address type is another one.
func TestBalancing_sameAndOther(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, withIPv6)
	group := createdGroup(t, e, "tcp", "TCP", 443)
	balancer := mustBalance(t, e, "CreateLoadBalancer", fleetRequest).text("LoadBalancers/member/LoadBalancerArn")
	unbalanced(t, e, "CreateListener", listenerOn(balancer, "TCP", 443, group)+"&DefaultActions.member.1.ForwardConfig.TargetGroups.member.1.TargetGroupArn="+group, "")
	unbalanced(t, e, "CreateLoadBalancer", fleetRequest+"&IpAddressType=dualstack", "DuplicateLoadBalancerName")
	unbalanced(t, e, "CreateLoadBalancer", "Type=network&Name=x-&Subnets.member.1="+subnetOfWorld, "ValidationError")
}
