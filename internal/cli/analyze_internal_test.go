package cli

import (
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A question without an answer is said to have none. It is no finding, and it is not the absence
// of one.
func TestDescribe_tooComplex(t *testing.T) {
	t.Parallel()
	f := analyzeFlags{filterFlags: filterFlags{sourceFlags: sourceFlags{config: "filter.json"}}, compare: "other.json", space: "any > any"}
	all := []string{"unreachable_rules", "redundant_rules", "one_way_flows", "mirrors", "equal", "gained", "lost", "differences"}
	r := analysisResult{Report: analysis.Report{TooComplex: all}}
	text := f.describe(mirror.Filter{NetworkServices: []mirror.NetworkService{mirror.AmazonDNS}}, r)
	const why = ". The rules are too many or overlap too much for an exact answer.\n"
	if strings.Count(text, "\nNot known: ") != 5 || strings.Count(text, why) != 5 || strings.Count(text, "\n") != 11 {
		t.Errorf("the text is\n%s", text)
	}
	for _, name := range []string{"unreachable_rules", "redundant_rules", "one_way_flows", "mirrored", "not_mirrored", "gained", "lost"} {
		f.failOn = []string{name}
		if err := f.fail(r); err == nil || err.Error() != "there is no answer about "+name {
			t.Errorf("--fail-on %s: %v", name, err)
		}
	}
	share := &analysis.SpaceReport{Space: "any > any", Amount: analysis.None}
	d := &description{tooComplex: []string{"mirrors.rules"}}
	d.space(share)
	if text := d.String(); !strings.Contains(text, "No packet of \"any > any\" is mirrored.\n\nNot known: which rules decide a packet of the space. ") {
		t.Errorf("the text is\n%s", text)
	}
}

// A long table ends with the number of rows that it leaves out.
func TestDescription_table(t *testing.T) {
	t.Parallel()
	var d description
	d.redundant(make([]analysis.RuleKey, 1+longestTable))
	if text := d.String(); strings.Count(text, "\n") != 3+longestTable+1 || !strings.HasSuffix(text, "\nand 1 more, which --json shows\n") {
		t.Errorf("the text is\n%s", text)
	}
}
