package emulator_test

import (
	"fmt"
	"testing"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

func createdGroup(t *testing.T, e *emulator.Emulator, name, protocol string, port int) string {
	t.Helper()
	return mustBalancing(t, e, "CreateTargetGroup", fmt.Sprintf("Name=%s&Protocol=%s&Port=%d&VpcId=vpc-00000000000000001&TargetType=ip", name, protocol, port)).
		text("CreateTargetGroupResult/TargetGroups/member/TargetGroupArn")
}

func createdBalancer(t *testing.T, e *emulator.Emulator, kind, name string) string {
	t.Helper()
	return mustBalancing(t, e, "CreateLoadBalancer", "Type="+kind+"&Name="+name+"&Subnets.member.1="+subnetOfWorld).
		text("CreateLoadBalancerResult/LoadBalancers/member/LoadBalancerArn")
}

func listenerOn(balancer, protocol string, port int, group string) string {
	return fmt.Sprintf("LoadBalancerArn=%s&Protocol=%s&Port=%d&DefaultActions.member.1.Type=forward&DefaultActions.member.1.TargetGroupArn=%s", balancer, protocol, port, group)
}

// Each rule of a listener is checked, with the code of AWS.
func TestListener_refused(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, withZones)
	network, other, gateway := createdBalancer(t, e, "network", "fleet"), createdBalancer(t, e, "network", "other"), createdBalancer(t, e, "gateway", "inspection")
	udp, tcp, geneve := createdGroup(t, e, "udp", "UDP", 4789), createdGroup(t, e, "tcp", "TCP", 443), createdGroup(t, e, "geneve", "GENEVE", 6081)
	both := createdGroup(t, e, "both", "TCP_UDP", 53)
	listener := mustBalancing(t, e, "CreateListener", listenerOn(network, "UDP", 4789, udp)).text("CreateListenerResult/Listeners/member/ListenerArn")
	const forward = "&DefaultActions.member.1.Type=forward&DefaultActions.member.1.TargetGroupArn="
	for _, test := range []struct{ action, parameters, code string }{
		{"CreateListener", listenerOn(network, "UDP", 4789, both), "DuplicateListener"},
		{"CreateListener", listenerOn(network, "TCP", 4789, tcp), "DuplicateListener"},
		{"CreateListener", listenerOn(network, "UDP", 1, tcp), "IncompatibleProtocols"},
		{"CreateListener", listenerOn(network, "TCP_UDP", 1, udp), "IncompatibleProtocols"},
		{"CreateListener", listenerOn(network, "UDP", 1, geneve), "IncompatibleProtocols"},
		{"CreateListener", "LoadBalancerArn=" + gateway + forward + udp, "IncompatibleProtocols"},
		{"CreateListener", listenerOn(gateway, "UDP", 4789, geneve), "ValidationError"},
		{"CreateListener", listenerOn(network, "HTTP", 80, tcp), "UnsupportedProtocol"},
		{"CreateListener", listenerOn(network, "TLS", 443, tcp), "ValidationError"}, // no certificate
		{"CreateListener", listenerOn(network, "UDP", 70000, udp), "ValidationError"},
		{"CreateListener", "LoadBalancerArn=" + network + "&Protocol=UDP" + forward + udp, "ValidationError"},
		{"CreateListener", "LoadBalancerArn=" + network + "&Port=1" + forward + udp, "ValidationError"},
		{"CreateListener", "LoadBalancerArn=" + network + "&Protocol=UDP&Port=1", "ValidationError"},
		{"CreateListener", listenerOn(other, "UDP", 4789, udp), "TargetGroupAssociationLimit"},
		{"CreateListener", listenerOn(network, "UDP", 1, udp+"0"), "TargetGroupNotFound"},
		{"CreateListener", listenerOn(farLoadBalancer, "UDP", 1, udp), "LoadBalancerNotFound"},
		{"CreateListener", "LoadBalancerArn=" + network + "&Protocol=UDP&Port=1&DefaultActions.member.1.Type=redirect", "InvalidLoadBalancerAction"},
		{"CreateListener", listenerOn(network, "UDP", 1, udp) + "&DefaultActions.member.2.Type=forward", "TooManyActions"},
		{"ModifyListener", "ListenerArn=" + listener + forward + tcp, "IncompatibleProtocols"},
		{"ModifyListener", "ListenerArn=" + listener + "&Protocol=TCP", "IncompatibleProtocols"},
		{"ModifyListener", "ListenerArn=" + listener + "0&Port=1", "ListenerNotFound"},
		{"DeleteListener", "ListenerArn=" + listener + "0", "ListenerNotFound"},
		{"DescribeListeners", "ListenerArns.member.1=" + listener + "0", "ListenerNotFound"},
		{"DescribeListeners", "LoadBalancerArn=" + farLoadBalancer, "LoadBalancerNotFound"},
		{"DeleteTargetGroup", "TargetGroupArn=" + udp, "ResourceInUse"},
		{"ModifyListenerAttributes", "ListenerArn=" + listener + "&Attributes.member.1.Key=tcp.idle_timeout.seconds&Attributes.member.1.Value=60", "InvalidConfigurationRequest"},
	} {
		refusedBalancing(t, e, test.action, test.parameters, test.code)
	}
	if n := len(mustBalancing(t, e, "DescribeListeners", "LoadBalancerArn="+network).all("DescribeListenersResult/Listeners/member")); n != 1 {
		t.Errorf("there are %d listeners after requests that were refused, want 1", n)
	}
	if again := mustBalancing(t, e, "CreateListener", listenerOn(network, "UDP", 4789, udp)).text("CreateListenerResult/Listeners/member/ListenerArn"); again != listener {
		t.Errorf("the same request makes %s beside %s", again, listener)
	}
}

