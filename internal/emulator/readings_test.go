package emulator_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// reads returns a change of options to the named readings.
func reads(names ...string) func(*emulator.Options) {
	return func(o *emulator.Options) {
		for _, name := range names {
			o.Readings.Set(name)
		}
	}
}

func TestReadingNames(t *testing.T) {
	t.Parallel()
	want := []string{"attached-sources", "load-balancer-sources", "unique-vnis"}
	if got := emulator.ReadingNames(); !slices.Equal(got, want) {
		t.Errorf("the names are %q, want %q", got, want)
	}
	var r emulator.Readings
	for _, name := range want {
		if !r.Set(name) {
			t.Errorf("there is no reading %q", name)
		}
	}
	if v := reflect.ValueOf(r); v.NumField() != len(want) || r != (emulator.Readings{AttachedSources: true, LoadBalancerSources: true, UniqueVNIs: true}) {
		t.Errorf("all names give %+v", r)
	}
	if r.Set("sources") {
		t.Error(`there is a reading "sources"`)
	}
}

// A source by default and in the other readings (A0061, A0065).
func TestSourceReadings(t *testing.T) {
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
		{"not attached", eniLoose, "", refusal, ""},
		{"attached to an instance that nobody described", eniUnknown, "", "", ""},
		{"of RDS", eniRDS, "", "", ""},
		{"of ElastiCache", eniCache, "", "", ""}, // A0060
		{"of an Application Load Balancer", eniBalancing, refusal, refusal, ""},
		{"of a Network Load Balancer", eniBalancingNetwork, refusal, refusal, refusal},
		{"of Lambda", eniLambda, refusal, refusal, refusal},
		{"of another account", eniForeign, foreign, foreign, foreign}, // A0067
		{"of another account in a shared subnet", eniGuest, "", "", ""},
	} {
		for readings, want := range map[string]string{"": test.byDefault, "attached-sources": test.attached, "load-balancer-sources": test.loadBalanced} {
			e := newEmulator(t, reads(readings), func(o *emulator.Options) { o.Topology = more })
			f, target := makeFilter(t, e, ""), makeTarget(t, e, "NetworkInterfaceId="+eni(20))
			got := call(t, e, "CreateTrafficMirrorSession", sessionOn(test.source, target, f, 1))
			if got.code() != want {
				t.Errorf("%s, read as %q: got %q (%s), want %q", test.name, readings, got.code(), got.message(), want)
			}
		}
	}
}

// A VNI that is set may repeat (A0052), and in the other reading it may not.
func TestVNIReading(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		readings, want string
	}{
		{"", ""},
		{"unique-vnis", "InvalidParameterValue"},
	} {
		e := newEmulator(t, reads(test.readings))
		f, target := makeFilter(t, e, ""), makeTarget(t, e, "NetworkInterfaceId="+eni(20))
		first := makeSession(t, e, sessionOn(eni(1), target, f, 1)+"&VirtualNetworkId=7").text("trafficMirrorSessionId")
		second := makeSession(t, e, sessionOn(eni(2), target, f, 1)+"&VirtualNetworkId=8").text("trafficMirrorSessionId")
		refused(t, e, "CreateTrafficMirrorSession", sessionOn(eni(3), target, f, 1)+"&VirtualNetworkId=7", test.want)
		refused(t, e, "ModifyTrafficMirrorSession", "TrafficMirrorSessionId="+second+"&VirtualNetworkId=7", test.want)
		refused(t, e, "ModifyTrafficMirrorSession", "TrafficMirrorSessionId="+first+"&VirtualNetworkId=7", "") // its own
	}
}

// A store that holds what a reading refuses is used as it is: only what is new is
// refused.
func TestVNIReadingOfAnOldStore(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	f, target := makeFilter(t, e, ""), makeTarget(t, e, "NetworkInterfaceId="+eni(20))
	makeSession(t, e, sessionOn(eni(1), target, f, 1)+"&VirtualNetworkId=7")
	twin := makeSession(t, e, sessionOn(eni(2), target, f, 1)+"&VirtualNetworkId=7").text("trafficMirrorSessionId")
	strict := newEmulator(t, reads("unique-vnis"), func(o *emulator.Options) { o.Topology = nil })
	fatal(t, strict.Load(t.Context(), strings.NewReader(dumpOf(t, e))))
	must(t, strict, "ModifyTrafficMirrorSession", "TrafficMirrorSessionId="+twin+"&Description=d")
	must(t, strict, "ModifyTrafficMirrorSession", "TrafficMirrorSessionId="+twin+"&VirtualNetworkId=8")
	refused(t, strict, "ModifyTrafficMirrorSession", "TrafficMirrorSessionId="+twin+"&VirtualNetworkId=7", "InvalidParameterValue")
}
