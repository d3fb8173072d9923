package emulator_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// The objects of world, seen by a client.
func checkWorldIsThere(t *testing.T, e *emulator.Emulator, when string) {
	t.Helper()
	if got := call(t, e, "DescribeNetworkInterfaces", "NetworkInterfaceId.1="+eni(1)); got.code() != "" {
		t.Errorf("%s: %s: %s", when, got.code(), got.message())
	}
}

// A store that is removed while it is in use begins anew: with the topology, and with the
// topology that was loaded later, whatever the next request is.
func TestRemovedStore(t *testing.T) {
	t.Parallel()
	for _, next := range []string{"DescribeTrafficMirrorFilters", "CreateTrafficMirrorFilter"} {
		path := filepath.Join(t.TempDir(), "folder", "ec2.db")
		e := mustNew(t, emulator.Options{Path: path, Topology: world()})
		other := mustNew(t, emulator.Options{Path: path, Topology: world()})
		for _, removed := range []string{path, filepath.Dir(path)} {
			control(e, "PUT", "/_emulator/topology", `{"network_interfaces": [{"id": "`+eni(500)+`"}]}`, "127.0.0.1:1", "127.0.0.1")
			old := makeFilter(t, e, "")
			makeFilter(t, other, "")
			fatal(t, os.RemoveAll(removed))
			must(t, e, next, "")
			checkWorldIsThere(t, e, "after "+next)
			refused(t, e, "DescribeNetworkInterfaces", "NetworkInterfaceId.1="+eni(500), "")
			checkWorldIsThere(t, other, "in the second process, after "+next)
			refused(t, e, "DescribeTrafficMirrorFilters", "TrafficMirrorFilterId.1="+old, "InvalidTrafficMirrorFilterId.NotFound")
			// What is made from now on is stored, and loaded once.
			must(t, e, "CreateTags", "ResourceId.1="+eni(1)+"&Tag.1.Key=Name&Tag.1.Value=kept")
			must(t, other, "CreateTags", "ResourceId.1="+eni(2)+"&Tag.1.Key=Name&Tag.1.Value=kept")
			must(t, e, "DeleteNetworkInterface", "NetworkInterfaceId="+eni(500))
			for _, handle := range []*emulator.Emulator{e, other} {
				makeFilter(t, handle, "")
				refused(t, handle, "DescribeNetworkInterfaces", "NetworkInterfaceId.1="+eni(500), "InvalidNetworkInterfaceID.NotFound")
			}
			if got := tagsOn(t, e, eni(1)); !strings.Contains(got, "kept") {
				t.Errorf("after %s, %s has the tags %s", next, eni(1), got)
			}
			checkWhole(t, e, path)
		}
	}
}

// A store that takes the place of another is used with the topology too, unless it belongs
// to another account.
func TestReplacedStore(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := func(name string) string { return filepath.Join(folder, name) }
	made := makeFilter(t, mustNew(t, emulator.Options{Path: path("other.db")}), "")
	stranger := &topology.File{AccountID: otherAccount}
	makeFilter(t, mustNew(t, emulator.Options{Path: path("stranger.db"), Topology: stranger}), "")

	e := mustNew(t, emulator.Options{Path: path("ec2.db"), Topology: world()})
	makeFilter(t, e, "")
	fatal(t, os.Rename(path("other.db"), path("ec2.db")))
	refused(t, e, "DescribeTrafficMirrorFilters", "TrafficMirrorFilterId.1="+made, "")
	checkWorldIsThere(t, e, "in another store")
	fatal(t, os.Rename(path("stranger.db"), path("ec2.db")))
	for _, action := range []string{"DescribeTrafficMirrorFilters", "CreateTrafficMirrorFilter"} {
		got := call(t, e, action, "")
		if got.code() != "EmulatorStoreFailure" || !strings.Contains(got.message(), "it belongs to account "+otherAccount) {
			t.Errorf("%s in the store of another account: %s %s", action, got.code(), got.message())
		}
	}
}

// A copy from before the topology was loaded, put back in the place of the store, gets it
// again.
func TestRestoredStore(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ec2.db")
	makeFilter(t, mustNew(t, emulator.Options{Path: path}), "")
	before, err := os.ReadFile(path)
	fatal(t, err)
	e := mustNew(t, emulator.Options{Path: path, Topology: world()})
	makeFilter(t, e, "")
	checkWorldIsThere(t, e, "at first")
	fatal(t, os.WriteFile(path, before, 0o600))
	checkWorldIsThere(t, e, "in the copy")
}

// After a store was removed, a stale read shows nothing of it.
func TestRemovedStore_stale(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ec2.db")
	now := time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)
	faults, err := emulator.ParseFaults("DescribeTrafficMirrorFilters:stale=1h")
	fatal(t, err)
	e := mustNew(t, emulator.Options{Path: path, Topology: world(), Now: func() time.Time { return now }, Faults: faults})
	f := makeFilter(t, e, "")
	now = now.Add(2 * time.Hour)
	must(t, e, "DeleteTrafficMirrorFilter", "TrafficMirrorFilterId="+f)
	fatal(t, os.Remove(path))
	makeFilter(t, e, "")
	if got := must(t, e, "DescribeTrafficMirrorFilters", "").texts("trafficMirrorFilterSet/item/trafficMirrorFilterId"); len(got) != 0 {
		t.Errorf("a stale read shows %q", got)
	}
}

// A read makes no Region: the file stays as it is, and the objects of the topology can be
// described. The first write stores them.
func TestReadMakesNoRegion(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ec2.db")
	e := mustNew(t, emulator.Options{Path: path, Topology: world()})
	before, err := os.ReadFile(path)
	fatal(t, err)
	for range 2 {
		checkWorldIsThere(t, e, "before the first write")
		for _, test := range []struct{ action, parameters, path, want string }{
			{"DescribeSubnets", "Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-00000000000000001&Filter.2.Name=cidr-block&Filter.2.Value.1=10.0.1.0/24", "subnetSet/item/subnetId", "subnet-00000000000000001"},
			{"DescribeTrafficMirrorTargets", "", "trafficMirrorTargetSet/item/trafficMirrorTargetId", sharedTarget},
			{"DescribeVpcs", "", "vpcSet/item/vpcId", "vpc-00000000000000001"},
			{"DescribeTrafficMirrorSessions", "", "trafficMirrorSessionSet/item/sessionNumber", ""},
			{"DescribeTags", "", "tagSet/item/key", ""},
		} {
			if got := must(t, e, test.action, test.parameters).text(test.path); got != test.want {
				t.Errorf("%s: %q, want %q", test.action, got, test.want)
			}
		}
	}
	after, err := os.ReadFile(path)
	fatal(t, err)
	if string(before) != string(after) {
		t.Error("a read has changed the file")
	}
	// A write that fails makes none either.
	refused(t, e, "DeleteTrafficMirrorFilter", "TrafficMirrorFilterId=tmf-00000000000000001", "InvalidTrafficMirrorFilterId.NotFound")
	if kept, err := emulator.Contents(path); err != nil || len(kept) != 2 {
		t.Errorf("the store has %d values, want its format and version: %v", len(kept), err)
	}
	makeFilter(t, e, "")
	later := mustNew(t, emulator.Options{Path: path})
	checkWorldIsThere(t, later, "after the first write")
	checkWhole(t, later, path)
}
