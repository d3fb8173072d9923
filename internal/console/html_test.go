package console_test

import (
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
)

// An element of a page. A text is an element without a name.
type element struct {
	name       string
	attributes map[string]string
	children   []*element
	text       string
	parent     *element
}

// parse reads a page.
func parse(t *testing.T, page string) *element {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(page))
	decoder.Strict, decoder.AutoClose, decoder.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	root := &element{attributes: map[string]string{}}
	at := root
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return root
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, page)
		}
		switch token := token.(type) {
		case xml.StartElement:
			child := &element{name: token.Name.Local, attributes: map[string]string{}, parent: at}
			for _, a := range token.Attr {
				child.attributes[a.Name.Local] = a.Value
			}
			at.children = append(at.children, child)
			at = child
		case xml.EndElement:
			at = at.parent
		case xml.CharData:
			at.children = append(at.children, &element{text: string(token), parent: at, attributes: map[string]string{}})
		}
	}
}

// all returns the elements with one of the names, in the order of the page.
func (e *element) all(names ...string) (found []*element) {
	if slices.Contains(names, e.name) {
		found = append(found, e)
	}
	for _, child := range e.children {
		found = append(found, child.all(names...)...)
	}
	return found
}

// words returns the text of an element, with single spaces.
func (e *element) words() string {
	var b strings.Builder
	var write func(*element)
	write = func(e *element) {
		b.WriteString(e.text + " ")
		for _, child := range e.children {
			write(child)
		}
	}
	write(e)
	return strings.Join(strings.Fields(b.String()), " ")
}

// id returns the element with an ID, or nil.
func (e *element) id(id string) *element {
	if e.attributes["id"] == id {
		return e
	}
	for _, child := range e.children {
		if found := child.id(id); found != nil {
			return found
		}
	}
	return nil
}

// inside reports whether an element is in one with the name.
func (e *element) inside(name string) bool {
	for at := e.parent; at != nil; at = at.parent {
		if at.name == name {
			return true
		}
	}
	return false
}

// fieldsOf returns the names and values of the form of a page that is sent to a path, as a
// browser sends them without a button.
func fieldsOf(t *testing.T, page, path string) (fields [][2]string) {
	t.Helper()
	for _, form := range parse(t, page).all("form") {
		if form.attributes["action"] != path {
			continue
		}
		for _, field := range form.all("input", "select", "textarea") {
			fields = append(fields, fieldOf(field)...)
		}
		return fields
	}
	t.Fatalf("no form is sent to %s in\n%s", path, parse(t, page).words())
	return nil
}

func fieldOf(field *element) [][2]string {
	name, value := field.attributes["name"], field.attributes["value"]
	_, isChecked := field.attributes["checked"]
	kind := field.attributes["type"]
	switch {
	case name == "" || !isChecked && (kind == "checkbox" || kind == "radio"):
		return nil
	case field.name == "textarea":
		value = strings.TrimSpace(field.words())
	case field.name == "select":
		for i, option := range field.all("option") {
			if _, isSelected := option.attributes["selected"]; isSelected || i == 0 {
				value = option.attributes["value"]
			}
		}
	}
	return [][2]string{{name, value}}
}

// problemsOf returns what is wrong with the HTML of a page.
func problemsOf(t *testing.T, page string) (problems []string) {
	t.Helper()
	root := parse(t, page)
	ids := map[string]int{}
	var visit func(*element)
	visit = func(e *element) {
		if id := e.attributes["id"]; id != "" {
			ids[id]++
		}
		problems = append(problems, problemsOfElement(root, e)...)
		for _, child := range e.children {
			visit(child)
		}
	}
	visit(root)
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		if ids[id] > 1 {
			problems = append(problems, "the id "+id+" is there more than once")
		}
	}
	for _, name := range []string{"h1", "main", "title"} { // a picture may have titles of its own
		if n := len(slices.DeleteFunc(root.all(name), func(e *element) bool { return e.inside("svg") })); n != 1 {
			problems = append(problems, "there is not one "+name)
		}
	}
	if len(root.all("html")) != 1 || root.all("html")[0].attributes["lang"] == "" {
		problems = append(problems, "the language is missing")
	}
	return problems
}

func problemsOfElement(root, e *element) (problems []string) {
	for name, value := range e.attributes {
		switch {
		case name == "style" || strings.HasPrefix(name, "on"):
			problems = append(problems, "the policy forbids "+name+" of "+e.name)
		case (name == "src" || name == "href" || name == "action" || name == "formaction") && (strings.Contains(value, "//") || strings.HasPrefix(value, "javascript:")):
			problems = append(problems, "another host in "+value)
		case name == "aria-describedby" || name == "aria-labelledby" || name == "for":
			for id := range strings.FieldsSeq(value) {
				if root.id(id) == nil {
					problems = append(problems, name+" names "+id+", which is not there")
				}
			}
		}
	}
	switch e.name {
	case "input", "select", "textarea":
		if e.attributes["type"] != "hidden" && !hasLabel(root, e) {
			problems = append(problems, "no label for "+e.attributes["name"])
		}
	case "table":
		if len(e.all("caption")) != 1 || len(e.all("th")) == 0 {
			problems = append(problems, "a table without a caption or headers")
		}
	case "th":
		if e.attributes["scope"] == "" {
			problems = append(problems, "a header without scope: "+e.words())
		}
	case "a", "button":
		if e.words() == "" && e.attributes["aria-label"] == "" {
			problems = append(problems, e.name+" without text")
		}
	case "style":
		problems = append(problems, "the policy forbids a style element")
	case "script":
		if e.attributes["src"] == "" || e.words() != "" {
			problems = append(problems, "the policy forbids an inline script")
		}
	}
	return problems
}

func hasLabel(root, field *element) bool {
	if field.attributes["aria-label"] != "" || field.inside("label") {
		return true
	}
	for _, label := range root.all("label") {
		if id := field.attributes["id"]; id != "" && label.attributes["for"] == id {
			return label.words() != ""
		}
	}
	return false
}
