package emulator

import (
	"sync"

	"go.etcd.io/bbolt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/sharedfile"
)

// A read makes no Region: a program that looks into every Region would fill the store. A
// read of a Region that is not in the store sees the objects of the topology, which are
// kept in memory. The first write stores them.

// unmadeRegions has the objects of Regions that are not in the store. Nothing changes them.
type unmadeRegions struct {
	mu   sync.Mutex
	made map[unmadeRegion]memoryBuckets
}

// unmadeRegion is what the objects of a Region depend on.
type unmadeRegion struct {
	name, account string
	topology      *loadedTopology
}

// maxUnmadeRegions limits the memory for Regions of which a client makes up the names.
const maxUnmadeRegions = 8

// readUnmade runs f on a Region that is not in the store.
func readUnmade(e *Emulator, b *bbolt.Tx, region string, l *loadedTopology, f func(*tx) error) error {
	owner, err := storeOwner(e, b, l)
	if err != nil {
		return err
	}
	objects, err := e.unmade.get(unmadeRegion{region, owner, l}, func(into memoryBuckets) error {
		t := newTx(e, into, region, owner)
		return runTx(e, t, func(t *tx) error {
			if err := t.makeBuckets(); err != nil {
				return err
			}
			for _, l := range l.chain() {
				load(t, l.file)
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	return runTx(e, newTx(e, objects, region, owner), f)
}

func (u *unmadeRegions) get(key unmadeRegion, fill func(memoryBuckets) error) (memoryBuckets, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if objects, ok := u.made[key]; ok {
		return objects, nil
	}
	objects := memoryBuckets{}
	if err := fill(objects); err != nil {
		return nil, err
	}
	if u.made == nil || len(u.made) >= maxUnmadeRegions {
		u.made = map[unmadeRegion]memoryBuckets{}
	}
	u.made[key] = objects
	return objects, nil
}

// storeOwner returns the account of the store: that of the topology until the first write. It
// refuses a store of another account than the topology's, which can have taken the place
// of the one with which the Emulator began.
func storeOwner(e *Emulator, b *bbolt.Tx, l *loadedTopology) (string, error) {
	owner := string(sharedfile.Meta(b).Get(accountKey))
	if owner == "" {
		return l.account(), nil
	}
	if l.file != nil && l.account() != owner {
		return "", otherAccount(e, owner, l)
	}
	return owner, nil
}
