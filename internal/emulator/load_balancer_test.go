package emulator_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// withZones has a second subnet and one of another VPC, and no endpoint.
func withZones(o *emulator.Options) {
	o.Topology.VPCs = append(o.Topology.VPCs, topology.VPC{ID: "vpc-00000000000000002", CIDRBlock: netip.MustParsePrefix("10.1.0.0/16")})
	o.Topology.Subnets = append(o.Topology.Subnets,
		topology.Subnet{ID: "subnet-00000000000000002", VPCID: "vpc-00000000000000001", CIDRBlock: netip.MustParsePrefix("10.0.2.0/24"), AvailabilityZone: "us-east-1b"},
		topology.Subnet{ID: "subnet-00000000000000003", VPCID: "vpc-00000000000000002", CIDRBlock: netip.MustParsePrefix("10.1.3.0/24"), AvailabilityZone: "us-east-1c"},
		topology.Subnet{ID: "subnet-00000000000000004", VPCID: "vpc-00000000000000001", CIDRBlock: netip.MustParsePrefix("10.0.4.0/24"), AvailabilityZone: "us-east-1a"},
		topology.Subnet{ID: "subnet-00000000000000005", VPCID: "vpc-00000000000000001", CIDRBlock: netip.MustParsePrefix("10.0.5.0/28"), AvailabilityZone: "us-east-1d"},
	)
}

const fleetRequest = "Type=network&Scheme=internal&Name=fleet&Subnets.member.1=" + subnetOfWorld

