package provider

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
)

// unexpected is something that is not as expected.
type unexpected struct {
	at    path.Path
	text  string
	trace string // of a packet; "": none
	name  string // of the expectation, with what it expects
	cause string // the same for what is not as expected for one reason; "": the reason is its own
}

// detail returns the text with the trace, unless this run has shown the trace already: what a refresh
// warns of may be an error of the plan.
func (f unexpected) detail(simulations *check.Simulations) string {
	switch {
	case f.trace == "":
		return f.text
	case simulations.IsFirst("trace " + f.trace):
		return f.text + f.trace
	}
	return f.text + "\nAnother message of this run shows how the verdict is reached."
}

// failures returns what is not as expected, after the run.
func (s *simulationRun) failures() []unexpected {
	failures := slices.Clone(s.found)
	for _, f := range s.judge.Failures() {
		u := unexpected{at: path.Root("expect"), text: f.Short(), trace: f.Text[len(f.Short()):], cause: f.Cause}
		switch {
		case f.Index >= 0:
			u.at = u.at.AtListIndex(s.indexes[f.Index])
			u.name = fmt.Sprintf("expect[%d] (%s)", s.indexes[f.Index], s.names[f.Index])
		case s.isOpen: // an expectation that is known only after apply may ask for it
			continue
		}
		failures = append(failures, u)
	}
	return failures
}

// alike are failures with one cause: one message shows the first, and names the others.
type alike []unexpected

// byCause groups failures by their cause, in the order of the first of each group.
func byCause(found []unexpected) (groups []alike) {
	for _, f := range found {
		at := slices.IndexFunc(groups, func(g alike) bool { return f.cause != "" && g[0].cause == f.cause })
		if at < 0 {
			groups = append(groups, alike{f})
			continue
		}
		groups[at] = append(groups[at], f)
	}
	return groups
}

// maxNamed is how many other failures a message names.
const maxNamed = 20

// detail returns the text and the trace of the first, and the names of the others.
func (a alike) detail(simulations *check.Simulations) string {
	text, others := a[0].detail(simulations), a[1:]
	if len(others) == 0 {
		return text
	}
	expectations := "1 more expectation does not hold"
	if len(others) > 1 {
		expectations = fmt.Sprintf("%d more expectations do not hold", len(others))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nFor the same reason, %s:", text, expectations)
	for _, f := range others[:min(len(others), maxNamed)] {
		fmt.Fprintf(&b, "\n  %s", f.name)
	}
	if more := len(others) - maxNamed; more > 0 {
		fmt.Fprintf(&b, "\n  and %d more", more)
	}
	return b.String()
}
