package diagram

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/picture"
)

// Format is a format of a diagram.
type Format string

// The formats.
const (
	Mermaid Format = "mermaid"
	DOT     Format = "dot"
	SVG     Format = "svg"
)

// Formats lists the formats.
var Formats = []Format{Mermaid, DOT, SVG}

// endings are the endings of the names of files of a format.
var endings = map[string]Format{".mmd": Mermaid, ".mermaid": Mermaid, ".md": Mermaid, ".markdown": Mermaid, ".dot": DOT, ".gv": DOT, ".svg": SVG}

// FormatOf returns the format that a user names, or else that of the name of a file. "-" and no
// name mean standard output, for which it is Mermaid.
func FormatOf(named, file string) (Format, error) {
	if named != "" {
		if slices.Contains(Formats, Format(named)) {
			return Format(named), nil
		}
		return "", fmt.Errorf("--format is %q. Write mermaid, dot or svg", named)
	}
	if file == "" || file == "-" {
		return Mermaid, nil
	}
	if f, isKnown := endings[strings.ToLower(filepath.Ext(file))]; isKnown {
		return f, nil
	}
	return "", fmt.Errorf("the name %s does not show the format. Write --format mermaid, dot or svg, or a name that ends in .mmd, .md, .dot, .gv or .svg", file)
}

// Fits reports whether what draws the format draws a drawing of this size.
func (f Format) Fits(d *Drawing) bool {
	_, err := f.Write(d)
	return err == nil
}

// Write writes a drawing.
func (f Format) Write(d *Drawing) (string, error) {
	switch f {
	case DOT:
		return d.DOT(), nil
	case SVG:
		return d.SVG(), nil
	}
	return d.Mermaid()
}

// Fenced returns the text of a drawing as the name of its file asks for it: Mermaid in a file of
// Markdown is a block of code, which GitHub and GitLab draw, below a heading.
func (f Format) Fenced(d *Drawing, text, file string) string {
	ending := strings.ToLower(filepath.Ext(file))
	if f != Mermaid || ending != ".md" && ending != ".markdown" {
		return text
	}
	head := "## " + markdownWords(d.Title) + "\n\n"
	if d.Summary != "" {
		head += markdownWords(d.Summary) + "\n\n"
	}
	return head + "```mermaid\n" + text + "```\n"
}

// markdownWords writes a text so that Markdown gives no meaning to any of its characters
// (https://spec.commonmark.org/0.31.2/#backslash-escapes).
func markdownWords(text string) string {
	var b strings.Builder
	for _, r := range picture.Visible(text) {
		if strings.ContainsRune("!\"#$%&'*+;<=>?@[\\]^_`{|}~", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
