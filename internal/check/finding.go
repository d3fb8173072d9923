package check

import (
	"context"
	"fmt"
	"maps"
	"reflect"
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
	Field    string // the argument, as in the configuration; empty: the whole object
	Summary  string
	Detail   string
	Silence  string // the name that silences it in a configuration; empty: none does

	// About are the IDs of the objects that the finding is about, of those that exist. An
	// Exception can name one of them.
	About []string

	// Holder is the existing object that has the number or the backing resource this
	// object needs. The user can import it instead of creating this object. Zero: none.
	Holder Reference

	// Replaced is the kind of the object if the plan replaces it while sessions use it.
	Replaced mirror.Kind

	// HasExisting says that the plan has objects that a destroy would delete.
	HasExisting bool

	// OfDelete says that a destroy has the same error.
	OfDelete bool

	// Cause is the error of EC2, if one caused the finding.
	Cause error
}

// Reference identifies an object. The zero value means none.
type Reference struct {
	Kind mirror.Kind
	ID   string
}

// An Object is an object, before or after the plan. Its noun has no ID if the object does
// not exist.
type Object[N any] struct {
	Noun    N
	Tags    map[string]string // all tags of the object
	Unknown []string          // the fields that are known only after apply; may include AllTags
	Unset   []string          // the numbers that the configuration does not set, so that EC2 chooses them
}

// AllTags is the name of Object.Tags in Object.Unknown.
const AllTags = "tags_all"

func (o Object[N]) isKnown(fields ...string) bool {
	return !slices.ContainsFunc(fields, func(f string) bool { return slices.Contains(o.Unknown, f) })
}

// updates reports whether the apply writes an object: it creates or changes it. An object that
// is not written stays as EC2 has it, which a plan without a refresh may not know.
func updates[N any](before, after Object[N]) bool {
	isKnown := len(after.Unknown) == 0
	return !isKnown || !reflect.DeepEqual(before.Noun, after.Noun) || !maps.Equal(before.Tags, after.Tags)
}

// ruleUpdates is updates for a separate rule. A change of its tags alone does not write it.
func ruleUpdates(before, after Object[mirror.Rule]) bool {
	before.Tags, after.Tags = nil, nil
	after.Unknown = slices.DeleteFunc(slices.Clone(after.Unknown), func(field string) bool { return field == AllTags })
	return updates(before, after)
}

// textChanges reports whether the plan changes a text. EC2 cannot change it in place.
func textChanges[N any](before, after Object[N], field string, text func(N) string) bool {
	return !after.isKnown(field) || text(after.Noun) != text(before.Noun)
}

// findings collects the findings about one object.
type findings struct {
	*Plan
	about []string // the IDs of the objects that all findings are about, in addition to their own
	all   []Finding
}

func (f *findings) add(finding Finding) {
	finding.HasExisting = f.run.hasExisting()
	finding.About = append(finding.About, f.about...)
	if finding.Silence == "" || !f.policy.Silences(finding.Silence, finding.About...) {
		f.all = append(f.all, finding)
	}
}

// isSilenced reports whether a finding about objects is silenced, so that it needs no work.
func (f *findings) isSilenced(name string, ids ...string) bool {
	return f.policy.Silences(name, ids...)
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

// A collisionText describes a collision for one of the two objects. The text is formatted
// with the thing and the names of the other objects.
type collisionText struct{ field, summary, text string }

// reserve makes the reservations of an object, and reports its collisions, one finding for
// each kind of collision.
func (f *findings) reserve(objectID string, texts map[[2]role]collisionText, wanted ...reservation) {
	f.reportCollisions(f.reservations.reserve(objectID, wanted...), texts)
}

func (f *findings) reportCollisions(found []collision, texts map[[2]role]collisionText) {
	type kind struct {
		reservation
		with role
		same bool
	}
	var kinds []kind
	others := map[kind][]string{}
	for _, c := range found {
		k := kind{c.reservation, c.with, c.same}
		if others[k] == nil {
			kinds = append(kinds, k)
		}
		others[k] = append(others[k], c.other())
	}
	for _, k := range kinds {
		text := texts[[2]role{k.as, k.with}]
		thing, _, _ := strings.Cut(k.thing, " ")
		detail := fmt.Sprintf(text.text, thing, strings.Join(countNew(others[k]), ", "))
		if k.same {
			detail += plannedTwice
		}
		f.refuse(text.field, text.summary, detail)
	}
}

// plannedTwice ends the message about two new objects that may be one. With a provider block in
// a test file, `terraform test` of Terraform 1.15 plans an object for the plan and for the apply in
// one process, and nothing in the requests shows it.
const plannedTwice = " If there is only one: `terraform test` of Terraform 1.15 plans it twice if the provider block is in the test file. Write that block into embedded_override.tf of the module that the run plans."

// countNew names objects, and counts those that are new.
func countNew(names []string) []string {
	old := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == aNewOne })
	switch n := len(names) - len(old); n {
	case 0:
		return old
	case 1:
		return append(old, aNewOne)
	default:
		return append(old, fmt.Sprintf("%d new ones", n))
	}
}

// Delete replaces the reservations of an object that the plan destroys, and asks whether it
// may be deleted.
func (p *Plan) Delete(ctx context.Context, kind mirror.Kind, id string) []Finding {
	f := &findings{Plan: p}
	f.planned.forget(id)
	f.reserve(id, nil, reservation{id, asDestroyed})
	f.warnStillUsed(kind, id)
	questions{f}.delete(ctx, kind, id)
	return f.all
}
