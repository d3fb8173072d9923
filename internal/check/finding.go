package check

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Severity says whether a finding stops a plan.
type Severity string

// The severities.
const (
	Warning Severity = "warning"
	Error   Severity = "error"
)

// A Finding is one thing that a check has found.
type Finding struct {
	Severity Severity
	Field    string // the argument, as in the configuration; empty: the object as a whole
	Summary  string
	Detail   string
	Silence  string // the name by which a configuration can silence it; empty: it cannot

	// InTheWay is the object that has what this one needs, where it could be imported in
	// the place of this one.
	InTheWay Reference

	// Replaced is the kind of an object that is about to be replaced while sessions use it.
	Replaced mirror.Kind

	// OfDelete says that a destroy meets the same error.
	OfDelete bool

	// Cause is the error of EC2 that the finding is about, if it is about one.
	Cause error
}

// Reference names an object. The zero value names none.
type Reference struct {
	Kind mirror.Kind
	ID   string
}

// An Object is an object as it is, or as it is planned. Its noun has no ID where the
// object does not exist.
type Object[N any] struct {
	Noun    N
	Tags    map[string]string // all tags of the object
	Unknown []string          // the fields that are known after apply only; AllTags among them
}

// AllTags is the field of Object.Tags in Object.Unknown.
const AllTags = "tags_all"

func (o Object[N]) isKnown(fields ...string) bool {
	return !slices.ContainsFunc(fields, func(f string) bool { return slices.Contains(o.Unknown, f) })
}

// textChanges reports whether a text that EC2 cannot change changes.
func textChanges[N any](before, after Object[N], field string, text func(N) string) bool {
	return !after.isKnown(field) || text(after.Noun) != text(before.Noun)
}

// findings collects the findings about one object.
type findings struct {
	*Plan
	all []Finding
}

func (f *findings) add(finding Finding) {
	if finding.Silence == "" || !slices.Contains(f.policy.Silenced, finding.Silence) {
		f.all = append(f.all, finding)
	}
}

func (f *findings) refuse(field, summary, detail string) {
	f.add(Finding{Severity: Error, Field: field, Summary: summary, Detail: detail})
}

func (f *findings) warn(field, summary, detail string) {
	f.add(Finding{Severity: Warning, Field: field, Summary: summary, Detail: detail})
}

func (f *findings) hasError() bool {
	return slices.ContainsFunc(f.all, func(one Finding) bool { return one.Severity == Error })
}

// A collisionText says what a collision means for one of the two objects. The text gets
// the thing and the names of the other objects.
type collisionText struct{ field, summary, text string }

// reserve reserves what an object needs, and reports what it collides with, one finding
// for each kind of collision.
func (f *findings) reserve(objectID string, texts map[[2]role]collisionText, wanted ...reservation) {
	f.reportCollisions(f.reservations.reserve(objectID, wanted...), texts)
}

func (f *findings) reportCollisions(found []collision, texts map[[2]role]collisionText) {
	type kind struct {
		reservation
		with role
	}
	var kinds []kind
	others := map[kind][]string{}
	for _, c := range found {
		k := kind{c.reservation, c.with}
		if others[k] == nil {
			kinds = append(kinds, k)
		}
		others[k] = append(others[k], c.other())
	}
	for _, k := range kinds {
		text := texts[[2]role{k.as, k.with}]
		thing, _, _ := strings.Cut(k.thing, " ")
		f.refuse(text.field, text.summary, fmt.Sprintf(text.text, thing, strings.Join(others[k], ", ")))
	}
}

// Delete gives up what an object has reserved, and asks whether the object may be
// deleted.
func (p *Plan) Delete(ctx context.Context, objectID string, kind mirror.Kind, id string) []Finding {
	f := &findings{Plan: p}
	f.reserve(objectID, nil)
	questions{f}.delete(ctx, kind, id)
	return f.all
}
