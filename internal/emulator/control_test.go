package emulator_test

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

func TestControl_health(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ec2.db")
	e := newEmulator(t, func(o *emulator.Options) { o.Path = path })
	health := func(method string) (int, string) {
		w := control(e, method, "/_emulator/health", "", "192.0.2.1:1", "192.0.2.7:4566") // from outside of the container
		var answer map[string]string
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatalf("%v: %s", err, w.Body)
		}
		return w.Code, answer["status"] + answer["reason"]
	}
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		if code, text := health(method); code != http.StatusOK || text != "ok" {
			t.Errorf("%s answers %d %s", method, code, text)
		}
	}
	if code, _ := health(http.MethodGet); code != http.StatusOK {
		t.Errorf("a second time it answers %d", code)
	}
	fatal(t, os.Remove(path))
	if code, text := health(http.MethodGet); code != http.StatusOK {
		t.Errorf("after the file was removed, to begin anew: %d %s", code, text)
	}
	fatal(t, os.WriteFile(path, []byte(strings.Repeat("this is no store", 1000)), 0o600))
	if code, text := health(http.MethodGet); code != http.StatusServiceUnavailable || !strings.Contains(text, path) {
		t.Errorf("with another file: %d %s", code, text)
	}
	if w := control(e, "POST", "/_emulator/health", "", "127.0.0.1:1", "localhost"); w.Code != http.StatusNotFound {
		t.Errorf("POST answers %d", w.Code)
	}
}

// in sends an action to a Region.
func in(t *testing.T, h http.Handler, region, action string) node {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/?Version=2016-11-15&Action="+action, nil)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKID/20260101/"+region+"/ec2/aws4_request, SignedHeaders=host, Signature=00")
	got := send(t, h, r)
	if got.code() != "" {
		t.Fatalf("%s in %s: %s", action, region, got.message())
	}
	return got.root
}

// After a reset every Region is as its topology says, for each process on the store.
func TestControl_reset(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ec2.db")
	onPath := func(o *emulator.Options) { o.Path = path }
	one, other := newEmulator(t, onPath), newEmulator(t, onPath)
	regions := []string{"us-east-1", "eu-west-1"}
	for _, region := range regions {
		in(t, one, region, "CreateTrafficMirrorFilter&ClientToken=t")
		in(t, other, region, "CreateTags&ResourceId.1="+eni(1)+"&Tag.1.Key=k")
		in(t, other, region, "DeleteNetworkInterface&NetworkInterfaceId="+eniGateway)
	}
	local := func(method, path, body string) *httptest.ResponseRecorder {
		return control(one, method, path, body, "127.0.0.1:1", "localhost:4566")
	}
	fatalCode(t, local("PUT", "/_emulator/topology", `{"network_interfaces": [{"id": "eni-00000000000000abc"}]}`), 200)
	fatalCode(t, local("PUT", "/_emulator/faults", "DescribeTags:500:n=1"), 200)
	in(t, one, "us-east-1", "DescribeVpcs")
	fatalCode(t, local("POST", "/_emulator/reset", ""), 200)

	fresh := newEmulator(t)
	count := func(e *emulator.Emulator, region, action, items string) int {
		return len(in(t, e, region, action).all(items))
	}
	for name, e := range map[string]*emulator.Emulator{"one": one, "other": other} {
		for _, region := range regions {
			if n := count(e, region, "DescribeTrafficMirrorFilters", "trafficMirrorFilterSet/item"); n != 0 {
				t.Errorf("%s: %s has %d filters", name, region, n)
			}
			if n := count(e, region, "DescribeNetworkInterfaces&Filter.1.Name=tag-key&Filter.1.Value.1=k", "networkInterfaceSet/item"); n != 0 {
				t.Errorf("%s: %s has %d interfaces with a tag", name, region, n)
			}
			got, want := count(e, region, "DescribeNetworkInterfaces", "networkInterfaceSet/item"), count(fresh, region, "DescribeNetworkInterfaces", "networkInterfaceSet/item")
			if got < want || got > want+1 { // the topology that was loaded later adds one
				t.Errorf("%s: %s has %d interfaces, a new store has %d", name, region, got, want)
			}
		}
	}
	if n := count(one, "eu-west-1", "DescribeNetworkInterfaces&NetworkInterfaceId.1=eni-00000000000000abc", "networkInterfaceSet/item"); n != 1 {
		t.Error("the topology that was loaded later is gone")
	}
	// A client token is forgotten with what it made.
	if id := in(t, one, "us-east-1", "CreateTrafficMirrorFilter&ClientToken=t").text("trafficMirrorFilter/trafficMirrorFilterId"); id == "" {
		t.Error("the client token makes nothing")
	}
	// What is not in the store stays.
	if got := local("GET", "/_emulator/faults", "").Body.String(); !strings.Contains(got, "DescribeTags") {
		t.Errorf("the faults are %s", got)
	}
	if got := local("GET", "/_emulator/calls", "").Body.String(); !strings.Contains(got, "CreateTrafficMirrorFilter") {
		t.Errorf("the calls are %s", got)
	}
	if w := control(one, "POST", "/_emulator/reset", "", "192.0.2.1:1", "localhost"); w.Code != http.StatusForbidden {
		t.Errorf("another host gets %d", w.Code)
	}
}

func fatalCode(t *testing.T, w *httptest.ResponseRecorder, want int) {
	t.Helper()
	if w.Code != want {
		t.Fatalf("got %d %s, want %d", w.Code, w.Body, want)
	}
}

// returns reports when a handler has returned.
type returns struct {
	http.Handler
	done chan struct{}
}

func (h returns) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer close(h.done)
	h.Handler.ServeHTTP(w, r)
}

// narrow accepts connections that keep little of what is not read.
type narrow struct{ net.Listener }

func (l narrow) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok && err == nil {
		err = tcp.SetWriteBuffer(4096)
	}
	return c, err
}

// A client that does not read its answer loses its connection.
func TestServer_unreadAnswer(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, func(o *emulator.Options) { o.WriteTimeout = time.Millisecond })
	for range 2 {
		must(t, e, "CreateTrafficMirrorFilter", "Description="+strings.Repeat("d", 1<<19))
	}
	h := returns{e, make(chan struct{})}
	server := httptest.NewUnstartedServer(h)
	server.Listener = narrow{server.Listener}
	server.Start()
	defer server.Close()

	c, err := net.Dial("tcp", server.Listener.Addr().String())
	fatal(t, err)
	defer c.Close()
	fatal(t, c.(*net.TCPConn).SetReadBuffer(4096))
	_, err = c.Write([]byte("GET /?Version=2016-11-15&Action=DescribeTrafficMirrorFilters HTTP/1.1\r\nHost: ec2.example\r\n\r\n"))
	fatal(t, err)
	select {
	case <-h.done:
	case <-t.Context().Done():
		t.Fatal("the answer still waits for its client")
	case <-time.After(time.Minute):
		t.Fatal("the answer still waits for its client after a minute")
	}
}
