package check

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
)

// How long the checks of a run wait together while EC2 answers none of them. The SDK repeats
// a throttled request after up to 20 seconds, and a request that would be throttled waits
// before it is made. So a throttled account gets longer.
const (
	answerPatience = 10 * time.Second
	throttleFactor = 3
)

// A watchdog makes the calls of all checks. When EC2 has not answered for a while, it ends the
// calls that wait, and makes no more. An answer begins the time anew, so that an EC2 that is
// slow but answers is always waited for. A plan without its checks is better than none: the
// apply reports what they would have found.
type watchdog struct {
	clock    account.Clock
	patience time.Duration

	mu      sync.Mutex
	calls   map[*watchedCall]bool // that wait for an answer
	begun   time.Time             // of the present wait, if there are calls
	waited  time.Duration         // without an answer, before begun
	limit   time.Duration
	isTimed bool  // a timer runs
	last    error // of the last try without an answer
	gaveUp  error // not nil: no more calls

	failure    error // of a check that was not made; nil: none
	isReported bool  // a warning reports it
}

type watchedCall struct{ cancel context.CancelCauseFunc }

func newWatchdog(clock account.Clock, patience time.Duration) *watchdog {
	if clock == nil {
		clock = account.SystemClock{}
	}
	if patience == 0 {
		patience = answerPatience
	}
	return &watchdog{clock: clock, patience: patience, limit: patience, calls: map[*watchedCall]bool{}}
}

// watch is the account.Watch of the checks.
func (w *watchdog) watch(ctx context.Context, call func(context.Context) error) error {
	cancellable, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	own := &watchedCall{cancel}
	err := w.begin(own)
	if err == nil {
		err = call(account.EachTry(cancellable, w.noteTry))
		w.end(own)
	}
	if gaveUp := context.Cause(cancellable); err != nil && ctx.Err() == nil && gaveUp != nil {
		err = gaveUp
	}
	if ctx.Err() == nil && ctx.Value(ownReportKey{}) == nil {
		w.note(err)
	}
	return err
}

type ownReportKey struct{}

// withOwnReport returns a context for calls whose caller reports their failure.
func withOwnReport(ctx context.Context) context.Context {
	return context.WithValue(ctx, ownReportKey{}, true)
}

func (w *watchdog) begin(call *watchedCall) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.gaveUp != nil {
		return w.gaveUp
	}
	if len(w.calls) == 0 {
		w.begun = w.clock.Now()
	}
	w.calls[call] = true
	w.setTimer()
	return nil
}

func (w *watchdog) end(call *watchedCall) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.calls, call)
	if len(w.calls) == 0 {
		w.waited += w.clock.Now().Sub(w.begun)
	}
}

// noteTry takes the result of a try.
func (w *watchdog) noteTry(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.gaveUp != nil || errors.Is(err, context.Canceled):
	case errors.Is(err, account.ErrPaced):
		w.limit = throttleFactor * w.patience
	case account.IsAnswered(err):
		w.begun, w.waited, w.last = w.clock.Now(), 0, nil
	default:
		w.last = err
		if account.IsThrottled(err) {
			w.limit = throttleFactor * w.patience
		}
	}
}

// setTimer sets a timer for the moment at which the patience ends, if no answer comes.
func (w *watchdog) setTimer() {
	if w.isTimed {
		return
	}
	w.isTimed = true
	w.clock.AfterFunc(w.limit-w.waited-w.clock.Now().Sub(w.begun), w.expire)
}

// expire gives up if the patience has ended.
func (w *watchdog) expire() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.isTimed = false
	switch {
	case len(w.calls) == 0 || w.gaveUp != nil:
		return
	case w.waited+w.clock.Now().Sub(w.begun) < w.limit:
		w.setTimer()
		return
	}
	w.gaveUp = &account.UnansweredError{After: w.limit, Last: w.last}
	for call := range w.calls {
		call.cancel(w.gaveUp)
	}
}

// note remembers the error of a check that was not made. Without a permission to read, a
// check is left out, which the documentation says.
func (w *watchdog) note(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil && w.failure == nil && !account.IsNotFound(err) && !account.IsDenied(err) {
		w.failure = err
	}
}

// unmade are the checks that take an answer of EC2.
const unmade = "  - whether targets and network interfaces exist and can be used\n" +
	"  - whether a number, a network interface or a load balancer is in use already\n" +
	"  - quotas together with existing sessions\n" +
	"  - which sessions use an object that is replaced or moved"

// Unanswered returns a warning, once in a run, if EC2 could not be asked for a check.
func (p *Plan) Unanswered() []Finding {
	w := p.watchdog
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failure == nil || w.isReported {
		return nil
	}
	w.isReported = true
	return []Finding{{Severity: Warning, Summary: "EC2 could not be asked", Detail: fmt.Sprintf(
		"%s\n\nSo the plan left out checks in %s, for this object or for all:\n\n%s\n\nThe apply reports what these checks would have found, if it reaches EC2.\n\n"+
			"Check endpoints in the provider block, the network and the credentials, and plan again.", account.Explain(w.failure), p.account.Region, unmade)}}
}
