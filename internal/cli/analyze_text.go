package cli

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

// longestTable is how many rows of a table are shown. The JSON has all.
const longestTable = 30

// describe words the report for a person.
func (f analyzeFlags) describe(filter mirror.Filter, r analysisResult) string {
	d := &description{tooComplex: r.TooComplex, hasRules: len(filter.Rules) > 0, mirrorsNothing: mirrorsNothing(filter)}
	fmt.Fprintf(d, "%s: %s, %s.\n", f.name(),
		wording.Count(len(filter.InDirection(mirror.Ingress)), "ingress rule"), wording.Count(len(filter.InDirection(mirror.Egress)), "egress rule"))
	d.writeIf(d.mirrorsNothing, "The filter mirrors no packet.")
	d.unreachable(r.UnreachableRules)
	d.redundant(r.RedundantRules)
	d.oneWay(r.OneWayFlows)
	if f.space != "" {
		d.space(r.Mirrors)
	}
	if f.compare != "" {
		d.differences(f.name(), shownName(f.compare), r.Report)
	}
	if r.Capture != nil {
		d.capture(shownName(f.in), *r.Capture)
	}
	return d.String()
}

// shownName is the name of an input in a text.
func shownName(name string) string {
	if name == standard {
		return "standard input"
	}
	return name
}

// mirrorsNothing reports whether a filter is known to mirror no packet.
func mirrorsNothing(filter mirror.Filter) bool {
	share, err := analysis.Mirrors(filter, mirror.Space{})
	return err == nil && share.Amount == analysis.None
}

// A description is a text about a report.
type description struct {
	bytes.Buffer
	tooComplex []string

	// What is true of each rule, or of each flow that is mirrored, says nothing where there
	// is none, and is left out.
	hasRules, mirrorsNothing bool
}

// writeIf writes a sentence if it says something.
func (d *description) writeIf(saysSomething bool, sentence string) {
	if saysSomething {
		d.WriteString("\n" + sentence + "\n")
	}
}

// hasNoAnswer says that a question has no answer, if that is so.
func (d *description) hasNoAnswer(field, question string) bool {
	if !slices.Contains(d.tooComplex, field) {
		return false
	}
	fmt.Fprintf(d, "\nNot known: %s. %s.\n", question, capitalized(analysis.ErrTooComplex.Error()))
	return true
}

