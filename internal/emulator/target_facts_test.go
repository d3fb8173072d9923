package emulator_test

import (
	"net/netip"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// The store keeps what no answer shows, also when the topology is left out later. An empty
// list is not the same as an unknown one. What an answer shows is no fact of a target: of a
// load balancer with known listeners, account derives the rest.
func TestTargetFacts(t *testing.T) {
	t.Parallel()
	file := world()
	file.NetworkInterfaces[0].MTU = 1500
	appliance := netip.MustParseAddr("10.0.3.1")
	const noAppliances = otherLoadBalancer + "0"
	file.NetworkLoadBalancers[0].Appliances = []topology.Appliance{{IPAddress: appliance}}
	file.NetworkLoadBalancers[1].Appliances = []topology.Appliance{{IPAddress: appliance}}
	file.NetworkLoadBalancers = append(file.NetworkLoadBalancers, topology.NetworkLoadBalancer{ARN: noAppliances, Appliances: []topology.Appliance{}})
	file.LoadBalancers = []mirror.LoadBalancer{{ARN: fleetARN, Listeners: []mirror.Listener{
		{Protocol: "UDP", Port: 4789, TargetGroups: []string{fleetGroup}}, {Protocol: "TCP", Port: 443, TargetGroups: []string{fleetGroup + "0"}},
	}}}
	file.TargetGroups = []mirror.TargetGroup{
		{ARN: fleetGroup}, {ARN: fleetGroup + "0", TargetType: "ip", Targets: []mirror.RegisteredTarget{{ID: "10.0.1.1"}}},
	}
	file.GatewayLoadBalancerEndpoints[0].Appliances = []topology.Appliance{}
	path := filepath.Join(t.TempDir(), "ec2.db")
	for _, options := range []emulator.Options{{Path: path, Topology: file}, {Path: path}} {
		e := mustNew(t, options)
		makeFilter(t, e, "") // a write stores the topology
		facts := emulator.TargetFacts(e)
		for _, test := range []struct {
			target mirror.Target
			want   mirror.Endpoint
		}{
			{mirror.Target{InterfaceID: eni(1)}, mirror.Endpoint{MTU: 1500}},
			{mirror.Target{InterfaceID: eni(2)}, mirror.Endpoint{}},
			{mirror.Target{InterfaceID: eniGone}, mirror.Endpoint{}},
			{mirror.Target{LoadBalancerARN: loadBalancer}, mirror.Endpoint{}},
			{mirror.Target{LoadBalancerARN: otherLoadBalancer}, mirror.Endpoint{Appliances: []netip.Addr{appliance}}},
			{mirror.Target{LoadBalancerARN: noAppliances}, mirror.Endpoint{Appliances: []netip.Addr{}}},
			{mirror.Target{LoadBalancerARN: fleetARN}, mirror.Endpoint{}},        // the group for copies is unknown
			{mirror.Target{LoadBalancerARN: farLoadBalancer}, mirror.Endpoint{}}, // of another Region
			{mirror.Target{GatewayLoadBalancerEndpointID: gatewayEndpoint}, mirror.Endpoint{Appliances: []netip.Addr{}}},
		} {
			var got mirror.Endpoint
			if err := facts(t.Context(), "us-east-1", test.target, &got); err != nil || !reflect.DeepEqual(got, test.want) {
				t.Errorf("%+v: %+v, %v, want %+v", test.target, got, err, test.want)
			}
		}
	}
}

// The topology says which prefixes an interface has, and whether its packets are checked.
func TestInterface_packetsOfOthers(t *testing.T) {
	t.Parallel()
	file := world()
	file.NetworkInterfaces[0].IPv4Prefixes = []netip.Prefix{netip.MustParsePrefix("10.0.1.16/28")}
	file.NetworkInterfaces[0].IPv6Prefixes = []netip.Prefix{netip.MustParsePrefix("2001:db8::/80")}
	file.NetworkInterfaces[1].SourceDestCheck = new(bool)
	client := newClient(newEmulator(t, func(o *emulator.Options) { o.Topology = file }))
	out, err := client.DescribeNetworkInterfaces(t.Context(), &ec2.DescribeNetworkInterfacesInput{NetworkInterfaceIds: []string{eni(1), eni(2)}})
	if err != nil || len(out.NetworkInterfaces) != 2 {
		t.Fatal(out, err)
	}
	first, second := out.NetworkInterfaces[0], out.NetworkInterfaces[1]
	if len(first.Ipv4Prefixes) != 1 || *first.Ipv4Prefixes[0].Ipv4Prefix != "10.0.1.16/28" ||
		len(first.Ipv6Prefixes) != 1 || *first.Ipv6Prefixes[0].Ipv6Prefix != "2001:db8::/80" || !*first.SourceDestCheck {
		t.Errorf("the first interface is %+v", first)
	}
	if *second.SourceDestCheck {
		t.Error("the check of the second interface is on")
	}
}
