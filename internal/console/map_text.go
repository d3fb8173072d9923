package console

import "strings"

// plainMeaning is a meaning without the marks of Markdown.
func plainMeaning(text string) string { return strings.ReplaceAll(text, "`", "") }