func capitalized(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// table prints a title, heads and rows.
func (d *description) table(title string, heads []string, rows [][]string) {
	fmt.Fprintf(d, "\n%s\n", title)
	w := tabwriter.NewWriter(d, 0, 0, 2, ' ', 0)
	for _, row := range slices.Concat([][]string{heads}, rows[:min(len(rows), longestTable)]) {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	_ = w.Flush() // into memory
	if n := len(rows) - longestTable; n > 0 {
		fmt.Fprintf(d, "and %s more, which --json shows\n", wording.Grouped(n))
	}
}

func (d *description) unreachable(rules []analysis.UnreachableRule) {
	if d.hasNoAnswer("unreachable_rules", analysis.UnreachableQuestion) {
		return
	}
	if len(rules) == 0 {
		d.writeIf(d.hasRules, "Every rule decides some packet.")
		return
	}
	var rows [][]string
	for _, r := range rules {
		rows = append(rows, []string{string(r.TrafficDirection), strconv.Itoa(r.RuleNumber), r.DecidedBy(), yesOrNo(r.DifferentAction)})
	}
	d.table(analysis.UnreachableTitle+":",
		[]string{"Direction", "Rule", "Decided by", "Other action"}, rows)
}

func (d *description) redundant(rules []analysis.RuleKey) {
	if d.hasNoAnswer("redundant_rules", analysis.RedundantQuestion) {
		return
	}
	if len(rules) == 0 {
		d.writeIf(d.hasRules, "No rule can be removed without a change of what is mirrored.")
		return
	}
	d.table(analysis.RedundantTitle+":", keyHeads, keyRows(rules))
}

var keyHeads = []string{"Direction", "Rule"}

func keyRows(rules []analysis.RuleKey) [][]string {
	rows := make([][]string, len(rules))
	for i, r := range rules {
		rows[i] = []string{string(r.TrafficDirection), strconv.Itoa(r.RuleNumber)}
	}
	return rows
}

func (d *description) oneWay(flows []analysis.OneWayFlow) {
	if d.hasNoAnswer("one_way_flows", analysis.OneWayQuestion) {
		return
	}
	if len(flows) == 0 {
		d.writeIf(!d.mirrorsNothing, "Each flow is mirrored in both directions or not at all.")
		return
	}
	var rows [][]string
	for _, f := range flows {
		rows = append(rows, []string{
			f.Mirrored.Packet.Describe(), f.Mirrored.Decision.Describe(), f.NotMirrored.Packet.Describe(), f.NotMirrored.Decision.Describe(),
		})
	}
	d.table(analysis.OneWayTitle+":",
		[]string{"Mirrored", "By", "Reply, not mirrored", "By"}, rows)
}

func (d *description) space(s *analysis.SpaceReport) {
	if d.hasNoAnswer("mirrors", "how much of the space is mirrored") {
		return
	}
	words := map[analysis.Amount]string{analysis.All: "Every packet", analysis.Some: "Some, but not every packet", analysis.None: "No packet"}
	title := fmt.Sprintf("%s of %q is mirrored.", words[s.Amount], s.Space)
	var rows [][]string
	for _, w := range []*analysis.WitnessShown{s.Mirrored, s.NotMirrored} {
		if w != nil {
			rows = append(rows, []string{w.Packet.Describe(), yesOrNo(w.Decision.Mirrored), w.Decision.Describe()})
		}
	}
	if rows != nil {
		d.table(title+" For example:", []string{"Packet", "Mirrored", "By"}, rows)
	} else {
		fmt.Fprintf(d, "\n%s\n", title)
	}
	switch {
	case d.hasNoAnswer("mirrors.rules", "which rules decide a packet of the space"):
	case len(s.Rules) == 0:
		d.WriteString("\nNo rule decides a packet of the space.\n")
	default:
		d.table("Rules that decide a packet of the space:", keyHeads, keyRows(s.Rules))
	}
}

func yesOrNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func (d *description) differences(a, b string, r analysis.Report) {
	if d.hasNoAnswer("differences", "which packets only one of the filters mirrors") {
		return
	}
	if *r.Equal {
		fmt.Fprintf(d, "\n%s mirrors the same packets.\n", b)
		return
	}
	for _, side := range []struct {
		change analysis.Change
		title  string
	}{
		{analysis.Gained, fmt.Sprintf("Packets that %s mirrors and %s does not, one for each pair of rules:", b, a)},
		{analysis.Lost, fmt.Sprintf("Packets that %s mirrors and %s does not, one for each pair of rules:", a, b)},
	} {
		var rows [][]string
		for _, difference := range r.Differences {
			if difference.Change == side.change {
				rows = append(rows, []string{difference.Packet.Describe(), difference.A.Describe(), difference.B.Describe()})
			}
		}
		if rows != nil {
			d.table(side.title, []string{capitalized(string(side.change)), "This filter", "Other filter"}, rows)
		}
	}
	switch {
	case !*r.Gained:
		fmt.Fprintf(d, "\n%s mirrors no packet that %s does not mirror.\n", b, a)
	case !*r.Lost:
		fmt.Fprintf(d, "\n%s mirrors every packet that %s mirrors.\n", b, a)
	}
}

func (d *description) capture(name string, c captureReport) {
	switch {
	case c.NeverHitRules == nil && c.Packets == 0:
		fmt.Fprintf(d, "\n%s has no packet.\n", name)
	case c.NeverHitRules == nil:
		fmt.Fprintf(d, "\nNot known: which rules no packet of %s hits.\n", name)
	case len(c.NeverHitRules) == 0:
		d.writeIf(d.hasRules, fmt.Sprintf("Each rule is hit by a packet of %s.", name))
	default:
		d.table(fmt.Sprintf("Rules that none of %s of %s hits:", wording.Count(c.Packets, "packet"), name), keyHeads, keyRows(c.NeverHitRules))
	}
	for _, reason := range dataplane.Unjudged {
		if n := c.NotJudged[reason.String()]; n > 0 {
			fmt.Fprintf(d, "Not counted: %s. %s\n", wording.Count(n, "packet"), reason.Sentence())
		}
	}
	if c.NotJudged[dataplane.DirectionUnknown.String()] > 0 {
		d.WriteString("Write each address of the mirror source with --interface-address.\n")
	}
}
