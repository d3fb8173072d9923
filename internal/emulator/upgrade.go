package emulator

import (
	"errors"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/sharedfile"
)

// versionBefore had an index of sessions by interface and number alone, in which no
// two sessions of an interface could have one number (A0050). Everything else was as
// it is now.
const versionBefore = "1"

func isOld(b *bbolt.Tx) bool {
	return sharedfile.Version(b) == versionBefore
}

// upgrade brings a store of the version before up to this one, in the transaction of
// the first request. Programs of the version before refuse it afterwards.
func upgrade(b *bbolt.Tx) error {
	var regions []*bbolt.Bucket
	err := b.ForEach(func(name []byte, bucket *bbolt.Bucket) error {
		if strings.HasPrefix(string(name), string(regionBucket(""))) {
			regions = append(regions, bucket)
		}
		return nil
	})
	for _, region := range regions {
		err = errors.Join(err, upgradeSessions(region.Bucket([]byte(sessionsByInterface.name))))
	}
	return errors.Join(err, sharedfile.SetVersion(b, storeFormat.Version))
}

// upgradeSessions puts the session into the keys of the index.
func upgradeSessions(i *bbolt.Bucket) error {
	sessionOf := map[string]string{}
	err := i.ForEach(func(k, v []byte) error {
		sessionOf[string(k)] = string(v)
		return nil
	})
	for key, session := range sessionOf {
		err = errors.Join(err, i.Delete([]byte(key)), i.Put([]byte(indexKey(key, session)), []byte(session)))
	}
	return err
}
