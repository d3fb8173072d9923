package mirror

import (
	"fmt"
	"strings"
)

// IsForbidden reports whether no text may have the character. EC2 answers in XML, which has
// no place for most control characters (https://www.w3.org/TR/xml/#charsets).
func IsForbidden(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
}

// checkText returns a problem if a text has a character that is forbidden.
func checkText(field, text string) Problems {
	at := strings.IndexFunc(text, IsForbidden)
	if at < 0 {
		return nil
	}
	character := []rune(text[at:])[0]
	return Problems{{
		Kind: Invalid, Field: field, Wrong: fmt.Sprintf("has the character %U, which EC2 does not accept", character),
		Fix: "Remove this character.",
	}}
}

// ProblemKind classifies a problem, so that a protocol with error codes can choose one.
type ProblemKind string

// The kinds of problem. All but Warning are errors.
const (
	Missing   ProblemKind = "missing"   // a required value is not there
	Malformed ProblemKind = "malformed" // a text cannot be read
	Invalid   ProblemKind = "invalid"   // a value is outside of what is allowed
	Conflict  ProblemKind = "conflict"  // values exclude each other
	Limit     ProblemKind = "limit"     // there are more than a quota allows
	Warning   ProblemKind = "warning"   // the value is allowed, but probably a mistake
)

// A Problem is one thing that is wrong with a value.
type Problem struct {
	Kind ProblemKind

	// Field is the path of the wrong field in the checked value, with the names
	// of the Terraform arguments: "source_port_range.from_port". It is empty if
	// the whole value is wrong.
	Field string

	// With lists more fields that the problem depends on. If one of them is not
	// known yet, it is not known whether there is a problem.
	With []string

	Wrong string // what is wrong, as a verb phrase: `is 70000`
	Fix   string // what to write instead, as a sentence
}

// Error returns the problem as one line.
func (p Problem) Error() string {
	var b strings.Builder
	if p.Field != "" {
		b.WriteString(p.Field + " ")
	}
	b.WriteString(p.Wrong)
	if p.Fix != "" {
		b.WriteString(". " + p.Fix)
	}
	return b.String()
}

// Problems is what a check found, in the order of the fields.
type Problems []Problem

// Error returns the problems, one line each.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Err returns the problems that are errors, or nil if there are none.
func (ps Problems) Err() error {
	var errs Problems
	for _, p := range ps {
		if p.Kind != Warning {
			errs = append(errs, p)
		}
	}
	if len(errs) == 0 {
		return nil
	}
	return errs
}

// Below returns the problems with their fields moved below parent.
func (ps Problems) Below(parent string) Problems {
	moved := make(Problems, len(ps))
	for i, p := range ps {
		p.Field = join(parent, p.Field)
		with := make([]string, len(p.With))
		for j, w := range p.With {
			with[j] = join(parent, w)
		}
		p.With = with
		moved[i] = p
	}
	return moved
}

// DependsOn reports whether the problem depends on field or on a field below it.
func (p Problem) DependsOn(field string) bool {
	within := func(f string) bool {
		return f == field || strings.HasPrefix(f, field+".") || strings.HasPrefix(f, field+"[")
	}
	if within(p.Field) {
		return true
	}
	for _, w := range p.With {
		if within(w) {
			return true
		}
	}
	return false
}

func join(parent, field string) string {
	if field == "" || strings.HasPrefix(field, "[") {
		return parent + field
	}
	return parent + "." + field
}
