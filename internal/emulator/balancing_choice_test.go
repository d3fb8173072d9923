package emulator_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// The name of a target group with other settings is taken. With the same ones it is the same group.
func TestTargetGroup_otherSettings(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, withZones)
	const request = "Name=fleet&Protocol=UDP&Port=4789&TargetType=ip&IpAddressType=ipv4&VpcId=" + worldVPC + "&HealthCheckPort=80&HealthCheckEnabled=true"
	made := mustBalance(t, e, "CreateTargetGroup", request).text("TargetGroups/member/TargetGroupArn")
	for was, is := range map[string]string{
		"=UDP": "=TCP_UDP", "=4789": "=4790", "=ip&": "=instance&", "=ipv4": "=ipv6", worldVPC: secondVPC, "=80": "=81",
	} {
		unbalanced(t, e, "CreateTargetGroup", strings.Replace(request, was, is, 1), "DuplicateTargetGroupName")
	}
	if again := mustBalance(t, e, "CreateTargetGroup", request).text("TargetGroups/member/TargetGroupArn"); again != made {
		t.Errorf("the same request makes %s beside %s", again, made)
	}
}

// A listener on a port that has one is the same listener only with the same settings.
func TestListener_otherSettings(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	balancer := createdBalancer(t, e, "network", "fleet")
	tls, other := createdGroup(t, e, "tls", "TLS", 443), createdGroup(t, e, "other", "TLS", 443)
	const certificate, config = "&Certificates.member.1.CertificateArn=arn:aws:acm:us-east-1:123456789012:certificate/1", "&DefaultActions.member.1.ForwardConfig.TargetGroups.member."
	weighted := func(weight string) string {
		return "LoadBalancerArn=" + balancer + "&Protocol=TLS&Port=443&SslPolicy=ELBSecurityPolicy-2016-08&AlpnPolicy.member.1=None&DefaultActions.member.1.Type=forward" +
			config + "1.TargetGroupArn=" + tls + config + "1.Weight=" + weight + certificate
	}
	request := weighted("7")
	made := mustBalance(t, e, "CreateListener", request).text("Listeners/member/ListenerArn")
	for _, changed := range []string{
		weighted("8"), strings.Replace(request, "2016-08", "TLS13-1-2-2021-06", 1), strings.Replace(request, "=None", "=HTTP2Only", 1),
		strings.Replace(request, "certificate/1", "certificate/2", 1), strings.Replace(request, tls, other, 1),
	} {
		unbalanced(t, e, "CreateListener", changed, "DuplicateListener")
	}
	if again := mustBalance(t, e, "CreateListener", request).text("Listeners/member/ListenerArn"); again != made {
		t.Errorf("the same request makes %s beside %s", again, made)
	}
}

// The ends of each range are accepted.
func TestTargetGroup_ends(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	n := 0
	for _, test := range []struct{ parameters, code string }{
		{"HealthCheckPort=1", ""}, {"HealthCheckPort=65535", ""}, {"HealthCheckPort=65536", "ValidationError"}, {"HealthCheckPort=0", "ValidationError"},
		{"HealthCheckIntervalSeconds=300", ""}, {"HealthCheckIntervalSeconds=301", "ValidationError"},
		{"HealthCheckTimeoutSeconds=2", ""}, {"HealthCheckTimeoutSeconds=1", "ValidationError"}, {"HealthyThresholdCount=10", ""}, {"UnhealthyThresholdCount=11", "ValidationError"},
		{"HealthCheckProtocol=HTTPS&HealthCheckPath=/" + strings.Repeat("a", 1023), ""}, {"HealthCheckProtocol=HTTP&HealthCheckPath=/" + strings.Repeat("a", 1024), "ValidationError"},
		{"HealthCheckIntervalSeconds=10&HealthCheckTimeoutSeconds=10", "ValidationError"},
	} {
		n++
		unbalanced(t, e, "CreateTargetGroup", fmt.Sprintf("Name=AZaz09-%d&Protocol=TCP&Port=1&VpcId=%s&%s", n, worldVPC, test.parameters), test.code)
	}
	unbalanced(t, e, "CreateTargetGroup", "Protocol=TCP&Port=1&VpcId="+worldVPC+"&Name="+strings.Repeat("z", 32), "")
	for _, arn := range []string{strings.Replace(loadBalancer, "arn:", "name:", 1), strings.Replace(loadBalancer, ":elasticloadbalancing:", ":ec2:", 1)} {
		unbalanced(t, e, "DescribeLoadBalancers", "LoadBalancerArns.member.1="+arn, "ValidationError")
	}
}

