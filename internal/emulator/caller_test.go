package emulator_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

// A request that a web page sent is refused on every path, whatever the page is and
// however its name leads here. It is refused before it has done anything.
func TestCaller(t *testing.T) {
	t.Parallel()
	named := func(o *emulator.Options) { o.Hosts = []string{"emulator"} }
	type headers map[string]string
	for _, test := range []struct {
		name    string
		host    string
		headers headers
		allowed bool
	}{
		{"a client of EC2", "127.0.0.1:4566", nil, true},
		{"a client that names this host", "localhost:4566", nil, true},
		{"in capitals and complete", "LOCALHOST.:4566", nil, true},
		{"an address of this host", "192.0.2.1:4566", nil, true},
		{"an IPv6 address", "[2001:db8::1]:4566", nil, true},
		{"an address without a port", "[::1]", nil, true},
		{"an allowed name", "emulator:4566", nil, true},
		{"an allowed name in another case", "Emulator", nil, true},
		{"a name that leads here", "evil.test:4566", nil, false},
		{"a name that begins with an allowed one", "emulator.evil.test", nil, false},
		{"a name that begins with localhost", "localhost.evil.test", nil, false},
		{"a name that looks like an address", "127.0.0.1.evil.test", nil, false},
		{"no host", "", nil, false},
		{"a page of a name that leads here", "evil.test:4566", headers{"Origin": "http://evil.test:4566", "Sec-Fetch-Site": "same-origin"}, false},
		{"a page of another site", "127.0.0.1:4566", headers{"Origin": "https://evil.test", "Sec-Fetch-Site": "cross-site"}, false},
		{"a page of another site, in an old browser", "127.0.0.1:4566", headers{"Origin": "https://evil.test"}, false},
		{"a sandboxed page", "127.0.0.1:4566", headers{"Origin": "null"}, false},
		{"an image of another site", "127.0.0.1:4566", headers{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, false},
		{"a page of another port", "127.0.0.1:4566", headers{"Origin": "http://127.0.0.1:3000", "Sec-Fetch-Site": "same-site"}, false},
		{"another port, in an old browser", "127.0.0.1:4566", headers{"Origin": "http://127.0.0.1:3000"}, false},
		{"another name of this host", "127.0.0.1:4566", headers{"Origin": "http://localhost:4566"}, false},
		{"no origin", "127.0.0.1:4566", headers{"Origin": "nonsense"}, false},
		{"a value of the future", "127.0.0.1:4566", headers{"Sec-Fetch-Site": "else"}, false},
		{"an address that a user typed", "127.0.0.1:4566", headers{"Sec-Fetch-Site": "none"}, true},
		{"a link from here", "127.0.0.1:4566", headers{"Origin": "http://127.0.0.1:4566", "Sec-Fetch-Site": "same-origin"}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := newEmulator(t, named)
			for _, target := range []struct{ method, path string }{
				{"GET", "/?Version=2016-11-15&Action=CreateTrafficMirrorFilter"},
				{"POST", "/?Version=2016-11-15&Action=CreateTrafficMirrorFilter"},
				{"GET", "/_emulator/health"},
				{"POST", "/_emulator/reset"},
				{"PUT", "/_emulator/topology"},
			} {
				r := httptest.NewRequest(target.method, target.path, strings.NewReader("{}"))
				r.Host, r.RemoteAddr = test.host, "127.0.0.1:1"
				r.Header.Set("Content-Type", form)
				for name, value := range test.headers {
					r.Header.Set(name, value)
				}
				w := httptest.NewRecorder()
				e.ServeHTTP(w, r)
				// A host that is not loopback may not control the emulator.
				refused := w.Code == http.StatusForbidden && !strings.Contains(w.Body.String(), "--remote-control")
				if refused == test.allowed {
					t.Errorf("%s %s: %d %s", target.method, target.path, w.Code, w.Body)
				}
				if xml := strings.Contains(w.Body.String(), "<Code>UnauthorizedOperation</Code>"); target.path[1] == '?' && xml == test.allowed {
					t.Errorf("%s %s: it is not EC2's error: %s", target.method, target.path, w.Body)
				}
			}
			if made := len(must(t, unnamed{e}, "DescribeTrafficMirrorFilters", "").all("trafficMirrorFilterSet/item")); made > 0 != test.allowed && test.host == "evil.test:4566" {
				t.Errorf("%d filters were made", made)
			}
		})
	}
}

// unnamed sends requests of the tests to an emulator that has names.
type unnamed struct{ *emulator.Emulator }

func (u unnamed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Host = "localhost"
	u.Emulator.ServeHTTP(w, r)
}

// In a process, without a port, an emulator has the name of EC2.
func TestCaller_inProcess(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	for _, host := range []string{"ec2.us-east-1.amazonaws.com", "ec2.example", ""} {
		r := httptest.NewRequest(http.MethodGet, "/?Version=2016-11-15&Action=DescribeVpcs", nil)
		r.Host = host
		if got := send(t, e, r); got.code() != "" {
			t.Errorf("%q: %s", host, got.message())
		}
	}
}
