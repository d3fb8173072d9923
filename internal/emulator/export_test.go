package emulator

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/sharedfile"
)

// Contents returns every key and value of a store, for tests outside of the
// package. It leaves out the stamps of the topologies, which are random.
func Contents(path string) (map[string]string, error) {
	all := map[string]string{}
	err := sharedfile.New(path, storeFormat, storeWait).View(context.Background(), func(b *bbolt.Tx) error {
		return b.ForEach(func(name []byte, bucket *bbolt.Bucket) error { return contents(all, string(name), bucket) })
	})
	return all, err
}

func contents(all map[string]string, path string, b *bbolt.Bucket) error {
	return b.ForEach(func(k, v []byte) error {
		if bytes.HasPrefix(k, stampKey("")) {
			return nil
		}
		at := path + " " + string(k)
		if inner := b.Bucket(k); inner != nil {
			return contents(all, at, inner)
		}
		all[at] = string(v)
		return nil
	})
}

// ActionNames returns the names of the actions of both APIs, for tests outside of the package.
func ActionNames() []string {
	names := slices.Collect(maps.Keys(actions))
	for name := range balancingActions {
		names = append(names, balancingName(name))
	}
	slices.Sort(names)
	return names
}
