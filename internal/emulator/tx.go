package emulator

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/sharedfile"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// The layout of a store: the bucket meta has the format and the account. Each Region
// has a bucket, which contains a bucket for each collection and one for each index.

// storeFormat identifies a store. The previous version is upgraded by upgrade.go.
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

// tx is a transaction on the objects of one Region. It keeps the first error of the
// store, so that only the end of the transaction has to check.
type tx struct {
	root     buckets
	region   string
	account  string
	now      time.Time
	quotas   mirror.Quotas
	variants Variants
	newID    func(prefix string) string
	draw     func(mirror.Range) int
	undo     *[]written // of the writes; nil: they are not recorded
	err      error
}

func (t *tx) fail(err error) {
	if t.err == nil {
		t.err = err
	}
}

func (t *tx) bucket(name string) keyValues {
	b := t.root.Bucket([]byte(name))
	if b == nil {
		// prepare makes all of them. Package sharedfile turns the panic into an error.
		panic(fmt.Sprintf("there is no bucket %q", name))
	}
	return b
}

// write stores a value, or removes it if it is nil. Every write calls it.
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
	lacksListeners := t.root.Bucket([]byte(listeners.bucket)) == nil
	lacksDevices := t.root.Bucket([]byte(interfacesByInstance.bucket)) == nil
	var err error
	for _, c := range registry {
		err = errors.Join(err, c.makeBuckets(t))
	}
	if err == nil && lacksDevices {
		numberDevices(t)
	}
	if err != nil {
		return err
	}
	if lacksListeners {
		rewriteShortForms(t)
	}
	makeDefaults(t)
	if !lacksCounts {
		return nil
	}
	for _, c := range registry {
		c.recount(t)
	}
	return nil
}

// lacksBucket reports whether a Region was written by a program that did not know all
// buckets.
func lacksBucket(root buckets) bool {
	lacks := func(name string) bool { return root.Bucket([]byte(name)) == nil }
	return slices.ContainsFunc(registry, func(c registered) bool { return slices.ContainsFunc(c.buckets(), lacks) })
}
