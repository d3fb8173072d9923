package emulator_test

import (
	"fmt"
	"testing"
)

// attributeParameters returns the parameters that set attributes, given as keys and values.
func attributeParameters(arn string, pairs ...string) string {
	text := arn
	for i := 0; i < len(pairs); i += 2 {
		member := "&Attributes.member." + string(rune('1'+i/2))
		text += member + ".Key=" + pairs[i] + member + ".Value=" + pairs[i+1]
	}
	return text
}

// The draining interval of unhealthy targets can be set while their connections are not terminated.
func TestTargetGroup_drainingInterval(t *testing.T) {
	t.Parallel()
	const interval, ends = "target_health_state.unhealthy.draining_interval_seconds", "target_health_state.unhealthy.connection_termination.enabled"
	e := newEmulator(t)
	tcp, udp := "TargetGroupArn="+makeTargetGroup(t, e, "tcp", "Protocol=TCP&Port=443"), "TargetGroupArn="+makeTargetGroup(t, e, "udp", "Protocol=UDP&Port=443")
	refusedBalancing(t, e, "ModifyTargetGroupAttributes", attributeParameters(tcp, interval, "60"), "InvalidConfigurationRequest")
	refusedBalancing(t, e, "ModifyTargetGroupAttributes", attributeParameters(tcp, interval, "60", ends, "true"), "InvalidConfigurationRequest")
	mustBalancing(t, e, "ModifyTargetGroupAttributes", attributeParameters(tcp, interval, "0", ends, "true")) // as it is
	mustBalancing(t, e, "ModifyTargetGroupAttributes", attributeParameters(tcp, interval, "60", ends, "false"))
	mustBalancing(t, e, "ModifyTargetGroupAttributes", attributeParameters(tcp, interval, "90"))
	mustBalancing(t, e, "ModifyTargetGroupAttributes", attributeParameters(udp, interval, "60"))
}

// The number of secondary addresses of a load balancer never decreases.
func TestLoadBalancer_secondaryAddresses(t *testing.T) {
	t.Parallel()
	const secondary = "secondary_ips.auto_assigned.per_subnet"
	e := newEmulator(t)
	arn := "LoadBalancerArn=" + mustBalancing(t, e, "CreateLoadBalancer", fleetRequest).text("CreateLoadBalancerResult/LoadBalancers/member/LoadBalancerArn")
	for _, n := range []string{"0", "2", "2", "3"} {
		mustBalancing(t, e, "ModifyLoadBalancerAttributes", attributeParameters(arn, secondary, n))
	}
	for _, n := range []string{"2", "0"} {
		refusedBalancing(t, e, "ModifyLoadBalancerAttributes", attributeParameters(arn, secondary, n), "InvalidConfigurationRequest")
	}
	mustBalancing(t, e, "ModifyLoadBalancerAttributes", attributeParameters(arn, secondary, "7"))
}

// A security policy has a name of the form of those of Elastic Load Balancing.
func TestListener_securityPolicy(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	arn := mustBalancing(t, e, "CreateLoadBalancer", fleetRequest).text("CreateLoadBalancerResult/LoadBalancers/member/LoadBalancerArn")
	group := makeTargetGroup(t, e, "tls", "Protocol=TLS&Port=443")
	const certificate = "&Protocol=TLS&Port=443&Certificates.member.1.CertificateArn=arn:aws:acm:us-east-1:123456789012:certificate/1"
	listener := "LoadBalancerArn=" + arn + certificate + "&DefaultActions.member.1.Type=forward&DefaultActions.member.1.TargetGroupArn=" + group
	refusedBalancing(t, e, "CreateListener", listener+"&SslPolicy=nonsense", assumed("A0239", "SSLPolicyNotFound"))
	made := mustBalancing(t, e, "CreateListener", listener+"&SslPolicy=ELBSecurityPolicy-TLS13-1-2-Res-2021-06").text("CreateListenerResult/Listeners/member/ListenerArn")
	refusedBalancing(t, e, "ModifyListener", "ListenerArn="+made+"&SslPolicy=ELBSecurityPolicy-", "SSLPolicyNotFound")
	mustBalancing(t, e, "ModifyListener", "ListenerArn="+made+"&SslPolicy=ELBSecurityPolicy-2016-08")
}

