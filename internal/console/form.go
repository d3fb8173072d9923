package console

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// A form is one that a page shows, with the values that its fields have.
type form struct {
	action string // path that it is sent to
	submit string // text of its button
	fields []field
	values url.Values
	wrong  mirror.Problems // at the fields whose names are their Field
	hidden map[string]string
	id     string                   // of its element; "": none
	first  []g.Node                 // before the fields
	extra  []g.Node                 // after the fields
	labels func(name string) string // of the fields in extra; nil: there are none
	back   string                   // path of the link that leaves the form
}

// A field is one of a form. Its name is that of the argument, as in problems of package mirror.
type field struct {
	name, label, hint string
	kind              fieldKind
	choices           []choice // of a select, or suggestions of a text
}

type fieldKind int

const (
	textField fieldKind = iota
	selectField
	tagsField
	fixedField // shows its value, which cannot be changed
)

type choice struct{ value, text string }

// fieldID is the id of the element of a field.
func fieldID(name string) string {
	return "field-" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return '-'
	}, name)
}

// problemsAt returns the problems of a field, or of what is below it.
func problemsAt(all mirror.Problems, name string) (at mirror.Problems) {
	for _, p := range all {
		if p.DependsOn(name) && (p.Field == name || strings.HasPrefix(p.Field, name+".") || strings.HasPrefix(p.Field, name+"[") || p.Field == "") {
			at = append(at, p)
		}
	}
	return at
}

// node shows the form.
func (f *form) node(r *request) g.Node {
	nodes := []g.Node{h.Method("post"), h.Action(f.action), h.Class("form"), h.AutoComplete("off"), r.hiddenToken()}
	if f.id != "" {
		nodes = append(nodes, h.ID(f.id))
	}
	for _, name := range slices.Sorted(maps.Keys(f.hidden)) {
		nodes = append(nodes, h.Input(h.Type("hidden"), h.Name(name), h.Value(f.hidden[name])))
	}
	nodes = append(nodes, f.first...)
	for _, field := range f.fields {
		nodes = append(nodes, f.field(field))
	}
	nodes = append(nodes, f.extra...)
	nodes = append(nodes, h.P(h.Class("actions"), h.Button(h.Type("submit"), g.Text(f.submit)), g.If(f.back != "", anchor(f.back, "Cancel"))))
	return h.Form(nodes...)
}

// hiddenToken is the token of the browser's session.
func (r *request) hiddenToken() g.Node {
	return h.Input(h.Type("hidden"), h.Name(formToken), h.Value(r.token()))
}

func (f *form) field(of field) g.Node {
	id := fieldID(of.name)
	if of.kind == tagsField {
		return f.tags(of)
	}
	if of.kind == fixedField {
		return h.Div(h.Class("field"), h.P(h.Class("hint"), g.Text(of.label)), h.P(g.Text(f.values.Get(of.name))), g.If(of.hint != "", h.P(h.Class("hint"), g.Text(of.hint))))
	}
	problems := problemsAt(f.wrong, of.name)
	attributes := append([]g.Node{h.ID(id), h.Name(of.name)}, describedBy(id, of.hint != "", problems)...)
	var control g.Node
	if of.kind == selectField {
		control = h.Select(append(attributes, options(of.choices, f.values.Get(of.name))...)...)
	} else {
		control = g.Group{h.Input(append(attributes, h.Type("text"), h.Value(f.values.Get(of.name)), g.If(of.choices != nil, g.Attr("list", id+"-list")))...), suggestions(id+"-list", of.choices)}
	}
	return h.Div(h.Class("field"), h.Label(h.For(id), g.Text(of.label)), hintOf(id, of.hint), control, wrongAt(id, problems))
}

// describedBy connects a field with its hint and its problems.
func describedBy(id string, hasHint bool, problems mirror.Problems) (attributes []g.Node) {
	var ids []string
	if hasHint {
		ids = append(ids, id+"-hint")
	}
	if problems != nil {
		ids = append(ids, id+"-wrong")
		attributes = append(attributes, g.Attr("aria-invalid", "true"))
	}
	if ids != nil {
		attributes = append(attributes, g.Attr("aria-describedby", strings.Join(ids, " ")))
	}
	return attributes
}

func hintOf(id, hint string) g.Node {
	return g.If(hint != "", h.P(h.Class("hint"), h.ID(id+"-hint"), g.Text(hint)))
}

func wrongAt(id string, problems mirror.Problems) g.Node {
	if problems == nil {
		return nil
	}
	var lines []string
	for _, p := range problems {
		lines = append(lines, problemText(p))
	}
	return h.P(h.Class("wrong"), h.ID(id+"-wrong"), g.Text(strings.Join(lines, " ")))
}

// problemText is a problem without its field, which is beside it.
func problemText(p mirror.Problem) string { return strings.TrimSpace(sentence(p.Wrong) + " " + p.Fix) }

func options(choices []choice, chosen string) []g.Node {
	var nodes []g.Node
	isThere := false
	for _, c := range choices {
		isThere = isThere || c.value == chosen
		nodes = append(nodes, h.Option(h.Value(c.value), g.If(c.value == chosen, h.Selected()), g.Text(c.text)))
	}
	if !isThere && chosen != "" {
		nodes = append(nodes, h.Option(h.Value(chosen), h.Selected(), g.Text(chosen)))
	}
	return nodes
}

func suggestions(id string, choices []choice) g.Node {
	if choices == nil {
		return nil
	}
	return h.DataList(append([]g.Node{h.ID(id)}, options(choices, "")...)...)
}

// summary lists the problems of a form, with links to their fields.
func summary(problems mirror.Problems, label func(field string) string) note {
	var lines [][]g.Node
	for _, p := range problems {
		name, _, _ := strings.Cut(p.Field, "[")
		name, _, _ = strings.Cut(name, ".")
		to := p.Field
		if label(to) == "" {
			to = name
		}
		if words := label(to); words != "" {
			lines = append(lines, words2(h.A(h.Href("#"+fieldID(to)), g.Text(words)), ": "+problemText(p)))
			continue
		}
		lines = append(lines, words2(nil, sentence(strings.TrimSpace(p.Field+" "+p.Wrong))+" "+p.Fix))
	}
	return note{kind: noteError, text: map[bool]string{true: "One value has to be corrected. Nothing was changed.", false: fmt.Sprintf("%d values have to be corrected. Nothing was changed.", len(problems))}[len(problems) == 1],
		more: []g.Node{list(lines...)}}
}

func words2(link g.Node, rest string) []g.Node { return []g.Node{link, g.Text(rest)} }

// label returns the label of a field of the form, or "".
func (f *form) label(name string) string {
	for _, field := range f.fields {
		if field.name == name {
			return field.label
		}
	}
	if f.labels != nil {
		return f.labels(name)
	}
	return ""
}

// formPage shows a form on a page, with what is wrong with its values.
func formPage(r *request, p *page, f *form) *page {
	if problems := errorsIn(f.wrong); problems != nil {
		p.status = http.StatusUnprocessableEntity
		p.notes = append(p.notes, summary(problems, f.label))
	}
	p.body = append(p.body, f.node(r))
	return p
}

// errorsIn returns the problems that are errors.
func errorsIn(all mirror.Problems) (errs mirror.Problems) {
	return slices.DeleteFunc(slices.Clone(all), func(p mirror.Problem) bool { return p.Kind == mirror.Warning })
}
