package planfile

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

func (q overviewer) plannedFilter(o *object) PlannedFilter {
	f := PlannedFilter{Planned: plannedOf(o)}
	if o.isDeleted {
		return f
	}
	filter, err := q.filter(o)
	if err != nil {
		f.Unknown = err.Error()
		return f
	}
	f.Filter = filter
	separate, err := q.separateRules(o)
	if err != nil {
		return f
	}
	rules := slices.Concat(separate.before, separate.after)
	if f.Change == "" && slices.ContainsFunc(rules, func(r *object) bool { return changeOf(r) != "" }) {
		f.Change = "update"
	}
	if f.Change != "update" && f.Change != "replace" {
		return f
	}
	earlier, err := earlierFilter(o, separate)
	if err != nil {
		f.Old = append(f.Old, "the rules of before are not known")
		return f
	}
	f.Old = slices.Concat(f.Old, oldValues(o, "network_services"), changedRules(earlier, filter))
	if len(f.Old) == 0 {
		f.Old = []string{"no rule: only descriptions or tags of rules"}
	}
	return f
}

// earlierFilter returns the rules that a filter has before the apply: those of its maps, and the
// separate ones.
func earlierFilter(o *object, separate separateRules) (mirror.Filter, error) {
	document := map[string]any{}
	for _, d := range mirror.Directions {
		inline, err := earlier(o).value(rulesField(d))
		if err != nil {
			return mirror.Filter{}, err
		}
		rules := map[string]any{}
		entries, _ := inline.(map[string]any)
		for number, entry := range entries {
			if rule, isRule := entry.(map[string]any); isRule {
				rules[number] = ruleOf(rule, false)
			}
		}
		for _, s := range separate.before {
			if err := requireKnown(earlier(s), slices.Concat(ruleArguments, []string{"traffic_direction", "rule_number"})...); err != nil {
				return mirror.Filter{}, err
			}
			if direction, number := placeBefore(s); direction == d {
				rules[number] = ruleOf(s.before, isOfAWS(s.place.kind))
			}
		}
		document[rulesField(d)] = rules
	}
	filter, _, err := parseFilter(document)
	return filter, err
}

// requireKnown returns an error if a value of an argument is not known or sensitive.
func requireKnown(o *object, arguments ...string) error {
	for _, argument := range arguments {
		if _, err := o.value(argument); err != nil {
			return err
		}
	}
	return nil
}

// mostRules is how many changed rules of a direction are written.
const mostRules = 4

// changedRules says how the rules of a filter change: their number in each direction, and the
// first rules that come ("+"), go ("-") and change ("~").
func changedRules(before, after mirror.Filter) (lines []string) {
	for _, d := range mirror.Directions {
		was, will := before.InDirection(d), after.InDirection(d)
		changes := ruleChanges(was, will)
		if len(changes) == 0 {
			continue
		}
		lines = append(lines, fmt.Sprintf("%s rules %d -> %d", d, len(was), len(will)))
		lines = append(lines, changes[:min(len(changes), mostRules)]...)
		if more := len(changes) - mostRules; more > 0 {
			lines = append(lines, fmt.Sprintf("and %d more", more))
		}
	}
	return lines
}

// ruleChanges compares the rules of a direction, which are in the order of their numbers.
func ruleChanges(was, will []mirror.Rule) (lines []string) {
	for len(was) > 0 || len(will) > 0 {
		switch {
		case len(will) == 0 || len(was) > 0 && was[0].Number < will[0].Number:
			lines = append(lines, fmt.Sprintf("- %d %s", was[0].Number, ruleText(was[0])))
			was = was[1:]
		case len(was) == 0 || will[0].Number < was[0].Number:
			lines = append(lines, fmt.Sprintf("+ %d %s", will[0].Number, ruleText(will[0])))
			will = will[1:]
		default:
			if old, now := ruleText(was[0]), ruleText(will[0]); old != now {
				lines = append(lines, fmt.Sprintf("~ %d %s -> %s", was[0].Number, old, now))
			}
			was, will = was[1:], will[1:]
		}
	}
	return lines
}

// ruleText writes a rule in one line: "reject tcp 10.0.0.0/8 > any:9100".
func ruleText(r mirror.Rule) string {
	protocol := "any protocol"
	if r.Protocol != nil {
		protocol = r.Protocol.String()
	}
	return fmt.Sprintf("%s %s %s > %s", r.Action, protocol, ruleEnd(r.SourceCIDR, r.SourcePorts), ruleEnd(r.DestinationCIDR, r.DestinationPorts))
}

func ruleEnd(block netip.Prefix, ports *mirror.PortRange) string {
	text := block.String()
	if block == mirror.EveryIPv4 {
		text = "any"
	}
	if ports == nil {
		return text
	}
	if block.Addr().Is6() {
		text = "[" + text + "]"
	}
	return text + ":" + ports.String()
}