// Only UDP needs the address of the client.
func TestTargetGroup_clientAddress(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	for protocol, code := range map[string]string{"TCP": "", "UDP": "InvalidConfigurationRequest", "TCP_UDP": "InvalidConfigurationRequest"} {
		group := createdGroup(t, e, strings.ReplaceAll(protocol, "_", "-"), protocol, 443)
		set := func(key, value string) string {
			return "TargetGroupArn=" + group + "&Attributes.member.1.Key=" + key + "&Attributes.member.1.Value=" + value
		}
		unbalanced(t, e, "ModifyTargetGroupAttributes", set("preserve_client_ip.enabled", "false"), code)
		unbalanced(t, e, "ModifyTargetGroupAttributes", set("target_health_state.unhealthy.connection_termination.enabled", "true"), code)
	}
}

// A target that is deregistered twice drains as long as one that is deregistered once.
func TestDeregisterTargets_twice(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	e := newAppliances(t, func(o *emulator.Options) { o.Now = func() time.Time { return now } })
	group := makeTargetGroup(t, e, "instances", "Protocol=UDP&Port=4789")
	makeBalancer(t, e, "network", "nlb", group, worldSubnet)
	register(t, e, group, applianceA)
	for range 2 {
		mustBalance(t, e, "DeregisterTargets", "TargetGroupArn="+group+targetList(applianceA))
		now = now.Add(200 * time.Second)
	}
	if got := healthOf(t, e, group); len(got) != 0 {
		t.Errorf("400 seconds later there is %v", got)
	}
}

// An address outside of the VPC is in a zone of the Region, or in all.
func TestRegisterTargets_zone(t *testing.T) {
	t.Parallel()
	e := newAppliances(t)
	group := makeTargetGroup(t, e, "addresses", udpGroup)
	unbalanced(t, e, "RegisterTargets", "TargetGroupArn="+group+targetList("10.77.0.1")+"&Targets.member.1.AvailabilityZone="+zoneB, "")
	if got := mustBalance(t, e, "DescribeTargetHealth", "TargetGroupArn="+group+"&Include.member.1=AnomalyDetection").text("TargetHealthDescriptions/member/Target/AvailabilityZone"); got != zoneB {
		t.Errorf("the target is in %q, want %s", got, zoneB)
	}
}

// What a topology says about an address on a stopped instance stays, unless it says that the address
// is healthy. An instance that nobody has is terminated.
func TestTargetHealth_said(t *testing.T) {
	t.Parallel()
	const byAddress, byInstance = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/addresses/0000000000000001",
		"arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/instances/0000000000000002"
	f := applianceWorld()
	f.TargetGroups = []mirror.TargetGroup{
		{
			ARN: byAddress, Protocol: "UDP", Port: 4789, TargetType: "ip", VPCID: worldVPC,
			Targets: []mirror.RegisteredTarget{{ID: "10.0.1.123", Health: "unhealthy", Reason: "Target.ResponseCodeMismatch"}},
		},
		{ARN: byInstance, Protocol: "UDP", Port: 4789, TargetType: "instance", VPCID: worldVPC, Targets: []mirror.RegisteredTarget{{ID: "i-00000000000000099"}}},
	}
	e := newAppliances(t, func(o *emulator.Options) { o.Topology = f })
	makeBalancer(t, e, "network", "first", byAddress, worldSubnet)
	makeBalancer(t, e, "network", "second", byInstance, worldSubnet)
	if got := healthOf(t, e, byAddress)["10.0.1.123"]; got != "unhealthy Target.ResponseCodeMismatch" {
		t.Errorf("the address is %q, want what the topology says", got)
	}
	if got := healthOf(t, e, byInstance)["i-00000000000000099"]; got != "unused Target.InvalidState" {
		t.Errorf("an instance that is not there is %q", got)
	}
}

