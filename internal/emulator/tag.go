package emulator

import (
	"maps"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// collectionOf returns the collection of an ID, if its objects can have tags. It goes
// by the form of the ID.
func collectionOf(id string) (registered, bool) {
	i := slices.IndexFunc(registry, func(c registered) bool { return c.hasTags() && c.spec().Is(id) })
	if i < 0 {
		return nil, false
	}
	return registry[i], true
}

// tag is a tag of a request. For DeleteTags, an empty value is something else than no
// value.
type tag struct {
	key   string
	value *string
}

func readTags(q *query.Query, name string) []tag {
	var read []tag
	keys := map[string]bool{}
	for _, member := range q.Members(name) {
		t := tag{key: q.Text(member + ".Key"), value: q.OptText(member + ".Value")}
		if keys[t.key] {
			q.Fail(query.Refuse("InvalidParameterValue", "Duplicate tag key '%s' specified.", t.key))
		}
		keys[t.key] = true
		read = append(read, t)
	}
	return read
}

func tagMap(list []tag) map[string]string {
	m := map[string]string{}
	for _, t := range list {
		m[t.key] = ""
		if t.value != nil {
			m[t.key] = *t.value
		}
	}
	return m
}

// readTagSpecification reads the tags of an object that is to be created. The code for
// tags of another type of resource is an assumption (A0026).
func readTagSpecification(q *query.Query, kind mirror.Kind) map[string]string {
	specs := q.Members("TagSpecification")
	if len(specs) > 1 {
		q.Fail(query.Refuse("InvalidParameterValue", "There is more than one TagSpecification for the resource type '%s'", kind.Resource))
		return nil
	}
	var read []tag
	for _, spec := range specs {
		if resource := q.NeedText(spec + ".ResourceType"); resource != kind.Resource {
			q.Fail(query.Refuse("InvalidParameterValue", "'%s' is not a valid taggable resource type for this operation. Write '%s'.", resource, kind.Resource))
		}
		read = append(read, readTags(q, spec+".Tag")...)
	}
	m := tagMap(read)
	q.Fail(refuseTags(m))
	return m
}

// refuseTags returns EC2's error for the tags of an object, or nil. For a key or a
// value that is too long, none is documented (A0084).
func refuseTags(m map[string]string) error {
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if key == "" || mirror.IsReservedTag(key) {
			return query.Refuse("InvalidTagKey.Malformed", "The tag key '%s' is not valid. Tag keys cannot be empty, and cannot start with %s", key, mirror.ReservedTagPrefix)
		}
	}
	ps := mirror.ValidateTags(m)
	switch {
	case ps == nil:
		return nil
	case ps[0].Kind == mirror.Limit:
		return query.Refuse("TagLimitExceeded", "A resource can have at most %d tags", mirror.MaxTags)
	}
	return query.Refuse("InvalidParameterValue", "%s. %s", strings.Replace(ps[0].Field+" "+ps[0].Wrong, "tags[", "Tag[", 1), ps[0].Fix)
}

// setTags replaces the tags of an object.
func setTags(t *tx, id string, m map[string]string) {
	if len(m) == 0 {
		tags.del(t, id)
		return
	}
	tags.put(t, id, m)
}

func tagsOf(t *tx, id string) map[string]string {
	m, _ := tags.get(t, id)
	return m
}

func writeTagSet(x *query.Writer, m map[string]string) {
	x.In("tagSet", func() {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			x.In("item", func() {
				x.Text("key", key)
				x.Text("value", m[key])
			})
		}
	})
}

// maxTaggedResources is how many resources a request can name.
const maxTaggedResources = 1000

func readTaggedResources(q *query.Query) []string {
	ids := q.List("ResourceId")
	switch {
	case len(ids) == 0:
		q.Fail(query.Missing("ResourceId.1"))
	case len(ids) > maxTaggedResources:
		q.Fail(query.Refuse("InvalidParameterValue", "The request names %d resources. Name at most %d.", len(ids), maxTaggedResources))
	}
	return ids
}

func invalidID(id string) error { return query.Refuse("InvalidID", "The ID '%s' is not valid", id) }

// needAll refuses IDs that have no known form, and those of objects that do not exist.
func needAll(t *tx, ids []string) error {
	for _, id := range ids {
		c, ok := collectionOf(id)
		if !ok {
			return invalidID(id)
		}
		if !c.has(t, id) {
			return c.spec().notFoundError(id)
		}
	}
	return nil
}

// needOwnTags refuses objects of other accounts. They can be described here, but not
// tagged. The code is an assumption (A0066).
func needOwnTags(t *tx, ids []string) error {
	for _, id := range ids {
		c, _ := collectionOf(id) // needAll or deleteTags has refused other IDs
		if owner := c.ownerOf(t, id); owner != t.account {
			return query.Refuse("UnauthorizedOperation", "%s belongs to account %s. Only that account can change its tags.", id, owner)
		}
	}
	return nil
}

// createTags never answers ConcurrentTagAccess, because only one request writes at a
// time (A0077).
func createTags(q *query.Query) operation {
	ids := readTaggedResources(q)
	read := readTags(q, "Tag")
	if len(read) == 0 {
		q.Fail(query.Missing("Tag.1.Key"))
	}
	added := tagMap(read)
	q.Fail(refuseTags(added))
	return func(t *tx, x *query.Writer) error {
		if err := needAll(t, ids); err != nil {
			return err
		}
		if err := needOwnTags(t, ids); err != nil {
			return err
		}
		for _, id := range ids {
			m := tagsOf(t, id)
			if m == nil {
				m = map[string]string{}
			}
			maps.Copy(m, added)
			if len(m) > mirror.MaxTags { // each of them is valid
				if err := refuseTags(withoutReservedTags(m)); err != nil {
					return err
				}
			}
			setTags(t, id, m)
		}
		x.Bool("return", true)
		return nil
	}
}

// deleteTags ignores IDs and tags that do not exist (A0025).
func deleteTags(q *query.Query) operation {
	ids := readTaggedResources(q)
	read := readTags(q, "Tag")
	for _, removed := range read {
		if removed.key == "" || mirror.IsReservedTag(removed.key) {
			q.Fail(query.Refuse("InvalidTagKey.Malformed", "The tag key '%s' is not valid. Tag keys cannot be empty, and cannot start with %s", removed.key, mirror.ReservedTagPrefix))
		}
	}
	for _, id := range ids {
		if _, ok := collectionOf(id); !ok {
			q.Fail(invalidID(id))
		}
	}
	return func(t *tx, x *query.Writer) error {
		if err := needOwnTags(t, ids); err != nil {
			return err
		}
		for _, id := range ids {
			setTags(t, id, without(tagsOf(t, id), read))
		}
		x.Bool("return", true)
		return nil
	}
}

func withoutReservedTags(m map[string]string) map[string]string {
	m = maps.Clone(m)
	maps.DeleteFunc(m, func(key, _ string) bool { return mirror.IsReservedTag(key) })
	return m
}

// without returns the tags that remain. If none is named, all are removed except those
// of AWS.
func without(m map[string]string, removed []tag) map[string]string {
	if len(removed) == 0 {
		maps.DeleteFunc(m, func(key, _ string) bool { return !mirror.IsReservedTag(key) })
		return m
	}
	for _, r := range removed {
		if r.value == nil || *r.value == m[r.key] {
			delete(m, r.key)
		}
	}
	return m
}
