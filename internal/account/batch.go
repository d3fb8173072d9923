package account

import (
	"context"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// A batch asks for objects by their IDs. While it waits for one answer, the IDs of later
// reads gather, and the next request asks for all of them. So each request begins after the
// reads that it answers.
type batch struct {
	source *source
	flight flight

	mu      sync.Mutex
	waiting []*asked
}

// An asked ID is one that a reader waits for.
type asked struct {
	id     string
	isOver bool // it has an answer, or the reader has left
	found  *item
	err    error
}

// find asks for an object. It returns nil if EC2 does not show it.
func (b *batch) find(ctx context.Context, a *Account, id string) (*item, error) {
	own := &asked{id: id}
	b.mu.Lock()
	b.waiting = append(b.waiting, own)
	b.mu.Unlock()
	for {
		// The call that is made at this time may have begun before the read.
		err := a.await(ctx, &b.flight, "", func(ctx context.Context) error { return b.serve(ctx, a) })
		found, isOver, refusal := b.take(own, err != nil)
		switch {
		case isOver:
			return found, refusal
		case err != nil:
			return nil, err
		}
	}
}

// take returns the answer for an ID, if there is one. leaves says that the reader does not
// wait any longer.
func (b *batch) take(own *asked, leaves bool) (found *item, isOver bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	found, isOver, err = own.found, own.isOver, own.err
	own.isOver = own.isOver || leaves
	return found, isOver, err
}

// next takes the IDs for a request.
func (b *batch) next() []*asked {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting = slices.DeleteFunc(b.waiting, func(q *asked) bool { return q.isOver })
	n := min(len(b.waiting), maxValues)
	some := slices.Clone(b.waiting[:n])
	b.waiting = slices.Delete(b.waiting, 0, n)
	return some
}

// serve makes one request for the IDs that wait.
func (b *batch) serve(ctx context.Context, a *Account) error {
	some := b.next()
	ids := make([]string, len(some))
	for n, q := range some {
		ids[n] = q.id
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if len(ids) == 0 {
		return nil
	}
	found, err := a.askFor(ctx, b.source, ids, []func(*ec2.Options){reportsTries})
	if len(ids) > 1 && IsAnswered(err) && err != nil && !IsDenied(err) {
		found, err = b.serveEach(ctx, a, some, ids)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if ctx.Err() != nil { // all readers of this call have left, but others may have come
		b.waiting = append(some, b.waiting...)
		return ctx.Err()
	}
	for _, q := range some {
		if q.isOver {
			continue
		}
		q.isOver, q.err = true, err
		if i, ok := found[q.id]; ok {
			q.found = &i
		}
	}
	return nil
}

// serveEach asks for each ID alone: an endpoint may refuse what one of them is, or the
// filter.
func (b *batch) serveEach(ctx context.Context, a *Account, some []*asked, ids []string) (map[string]item, error) {
	all := map[string]item{}
	for _, id := range ids {
		found, err := a.askFor(ctx, b.source, []string{id}, []func(*ec2.Options){reportsTries})
		if !IsAnswered(err) {
			return nil, err
		}
		b.refuse(some, id, err)
		for id, i := range found {
			all[id] = i
		}
	}
	return all, nil
}

// refuse gives the readers of an ID an error.
func (b *batch) refuse(some []*asked, id string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, q := range some {
		if q.id == id && err != nil {
			q.isOver, q.err = true, err
		}
	}
}
