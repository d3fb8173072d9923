package simulation

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

// showAll is a number of sessions or rules. A report with more of them lists only
// those that got packets.
const showAll = 30

// Table returns a summary for a person: lines of text, the last of which ends with a line
// feed. The first line has the totals.
func Table(s dataplane.Summary) string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s, %s; mirrored %s, %s copied.\n",
		wording.Count(s.Packets, "packet"), wording.Count(s.BytesIn, "byte"), wording.Count(s.Mirrored, "packet"), wording.Count(s.BytesOut, "byte"))
	printSessions(&b, s.Sessions)
	printRules(&b, s.Rules)
	printNeverHit(&b, s)
	printCounts(&b, "Shorter than the packet", "Why", s.Truncated)
	printCounts(&b, "Not known of the target", "What", s.Unknown)
	printCounts(&b, "Not mirrored", "Why", s.NotMirrored)
	return b.String()
}

func printSessions(b *bytes.Buffer, sessions []dataplane.SessionSummary) {
	t := table{head: []string{">Session", ">VNI", ">Packets", ">Bytes copied"}}
	for _, s := range sessions {
		if s.Packets > 0 || len(sessions) <= showAll {
			t.add(strconv.Itoa(s.SessionNumber), strconv.Itoa(s.VirtualNetworkID), wording.Grouped(s.Packets), wording.Grouped(s.Bytes))
		}
	}
	t.print(b, "")
	printRest(b, len(sessions)-len(t.rows), "session mirrors", "sessions mirror")
}

func printRules(b *bytes.Buffer, rules []dataplane.RuleSummary) {
	t := table{head: []string{">Session", "Direction", ">Rule", ">Hits", ">Packets", ">Bytes copied"}}
	for _, r := range rules {
		number := "amazon-dns"
		if r.RuleNumber != nil {
			number = strconv.Itoa(*r.RuleNumber)
		}
		if r.Hits > 0 || len(rules) <= showAll {
			t.add(strconv.Itoa(r.SessionNumber), string(r.Direction), number, wording.Grouped(r.Hits), wording.Grouped(r.Packets), wording.Grouped(r.Bytes))
		}
	}
	t.print(b, "")
	printRest(b, len(rules)-len(t.rows), "rule matches", "rules match")
}

// maxNeverHit is how many rules that no packet hits are named.
const maxNeverHit = 10

// printNeverHit names the rules that no packet hits, of the directions that have packets.
func printNeverHit(b *bytes.Buffer, s dataplane.Summary) {
	var rules []string
	for _, r := range s.Rules {
		if r.Hits > 0 || s.Directions[r.Direction] == 0 {
			continue
		}
		name := fmt.Sprintf("%s amazon-dns of session %d", r.Direction, r.SessionNumber)
		if r.RuleNumber != nil {
			name = fmt.Sprintf("%s rule %d of session %d", r.Direction, *r.RuleNumber, r.SessionNumber)
		}
		rules = append(rules, name)
	}
	if rules == nil {
		return
	}
	more := ""
	if n := len(rules) - maxNeverHit; n > 0 {
		rules, more = rules[:maxNeverHit], fmt.Sprintf(", and %s more", wording.Grouped(n))
	}
	fmt.Fprintf(b, "\nNo packet hits %s%s.\n", strings.Join(rules, ", "), more)
}

func printRest(b *bytes.Buffer, n int, one, many string) {
	switch {
	case n == 1:
		fmt.Fprintf(b, "1 %s nothing.\n", one)
	case n > 1:
		fmt.Fprintf(b, "%s %s nothing.\n", wording.Grouped(n), many)
	}
}

// printCounts lists the counts, the largest first, each with the sentence that
// explains it.
func printCounts[W interface {
	~uint8
	String() string
	Sentence() string
}](b *bytes.Buffer, title, column string, counts map[W]int64) {
	t := table{head: []string{">Packets", column, "Meaning"}}
	byCount := func(a, b W) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) }
	for _, w := range slices.SortedFunc(maps.Keys(counts), byCount) {
		t.add(wording.Grouped(counts[w]), w.String(), w.Sentence())
	}
	t.print(b, title+":\n")
}

// table is a table of text. A column whose head begins with ">" is aligned to the
// right, the others to the left; text/tabwriter aligns all columns in the same way.
type table struct {
	head []string
	rows [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// print writes an empty line, the title and the table. Without rows it writes
// nothing.
func (t *table) print(b *bytes.Buffer, title string) {
	if len(t.rows) == 0 {
		return
	}
	b.WriteString("\n" + title)
	heads, right, widths := make([]string, len(t.head)), make([]bool, len(t.head)), make([]int, len(t.head))
	for i, h := range t.head {
		heads[i], right[i] = strings.CutPrefix(h, ">")
		widths[i] = len(heads[i])
		for _, row := range t.rows {
			widths[i] = max(widths[i], len(row[i]))
		}
	}
	for _, row := range slices.Insert(t.rows, 0, heads) {
		var line strings.Builder
		for i, cell := range row {
			width := widths[i]
			if !right[i] {
				width = -width
			}
			fmt.Fprintf(&line, "%*s  ", width, cell)
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}
