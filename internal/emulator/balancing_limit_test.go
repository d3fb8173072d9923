package emulator_test

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// members returns a list of a request, whose members a function makes.
func members(n int, member func(int) string) string {
	var text strings.Builder
	for i := range n {
		text.WriteString("&" + member(i+1))
	}
	return text.String()
}

// The lists of a request, the tags and the keys of attributes have limits.
func TestBalancing_lists(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	group := createdGroup(t, e, "udp", "UDP", 4789)
	const attributes = "&Attributes.member.1.Key=deletion_protection.enabled&Attributes.member.1.Value=true" +
		"&Attributes.member.2.Key=deletion_protection.enabled&Attributes.member.2.Value=false"
	names := func(n int) string {
		return members(n, func(i int) string { return fmt.Sprintf("Names.member.%d=x%d", i, i) })
	}
	for _, test := range []struct{ action, parameters, code string }{
		{"DescribeLoadBalancers", names(21), "ValidationError"},
		{"DescribeLoadBalancers", names(20), "LoadBalancerNotFound"},
		{"DescribeTargetGroups", names(21), "ValidationError"},
		{"DescribeTargetGroups", names(20), "TargetGroupNotFound"},
		{"DescribeTags", members(21, func(i int) string { return fmt.Sprintf("ResourceArns.member.%d=%s", i, group) }), "ValidationError"},
		{"DescribeTags", members(20, func(i int) string { return fmt.Sprintf("ResourceArns.member.%d=%s", i, group) }), ""},
		{"DescribeLoadBalancers", "Names.member.1=x&LoadBalancerArns.member.1=" + loadBalancer, "ValidationError"},
		{"ModifyLoadBalancerAttributes", "LoadBalancerArn=" + loadBalancer + attributes, "ValidationError"},
		{"CreateLoadBalancer", fleetRequest + members(51, func(i int) string { return fmt.Sprintf("Tags.member.%d.Key=k%d", i, i) }), "TooManyTags"},
		{"AddTags", "ResourceArns.member.1=" + group, "ValidationError"},
		{"RemoveTags", "ResourceArns.member.1=" + group, "ValidationError"},
		{"RemoveTags", "ResourceArns.member.1=" + group + "&TagKeys.member.1=aws:a", "ValidationError"},
	} {
		unbalanced(t, e, test.action, test.parameters, test.code)
	}
}

// A Region has at most 50 Network Load Balancers and 100 Gateway Load Balancers.
func TestLoadBalancer_limit(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, func(o *emulator.Options) {
		for n := range 47 { // world has two
			o.Topology.LoadBalancers = append(o.Topology.LoadBalancers, mirror.LoadBalancer{ARN: fmt.Sprintf("arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/n%d/%016x", n, n)})
		}
		for n := range 99 {
			o.Topology.LoadBalancers = append(o.Topology.LoadBalancers, mirror.LoadBalancer{ARN: fmt.Sprintf("arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/gwy/g%d/%016x", n, n)})
		}
	})
	for _, kind := range []string{"network", "gateway"} {
		request := "&Type=" + kind + "&Subnets.member.1=" + subnetOfWorld
		unbalanced(t, e, "CreateLoadBalancer", "Name=last-"+kind+request, "")
		unbalanced(t, e, "CreateLoadBalancer", "Name=more-"+kind+request, "TooManyLoadBalancers")
	}
}

// withIPv6Subnets gives the subnets of world and of withZones IPv6 addresses.
func withIPv6Subnets(o *emulator.Options) {
	withZones(o)
	for i, s := range o.Topology.Subnets {
		if s.CIDRBlock.IsValid() {
			o.Topology.Subnets[i].IPv6CIDRBlock = netip.MustParsePrefix(fmt.Sprintf("2001:db8:0:%x::/64", i+1))
		}
	}
}

