package cli_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// health exits with 0 only if an embedded EC2 answers whose store can be read.
func TestEmulator_health(t *testing.T) {
	t.Parallel()
	healthy, broken := serving(t), filepath.Join(t.TempDir(), "ec2.db")
	unreadable := servingFrom(t, broken)
	if err := os.WriteFile(broken, []byte(strings.Repeat("no database", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	answering := func(status int, body string) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}))
		t.Cleanup(server.Close)
		return server.URL
	}
	const gone = "http://127.0.0.1:1" // no test gets this port
	for _, c := range []struct {
		name, url  string
		status     int
		out, error string
	}{
		{"healthy", string(healthy), 0, "ok\n", ""},
		{"a slash at the end", string(healthy) + "/", 0, "ok\n", ""},
		{"the store is damaged", string(unreadable), 1, "", "cannot read its store: "},
		{"nothing listens", gone, 1, "", "no embedded EC2 answers at " + gone},
		{"another server", answering(http.StatusOK, "<html>"), 1, "", "is not the embedded EC2 (HTTP status 200)"},
		{"another server with JSON", answering(http.StatusOK, "{}"), 1, "", "is not the embedded EC2"},
		{"another name than the emulator has", answering(http.StatusForbidden, "not known by the name"), 1, "", "refuses the request: not known by the name"},
		{"no URL", "127.0.0.1:4566", 1, "", "--endpoint-url: "},
	} {
		status, out, errs := run(t, "emulator", "health", "--endpoint-url", c.url)
		if status != c.status || out != c.out || !strings.Contains(errs, c.error) {
			t.Errorf("%s: exit %d, %q, %q; want %d, %q, %q", c.name, status, out, errs, c.status, c.out, c.error)
		}
	}
}
