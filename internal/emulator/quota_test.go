package emulator_test

import (
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

func TestQuotas(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, func(o *emulator.Options) {
		o.Quotas = mirror.Quotas{
			SessionsPerInterface: 2, SessionsPerAccount: 5, TargetsPerAccount: 3, FiltersPerAccount: 1, RulesPerFilter: 3,
			SourcesPerTarget: 2, SourcesPerLargeTarget: 3,
		}
	})
	f := makeFilter(t, e, "")
	refused(t, e, "CreateTrafficMirrorFilter", "", "TrafficMirrorFilterLimitExceeded")

	small, large := makeTarget(t, e, "NetworkInterfaceId="+eni(1)), makeTarget(t, e, "NetworkInterfaceId="+eniLargeTarget)
	balanced := makeTarget(t, e, "NetworkLoadBalancerArn="+loadBalancer)
	refused(t, e, "CreateTrafficMirrorTarget", "NetworkInterfaceId="+eni(2), "TrafficMirrorTargetLimitExceeded")

	makeRule(t, e, f, 1, "")
	makeRule(t, e, f, 2, "")
	must(t, e, "CreateTrafficMirrorFilterRule", "TrafficMirrorFilterId="+f+"&RuleNumber=1&TrafficDirection=egress&RuleAction=reject"+anyCIDRs)
	// Both directions count together.
	refused(t, e, "CreateTrafficMirrorFilterRule", "TrafficMirrorFilterId="+f+"&RuleNumber=3&TrafficDirection=ingress&RuleAction=reject"+anyCIDRs, assumed("A0003", "TrafficMirrorFilterRuleLimitExceeded"))

	makeSession(t, e, sessionOn(eni(3), small, f, 1))
	second := makeSession(t, e, sessionOn(eni(3), small, f, 2)).text("trafficMirrorSessionId") // the same source
	refused(t, e, "CreateTrafficMirrorSession", sessionOn(eni(3), balanced, f, 3), "TrafficMirrorSessionsPerInterfaceLimitExceeded")
	makeSession(t, e, sessionOn(eni(4), small, f, 1))
	refused(t, e, "CreateTrafficMirrorSession", sessionOn(eni(5), small, f, 1), "TrafficMirrorSourcesPerTargetLimitExceeded")

	makeSession(t, e, sessionOn(eni(5), large, f, 1))
	third := makeSession(t, e, sessionOn(eni(6), large, f, 1)).text("trafficMirrorSessionId")
	refused(t, e, "ModifyTrafficMirrorSession", "TrafficMirrorSessionId="+third+"&TrafficMirrorTargetId="+small, "TrafficMirrorSourcesPerTargetLimitExceeded")
	refused(t, e, "CreateTrafficMirrorSession", sessionOn(eni(7), balanced, f, 1), "TrafficMirrorSessionLimitExceeded")
	must(t, e, "DeleteTrafficMirrorSession", "TrafficMirrorSessionId="+second)
	makeSession(t, e, sessionOn(eni(7), large, f, 1))
}

// The published quotas, met exactly.
func TestDefaultQuotas(t *testing.T) {
	t.Parallel()
	sourceOf := func(n int) string { return eni(n + 1000*min(1, n/20)) } // world has interfaces 1 to 20
	e := newEmulator(t, func(o *emulator.Options) {
		for n := 20; n <= 101; n++ {
			o.Topology.NetworkInterfaces = append(o.Topology.NetworkInterfaces, mirror.Interface{ID: sourceOf(n)})
		}
	})
	f := makeFilter(t, e, "")
	for n := 1; n <= 10; n++ {
		makeRule(t, e, f, n, "")
	}
	refused(t, e, "CreateTrafficMirrorFilterRule", "TrafficMirrorFilterId="+f+"&RuleNumber=1&TrafficDirection=egress&RuleAction=accept"+anyCIDRs, "TrafficMirrorFilterRuleLimitExceeded")
	target := makeTarget(t, e, "NetworkInterfaceId="+eni(20))
	for n := 1; n <= 10; n++ {
		makeSession(t, e, sessionOn(eni(n), target, f, 1))
	}
	got := call(t, e, "CreateTrafficMirrorSession", sessionOn(eni(11), target, f, 1))
	if want := "Sources per interface-target limit reached (11)"; got.code() != "TrafficMirrorSourcesPerTargetLimitExceeded" || got.message() != want {
		t.Errorf("got %q %q, want the observed message %q", got.code(), got.message(), want)
	}
	large := makeTarget(t, e, "NetworkInterfaceId="+eniLargeTarget)
	for n := 1; n <= 100; n++ {
		makeSession(t, e, sessionOn(sourceOf(n), large, f, 2))
	}
	got = call(t, e, "CreateTrafficMirrorSession", sessionOn(sourceOf(101), large, f, 2))
	if want := "Sources per interface-target limit reached (101)"; got.code() != "TrafficMirrorSourcesPerTargetLimitExceeded" || got.message() != want {
		t.Errorf("got %q %q, want %q", got.code(), got.message(), want)
	}
	makeSession(t, e, sessionOn(eni(1), large, f, 3))
	refused(t, e, "CreateTrafficMirrorSession", sessionOn(eni(1), large, f, 4), "TrafficMirrorSessionsPerInterfaceLimitExceeded")
}