// What a load balancer of one type or address type cannot have is refused, also after it was created.
func TestLoadBalancer_kinds(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, withIPv6Subnets)
	gateway := mustBalance(t, e, "CreateLoadBalancer", "Type=gateway&Name=gateway&Subnets.member.1="+subnetOfWorld).text("LoadBalancers/member/LoadBalancerArn")
	network := mustBalance(t, e, "CreateLoadBalancer", fleetRequest).text("LoadBalancers/member/LoadBalancerArn")
	group := makeGroup(t, e, worldVPC, "group")
	udp := createdGroup(t, e, "udp", "UDP", 4789)
	dual := mustBalance(t, e, "CreateLoadBalancer", strings.Replace(fleetRequest, "fleet", "dual", 1)+"&IpAddressType=dualstack").text("LoadBalancers/member/LoadBalancerArn")
	mustBalance(t, e, "CreateListener", listenerOn(network, "UDP", 4789, udp))
	const mapping, other = "&SubnetMappings.member.1.SubnetId=" + subnetOfWorld, "&Subnets.member.1=subnet-00000000000000002"
	for _, test := range []struct{ action, parameters, code string }{
		{"CreateLoadBalancer", "Type=gateway&Name=x" + mapping + "&SubnetMappings.member.1.PrivateIPv4Address=10.0.1.200", "ValidationError"},
		{"CreateLoadBalancer", "Type=gateway&Name=x&EnablePrefixForIpv6SourceNat=on&Subnets.member.1=" + subnetOfWorld, "ValidationError"},
		{"CreateLoadBalancer", "Type=gateway&Name=x&Subnets.member.1=subnet-00000000000000006", "InvalidSubnet"}, // IPv6 only
		{"CreateLoadBalancer", "Type=network&Name=x" + mapping + "&SubnetMappings.member.1.IPv6Address=2001:db8:0:1::9", "ValidationError"},
		{"CreateLoadBalancer", "Type=network&Name=x" + members(21, func(i int) string { return fmt.Sprintf("Subnets.member.%d=subnet-%017x", i, i) }), "ValidationError"},
		{
			"CreateLoadBalancer",
			"Type=network&Name=x&Subnets.member.1=" + subnetOfWorld + members(6, func(i int) string { return fmt.Sprintf("SecurityGroups.member.%d=sg-%017x", i, i) }),
			"InvalidConfigurationRequest",
		},
		{"SetSubnets", "LoadBalancerArn=" + gateway + other, "InvalidConfigurationRequest"},
		{"SetSubnets", "LoadBalancerArn=" + network + mapping + "&SubnetMappings.member.1.PrivateIPv4Address=10.0.1.201", "InvalidConfigurationRequest"},
		{"SetSecurityGroups", "LoadBalancerArn=" + gateway + "&SecurityGroups.member.1=" + group, "InvalidConfigurationRequest"},
		{"DescribeCapacityReservation", "LoadBalancerArn=" + gateway, "OperationNotPermitted"},
		{"DescribeCapacityReservation", "LoadBalancerArn=" + network, ""},
		{"CreateListener", listenerOn(dual, "UDP", 1, udp), "InvalidConfigurationRequest"},
		{"SetIpAddressType", "LoadBalancerArn=" + network + "&IpAddressType=dualstack", "InvalidConfigurationRequest"}, // it has a listener for UDP
		{"ModifyLoadBalancerAttributes", "LoadBalancerArn=" + network + "&Attributes.member.1.Key=access_logs.s3.enabled&Attributes.member.1.Value=true", "InvalidConfigurationRequest"},
		{"ModifyLoadBalancerAttributes", "LoadBalancerArn=" + gateway + "&Attributes.member.1.Key=access_logs.s3.enabled&Attributes.member.1.Value=false", "InvalidConfigurationRequest"},
	} {
		unbalanced(t, e, test.action, test.parameters, test.code)
	}
	service, _ := makeService(t, e, "GatewayLoadBalancerArn.1="+gateway)
	unbalanced(t, e, "DeleteLoadBalancer", "LoadBalancerArn="+gateway, "ResourceInUse")
	must(t, e, "DeleteVpcEndpointServiceConfigurations", "ServiceId.1="+service)
	unbalanced(t, e, "DeleteLoadBalancer", "LoadBalancerArn="+gateway, "")
	unbalanced(t, e, "SetSubnets", "LoadBalancerArn="+dual+"&EnablePrefixForIpv6SourceNat=on&Subnets.member.1="+subnetOfWorld, "")
	fleet := createdGroup(t, e, "fleet", "UDP", 4789)
	unbalanced(t, e, "CreateListener", listenerOn(dual, "UDP", 1, fleet), "")
}

