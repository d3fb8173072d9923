// Package emulator is the part of EC2 and of Elastic Load Balancing that VPC Traffic
// Mirroring needs, as one http.Handler. It speaks the Query protocol to any client, keeps
// objects in a file, and refuses what AWS refuses. The version in a request says which of
// the two APIs it is for.
//
// It opens no port. It is not a mock, because it computes every answer. It mirrors no
// packets: package dataplane does. It shares no code with the EC2 client of the SDK,
// because then both would have the same mistakes.
//
// Where the documentation of EC2 says nothing, the code cites a numbered assumption
// (A0010) in docs/guides/assumptions.md.
//
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html
package emulator

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/sharedfile"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// Options are the settings of an Emulator. Only Path is required.
type Options struct {
	Path     string         // of the store; a missing file is created, with its folder
	Topology *topology.File // the objects that exist; loaded into a Region before its first write

	// AccessKey and SecretKey are set together. A request must then be signed with them.
	// Without them every request is accepted, signed or not.
	AccessKey, SecretKey string

	Quotas   mirror.Quotas // zero: mirror.DefaultQuotas()
	Variants Variants      // of behavior that EC2 does not document

	Throttle bool    // apply EC2's published token buckets
	Faults   []Fault // which requests fail on purpose
	Seed     uint64  // of the faults with a probability

	// RemoteControl opens the paths below /_emulator/ to other hosts.
	RemoteControl bool

	// Hosts are the names by which requests may call the host, other than localhost and IP
	// addresses. Nil: any name, for an Emulator that listens on no port.
	Hosts []string

	// WriteTimeout is how long a client may take to read a short answer; a long one gets
	// more time. Zero: 10 seconds.
	WriteTimeout time.Duration

	Log *slog.Logger // nil: silent

	// Now, NewID and RequestID replace the clock and the random numbers in tests. NewID
	// gets a prefix such as "tmf-".
	Now       func() time.Time
	NewID     func(prefix string) string
	RequestID func() string
}