// Each rule of a load balancer's settings is checked, with the code of AWS.
func TestLoadBalancer_refused(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, withZones)
	mustBalancing(t, e, "CreateLoadBalancer", fleetRequest)
	const other, gateway = "Type=network&Scheme=internal&Name=x", "Type=gateway&Name=x&Subnets.member.1=" + subnetOfWorld
	const in = "&Subnets.member.1=" + subnetOfWorld
	for _, test := range []struct{ action, parameters, code string }{
		{"CreateLoadBalancer", "Name=x" + in, "OperationNotPermitted"}, // an Application Load Balancer
		{"CreateLoadBalancer", "Type=network&Name=" + strings.Repeat("x", 33) + in, "ValidationError"},
		{"CreateLoadBalancer", "Type=network&Name=-x" + in, "ValidationError"},
		{"CreateLoadBalancer", "Type=network&Name=a_b" + in, "ValidationError"},
		{"CreateLoadBalancer", "Type=network&Name=internal-x" + in, "ValidationError"},
		{"CreateLoadBalancer", other, "ValidationError"}, // no subnet
		{"CreateLoadBalancer", other + in + "&SubnetMappings.member.1.SubnetId=subnet-00000000000000002", "ValidationError"},
		{"CreateLoadBalancer", other + "&Subnets.member.1=subnet-0000000000000000f", "SubnetNotFound"},
		{"CreateLoadBalancer", other + in + "&Subnets.member.2=subnet-00000000000000003", "InvalidConfigurationRequest"}, // another VPC
		{"CreateLoadBalancer", other + in + "&Subnets.member.2=subnet-00000000000000004", "InvalidConfigurationRequest"}, // the same zone
		{"CreateLoadBalancer", other + "&Subnets.member.1=subnet-00000000000000006", "InvalidSubnet"},                    // IPv6 only
		{"CreateLoadBalancer", other + in + "&IpAddressType=dualstack", "InvalidSubnet"},
		{"CreateLoadBalancer", other + "&SubnetMappings.member.1.SubnetId=" + subnetOfWorld + "&SubnetMappings.member.1.AllocationId=eipalloc-1", "AllocationIdNotFound"},
		{"CreateLoadBalancer", other + "&SubnetMappings.member.1.SubnetId=" + subnetOfWorld + "&SubnetMappings.member.1.PrivateIPv4Address=10.9.9.9", "ValidationError"},
		{"CreateLoadBalancer", "Type=network&Name=x&SubnetMappings.member.1.SubnetId=" + subnetOfWorld + "&SubnetMappings.member.1.PrivateIPv4Address=10.0.1.200", "ValidationError"},
		{"CreateLoadBalancer", other + in + "&SecurityGroups.member.1=sg-0000000000000000f", "InvalidSecurityGroup"},
		{"CreateLoadBalancer", "Type=network&Name=x&Scheme=public" + in, "ValidationError"},
		{"CreateLoadBalancer", gateway + "&Scheme=internal", "ValidationError"},
		{"CreateLoadBalancer", gateway + "&SecurityGroups.member.1=sg-0000000000000000f", "ValidationError"},
		{"CreateLoadBalancer", other + in + "&Tags.member.1.Key=a&Tags.member.2.Key=a", "DuplicateTagKeys"},
		{"CreateLoadBalancer", other + in + "&Tags.member.1.Key=aws:a", "ValidationError"},
		{"CreateLoadBalancer", "Type=network&Name=fleet" + in, "DuplicateLoadBalancerName"}, // internet-facing
		{"CreateLoadBalancer", "Type=gateway&Name=fleet" + in, "DuplicateLoadBalancerName"},
		{"DescribeLoadBalancers", "Names.member.1=x", "LoadBalancerNotFound"},
		{"DescribeLoadBalancers", "LoadBalancerArns.member.1=" + farLoadBalancer, "LoadBalancerNotFound"},
		{"DescribeLoadBalancers", "LoadBalancerArns.member.1=x", "ValidationError"},
		{"SetSecurityGroups", "LoadBalancerArn=" + loadBalancer + "&SecurityGroups.member.1=sg-0000000000000000f", "InvalidConfigurationRequest"},
		{"SetSubnets", "LoadBalancerArn=" + farLoadBalancer + in, "LoadBalancerNotFound"},
		{"SetIpAddressType", "LoadBalancerArn=" + loadBalancer, "ValidationError"},
		{"ModifyLoadBalancerAttributes", "LoadBalancerArn=" + loadBalancer + "&Attributes.member.1.Key=idle_timeout.timeout_seconds&Attributes.member.1.Value=1", "InvalidConfigurationRequest"},
		{"ModifyLoadBalancerAttributes", "LoadBalancerArn=" + loadBalancer + "&Attributes.member.1.Key=x&Attributes.member.1.Value=1", "ValidationError"},
		{"ModifyLoadBalancerAttributes", "LoadBalancerArn=" + loadBalancer + "&Attributes.member.1.Key=deletion_protection.enabled&Attributes.member.1.Value=1", "ValidationError"},
		{"ModifyLoadBalancerAttributes", "LoadBalancerArn=" + loadBalancer, "ValidationError"},
		{"DescribeListeners", "", "ValidationError"},
		{"DescribeListeners", "LoadBalancerArn=" + otherLoadBalancer, assumed("A0205", "AccessDenied")},
	} {
		refusedBalancing(t, e, test.action, test.parameters, test.code)
	}
	if n := len(mustBalancing(t, e, "DescribeLoadBalancers", "").all("DescribeLoadBalancersResult/LoadBalancers/member")); n != 3 {
		t.Errorf("there are %d load balancers after requests that were refused, want 3", n)
	}
	again := mustBalancing(t, e, "CreateLoadBalancer", fleetRequest).text("CreateLoadBalancerResult/LoadBalancers/member/LoadBalancerArn")
	first := mustBalancing(t, e, "DescribeLoadBalancers", "Names.member.1=fleet").text("DescribeLoadBalancersResult/LoadBalancers/member/LoadBalancerArn")
	if again != first {
		t.Errorf("the same request makes %s beside %s", again, first)
	}
}

// A subnet with fewer than eight free addresses has no room for a Network Load Balancer.
func TestLoadBalancer_smallSubnet(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, withZones)
	const small = "&Subnets.member.1=subnet-00000000000000005"
	for range 4 { // of 11 addresses
		must(t, e, "CreateNetworkInterface", "SubnetId=subnet-00000000000000005")
	}
	refusedBalancing(t, e, "CreateLoadBalancer", "Type=network&Scheme=internal&Name=fleet"+small, "InvalidSubnet")
	mustBalancing(t, e, "CreateLoadBalancer", "Type=gateway&Name=fleet"+small)
}

