package emulator

import (
	"errors"
	"strings"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/sharedfile"
)

// versionBefore had an index of sessions by interface and number alone, so that no two
// sessions of an interface could have one number (A0050). Everything else was the same.
const versionBefore = "1"

func isOld(b *bbolt.Tx) bool { return sharedfile.Version(b) == versionBefore }

// upgrade brings a store of the version before up to date, in the transaction of the
// first request. Programs of the version before refuse the store from then on.
func upgrade(e *Emulator, b *bbolt.Tx) error {
	var err error
	for _, region := range regionsOf(b) {
		dropped := b.Bucket(regionBucket(region)).DeleteBucket([]byte(sessionsByInterface.bucket))
		if errors.Is(dropped, bolterrors.ErrBucketNotFound) {
			dropped = nil
		}
		// The index is made anew from the sessions.
		err = errors.Join(err, dropped, e.on(b, region, nil, (*tx).makeBuckets))
	}
	return errors.Join(err, sharedfile.SetVersion(b, storeFormat.Version))
}

// regionsOf lists the Regions of a store.
func regionsOf(b *bbolt.Tx) []string {
	var regions []string
	// The function that is called returns no error.
	_ = b.ForEach(func(name []byte, _ *bbolt.Bucket) error {
		if region, ok := strings.CutPrefix(string(name), string(regionBucket(""))); ok {
			regions = append(regions, region)
		}
		return nil
	})
	return regions
}
