package emulator

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// As many objects as AWS allows: all of them are on the pages, once each, one more
// is refused, and the memory that is held does not grow with them. It runs alone,
// so that the memory is its own.
func TestScale(t *testing.T) {
	n := 1000
	if os.Getenv("TRAFFICMIRROR_LONG") != "" {
		n = mirror.DefaultQuotas().SessionsPerAccount
	}
	path := filepath.Join(t.TempDir(), "ec2.db")
	e := newLargeEmulator(t, path, n)
	before, _ := heapOf()
	took := stopwatch(t, n)
	took("create", func() {
		for first := 0; first < n; first += 1000 {
			fill(t, e, first, first+1000)
		}
	})
	took("delete and create a session", func() {
		answer(t, e, "DeleteTrafficMirrorSession", "TrafficMirrorSessionId="+numbered("tms-", sessionAt(0)))
		answer(t, e, "CreateTrafficMirrorSession", fmt.Sprintf("NetworkInterfaceId=%s&TrafficMirrorTargetId=%s&TrafficMirrorFilterId=%s&SessionNumber=1", numbered("eni-", 0), numbered("tmt-", targetAt(0)), numbered("tmf-", filterAt(0))))
	})
	for _, test := range []struct {
		action, id string
		want       []string
	}{
		{"DescribeTrafficMirrorTargets", "trafficMirrorTargetId", numberedBy("tmt-", n, targetAt)},
		{"DescribeTrafficMirrorFilters", "trafficMirrorFilterId", numberedBy("tmf-", n, filterAt)},
		{"DescribeTrafficMirrorFilterRules", "trafficMirrorFilterRuleId", numberedBy("tmfr-", 10*n, func(i int) int { return filterAt(i/10) + 1 + i%10 })},
		{"DescribeTrafficMirrorSessions", "trafficMirrorSessionId", append(numberedBy("tms-", n, sessionAt)[1:], numbered("tms-", sessionAt(n-1)+1))},
	} {
		var got []string
		took(test.action, func() { got = onPages(t, e, test.action, test.id) })
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %d objects on the pages, want %d: those that were made, once each and in order", test.action, len(got), len(test.want))
		}
	}
	took("describe the sessions of an interface", func() {
		found := answer(t, e, "DescribeTrafficMirrorSessions", "Filter.1.Name=network-interface-id&Filter.1.Value.1="+numbered("eni-", 2*n-2))
		if strings.Count(found, "<item><trafficMirrorSessionId>") != 1 {
			t.Errorf("the sessions of one interface: %s", found)
		}
	})
	const limit = 16 << 20
	heap, fromSystem := heapOf()
	runtime.KeepAlive(e)
	grown := heap - before
	if grown > limit {
		t.Errorf("the heap has grown by %d KiB, want at most %d", grown>>10, limit>>10)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("the heap has grown by %d KiB and took at most %d MiB from the system, the file has %d MiB", grown>>10, fromSystem>>20, info.Size()>>20)
	if n == mirror.DefaultQuotas().SessionsPerAccount {
		checkFull(t, e)
	}
}

// checkFull wants one more of each to be more than the account may have.
func checkFull(t *testing.T, e *Emulator) {
	t.Helper()
	last := numbered("eni-", 2*mirror.DefaultQuotas().SessionsPerAccount)
	for action, parameters := range map[string]string{
		"CreateTrafficMirrorFilter":  "Description=one+more",
		"CreateTrafficMirrorTarget":  "NetworkInterfaceId=" + last,
		"CreateTrafficMirrorSession": fmt.Sprintf("NetworkInterfaceId=%s&TrafficMirrorTargetId=%s&TrafficMirrorFilterId=%s&SessionNumber=1", last, numbered("tmt-", targetAt(0)), numbered("tmf-", filterAt(0))),
	} {
		err := e.act(t.Context(), &query.Request{API: query.EC2, Region: query.DefaultRegion, Action: action, Parameters: formOf(parameters)}, "", &query.Writer{})
		if err == nil || !strings.HasSuffix(asAPIError(err).Code, "LimitExceeded") {
			t.Errorf("%s with a full account: %v", action, err)
		}
	}
}

