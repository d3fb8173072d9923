package emulator

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// As many objects as AWS allows: creates stay as fast as the first ones, and a
// paged describe of all sessions takes less than a second.
func TestScale(t *testing.T) {
	t.Parallel()
	n := 1000
	if os.Getenv("TRAFFICMIRROR_LONG") != "" {
		n = 10_000
	}
	f := &topology.File{AccountID: topology.DefaultAccountID}
	for i := range 2 * n {
		f.NetworkInterfaces = append(f.NetworkInterfaces, mirror.Interface{ID: numbered("eni-", i), Type: mirror.OrdinaryInterface, PrivateIPAddress: netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})})
	}
	path := filepath.Join(t.TempDir(), "ec2.db")
	last := 0
	e, err := New(Options{Path: path, Topology: f, NewID: func(prefix string) string { last++; return numbered(prefix, last) }})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	for first := 0; first < n; first += 1000 {
		fill(t, e, first, first+1000)
	}
	filled := time.Since(start)

	start = time.Now()
	const single = 20
	for i := range single {
		answer(t, e, "DeleteTrafficMirrorSession", "TrafficMirrorSessionId="+numbered("tms-", sessionAt(i)))
		answer(t, e, "CreateTrafficMirrorSession", fmt.Sprintf("NetworkInterfaceId=%s&TrafficMirrorTargetId=%s&TrafficMirrorFilterId=%s&SessionNumber=1", numbered("eni-", 2*i), numbered("tmt-", targetAt(i)), numbered("tmf-", filterAt(i))))
	}
	write := time.Since(start) / (2 * single)

	start = time.Now()
	sessions, token := 0, ""
	for {
		page := answer(t, e, "DescribeTrafficMirrorSessions", "MaxResults=1000&NextToken="+token)
		sessions += strings.Count(page, "<item><trafficMirrorSessionId>")
		_, rest, more := strings.Cut(page, "<nextToken>")
		if !more {
			break
		}
		token, _, _ = strings.Cut(rest, "<")
	}
	paged := time.Since(start)
	start = time.Now()
	answer(t, e, "DescribeTrafficMirrorFilters", "MaxResults=1000")
	filtersPage := time.Since(start)
	start = time.Now()
	found := answer(t, e, "DescribeTrafficMirrorSessions", "Filter.1.Name=network-interface-id&Filter.1.Value.1="+numbered("eni-", 20))
	indexed := time.Since(start)

	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d sessions, targets and filters of ten rules: made in %s; a write %s; all sessions paged %s; 1,000 filters %s; sessions of an interface %s; heap %d MiB from the system, file %d MiB",
		n, filled, write, paged, filtersPage, indexed, memory.HeapSys>>20, info.Size()>>20)
	if sessions != n || strings.Count(found, "<trafficMirrorSessionId>") != 1 {
		t.Errorf("%d sessions on the pages, want %d", sessions, n)
	}
}

func numbered(prefix string, n int) string { return fmt.Sprintf("%s%017x", prefix, n) }

// In fill, a round makes 13 objects.
func filterAt(i int) int { return 13*i + 1 }

func targetAt(i int) int { return 13*i + 12 }

func sessionAt(i int) int { return 13*i + 13 }

// fill makes filters, targets and sessions in one transaction, by the operations
// that requests run.
func fill(t *testing.T, e *Emulator, first, end int) {
	t.Helper()
	err := e.transact(t.Context(), defaultRegion, true, func(tx *tx) error {
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
	q := newQuery(formOf(parameters))
	operation := actions[action].read(q)
	if err := q.finish(); err != nil {
		t.Fatal(err)
	}
	if err := operation(tx, &xmlWriter{}); err != nil {
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
	x := &xmlWriter{}
	if err := e.act(t.Context(), &request{region: defaultRegion, action: action, parameters: formOf(parameters)}, "", x); err != nil {
		t.Fatal(err)
	}
	return x.buf.String()
}
