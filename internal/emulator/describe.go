package emulator

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// field is a filter of a describe, and the function that returns its values.
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

// describer describes the objects of one kind, and answers with those that are created.
type describer[T any] struct {
	of       *collection[T]
	set      string // the element of the answer that holds the objects
	ids      string // the parameter that lists IDs
	idField  string // the filter that names IDs
	fields   []field[T]
	finders  map[string]func(t *tx, value string) []string // IDs by the value of a filter, from an index
	synonyms map[string]string                             // of the names of filters
	write    func(*tx, *query.Writer, string, T)
}

// describe is the describe action of the kind.
func (d describer[T]) describe(q *query.Query) operation { return d.page(d.read(q)) }

// describeRequest is the parameters of a describe.
type describeRequest struct {
	query.Listing
	ids []string // nil: all
}

// read reads a describe. EC2 documents the filters by tag only for other kinds than
// those of Traffic Mirroring. Here all kinds have them (A0033).
func (d describer[T]) read(q *query.Query) describeRequest {
	return readDescribe(q, d.of.kind, d.ids, slices.Concat(fieldNames(d.fields), slices.Collect(maps.Keys(d.synonyms)), []string{d.idField, "tag-key"}))
}

// readDescribe and the functions below know no type of object: a describer would compile
// each of them once for each type.
func readDescribe(q *query.Query, of kind, ids string, filters []string) describeRequest {
	r := describeRequest{Listing: q.Listing(), ids: of.readIDs(q, ids)}
	r.Allow(q, filters, true)
	if len(r.ids) > 0 && q.Has("MaxResults") {
		q.Fail(query.Refuse("InvalidParameterCombination", "The parameter %s cannot be used with the parameter MaxResults", ids))
	}
	return r
}

func (d describer[T]) page(r describeRequest) operation {
	return func(t *tx, x *query.Writer) error {
		if err := needEach(t, d.of, r.ids); err != nil {
			return err
		}
		items := func(yield func(string, item[T]) bool) {
			for id := range d.candidates(t, r) {
				v, ok := d.of.get(t, id)
				if ok && !yield(id, item[T]{id, v}) {
					return
				}
			}
		}
		match := func(i item[T]) bool { return d.matches(t, r, i) }
		query.WritePage(x, r.Listing, d.set, items, match, func(i item[T]) { d.write(t, x, i.id, i.object) })
		return t.err
	}
}

type item[T any] struct {
	id     string
	object T
}

// needEach refuses the IDs that no object of a kind has.
func needEach(t *tx, of registered, ids []string) error {
	var gone []string
	for _, id := range ids {
		if !of.has(t, id) {
			gone = append(gone, id)
		}
	}
	if gone == nil {
		return nil
	}
	return of.spec().notFoundError(gone...)
}

// matches reports whether an object meets the filters of a request. It reads the tags of
// the object at most once.
func (d describer[T]) matches(t *tx, r describeRequest, i item[T]) bool {
	tags := sync.OnceValue(func() map[string]string { return tagsOf(t, i.id) })
	return r.Matches(func(name string) []string { return d.values(t, name, i, tags) })
}

func (d describer[T]) values(t *tx, name string, i item[T], tags func() map[string]string) []string {
	if name == d.idField {
		return []string{i.id}
	}
	if values, ok := valuesByTag(name, tags); ok {
		return values
	}
	return valuesOf(t, d.fields, cmp.Or(d.synonyms[name], name), i.object)
}

// valuesByTag returns the values of a filter by tag. It is not ok for another filter.
func valuesByTag(name string, tags func() map[string]string) (values []string, ok bool) {
	if name == "tag-key" {
		return slices.Collect(maps.Keys(tags())), true
	}
	key, byTag := strings.CutPrefix(name, "tag:")
	if !byTag {
		return nil, false
	}
	if value, tagged := tags()[key]; tagged {
		return []string{value}, true
	}
	return nil, true
}

// candidates yields in order the IDs of the objects that can meet the conditions: those
// in the request, those that an index finds, or all.
func (d describer[T]) candidates(t *tx, r describeRequest) iter.Seq[string] {
	ids := r.ids
	if ids == nil {
		found, ok := d.find(t, r.Listing)
		if !ok {
			return idsAfter(t, d.of.bucket, r.After)
		}
		ids = found
	}
	return sortedAfter(ids, r.After)
}

// sortedAfter yields the IDs above an ID, each once and in order.
func sortedAfter(ids []string, after string) iter.Seq[string] {
	slices.Sort(ids)
	return func(yield func(string) bool) {
		for _, id := range slices.Compact(ids) {
			if id > after && !yield(id) {
				return
			}
		}
	}
}

func (d describer[T]) find(t *tx, l query.Listing) (ids []string, ok bool) {
	return findIDs(t, l, d.idField, d.finders)
}

// findIDs returns the IDs that a filter by ID or an index finds. It is not ok if neither
// can.
func findIDs(t *tx, l query.Listing, idField string, finders map[string]func(*tx, string) []string) (ids []string, ok bool) {
	if ids, ok := l.Literals(idField); ok {
		return slices.Clone(ids), true
	}
	for name, finder := range finders {
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

// create returns the operation of a create without a client token. Insert checks and
// stores the object, and returns its ID.
func (d describer[T]) create(q *query.Query, element string, insert func(*tx) (id string, err error)) operation {
	tagged := readTagSpecification(q, d.of.Kind)
	return d.created(element, tagged, idempotency{}, insert)
}

// createOnce returns the operation of a create that may have a client token. A repeated
// request gets the object of the first request.
func (d describer[T]) createOnce(q *query.Query, element string, insert func(*tx) (id string, err error)) operation {
	tagged := readTagSpecification(q, d.of.Kind)
	return d.created(element, tagged, readIdempotency(q), insert)
}

func (d describer[T]) created(element string, tagged map[string]string, repeat idempotency, insert func(*tx) (string, error)) operation {
	return func(t *tx, x *query.Writer) error {
		exists := func(id string) bool { return d.of.has(t, id) }
		id, err := repeat.once(t, exists, func() (string, error) {
			id, err := insert(t)
			if err == nil {
				setTags(t, id, tagged)
			}
			return id, err
		})
		if err != nil {
			return err
		}
		x.OptText("clientToken", repeat.token)
		v, _ := d.of.get(t, id)
		x.In(element, func() { d.write(t, x, id, v) })
		return nil
	}
}

// idsIn finds IDs by the first part of the keys of an index.
func idsIn(i index) func(*tx, string) []string {
	return func(t *tx, value string) []string { return i.idsBelow(t, value) }
}

func oneValue(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}