// balancerInterfaces returns the interfaces that EC2 shows of a load balancer.
func balancerInterfaces(t *testing.T, e *emulator.Emulator, arn string) []node {
	t.Helper()
	_, path, _ := strings.Cut(arn, ":loadbalancer/")
	return must(t, e, "DescribeNetworkInterfaces", filterBy("description", "ELB "+path)).all("networkInterfaceSet/item")
}

// A load balancer has a network interface in each subnet that EC2 shows and that only the load balancer
// removes. A target of Traffic Mirroring can have the load balancer, and outlives it.
func TestLoadBalancer_life(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, withZones)
	c := newBalancing(e)
	group := must(t, e, "CreateSecurityGroup", "GroupName=g&GroupDescription=g&VpcId=vpc-00000000000000001").text("groupId")
	in := networkBalancer("fleet")
	in.SecurityGroups, in.Tags = []string{group}, []elbtypes.Tag{{Key: new("Name"), Value: new("fleet")}}
	in.Subnets, in.SubnetMappings = nil, []elbtypes.SubnetMapping{{SubnetId: new(subnetOfWorld), PrivateIPv4Address: new("10.0.1.200")}}
	made, err := c.CreateLoadBalancer(t.Context(), in)
	fatal(t, err)
	arn := *made.LoadBalancers[0].LoadBalancerArn
	_, err = c.SetSubnets(t.Context(), &elb.SetSubnetsInput{LoadBalancerArn: &arn, Subnets: []string{subnetOfWorld, "subnet-00000000000000002"}})
	fatal(t, err)
	read, err := c.DescribeLoadBalancers(t.Context(), &elb.DescribeLoadBalancersInput{Names: []string{"fleet"}})
	fatal(t, err)
	got := read.LoadBalancers[0]
	if *got.LoadBalancerArn != arn || *got.VpcId != "vpc-00000000000000001" || got.Scheme != elbtypes.LoadBalancerSchemeEnumInternal || got.Type != elbtypes.LoadBalancerTypeEnumNetwork ||
		got.IpAddressType != elbtypes.IpAddressTypeIpv4 || !slices.Equal(got.SecurityGroups, []string{group}) || len(got.AvailabilityZones) != 2 ||
		*got.AvailabilityZones[0].ZoneName != "us-east-1a" || *got.AvailabilityZones[0].LoadBalancerAddresses[0].PrivateIPv4Address != "10.0.1.200" {
		t.Errorf("got %+v", got)
	}
	interfaces := balancerInterfaces(t, e, arn)
	if len(interfaces) != 2 {
		t.Fatalf("it has %d interfaces, want 2", len(interfaces))
	}
	for _, i := range interfaces {
		id := i.text("networkInterfaceId")
		if i.text("interfaceType") != "network_load_balancer" || i.text("requesterManaged") != "true" || i.text("requesterId") != "amazon-elb" || i.text("groupSet/item/groupId") != group {
			t.Errorf("its interface is %+v", i)
		}
		refused(t, e, "DeleteNetworkInterface", "NetworkInterfaceId="+id, "OperationNotPermitted")
	}
	target := makeTarget(t, e, "NetworkLoadBalancerArn="+arn)
	tags, err := c.DescribeTags(t.Context(), &elb.DescribeTagsInput{ResourceArns: []string{arn}})
	fatal(t, err)
	if len(tags.TagDescriptions) != 1 || len(tags.TagDescriptions[0].Tags) != 1 || *tags.TagDescriptions[0].Tags[0].Value != "fleet" {
		t.Errorf("its tags are %+v", tags.TagDescriptions)
	}

	protect := func(value string) {
		_, err := c.ModifyLoadBalancerAttributes(t.Context(), &elb.ModifyLoadBalancerAttributesInput{
			LoadBalancerArn: &arn, Attributes: []elbtypes.LoadBalancerAttribute{{Key: new("deletion_protection.enabled"), Value: &value}},
		})
		fatal(t, err)
	}
	protect("true")
	refusedBalancing(t, e, "DeleteLoadBalancer", "LoadBalancerArn="+arn, "OperationNotPermitted")
	protect("false")
	for range 2 { // the second time it is gone already
		mustBalancing(t, e, "DeleteLoadBalancer", "LoadBalancerArn="+arn)
	}
	if left := balancerInterfaces(t, e, arn); len(left) > 0 {
		t.Errorf("its interfaces outlive it: %+v", left)
	}
	refusedBalancing(t, e, "DescribeTags", "ResourceArns.member.1="+arn, "LoadBalancerNotFound")
	must(t, e, "DescribeTrafficMirrorTargets", "TrafficMirrorTargetId.1="+target)
}

