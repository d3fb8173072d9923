package provider

import (
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// report adds problems as diagnostics, each at its attribute.
func report(diags *diag.Diagnostics, summary string, problems mirror.Problems) {
	for _, p := range problems {
		reportAt(diags, attributePath(p.Field), summary, p)
	}
}

// reportBelow adds problems as diagnostics at attributes of an element of a list.
func reportBelow(diags *diag.Diagnostics, element path.Path, summary string, problems mirror.Problems) {
	for _, p := range problems {
		at := element
		if p.Field != "" {
			for _, name := range strings.Split(p.Field, ".") {
				at = at.AtName(name)
			}
		}
		p.Field = at.String()
		reportAt(diags, at, summary, p)
	}
}

// reportAt adds one problem as a diagnostic at a path. The path may be above the field of
// the problem.
func reportAt(diags *diag.Diagnostics, at path.Path, summary string, p mirror.Problem) {
	text := p.Error()
	if last := text[len(text)-1]; last != '.' {
		text += "."
	}
	if p.Field == "" { // the text begins with a word, and not with the name of a field
		text = strings.ToUpper(text[:1]) + text[1:]
	}
	if p.Kind == mirror.Warning {
		addWarning(diags, at, strings.Replace(summary, "Invalid", "Probable mistake in", 1), text)
		return
	}
	addError(diags, at, summary, text)
}

// addError reports an error at a path. The empty path means the whole resource. It adds
// such an error without a path, because Terraform shows no line of the configuration for a
// path without steps.
func addError(diags *diag.Diagnostics, at path.Path, summary, text string) {
	if at.Equal(path.Empty()) {
		diags.AddError(summary, text)
		return
	}
	diags.AddAttributeError(at, summary, text)
}

// addWarning is addError for a warning.
func addWarning(diags *diag.Diagnostics, at path.Path, summary, text string) {
	if at.Equal(path.Empty()) {
		diags.AddWarning(summary, text)
		return
	}
	diags.AddAttributeWarning(at, summary, text)
}

// attributePath is the path of a problem's field, down to the first index. HCL allows a key
// that looks like a number without quotes. A diagnostic at such a key crashes the CLI
// ("panic: not a string", in every version up to Terraform 1.15 and OpenTofu 1.12).
func attributePath(field string) path.Path {
	field, _, _ = strings.Cut(field, "[")
	if field == "" {
		return path.Empty()
	}
	names := strings.Split(field, ".")
	at := path.Root(names[0])
	for _, name := range names[1:] {
		at = at.AtName(name)
	}
	return at
}

// A reader converts attributes to the fields of a noun. It collects problems and unknown
// fields. A problem that depends on an unknown field is not reported: with the final value
// there may be none.
type reader struct {
	problems mirror.Problems
	unknown  []string
}

// check returns the problems of the reader, and the problems of the noun that depend on no
// unknown field.
func (r *reader) check(problems mirror.Problems) mirror.Problems {
	isOpen := func(p mirror.Problem) bool { return slices.ContainsFunc(r.unknown, p.DependsOn) }
	return append(r.problems, slices.DeleteFunc(problems, isOpen)...)
}

// markUnknown marks a field as unknown, so that no check uses it.
func (r *reader) markUnknown(field string) { r.unknown = append(r.unknown, field) }

// fail adds the problems of reading a field. The field is not checked further.
func (r *reader) fail(field string, problems mirror.Problems) {
	r.problems = append(r.problems, problems...)
	r.markUnknown(field)
}

// isKnown reports whether the value of a field is set and known.
func (r *reader) isKnown(field string, value attr.Value) bool {
	if value.IsUnknown() {
		r.markUnknown(field)
	}
	return !value.IsUnknown() && !value.IsNull()
}

func (r *reader) text(field string, value types.String) string {
	r.isKnown(field, value)
	return value.ValueString()
}

// number reads a required number.
func (r *reader) number(field string, value numberValue, within mirror.Range) int {
	if value.IsNull() {
		r.fail(field, mirror.Problems{{
			Kind: mirror.Missing, Field: field, Wrong: "is missing",
			Fix: "Write a whole number from " + within.String() + ".",
		}})
	}
	if n := r.optionalNumber(field, value, within); n != nil {
		return *n
	}
	return 0
}

// optionalNumber reads an optional number.
func (r *reader) optionalNumber(field string, value numberValue, within mirror.Range) *int {
	if !r.isKnown(field, value) {
		return nil
	}
	if problems := value.outside(field, within); problems != nil {
		r.fail(field, problems)
		return nil
	}
	n := int(value.ValueInt64())
	return &n
}
