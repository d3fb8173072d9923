package emulator

import (
	"fmt"
	"iter"
	"strings"
)

// index finds objects by something else than their ID. Its keys are parts that are
// joined with "/", and its values are IDs.
type index struct{ bucket string }

// key is the parts of a key.
type key []string

func oneKey(parts ...string) []key { return []key{parts} }

func joinKey(parts ...string) string { return strings.Join(parts, "/") }

// numberKey has the order of its number.
func numberKey(n int) string { return fmt.Sprintf("%08d", n) }

func (i index) set(t *tx, id string, parts ...string) {
	t.write(i.bucket, joinKey(parts...), []byte(id))
}

func (i index) unset(t *tx, parts ...string) { t.write(i.bucket, joinKey(parts...), nil) }

func (i index) get(t *tx, parts ...string) string {
	return string(t.bucket(i.bucket).Get([]byte(joinKey(parts...))))
}

// below yields the remaining parts and the ID of each key that begins with the given
// parts.
func (i index) below(t *tx, parts ...string) iter.Seq2[[]string, string] {
	prefix := joinKey(parts...) + "/"
	return func(yield func([]string, string) bool) {
		cursor := t.bucket(i.bucket).Cursor()
		for k, v := cursor.Seek([]byte(prefix)); strings.HasPrefix(string(k), prefix); k, v = cursor.Next() {
			if !yield(strings.Split(string(k[len(prefix):]), "/"), string(v)) {
				return
			}
		}
	}
}

// all yields the IDs in the order of the keys.
func (i index) all(t *tx) iter.Seq[string] {
	return func(yield func(string) bool) {
		cursor := t.bucket(i.bucket).Cursor()
		for k, v := cursor.First(); k != nil; k, v = cursor.Next() {
			if !yield(string(v)) {
				return
			}
		}
	}
}

// idsBelow returns the IDs of the keys that begin with the given parts.
func (i index) idsBelow(t *tx, parts ...string) []string {
	var ids []string
	for _, id := range i.below(t, parts...) {
		ids = append(ids, id)
	}
	return ids
}

// firstBelow returns the first ID of the keys that begin with the given parts, "" if
// there is none.
func (i index) firstBelow(t *tx, parts ...string) string {
	for _, id := range i.below(t, parts...) {
		return id
	}
	return ""
}

// countBelow counts the keys that begin with the given parts.
func (i index) countBelow(t *tx, parts ...string) int {
	n := 0
	for range i.below(t, parts...) {
		n++
	}
	return n
}
