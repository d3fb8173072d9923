package emulator

import (
	"slices"

	"go.etcd.io/bbolt"
)

// buckets is where the objects of a Region are: in the store, or in memory for a Region
// that no write has made yet.
type buckets interface {
	Bucket(name []byte) keyValues // nil: there is none
	CreateBucket(name []byte) (keyValues, error)
}

// keyValues maps keys to values.
type keyValues interface {
	Get(key []byte) []byte
	Put(key, value []byte) error
	Delete(key []byte) error
	Cursor() cursor
}

// cursor goes over the keys of a bucket in order. At the end it returns nil.
type cursor interface {
	First() (key, value []byte)
	Seek(from []byte) (key, value []byte)
	Next() (key, value []byte)
}

// storedBuckets are buckets of the store.
type storedBuckets struct{ region *bbolt.Bucket }

func (b storedBuckets) Bucket(name []byte) keyValues {
	if found := b.region.Bucket(name); found != nil {
		return storedBucket{found}
	}
	return nil
}

func (b storedBuckets) CreateBucket(name []byte) (keyValues, error) {
	made, err := b.region.CreateBucket(name)
	return storedBucket{made}, err
}

type storedBucket struct{ *bbolt.Bucket }

func (b storedBucket) Cursor() cursor { return b.Bucket.Cursor() }

// memoryBuckets are buckets in memory.
type memoryBuckets map[string]*memoryBucket

func (b memoryBuckets) Bucket(name []byte) keyValues {
	if found, ok := b[string(name)]; ok {
		return found
	}
	return nil
}

func (b memoryBuckets) CreateBucket(name []byte) (keyValues, error) {
	made := &memoryBucket{values: map[string][]byte{}}
	b[string(name)] = made
	return made, nil
}

type memoryBucket struct {
	keys   []string // in order
	values map[string][]byte
}

func (b *memoryBucket) Get(key []byte) []byte { return b.values[string(key)] }

func (b *memoryBucket) Put(key, value []byte) error {
	if at, found := slices.BinarySearch(b.keys, string(key)); !found {
		b.keys = slices.Insert(b.keys, at, string(key))
	}
	b.values[string(key)] = value
	return nil
}

func (b *memoryBucket) Delete(key []byte) error {
	if at, found := slices.BinarySearch(b.keys, string(key)); found {
		b.keys = slices.Delete(b.keys, at, at+1)
	}
	delete(b.values, string(key))
	return nil
}

func (b *memoryBucket) Cursor() cursor { return &memoryCursor{bucket: b} }

type memoryCursor struct {
	bucket *memoryBucket
	next   int
}

func (c *memoryCursor) First() (key, value []byte) { return c.Seek(nil) }

func (c *memoryCursor) Seek(from []byte) (key, value []byte) {
	c.next, _ = slices.BinarySearch(c.bucket.keys, string(from))
	return c.Next()
}

func (c *memoryCursor) Next() (key, value []byte) {
	if c.next >= len(c.bucket.keys) {
		return nil, nil
	}
	found := c.bucket.keys[c.next]
	c.next++
	return []byte(found), c.bucket.values[found]
}
