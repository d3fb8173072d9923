package dataplane_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
)

var updateGuide = flag.Bool("update-guide", false, "write the meanings of the words of a verdict into the guide")

// The guide to verdicts has a table of all outcomes, reasons, truncations and unknowns: each with
// the sentence that is here, and but for outcomes with what to do.
func TestVerdict_guide(t *testing.T) {
	t.Parallel()
	const path = "../../templates/guides/verdicts.md"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	guide := string(text)
	guide = guideTable(t, guide, "outcome", dataplane.Outcomes)
	guide = guideTable(t, guide, "reason", dataplane.Reasons)
	guide = guideTable(t, guide, "limit", dataplane.Truncations)
	guide = guideTable(t, guide, "unknown", dataplane.Unknowns)
	if *updateGuide {
		if err := os.WriteFile(path, []byte(guide), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if guide != string(text) {
		t.Error("the guide has other meanings: run go test ./internal/dataplane -run Verdict_guide -update-guide")
	}
}

// guideTable returns the guide with the meanings of words in the table with that head. The table has
// these words in this order.
func guideTable[W interface {
	fmt.Stringer
	Sentence() string
}](t *testing.T, guide, head string, words []W) string {
	t.Helper()
	table := regexp.MustCompile(`(?m)^\| ` + head + ` \|.*\n\|.*\n((?:\|.*\n)+)`).FindStringSubmatch(guide)
	if table == nil {
		t.Fatalf("the guide has no table of each %s", head)
	}
	rows := strings.Split(strings.TrimSpace(table[1]), "\n")
	if len(rows) != len(words) {
		t.Fatalf("the table of each %s has %d rows and not %d", head, len(rows), len(words))
	}
	var now strings.Builder
	for i, w := range words {
		cells := strings.Split(rows[i], " | ")
		if want := "| `" + w.String() + "`"; cells[0] != want {
			t.Fatalf("row %d of each %s begins with %s, and not with %s", i+1, head, cells[0], want)
		}
		if head != "outcome" && (len(cells) != 3 || len(cells[2]) < len(" |x")) {
			t.Errorf("%s does not say what to do", w)
		}
		cells[1] = w.Sentence()
		if len(cells) == 2 {
			cells[1] += " |"
		}
		now.WriteString(strings.Join(cells, " | ") + "\n")
	}
	return strings.Replace(guide, table[1], now.String(), 1)
}
