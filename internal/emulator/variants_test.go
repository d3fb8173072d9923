package emulator_test

import (
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// withVariants returns a change of options to the named variants; "" is the default.
func withVariants(names ...string) func(*emulator.Options) {
	return func(o *emulator.Options) {
		for _, name := range names {
			if name == "" {
				continue
			}
			if err := o.Variants.Set(name); err != nil {
				panic(err)
			}
		}
	}
}

func TestVariantNames(t *testing.T) {
	t.Parallel()
	want := []string{"attached-sources", "load-balancer-sources", "repeated-session-numbers", "rules-per-direction", "sessions-per-target", "unique-vnis"}
	if got := emulator.VariantNames(); !slices.Equal(got, want) {
		t.Errorf("the names are %q, want %q", got, want)
	}
	var r emulator.Variants
	for _, name := range want {
		if err := r.Set(name); err != nil {
			t.Error(err)
		}
	}
	v := reflect.ValueOf(r)
	if v.NumField() != len(want) {
		t.Errorf("%d names for %d variants", len(want), v.NumField())
	}
	for i := range v.NumField() {
		if !v.Field(i).Bool() {
			t.Errorf("no name sets %s", v.Type().Field(i).Name)
		}
	}
	if err := r.Set("sources"); err == nil || !strings.Contains(err.Error(), "write one of attached-sources, ") {
		t.Errorf("sources: %v", err)
	}
}

// A source by default and in the variants (A0061, A0065).
func TestSourceVariants(t *testing.T) {
	t.Parallel()
	const refusal, foreign = "NetworkInterfaceNotSupported", "UnauthorizedOperation"
	eniLoose, eniUnknown, eniBalancing, eniBalancingNetwork, eniCache := eni(201), eni(202), eni(203), eni(204), eni(205)
	eniForeign, eniGuest := eni(206), eni(207)
	more := world()
	more.NetworkInterfaces = append(more.NetworkInterfaces,
		mirror.Interface{ID: eniLoose},
		mirror.Interface{ID: eniUnknown, InstanceID: instance(200)},
		mirror.Interface{ID: eniCache, RequesterManaged: true, RequesterID: "amazon-elasticache"},
		mirror.Interface{ID: eniBalancing, RequesterManaged: true, RequesterID: "amazon-elb"},
		mirror.Interface{ID: eniBalancingNetwork, RequesterManaged: true, RequesterID: "amazon-elb", Type: "network_load_balancer"},
		mirror.Interface{ID: eniForeign, OwnerID: otherAccount, SubnetID: "subnet-0000000000000ffff", InstanceID: instance(1)},
		mirror.Interface{ID: eniGuest, OwnerID: otherAccount, SubnetID: "subnet-00000000000000001", InstanceID: instance(1)},
	)
	for _, test := range []struct {
		name, source                      string
		byDefault, attached, loadBalanced string
	}{
		{"attached", eni(1), "", "", ""},
		{"A0061: not attached", eniLoose, "", refusal, ""},
		{"attached to an instance that nobody described", eniUnknown, "", "", ""},
		{"of RDS", eniRDS, "", "", ""},
		{"A0060: of ElastiCache", eniCache, "", "", ""},
		{"A0065: of an Application Load Balancer", eniBalancing, refusal, refusal, ""},
		{"of a Network Load Balancer", eniBalancingNetwork, refusal, refusal, refusal},
		{"of Lambda", eniLambda, refusal, refusal, refusal},
		{"A0067: of another account", eniForeign, foreign, foreign, foreign},
		{"of another account in a shared subnet", eniGuest, "", "", ""},
	} {
		for variants, want := range map[string]string{"": test.byDefault, "attached-sources": test.attached, "load-balancer-sources": test.loadBalanced} {
			e := newEmulator(t, withVariants(variants), func(o *emulator.Options) { o.Topology = more })
			f, target := makeFilter(t, e, ""), makeTarget(t, e, "NetworkInterfaceId="+eni(20))
			got := call(t, e, "CreateTrafficMirrorSession", sessionOn(test.source, target, f, 1))
			if got.code() != want {
				t.Errorf("%s, variant %q: got %q (%s), want %q", test.name, variants, got.code(), got.message(), want)
			}
		}
	}
}

// A VNI that is set may repeat (A0052), and in the other variant it may not.
func TestVNIVariant(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		variants, want string
	}{
		{"", ""},
		{"unique-vnis", "InvalidParameterValue"},
	} {
		e := newEmulator(t, withVariants(test.variants))
		f, target := makeFilter(t, e, ""), makeTarget(t, e, "NetworkInterfaceId="+eni(20))
		first := makeSession(t, e, sessionOn(eni(1), target, f, 1)+"&VirtualNetworkId=7").text("trafficMirrorSessionId")
		second := makeSession(t, e, sessionOn(eni(2), target, f, 1)+"&VirtualNetworkId=8").text("trafficMirrorSessionId")
		refused(t, e, "CreateTrafficMirrorSession", sessionOn(eni(3), target, f, 1)+"&VirtualNetworkId=7", test.want)
		refused(t, e, "ModifyTrafficMirrorSession", "TrafficMirrorSessionId="+second+"&VirtualNetworkId=7", test.want)
		refused(t, e, "ModifyTrafficMirrorSession", "TrafficMirrorSessionId="+first+"&VirtualNetworkId=7", "") // its own
	}
}

