package emulator

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// controlPath is the prefix of the paths by which a test reads the call counts, and
// changes the faults and the topology. They speak JSON, and are not part of EC2.
const controlPath = "/_emulator/"

// The largest bodies that are accepted, in bytes.
const (
	maxFaults   = 1 << 20
	maxTopology = 64 << 20
)

// control answers the paths below controlPath.
type control struct{ *Emulator }

func (e control) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !e.options.RemoteControl && !isLocal(r) {
		http.Error(w, "the paths below "+controlPath+" are only for requests from this host; --remote-control opens them", http.StatusForbidden)
		return
	}
	handlers := map[string]http.HandlerFunc{
		"GET calls":     e.getCalls,
		"DELETE calls":  func(http.ResponseWriter, *http.Request) { e.calls.reset() },
		"GET faults":    e.getFaults,
		"PUT faults":    e.putFaults,
		"DELETE faults": func(http.ResponseWriter, *http.Request) { e.faults.set(nil) },
		"GET topology":  e.getTopology,
		"PUT topology":  e.putTopology,
	}
	handler, known := handlers[r.Method+" "+strings.TrimPrefix(r.URL.Path, controlPath)]
	if !known {
		http.Error(w, "GET, PUT or DELETE calls, faults or topology below "+controlPath, http.StatusNotFound)
		return
	}
	handler(w, r)
}

// isLocal reports whether a request comes from this host and names this host. A browser
// on this host could send requests for a page of another site, but not with such a
// name.
func isLocal(r *http.Request) bool {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !from.Addr().Unmap().IsLoopback() {
		return false
	}
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// Calls returns how often each action was requested.
func (e *Emulator) Calls() map[string]Calls { return e.calls.read() }

// SetFaults replaces the faults.
func (e *Emulator) SetFaults(faults []Fault) { e.faults.set(faults) }

func (e control) getCalls(w http.ResponseWriter, _ *http.Request) { writeJSON(w, e.Calls()) }

func (e control) getFaults(w http.ResponseWriter, _ *http.Request) {
	var list []string
	for _, f := range e.faults.get() {
		list = append(list, f.String())
	}
	writeJSON(w, map[string]string{"faults": strings.Join(list, ",")})
}

// putFaults reads the faults in the form of the flag --fault.
func (e control) putFaults(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxFaults))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	faults, err := ParseFaults(string(text))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	e.SetFaults(faults)
}

// getTopology answers with the topology that was loaded last. Other objects can be
// described by the actions of EC2.
func (e control) getTopology(w http.ResponseWriter, _ *http.Request) {
	file := e.topology.Load().file
	if file == nil {
		file = &topology.File{}
	}
	writeJSON(w, file)
}

// putTopology loads a topology, which adds and updates objects.
func (e control) putTopology(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxTopology))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	file, err := topology.Parse(text)
	if err == nil {
		err = e.setTopology(r.Context(), file)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	// The client may be gone.
	_ = json.NewEncoder(w).Encode(v)
}
