package emulator_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

func TestTargetTypes(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	for _, test := range []struct{ parameters, element, backing, kind string }{
		{"NetworkInterfaceId=" + eni(1), "networkInterfaceId", eni(1), "network-interface"},
		{"NetworkLoadBalancerArn=" + loadBalancer, "networkLoadBalancerArn", loadBalancer, "network-load-balancer"},
		{"GatewayLoadBalancerEndpointId=" + gatewayEndpoint, "gatewayLoadBalancerEndpointId", gatewayEndpoint, "gateway-load-balancer-endpoint"},
	} {
		made := must(t, e, "CreateTrafficMirrorTarget", test.parameters+"&Description=d").all("trafficMirrorTarget")[0]
		read := must(t, e, "DescribeTrafficMirrorTargets", "TrafficMirrorTargetId.1="+made.text("trafficMirrorTargetId")).all("trafficMirrorTargetSet/item")[0]
		for _, got := range []node{made, read} {
			for element, want := range map[string]string{test.element: test.backing, "type": test.kind, "ownerId": "123456789012", "description": "d"} {
				if got.text(element) != want {
					t.Errorf("%s: %s is %q, want %q", test.parameters, element, got.text(element), want)
				}
			}
			if n := len(got.all("networkInterfaceId")) + len(got.all("networkLoadBalancerArn")) + len(got.all("gatewayLoadBalancerEndpointId")); n != 1 {
				t.Errorf("%s: %d backing resources", test.parameters, n)
			}
		}
	}
}

func TestTargetRefusals(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	f := makeFilter(t, e, "")
	used := makeTarget(t, e, "NetworkInterfaceId="+eni(1))
	makeTarget(t, e, "NetworkLoadBalancerArn="+loadBalancer)
	makeTarget(t, e, "GatewayLoadBalancerEndpointId="+gatewayEndpoint)
	makeSession(t, e, sessionOn(eni(2), used, f, 1))
	for _, test := range []struct{ action, parameters, code string }{
		{"CreateTrafficMirrorTarget", "", assumed("A0085", "MissingParameter")},
		{"CreateTrafficMirrorTarget", "NetworkInterfaceId=" + eni(3) + "&NetworkLoadBalancerArn=" + otherLoadBalancer, assumed("A0085", "InvalidParameterCombination")},
		{"CreateTrafficMirrorTarget", "NetworkInterfaceId=" + eniGone, assumed("A0170", "InvalidTrafficMirrorTarget")},
		{"CreateTrafficMirrorTarget", "NetworkLoadBalancerArn=" + loadBalancer[:len(loadBalancer)-1] + "0", assumed("A0064", "InvalidNetworkLoadBalancerArn.NotFound")},
		{"CreateTrafficMirrorTarget", "NetworkLoadBalancerArn=" + farLoadBalancer, assumed("A0018", "InvalidNetworkLoadBalancerArn.NotFound")},
		{"CreateTrafficMirrorTarget", "NetworkLoadBalancerArn=arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/web/0123456789abcdef", assumed("A0076", "InvalidNetworkLoadBalancerArn.Malformed")},
		{"CreateTrafficMirrorTarget", "NetworkLoadBalancerArn=arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/gwy/fw/0123456789abcdef", "InvalidNetworkLoadBalancerArn.Malformed"},
		{"CreateTrafficMirrorTarget", "GatewayLoadBalancerEndpointId=vpce-0123456789abcdef0", "InvalidVpcEndpointId.NotFound"},
		{"CreateTrafficMirrorTarget", "NetworkInterfaceId=" + eni(1), assumed("A0080", "InterfaceInUseByTrafficMirrorTarget")},
		{"CreateTrafficMirrorTarget", "NetworkInterfaceId=" + eni(2), assumed("A0080", "InterfaceInUseByTrafficMirrorSession")},
		{"CreateTrafficMirrorTarget", "NetworkInterfaceId=" + eniGateway, assumed("A0082", "NetworkInterfaceNotSupported")},
		{"CreateTrafficMirrorTarget", "NetworkLoadBalancerArn=" + otherLoadBalancer, assumed("A0086", "")}, // it has no UDP listener
		{"CreateTrafficMirrorTarget", "NetworkInterfaceId=" + eniOldFamily, ""},                            // only sources depend on the instance type
		{"CreateTrafficMirrorTarget", "NetworkLoadBalancerArn=" + loadBalancer, "NlbInUseByTrafficMirrorTargetException"},
		{"CreateTrafficMirrorTarget", "GatewayLoadBalancerEndpointId=" + gatewayEndpoint, assumed("A0040", "InvalidParameterValue")},
		{"DeleteTrafficMirrorTarget", "TrafficMirrorTargetId=" + goneTarget, "InvalidTrafficMirrorTargetId.NotFound"},
		{"DeleteTrafficMirrorTarget", "TrafficMirrorTargetId=" + used, "TrafficMirrorTargetInUseException"},
		{"DeleteTrafficMirrorTarget", "TrafficMirrorTargetId=" + sharedTarget, assumed("A0041", "UnauthorizedOperation")},
		{"DescribeTrafficMirrorTargets", "TrafficMirrorTargetId.1=" + used + "&TrafficMirrorTargetId.2=" + goneTarget, "InvalidTrafficMirrorTargetId.NotFound"},
	} {
		refused(t, e, test.action, test.parameters, test.code)
	}
}