// A session number is taken once on an interface (A0050), and in the other variant
// it is not.
func TestSessionNumberVariant(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ variants, want string }{
		{"", assumed("A0050", "InvalidParameterValue")},
		{"repeated-session-numbers", ""},
	} {
		o := emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: world()}
		withVariants(test.variants)(&o)
		e := mustNew(t, o)
		f, target := makeFilter(t, e, ""), makeTarget(t, e, "NetworkInterfaceId="+eni(20))
		makeSession(t, e, sessionOn(eni(1), target, f, 1))
		second := makeSession(t, e, sessionOn(eni(1), target, f, 2)).text("trafficMirrorSessionId")
		refused(t, e, "CreateTrafficMirrorSession", sessionOn(eni(1), target, f, 1), test.want)
		refused(t, e, "ModifyTrafficMirrorSession", "TrafficMirrorSessionId="+second+"&SessionNumber=1", test.want)
		makeSession(t, e, sessionOn(eni(2), target, f, 1))
		checkWhole(t, e, o.Path)
	}
}

// Sessions with one number are apart: each can be found, changed and deleted, also by
// an emulator that would not have let them come about.
func TestRepeatedSessionNumbers(t *testing.T) {
	t.Parallel()
	o := emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: world()}
	lenient := o
	withVariants("repeated-session-numbers")(&lenient)
	e := mustNew(t, lenient)
	f, target := makeFilter(t, e, ""), makeTarget(t, e, "NetworkInterfaceId="+eni(20))
	var ids []string
	for range 3 {
		ids = append(ids, makeSession(t, e, sessionOn(eni(1), target, f, 1)).text("trafficMirrorSessionId"))
	}
	refused(t, e, "CreateTrafficMirrorSession", sessionOn(eni(1), target, f, 1), "TrafficMirrorSessionsPerInterfaceLimitExceeded")

	e = mustNew(t, o)
	if got := must(t, e, "DescribeTrafficMirrorSessions", filterBy("network-interface-id", eni(1))).all("trafficMirrorSessionSet/item"); len(got) != 3 {
		t.Errorf("%d sessions of the interface, want 3", len(got))
	}
	must(t, e, "ModifyTrafficMirrorSession", "TrafficMirrorSessionId="+ids[0]+"&SessionNumber=1&Description=d")
	must(t, e, "DeleteTrafficMirrorSession", "TrafficMirrorSessionId="+ids[1])
	must(t, e, "ModifyTrafficMirrorSession", "TrafficMirrorSessionId="+ids[2]+"&SessionNumber=2")
	refused(t, e, "ModifyTrafficMirrorSession", "TrafficMirrorSessionId="+ids[2]+"&SessionNumber=1", "InvalidParameterValue")
	checkWhole(t, e, o.Path)
	refused(t, e, "CreateTrafficMirrorTarget", "NetworkInterfaceId="+eni(1), "InterfaceInUseByTrafficMirrorSession")
	for _, id := range []string{ids[0], ids[2]} {
		must(t, e, "DeleteTrafficMirrorSession", "TrafficMirrorSessionId="+id)
	}
	makeTarget(t, e, "NetworkInterfaceId="+eni(1))
}

