package emulator_test

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

// oldStore returns the path of a store that a program of version 1 of the format wrote.
// It has a target on interface 20, a filter with a rule, and three sessions: number 1 and
// 2 of interface 1, and number 1 of interface 2.
func oldStore(t *testing.T) string {
	t.Helper()
	packed, err := os.Open("testdata/store-1.db.gz")
	fatal(t, err)
	defer packed.Close()
	unpacked, err := gzip.NewReader(packed)
	fatal(t, err)
	content, err := io.ReadAll(unpacked)
	fatal(t, err)
	path := filepath.Join(t.TempDir(), "ec2.db")
	fatal(t, os.WriteFile(path, content, 0o600))
	return path
}

// A store of version 1 is used like one of this version, whatever the first request is. A
// request that is not refused also numbers the interfaces of the instances.
func TestOldStore(t *testing.T) {
	t.Parallel()
	const (
		first, second = "tms-00000000000000004", "tms-00000000000000005"
		target        = "tmt-00000000000000002"
		filter        = "tmf-00000000000000001"
	)
	twin := mustNew(t, emulator.Options{Path: oldStore(t)})
	must(t, twin, "DescribeTrafficMirrorFilters", "")
	upgraded := dumpOf(t, twin) // by a request that changes nothing else
	for _, test := range []struct {
		action, parameters, code string
		changes                  bool
	}{
		{"DescribeTrafficMirrorSessions", filterBy("network-interface-id", eni(2)), "", false},
		{"CreateTrafficMirrorSession", sessionOn(eni(1), target, filter, 2), "InvalidParameterValue", false},
		{"CreateTrafficMirrorSession", sessionOn(eni(2), target, filter, 2), "", true},
		{"CreateTrafficMirrorTarget", "NetworkInterfaceId=" + eni(1), "InterfaceInUseByTrafficMirrorSession", false},
		{"ModifyTrafficMirrorSession", "TrafficMirrorSessionId=" + first + "&SessionNumber=9", "", true},
		{"DeleteTrafficMirrorSession", "TrafficMirrorSessionId=" + second, "", true},
	} {
		o := emulator.Options{Path: oldStore(t)}
		e := mustNew(t, o)
		refused(t, e, test.action, test.parameters, test.code)
		refused(t, mustNew(t, o), "DescribeTrafficMirrorFilters", "TrafficMirrorFilterId.1="+filter, "")
		if changed := dumpOf(t, e) != upgraded; changed != test.changes {
			t.Errorf("%s: changed what is stored: %t, want %t", test.action, changed, test.changes)
		}
		checkWhole(t, e, o.Path) // a request that is refused changes nothing at all, the describe does
	}
}
