package function

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// reader reads a dynamic argument, and collects what is wrong with it.
type reader struct {
	problems mirror.Problems
	unknown  bool // a value that was asked for is known only after apply
}

func (r *reader) add(ps ...mirror.Problem) { r.problems = append(r.problems, ps...) }

// err returns the problems of the argument. There are none if the argument is not known: they
// might come from what is missing.
func (r *reader) err(argument int64) error {
	if r.unknown {
		return nil
	}
	return wrongArgument(argument, r.problems)
}

// known returns the value inside of dynamic values, and nil if it is null, not there or
// unknown.
func (r *reader) known(v attr.Value) attr.Value {
	for {
		d, isDynamic := v.(types.Dynamic)
		if !isDynamic || d.IsNull() || d.IsUnknown() {
			break
		}
		v = d.UnderlyingValue()
	}
	switch {
	case v == nil || v.IsNull():
		return nil
	case v.IsUnknown():
		r.unknown = true
		return nil
	}
	return v
}

// malformed says that a value has the wrong type.
func (r *reader) malformed(at string, v attr.Value, fix string) {
	r.add(mirror.Problem{Kind: mirror.Malformed, Field: at, Wrong: "is " + describe(v), Fix: fix})
}

// describe says what a value is.
func describe(v attr.Value) string {
	switch v := v.(type) {
	case types.String:
		return strconv.Quote(v.ValueString())
	case types.Number:
		return v.ValueBigFloat().Text('f', -1)
	case types.Bool:
		return strconv.FormatBool(v.ValueBool())
	case types.Object, types.Map:
		return "an object"
	}
	return "a list"
}

// fields are the attributes of an object or the elements of a map, at a path.
type fields struct {
	reader *reader
	at     string // "": the whole argument
	values map[string]attr.Value
}

// fields reads an object or a map. ok is false if there is none.
func (r *reader) fields(at string, v attr.Value, fix string) (f fields, ok bool) {
	switch v := r.known(v).(type) {
	case nil:
		return fields{}, false
	case types.Object:
		return fields{r, at, v.Attributes()}, true
	case types.Map:
		return fields{r, at, v.Elements()}, true
	default:
		r.malformed(at, v, fix)
		return fields{}, false
	}
}

// path returns the path of an attribute.
func (f fields) path(name string) string {
	if f.at == "" {
		return name
	}
	return f.at + "." + name
}

// has reports whether the attribute is there, also as null.
func (f fields) has(name string) bool {
	_, has := f.values[name]
	return has
}

// isSet reports whether the attribute has a value.
func (f fields) isSet(name string) bool { return f.reader.known(f.values[name]) != nil }

// only reports attributes with other names.
func (f fields) only(names ...string) {
	var strange []string
	for name := range f.values {
		if !slices.Contains(names, name) {
			strange = append(strange, name)
		}
	}
	slices.Sort(strange)
	for _, name := range strange {
		f.reader.add(mirror.Problem{
			Kind: mirror.Invalid, Field: f.path(name), Wrong: "is not an attribute that exists here",
			Fix: "Write one of " + strings.Join(names, ", ") + ".",
		})
	}
}

// text reads a text, or a number as a text. It is "" if there is none.
func (f fields) text(name string) string {
	switch v := f.reader.known(f.values[name]).(type) {
	case nil:
	case types.String:
		return v.ValueString()
	case types.Number:
		return describe(v)
	default:
		f.reader.malformed(f.path(name), v, "Write a text.")
	}
	return ""
}

// number reads a whole number, or a text with one. It is nil if there is none.
func (f fields) number(name string) *int64 {
	v := f.reader.known(f.values[name])
	if v == nil {
		return nil
	}
	n, isWhole := wholeNumber(v)
	if !isWhole {
		f.reader.malformed(f.path(name), v, "Write a whole number.")
	}
	return &n
}

func wholeNumber(v attr.Value) (n int64, isWhole bool) {
	switch v := v.(type) {
	case types.Number:
		n, accuracy := v.ValueBigFloat().Int64()
		return n, accuracy == big.Exact
	case types.String:
		n, err := strconv.ParseInt(v.ValueString(), 10, 64)
		return n, err == nil
	}
	return 0, false
}

// truth reads a bool.
func (f fields) truth(name string) bool {
	v := f.reader.known(f.values[name])
	switch v := v.(type) {
	case nil:
	case types.Bool:
		return v.ValueBool()
	default:
		f.reader.malformed(f.path(name), v, "Write true or false.")
	}
	return false
}

// texts reads a list or a set of texts.
func (r *reader) texts(at string, v attr.Value, fix string) []string {
	v = r.known(v)
	var elements []attr.Value
	switch v := v.(type) {
	case nil:
		return nil
	case types.List:
		elements = v.Elements()
	case types.Set:
		elements = v.Elements()
	case types.Tuple:
		elements = v.Elements()
	default:
		r.malformed(at, v, fix)
		return nil
	}
	texts := make([]string, 0, len(elements))
	for i, e := range elements {
		here := fmt.Sprintf("%s[%d]", at, i)
		e = r.known(e)
		switch e := e.(type) {
		case nil:
			if !r.unknown {
				r.add(mirror.Problem{Kind: mirror.Missing, Field: here, Wrong: "is null", Fix: fix})
			}
		case types.String:
			texts = append(texts, e.ValueString())
		default:
			r.malformed(here, e, fix)
		}
	}
	return texts
}
