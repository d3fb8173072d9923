package emulator_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

func TestParseFaults(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "*:500", "CreateTags:503:n=3", "DescribeTags:RequestLimitExceeded:p=0.25", "*:latency=30ms", "CreateTrafficMirrorSession:cut-before",
		"*:cut-after:n=1", "DescribeTrafficMirrorFilters:stale=2s:p=0.5,*:500:n=1",
	} {
		faults, err := emulator.ParseFaults(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		var again []string
		for _, f := range faults {
			again = append(again, f.String())
		}
		if got := strings.Join(again, ","); got != text {
			t.Errorf("%q is written as %q", text, got)
		}
	}
	for _, text := range []string{
		"*", "500", "RunMachines:500", "*:UnauthorizedOperation=1s", "*:404", "*:500=1s", "*:latency", "*:latency=30", "*:latency=-1s", "*:500:n=0", "*:500:p=0", "*:500:p=2", "*:500:p=NaN",
		"*:500:x=1", "*:500:n=1:p=1", ":500",
	} {
		if faults, err := emulator.ParseFaults(text); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%q was read as %v, %v", text, faults, err)
		}
	}
}

func withFaults(t *testing.T, text string) func(*emulator.Options) {
	t.Helper()
	faults, err := emulator.ParseFaults(text)
	if err != nil {
		t.Fatal(err)
	}
	return func(o *emulator.Options) { o.Faults = faults }
}

func TestFaultErrors(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, withFaults(t, "CreateTags:500:n=2,DescribeTags:503:n=1,CreateTrafficMirrorFilter:RequestLimitExceeded:n=1"))
	for _, test := range []struct {
		action, parameters string
		status             int
		code               string
	}{
		{"CreateTags", "", 500, "InternalError"},
		{"CreateTags", "", 500, "InternalError"},
		{"CreateTags", "", 400, "MissingParameter"},
		{"DescribeTags", "", 503, "Unavailable"},
		{"DescribeTags", "", 200, ""},
		{"CreateTrafficMirrorFilter", "", 503, "RequestLimitExceeded"},
		{"CreateTrafficMirrorFilter", "", 200, ""},
	} {
		if got := call(t, e, test.action, test.parameters); got.status != test.status || got.code() != test.code {
			t.Errorf("%s: got %d %q, want %d %q", test.action, got.status, got.code(), test.status, test.code)
		}
	}
}

// Who may not call CreateTags may not create an object with tags either. A dry run says so too.
func TestFaultDenied(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, withFaults(t, "CreateTags:UnauthorizedOperation,DescribeTags:UnauthorizedOperation"))
	const tagged = "TagSpecification.1.ResourceType=traffic-mirror-filter&TagSpecification.1.Tag.1.Key=k"
	for _, test := range []struct {
		action, parameters string
		status             int
		code               string
	}{
		{"DescribeTags", "", 403, "UnauthorizedOperation"},
		{"CreateTags", "ResourceId.1=tmf-00000000000000001&Tag.1.Key=k", 403, "UnauthorizedOperation"},
		{"CreateTrafficMirrorFilter", tagged, 403, "UnauthorizedOperation"},
		{"CreateTrafficMirrorFilter", tagged + "&DryRun=true", 403, "UnauthorizedOperation"},
		{"CreateTrafficMirrorFilter", "DryRun=true", 412, "DryRunOperation"},
		{"CreateTrafficMirrorFilter", "", 200, ""},
		{"DescribeTrafficMirrorFilters", "", 200, ""},
	} {
		if got := call(t, e, test.action, test.parameters); got.status != test.status || got.code() != test.code {
			t.Errorf("%s %s: got %d %q, want %d %q", test.action, test.parameters, got.status, got.code(), test.status, test.code)
		}
	}
}

// The same seed and the same requests give the same faults.
func TestFaultSeed(t *testing.T) {
	t.Parallel()
	run := func(seed uint64) string {
		e := newEmulator(t, withFaults(t, "*:500:p=0.5"), func(o *emulator.Options) { o.Seed = seed })
		drawn := ""
		for range 40 {
			drawn += call(t, e, "DescribeTags", "").code() + " "
		}
		return drawn
	}
	first := run(1)
	if first != run(1) {
		t.Error("the same seed went another way")
	}
	if first == run(2) {
		t.Error("another seed went the same way")
	}
	if n := strings.Count(first, "InternalError"); n < 8 || n > 32 {
		t.Errorf("p=0.5 hit %d of 40 requests", n)
	}
}