// A backing resource is free again after its target is deleted.
func TestTargetFreesItsBacking(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	for _, backing := range []string{"NetworkInterfaceId=" + eni(1), "NetworkLoadBalancerArn=" + loadBalancer, "GatewayLoadBalancerEndpointId=" + gatewayEndpoint} {
		id := makeTarget(t, e, backing)
		if got := must(t, e, "DeleteTrafficMirrorTarget", "TrafficMirrorTargetId="+id).text("trafficMirrorTargetId"); got != id {
			t.Errorf("the answer to the delete names %q, want %q", got, id)
		}
		refused(t, e, "DescribeTrafficMirrorTargets", "TrafficMirrorTargetId.1="+id, "InvalidTrafficMirrorTargetId.NotFound")
		makeTarget(t, e, backing)
	}
}

func TestSharedTarget(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	read := must(t, e, "DescribeTrafficMirrorTargets", "Filter.1.Name=owner-id&Filter.1.Value.1="+otherAccount)
	if got := read.text("trafficMirrorTargetSet/item/trafficMirrorTargetId"); got != sharedTarget {
		t.Errorf("the other account's targets: %q, want %q", got, sharedTarget)
	}
	made := makeSession(t, e, sessionOn(eni(1), sharedTarget, makeFilter(t, e, ""), 1))
	if got := made.text("ownerId"); got != "123456789012" {
		t.Errorf("the session belongs to %q", got)
	}
	// Its tags are its owner's.
	refused(t, e, "CreateTags", "ResourceId.1="+sharedTarget+"&Tag.1.Key=k", assumed("A0066", "UnauthorizedOperation"))
	refused(t, e, "DeleteTags", "ResourceId.1="+sharedTarget+"&Tag.1.Key=k", assumed("A0066", "UnauthorizedOperation"))
}

// A target that another account has shared stays shared when the topology does not
// say so any more.
func TestSharedTargetStays_A0078(t *testing.T) {
	t.Parallel()
	o := emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: world()}
	e := mustNew(t, o)
	f := makeFilter(t, e, "")
	makeSession(t, e, sessionOn(eni(1), sharedTarget, f, 1))
	o.Topology.SharedTargets = nil
	e = mustNew(t, o)
	must(t, e, "DescribeTrafficMirrorTargets", "TrafficMirrorTargetId.1="+sharedTarget)
	makeSession(t, e, sessionOn(eni(2), sharedTarget, f, 1))
}

// A target whose interface was deleted accepts sessions. No copy arrives there (A0075).
func TestTargetWithoutItsInterface_A0075(t *testing.T) {
	t.Parallel()
	o := emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: world()}
	o.Topology.NetworkInterfaces = append(o.Topology.NetworkInterfaces, mirror.Interface{ID: eni(200)})
	e := mustNew(t, o)
	target, f := makeTarget(t, e, "NetworkInterfaceId="+eni(200)), makeFilter(t, e, "")
	must(t, e, "DeleteNetworkInterface", "NetworkInterfaceId="+eni(200))
	makeSession(t, e, sessionOn(eni(1), target, f, 1))
	moved := makeSession(t, e, sessionOn(eni(2), sharedTarget, f, 1)).text("trafficMirrorSessionId")
	must(t, e, "ModifyTrafficMirrorSession", "TrafficMirrorSessionId="+moved+"&TrafficMirrorTargetId="+target)
}