func (o *Options) setDefaults() {
	if o.Quotas == (mirror.Quotas{}) {
		o.Quotas = mirror.DefaultQuotas()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.WriteTimeout == 0 {
		o.WriteTimeout = 10 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewID == nil {
		o.NewID = randomID
	}
	if o.RequestID == nil {
		o.RequestID = randomUUID
	}
}

// Emulator is an emulated EC2. Its methods may be called concurrently, and
// several Emulators, in several processes, may share one store.
type Emulator struct {
	options  Options
	store    *sharedfile.File
	verify   func(r *http.Request, payloadHash string) error
	topology atomic.Pointer[loadedTopology]
	throttle throttle
	calls    callCount
	faults   *faults
	history  history
	memory   *memory
	unmade   unmadeRegions
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
	o.setDefaults()
	e := &Emulator{
		options: o,
		store:   sharedfile.New(o.Path, storeFormat, storeWait),
		faults:  newFaults(o.Faults, o.Seed),
		memory:  newMemory(),
	}
	if o.AccessKey != "" {
		e.verify = query.NewVerifier(o.AccessKey, o.SecretKey, o.Now).Verify
	}
	if err := e.store.Create(); err != nil {
		return nil, err
	}
	if err := e.store.Check(context.Background()); err != nil {
		return nil, err
	}
	return e, e.setTopology(context.Background(), o.Topology)
}

// UnsignedIn returns a context for requests that are of another Region than us-east-1 if they are not
// signed.
func UnsignedIn(ctx context.Context, region string) context.Context {
	return query.UnsignedIn(ctx, region)
}

// ServeHTTP answers a request of the Query protocol, or of the paths below
// /_emulator/ that control the Emulator.
func (e *Emulator) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	w := timedWriter{out, e.options.WriteTimeout}
	w.extend(0)
	if strings.HasPrefix(r.URL.Path, controlPath) {
		control{e}.ServeHTTP(w, r)
		w.extend(0) // an answer without a body is sent now
		return
	}
	start, requestID := e.options.Now(), e.options.RequestID()
	req := &query.Request{API: query.EC2}
	err := e.options.checkCaller(r)
	if err == nil {
		req, err = query.Read(r, e.verify)
	}
	x := &query.Writer{}
	if err == nil {
		err = e.act(r.Context(), req, requestID, x)
	}
	log := e.options.Log.With("action", nameOf(req), "region", req.Region, "request_id", requestID)
	status := http.StatusOK
	if errors.Is(err, errCut) {
		log.DebugContext(r.Context(), "the emulated EC2 broke the connection because of a fault")
		panic(http.ErrAbortHandler)
	}
	if err != nil {
		refusal := req.API.ErrorOf(asAPIError(err))
		x.Refusal(req.API, refusal, requestID)
		status = refusal.Status
		log = log.With("code", refusal.Code, "message", refusal.Message)
	}
	log.DebugContext(r.Context(), "the emulated EC2 answered", "status", status, "duration", e.options.Now().Sub(start))

	defer e.memory.hold(x)()
	header := w.Header()
	header.Set("Content-Type", "text/xml;charset=UTF-8")
	header.Set("Cache-Control", "no-cache, no-store")
	header.Set("X-Amzn-RequestId", requestID)
	w.WriteHeader(status)
	// The client may be gone.
	_, _ = w.Write(x.Bytes())
}

// act carries out an action and writes its answer. A dry run ends after the parameters
// are checked, and before any object is looked up (A0010).
func (e *Emulator) act(ctx context.Context, req *query.Request, requestID string, x *query.Writer) error {
	a, known := actionOf(req)
	if !known {
		return req.API.UnknownAction(req.Action)
	}
	drawn, err := e.admit(ctx, req)
	if err != nil {
		return err
	}
	q := query.New(req.Action, req.Parameters)
	dryRun := req.API == query.EC2 && q.Bool("DryRun")
	operation := a.read(q)
	if err := q.Finish(); err != nil {
		return err
	}
	if dryRun {
		return query.Refuse("DryRunOperation", "Request would have succeeded, but DryRun flag is set.")
	}
	end, err := e.memory.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	return e.carryOut(ctx, req.Region, a.class.writes, drawn, func(t *tx) error {
		if err := refuseUnread(t, req); err != nil {
			return err
		}
		return x.Answer(req.API, req.Action, requestID, func() error { return operation(t, x) })
	})
}

// asAPIError returns the error that the client gets. A failure of the store has a status
// that no client retries: the next attempt would wait as long and fail again (A0011).
func asAPIError(err error) *query.Error {
	var refusal *query.Error
	if errors.As(err, &refusal) {
		return refusal
	}
	return &query.Error{Status: http.StatusBadRequest, Code: "EmulatorStoreFailure", Message: err.Error()}
}

// admit counts a request, and refuses it if a fault or the throttle says so.
func (e *Emulator) admit(ctx context.Context, req *query.Request) ([]Fault, error) {
	drawn := e.faults.draw(req)
	err := e.applyFaults(ctx, drawn)
	if err == nil && e.options.Throttle {
		err = e.throttle.take(req, e.options.Now())
	}
	e.calls.add(nameOf(req), errors.Is(err, errThrottled))
	return drawn, err
}

// carryOut runs f in a transaction. The faults decide what it sees, and whether the
// connection breaks afterwards.
func (e *Emulator) carryOut(ctx context.Context, region string, writes bool, drawn []Fault, f func(*tx) error) error {
	for _, fault := range drawn {
		if fault.Kind != FaultStale {
			continue
		}
		// A write first runs on the old objects: if it fails there, the request fails.
		err := e.asOf(ctx, region, fault.Duration, writes, f)
		if err != nil || !writes {
			return err
		}
	}
	err := e.transact(ctx, region, writes, f)
	if err == nil && slices.ContainsFunc(drawn, func(f Fault) bool { return f.Kind == FaultCutAfter }) {
		return errCut
	}
	return err
}
