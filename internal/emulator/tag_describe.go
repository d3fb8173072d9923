package emulator

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// oneTag is a tag of an object, as DescribeTags lists it.
type oneTag struct{ id, key, value string }

func (o oneTag) resource() string {
	c, ok := collectionOf(o.id)
	if !ok {
		return ""
	}
	return c.spec().Resource
}

// position orders tags by resource and key.
func (o oneTag) position() string { return o.id + "/" + o.key }

var tagFields = []field[oneTag]{
	{"key", func(_ *tx, o oneTag) []string { return []string{o.key} }},
	{"resource-id", func(_ *tx, o oneTag) []string { return []string{o.id} }},
	{"resource-type", func(_ *tx, o oneTag) []string { return []string{o.resource()} }},
	{"value", func(_ *tx, o oneTag) []string { return []string{o.value} }},
}

// describeTags accepts only the documented filters, and tag:KEY. The filter that other
// describes call tag-key is called key here
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeTags.html).
func describeTags(q *query.Query) operation {
	l := q.Listing()
	l.Allow(q, fieldNames(tagFields), true)
	return func(t *tx, x *query.Writer) error {
		items := func(yield func(string, oneTag) bool) {
			first, _, _ := strings.Cut(l.After, "/")
			for id := range taggedIDs(t, l, first) {
				if !yieldTags(t, id, l.After, yield) {
					return
				}
			}
		}
		match := func(o oneTag) bool {
			return l.Matches(func(name string) []string {
				if name == "tag:"+o.key {
					return []string{o.value}
				}
				return valuesOf(t, tagFields, name, o)
			})
		}
		query.WritePage(x, l, "tagSet", items, match, func(o oneTag) {
			x.Text("resourceId", o.id)
			x.Text("resourceType", o.resource())
			x.Text("key", o.key)
			x.Text("value", o.value)
		})
		return nil
	}
}

// yieldTags yields the tags of an object with a position above after. It reports whether
// to go on with the next object.
func yieldTags(t *tx, id, after string, yield func(string, oneTag) bool) bool {
	if c, ok := collectionOf(id); !ok || !c.has(t, id) {
		return true // it belongs to another API, or it is stored and not there any more
	}
	m := tagsOf(t, id)
	for _, key := range slices.Sorted(maps.Keys(m)) {
		o := oneTag{id, key, m[key]}
		if o.position() > after && !yield(o.position(), o) {
			return false
		}
	}
	return true
}

// taggedIDs yields the IDs of tagged objects, beginning with first.
func taggedIDs(t *tx, l query.Listing, first string) iter.Seq[string] {
	if ids, ok := l.Literals("resource-id"); ok {
		return slices.Values(slices.Compact(slices.Sorted(slices.Values(ids))))
	}
	return func(yield func(string) bool) {
		if first != "" && tags.has(t, first) && !yield(first) {
			return
		}
		idsAfter(t, tags.bucket, first)(yield)
	}
}
