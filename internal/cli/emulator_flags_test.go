package cli_test

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// endpoint is an emulator that the command serves to plain HTTP requests.
type endpoint string

func serving(t *testing.T, flags ...string) endpoint {
	t.Helper()
	return servingFrom(t, filepath.Join(t.TempDir(), "ec2.db"), flags...)
}

// servingFrom is serving with the file of the store.
func servingFrom(t *testing.T, path string, flags ...string) endpoint {
	t.Helper()
	printed := started(t, append([]string{"--path", path}, flags...)...)
	match := regexp.MustCompile(`AWS_ENDPOINT_URL_EC2=(\S+)`).FindStringSubmatch(printed)
	if match == nil {
		t.Fatalf("it prints no address:\n%s", printed)
	}
	return endpoint(match[1])
}

// code sends a request and returns the code of the error, "" for none.
func (e endpoint) code(t *testing.T, action string) string {
	t.Helper()
	form, err := url.ParseQuery("Version=2016-11-15&Action=" + action)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.PostForm(string(e), form)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct {
		Code string `xml:"Errors>Error>Code"`
	}
	if err := xml.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return answer.Code
}

// codes sends the same request several times.
func (e endpoint) codes(t *testing.T, n int, action string) string {
	t.Helper()
	var all []string
	for range n {
		all = append(all, e.code(t, action))
	}
	return strings.Join(all, " ")
}

// With --throttle a bucket of 50 requests runs empty, also on a slow machine: it gets back
// only 5 each second.
func TestEmulator_throttle(t *testing.T) {
	t.Parallel()
	const writing, limit = "CreateTrafficMirrorFilter&DryRun=true", 1000
	passed := func(e endpoint) (n int) {
		for ; n < limit && e.code(t, writing) == "DryRunOperation"; n++ {
		}
		return n
	}
	throttled := serving(t, "--throttle")
	if n := passed(throttled); n < 50 || n == limit {
		t.Errorf("%d requests pass, want 50 and what came back meanwhile", n)
	}
	if got := throttled.code(t, "DescribeTags"); got != "" {
		t.Errorf("another action answers %s", got)
	}
	if n := passed(serving(t)); n != limit {
		t.Errorf("without the flag %d requests pass, want all %d", n, limit)
	}
}

func TestEmulator_fault(t *testing.T) {
	t.Parallel()
	e := serving(t, "--fault", "DescribeTags:503:n=2,CreateTrafficMirrorFilter:500:n=1")
	for _, test := range []struct{ action, want string }{
		{"DescribeTags", "Unavailable Unavailable "},
		{"CreateTrafficMirrorFilter", "InternalError  "},
		{"DescribeTrafficMirrorFilters", "  "},
	} {
		if got := e.codes(t, 3, test.action); got != test.want {
			t.Errorf("%s answers %q, want %q", test.action, got, test.want)
		}
	}
}

// The same seed and the same requests meet the same faults, and another seed meets
// others.
func TestEmulator_seed(t *testing.T) {
	t.Parallel()
	met := func(seed string) string {
		e := serving(t, "--fault", "*:500:p=0.5", "--seed", seed)
		return e.codes(t, 20, "DescribeTags") + "/" + e.codes(t, 20, "DescribeVpcs")
	}
	first, again, other := met("1"), met("1"), met("2")
	if first != again {
		t.Errorf("the seed 1 gives\n%s\nand then\n%s", first, again)
	}
	if first == other {
		t.Errorf("the seeds 1 and 2 both give\n%s", first)
	}
}

// asked sends a request for a path as a host, and returns the status.
func (e endpoint) asked(t *testing.T, method, path, host string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, string(e)+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	return response.StatusCode
}

// A request for another name than this host's is one of a web page, unless the name is
// allowed. What controls the emulator is for this host alone.
func TestEmulator_hosts(t *testing.T) {
	t.Parallel()
	const describe, calls, health = "/?Action=DescribeVpcs&Version=2016-11-15", "/_emulator/calls", "/_emulator/health"
	for _, test := range []struct {
		flags                   []string
		host                    string
		describe, calls, health int
	}{
		{nil, "", 200, 200, 200},
		{nil, "localhost:4566", 200, 200, 200},
		{nil, "127.9.9.9", 200, 200, 200},
		{nil, "[::1]:4566", 200, 200, 200},
		{nil, "192.0.2.1:4566", 200, 403, 200},
		{nil, "ec2.example", 403, 403, 403},
		{[]string{"--remote-control"}, "ec2.example", 403, 403, 403},
		{[]string{"--remote-control"}, "192.0.2.1:4566", 200, 200, 200},
		{[]string{"--allow-host", "emulator,ec2.example"}, "EC2.example:4566", 200, 403, 200},
		{[]string{"--allow-host", "emulator", "--allow-host", "ec2.example", "--remote-control"}, "emulator", 200, 200, 200},
		{[]string{"--allow-host", "emulator"}, "emulator.evil.test", 403, 403, 403},
	} {
		e := serving(t, test.flags...)
		for _, asked := range []struct {
			path string
			want int
		}{{describe, test.describe}, {calls, test.calls}, {health, test.health}} {
			if got := e.asked(t, http.MethodGet, asked.path, test.host); got != asked.want {
				t.Errorf("%q asked as %q for %s answers %d, want %d", test.flags, test.host, asked.path, got, asked.want)
			}
		}
	}
}
