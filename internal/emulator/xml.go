package emulator

import (
	"bytes"
	"encoding/xml"
	"strconv"
)

// xmlWriter writes the elements of an answer. Elements carry no attributes and no
// white space between them, as in EC2's answers.
type xmlWriter struct{ buf bytes.Buffer }

func (x *xmlWriter) open(name string) { x.buf.WriteString("<" + name + ">") }

func (x *xmlWriter) close(name string) { x.buf.WriteString("</" + name + ">") }

// in writes an element around what f writes.
func (x *xmlWriter) in(name string, f func()) {
	x.open(name)
	f()
	x.close(name)
}

// text writes an element that holds a text. White space is escaped too: a parser
// would change it.
func (x *xmlWriter) text(name, text string) {
	x.open(name)
	// Writing to a buffer does not fail.
	_ = xml.EscapeText(&x.buf, []byte(text))
	x.close(name)
}

// opt writes an element unless its text is empty.
func (x *xmlWriter) opt(name, text string) {
	if text != "" {
		x.text(name, text)
	}
}

func (x *xmlWriter) num(name string, n int) { x.text(name, strconv.Itoa(n)) }

func (x *xmlWriter) optNum(name string, n *int) {
	if n != nil {
		x.num(name, *n)
	}
}

func (x *xmlWriter) flag(name string, b bool) { x.text(name, strconv.FormatBool(b)) }

const (
	xmlHeader    = `<?xml version="1.0" encoding="UTF-8"?>`
	xmlNamespace = "http://ec2.amazonaws.com/doc/" + apiVersion + "/"
)

// answer writes the answer to an action around what body writes.
func (x *xmlWriter) answer(action, requestID string, body func() error) error {
	x.buf.Reset()
	root := action + "Response"
	x.buf.WriteString(xmlHeader + "<" + root + ` xmlns="` + xmlNamespace + `">`)
	x.text("requestId", requestID)
	if err := body(); err != nil {
		return err
	}
	x.close(root)
	return nil
}

// refusal writes the error envelope.
func (x *xmlWriter) refusal(e *apiError, requestID string) {
	x.buf.Reset()
	x.buf.WriteString(xmlHeader)
	x.in("Response", func() {
		x.in("Errors", func() {
			x.in("Error", func() {
				x.text("Code", e.code)
				x.text("Message", e.message)
			})
		})
		x.text("RequestID", requestID)
	})
}
