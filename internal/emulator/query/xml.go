package query

import (
	"bytes"
	"encoding/xml"
	"strconv"
)

// Writer writes the elements of an answer. As in the answers of EC2, they have no
// attributes and no white space between them.
type Writer struct {
	buf bytes.Buffer
	err error
}

// Fail makes the request fail, although part of its answer has been written. It keeps
// the first error.
func (x *Writer) Fail(err error) {
	if x.err == nil {
		x.err = err
	}
}

// Open writes a start tag.
func (x *Writer) Open(name string) { x.buf.WriteString("<" + name + ">") }

// Close writes an end tag.
func (x *Writer) Close(name string) { x.buf.WriteString("</" + name + ">") }

// In writes an element around what f writes.
func (x *Writer) In(name string, f func()) {
	x.Open(name)
	f()
	x.Close(name)
}

// Text writes an element with a text. It escapes white space, because a parser would
// change it.
func (x *Writer) Text(name, text string) {
	x.Open(name)
	// A write to a buffer does not fail.
	_ = xml.EscapeText(&x.buf, []byte(text))
	x.Close(name)
}

// OptText writes an element unless its text is empty.
func (x *Writer) OptText(name, text string) {
	if text != "" {
		x.Text(name, text)
	}
}

// Int writes an element with a number.
func (x *Writer) Int(name string, n int) { x.Text(name, strconv.Itoa(n)) }

// OptInt writes an element with a number, or nothing for nil.
func (x *Writer) OptInt(name string, n *int) {
	if n != nil {
		x.Int(name, *n)
	}
}

// Bool writes an element with a truth value.
func (x *Writer) Bool(name string, b bool) { x.Text(name, strconv.FormatBool(b)) }

const xmlHeader = `<?xml version="1.0" encoding="UTF-8"?>`

// Answer writes the answer to an action around what body writes.
func (x *Writer) Answer(api *API, action, requestID string, body func() error) error {
	x.buf.Reset()
	root := action + "Response"
	x.buf.WriteString(xmlHeader + "<" + root + ` xmlns="` + api.namespace + `">`)
	x.err = nil
	if err := api.answer(x, action, requestID, body); err != nil {
		return err
	}
	x.Close(root)
	return x.err
}

// Refusal writes the error envelope.
func (x *Writer) Refusal(api *API, e *Error, requestID string) {
	x.buf.Reset()
	x.buf.WriteString(xmlHeader)
	api.refusal(x, e, requestID)
}

// Bytes returns what has been written.
func (x *Writer) Bytes() []byte { return x.buf.Bytes() }