// A connection that breaks says nothing of whether the request was carried out.
// The client token makes trying again safe.
func TestFaultCuts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		kind string
		want int
	}{{"cut-before", 0}, {"cut-after", 1}} {
		e := newEmulator(t, withFaults(t, "CreateTrafficMirrorFilter:"+test.kind+":n=1"))
		server := httptest.NewServer(e)
		t.Cleanup(server.Close)
		c := newClient(e)
		in := &ec2.CreateTrafficMirrorFilterInput{ClientToken: aws.String("token")}
		_, err := c.CreateTrafficMirrorFilter(t.Context(), in)
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: got %v, want a connection that breaks", test.kind, err)
		}
		made := must(t, e, "DescribeTrafficMirrorFilters", "").texts("trafficMirrorFilterSet/item/trafficMirrorFilterId")
		if len(made) != test.want {
			t.Errorf("%s: %d filters were made, want %d", test.kind, len(made), test.want)
		}
		again, err := c.CreateTrafficMirrorFilter(t.Context(), in)
		fatal(t, err)
		if test.want == 1 && *again.TrafficMirrorFilter.TrafficMirrorFilterId != made[0] {
			t.Errorf("%s: trying again made another filter", test.kind)
		}

		fault, err := emulator.ParseFaults("*:" + test.kind)
		fatal(t, err)
		e.SetFaults(fault)
		if response, err := http.Get(server.URL + "/?Version=2016-11-15&Action=DescribeTags"); err == nil {
			t.Errorf("%s over HTTP: got %s", test.kind, response.Status)
			response.Body.Close()
		}
	}
}

func TestFaultLatency(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // in which nothing else takes time
		e := newEmulator(t, withFaults(t, "DescribeTags:latency=5ms"))
		start := time.Now()
		must(t, e, "DescribeTags", "")
		if took := time.Since(start); took != 5*time.Millisecond {
			t.Errorf("the answer took %s", took)
		}
	})
}

func TestFaultStale(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	e := newEmulator(t, withFaults(t, "DescribeTrafficMirrorFilters:stale=2s,CreateTrafficMirrorFilterRule:stale=2s"), func(o *emulator.Options) {
		o.Now = func() time.Time { return now }
	})
	old := makeFilter(t, e, "Description=old")
	now = now.Add(time.Minute)
	fresh := makeFilter(t, e, "")
	must(t, e, "ModifyTrafficMirrorFilterNetworkServices", "TrafficMirrorFilterId="+old+"&AddNetworkService.1=amazon-dns")
	rule := "&RuleNumber=1&TrafficDirection=ingress&RuleAction=accept" + anyCIDRs

	refused(t, e, "DescribeTrafficMirrorFilters", "TrafficMirrorFilterId.1="+fresh, "InvalidTrafficMirrorFilterId.NotFound")
	refused(t, e, "CreateTrafficMirrorFilterRule", "TrafficMirrorFilterId="+fresh+rule, "InvalidTrafficMirrorFilterId.NotFound")
	must(t, e, "CreateTrafficMirrorFilterRule", "TrafficMirrorFilterId="+old+rule)
	must(t, e, "CreateTags", "ResourceId.1="+fresh+"&Tag.1.Key=k") // an action without the fault
	seen := must(t, e, "DescribeTrafficMirrorFilters", "").all("trafficMirrorFilterSet/item")
	if len(seen) != 1 || len(seen[0].all("networkServiceSet/item")) != 0 || len(seen[0].all("ingressFilterRuleSet/item")) != 0 {
		t.Errorf("the past is %v, want the old filter alone and as it was", seen)
	}

	now = now.Add(3 * time.Second)
	seen = must(t, e, "DescribeTrafficMirrorFilters", "").all("trafficMirrorFilterSet/item")
	if len(seen) != 2 {
		t.Errorf("%d filters after a while, want 2", len(seen))
	}
	read := must(t, e, "DescribeTrafficMirrorFilters", "TrafficMirrorFilterId.1="+old).all("trafficMirrorFilterSet/item")[0]
	if len(read.all("networkServiceSet/item")) != 1 || len(read.all("ingressFilterRuleSet/item")) != 1 {
		t.Error("what was done in the meantime is lost")
	}
}

