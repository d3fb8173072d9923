package emulator

import (
	"fmt"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// replace sets a value if a request gives one.
func replace[T any](into *T, given *T) {
	if given != nil {
		*into = *given
	}
}

// isSet reports whether a flag is known and true.
func isSet(flag *bool) bool { return flag != nil && *flag }

// replacePointer sets an optional value, or removes it.
func replacePointer[T any](into **T, given *T, removed bool) {
	if given != nil || removed {
		*into = given
	}
}

// removal is a value of the parameter RemoveField, with the parameters that set the
// same field.
type removal struct {
	field      string
	parameters []string
}

// removedFields are the values of a request's RemoveField.
type removedFields []string

func (r removedFields) has(field string) bool { return slices.Contains(r, field) }

// readRemovals reads RemoveField. A field that is removed and set is refused (A0047).
func readRemovals(q *query.Query, known []removal) removedFields {
	var removed removedFields
	for _, member := range q.Members("RemoveField") {
		text := q.Text(member)
		i := slices.IndexFunc(known, func(r removal) bool { return r.field == text })
		if i < 0 {
			q.Fail(query.InvalidValue(member, text, "Write one of "+fieldList(known)+"."))
			return removed
		}
		if set := slices.IndexFunc(known[i].parameters, q.Has); set >= 0 {
			q.Fail(query.Refuse("InvalidParameterCombination", "The parameter %s cannot be used while %s removes it", known[i].parameters[set], member))
		}
		removed = append(removed, text)
	}
	return removed
}

func fieldList(known []removal) string {
	var list string
	for i, r := range known {
		if i > 0 {
			list += ", "
		}
		list += fmt.Sprintf("%q", r.field)
	}
	return list
}
