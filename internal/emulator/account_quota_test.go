package emulator

import (
	"path/filepath"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// The published quotas of an account, met exactly: the last object of each kind is
// made, and one more is refused.
func TestAccountQuotas(t *testing.T) {
	t.Parallel()
	const published = 10_000
	f := &topology.File{AccountID: topology.DefaultAccountID}
	for i := range 4 {
		f.NetworkInterfaces = append(f.NetworkInterfaces, mirror.Interface{ID: numbered("eni-", i), Type: mirror.OrdinaryInterface})
	}
	last := 0
	e, err := New(Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: f, NewID: func(prefix string) string { last++; return numbered(prefix, last) }})
	if err != nil {
		t.Fatal(err)
	}
	answer(t, e, "CreateTrafficMirrorTarget", "NetworkInterfaceId="+numbered("eni-", 0))
	answer(t, e, "CreateTrafficMirrorFilter", "Description=d")
	answer(t, e, "CreateTrafficMirrorSession", "NetworkInterfaceId="+numbered("eni-", 1)+"&SessionNumber=1&TrafficMirrorTargetId="+numbered("tmt-", 1)+"&TrafficMirrorFilterId="+numbered("tmf-", 2))
	err = e.transact(t.Context(), query.DefaultRegion, true, func(t *tx) error {
		counts.put(t, targets.bucket, published-1)
		counts.put(t, filters.bucket, published-1)
		counts.put(t, sessions.bucket, published-1)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	session := "TrafficMirrorTargetId=" + numbered("tmt-", 1) + "&TrafficMirrorFilterId=" + numbered("tmf-", 2) + "&SessionNumber=2&NetworkInterfaceId="
	for _, test := range []struct{ action, one, more, code string }{
		{"CreateTrafficMirrorTarget", "NetworkInterfaceId=" + numbered("eni-", 2), "NetworkInterfaceId=" + numbered("eni-", 3), "TrafficMirrorTargetLimitExceeded"},
		{"CreateTrafficMirrorFilter", "Description=d", "Description=d", "TrafficMirrorFilterLimitExceeded"},
		{"CreateTrafficMirrorSession", session + numbered("eni-", 1), session + numbered("eni-", 3), "TrafficMirrorSessionLimitExceeded"},
	} {
		answer(t, e, test.action, test.one)
		err := e.act(t.Context(), &query.Request{API: query.EC2, Region: query.DefaultRegion, Action: test.action, Parameters: formOf(test.more)}, "", &query.Writer{})
		if err == nil || asAPIError(err).Code != test.code {
			t.Errorf("%s, one more than %d: got %v, want %s", test.action, published, err, test.code)
		}
	}
}