// A session of another account on a target of this one can be seen, and not changed
// (A0066). It uses up a source, and does not keep the target.
func TestForeignSession(t *testing.T) {
	t.Parallel()
	const foreign = "tms-0000000000000000f"
	o := emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: world(), Quotas: mirror.DefaultQuotas()}
	o.Quotas.SourcesPerTarget, o.Quotas.SessionsPerAccount = 2, 2
	target := makeTarget(t, mustNew(t, o), "NetworkInterfaceId="+eni(20))
	o.Topology.ForeignSessions = []mirror.Session{
		{ID: foreign, OwnerID: otherAccount, InterfaceID: eni(254), TargetID: target, FilterID: goneFilter, Number: 3, VirtualNetworkID: new(7)},
		{ID: goneSession, OwnerID: otherAccount, InterfaceID: eni(254), TargetID: goneTarget, FilterID: goneFilter, Number: 4, VirtualNetworkID: new(8)},
	}
	e := mustNew(t, o)
	must(t, e, "DescribeTrafficMirrorSessions", "") // loads the topology
	reloaded := emptyEmulator(t)
	fatal(t, reloaded.Load(t.Context(), strings.NewReader(dumpOf(t, e))))
	for _, h := range []*emulator.Emulator{e, reloaded} {
		for _, parameters := range []string{"", "TrafficMirrorSessionId.1=" + foreign, filterBy("owner-id", otherAccount), filterBy("traffic-mirror-target-id", target), filterBy("network-interface-id", eni(254))} {
			read := must(t, h, "DescribeTrafficMirrorSessions", parameters)
			if got := read.text("trafficMirrorSessionSet/item/trafficMirrorSessionId"); got != foreign {
				t.Errorf("%s: got %q, want %s", parameters, got, foreign)
			}
		}
	}
	refused(t, e, "ModifyTrafficMirrorSession", "TrafficMirrorSessionId="+foreign+"&SessionNumber=1", assumed("A0066", "UnauthorizedOperation"))
	refused(t, e, "DeleteTrafficMirrorSession", "TrafficMirrorSessionId="+foreign, "UnauthorizedOperation")
	refused(t, e, "CreateTags", "ResourceId.1="+target+"&ResourceId.2="+foreign+"&Tag.1.Key=k", "UnauthorizedOperation")
	refused(t, e, "DeleteTags", "ResourceId.1="+foreign, "UnauthorizedOperation")
	if got := tagsOn(t, e, target); got != "" {
		t.Errorf("a request that was refused left the tags %s", got)
	}

	f := makeFilter(t, e, "")
	own := makeSession(t, e, sessionOn(eni(1), target, f, 1)).text("trafficMirrorSessionId")
	refused(t, e, "CreateTrafficMirrorSession", sessionOn(eni(2), target, f, 1), "TrafficMirrorSourcesPerTargetLimitExceeded")
	second := makeSession(t, e, sessionOn(eni(2), sharedTarget, f, 1)).text("trafficMirrorSessionId") // the foreign one is not on this account's quota
	checkWhole(t, e, o.Path)

	refused(t, e, "DeleteTrafficMirrorTarget", "TrafficMirrorTargetId="+target, "TrafficMirrorTargetInUseException")
	must(t, e, "DeleteTrafficMirrorSession", "TrafficMirrorSessionId="+own)
	refused(t, e, "DeleteTrafficMirrorTarget", "TrafficMirrorTargetId="+target, assumed("A0081", ""))
	if got := must(t, e, "DescribeTrafficMirrorSessions", "").texts("trafficMirrorSessionSet/item/trafficMirrorSessionId"); len(got) != 1 || got[0] != second {
		t.Errorf("after the target is gone there are %v, want %s", got, second)
	}
	checkWhole(t, e, o.Path)
}

func TestSourceEligibility(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	f, target := makeFilter(t, e, ""), makeTarget(t, e, "NetworkInterfaceId="+eni(20))
	for _, test := range []struct{ source, code string }{
		{eni(1), ""},
		{eniMetal, ""},
		{eniRDS, assumed("A0060", "")},
		{eniOldFamily, "NetworkInterfaceNotSupported"},
		{eniOldMetal, "NetworkInterfaceNotSupported"},
		{eniLambda, "NetworkInterfaceNotSupported"},
		{eniGateway, "NetworkInterfaceNotSupported"},
		{eniIPv6Only, assumed("A0082", "NetworkInterfaceNotSupported")},
		{eni(20), assumed("A0080", "InterfaceInUseByTrafficMirrorTarget")},
		{eniGone, "InvalidNetworkInterfaceID.NotFound"},
	} {
		refused(t, e, "CreateTrafficMirrorSession", sessionOn(test.source, target, f, 1), test.code)
	}
}
