package emulator

import (
	"iter"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// field is a filter that a describe knows, and where its values come from.
type field[T any] struct {
	name   string
	values func(*tx, T) []string
}

func fieldNames[T any](fields []field[T]) []string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	return names
}

func valuesOf[T any](t *tx, fields []field[T], name string, v T) []string {
	for _, f := range fields {
		if f.name == name {
			return f.values(t, v)
		}
	}
	return nil
}

// shelf is how a kind of object is described.
type shelf[T any] struct {
	of      collection[T]
	set     string // the element of the answer that holds the objects
	ids     string // the parameter that lists IDs
	idField string // the filter that names IDs
	fields  []field[T]
	finders map[string]func(t *tx, value string) []string // IDs by the value of a filter, from an index
	write   func(*tx, *query.Writer, string, T)
}

// describe returns the describe action of a shelf.
func (s shelf[T]) describe(action string) func(*query.Query) operation {
	return func(q *query.Query) operation { return s.page(s.read(q, action)) }
}

// request is what a describe of a shelf asks for.
type shelfRequest struct {
	query.Listing
	ids []string // nil: all
}

// read reads a describe. Its filters by tag are documented for other kinds of object
// than those of Traffic Mirroring, and work for all (A0033).
func (s shelf[T]) read(q *query.Query, action string) shelfRequest {
	r := shelfRequest{Listing: q.Listing(action), ids: readIDs(q, s.ids, s.of.kind)}
	r.Allow(q, append(fieldNames(s.fields), s.idField, "tag-key"), true)
	if len(r.ids) > 0 && q.Has("MaxResults") {
		q.Fail(query.Refuse("InvalidParameterCombination", "The parameter %s cannot be used with the parameter MaxResults", s.ids))
	}
	return r
}

func (s shelf[T]) page(r shelfRequest) operation {
	return func(t *tx, x *query.Writer) error {
		if err := s.needAll(t, r.ids); err != nil {
			return err
		}
		items := func(yield func(string, item[T]) bool) {
			for id := range s.candidates(t, r) {
				v, ok := s.of.get(t, id)
				if ok && !yield(id, item[T]{id, v}) {
					return
				}
			}
		}
		match := func(i item[T]) bool {
			return r.Matches(func(name string) []string { return s.values(t, name, i) })
		}
		query.WritePage(x, r.Listing, s.set, items, match, func(i item[T]) { s.write(t, x, i.id, i.object) })
		return t.err
	}
}

type item[T any] struct {
	id     string
	object T
}

func (s shelf[T]) needAll(t *tx, ids []string) error {
	var gone []string
	for _, id := range ids {
		if !s.of.has(t, id) {
			gone = append(gone, id)
		}
	}
	if gone == nil {
		return nil
	}
	return notFound(s.of.kind, gone...)
}

func (s shelf[T]) values(t *tx, name string, i item[T]) []string {
	if name == s.idField {
		return []string{i.id}
	}
	if name == "tag-key" {
		var keys []string
		for key := range t.tagsOf(i.id) {
			keys = append(keys, key)
		}
		return keys
	}
	if key, byTag := strings.CutPrefix(name, "tag:"); byTag {
		if value, ok := t.tagsOf(i.id)[key]; ok {
			return []string{value}
		}
		return nil
	}
	return valuesOf(t, s.fields, name, i.object)
}

// candidates yields, in their order, the IDs of objects that may meet the
// conditions: those asked for, those that an index finds, or all.
func (s shelf[T]) candidates(t *tx, r shelfRequest) iter.Seq[string] {
	ids := r.ids
	if ids == nil {
		found, ok := s.find(t, r.Listing)
		if !ok {
			return s.of.idsAfter(t, r.After)
		}
		ids = found
	}
	slices.Sort(ids)
	return func(yield func(string) bool) {
		for _, id := range slices.Compact(ids) {
			if id > r.After && !yield(id) {
				return
			}
		}
	}
}

func (s shelf[T]) find(t *tx, l query.Listing) (ids []string, ok bool) {
	if ids, ok := l.Literals(s.idField); ok {
		return slices.Clone(ids), true
	}
	for name, finder := range s.finders {
		values, ok := l.Literals(name)
		if !ok {
			continue
		}
		for _, v := range values {
			ids = append(ids, finder(t, v)...)
		}
		return ids, true
	}
	return nil, false
}

// idsIn returns the values of the keys of an index below value.
func idsIn(i index) func(*tx, string) []string {
	return func(t *tx, value string) []string {
		var ids []string
		for _, id := range i.below(t, value) {
			ids = append(ids, id)
		}
		return ids
	}
}

func one(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}
