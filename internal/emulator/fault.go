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

// FaultKind is something that can go wrong with a request.
type FaultKind string

// The kinds of fault.
const (
	FaultThrottled   FaultKind = "RequestLimitExceeded"
	FaultInternal    FaultKind = "500"
	FaultUnavailable FaultKind = "503"
	FaultLatency     FaultKind = "latency"    // the answer comes later
	FaultCutBefore   FaultKind = "cut-before" // the connection breaks, and nothing was done
	FaultCutAfter    FaultKind = "cut-after"  // the connection breaks, and the request was carried out
	FaultStale       FaultKind = "stale"      // the request does not see what was written lately
)

// FaultKinds lists every FaultKind.
var FaultKinds = []FaultKind{FaultThrottled, FaultInternal, FaultUnavailable, FaultLatency, FaultCutBefore, FaultCutAfter, FaultStale}

// Fault says which requests go wrong, and how.
type Fault struct {
	Action      string // "*": every action
	Kind        FaultKind
	Duration    time.Duration // of FaultLatency and FaultStale
	Probability float64       // of each request, if Count is 0
	Count       int           // of requests, from the next one on
}

// ParseFaults reads a list such as
// "CreateTags:500:n=3,*:latency=30ms,DescribeTags:stale=2s:p=0.5". A fault without
// p and n happens to every request.
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
	parts := strings.Split(text, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return Fault{}, errors.New("write ACTION:KIND, ACTION:KIND:p=0.2 or ACTION:KIND:n=3")
	}
	f := Fault{Action: parts[0], Probability: 1}
	if _, known := actions[f.Action]; !known && f.Action != "*" {
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

// faults decides which request goes wrong. Requests that come in the same order
// meet the same faults.
type faults struct {
	mu     sync.Mutex
	random *rand.Rand
	list   []Fault
	past   time.Duration // that a stale read may look back, the last of them included
}

func newFaults(list []Fault, seed uint64) *faults {
	f := &faults{random: rand.New(rand.NewPCG(seed, 0))}
	f.set(list)
	return f
}

func (f *faults) set(list []Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list, f.past = slices.Clone(list), 0
	for _, fault := range list {
		if fault.Kind == FaultStale {
			f.past = max(f.past, fault.Duration)
		}
	}
}

func (f *faults) get() []Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.list)
}

// draw returns the faults that a request of the action meets. One that is counted
// is gone after its last time.
func (f *faults) draw(action string) []Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	var met, left []Fault
	for _, fault := range f.list {
		if (fault.Action == "*" || fault.Action == action) && f.happens(fault) {
			met = append(met, fault)
			if fault.Count--; fault.Count == 0 {
				continue
			}
			fault.Count = max(fault.Count, 0)
		}
		left = append(left, fault)
	}
	f.list = left
	return met
}

func (f *faults) happens(fault Fault) bool {
	return fault.Count > 0 || f.random.Float64() < fault.Probability
}

// lookBack returns how far back a stale read may have to look.
func (f *faults) lookBack() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.past
}

// injected are the errors that faults answer with.
var injected = map[FaultKind]error{
	FaultThrottled:   errThrottled,
	FaultCutBefore:   errCut,
	FaultInternal:    &query.Error{http.StatusInternalServerError, "InternalError", "An internal error has occurred"},
	FaultUnavailable: &query.Error{http.StatusServiceUnavailable, "Unavailable", "The server is overloaded and can't handle the request"},
}

// errCut is answered by breaking the connection.
var errCut = errors.New("the connection breaks")

// strike carries out the faults that come before the request.
func (e *Emulator) strike(ctx context.Context, met []Fault) error {
	for _, fault := range met {
		if fault.Kind == FaultLatency {
			if err := pause(ctx, fault.Duration); err != nil {
				return err
			}
		}
	}
	for _, fault := range met {
		if err := injected[fault.Kind]; err != nil {
			return err
		}
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
