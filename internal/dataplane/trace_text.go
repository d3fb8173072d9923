package dataplane

import (
	"fmt"
	"strings"
)

// String writes the steps, one line each, and the verdict. Where more than a few rules one
// after the other do not match, they share a line.
func (t Trace) String() string { return t.text(shortRun) }

// All is String with a line for each rule.
func (t Trace) All() string { return t.text(len(t.Steps)) }

// shortRun is how many rules that do not match, one after the other, String writes one by one.
const shortRun = 20

// text writes the steps. Runs of more than most rules that do not match share a line.
func (t Trace) text(most int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", t.Packet)
	for i := 0; i < len(t.Steps); {
		run := i
		for run < len(t.Steps) && t.Steps[run].Kind == StepRule && t.Steps[run].Result == NotMatches {
			run++
		}
		if run-i > most {
			writeRun(&b, t.Steps[i:run])
			i = run
			continue
		}
		t.Steps[i].write(&b)
		i++
	}
	verdict := t.Verdict.Explain()
	if t.filterOnly {
		verdict = t.Verdict.short() + "."
	}
	fmt.Fprintf(&b, "Verdict: %s\n", verdict)
	return b.String()
}

func (s Step) write(b *strings.Builder) {
	indent := ""
	if s.Kind == StepRule || s.Kind == StepNoRule {
		indent = "  "
	}
	fmt.Fprintf(b, "%4d. %s%s", s.Number, indent, s.Text)
	if s.Assumption != 0 {
		fmt.Fprintf(b, " (assumption %s)", s.Assumption)
	}
	b.WriteString("\n")
}

// RuleFields are the fields in the order in which a rule is compared.
var RuleFields = []string{"protocol", "source_cidr_block", "destination_cidr_block", "source_port_range", "destination_port_range"}

// writeRun counts the rules that do not match by the first field that does not fit.
func writeRun(b *strings.Builder, steps []Step) {
	byField := map[string]int{}
	for _, s := range steps {
		byField[s.Field]++
	}
	var texts []string
	for _, field := range RuleFields {
		if n := byField[field]; n > 0 {
			texts = append(texts, fmt.Sprintf("%d by %s", n, field))
		}
	}
	first, last := steps[0], steps[len(steps)-1]
	fmt.Fprintf(b, "%4d. to %d.   The %d rules from %d to %d do not match: %s.\n",
		first.Number, last.Number, len(steps), first.RuleNumber, last.RuleNumber, strings.Join(texts, ", "))
}

// short has the outcome, and what decides.
func (v Verdict) short() string {
	var b strings.Builder
	b.WriteString(v.Outcome.String())
	if v.SessionNumber != 0 {
		fmt.Fprintf(&b, ", session %d", v.SessionNumber)
	}
	if v.RuleNumber != 0 {
		fmt.Fprintf(&b, ", rule %d", v.RuleNumber)
	}
	return b.String()
}

// Explain says in a sentence or more what happens to the packet, and why.
func (v Verdict) Explain() string {
	var b strings.Builder
	b.WriteString(v.short())
	if v.Outcome == Mirrored {
		fmt.Fprintf(&b, ", %d bytes", v.Bytes)
	}
	fmt.Fprintf(&b, ". %s", v.Reason.Sentence())
	if v.TruncatedBy != 0 {
		fmt.Fprintf(&b, " %s", v.TruncatedBy.Sentence())
	}
	for _, u := range v.Unknown.List() {
		fmt.Fprintf(&b, " %s", u.Sentence())
	}
	if v.Assumption != 0 {
		fmt.Fprintf(&b, " This depends on assumption %s.", v.Assumption)
	}
	return b.String()
}
