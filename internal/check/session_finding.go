package check

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A filterUseCheck checks the filter of a session.
type filterUseCheck struct{ *findings }

// judgeFilter warns of a filter that is probably a mistake for this session. changes says
// whether the session is new or gets another filter.
func (f filterUseCheck) judgeFilter(ctx context.Context, s plannedSession, changes bool) {
	views := f.possibleFilters(ctx, s)
	if len(views) == 1 && !s.filter.isGuess {
		f.findMirrorsNothing(views[0])
	}
	f.findForgottenIPv6(ctx, s, views, changes)
}

// possibleFilters returns the filter of a session. If that is not known, it returns all new
// filters that the session may use.
func (f filterUseCheck) possibleFilters(ctx context.Context, s plannedSession) []filterView {
	keys := []string{s.filter.key}
	if s.filter.key == "" {
		keys = f.planned.newFilters()
	}
	views := make([]filterView, len(keys))
	for i, key := range keys {
		views[i] = f.view(ctx, key)
	}
	return views
}

// findMirrorsNothing warns of a filter without a rule that accepts packets. The filter itself
// is checked if it owns all of its rules.
func (f filterUseCheck) findMirrorsNothing(v filterView) {
	if v.ownsBoth() || !v.isKnown() || rulesMirror(f.findings, v.key, v.filter) {
		return
	}
	copies := "copy nothing"
	if len(v.filter.NetworkServices) > 0 {
		copies = "copy only Amazon DNS"
	}
	var text string
	switch {
	case len(v.filter.Rules) == 0:
		text = fmt.Sprintf("%s has no rules now. Sessions with this filter %s, unless this plan adds a rule to it.", v.name, copies)
	case len(v.filter.NetworkServices) == 0:
		text = fmt.Sprintf("No rule of %s accepts a packet, and network_services is empty. Sessions with this filter %s, unless this plan adds a rule with rule_action = \"accept\".", v.name, copies)
	default:
		return
	}
	if len(v.filter.NetworkServices) > 0 {
		text += " If that is intended, set ingress_rules = {} and egress_rules = {} in the trafficmirror_filter."
	}
	if !f.isSilenced(MirrorsNothing, v.key) && f.reservations.warnOnce("nothing of "+v.key) {
		f.add(Finding{Severity: Warning, Field: "traffic_mirror_filter_id", Silence: MirrorsNothing, About: []string{v.key}, Summary: "The filter has no rule that accepts packets", Detail: text})
	}
}

// findForgottenIPv6 warns of a filter that accepts all IPv4 packets and no IPv6 packet, if the
// source of the session may have IPv6. Only a session or a filter that changes is checked:
// the check reads the source interface.
func (f filterUseCheck) findForgottenIPv6(ctx context.Context, s plannedSession, views []filterView, changes bool) {
	changes = changes || slices.ContainsFunc(views, func(v filterView) bool { return v.changes })
	about := append(viewKeys(views), s.Noun.InterfaceID)
	if len(views) == 0 || !changes || f.isSilenced(IPv6Forgotten, about...) || !s.isKnown("network_interface_id") {
		return
	}
	var rules []mirror.Rule
	for _, d := range mirror.Directions {
		var first *mirror.Rule
		for i, v := range views {
			rule := forgottenIPv6(v, d)
			if rule == nil {
				first = nil
				break
			}
			if i == 0 {
				first = rule
			}
		}
		if first != nil {
			rules = append(rules, *first)
		}
	}
	if rules == nil {
		return
	}
	why, isKnown := f.ipv6Of(ctx, s.Noun.InterfaceID)
	if !isKnown {
		why = s.Noun.InterfaceID + " may have IPv6 (EC2 does not show it)"
		rules = slices.DeleteFunc(rules, func(r mirror.Rule) bool { return r.Protocol != nil })
	}
	if why == "" || len(rules) == 0 || !f.reservations.warnOnce("IPv6 of "+strings.Join(viewKeys(views), " ")) {
		return
	}
	f.add(Finding{Severity: Warning, Field: "traffic_mirror_filter_id", Silence: IPv6Forgotten, About: about, Summary: "IPv6 is not mirrored", Detail: fmt.Sprintf(
		"%s, but %s from 0.0.0.0/0 to 0.0.0.0/0, which matches no IPv6 packet. No rule of that direction has IPv6 CIDR blocks. To mirror IPv6 too, add a rule with ::/0 as source_cidr_block and destination_cidr_block.%s",
		why, acceptsIPv4(views, rules), unlessAdded(views, rules)+guessNote(s.filter, "sessions"))})
}