// The quota of rules counts both directions together (A0003), and in the other
// variant each for itself.
func TestRuleQuotaVariant(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ variants, egress, moved string }{
		{"", assumed("A0003", "TrafficMirrorFilterRuleLimitExceeded"), ""},
		{"rules-per-direction", "", "TrafficMirrorFilterRuleLimitExceeded"},
	} {
		e := newEmulator(t, withVariants(test.variants), func(o *emulator.Options) {
			o.Quotas = mirror.DefaultQuotas()
			o.Quotas.RulesPerFilter = 2
		})
		f := makeFilter(t, e, "")
		first := makeRule(t, e, f, 1, "")
		makeRule(t, e, f, 2, "")
		egress := func(number string) string {
			return "TrafficMirrorFilterId=" + f + "&TrafficDirection=egress&RuleAction=accept&RuleNumber=" + number + anyCIDRs
		}
		refused(t, e, "CreateTrafficMirrorFilterRule", "TrafficMirrorFilterId="+f+"&TrafficDirection=ingress&RuleAction=accept&RuleNumber=3"+anyCIDRs, "TrafficMirrorFilterRuleLimitExceeded")
		for _, number := range []string{"3", "4"} {
			refused(t, e, "CreateTrafficMirrorFilterRule", egress(number), test.egress)
		}
		refused(t, e, "ModifyTrafficMirrorFilterRule", "TrafficMirrorFilterRuleId="+first+"&RuleNumber=5", "")
		refused(t, e, "ModifyTrafficMirrorFilterRule", "TrafficMirrorFilterRuleId="+first+"&TrafficDirection=egress", test.moved)
	}
}

// The quota of sources counts interfaces (A0051), and in the other variant sessions.
func TestSourceQuotaVariant(t *testing.T) {
	t.Parallel()
	const limit = "TrafficMirrorSourcesPerTargetLimitExceeded"
	for _, test := range []struct{ variants, again, moved string }{
		{"", assumed("A0051", ""), assumed("A0051", "")},
		{"sessions-per-target", limit, limit},
	} {
		e := newEmulator(t, withVariants(test.variants), func(o *emulator.Options) {
			o.Quotas = mirror.DefaultQuotas()
			o.Quotas.SourcesPerTarget = 2
		})
		f, target, other := makeFilter(t, e, ""), makeTarget(t, e, "NetworkInterfaceId="+eni(20)), makeTarget(t, e, "NetworkInterfaceId="+eni(19))
		makeSession(t, e, sessionOn(eni(1), target, f, 1))
		last := makeSession(t, e, sessionOn(eni(2), target, f, 1)).text("trafficMirrorSessionId")
		moving := makeSession(t, e, sessionOn(eni(1), other, f, 2)).text("trafficMirrorSessionId")
		refused(t, e, "ModifyTrafficMirrorSession", "TrafficMirrorSessionId="+last+"&SessionNumber=7&TrafficMirrorTargetId="+target, "") // is there already
		refused(t, e, "CreateTrafficMirrorSession", sessionOn(eni(3), target, f, 1), limit)
		refused(t, e, "CreateTrafficMirrorSession", sessionOn(eni(1), target, f, 3), test.again)
		refused(t, e, "ModifyTrafficMirrorSession", "TrafficMirrorSessionId="+moving+"&TrafficMirrorTargetId="+target, test.moved)
	}
}

// A store that has what a variant refuses is used as it is: only new objects are refused.
func TestVNIVariantOnAnOldStore(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	f, target := makeFilter(t, e, ""), makeTarget(t, e, "NetworkInterfaceId="+eni(20))
	makeSession(t, e, sessionOn(eni(1), target, f, 1)+"&VirtualNetworkId=7")
	twin := makeSession(t, e, sessionOn(eni(2), target, f, 1)+"&VirtualNetworkId=7").text("trafficMirrorSessionId")
	strict := newEmulator(t, withVariants("unique-vnis"), func(o *emulator.Options) { o.Topology = nil })
	fatal(t, strict.Load(t.Context(), strings.NewReader(dumpOf(t, e))))
	must(t, strict, "ModifyTrafficMirrorSession", "TrafficMirrorSessionId="+twin+"&Description=d")
	must(t, strict, "ModifyTrafficMirrorSession", "TrafficMirrorSessionId="+twin+"&VirtualNetworkId=8")
	refused(t, strict, "ModifyTrafficMirrorSession", "TrafficMirrorSessionId="+twin+"&VirtualNetworkId=7", "InvalidParameterValue")
}
