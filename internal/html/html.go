// Package html has the elements and attributes of HTML as values, for pages and reports. It is
// gomponents (https://www.gomponents.com), which escapes texts and values. It knows nothing of a
// page.
//
// The compiler would copy the code of gomponents to each place that writes an element or an
// attribute: the pages of the console would be five times as large. Here it is called.
package html

import "maragu.dev/gomponents"

// Node is an element, an attribute or a text.
type Node = gomponents.Node

// Group is several nodes as one.
type Group = gomponents.Group

// El returns an element.
//
//go:noinline
func El(name string, children ...Node) Node { return gomponents.El(name, children...) }

// Attr returns an attribute.
//
//go:noinline
func Attr(name string, value ...string) Node { return gomponents.Attr(name, value...) }

// Text returns a text, which is shown as it is.
//
//go:noinline
func Text(text string) Node { return gomponents.Text(text) }

// Textf returns a formatted text, which is shown as it is.
//
//go:noinline
func Textf(format string, args ...any) Node { return gomponents.Textf(format, args...) }

// Raw returns a text that is HTML already.
//
//go:noinline
func Raw(text string) Node { return gomponents.Raw(text) }

// If returns the node if the condition is true, and otherwise nothing.
func If(condition bool, n Node) Node {
	if condition {
		return n
	}
	return nil
}

// Doctype returns a document.
func Doctype(page Node) Node { return Group{Raw("<!doctype html>"), page} }
