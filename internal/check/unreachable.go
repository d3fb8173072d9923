package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// unreachable returns the rules of one direction of a filter that decide no packet, without
// those that the configuration silences. It returns none if that takes too long to know.
func unreachable(f *findings, filterID string, rules []mirror.Rule) []analysis.Covered {
	if f.isSilenced(UnreachableRule, filterID) {
		return nil
	}
	found, err := analysis.Unreachable(rules)
	if err != nil {
		logUnknown(f, UnreachableRule, filterID, err)
		return nil
	}
	return slices.DeleteFunc(found, func(c analysis.Covered) bool { return f.policy.silencesRule(UnreachableRule, filterID, c.Rule) })
}

// logUnknown records that the analysis gave no answer to a question about a filter.
func logUnknown(f *findings, question, filterID string, err error) {
	f.policy.Log.Debug("analysis without an answer", "question", question, "filter", filterID, "error", err)
}

// warnUnreachable warns of rules of one filter, a line each.
func (f *findings) warnUnreachable(field, filterID, note string, lines []string) {
	if len(lines) == 0 {
		return
	}
	summary, head := "A rule has no effect", "A rule decides no packet:"
	if len(lines) > 1 {
		summary, head = fmt.Sprintf("%d rules have no effect", len(lines)), "These rules decide no packet:"
	}
	f.add(Finding{Severity: Warning, Field: field, Silence: UnreachableRule, About: []string{filterID}, Summary: summary, Detail: fmt.Sprintf(
		"%s\n\n  - %s\n\nGive such a rule a lower number, or remove it.%s", head, strings.Join(lines, "\n  - "), note)})
}

// coveredText says what decides about the packets of a rule instead of the rule. It says that an
// earlier rule has another action: then the filter does not do what the rule says.
func coveredText(c analysis.Covered, name func(mirror.Rule) string) string {
	var by []string
	isSame := false
	for _, r := range c.By {
		by = append(by, fmt.Sprintf("%s (%s)", name(r), r.Action))
		isSame = isSame || r.Action == c.Rule.Action
	}
	if c.Service {
		by = append(by, "network_services")
	}
	var texts []string
	if by != nil {
		verb := "decides"
		if len(by) > 1 {
			verb = "decide"
		}
		texts = append(texts, fmt.Sprintf("%s %s about %s packets.", strings.Join(by, ", "), verb, map[bool]string{true: "some of its", false: "all of its"}[c.Never]))
	}
	if c.DifferentAction {
		which := "They "
		if isSame || c.Service || c.Never {
			which = "Some of them "
		}
		texts = append(texts, which+map[mirror.Action]string{
			mirror.Accept: "are not mirrored, although this rule accepts them.", mirror.Reject: "are mirrored, although this rule rejects them.",
		}[c.Rule.Action])
	}
	if c.Never {
		texts = append(texts, map[bool]string{true: "EC2 never mirrors its packets.", false: "EC2 never mirrors the others."}[by == nil])
	}
	return fmt.Sprintf("%s (%s): %s", name(c.Rule), c.Rule.Action, strings.Join(texts, " "))
}
