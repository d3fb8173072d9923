package emulator

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/caller"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// controlPath is the prefix of the paths by which a test reads the call counts, changes
// the faults and the topology, and empties the store. They speak JSON, and are not part of EC2.
const controlPath = "/_emulator/"

// The largest bodies that are accepted, in bytes.
const (
	maxFaults   = 1 << 20
	maxTopology = 64 << 20
)

// control answers the paths below controlPath.
type control struct{ *Emulator }

// healthPath answers requests from other hosts too, because the health of a container is
// asked for from outside of it. The name in the request must be allowed.
const healthPath = "health"

func (e control) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, controlPath)
	if err := e.options.checkCaller(r); err != nil {
		http.Error(w, asAPIError(err).Message, http.StatusForbidden)
		return
	}
	if path != healthPath && !e.options.RemoteControl && !caller.IsLocal(r) {
		http.Error(w, "the paths below "+controlPath+" are only for requests from this host that name it localhost or by a loopback address; --remote-control opens them", http.StatusForbidden)
		return
	}
	handlers := map[string]http.HandlerFunc{
		"GET health":    e.getHealth,
		"HEAD health":   e.getHealth,
		"POST reset":    e.postReset,
		"GET calls":     e.getCalls,
		"DELETE calls":  func(http.ResponseWriter, *http.Request) { e.calls.reset() },
		"GET faults":    e.getFaults,
		"PUT faults":    e.putFaults,
		"DELETE faults": func(http.ResponseWriter, *http.Request) { e.faults.set(nil) },
		"GET topology":  e.getTopology,
		"PUT topology":  e.putTopology,

		"PUT " + targetHealthPath: e.putTargetHealth,
	}
	handler, known := handlers[r.Method+" "+path]
	if !known {
		http.Error(w, "GET health, POST reset, PUT target-health, or GET, PUT or DELETE calls, faults or topology below "+controlPath, http.StatusNotFound)
		return
	}
	handler(w, r)
}

// getHealth answers whether the store can be read.
func (e control) getHealth(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if err := health(r.Context(), e.store); err != nil {
		writeJSON(w, http.StatusServiceUnavailable, map[string]string{"status": "unavailable", "reason": err.Error()})
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

// postReset empties the store, which is then as its topology says.
func (e control) postReset(w http.ResponseWriter, r *http.Request) {
	if err := reset(r.Context(), e.store); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// Calls returns how often each action was requested.
func (e *Emulator) Calls() map[string]Calls { return e.calls.read() }

// SetFaults replaces the faults.
func (e *Emulator) SetFaults(faults []Fault) { e.faults.set(faults) }

func (e control) getCalls(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, e.Calls())
}

func (e control) getFaults(w http.ResponseWriter, _ *http.Request) {
	var list []string
	for _, f := range e.faults.get() {
		list = append(list, f.String())
	}
	writeJSON(w, http.StatusOK, map[string]string{"faults": strings.Join(list, ",")})
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
	writeJSON(w, http.StatusOK, file)
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
		err = replaceTopology(r.Context(), e.Emulator, file)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// The client may be gone.
	_ = json.NewEncoder(w).Encode(v)
}
