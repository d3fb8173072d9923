package emulator

import (
	"context"

	"go.etcd.io/bbolt"
)

// RegionContent counts the objects that a Region has in the store. A topology gives each Region
// its interfaces, so they alone do not show that somebody uses the Region.
type RegionContent struct {
	Region                     string
	Sessions, Filters, Targets int
	Interfaces                 int
}

// IsUsed reports whether the Region has objects of Traffic Mirroring.
func (c RegionContent) IsUsed() bool { return c.Sessions+c.Filters+c.Targets > 0 }

// RegionContents counts the objects of each Region that is in the store, by name. Topology files that
// the store does not have yet do not count.
func RegionContents(ctx context.Context, e *Emulator) (all []RegionContent, err error) {
	err = e.store.View(ctx, func(b *bbolt.Tx) error {
		for _, region := range regionsOf(b) {
			root := b.Bucket(regionBucket(region))
			all = append(all, RegionContent{
				Region: region, Sessions: keysIn(root, sessions.name()), Filters: keysIn(root, filters.name()), Targets: keysIn(root, targets.name()),
				Interfaces: keysIn(root, interfaces.name()),
			})
		}
		return nil
	})
	return all, err
}

func keysIn(root *bbolt.Bucket, name string) int {
	found := root.Bucket([]byte(name))
	if found == nil { // an older file
		return 0
	}
	return found.Stats().KeyN
}
