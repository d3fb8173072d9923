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

// controlPath is where a test reads what an Emulator counts, and changes what goes
// wrong and what exists. It speaks JSON, and is no part of EC2.
const controlPath = "/_emulator/"

// What can be sent has at most so many bytes.
const (
	maxFaults   = 1 << 20
	maxTopology = 64 << 20
)

func (e *Emulator) control(w http.ResponseWriter, r *http.Request) {
	if !e.options.RemoteControl && !isLocal(r) {
		http.Error(w, "the paths below "+controlPath+" answer to this host alone", http.StatusForbidden)
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

// isLocal reports whether a request was sent from this host to a name of this
// host. The name keeps the pages of other sites out of it, which a browser here
// might show.
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

// SetFaults replaces what goes wrong.
func (e *Emulator) SetFaults(faults []Fault) { e.faults.set(faults) }

func (e *Emulator) getCalls(w http.ResponseWriter, _ *http.Request) { writeJSON(w, e.Calls()) }

func (e *Emulator) getFaults(w http.ResponseWriter, _ *http.Request) {
	var list []string
	for _, f := range e.faults.get() {
		list = append(list, f.String())
	}
	writeJSON(w, map[string]string{"faults": strings.Join(list, ",")})
}

// putFaults takes the list as text, as --fault does.
func (e *Emulator) putFaults(w http.ResponseWriter, r *http.Request) {
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

// getTopology answers with what was loaded last. What else exists, EC2's own actions
// tell.
func (e *Emulator) getTopology(w http.ResponseWriter, _ *http.Request) {
	file := e.topology.Load().file
	if file == nil {
		file = &topology.File{}
	}
	writeJSON(w, file)
}

// putTopology has a topology loaded. As at start, that adds and updates.
func (e *Emulator) putTopology(w http.ResponseWriter, r *http.Request) {
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
	// A client that went away needs no answer.
	_ = json.NewEncoder(w).Encode(v)
}
