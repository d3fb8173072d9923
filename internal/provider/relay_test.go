package provider_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

// A relay is a proxy between a provider and an embedded EC2. It keeps a record of the
// changes that were carried out, and lets a test step in before and after each.
type relay struct {
	emulator *emulator.Emulator
	url      string

	mu     sync.Mutex
	steps  steps
	record []change
	open   map[net.Conn]bool
	closed *sync.Cond // broadcasts when a connection is closed
}

// steps are where a test steps in.
type steps struct {
	// before is called with each request for a change, and after when it has been
	// carried out and its answer has not arrived yet.
	before, after func(change)

	// refuse returns the error code that a request is answered with instead of being
	// carried out, or nothing.
	refuse func(change) string
}

// stepIn has the test step in from now on, in place of what was set before.
func (r *relay) stepIn(at steps) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.steps = at
}

func (r *relay) stepsNow() steps {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.steps
}

// A change is a request that changes something.
type change struct {
	action string
	values url.Values
	from   string // its User-Agent
}

// newRelay serves an embedded EC2 with the topology of the acceptance tests.
func newRelay(t *testing.T) *relay {
	t.Helper()
	return newRelayOf(t, testTopology)
}

func newRelayOf(t *testing.T, topology string) *relay {
	t.Helper()
	e, err := emulator.New(emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: parseTopology(t, topology), Quotas: largeQuotas()})
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{emulator: e, open: map[net.Conn]bool{}}
	r.closed = sync.NewCond(&r.mu)
	server := httptest.NewUnstartedServer(r)
	server.Config.ConnState = r.noteConnection
	server.Start()
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

func (r *relay) noteConnection(connection net.Conn, state http.ConnState) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch state {
	case http.StateNew:
		r.open[connection] = true
	case http.StateClosed:
		delete(r.open, connection)
		r.closed.Broadcast()
	}
}

// settle waits until no change of processes that have ended is under way. A provider that was
// killed leaves requests, which EC2 carries out as well.
func (r *relay) settle(t *testing.T) {
	t.Helper()
	// The server accepts connections in their order: those of the processes come before this one.
	own := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := own.PostForm(r.url, url.Values{"Action": {"DescribeTrafficMirrorFilters"}, "Version": {"2016-11-15"}})
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.open) > 0 {
		r.closed.Wait()
	}
}

// ServeHTTP answers a request.
func (r *relay) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return // the client went away
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	values, _ := url.ParseQuery(string(body)) // what cannot be read is refused below
	c := change{values.Get("Action"), values, req.UserAgent()}
	if strings.HasPrefix(c.action, "Describe") {
		r.emulator.ServeHTTP(w, req)
		return
	}
	at := r.stepsNow()
	if at.before != nil {
		at.before(c)
	}
	if at.refuse != nil {
		if code := at.refuse(c); code != "" {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = fmt.Fprintf(w, "<Response><Errors><Error><Code>%s</Code><Message>Not yet</Message></Error></Errors><RequestID>1</RequestID></Response>", code)
			return
		}
	}
	answer := httptest.NewRecorder()
	r.emulator.ServeHTTP(answer, req)
	if answer.Code == http.StatusOK {
		r.keep(c)
		if at.after != nil {
			at.after(c)
		}
	}
	for key, value := range answer.Header() {
		w.Header()[key] = value
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()) // a client that went away needs no answer
}

func (r *relay) keep(c change) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.record = append(r.record, c)
}

// actions are those of the record from a position on.
func (r *relay) actions(from int) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var names []string
	for _, c := range r.record[from:] {
		names = append(names, c.action)
	}
	return names
}
