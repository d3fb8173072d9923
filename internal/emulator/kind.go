package emulator

import (
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// kind is how requests and error messages name the objects of one kind.
type kind struct {
	mirror.Kind
	malformed string // the error code for an ID of another form
	notFound  string // the error code for an ID that no object has
	noun      string // in messages
}

func (k kind) malformedError(id string) error {
	return query.Refuse(k.malformed, `Invalid id: "%s" (expecting "%s...")`, id, k.Prefix)
}

func (k kind) notFoundError(ids ...string) error {
	if len(ids) == 1 {
		return query.Refuse(k.notFound, "The %s ID '%s' does not exist", k.noun, ids[0])
	}
	return query.Refuse(k.notFound, "The %s IDs '%s' do not exist", k.noun, strings.Join(ids, ", "))
}

// readID reads an ID, "" if it is not given.
func (k kind) readID(q *query.Query, name string) string {
	id := q.Text(name)
	if id != "" && !k.Is(id) {
		q.Fail(k.malformedError(id))
	}
	return id
}

// needID reads an ID that is required.
func (k kind) needID(q *query.Query, name string) string {
	if q.NeedText(name) == "" {
		return ""
	}
	return k.readID(q, name)
}

// optID reads an ID that a request may leave out, but may not leave empty.
func (k kind) optID(q *query.Query, name string) *string {
	if !q.Has(name) {
		return nil
	}
	return new(k.needID(q, name))
}

// readIDs reads a numbered list of IDs, and returns each once, in order.
func (k kind) readIDs(q *query.Query, name string) []string {
	ids := q.List(name)
	for _, id := range ids {
		if !k.Is(id) {
			q.Fail(k.malformedError(id))
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
