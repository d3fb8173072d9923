package check

import (
	"reflect"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Pending returns the names of the objects by whose planned changes a filter will mirror other
// packets than it does now, as far as this is planned. present is the filter as it is in EC2.
// In an apply, a change that is made already is not among them.
func Pending(p *Plan, present mirror.Filter) []string {
	var names []string
	for _, c := range p.changes.all() {
		if isPending(&p.planned, c, present) {
			names = append(names, c.name())
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func isPending(p *planned, c change, present mirror.Filter) bool {
	switch {
	case c.kind == mirror.KindFilter && c.id == present.ID:
		planned, found := p.filter(c.id)
		return !found || differs(planned.Filter, present)
	case c.kind != mirror.KindFilterRule || !slices.Contains(c.of, present.ID):
		return false
	}
	planned, found := plannedRuleOf(p, c.id)
	if c.isDelete || !found || planned.isKnown("traffic_mirror_filter_id") && planned.Noun.FilterID != present.ID {
		return slices.ContainsFunc(present.Rules, func(r mirror.Rule) bool { return r.ID == c.id })
	}
	return !knowsPackets(planned.Object) || !slices.ContainsFunc(present.Rules, func(r mirror.Rule) bool {
		return reflect.DeepEqual(plainRule(r), plainRule(planned.Noun))
	})
}

// plannedRuleOf returns a planned separate rule.
func plannedRuleOf(p *planned, objectID string) (plannedRule, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	rule, found := p.rules.all[objectID]
	return rule, found
}

// differs reports whether a planned filter mirrors by other services or rules than it has now.
func differs(planned Filter, present mirror.Filter) bool {
	if !planned.isKnown("network_services") {
		return true
	}
	now, after := present, planned.Noun
	now.Rules, after.Rules = nil, nil
	for _, d := range planned.Managed {
		if !planned.isKnown(RulesField(d)) {
			return true
		}
		now.Rules, after.Rules = append(now.Rules, present.InDirection(d)...), append(after.Rules, planned.Noun.InDirection(d)...)
	}
	return !reflect.DeepEqual(decisions(now), decisions(after))
}
