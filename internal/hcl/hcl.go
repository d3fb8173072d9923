// Package hcl writes blocks of the language of Terraform and OpenTofu, in the form that
// `terraform fmt` leaves as it is. It reads nothing, and it knows no schema.
//
// https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
package hcl

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Block is a block such as `resource "type" "name" { ... }`.
type Block struct {
	Type   string
	Labels []string
	Items  Object
}

// An Item is an argument of a block, or an attribute of an object. Its value is a string, a
// bool, an int, a *big.Float, an Expression, an Object or a List.
type Item struct {
	Name  string
	Value any
}

// An Object is an object or a map. Its items are written in their order.
type Object []Item

// A List is a list or a set.
type List []any

// An Expression is written as it is, such as a reference.
type Expression string

const step = "  "

// String returns the block as text that ends with a line break.
func (b Block) String() string {
	var w strings.Builder
	w.WriteString(b.Type)
	for _, label := range b.Labels {
		w.WriteString(" " + Quote(label))
	}
	w.WriteString(" {\n")
	writeItems(&w, b.Items, step, true)
	w.WriteString("}\n")
	return w.String()
}

// writeItems writes one item in each line. The equals signs of lines that follow each other
// are below each other. A value of several lines ends such a group. top is set for the items
// of a block, whose objects take several lines.
func writeItems(w *strings.Builder, items Object, indent string, top bool) {
	for len(items) > 0 {
		group, width := 0, 0
		for group < len(items) && !hasLines(items[group].Value, top) {
			width = max(width, utf8.RuneCountInString(key(items[group].Name)))
			group++
		}
		for _, item := range items[:group] {
			fmt.Fprintf(w, "%s%-*s = ", indent, width, key(item.Name))
			writeValue(w, item.Value)
			w.WriteByte('\n')
		}
		if items = items[group:]; len(items) > 0 {
			fmt.Fprintf(w, "%s%s = {\n", indent, key(items[0].Name))
			writeItems(w, items[0].Value.(Object), indent+step, false)
			w.WriteString(indent + "}\n")
			items = items[1:]
		}
	}
}

// hasLines reports whether a value takes several lines: an object in a block, or an object
// that is more than a pair of numbers.
func hasLines(value any, top bool) bool {
	object, isObject := value.(Object)
	return isObject && len(object) > 0 && (top || len(object) > 2)
}

func writeValue(w *strings.Builder, value any) {
	switch v := value.(type) {
	case string:
		w.WriteString(Quote(v))
	case bool:
		w.WriteString(strconv.FormatBool(v))
	case int:
		w.WriteString(strconv.Itoa(v))
	case *big.Float:
		w.WriteString(v.Text('f', -1))
	case Expression:
		w.WriteString(string(v))
	case List:
		w.WriteByte('[')
		for i, element := range v {
			if i > 0 {
				w.WriteString(", ")
			}
			writeValue(w, element)
		}
		w.WriteByte(']')
	case Object:
		writeInLine(w, v)
	default:
		panic(fmt.Sprintf("hcl has no value of the type %T", value))
	}
}

func writeInLine(w *strings.Builder, object Object) {
	if len(object) == 0 {
		w.WriteString("{}")
		return
	}
	for i, item := range object {
		w.WriteString([]string{"{ ", ", "}[min(i, 1)])
		w.WriteString(key(item.Name) + " = ")
		writeValue(w, item.Value)
	}
	w.WriteString(" }")
}

// keywords have a meaning of their own at the beginning of an object, or as an expression.
var keywords = map[string]bool{"for": true, "if": true, "in": true, "null": true, "true": true, "false": true}

// key returns the name of an item: in quotes, unless it is an identifier.
func key(name string) string {
	if IsIdentifier(name) && !keywords[name] {
		return name
	}
	return Quote(name)
}

// IsIdentifier reports whether a name needs no quotes. HCL accepts more than ASCII, but that is
// hard to type.
func IsIdentifier(name string) bool {
	for i, r := range name {
		isLetter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r == '_'
		isInner := '0' <= r && r <= '9' || r == '-'
		if !isLetter && (i == 0 || !isInner) {
			return false
		}
	}
	return name != ""
}

// Quote returns a text as a quoted template that has exactly this text as its value. What
// cannot be seen on a screen is written as an escape.
func Quote(text string) string {
	var w strings.Builder
	text = strings.ToValidUTF8(text, string(utf8.RuneError))
	w.WriteByte('"')
	for i, r := range text {
		w.WriteString(escape(r, text[i+utf8.RuneLen(r):], strings.HasSuffix(text[:i], string(r))))
	}
	w.WriteByte('"')
	return w.String()
}

// escape returns a character of a text as it is in a quoted template. rest is the text behind
// it, and again says that the character before it is the same.
func escape(r rune, rest string, again bool) string {
	switch {
	case r == '"' || r == '\\':
		return `\` + string(r)
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case (r == '$' || r == '%') && strings.HasPrefix(rest, "{"):
		if again { // $$ before a brace is an escape already
			return fmt.Sprintf(`\u%04x`, r)
		}
		return string(r) + string(r)
	case unicode.IsPrint(r):
		return string(r)
	case r > 0xFFFF:
		return fmt.Sprintf(`\U%08x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}
