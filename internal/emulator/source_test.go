package emulator_test

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// A session stays when its instance changes. Another session is refused because of the
// type of the instance, but not because of its state (A0087).
func TestInstanceChangesUnderASession(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		now  topology.Instance
		code string // of another session
	}{
		{"stopped", topology.Instance{ID: instance(1), InstanceType: "m5.large", State: "stopped"}, assumed("A0087", "")},
		{"terminated", topology.Instance{ID: instance(1), InstanceType: "m5.large", State: "terminated"}, assumed("A0087", "")},
		{"of another type that can be mirrored", topology.Instance{ID: instance(1), InstanceType: "c7i-flex.large"}, ""},
		{"of a type that cannot", topology.Instance{ID: instance(1), InstanceType: "t2.micro"}, "NetworkInterfaceNotSupported"},
	} {
		o := emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: world()}
		e := mustNew(t, o)
		f, target := makeFilter(t, e, ""), makeTarget(t, e, "NetworkInterfaceId="+eni(20))
		before := makeSession(t, e, sessionOn(eni(1), target, f, 1))
		o.Topology.Instances[0] = test.now
		e = mustNew(t, o)
		id := before.text("trafficMirrorSessionId")
		after := must(t, e, "DescribeTrafficMirrorSessions", "TrafficMirrorSessionId.1="+id).all("trafficMirrorSessionSet/item")[0]
		if a, b := fmt.Sprint(before.Nodes), fmt.Sprint(after.Nodes); a != b {
			t.Errorf("%s: the session was\n%s\nand is\n%s", test.name, a, b)
		}
		must(t, e, "ModifyTrafficMirrorSession", "TrafficMirrorSessionId="+id+"&SessionNumber=9")
		refused(t, e, "CreateTrafficMirrorSession", sessionOn(eni(1), target, f, 2), test.code)
	}
}

// Only interfaces limit the sources of a target. How many one takes follows the
// instance that it is attached to when a source comes.
func TestSourcesOfTargets(t *testing.T) {
	t.Parallel()
	const limit = "TrafficMirrorSourcesPerTargetLimitExceeded"
	o := emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: world()}
	loose := eni(200)
	o.Topology.NetworkInterfaces = append(o.Topology.NetworkInterfaces, mirror.Interface{ID: loose})
	e := mustNew(t, o)
	f := makeFilter(t, e, "")
	for n, test := range []struct{ backing, code string }{
		{"NetworkLoadBalancerArn=" + loadBalancer, assumed("A0077", "")},
		{"GatewayLoadBalancerEndpointId=" + gatewayEndpoint, assumed("A0077", "")},
		{"NetworkInterfaceId=" + loose, assumed("A0088", limit)},
	} {
		target := makeTarget(t, e, test.backing)
		for source := 1; source <= 10; source++ {
			makeSession(t, e, sessionOn(eni(source), target, f, n+1))
		}
		for source := 11; source <= 20; source++ {
			refused(t, e, "CreateTrafficMirrorSession", sessionOn(eni(source), target, f, n+1), test.code)
		}
	}
	must(t, e, "AttachNetworkInterface", "NetworkInterfaceId="+loose+"&DeviceIndex=1&InstanceId="+instance(100))
	target := must(t, e, "DescribeTrafficMirrorTargets", filterBy("network-interface-id", loose)).text("trafficMirrorTargetSet/item/trafficMirrorTargetId")
	makeSession(t, e, sessionOn(eni(11), target, f, 3))
}

// Each session gets a VNI of its own, from the whole range of 24 bits.
func TestVNIsAreRandom(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	f, target := makeFilter(t, e, ""), makeTarget(t, e, "NetworkLoadBalancerArn="+loadBalancer)
	taken, high, ascending := map[int]bool{}, 0, 0
	last := 0
	const sessions = 60
	for n := range sessions {
		vni, err := strconv.Atoi(makeSession(t, e, sessionOn(eni(n%20+1), target, f, n/20+1)).text("virtualNetworkId"))
		fatal(t, err)
		if vni > 1<<23 {
			high++
		}
		if vni > last {
			ascending++
		}
		taken[vni], last = true, vni
	}
	if len(taken) != sessions {
		t.Errorf("%d sessions have %d VNIs", sessions, len(taken))
	}
	// Either is wrong once in 2^59 runs.
	if high == 0 || high == sessions {
		t.Errorf("%d of %d VNIs are in the upper half", high, sessions)
	}
	if ascending == sessions {
		t.Error("the VNIs are handed out in order")
	}
}

// The words of EC2's errors that were seen, or that programs in production look for.
func TestObservedTexts(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	f, target := makeFilter(t, e, ""), makeTarget(t, e, "NetworkInterfaceId="+eni(20))
	session := makeSession(t, e, sessionOn(eni(1), target, f, 1)).text("trafficMirrorSessionId")
	for n := 2; n <= 10; n++ {
		makeSession(t, e, sessionOn(eni(n), target, f, 1))
	}
	for _, test := range []struct{ action, parameters, code, text string }{
		// https://github.com/sjakthol/aws-vpc-traffic-mirroring
		{"CreateTrafficMirrorSession", sessionOn(eniOldFamily, target, f, 1), "NetworkInterfaceNotSupported", eniOldFamily + " must be attached to a supported instance"},
		// https://github.com/vectranetworks/AWS-Traffic-Mirroring-Session-Manager
		{"CreateTrafficMirrorSession", sessionOn(eni(20), target, f, 1), "InterfaceInUseByTrafficMirrorTarget", "is in use by target " + target},
		{"CreateTrafficMirrorSession", sessionOn(eni(1), target, f, 1), "InvalidParameterValue", "is already being used by " + session},
		{"CreateTrafficMirrorSession", sessionOn(eni(11), target, f, 1), "TrafficMirrorSourcesPerTargetLimitExceeded", "Sources per interface-target limit reached (11)"},
		{"CreateTrafficMirrorTarget", "NetworkInterfaceId=" + eniGone, "InvalidTrafficMirrorTarget", "The interface ID '" + eniGone + "' does not exist"},
		{"DescribeTrafficMirrorFilters", "DryRun=true", "DryRunOperation", "Request would have succeeded, but DryRun flag is set."},
	} {
		got := call(t, e, test.action, test.parameters)
		if got.code() != test.code || !strings.Contains(got.message(), test.text) {
			t.Errorf("%s %s:\n got %q %q\nwant %q with %q", test.action, test.parameters, got.code(), got.message(), test.code, test.text)
		}
	}
}
