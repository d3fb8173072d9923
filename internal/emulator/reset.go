package emulator

import (
	"bytes"
	"context"

	"go.etcd.io/bbolt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/sharedfile"
)

// reset removes everything from the store, in all Regions, in one transaction. Each
// Emulator on the store then loads its topology anew, before the next request to a
// Region sees it. Call counts, faults and token buckets are not in the store, and stay.
func reset(ctx context.Context, store *sharedfile.File) error {
	return store.Update(ctx, func(b *bbolt.Tx) error {
		var regions [][]byte
		err := b.ForEach(func(name []byte, _ *bbolt.Bucket) error {
			if bytes.HasPrefix(name, regionBucket("")) {
				regions = append(regions, bytes.Clone(name))
			}
			return nil
		})
		for _, name := range regions {
			if err == nil {
				err = b.DeleteBucket(name)
			}
		}
		if err != nil {
			return err
		}
		return sharedfile.Meta(b).Delete(accountKey) // the topology says it
	})
}

// health returns why the store cannot be read, or nil.
func health(ctx context.Context, store *sharedfile.File) error {
	return store.View(ctx, func(*bbolt.Tx) error { return nil })
}
