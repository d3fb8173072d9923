package docs_test

import (
	"regexp"
	"strings"
)

// passage is a paragraph, a list item, a cell of a table, a heading or a comment.
type passage struct {
	text
	kind string // paragraph, item, cell, heading, matter, comment
}

var (
	fence     = regexp.MustCompile("^\\s*(```+|~~~+)\\s*([a-z]*)")
	heading   = regexp.MustCompile(`^#{1,6} +`)
	item      = regexp.MustCompile(`^\s*(?:[-*+]|\d+\.)\s+`)
	callout   = regexp.MustCompile(`^(?:~>|->|!>|>) `)
	row       = regexp.MustCompile(`^\s*\|`)
	ruler     = regexp.MustCompile(`^[\s|:-]+$`)
	cellEdge  = regexp.MustCompile("`[^`]*`|\\\\\\||\\|")
	directive = regexp.MustCompile(`^\s*\{\{.*\}\}\s*$`)
	codeLine  = regexp.MustCompile(`^(?:\t|    )|^\s*[{}\[\]]`)
	matter    = regexp.MustCompile(`^(?:[a-z_]+:\s*(?:\|-?|>-?)?|  )`)
)

// markdownReader cuts Markdown, which descriptions and messages are too, into passages.
type markdownReader struct {
	passages []passage
	open     passage
	inFence  string // the marks that close it
	language string
	comment  bool // within an HTML comment
	matter   bool // within the front matter
}

// markdown returns the passages of a text.
func markdown(t text) []passage {
	var r markdownReader
	for i, line := range t.split() {
		if strings.TrimSpace(line.bytes) == "---" && (i == 0 || r.matter) {
			r.flush()
			r.matter = i == 0
			continue
		}
		r.read(line)
	}
	r.flush()
	return r.passages
}

func (r *markdownReader) flush() {
	if r.open.text = r.open.trim(); r.open.bytes != "" {
		r.passages = append(r.passages, r.open)
	}
	r.open = passage{}
}

// extend adds a line to the open passage, or opens one of the kind.
func (r *markdownReader) extend(kind string, line text) {
	if r.open.kind == "" {
		r.open.kind = kind
	}
	r.open.append(line.trim())
	if len(line.lines) > 0 {
		r.open.add(" ", line.lines[0])
	}
}

func (r *markdownReader) read(line text) {
	switch s := line.bytes; {
	case r.matter:
		r.readMatter(line)
	case r.inFence != "":
		r.readFenced(line)
	case r.comment:
		r.comment = !strings.Contains(s, "-->")
	case fence.MatchString(s):
		r.flush()
		m := fence.FindStringSubmatch(s)
		r.inFence, r.language = m[1], m[2]
	case strings.HasPrefix(strings.TrimSpace(s), "<!--"):
		r.flush()
		r.comment = !strings.Contains(s, "-->")
	case strings.TrimSpace(s) == "" || directive.MatchString(s):
		r.flush()
	default:
		r.readLine(line)
	}
}

// readMatter reads the front matter, of which the description is prose.
func (r *markdownReader) readMatter(line text) {
	at := matter.FindString(line.bytes)
	if !strings.HasPrefix(at, " ") {
		r.flush()
	}
	if strings.HasPrefix(at, "description:") || r.open.kind != "" {
		r.extend("matter", line.slice(len(at), len(line.bytes)))
	}
}

// readFenced reads the comments of a block in HCL.
func (r *markdownReader) readFenced(line text) {
	if strings.HasPrefix(strings.TrimSpace(line.bytes), r.inFence) {
		r.flush()
		r.inFence = ""
		return
	}
	if r.language == "terraform" || r.language == "hcl" {
		r.readHCL(line)
	}
}

var hclComment = regexp.MustCompile(`(?:^|\s)(?:#|//) ?`)

// readHCL reads a line of HCL: comments on lines of their own are one passage.
func (r *markdownReader) readHCL(line text) {
	at := hclComment.FindStringIndex(line.bytes)
	if at == nil {
		r.flush()
		return
	}
	own := strings.TrimSpace(line.bytes[:at[0]]) == ""
	if !own {
		r.flush()
	}
	r.extend("comment", line.slice(at[1], len(line.bytes)))
	if !own {
		r.flush()
	}
}

func (r *markdownReader) readLine(line text) {
	s := line.bytes
	switch {
	case heading.MatchString(s):
		r.flush()
		r.extend("heading", line.slice(len(heading.FindString(s)), len(s)))
		r.flush()
	case row.MatchString(s):
		r.flush()
		r.readRow(line)
	case item.MatchString(s):
		r.flush()
		r.extend("item", line.slice(len(item.FindString(s)), len(s)))
	case callout.MatchString(s):
		r.flush()
		r.extend("paragraph", line.slice(len(callout.FindString(s)), len(s)))
	case r.open.kind == "" && codeLine.MatchString(s):
	default:
		r.extend("paragraph", line)
	}
}

// readRow reads a row of a table, each cell as a passage.
func (r *markdownReader) readRow(line text) {
	if ruler.MatchString(line.bytes) {
		return
	}
	from := 0
	for _, at := range cellEdge.FindAllStringIndex(line.bytes, -1) {
		if line.bytes[at[0]] != '|' {
			continue
		}
		r.extend("cell", line.slice(from, at[0]))
		r.flush()
		from = at[1]
	}
}
