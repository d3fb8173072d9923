package emulator

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/sharedfile"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// The layout of a store: the bucket meta says what the file is, and each Region
// has a bucket. In it, each collection is a bucket of JSON by ID, and each index a
// bucket of keys that are joined with "/".

// storeFormat identifies a store. One of the version before is brought up to date by
// upgrade.go.
var storeFormat = sharedfile.Format{
	Name:    "the emulator's store",
	Kind:    "a store of the emulator",
	Mark:    "terraform-provider-trafficmirror emulator",
	Version: "2",
	Older:   []string{versionBefore},
}

// storeWait is longer than any transaction takes, and shorter than people wait for an
// apply.
const storeWait = 10 * time.Second

// tx is a transaction on the objects of one Region. It keeps the first failure of
// the store, after which reads find nothing and writes do nothing, so that only
// the end of a transaction has to ask for it.
type tx struct {
	root     *bbolt.Bucket
	region   string
	account  string
	now      time.Time
	quotas   mirror.Quotas
	variants Variants
	newID    func(prefix string) string
	draw     func(mirror.Range) int
	undo     *[]written // where writes are noted, if they are
	err      error
}

func (t *tx) fail(err error) {
	if t.err == nil {
		t.err = err
	}
}

func (t *tx) bucket(name string) *bbolt.Bucket {
	b := t.root.Bucket([]byte(name))
	if b == nil {
		// prepare makes all of them. The panic becomes an error in package sharedfile.
		panic(fmt.Sprintf("there is no bucket %q", name))
	}
	return b
}

// write stores a value, or removes it if it is nil. Every write goes through here.
func (t *tx) write(bucket, key string, value []byte) {
	b, k := t.bucket(bucket), []byte(key)
	if t.undo != nil {
		*t.undo = append(*t.undo, written{bucket, key, bytes.Clone(b.Get(k))})
	}
	var err error
	if value == nil {
		err = b.Delete(k)
	} else {
		err = b.Put(k, value)
	}
	if err != nil {
		t.fail(err)
	}
}

// makeBucket makes a bucket unless it is there.
func (t *tx) makeBucket(name string) (made bool, err error) {
	if t.root.Bucket([]byte(name)) != nil {
		return false, nil
	}
	_, err = t.root.CreateBucket([]byte(name))
	return err == nil, err
}

// makeBuckets makes the buckets that the Region lacks.
func (t *tx) makeBuckets() error {
	lacksCounts := t.root.Bucket([]byte(counts.bucket)) == nil
	var err error
	for _, c := range registry {
		err = errors.Join(err, c.makeBuckets(t))
	}
	if err != nil || !lacksCounts {
		return err
	}
	for _, c := range registry {
		c.recount(t)
	}
	return nil
}

// lacksBucket reports whether a Region is new, or of a file that an older program
// wrote.
func lacksBucket(root *bbolt.Bucket) bool {
	if root == nil {
		return true
	}
	for _, c := range registry {
		for _, name := range c.buckets() {
			if root.Bucket([]byte(name)) == nil {
				return true
			}
		}
	}
	return false
}
