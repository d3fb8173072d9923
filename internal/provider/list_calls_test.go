package provider_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

// manySessions is a dump of an account with so many interfaces with one session each, and with
// a filter and a target.
func manySessions(n int) string {
	var interfaces, sessions []string
	for i := range n {
		interfaces = append(interfaces, fmt.Sprintf(`%q: {"id": %[1]q, "owner_id": "123456789012", "interface_type": "interface", "instance_id": "i-00000000000000001", "vpc_id": %q, "subnet_id": "subnet-00000000000000001"}`, sourceID(i), firstVPC))
		sessions = append(sessions, fmt.Sprintf(`"tms-%017x": {"id": "tms-%017[1]x", "owner_id": "123456789012", "network_interface_id": %[2]q, "traffic_mirror_target_id": "tmt-00000000000000001", `+
			`"traffic_mirror_filter_id": "tmf-00000000000000001", "session_number": 1, "virtual_network_id": 7}`, i, sourceID(i)))
	}
	interfaces = append(interfaces, fmt.Sprintf(`%q: {"id": %[1]q, "owner_id": "123456789012", "interface_type": "interface"}`, sinkID(0, 0)))
	return `{"format": "terraform-provider-trafficmirror emulator", "version": "1", "account": "123456789012", "regions": {"us-east-1": {
"instances": {"i-00000000000000001": {"id": "i-00000000000000001", "instance_type": "m5.large", "state": "running"}},
"interfaces": {` + strings.Join(interfaces, ",\n") + `},
"targets": {"tmt-00000000000000001": {"id": "tmt-00000000000000001", "owner_id": "123456789012", "network_interface_id": "` + sinkID(0, 0) + `"}},
"filters": {"tmf-00000000000000001": {"id": "tmf-00000000000000001"}},
"sessions": {` + strings.Join(sessions, ",\n") + `}}}}`
}

// countCalls serves an embedded EC2 with a dump, and counts its calls.
func countCalls(t testing.TB, dump string) (url string, calls func() map[string]int) {
	t.Helper()
	e, err := emulator.New(emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db")})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Load(t.Context(), strings.NewReader(dump)); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	count := map[string]int{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return // the client went away
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
		mu.Lock()
		count[action(body)]++
		mu.Unlock()
		e.ServeHTTP(w, req)
	}))
	t.Cleanup(server.Close)
	return server.URL, func() map[string]int {
		mu.Lock()
		defer mu.Unlock()
		all := count
		count = map[string]int{}
		return all
	}
}

// action is the action of a request.
func action(body []byte) string {
	values, _ := url.ParseQuery(string(body)) // a test fails on an action of ""
	return values.Get("Action")
}

// The calls of a list do not depend on how many objects it has, but for further pages.
func TestList_calls(t *testing.T) {
	t.Parallel()
	const n, pages = 1010, 2
	url, calls := countCalls(t, manySessions(n))
	l := newLister(t, newAccount(t), map[string]any{
		"emulator": nil, "access_key": "test", "secret_key": "test", "skip_credentials_validation": true, "skip_requesting_account_id": true,
		"endpoints": []any{map[string]any{"ec2": url, "sts": nil, "iam": nil, "sso": nil}},
	})
	calls()
	for _, c := range []struct {
		kind         string
		config       map[string]any
		withResource bool
		want         int
	}{
		{sessionKind, nil, false, n}, {sessionKind, map[string]any{"idle": true}, true, n},
		{targetKind, map[string]any{"vpc_ids": []any{firstVPC}}, true, 1}, {filterKind, map[string]any{"network_interface_ids": []any{sourceID(1)}}, true, 1},
	} {
		results, problems := l.list(t, c.kind, c.config, 0, c.withResource)
		if len(results) != c.want || problems != "" {
			t.Fatalf("%s %v: %d results\n%s", c.kind, c.config, len(results), problems)
		}
		for action, n := range calls() {
			if n > pages+1 {
				t.Errorf("%s %v: %d calls of %s", c.kind, c.config, n, action)
			}
		}
	}
}
