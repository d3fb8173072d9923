package console

import (
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

func grouped(n int) string { return simulation.Grouped(int64(n)) }

// plainMeaning is a meaning without the marks of Markdown.
func plainMeaning(text string) string { return strings.ReplaceAll(text, "`", "") }