// newLargeEmulator returns an emulator with two interfaces for each of n sessions
// and one to spare.
func newLargeEmulator(t *testing.T, path string, n int) *Emulator {
	t.Helper()
	f := &topology.File{AccountID: topology.DefaultAccountID}
	for i := range 2*n + 1 {
		f.NetworkInterfaces = append(f.NetworkInterfaces, mirror.Interface{ID: numbered("eni-", i), Type: mirror.OrdinaryInterface, PrivateIPAddress: netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})})
	}
	last := 0
	e, err := New(Options{Path: path, Topology: f, NewID: func(prefix string) string { last++; return numbered(prefix, last) }})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// heapOf returns the bytes of the objects that are still needed, and those that
// the heap ever took from the system.
func heapOf() (needed, fromSystem int64) {
	runtime.GC()
	runtime.GC() // what a finalizer has let go
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return int64(memory.HeapAlloc), int64(memory.HeapSys)
}

// stopwatch returns a function that logs how long something takes.
func stopwatch(t *testing.T, n int) func(what string, f func()) {
	return func(what string, f func()) {
		t.Helper()
		start := time.Now()
		f()
		t.Logf("%d sessions, targets and filters of ten rules: %s: %s", n, what, time.Since(start).Round(10*time.Microsecond))
	}
}

// onPages returns the IDs on all pages of a describe.
func onPages(t *testing.T, e *Emulator, action, element string) []string {
	t.Helper()
	const size = 1000
	var ids []string
	for token := ""; ; {
		page := answer(t, e, action, fmt.Sprintf("MaxResults=%d&NextToken=%s", size, token))
		items := strings.Split(page, "<item><"+element+">")[1:]
		if len(items) > size {
			t.Errorf("%s: %d objects on a page of %d", action, len(items), size)
		}
		for _, item := range items {
			id, _, _ := strings.Cut(item, "<")
			ids = append(ids, id)
		}
		_, rest, more := strings.Cut(page, "<nextToken>")
		if !more {
			return ids
		}
		token, _, _ = strings.Cut(rest, "<")
	}
}

func numbered(prefix string, n int) string { return fmt.Sprintf("%s%017x", prefix, n) }

func numberedBy(prefix string, n int, at func(int) int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = numbered(prefix, at(i))
	}
	return ids
}

// In fill, a round makes 13 objects.
func filterAt(i int) int { return 13*i + 1 }

func targetAt(i int) int { return 13*i + 12 }

func sessionAt(i int) int { return 13*i + 13 }

// fill makes filters, targets and sessions in one transaction, by the operations
// that requests run.
func fill(t *testing.T, e *Emulator, first, end int) {
	t.Helper()
	err := e.transact(t.Context(), query.DefaultRegion, true, func(tx *tx) error {
		for i := first; i < end; i++ {
			filter := numbered("tmf-", filterAt(i))
			run(t, tx, "CreateTrafficMirrorFilter", "Description=filter")
			for n := 1; n <= 10; n++ {
				run(t, tx, "CreateTrafficMirrorFilterRule", fmt.Sprintf("TrafficMirrorFilterId=%s&RuleNumber=%d&TrafficDirection=ingress&RuleAction=accept&SourceCidrBlock=10.0.0.0/8&DestinationCidrBlock=0.0.0.0/0&Protocol=6", filter, n))
			}
			run(t, tx, "CreateTrafficMirrorTarget", "NetworkInterfaceId="+numbered("eni-", 2*i+1))
			run(t, tx, "CreateTrafficMirrorSession", fmt.Sprintf("NetworkInterfaceId=%s&TrafficMirrorTargetId=%s&TrafficMirrorFilterId=%s&SessionNumber=1", numbered("eni-", 2*i), numbered("tmt-", targetAt(i)), filter))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, tx *tx, action, parameters string) {
	t.Helper()
	q := query.New(action, formOf(parameters))
	operation := actions[action].read(q)
	if err := q.Finish(); err != nil {
		t.Fatal(err)
	}
	if err := operation(tx, &query.Writer{}); err != nil {
		t.Fatal(err)
	}
}

func formOf(parameters string) map[string]string {
	form := map[string]string{}
	for part := range strings.SplitSeq(parameters, "&") {
		name, value, _ := strings.Cut(part, "=")
		form[name] = value
	}
	return form
}

// answer carries out one request.
func answer(t *testing.T, e *Emulator, action, parameters string) string {
	t.Helper()
	x := &query.Writer{}
	if err := e.act(t.Context(), &query.Request{API: query.EC2, Region: query.DefaultRegion, Action: action, Parameters: formOf(parameters)}, "", x); err != nil {
		t.Fatal(err)
	}
	return string(x.Bytes())
}
