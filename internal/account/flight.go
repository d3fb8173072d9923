package account

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"golang.org/x/sync/singleflight"
)

// A flight makes a call once for all readers that wait for it at the same time. The call has
// a context of its own, which has the values of that of the first reader. It ends when the
// last reader has left, so that the end of one reader's context fails no other reader. A Watch
// of an account watches the waiting of a reader, and not the call.
type flight struct {
	mu     sync.Mutex
	latest *readerGroup // nil: nobody has read yet
}

// A readerGroup has the readers that wait at the same time. When all have left, its calls end, and
// the next reader makes another group.
type readerGroup struct {
	calls   singleflight.Group
	readers map[*reader]bool
	ctx     context.Context // of the calls
	cancel  context.CancelFunc
}

// A reader waits for a call.
type reader struct{ report func(error) } // of each try; nil: nobody asks

// do waits until call has ended, if one with the same key is not being made already, and
// makes it otherwise.
func (f *flight) do(ctx context.Context, key string, call func(context.Context) error) error {
	own := &reader{}
	own.report, _ = ctx.Value(tryKey{}).(func(error))
	f.mu.Lock()
	if f.latest == nil || len(f.latest.readers) == 0 {
		f.latest = f.newGroup(ctx)
	}
	g := f.latest
	g.readers[own] = true
	result := g.calls.DoChan(key, func() (any, error) { return nil, call(g.ctx) })
	f.mu.Unlock()
	defer f.leave(g, own)
	select {
	case r := <-result:
		return r.Err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (f *flight) newGroup(ctx context.Context) *readerGroup {
	g := &readerGroup{readers: map[*reader]bool{}}
	g.ctx, g.cancel = context.WithCancel(EachTry(context.WithoutCancel(ctx), func(err error) { f.report(g, err) }))
	return g
}

func (f *flight) leave(g *readerGroup, r *reader) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(g.readers, r)
	if len(g.readers) == 0 {
		g.cancel()
	}
}

// report reports a try to all readers of a group.
func (f *flight) report(g *readerGroup, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for r := range g.readers {
		if r.report != nil {
			r.report(err)
		}
	}
}

// await waits for a call that readers share. Each Watch of the account watches it.
func (a *Account) await(ctx context.Context, f *flight, key string, call func(context.Context) error) error {
	wait := func(ctx context.Context) error { return f.do(ctx, key, call) }
	for _, watch := range a.watches {
		watched := wait
		wait = func(ctx context.Context) error { return watch(ctx, watched) }
	}
	return wait(ctx)
}

// reportsTries is an option of the calls that readers share.
func reportsTries(o *ec2.Options) { o.APIOptions = append(o.APIOptions, ReportTries) }