// The attributes have the defaults of AWS for each type.
func TestLoadBalancer_attributes(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	c := newBalancing(e)
	const crossZone = "load_balancing.cross_zone.enabled"
	made := func(in *elb.CreateLoadBalancerInput) map[string]string {
		out, err := c.CreateLoadBalancer(t.Context(), in)
		fatal(t, err)
		read, err := c.DescribeLoadBalancerAttributes(t.Context(), &elb.DescribeLoadBalancerAttributesInput{LoadBalancerArn: out.LoadBalancers[0].LoadBalancerArn})
		fatal(t, err)
		return attributeMap(read.Attributes)
	}
	network := made(networkBalancer("fleet"))
	if len(network) != 9 || network[crossZone] != "false" || network["dns_record.client_routing_policy"] != "any_availability_zone" || network["ipv6.deny_all_igw_traffic"] != "true" {
		t.Errorf("a Network Load Balancer has %v", network)
	}
	gateway := made(&elb.CreateLoadBalancerInput{Name: new("gateway"), Type: elbtypes.LoadBalancerTypeEnumGateway, Subnets: []string{subnetOfWorld}})
	if len(gateway) != 2 || gateway[crossZone] != "false" || gateway["deletion_protection.enabled"] != "false" {
		t.Errorf("a Gateway Load Balancer has %v", gateway)
	}
	changed, err := c.ModifyLoadBalancerAttributes(t.Context(), &elb.ModifyLoadBalancerAttributesInput{
		LoadBalancerArn: new(otherLoadBalancer), Attributes: []elbtypes.LoadBalancerAttribute{{Key: new(crossZone), Value: new("true")}},
	})
	fatal(t, err)
	if got := attributeMap(changed.Attributes); got[crossZone] != "true" {
		t.Errorf("after the change it has %v", got)
	}
	read, err := c.DescribeLoadBalancerAttributes(t.Context(), &elb.DescribeLoadBalancerAttributesInput{LoadBalancerArn: new(loadBalancer)})
	fatal(t, err)
	if value, known := attributeMap(read.Attributes)[crossZone]; known {
		t.Errorf("the topology does not say whether cross-zone load balancing is on, and the answer does: %q", value)
	}
}

func attributeMap(list []elbtypes.LoadBalancerAttribute) map[string]string {
	m := map[string]string{}
	for _, a := range list {
		m[*a.Key] = *a.Value
	}
	return m
}

// Only where AWS selects the address, a subnet needs several free ones.
func TestLoadBalancer_chosenAddressInSmallSubnet(t *testing.T) {
	t.Parallel()
	f := world()
	f.Subnets = append(f.Subnets, topology.Subnet{ID: "subnet-00000000000000028", VPCID: worldVPC, CIDRBlock: netip.MustParsePrefix("10.0.28.0/28")})
	for n := 4; n < 8; n++ {
		f.NetworkInterfaces = append(f.NetworkInterfaces, mirror.Interface{ID: eni(280 + n), SubnetID: "subnet-00000000000000028", PrivateIPAddress: netip.AddrFrom4([4]byte{10, 0, 28, byte(n)})})
	}
	e := newEmulator(t, func(o *emulator.Options) { o.Topology = f })
	if got := balancing(t, e, "CreateLoadBalancer", "Name=a&Type=network&Scheme=internal&Subnets.member.1=subnet-00000000000000028"); got.root.text("Error/Code") != "InvalidSubnet" {
		t.Errorf("without an address: %d %q", got.status, got.root.text("Error/Code"))
	}
	mustBalance(t, e, "CreateLoadBalancer", "Name=b&Type=network&Scheme=internal&SubnetMappings.member.1.SubnetId=subnet-00000000000000028&SubnetMappings.member.1.PrivateIPv4Address=10.0.28.12")
}