// Of the stale reads that are counted, the last one is stale as well.
func TestFaultStale_counted(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	e := newEmulator(t, withFaults(t, "DescribeTrafficMirrorFilters:stale=1h:n=2"), func(o *emulator.Options) {
		o.Now = func() time.Time { return now }
	})
	must(t, e, "DescribeTags", "")
	now = now.Add(time.Second)
	makeFilter(t, e, "")
	for n, want := range []int{0, 0, 1, 1} {
		now = now.Add(time.Second)
		if got := len(must(t, e, "DescribeTrafficMirrorFilters", "").all("trafficMirrorFilterSet/item")); got != want {
			t.Errorf("read %d sees %d filters, want %d", n+1, got, want)
		}
	}
}

func TestThrottle(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	e := newEmulator(t, func(o *emulator.Options) { o.Throttle, o.Now = true, func() time.Time { return now } })
	f := makeFilter(t, e, "")
	for _, test := range []struct {
		action, parameters string
		burst, refill      int // of the published bucket
	}{
		{"DescribeTrafficMirrorSessions", "", 100, 20},
		{"DescribeNetworkInterfaces", "", 50, 10},
		{"DescribeNetworkInterfaces", "MaxResults=5", 100, 20},
		{"DeleteTrafficMirrorFilterRule", "TrafficMirrorFilterRuleId=" + goneRule, 50, 5},
		{"CreateTags", "ResourceId.1=" + f + "&Tag.1.Key=k&DryRun=true", 100, 10},
	} {
		answered := func() (n int) {
			for call(t, e, test.action, test.parameters).code() != "RequestLimitExceeded" {
				n++
			}
			return n
		}
		if got := answered(); got != test.burst {
			t.Errorf("%s: %d requests at once, want %d", test.action, got, test.burst)
		}
		now = now.Add(time.Second)
		if got := answered(); got != test.refill {
			t.Errorf("%s: %d requests after a second, want %d", test.action, got, test.refill)
		}
	}
	if got := e.Calls()["DescribeTrafficMirrorSessions"]; got != (emulator.Calls{Count: 122, Throttled: 2}) {
		t.Errorf("calls: %+v, want 122 with 2 throttled", got)
	}
}

// Topologies that are sent one after the other are all loaded, in their order, into
// every Region, and bring nothing back that a client has deleted.
func TestControl_topologies(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ec2.db")
	put := func(e http.Handler, n int, name string, status int) {
		t.Helper()
		body := fmt.Sprintf(`{"network_interfaces": [{"id": %q}, {"id": %q, "description": %q}]}`, eni(n), eni(300), name)
		if w := control(e, "PUT", "/_emulator/topology", body, "127.0.0.1:1", "127.0.0.1"); w.Code != status {
			t.Errorf("topology %s: %d %s", name, w.Code, w.Body)
		}
	}
	check := func(e http.Handler, region string, known ...int) {
		t.Helper()
		c := newClient(e, func(o *ec2.Options) { o.Region = region })
		out, err := c.DescribeNetworkInterfaces(t.Context(), &ec2.DescribeNetworkInterfacesInput{})
		fatal(t, err)
		var got []string
		for _, v := range out.NetworkInterfaces {
			got = append(got, *v.NetworkInterfaceId+aws.ToString(v.Description))
		}
		slices.Sort(got)
		var want []string
		for _, n := range known {
			want = append(want, eni(n))
		}
		if want = append(want, eni(300)+"last"); !slices.Equal(got, want) {
			t.Errorf("in %s: got %q, want %q", region, got, want)
		}
	}
	e := mustNew(t, emulator.Options{Path: path})
	put(e, 201, "first", 200)
	put(e, 202, "last", 200)
	check(e, "us-east-1", 201, 202)
	must(t, e, "DeleteNetworkInterface", "NetworkInterfaceId="+eni(201))
	put(e, 203, "last", 200)
	check(e, "us-east-1", 202, 203)
	check(e, "eu-west-1", 201, 202, 203)

	again := mustNew(t, emulator.Options{Path: path})
	put(again, 204, "first", 200)
	put(again, 203, "last", 200) // what the Region has loaded last
	check(again, "us-east-1", 202, 203, 204)

	empty := mustNew(t, emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: world()})
	if w := control(empty, "PUT", "/_emulator/topology", `{"account_id": "210987654321"}`, "127.0.0.1:1", "127.0.0.1"); w.Code != 400 {
		t.Errorf("a topology of another account: %d", w.Code)
	}
}