// What a listener cannot have is refused: certificates, policies, target groups and weights.
func TestListener_settings(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	balancer := createdBalancer(t, e, "network", "fleet")
	groups := make([]string, 6)
	for i := range groups {
		groups[i] = createdGroup(t, e, fmt.Sprintf("tcp%d", i), "TCP", 443)
	}
	const certificate, action = "&Certificates.member.1.CertificateArn=arn:aws:acm:us-east-1:123456789012:certificate/1", "DefaultActions.member.1."
	forwards := func(n int) string {
		return members(n, func(i int) string {
			return fmt.Sprintf(action+"ForwardConfig.TargetGroups.member.%d.TargetGroupArn=%s", i, groups[i-1])
		})
	}
	tls, none := listenerOn(balancer, "TLS", 443, groups[0]), "LoadBalancerArn="+balancer+"&Protocol=TCP&Port=443&"+action+"Type=forward"
	for _, test := range []struct{ parameters, code string }{
		{none, "ValidationError"},
		{tls + certificate + strings.ReplaceAll(certificate, "1.C", "2.C"), "TooManyCertificates"},
		{tls + "&Certificates.member.1.CertificateArn=mine", "CertificateNotFound"},
		{tls + certificate + "&AlpnPolicy.member.1=HTTP9", "ALPNPolicyNotFound"},
		{listenerOn(balancer, "TCP", 443, groups[0]) + certificate, "InvalidConfigurationRequest"},
		{listenerOn(balancer, "TCP", 443, groups[0]) + "&SslPolicy=ELBSecurityPolicy-2016-08", "InvalidConfigurationRequest"},
		{listenerOn(balancer, "TCP", 443, groups[1]) + forwards(1), "ValidationError"}, // two target groups in one action
		{none + forwards(1) + "&" + action + "ForwardConfig.TargetGroupStickinessConfig.Enabled=true", "InvalidLoadBalancerAction"},
		{none + forwards(6), "InvalidLoadBalancerAction"},
		{none + forwards(1) + "&" + action + "ForwardConfig.TargetGroups.member.1.Weight=1000", "ValidationError"},
		{none + forwards(1) + "&" + action + "ForwardConfig.TargetGroups.member.1.Weight=-1", "ValidationError"},
		{none + forwards(5) + "&" + action + "ForwardConfig.TargetGroups.member.1.Weight=999", ""},
		{listenerOn(balancer, "TLS", 444, groups[0]) + certificate + "&AlpnPolicy.member.1=HTTP2Only", ""},
		{listenerOn(balancer, "TCP", 65535, groups[0]), ""},
	} {
		unbalanced(t, e, "CreateListener", test.parameters, test.code)
	}
}

// The attributes of a listener have the values of AWS.
func TestListener_attributes(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	listener := mustBalance(t, e, "CreateListener", listenerOn(createdBalancer(t, e, "network", "fleet"), "TCP", 443, createdGroup(t, e, "tcp", "TCP", 443))).text("Listeners/member/ListenerArn")
	set := func(key, value string) string {
		return "ListenerArn=" + listener + "&Attributes.member.1.Key=" + key + "&Attributes.member.1.Value=" + value
	}
	for _, test := range []struct{ key, value, code string }{
		{"routing.http.response.server.enabled", "true", "InvalidConfigurationRequest"},
		{"tcp.idle", "60", "ValidationError"},
		{"tcp.idle_timeout.seconds", "59", "ValidationError"},
		{"tcp.idle_timeout.seconds", "6001", "ValidationError"},
		{"tcp.idle_timeout.seconds", "6000", ""},
		{"tcp.idle_timeout.seconds", "60", ""},
	} {
		unbalanced(t, e, "ModifyListenerAttributes", set(test.key, test.value), test.code)
	}
	if got := mustBalance(t, e, "DescribeListenerAttributes", "ListenerArn="+listener).text("Attributes/member/Value"); got != "60" {
		t.Errorf("the idle timeout is %q, want 60", got)
	}
}

// A load balancer has at most 50 listeners.
func TestListener_limit(t *testing.T) {
	t.Parallel()
	e := mustNew(t, emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: parsed(t, fullBalancer(listed(portsBelow50()...)))})
	unbalanced(t, e, "CreateListener", listenerOn(fleetARN, "UDP", 50, fleetGroup), "")
	unbalanced(t, e, "CreateListener", listenerOn(fleetARN, "UDP", 51, fleetGroup), "TooManyListeners")
}

// portsBelow50 returns the ports 1 to 49: one fewer than a load balancer can have.
func portsBelow50() []string {
	var ports []string
	for n := 1; n < 50; n++ {
		ports = append(ports, fmt.Sprint(n))
	}
	return ports
}

// The attributes of a target group have the values of AWS, and the lowest and highest port is one.
func TestTargetGroup_bounds(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, withIPv6Subnets)
	group := createdGroup(t, e, "udp", "UDP", 1)
	createdGroup(t, e, "tcp", "TCP", 65535)
	for _, test := range []struct{ value, code string }{{"-1", "ValidationError"}, {"3601", "ValidationError"}, {"3600", ""}, {"0", ""}} {
		set := "&Attributes.member.1.Key=deregistration_delay.timeout_seconds&Attributes.member.1.Value=" + test.value
		unbalanced(t, e, "ModifyTargetGroupAttributes", "TargetGroupArn="+group+set, test.code)
	}
	if got := attributesOf(t, e, group)["deregistration_delay.timeout_seconds"]; got != "0" {
		t.Errorf("the delay is %q, want 0", got)
	}
	unbalanced(t, e, "RegisterTargets", "TargetGroupArn="+group+targetList("10.0.1.121:65535"), "")
	unbalanced(t, e, "RegisterTargets", "TargetGroupArn="+group+"&Targets.member.1.Id=2001:db8:0:1::9", "ValidationError") // of the VPC, but not IPv4
}
