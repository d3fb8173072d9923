package account

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/aws/smithy-go"
)

// balancingAnswers are what Elastic Load Balancing has answered in a run.
type balancingAnswers struct {
	flight flight

	mu      sync.Mutex
	kept    map[string]any        // by the action and what it was asked about
	refused map[string]error      // by the action, or by that and what it was asked about
	givenUp map[string]error      // the same, of calls whose answer may be unknown; by "": nothing answers
	waiting map[string][]*waiting // for the next call, by the action and what it is asked about
}

func newBalancingAnswers() *balancingAnswers {
	return &balancingAnswers{kept: map[string]any{}, refused: map[string]error{}, givenUp: map[string]error{}, waiting: map[string][]*waiting{}}
}

// A waiting read waits for a call that begins after it.
type waiting struct {
	isOver bool // it has an answer, or the reader has left
	answer any
	err    error
}

// ask makes a call. In a plan, it is made once for all that ask about the same. In an apply, and
// for an account of Live, it begins after this read.
func ask[T any](ctx context.Context, r balancingReader, action, about string, call func(context.Context, *balancing) (T, error)) (T, error) {
	var answer T
	switch {
	case r.balancing == nil:
		return answer, errNoBalancing
	case r.cache == nil || r.isPatient && !r.remembers():
		return patiently(ctx, r, func(ctx context.Context) (T, error) { return call(ctx, r.balancing) })
	}
	kept, key := r.cache.balancing, action+" "+about
	known := func() (any, bool, error) { return kept.answer(action, key, r.isPatient, r.remembers()) }
	made := func(ctx context.Context) (any, error) {
		if found, isKept, err := known(); isKept || err != nil {
			return found, err
		}
		made, err := patiently(ctx, r, func(ctx context.Context) (T, error) { return call(ctx, r.balancing) })
		refused := action
		if namesObject(err, about) {
			refused = key
		}
		kept.note(refused, err, r.isPatient)
		return made, err
	}
	found, isKept, err := known()
	switch {
	case isKept || err != nil:
	case r.remembers():
		found, err = kept.once(ctx, key, r.isPatient, made)
	default:
		found, err = kept.next(ctx, key, made)
	}
	if err == nil {
		answer, _ = found.(T)
	}
	return answer, err
}

// once makes a call for all reads that wait for it, whenever it has begun, and keeps its answer.
func (k *balancingAnswers) once(ctx context.Context, key string, isPatient bool, call func(context.Context) (any, error)) (any, error) {
	err := k.flight.do(ctx, fmt.Sprint(key, isPatient), func(ctx context.Context) error {
		answer, err := call(ctx)
		if err != nil {
			return err
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		k.kept[key] = answer
		return nil
	})
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.kept[key], err
}

// next makes a call for all reads that wait for it when it begins. A read that comes while it is
// made waits for the one after it.
func (k *balancingAnswers) next(ctx context.Context, key string, call func(context.Context) (any, error)) (any, error) {
	own := &waiting{}
	k.mu.Lock()
	k.waiting[key] = append(k.waiting[key], own)
	k.mu.Unlock()
	for {
		err := k.flight.do(ctx, "next "+key, func(ctx context.Context) error { return k.serve(ctx, key, call) })
		answer, isOver, refusal := k.take(own, err != nil)
		switch {
		case isOver:
			return answer, refusal
		case err != nil:
			return nil, err
		}
	}
}

// take returns the answer to a read, if there is one. leaves says that the reader does not wait
// any longer.
func (k *balancingAnswers) take(own *waiting, leaves bool) (answer any, isOver bool, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	answer, isOver, err = own.answer, own.isOver, own.err
	own.isOver = own.isOver || leaves
	return answer, isOver, err
}

// serve makes one call for the reads that wait.
func (k *balancingAnswers) serve(ctx context.Context, key string, call func(context.Context) (any, error)) error {
	k.mu.Lock()
	some := slices.DeleteFunc(k.waiting[key], func(w *waiting) bool { return w.isOver })
	delete(k.waiting, key)
	k.mu.Unlock()
	if len(some) == 0 {
		return nil
	}
	answer, err := call(ctx)
	k.mu.Lock()
	defer k.mu.Unlock()
	if ctx.Err() != nil { // all readers of this call have left, but others may have come
		k.waiting[key] = append(some, k.waiting[key]...)
		return ctx.Err()
	}
	for _, w := range some {
		w.isOver, w.answer, w.err = true, answer, err
	}
	return nil
}

// answer returns what was answered before. In an apply, that is only why an action is not called
// again.
func (k *balancingAnswers) answer(action, key string, isPatient, remembers bool) (found any, isKept bool, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if remembers {
		if found, isKept = k.kept[key]; isKept {
			return found, true, nil
		}
	}
	if err = k.refused[action]; remembers {
		err = cmp.Or(err, k.refused[key])
	}
	if err != nil || isPatient {
		return nil, false, err
	}
	if err = cmp.Or(k.givenUp[""], k.givenUp[action]); remembers {
		err = cmp.Or(err, k.givenUp[key])
	}
	return nil, false, err
}

// namesObject reports whether a refusal is about one object.
func namesObject(err error, arn string) bool {
	var refusal smithy.APIError
	return arn != "" && errors.As(err, &refusal) && strings.Contains(refusal.ErrorMessage(), arn)
}

// note keeps why a call is not made again: it is refused, or nothing answers. That an object is
// not there is not kept: it may come.
func (k *balancingAnswers) note(refused string, err error, isPatient bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case err == nil || errors.Is(err, context.Canceled) || hasCode(err, missingCodes...):
	case IsDenied(err):
		k.refused[refused] = err
	case !isPatient && !IsAnswered(err):
		k.givenUp[""] = err
	case !isPatient:
		k.givenUp[refused] = err
	}
}

// patiently makes a call, which ends when the patience of the reader ends.
func patiently[T any](ctx context.Context, r balancingReader, call func(context.Context) (T, error)) (T, error) {
	if r.isPatient {
		return call(ctx)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	unanswered := &UnansweredError{After: BalancingPatience}
	r.clock.AfterFunc(BalancingPatience, func() { cancel(unanswered) })
	answer, err := call(ctx)
	if err != nil && context.Cause(ctx) == unanswered { //nolint:errorlint // it is the value of this call
		err = unanswered
	}
	return answer, err
}
