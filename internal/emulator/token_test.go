package emulator_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

// A token names one create for a day, also across restarts.
func TestClientTokens(t *testing.T) {
	t.Parallel()
	o := emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: world()}
	now := time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	o.Now = func() time.Time { return now }
	e := mustNew(t, o)
	f := makeFilter(t, e, "ClientToken=token-1&Description=d&TagSpecification.1.ResourceType=traffic-mirror-filter&TagSpecification.1.Tag.1.Key=k")
	target := makeTarget(t, e, "NetworkInterfaceId="+eni(1)+"&ClientToken=token-1") // A0023
	rule := makeRule(t, e, f, 1, "ClientToken=token-1")
	session := makeSession(t, e, sessionOn(eni(2), target, f, 1)+"&ClientToken=token-1")

	e = mustNew(t, o)
	again := must(t, e, "CreateTrafficMirrorFilter", "ClientToken=token-1&Description=d&TagSpecification.1.ResourceType=traffic-mirror-filter&TagSpecification.1.Tag.1.Key=k")
	for _, test := range []struct{ name, got, want string }{
		{"token", again.text("clientToken"), "token-1"},
		{"filter", again.text("trafficMirrorFilter/trafficMirrorFilterId"), f},
		{"tag", again.text("trafficMirrorFilter/tagSet/item/key"), "k"},
		{"target", makeTarget(t, e, "NetworkInterfaceId="+eni(1)+"&ClientToken=token-1"), target},
		{"rule", makeRule(t, e, f, 1, "ClientToken=token-1"), rule},
		{"session", makeSession(t, e, sessionOn(eni(2), target, f, 1)+"&ClientToken=token-1").text("virtualNetworkId"), session.text("virtualNetworkId")},
	} {
		if test.got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, test.got, test.want)
		}
	}
	refused(t, e, "CreateTrafficMirrorFilter", "ClientToken=token-1&Description=e", "IdempotentParameterMismatch")
	refused(t, e, "CreateTrafficMirrorFilter", "ClientToken="+fmt.Sprintf("%065d", 1), "InvalidParameterValue")
	refused(t, e, "CreateTrafficMirrorFilter", "ClientToken=é", "InvalidParameterValue")
	refused(t, e, "CreateTrafficMirrorFilter", "ClientToken="+fmt.Sprintf("%064d", 1), "")

	now = now.Add(24*time.Hour + time.Second) // A0022: no longer than that
	if id := makeFilter(t, e, "ClientToken=token-1&Description=e"); id == f {
		t.Error("a token outlived its day")
	}
	id := makeFilter(t, e, "ClientToken=token-2")
	must(t, e, "DeleteTrafficMirrorFilter", "TrafficMirrorFilterId="+id)
	refused(t, e, "CreateTrafficMirrorFilter", "ClientToken=token-2", "IdempotentParameterMismatch") // A0024
}

// A create that failed leaves its token free.
func TestFailedCreateKeepsNoToken(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	makeTarget(t, e, "NetworkInterfaceId="+eni(1))
	refused(t, e, "CreateTrafficMirrorTarget", "ClientToken=a&NetworkInterfaceId="+eni(1), "InterfaceInUseByTrafficMirrorTarget")
	makeTarget(t, e, "ClientToken=a&NetworkInterfaceId="+eni(2))
}
