// Package emulator is an EC2 for VPC Traffic Mirroring in one http.Handler: it
// speaks the EC2 Query protocol to any client, keeps what the client creates in
// a file, and refuses what EC2 refuses.
//
// It is not a server (nothing listens until somebody mounts the handler), not a
// mock (no answer is canned) and not a network: what becomes of a packet is the
// business of package dataplane. It shares no code with the SDK's EC2 client, so
// that it cannot agree with the client's mistakes.
//
// Where the documentation of EC2 is silent, the code cites a numbered assumption
// (A0010) of docs/guides/assumptions.md.
//
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html
package emulator

import (
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// Options say where an Emulator keeps its state and how it behaves. Only Path is
// required.
type Options struct {
	Path     string         // of the store; the file and its folder are created when they are missing
	Topology *topology.File // what exists; loaded before the first request of a Region; nil: nothing

	// AccessKey and SecretKey, set together, are the only credentials whose
	// signatures are accepted. Without them every request is, signed or not.
	AccessKey, SecretKey string

	Quotas mirror.Quotas // zero: mirror.DefaultQuotas()
	Log    *slog.Logger  // nil: silent

	// Now, NewID and RequestID replace the clock and the random numbers, so that
	// output is stable. NewID gets a prefix such as "tmf-".
	Now       func() time.Time
	NewID     func(prefix string) string
	RequestID func() string
}

// Emulator is an emulated EC2. Its methods may be called concurrently, and
// several Emulators, in several processes, may share one store.
type Emulator struct {
	options Options
}

// New returns an Emulator. It fails if the file at Path is not a store, is
// damaged or was written by a newer version, and leaves such a file as it is.
func New(o Options) (*Emulator, error) {
	switch {
	case o.Path == "":
		return nil, errors.New("the emulator needs the path of a file to keep its state in")
	case (o.AccessKey == "") != (o.SecretKey == ""):
		return nil, errors.New("the emulator needs an access key and a secret key together, or neither")
	}
	return &Emulator{options: o}, nil
}

// ServeHTTP answers one request of the EC2 Query protocol.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	http.Error(w, "not built yet", http.StatusNotImplemented)
}
