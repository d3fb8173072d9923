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
	mu      sync.Mutex
	group   *singleflight.Group
	readers map[*reader]bool
	ctx     context.Context // of the call
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
	if len(f.readers) == 0 {
		f.group, f.readers = &singleflight.Group{}, map[*reader]bool{}
		f.ctx, f.cancel = context.WithCancel(EachTry(context.WithoutCancel(ctx), f.report))
	}
	f.readers[own] = true
	shared := f.ctx
	result := f.group.DoChan(key, func() (any, error) { return nil, call(shared) })
	f.mu.Unlock()
	defer f.leave(own)
	select {
	case r := <-result:
		return r.Err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (f *flight) leave(r *reader) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.readers, r)
	if len(f.readers) == 0 {
		f.cancel()
	}
}

// report reports a try to all readers.
func (f *flight) report(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for r := range f.readers {
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
