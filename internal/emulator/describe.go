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
	of      *collection[T]
	set     string // the element of the answer that holds the objects
	ids     string // the parameter that lists IDs
	idField string // the filter that names IDs
	fields  []field[T]
	finders map[string]func(t *tx, value string) []string // IDs by the value of a filter, from an index
	write   func(*tx, *query.Writer, string, T)
}

// describe is the describe action of a shelf.
func (s shelf[T]) describe(q *query.Query) operation { return s.page(s.read(q)) }

// request is what a describe of a shelf asks for.
type shelfRequest struct {
	query.Listing
	ids []string // nil: all
}

// read reads a describe. Its filters by tag are documented for other kinds of object
// than those of Traffic Mirroring, and work for all (A0033).
func (s shelf[T]) read(q *query.Query) shelfRequest {
	r := shelfRequest{Listing: q.Listing(), ids: s.of.readIDs(q, s.ids)}
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
	return s.of.notFoundError(gone...)
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

// create returns the operation of a create whose request has no client token. It reads
// the tags, has insert check and store the object, and answers with the object.
func (s shelf[T]) create(q *query.Query, element string, insert func(*tx) (id string, err error)) operation {
	tagged := readTagSpecification(q, s.of.Kind)
	return s.created(element, tagged, idempotency{}, insert)
}

// createOnce returns the operation of a create whose request may have a client token.
// A repeated request is answered with the object of the first.
func (s shelf[T]) createOnce(q *query.Query, element string, insert func(*tx) (id string, err error)) operation {
	tagged := readTagSpecification(q, s.of.Kind)
	return s.created(element, tagged, readIdempotency(q), insert)
}

func (s shelf[T]) created(element string, tagged map[string]string, repeat idempotency, insert func(*tx) (string, error)) operation {
	return func(t *tx, x *query.Writer) error {
		exists := func(id string) bool { return s.of.has(t, id) }
		id, err := repeat.once(t, exists, func() (string, error) {
			id, err := insert(t)
			if err == nil {
				t.setTags(id, tagged)
			}
			return id, err
		})
		if err != nil {
			return err
		}
		x.OptText("clientToken", repeat.token)
		v, _ := s.of.get(t, id)
		x.In(element, func() { s.write(t, x, id, v) })
		return nil
	}
}

// idsIn finds IDs by the first part of the keys of an index.
func idsIn(i index) func(*tx, string) []string {
	return func(t *tx, value string) []string { return i.idsBelow(t, value) }
}

func one(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}
