package check

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Guard says what happens to a change that the guard does not want.
type Guard string

// The guards. The zero value does not look at changes.
const (
	GuardWarns   Guard = "warn"
	GuardRefuses Guard = "error"
)

// Guards lists the guards that a configuration can choose.
var Guards = []Guard{GuardWarns, GuardRefuses}

// A wideningCheck compares what a filter mirrors before and after a change.
type wideningCheck struct{ *findings }

// judgeWidening compares the directions whose rules the filter owns, and its network services,
// with what EC2 has now. A filter that no session uses mirrors nothing, before and after.
func (f filterCheck) judgeWidening(ctx context.Context, before, after Filter) {
	if f.policy.Widening == "" || before.Noun.ID == "" {
		return
	}
	if len(after.Managed) < len(mirror.Directions) {
		wideningCheck(f).compareSeparate(ctx, f.view(ctx, before.Noun.ID), mirror.Directions, "")
	}
	if !changesRules(before, after) && !changesServices(before, after) {
		return
	}
	old, changed := filterView{key: before.Noun.ID, name: before.Noun.ID, inline: after.Managed}, filterView{key: before.Noun.ID, name: before.Noun.ID, inline: after.Managed}
	for _, d := range after.Managed {
		if after.isKnown(RulesField(d)) && before.isKnown(RulesField(d)) {
			old.filter.Rules = append(old.filter.Rules, before.Noun.InDirection(d)...)
			changed.filter.Rules = append(changed.filter.Rules, after.Noun.InDirection(d)...)
		}
	}
	if after.isKnown("network_services") { // otherwise the plan of the apply compares them
		old.filter.NetworkServices, changed.filter.NetworkServices = before.Noun.NetworkServices, after.Noun.NetworkServices
	}
	field := "network_services"
	if changesRules(before, after) {
		field = RulesField(changedDirection(before, after))
	}
	severity := Warning
	if f.policy.Widening == GuardRefuses {
		severity = Error
	}
	wideningCheck(f).compare(ctx, old, changed, severity, field, "")
}

// compare reports the packets that a filter mirrors after a change and not before.
func (f wideningCheck) compare(ctx context.Context, old, changed filterView, severity Severity, field, note string) {
	differences, err := analysis.Compare(old.filter, changed.filter)
	if err != nil {
		logUnknown(f.findings, "widening", old.key, err)
		f.warn(field, "The guard cannot compare the rules", fmt.Sprintf(
			"guard.widening asks whether this change of %s makes it mirror more packets. The rules are too many, or overlap too much, for an exact answer.", old.name))
		return
	}
	var gained, lost []string
	for _, d := range differences {
		text := fmt.Sprintf("%s %s\n    Now: %s\n    Then: %s", d.Packet.Direction, d.Packet, old.decisionText(d.Packet.Direction, d.A), changed.decisionText(d.Packet.Direction, d.B))
		if d.B.Mirrored {
			gained = append(gained, text)
		} else {
			lost = append(lost, text)
		}
	}
	if gained == nil {
		return
	}
	users, isUsed := f.sessionsOf(ctx, old.key)
	if !isUsed || note != "" && !f.reservations.warnOnce("widening of "+old.key) {
		return
	}
	text := fmt.Sprintf("With this change, %s mirrors packets that it does not mirror now%s, for example:\n\n%s", old.name, users, listedPackets(gained))
	if lost != nil {
		text += "\n\nIt no longer mirrors:\n\n" + listedPackets(lost)
	}
	text += "\n\nguard.widening in the provider block asks for this check."
	if severity == Error {
		text += " If the change is intended, set guard = { widening = \"warn\" } for this apply, or narrow the rules."
	}
	f.add(Finding{Severity: severity, Field: field, Summary: "The filter mirrors more than before", Detail: text + note})
}

// maxListed is how many packets a text lists.
const maxListed = 5

func listedPackets(texts []string) string {
	rest := ""
	if n := len(texts) - maxListed; n > 0 {
		texts, rest = texts[:maxListed], fmt.Sprintf("\n  - and %d more", n)
	}
	return "  - " + strings.Join(texts, "\n  - ") + rest
}

// sessionsOf names the sessions that use a filter in EC2 now, and reports whether there may be
// any.
func (f wideningCheck) sessionsOf(ctx context.Context, filterID string) (text string, isUsed bool) {
	all, err := f.snapshot.sessionList.get(ctx, f.account.Now, func(ctx context.Context) ([]mirror.Session, error) { return f.account.Sessions(ctx) })
	if err != nil {
		return "", true
	}
	users := slices.DeleteFunc(slices.Clone(all), func(s mirror.Session) bool { return s.FilterID != filterID })
	if len(users) == 0 {
		return "", false
	}
	if len(users) > maxListed {
		return fmt.Sprintf(" (%d sessions use it)", len(users)), true
	}
	return " (used by " + sessionIDs(users) + ")", true
}

// judgeSeparateRules judges a filter whose separate rules the plan changes: the assertions, and
// the widening. directions are those of the rule, before and after the change.
func judgeSeparateRules(ctx context.Context, f *findings, filterID string, directions []mirror.Direction, field string) {
	own, _ := f.planned.filter(filterID)
	if f.run.isApply() || f.policy.Widening == "" && len(own.Assertions) == 0 {
		return // in the apply, rules that the plan deletes look as if they stayed
	}
	v := f.view(ctx, filterID)
	c := assertionCheck{f, v}
	c.judgeSeparate(own.Assertions, directions, field)
	c.reportOpen(own.Assertions, directions, field)
	wideningCheck{f}.compareSeparate(ctx, v, directions, field)
}

// compareSeparate compares the separate rules of a filter, as far as they are planned, with
// what EC2 has now. The plan may still change others, so this is never an error.
func (f wideningCheck) compareSeparate(ctx context.Context, v filterView, directions []mirror.Direction, field string) {
	if f.policy.Widening == "" || f.run.isApply() || isNewKey(v.key) {
		return
	}
	present := presentFilter(f.snapshot.filters(ctx), v.key)
	if present == nil {
		return
	}
	old, changed := v, v
	old.filter, changed.filter = mirror.Filter{}, mirror.Filter{}
	for _, d := range directions {
		if slices.Contains(v.known, d) && !slices.Contains(v.inline, d) {
			old.filter.Rules = append(old.filter.Rules, present.InDirection(d)...)
			changed.filter.Rules = append(changed.filter.Rules, v.filter.InDirection(d)...)
		}
	}
	f.compare(ctx, old, changed, Warning, field,
		" Terraform plans separate rules one by one, so this is never an error for them. Ignore this warning if the plan also changes other separate rules of this filter. It is shown once for each filter.")
}

// changedDirections are the directions of a separate rule, before and after a change.
func changedDirections(rules ...mirror.Rule) []mirror.Direction {
	var directions []mirror.Direction
	for _, r := range rules {
		if r.Direction != "" && !slices.Contains(directions, r.Direction) {
			directions = append(directions, r.Direction)
		}
	}
	return directions
}
