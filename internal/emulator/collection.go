package emulator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
)

// collection is the objects of one kind: JSON by ID, in a bucket.
type collection[T any] struct {
	traits
	idOf    func(T) string         // nil: the object has no ID of its own
	owner   func(T) string         // returns an account, "" for this one; nil: always this one
	indexes []indexOf[T]           // of the objects
	check   func(t *tx, v T) error // refuses an object of a dump; nil: nothing
	gone    func(t *tx, v T) bool  // an object is stored and not there any more; nil: none is
}

// traits is what a collection is, whatever the type of its objects.
type traits struct {
	kind
	bucket   string
	taggable bool // clients can tag the objects
	byARN    bool // clients of Elastic Load Balancing can tag the objects, which have ARNs in place of IDs
	counted  bool // those of this account are counted, for a quota
	derived  bool // computed from other collections, and not in a dump
}

// indexOf is an index and the keys by which it finds an object.
type indexOf[T any] struct {
	index
	keys func(t *tx, id string, v T) []key
}

// registered is a collection of any type of object.
type registered interface {
	name() string
	spec() kind
	hasTags() bool
	isDerived() bool
	has(t *tx, id string) bool
	ownerOf(t *tx, id string) string
	load(t *tx, id string, text []byte) error
	buckets() []string
	makeBuckets(t *tx) error
	recount(t *tx)
}

func (c traits) name() string { return c.bucket }

func (c traits) spec() kind { return c.kind }

func (c traits) hasTags() bool { return c.taggable }

func (c traits) isDerived() bool { return c.derived }

func (c *collection[T]) has(t *tx, id string) bool {
	if c.gone != nil {
		_, ok := c.get(t, id)
		return ok
	}
	return id != "" && t.bucket(c.bucket).Get([]byte(id)) != nil
}

func (c *collection[T]) get(t *tx, id string) (T, bool) {
	v, ok := c.read(t, id)
	if ok && c.gone != nil && c.gone(t, v) {
		var none T
		return none, false
	}
	return v, ok
}

// read returns an object that is stored, also one that is not there any more.
func (c *collection[T]) read(t *tx, id string) (T, bool) {
	var v T
	if id == "" {
		return v, false
	}
	text := t.bucket(c.bucket).Get([]byte(id))
	if text == nil {
		return v, false
	}
	if err := json.Unmarshal(text, &v); err != nil {
		t.fail(fmt.Errorf("the store holds something unreadable for %s: %w", id, err))
		return v, false
	}
	return v, true
}

// need returns an object, or EC2's error for one that does not exist.
func (c *collection[T]) need(t *tx, id string) (T, error) {
	v, ok := c.get(t, id)
	if !ok && t.err == nil {
		return v, c.notFoundError(id)
	}
	return v, t.err
}

// put stores an object in place of the one with its ID, if there is one.
func (c *collection[T]) put(t *tx, id string, v T) {
	text, err := json.Marshal(v)
	if err != nil {
		t.fail(err)
		return
	}
	unlink(c, t, id)
	t.write(c.bucket, id, text)
	setKeys(c, t, id, v)
	addCount(c, t, v, +1)
}

// del deletes an object and its tags.
func (c *collection[T]) del(t *tx, id string) {
	unlink(c, t, id)
	t.write(c.bucket, id, nil)
	if c.taggable || c.byARN {
		tags.del(t, id)
	}
}

// unlink takes an object out of the indexes and the count.
func unlink[T any](c *collection[T], t *tx, id string) {
	if c.indexes == nil && !c.counted {
		return
	}
	v, ok := c.read(t, id)
	if !ok {
		return
	}
	for _, i := range c.indexes {
		i.unsetAll(t, id, v)
	}
	addCount(c, t, v, -1)
}

func setKeys[T any](c *collection[T], t *tx, id string, v T) {
	for _, i := range c.indexes {
		i.setAll(t, id, v)
	}
}

func (i indexOf[T]) setAll(t *tx, id string, v T) {
	for _, k := range i.keys(t, id, v) {
		i.set(t, id, k...)
	}
}

// unsetAll leaves a key that another object has taken since.
func (i indexOf[T]) unsetAll(t *tx, id string, v T) {
	for _, k := range i.keys(t, id, v) {
		if i.get(t, k...) == id {
			i.unset(t, k...)
		}
	}
}

// all yields the IDs and objects above an ID, in order.
func (c *collection[T]) all(t *tx, after string) iter.Seq2[string, T] {
	return func(yield func(string, T) bool) {
		for id := range idsAfter(t, c.bucket, after) {
			if v, ok := c.get(t, id); ok && !yield(id, v) {
				return
			}
		}
	}
}

// idsAfter yields the IDs above an ID, in order.
func idsAfter(t *tx, bucket, after string) iter.Seq[string] {
	return func(yield func(string) bool) {
		cursor := t.bucket(bucket).Cursor()
		k, _ := cursor.Seek([]byte(after))
		if string(k) == after {
			k, _ = cursor.Next()
		}
		for ; k != nil; k, _ = cursor.Next() {
			if !yield(string(k)) {
				return
			}
		}
	}
}

// freshID returns an ID that no object has.
func (c *collection[T]) freshID(t *tx) string {
	for {
		if id := t.newID(c.Prefix); !c.has(t, id) {
			return id
		}
	}
}

func accountOf[T any](c *collection[T], t *tx, v T) string {
	if c.owner == nil {
		return t.account
	}
	return cmp.Or(c.owner(v), t.account)
}

// ownerOf returns the account that owns an object, this one if it does not exist.
func (c *collection[T]) ownerOf(t *tx, id string) string {
	v, _ := c.get(t, id)
	return accountOf(c, t, v)
}

// count returns how many objects the account has.
func (c *collection[T]) count(t *tx) int {
	n, _ := counts.get(t, c.bucket)
	return n
}

func addCount[T any](c *collection[T], t *tx, v T, delta int) {
	if c.counted && accountOf(c, t, v) == t.account {
		counts.put(t, c.bucket, c.count(t)+delta)
	}
}

// recount counts the objects anew.
func (c *collection[T]) recount(t *tx) {
	if !c.counted {
		return
	}
	for _, v := range c.all(t, "") {
		addCount(c, t, v, +1)
	}
}

// load stores an object of a dump.
func (c *collection[T]) load(t *tx, id string, text []byte) error {
	v, err := unmarshal[T](text)
	if err != nil {
		return err
	}
	if c.idOf != nil && c.idOf(v) != id {
		return fmt.Errorf("it has the ID %q", c.idOf(v))
	}
	if c.check != nil {
		if err := c.check(t, v); err != nil {
			return err
		}
	}
	c.put(t, id, v)
	return nil
}

func unmarshal[T any](text []byte) (T, error) {
	var v T
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(&v)
	return v, err
}

func (c *collection[T]) buckets() []string {
	names := []string{c.bucket}
	for _, i := range c.indexes {
		names = append(names, i.bucket)
	}
	return names
}

// makeBuckets makes the buckets that a Region lacks: all of them in a new Region, and
// in an older file those that came later. It fills the indexes that it makes.
func (c *collection[T]) makeBuckets(t *tx) error {
	_, err := t.makeBucket(c.bucket)
	for _, i := range c.indexes {
		made, failure := t.makeBucket(i.bucket)
		err = errors.Join(err, failure)
		if made {
			fillIndex(c, t, i)
		}
	}
	return err
}

func fillIndex[T any](c *collection[T], t *tx, i indexOf[T]) {
	for id := range idsAfter(t, c.bucket, "") {
		if v, ok := c.read(t, id); ok {
			i.setAll(t, id, v)
		}
	}
}