// A listener is created, changed and deleted by the SDK, and goes with its load balancer.
func TestListener_life(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	c := newBalancing(e)
	balancer := createdBalancer(t, e, "network", "fleet")
	udp, spare := createdGroup(t, e, "udp", "UDP", 4789), createdGroup(t, e, "spare", "TCP_UDP", 4789)
	made, err := c.CreateListener(t.Context(), &elb.CreateListenerInput{
		LoadBalancerArn: &balancer, Protocol: elbtypes.ProtocolEnumUdp, Port: new(int32(4789)), Tags: []elbtypes.Tag{{Key: new("Name"), Value: new("vxlan")}},
		DefaultActions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, ForwardConfig: &elbtypes.ForwardActionConfig{
			TargetGroups: []elbtypes.TargetGroupTuple{{TargetGroupArn: &udp, Weight: new(int32(3))}, {TargetGroupArn: &spare, Weight: new(int32(0))}},
		}}},
	})
	fatal(t, err)
	arn := made.Listeners[0].ListenerArn
	_, err = c.ModifyListener(t.Context(), &elb.ModifyListenerInput{ListenerArn: arn, Port: new(int32(4790))})
	fatal(t, err)
	read, err := c.DescribeListeners(t.Context(), &elb.DescribeListenersInput{LoadBalancerArn: &balancer})
	fatal(t, err)
	got := read.Listeners[0]
	groups := got.DefaultActions[0].ForwardConfig.TargetGroups
	if *got.ListenerArn != *arn || *got.Port != 4790 || got.Protocol != elbtypes.ProtocolEnumUdp || len(groups) != 2 || *groups[0].TargetGroupArn != udp || *groups[0].Weight != 3 || *groups[1].Weight != 0 {
		t.Errorf("got %+v with %+v", got, groups)
	}
	_, err = c.DeleteLoadBalancer(t.Context(), &elb.DeleteLoadBalancerInput{LoadBalancerArn: &balancer})
	fatal(t, err)
	_, err = c.DescribeListeners(t.Context(), &elb.DescribeListenersInput{ListenerArns: []string{*arn}})
	if code := codeOf(t, err); code != "ListenerNotFound" {
		t.Errorf("the listener outlives its load balancer: %q", code)
	}
	mustBalancing(t, e, "DeleteTargetGroup", "TargetGroupArn="+udp)
}