// forgottenIPv6 returns the first rule that accepts packets between all IPv4 addresses, if no
// rule of the direction is about IPv6.
func forgottenIPv6(v filterView, d mirror.Direction) *mirror.Rule {
	if !slices.Contains(v.known, d) {
		return nil
	}
	rules := v.filter.InDirection(d)
	every := slices.IndexFunc(rules, func(r mirror.Rule) bool {
		return r.Action == mirror.Accept && isEveryIPv4(r.SourceCIDR) && isEveryIPv4(r.DestinationCIDR)
	})
	if every < 0 || slices.ContainsFunc(rules, func(r mirror.Rule) bool { return r.SourceCIDR.Addr().Is6() }) {
		return nil
	}
	return &rules[every]
}

// ipv6Of says why an interface has IPv6, or "" if it has none. It is not known if EC2 does
// not show the interface. A subnet that EC2 does not show counts as one without IPv6.
func (f filterUseCheck) ipv6Of(ctx context.Context, interfaceID string) (why string, isKnown bool) {
	i, err := f.snapshot.networkInterface(ctx, interfaceID)
	switch {
	case err != nil:
		return "", false
	case len(i.IPv6Addresses) > 0:
		return interfaceID + " has IPv6 addresses", true
	case f.snapshot.subnet(ctx, i.SubnetID).HasIPv6:
		return fmt.Sprintf("The subnet of %s, %s, has an IPv6 CIDR block", interfaceID, i.SubnetID), true
	}
	return "", true
}

func viewKeys(views []filterView) []string {
	keys := make([]string, len(views))
	for i, v := range views {
		keys[i] = v.key
	}
	return keys
}

// acceptsIPv4 names the rules that accept IPv4 packets.
func acceptsIPv4(views []filterView, rules []mirror.Rule) string {
	if len(views) > 1 {
		return "each new filter of this plan has a rule that accepts packets"
	}
	names := make([]string, len(rules))
	for i, r := range rules {
		names[i] = views[0].nameRule(r)
	}
	verb := "accepts"
	if len(rules) > 1 {
		verb = "accept"
	}
	return fmt.Sprintf("%s of %s %s packets", strings.Join(names, " and "), views[0].name, verb)
}

// unlessAdded returns the note that the plan may add separate rules for IPv6.
func unlessAdded(views []filterView, rules []mirror.Rule) string {
	for _, v := range views {
		if slices.ContainsFunc(rules, func(r mirror.Rule) bool { return !slices.Contains(v.inline, r.Direction) }) {
			return " Ignore this warning if this plan adds such a rule as trafficmirror_filter_rule."
		}
	}
	return ""
}

// unlessSeparate returns the note of a finding that separate rules, which the plan may still
// change, can make untrue.
func unlessSeparate(note string, views []filterView) string {
	if !slices.ContainsFunc(views, func(v filterView) bool { return !v.ownsBoth() }) {
		return ""
	}
	return note
}

// A shadowCheck checks the order of the sessions of an interface.
type shadowCheck struct{ *findings }

