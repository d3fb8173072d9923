package check

import (
	"context"
	"fmt"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A filterView is a filter with the rules it has after the apply, as far as the plan knows
// them.
type filterView struct {
	key      string
	name     string // in texts
	filter   mirror.Filter
	inline   []mirror.Direction // the directions whose rules the filter owns
	known    []mirror.Direction // the directions whose rules are known
	services bool               // the network services are known
	changes  bool               // the plan changes its rules, as far as it knows
}

// ownsBoth reports whether the filter owns the rules of both directions. Otherwise the plan
// may still plan separate rules.
func (v filterView) ownsBoth() bool { return len(v.inline) == len(mirror.Directions) }

// isKnown reports whether everything that decides about packets is known.
func (v filterView) isKnown() bool { return len(v.known) == len(mirror.Directions) && v.services }

// rulesMirror reports whether EC2 may mirror some packet because of the rules of a filter, apart
// from its network services.
func rulesMirror(f *findings, key string, filter mirror.Filter) bool {
	filter.NetworkServices = nil
	return mirrorsSome(f, key, filter)
}

// mirrorsSome reports whether EC2 may mirror some packet with a filter.
func mirrorsSome(f *findings, key string, filter mirror.Filter) bool {
	share, err := analysis.Mirrors(filter, mirror.Space{})
	if err != nil {
		logUnknown(f, MirrorsNothing, key, err)
		return true
	}
	return share.Amount != analysis.None
}

// nameRule names a rule: by its key in the map, or as a separate rule.
func (v filterView) nameRule(r mirror.Rule) string {
	if slices.Contains(v.inline, r.Direction) {
		return ruleName(r)
	}
	return separateName(r)
}

func separateName(r mirror.Rule) string { return fmt.Sprintf("%s rule %d", r.Direction, r.Number) }

// view returns what the plan knows of a filter.
func (f *findings) view(ctx context.Context, key string) filterView {
	p := f.Plan
	own, isPlanned := p.planned.filter(key)
	v := filterView{key: key, name: key, changes: own.changes}
	if isNewKey(key) {
		v.name = "the new filter"
	}
	// In the apply, the separate rules of a filter that this run has changed may come later.
	var present *mirror.Filter
	isOwn := isPlanned && len(own.Managed) == len(mirror.Directions) // then EC2 need not be asked
	if !isOwn && !isNewKey(key) && !p.account.ChangedInThisRun(key) {
		present = presentFilter(p.snapshot.filters(ctx), key)
	}
	switch {
	case isPlanned:
		v.services, v.filter.NetworkServices = own.isKnown("network_services"), own.Noun.NetworkServices
		v.inline = own.Managed
	case present != nil:
		v.services, v.filter.NetworkServices = true, present.NetworkServices
	}
	for _, d := range mirror.Directions {
		rules, isKnown := own.Noun.InDirection(d), own.isKnown(RulesField(d))
		if !slices.Contains(v.inline, d) {
			rules, isKnown = separateRules(ctx, p, key, d, present)
		}
		if isKnown {
			v.known = append(v.known, d)
			v.filter.Rules = append(v.filter.Rules, rules...)
		}
	}
	return v
}

func presentFilter(filters []mirror.Filter, id string) *mirror.Filter {
	i := slices.IndexFunc(filters, func(f mirror.Filter) bool { return f.ID == id })
	if i < 0 {
		return nil
	}
	return &filters[i]
}

// separateRules returns the separate rules of a direction: those that are planned, and those
// that exist and are not planned yet. They are not known if EC2 does not show the filter.
func separateRules(ctx context.Context, p *Plan, key string, d mirror.Direction, present *mirror.Filter) (rules []mirror.Rule, isKnown bool) {
	if present == nil {
		return nil, false
	}
	for _, r := range p.planned.rulesOf(key) {
		switch {
		case !r.isKnown("traffic_direction"):
			return nil, false
		case r.Noun.Direction != d:
		case !isComplete(r.Object):
			return nil, false
		default:
			rules = append(rules, r.Noun)
		}
	}
	for _, r := range p.unplannedRules(ctx, key) {
		if r.Direction == d {
			rules = append(rules, r)
		}
	}
	return rules, true
}

// isComplete reports whether a separate rule is known and valid, so that it can be compared
// with others.
func isComplete(r Object[mirror.Rule]) bool {
	others := slices.DeleteFunc(slices.Clone(r.Unknown), func(f string) bool { return f == AllTags || f == "traffic_mirror_filter_id" })
	return len(others) == 0 && r.Noun.Validate().Err() == nil
}
