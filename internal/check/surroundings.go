package check

import (
	"context"
	"sync"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// An objectCache has what EC2 answered about objects that are read one by one. Objects that
// are read at the same time with the same ID need one request.
type objectCache[V any] struct {
	mu  sync.Mutex
	all map[string]*cachedObject[V]
}

type cachedObject[V any] struct {
	sync.Mutex
	isKnown bool
	value   V
	missing error // EC2 has no such object
}

// get returns the answer about an object. An error other than that the object does not exist
// is not cached.
func (a *objectCache[V]) get(ctx context.Context, id string, read func(context.Context, string) (V, error)) (V, error) {
	a.mu.Lock()
	if a.all == nil {
		a.all = map[string]*cachedObject[V]{}
	}
	if a.all[id] == nil {
		a.all[id] = &cachedObject[V]{}
	}
	own := a.all[id]
	a.mu.Unlock()
	own.Lock()
	defer own.Unlock()
	if own.isKnown {
		return own.value, own.missing
	}
	value, err := read(ctx, id)
	if ctx.Err() == nil && (err == nil || account.IsNotFound(err)) {
		own.isKnown, own.value, own.missing = true, value, err
	}
	return value, err
}

// networkInterface returns a network interface. Another run may have created it a moment ago.
func (s *snapshot) networkInterface(ctx context.Context, id string) (mirror.Interface, error) {
	return s.interfaces.get(ctx, id, func(ctx context.Context, id string) (i mirror.Interface, err error) {
		err = s.account.RetryFor(ctx, patience, account.IsNotFound, func() (err error) {
			i, err = s.account.Interface(ctx, id)
			return err
		})
		return i, err
	})
}

// instance returns an instance.
func (s *snapshot) instance(ctx context.Context, id string) (account.Instance, error) {
	return s.instances.get(ctx, id, s.account.Instance)
}