// Names, Regions and filters choose the services.
func TestEndpointService_chosen(t *testing.T) {
	t.Parallel()
	e := newAppliances(t)
	balancer := mustBalance(t, e, "CreateLoadBalancer", "Type=gateway&Name=gwlb&Subnets.member.1="+worldSubnet).text("LoadBalancers/member/LoadBalancerArn")
	_, first := makeService(t, e, "GatewayLoadBalancerArn.1="+balancer)
	_, second := makeService(t, e, "SupportedIpAddressType.1=ipv6&GatewayLoadBalancerArn.1="+balancer)
	refused(t, e, "CreateVpcEndpointServiceConfiguration", "SupportedIpAddressType.1=ipv5&GatewayLoadBalancerArn.1="+balancer, "InvalidParameterValue")
	both := []string{first, second}
	slices.Sort(both)
	for parameters, want := range map[string][]string{
		"":                          both,
		"ServiceName.1=" + first:    {first},
		"ServiceName.1=" + second:   {second},
		"ServiceRegion.1=us-east-1": both, "ServiceRegion.1=eu-west-1": nil,
		filterBy("service-name", second): {second}, filterBy("service-type", "Interface"): nil, filterBy("supported-ip-address-types", "ipv6"): {second},
	} {
		got := must(t, e, "DescribeVpcEndpointServices", parameters).texts("serviceNameSet/item")
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%q: the services are %q, want %q", parameters, got, want)
		}
	}
}

// Attributes of a load balancer can be set, and its subnets named again, with the address that it has.
func TestLoadBalancer_again(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, withIPv6Subnets)
	const mapping = "&SubnetMappings.member.1.SubnetId=" + subnetOfWorld + "&SubnetMappings.member.1.PrivateIPv4Address=10.0.1.200"
	network := mustBalance(t, e, "CreateLoadBalancer", "Type=network&Scheme=internal&Name=fleet"+mapping).text("LoadBalancers/member/LoadBalancerArn")
	gateway := mustBalance(t, e, "CreateLoadBalancer", "Type=gateway&Name=gateway&Subnets.member.1="+subnetOfWorld).text("LoadBalancers/member/LoadBalancerArn")
	const bucket = "&Attributes.member.1.Key=access_logs.s3.bucket&Attributes.member.1.Value=logs&Attributes.member.2.Key=access_logs.s3.enabled&Attributes.member.2.Value=true"
	unbalanced(t, e, "ModifyLoadBalancerAttributes", "LoadBalancerArn="+network+bucket, "")
	unbalanced(t, e, "SetSubnets", "LoadBalancerArn="+network+mapping, "")
	unbalanced(t, e, "SetSubnets", "LoadBalancerArn="+gateway+"&Subnets.member.1="+subnetOfWorld+"&Subnets.member.2=subnet-00000000000000002", "")
	ipv6 := func() string {
		return balancerInterfaces(t, e, network)[0].text("ipv6AddressesSet/item/ipv6Address")
	}
	set := func(kind string) {
		t.Helper()
		unbalanced(t, e, "SetIpAddressType", "LoadBalancerArn="+network+"&IpAddressType="+kind, "")
	}
	set("dualstack")
	first := ipv6()
	set("dualstack")
	if a, err := netip.ParseAddr(first); err != nil || !a.Is6() || ipv6() != first {
		t.Errorf("the IPv6 address is %q, and then %q", first, ipv6())
	}
	if set("ipv4"); ipv6() != "" {
		t.Errorf("with ipv4 it has the address %q", ipv6())
	}
}

// A subnet with eight free addresses has room for a Network Load Balancer.
func TestLoadBalancer_eightFree(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, withZones)
	for range 3 { // of 11 addresses
		must(t, e, "CreateNetworkInterface", "SubnetId=subnet-00000000000000005")
	}
	unbalanced(t, e, "CreateLoadBalancer", "Type=network&Scheme=internal&Name=fleet&Subnets.member.1=subnet-00000000000000005", "")
}
