package emulator

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// FaultKind is a way in which a request can fail.
type FaultKind string

// The kinds of fault.
const (
	FaultThrottled   FaultKind = "RequestLimitExceeded"
	FaultInternal    FaultKind = "500"
	FaultUnavailable FaultKind = "503"
	FaultDenied      FaultKind = "UnauthorizedOperation" // no policy of the caller allows the action
	FaultLatency     FaultKind = "latency"               // the answer is delayed
	FaultCutBefore   FaultKind = "cut-before"            // the connection breaks before the request is carried out
	FaultCutAfter    FaultKind = "cut-after"             // the connection breaks after the request was carried out
	FaultStale       FaultKind = "stale"                 // the request does not see the latest writes
)

// FaultKinds lists every FaultKind.
var FaultKinds = []FaultKind{FaultThrottled, FaultInternal, FaultUnavailable, FaultDenied, FaultLatency, FaultCutBefore, FaultCutAfter, FaultStale}

// Fault says which requests fail, and how.
type Fault struct {
	Action      string // "*": every action
	Kind        FaultKind
	Duration    time.Duration // of FaultLatency and FaultStale
	Probability float64       // of each request, if Count is 0
	Count       int           // of requests that fail, beginning with the next one
}

// ParseFaults reads a list such as
// "CreateTags:500:n=3,*:latency=30ms,DescribeTags:stale=2s:p=0.5". A fault without p
// and n applies to every request.
func ParseFaults(text string) ([]Fault, error) {
	var faults []Fault
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		f, err := parseFault(part)
		if err != nil {
			return nil, fmt.Errorf("fault %q: %w", part, err)
		}
		faults = append(faults, f)
	}
	return faults, nil
}

func parseFault(text string) (Fault, error) {
	text, ofBalancing := strings.CutPrefix(text, balancingPrefix)
	parts := strings.Split(text, ":")
	if ofBalancing {
		parts[0] = balancingPrefix + parts[0]
	}
	if len(parts) < 2 || len(parts) > 3 {
		return Fault{}, errors.New("write ACTION:KIND, ACTION:KIND:p=0.2 or ACTION:KIND:n=3")
	}
	action, known := findAction(parts[0])
	f := Fault{Action: action, Probability: 1}
	if !known && f.Action != "*" {
		return Fault{}, fmt.Errorf("there is no action %q: write one such as CreateTrafficMirrorSession, or * for all", f.Action)
	}
	kind, duration, timed := strings.Cut(parts[1], "=")
	f.Kind = FaultKind(kind)
	if !slices.Contains(FaultKinds, f.Kind) {
		return Fault{}, fmt.Errorf("there is no kind %q: write one of %q", kind, FaultKinds)
	}
	if needs := f.Kind == FaultLatency || f.Kind == FaultStale; needs != timed {
		return Fault{}, errors.New("latency and stale take a duration, as in latency=30ms, and no other kind does")
	}
	if timed {
		d, err := time.ParseDuration(duration)
		if err != nil || d <= 0 {
			return Fault{}, fmt.Errorf("%q is not a duration such as 30ms or 2s", duration)
		}
		f.Duration = d
	}
	if len(parts) == 2 {
		return f, nil
	}
	err := f.parseOften(parts[2])
	return f, err
}

func (f *Fault) parseOften(text string) error {
	if digits, ok := strings.CutPrefix(text, "n="); ok {
		n, err := strconv.Atoi(digits)
		if err != nil || n < 1 {
			return fmt.Errorf("%q is not a number of requests such as n=3", text)
		}
		f.Count = n
		return nil
	}
	digits, ok := strings.CutPrefix(text, "p=")
	p, err := strconv.ParseFloat(digits, 64)
	if !ok || err != nil || !(p > 0 && p <= 1) {
		return fmt.Errorf("%q is neither a probability such as p=0.2 nor a number of requests such as n=3", text)
	}
	f.Probability = p
	return nil
}

// String returns what ParseFaults reads.
func (f Fault) String() string {
	text := f.Action + ":" + string(f.Kind)
	if f.Duration > 0 {
		text += "=" + f.Duration.String()
	}
	switch {
	case f.Count > 0:
		text += fmt.Sprintf(":n=%d", f.Count)
	case f.Probability < 1:
		text += fmt.Sprintf(":p=%g", f.Probability)
	}
	return text
}

// faults decides which requests fail. For the same requests in the same order it
// decides the same.
type faults struct {
	mu      sync.Mutex
	random  *rand.Rand
	list    []Fault
	longest time.Duration // of the stale faults, including those whose count is used up
}

func newFaults(list []Fault, seed uint64) *faults {
	f := &faults{random: rand.New(rand.NewPCG(seed, 0))}
	f.set(list)
	return f
}

func (f *faults) set(list []Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list, f.longest = slices.Clone(list), 0
	for _, fault := range list {
		if fault.Kind == FaultStale {
			f.longest = max(f.longest, fault.Duration)
		}
	}
}

func (f *faults) get() []Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.list)
}

// draw returns the faults of a request. A fault with a count is removed after its last
// request.
func (f *faults) draw(req *query.Request) []Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	var drawn, left []Fault
	for _, fault := range f.list {
		happens := fault.concerns(req) && f.happens(fault)
		last := happens && fault.Count == 1
		if happens {
			drawn = append(drawn, fault)
			fault.Count = max(fault.Count-1, 0)
		}
		if !last {
			left = append(left, fault)
		}
	}
	f.list = left
	return drawn
}

// concerns reports whether the fault is about a request. A create with tags needs the
// permission for CreateTags or AddTags too
// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html,
// https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/tagging-resources-during-creation.html).
func (f Fault) concerns(req *query.Request) bool {
	return f.Action == "*" || f.Action == nameOf(req) ||
		f.Kind == FaultDenied && (f.Action == "CreateTags" && hasBelow(req, "TagSpecification.") ||
			f.Action == "AddTags" && hasBelow(req, "Tags.member."))
}

func hasBelow(req *query.Request, prefix string) bool {
	for name := range req.Parameters {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

func (f *faults) happens(fault Fault) bool {
	return fault.Count > 0 || f.random.Float64() < fault.Probability
}

// reach returns how old the values are that a stale read can need.
func (f *faults) reach() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.longest
}

// injected is the error of each kind of fault that has one.
var injected = map[FaultKind]error{
	FaultThrottled:   errThrottled,
	FaultCutBefore:   errCut,
	FaultInternal:    &query.Error{Status: http.StatusInternalServerError, Code: "InternalError", Message: "An internal error has occurred"},
	FaultUnavailable: &query.Error{Status: http.StatusServiceUnavailable, Code: "Unavailable", Message: "The server is overloaded and can't handle the request"},
	FaultDenied:      query.Refuse("UnauthorizedOperation", "You are not authorized to perform this operation."),
}

// errCut makes the handler break the connection instead of answering.
var errCut = errors.New("the connection breaks")

// applyFaults delays a request, and returns the error of a fault that keeps it from being
// carried out.
func (e *Emulator) applyFaults(ctx context.Context, drawn []Fault) error {
	var delay time.Duration
	for _, fault := range drawn {
		if fault.Kind == FaultLatency {
			delay += fault.Duration
		}
	}
	if err := pause(ctx, delay); err != nil {
		return err
	}
	for _, fault := range drawn {
		if err := injected[fault.Kind]; err != nil {
			return err
		}
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
