package emulator_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
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
	refused(t, e, "CreateTrafficMirrorTarget", "NetworkInterfaceId="+eni(1)+"&ClientToken=token-1", assumed("A0023", ""))
	target := makeTarget(t, e, "NetworkInterfaceId="+eni(1)+"&ClientToken=token-1")
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

	now = now.Add(24*time.Hour + time.Second)
	refused(t, e, "CreateTrafficMirrorFilter", "ClientToken=token-1&Description=e", assumed("A0022", ""))
	if id := makeFilter(t, e, "ClientToken=token-1&Description=e"); id == f {
		t.Error("a token outlived its day (A0022)")
	}
	id := makeFilter(t, e, "ClientToken=token-2")
	must(t, e, "DeleteTrafficMirrorFilter", "TrafficMirrorFilterId="+id)
	refused(t, e, "CreateTrafficMirrorFilter", "ClientToken=token-2", assumed("A0024", "IdempotentParameterMismatch"))
}

func TestClientTokenForm_A0074(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	for _, test := range []struct{ token, code string }{
		{"", ""},
		{" ", ""},
		{"~!Az09", ""},
		{strings.Repeat("x", 64), ""},
		{strings.Repeat("x", 65), "InvalidClientToken"},
		{"é", "InvalidClientToken"},
		{"a\tb", "InvalidClientToken"},
	} {
		refused(t, e, "CreateTrafficMirrorFilter", "ClientToken="+test.token, test.code)
	}
	// An empty token is none: it makes a filter each time, and is in no answer.
	for _, parameters := range []string{"", "ClientToken="} {
		first, second := must(t, e, "CreateTrafficMirrorFilter", parameters), must(t, e, "CreateTrafficMirrorFilter", parameters)
		if a, b := first.text("trafficMirrorFilter/trafficMirrorFilterId"), second.text("trafficMirrorFilter/trafficMirrorFilterId"); a == b {
			t.Errorf("%q: %s was made once", parameters, a)
		}
		if got := first.all("clientToken"); len(got) > 0 {
			t.Errorf("%q: the answer has the token %q (A0073)", parameters, got[0].Text)
		}
	}
}

// A token belongs to its Region. Upper and lower case differ.
func TestClientTokenScope(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	f := makeFilter(t, e, "ClientToken=token&Description=d")
	for _, token := range []string{"Token", "TOKEN", "token "} {
		if made := makeFilter(t, e, "ClientToken="+token+"&Description=d"); made == f {
			t.Errorf("%q is taken for %q", token, "token")
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/?Version=2016-11-15&Action=CreateTrafficMirrorFilter&ClientToken=token&Description=other", nil)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/ec2/aws4_request, SignedHeaders=host, Signature=00")
	got := send(t, e, r)
	if made := got.root.text("trafficMirrorFilter/trafficMirrorFilterId"); got.code() != "" || made == f {
		t.Errorf("in another Region: %q, filter %q, want another one", got.code(), made)
	}
	refused(t, e, "CreateTrafficMirrorFilter", "ClientToken=token&Description=other", "IdempotentParameterMismatch")
}

// A create that failed leaves its token free.
func TestFailedCreateKeepsNoToken(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	makeTarget(t, e, "NetworkInterfaceId="+eni(1))
	refused(t, e, "CreateTrafficMirrorTarget", "ClientToken=a&NetworkInterfaceId="+eni(1), "InterfaceInUseByTrafficMirrorTarget")
	makeTarget(t, e, "ClientToken=a&NetworkInterfaceId="+eni(2))
}