// The HTTP codes of a health check are in the range of the protocol.
func TestTargetGroup_matcher(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	network, gateway := "TargetGroupArn="+makeTargetGroup(t, e, "tcp", "Protocol=TCP&Port=443&HealthCheckProtocol=HTTP"), "TargetGroupArn="+makeTargetGroup(t, e, "geneve", geneveGroup+"&HealthCheckProtocol=HTTP")
	for text, codes := range map[string][2]string{ // of a Network and of a Gateway Load Balancer
		"200": {}, "200,399": {}, "200-399": {}, "200,300-301": {}, "400": {"", "ValidationError"}, "200-599": {"", "ValidationError"},
		"199": {"ValidationError", "ValidationError"}, "600": {"ValidationError", "ValidationError"}, "300-200": {"ValidationError", "ValidationError"},
		"99-xx": {"ValidationError", "ValidationError"}, "200,": {"ValidationError", "ValidationError"},
	} {
		for i, arn := range []string{network, gateway} {
			if got := callBalancing(t, e, "ModifyTargetGroup", arn+"&Matcher.HttpCode="+text).root.text("Error/Code"); got != codes[i] {
				t.Errorf("%s of %s: got %q, want %q", text, arn, got, codes[i])
			}
		}
	}
}

// A target group has up to 1000 targets. Those that it has already do not count twice, and those that
// are being deregistered do not count.
func TestRegisterTargets_limit(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	group := "TargetGroupArn=" + makeTargetGroup(t, e, "tcp", "Protocol=TCP&Port=443&TargetType=ip")
	ports := func(first, n int) string {
		text := group
		for i := range n {
			text += fmt.Sprintf("&Targets.member.%d.Id=10.0.1.1&Targets.member.%d.Port=%d", i+1, i+1, first+i)
		}
		return text
	}
	mustBalancing(t, e, "RegisterTargets", ports(1000, 1000))
	mustBalancing(t, e, "RegisterTargets", ports(1000, 10))
	refusedBalancing(t, e, "RegisterTargets", ports(1999, 2), "TooManyTargets")
	mustBalancing(t, e, "DeregisterTargets", ports(1000, 1))
	mustBalancing(t, e, "RegisterTargets", ports(1999, 2))
}

// An empty list selects nothing by itself: it is as if it were left out.
func TestBalancing_emptyLists(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	makeTargetGroup(t, e, "tcp", "Protocol=TCP&Port=443")
	for _, test := range []struct{ action, empty, element string }{
		{"DescribeLoadBalancers", "LoadBalancerArns=", "DescribeLoadBalancersResult/LoadBalancers/member"},
		{"DescribeLoadBalancers", "Names=", "DescribeLoadBalancersResult/LoadBalancers/member"},
		{"DescribeLoadBalancers", "Names=&LoadBalancerArns=", "DescribeLoadBalancersResult/LoadBalancers/member"},
		{"DescribeTargetGroups", "TargetGroupArns=", "DescribeTargetGroupsResult/TargetGroups/member"},
		{"DescribeTargetGroups", "Names=&TargetGroupArns=", "DescribeTargetGroupsResult/TargetGroups/member"},
		{"DescribeListeners", "ListenerArns=&LoadBalancerArn=" + loadBalancer, "DescribeListenersResult/Listeners/member"},
	} {
		if got := mustBalancing(t, e, test.action, test.empty).all(test.element); len(got) == 0 {
			t.Errorf("%s %s lists nothing", test.action, test.empty)
		}
	}
	refusedBalancing(t, e, "DescribeListeners", "ListenerArns=", "ValidationError")
}
