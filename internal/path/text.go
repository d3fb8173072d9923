package path

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// Text returns the answer for a terminal: a line for each hop, and below it what to change.
func (r Result) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "From %s to %s: %s\n\n", r.From, r.To, r.Outcome)
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, h := range r.Hops {
		fmt.Fprintf(table, "%s\t%s\t%s\n", h.Outcome, h.What, h.Reason)
		if h.Fix != "" {
			fmt.Fprintf(table, "\t\t%s\n", h.Fix)
		}
	}
	_ = table.Flush() // a builder does not fail
	fmt.Fprintf(&b, "\n%s\n", r.Reason)
	return b.String()
}
