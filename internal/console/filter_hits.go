package console

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"

	g "maragu.dev/gomponents"
)

// filterHits are how often the packets of a capture hit the rules of a filter.
type filterHits struct {
	file     *captureFile
	others   []*captureFile // that could be shown in its place
	sessions []int          // numbers of the sessions of the interface that use the filter
	ran      *captureRun
	failure  error // why nothing is known; nil: it is
}

// hitsOf returns the hits of the capture that the URL names, or else of the last one that this
// browser has sent, on an interface whose sessions use the filter. nil: there is none.
func hitsOf(r *request, s *snapshot, filterID string) *filterHits {
	usesFilter := func(f *captureFile) bool {
		for _, session := range s.SessionsOf(f.interfaceID) {
			if session.Noun.FilterID == filterID {
				return true
			}
		}
		return false
	}
	fitting := slices.DeleteFunc(r.console.captures.of(r.session), func(f *captureFile) bool { return !usesFilter(f) })
	if len(fitting) == 0 {
		return nil
	}
	asked := r.URL.Query().Get(captureField)
	at := slices.IndexFunc(fitting, func(f *captureFile) bool { return f.id == asked })
	if at < 0 {
		at = len(fitting) - 1
	}
	hits := &filterHits{file: fitting[at], others: slices.Delete(slices.Clone(fitting), at, at+1)}
	_, hits.ran, hits.failure = captureOn(r, hits.file.id)
	if hits.ran == nil {
		return hits
	}
	for _, session := range dataplane.FactsOf(hits.ran.source).Sessions {
		if session.FilterID == filterID {
			hits.sessions = append(hits.sessions, session.Number)
		}
	}
	return hits
}

// areKnown reports whether the table of rules can show hits.
func (x *filterHits) areKnown() bool { return x != nil && x.ran != nil && len(x.sessions) > 0 }

// part says which capture the hits are of, and leads to the others.
func (x *filterHits) part(s *snapshot, filterID string) g.Node {
	if x == nil {
		return nil
	}
	nodes := []g.Node{para(x.introduction(s)...)}
	if x.areKnown() {
		nodes = append(nodes, para("A packet hits the first rule of a session that matches it. Packets that an earlier session takes do not reach a session."), x.serviceNode())
		if x.ran.damage != nil {
			nodes = append(nodes, para("The file is damaged. The hits are of the packets before the damage."))
		}
	}
	if len(x.others) > 0 {
		var lines [][]g.Node
		for _, f := range x.others {
			lines = append(lines, words(anchor("/filters/"+filterID+"?"+captureField+"="+f.id, f.title(s)), ", sent at "+f.sentAt()))
		}
		nodes = append(nodes, para("Show the hits of another capture:"), list(lines...))
	}
	return part("hits", "Hits of a capture", nodes...)
}

func (x *filterHits) introduction(s *snapshot) []any {
	file := anchor("/captures/"+x.file.id, x.file.name)
	switch {
	case x.failure != nil:
		return []any{"The hits of ", file, " on ", s.interfaceLink(x.file.interfaceID), " are not known: ", sentence(x.failure.Error())}
	case !x.areKnown():
		return []any{"The hits of ", file, " on ", s.interfaceLink(x.file.interfaceID), " are not known: the capture was removed, or no session of the interface uses the filter any more."}
	}
	numbers := make([]string, len(x.sessions))
	for i, n := range x.sessions {
		numbers[i] = fmt.Sprintf("session %d", n)
	}
	return []any{"The column Hits is of ", file, " on ", s.interfaceLink(x.file.interfaceID), ", " + strings.Join(numbers, " and ") + ": " + wording.Count(x.ran.summary.Packets, "packet") + "."}
}

// serviceNode has the hits of the network service, which is no rule.
func (x *filterHits) serviceNode() g.Node {
	var all []string
	for _, d := range mirror.Directions {
		for _, of := range x.of(d, nil) {
			all = append(all, fmt.Sprintf("%s in session %d", wording.Grouped(of.Hits), of.SessionNumber)+", "+string(d))
		}
	}
	if all == nil {
		return nil
	}
	return para("Hits of the network service amazon-dns: ", strings.Join(all, "; "), ".")
}

// of returns the counts of a rule, one for each session; number nil: those of the network
// service.
func (x *filterHits) of(d mirror.Direction, number *int) (all []dataplane.RuleSummary) {
	for _, rule := range x.ran.summary.Rules {
		isSame := rule.RuleNumber == nil && number == nil || rule.RuleNumber != nil && number != nil && *rule.RuleNumber == *number
		if rule.Direction == d && isSame && slices.Contains(x.sessions, rule.SessionNumber) {
			all = append(all, rule)
		}
	}
	return all
}

// cell shows the hits of a rule. One without a hit is marked.
func (x *filterHits) cell(rule mirror.Rule) g.Node {
	all, total := x.of(rule.Direction, &rule.Number), int64(0)
	texts := make([]string, len(all))
	for i, of := range all {
		total += of.Hits
		texts[i] = wording.Grouped(of.Hits)
		if len(all) > 1 {
			texts[i] = fmt.Sprintf("session %d: %s", of.SessionNumber, texts[i])
		}
	}
	switch {
	case len(all) == 0: // the rule is newer than the run
		return g.Text("not known")
	case total > 0:
		return g.Text(strings.Join(texts, "; "))
	case x.ran.summary.Directions[rule.Direction] == 0:
		return g.Group{badge("warning", "never hit"), g.Text(" The capture has no " + string(rule.Direction) + " packet.")}
	}
	return badge("warning", "never hit")
}
