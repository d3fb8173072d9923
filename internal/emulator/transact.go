package emulator

import (
	"context"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/sharedfile"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

var (
	accountKey  = []byte("account")
	topologyKey = []byte("topology") // in the bucket of a Region: the hash of what was loaded
)

func regionBucket(region string) []byte { return []byte("region:" + region) }

// errUnprepared ends a read that needs the Region to be prepared, which only a write
// can do.
var errUnprepared = errors.New("the Region is not prepared")

// transact runs f in a transaction on the objects of a Region. What it wrote is seen by
// each request that follows (A0069). The first write prepares the Region: it makes the
// buckets and loads the topology.
func (e *Emulator) transact(ctx context.Context, region string, writes bool, f func(*tx) error) error {
	err := e.attempt(ctx, region, writes, f)
	if !errors.Is(err, errUnprepared) {
		return err
	}
	if err := e.attempt(ctx, region, true, func(*tx) error { return nil }); err != nil {
		return err
	}
	return e.attempt(ctx, region, writes, f)
}

func (e *Emulator) attempt(ctx context.Context, region string, writes bool, f func(*tx) error) error {
	loading := e.topology.Load()
	if !writes {
		return e.store.View(ctx, func(b *bbolt.Tx) error {
			if b.Bucket(regionBucket(region)) == nil {
				return readUnmade(e, b, region, loading, f)
			}
			if loading.mustPrepare(b, region) {
				return errUnprepared
			}
			return e.on(b, region, nil, f)
		})
	}
	var undo *[]written
	if e.faults.reach() > 0 {
		undo = new([]written)
	}
	var isNew bool
	var stamps map[string]string
	err := e.store.Update(ctx, func(b *bbolt.Tx) error {
		isNew = b.Bucket(regionBucket(region)) == nil
		if loading.mustPrepare(b, region) {
			if err := e.prepare(b, region, loading); err != nil {
				return err
			}
			stamps = loading.stampsIn(b.Bucket(regionBucket(region)))
		}
		return e.on(b, region, undo, f)
	})
	if err != nil {
		return err
	}
	loading.setLoaded(region, stamps)
	if isNew { // also after the store was removed
		e.history.forget(region)
	}
	e.history.add(region, e.options.Now(), e.faults.reach(), undo)
	return nil
}

// on runs f on a Region that is in the store, and whose buckets exist.
func (e *Emulator) on(b *bbolt.Tx, region string, undo *[]written, f func(*tx) error) error {
	t := newTx(e, storedBuckets{b.Bucket(regionBucket(region))}, region, string(sharedfile.Meta(b).Get(accountKey)))
	t.undo = undo
	return runTx(e, t, f)
}

func newTx(e *Emulator, root buckets, region, account string) *tx {
	return &tx{
		root:     root,
		region:   region,
		account:  account,
		now:      e.options.Now(),
		quotas:   e.options.Quotas,
		variants: e.options.Variants,
		newID:    e.options.NewID,
		draw:     draw,
	}
}

func runTx(e *Emulator, t *tx, f func(*tx) error) error {
	if err := f(t); err != nil {
		return err
	}
	if t.err != nil {
		return e.store.Explain(t.err)
	}
	return nil
}

func (l *loadedTopology) mustPrepare(b *bbolt.Tx, region string) bool {
	root := b.Bucket(regionBucket(region))
	return root == nil || lacksBucket(storedBuckets{root}) || isOld(b) || len(l.news(region, root)) > 0
}

// prepare upgrades the store, makes the buckets that the Region lacks, and loads the
// topology.
func (e *Emulator) prepare(b *bbolt.Tx, region string, l *loadedTopology) error {
	if isOld(b) {
		if err := upgrade(e, b); err != nil {
			return err
		}
	}
	owner, err := storeOwner(e, b, l)
	if err != nil {
		return err
	}
	if err := sharedfile.Meta(b).Put(accountKey, []byte(owner)); err != nil {
		return err
	}
	root, err := b.CreateBucketIfNotExists(regionBucket(region))
	if err != nil {
		return err
	}
	if err := e.on(b, region, nil, (*tx).makeBuckets); err != nil {
		return err
	}
	for _, l := range l.news(region, root) {
		if err := l.stamp(root); err != nil {
			return err
		}
		if err := e.on(b, region, nil, func(t *tx) error { load(t, l.file); return nil }); err != nil {
			return err
		}
	}
	return nil
}

// setTopology loads a topology into each Region before its next request. It refuses the
// topology of another account: the objects in the store would then belong to somebody
// else.
func (e *Emulator) setTopology(ctx context.Context, f *topology.File) error {
	return changeTopology(ctx, e, f, func(context.Context, *Emulator, *loadedTopology) error { return nil })
}

// replaceTopology is setTopology that loads at once, so that it can refuse a topology that
// contradicts what the store has.
func replaceTopology(ctx context.Context, e *Emulator, f *topology.File) error {
	return changeTopology(ctx, e, f, loadEverywhere)
}

func changeTopology(ctx context.Context, e *Emulator, f *topology.File, loads func(context.Context, *Emulator, *loadedTopology) error) error {
	for {
		before := e.topology.Load()
		l := newLoadedTopology(before, f)
		if before != nil && before.hash == l.hash {
			return nil // loading the same again changes nothing
		}
		if err := checkAccount(ctx, e, l); err != nil {
			return err
		}
		if err := loads(ctx, e, l); err != nil {
			return err
		}
		if e.topology.CompareAndSwap(before, l) {
			return nil
		}
	}
}

// loadEverywhere loads a topology into the Regions of the store, or into none of them. It tries
// the Regions that the topology names and the store does not have.
func loadEverywhere(ctx context.Context, e *Emulator, l *loadedTopology) error {
	err := e.store.View(ctx, func(b *bbolt.Tx) error {
		for _, region := range l.regionsNamed() {
			if b.Bucket(regionBucket(region)) != nil {
				continue
			}
			if err := readUnmade(e, b, region, l, func(*tx) error { return nil }); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	stamps := map[string]map[string]string{}
	err = e.store.Update(ctx, func(b *bbolt.Tx) error {
		for _, region := range regionsOf(b) {
			if err := e.prepare(b, region, l); err != nil {
				return err
			}
			stamps[region] = l.stampsIn(b.Bucket(regionBucket(region)))
		}
		return nil
	})
	if err != nil {
		return err
	}
	for region, in := range stamps {
		l.setLoaded(region, in)
		e.history.add(region, e.options.Now(), e.faults.reach(), nil)
	}
	return nil
}

func checkAccount(ctx context.Context, e *Emulator, l *loadedTopology) error {
	if l.file == nil {
		return nil
	}
	return e.store.View(ctx, func(b *bbolt.Tx) error {
		owner := string(sharedfile.Meta(b).Get(accountKey))
		if owner == "" && l.before != nil && l.before.file != nil {
			owner = l.before.account() // as soon as there is a write
		}
		if owner == "" || owner == l.account() {
			return nil
		}
		return otherAccount(e, owner, l)
	})
}

func otherAccount(e *Emulator, owner string, l *loadedTopology) error {
	return e.store.Explain(fmt.Errorf("it belongs to account %s, and the topology describes account %s: choose another path", owner, l.account()))
}

// Owner returns the account to which what is in the store of an Emulator belongs, or "" if
// there was no write yet.
func Owner(ctx context.Context, e *Emulator) (owner string, err error) {
	err = e.store.View(ctx, func(b *bbolt.Tx) error {
		owner = string(sharedfile.Meta(b).Get(accountKey))
		return nil
	})
	return owner, err
}

// account returns the account of the topology.
func (l *loadedTopology) account() string {
	if l.file == nil || l.file.AccountID == "" {
		return topology.DefaultAccountID
	}
	return l.file.AccountID
}