// control sends a request to the control paths as a server sees it.
func control(h http.Handler, method, path, body, from, host string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://"+host+path, strings.NewReader(body))
	r.RemoteAddr = from
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestControl(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	local := func(method, path, body string) *httptest.ResponseRecorder {
		return control(e, method, path, body, "127.0.0.1:1234", "127.0.0.1:4566")
	}
	must(t, e, "DescribeTags", "")
	call(t, e, "DescribeTags", "MaxResults=1")
	var calls map[string]emulator.Calls
	fatal(t, json.Unmarshal(local("GET", "/_emulator/calls", "").Body.Bytes(), &calls))
	if len(calls) != 1 || calls["DescribeTags"].Count != 2 {
		t.Errorf("calls: %v", calls)
	}
	local("DELETE", "/_emulator/calls", "")
	if got := local("GET", "/_emulator/calls", "").Body.String(); got != "{}\n" {
		t.Errorf("calls after a reset: %s", got)
	}

	local("PUT", "/_emulator/faults", "DescribeTags:500:n=1")
	if got := local("GET", "/_emulator/faults", "").Body.String(); got != `{"faults":"DescribeTags:500:n=1"}`+"\n" {
		t.Errorf("faults: %s", got)
	}
	refused(t, e, "DescribeTags", "", "InternalError")
	local("PUT", "/_emulator/faults", "DescribeTags:500")
	local("DELETE", "/_emulator/faults", "")
	refused(t, e, "DescribeTags", "", "")

	const more = `{"network_interfaces": [{"id": "eni-00000000000000abc"}]}`
	if w := local("PUT", "/_emulator/topology", more); w.Code != 200 {
		t.Errorf("topology: %d %s", w.Code, w.Body)
	}
	must(t, e, "DescribeNetworkInterfaces", "NetworkInterfaceId.1=eni-00000000000000abc&NetworkInterfaceId.2="+eni(1))
	if got := local("GET", "/_emulator/topology", "").Body.String(); !strings.Contains(got, "eni-00000000000000abc") {
		t.Errorf("topology: %s", got)
	}

	for _, test := range []struct {
		method, path, body, from, host string
		status                         int
	}{
		{"PUT", "/_emulator/faults", "x", "127.0.0.1:1", "localhost:4566", 400},
		{"PUT", "/_emulator/topology", `{"nonsense": 1}`, "127.0.0.1:1", "localhost", 400},
		{"PUT", "/_emulator/topology", `{"account_id": "210987654321"}`, "[::1]:1", "[::1]:4566", 400},
		{"PUT", "/_emulator/calls", "", "127.0.0.1:1", "127.0.0.1", 404},
		{"GET", "/_emulator/else", "", "127.0.0.1:1", "127.0.0.1", 404},
		{"GET", "/_emulator/calls", "", "192.0.2.1:1", "127.0.0.1", 403},
		{"GET", "/_emulator/calls", "", "127.0.0.1:1", "evil.example", 403},
	} {
		if w := control(e, test.method, test.path, test.body, test.from, test.host); w.Code != test.status {
			t.Errorf("%s %s from %s to %s: got %d, want %d", test.method, test.path, test.from, test.host, w.Code, test.status)
		}
	}
	remote := newEmulator(t, func(o *emulator.Options) { o.RemoteControl = true })
	if w := control(remote, "GET", "/_emulator/calls", "", "192.0.2.1:1", "ec2.example"); w.Code != 200 {
		t.Errorf("with RemoteControl: got %d", w.Code)
	}
}