// findShadowed warns of sessions of the interface that never copy a packet, because earlier
// sessions copy everything that their filters accept. changes says whether the session is new,
// or whether its number or filter changes.
func (f shadowCheck) findShadowed(ctx context.Context, own plannedSession, changes bool) {
	if f.isSilenced(ShadowedSession) || !own.isKnown("network_interface_id", "session_number") {
		return
	}
	all := slices.DeleteFunc(f.planned.sessionsOn(own.Noun.InterfaceID), func(s plannedSession) bool { return !s.isKnown("session_number") })
	if changes {
		// The plan may still change these sessions, so they count only for a session that
		// changes itself.
		for _, s := range f.unplannedSessions(ctx, own.Noun.InterfaceID) {
			if s.Number < own.Noun.Number {
				all = append(all, plannedSession{Object: Object[mirror.Session]{Noun: s}, filter: reference{key: s.FilterID}})
			}
		}
	}
	for _, s := range all {
		if s.Noun.Number < own.Noun.Number || f.isSilenced(ShadowedSession, s.Noun.ID) {
			continue
		}
		earlier := slices.DeleteFunc(slices.Clone(all), func(other plannedSession) bool { return other.Noun.Number >= s.Noun.Number })
		slices.SortFunc(earlier, func(a, b plannedSession) int { return a.Noun.Number - b.Noun.Number })
		if by := f.covering(ctx, s, earlier); by != nil && f.reservations.warnOnce(withNumber("shadow of "+s.Noun.InterfaceID, s.Noun.Number)) {
			f.warnShadowed(ctx, s, by)
		}
	}
}

// covering returns those earlier sessions that copy every packet which the filter of a session
// accepts, or none.
func (f shadowCheck) covering(ctx context.Context, s plannedSession, earlier []plannedSession) []plannedSession {
	for _, e := range earlier {
		if e.filter.key != "" && e.filter == s.filter {
			return []plannedSession{e}
		}
	}
	if len(earlier) == 0 || s.filter.key == "" {
		return nil
	}
	own := f.view(ctx, s.filter.key)
	if !own.isKnown() || !mirrorsSome(f.findings, own.key, own.filter) {
		return nil
	}
	var by []plannedSession
	var views []filterView
	for _, e := range earlier {
		if v := f.view(ctx, e.filter.key); e.filter.key != "" && v.isKnown() {
			by, views = append(by, e), append(views, v)
		}
	}
	if !f.covers(own, views) {
		return nil
	}
	for i := len(by) - 1; i >= 0; i-- {
		if without := slices.Delete(slices.Clone(views), i, i+1); f.covers(own, without) {
			by, views = slices.Delete(by, i, i+1), without
		}
	}
	return by
}

// covers reports whether other filters together mirror every packet that a filter mirrors. It
// reports false if that takes too long to know.
func (f shadowCheck) covers(own filterView, others []filterView) bool {
	filters := make([]mirror.Filter, 0, len(others)+1)
	for _, v := range others {
		filters = append(filters, v.filter)
	}
	never, err := analysis.NeverTakes(append(filters, own.filter))
	if err != nil {
		logUnknown(f.findings, ShadowedSession, own.key, err)
	}
	return slices.Contains(never, len(others))
}

func (f shadowCheck) warnShadowed(ctx context.Context, s plannedSession, by []plannedSession) {
	names, views, note := make([]string, len(by)), []filterView{f.view(ctx, s.filter.key)}, guessNote(s.filter, "sessions")
	for i, e := range by {
		names[i] = sessionName(e)
		if e.filter != s.filter {
			views = append(views, f.view(ctx, e.filter.key))
		}
	}
	text := fmt.Sprintf("On %s, earlier sessions copy every packet that the filter of %s accepts: %s. So it never copies a packet. Give it a lower number or another filter, or remove it.%s",
		s.Noun.InterfaceID, sessionName(s), strings.Join(names, ", "), note)
	if len(views) > 1 {
		text += unlessSeparate(" Ignore this warning if this plan changes the separate rules of these filters.", views)
	}
	for _, e := range by {
		if f.isUnplanned(e.Noun.ID) && e.Noun.ID != "" {
			text += fmt.Sprintf(" Ignore this warning if this plan deletes or changes %s.", e.Noun.ID)
		}
	}
	f.add(Finding{Severity: Warning, Field: "session_number", Silence: ShadowedSession, About: []string{s.Noun.ID}, Summary: "A session never copies a packet", Detail: text})
}

// sessionName names a session by its number and, if it exists, its ID.
func sessionName(s plannedSession) string {
	if s.Noun.ID == "" {
		return fmt.Sprintf("session %d", s.Noun.Number)
	}
	return fmt.Sprintf("session %d (%s)", s.Noun.Number, s.Noun.ID)
}
