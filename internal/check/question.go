package check

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// This file has the questions about each kind of object. Terraform plans a replacement
// twice: the change asks for the delete, and the new object asks for the create.

// delete asks whether an object may be deleted.
func (f questions) delete(ctx context.Context, kind mirror.Kind, id string) {
	actions := map[mirror.Kind]string{
		mirror.KindTarget: "DeleteTrafficMirrorTarget", mirror.KindFilter: "DeleteTrafficMirrorFilter",
		mirror.KindFilterRule: "DeleteTrafficMirrorFilterRule", mirror.KindSession: "DeleteTrafficMirrorSession",
	}
	f.may(ctx, question{
		action: actions[kind], does: "deletes " + id, distinct: []string{id}, ofDelete: true,
		ask: deletion(kind, id),
	})
}

func deletion(kind mirror.Kind, id string) func(context.Context, *account.Account) error {
	return func(ctx context.Context, a *account.Account) error {
		switch kind {
		case mirror.KindTarget:
			return a.DeleteTarget(ctx, id, time.Time{})
		case mirror.KindFilter:
			return a.DeleteFilter(ctx, id, time.Time{})
		case mirror.KindFilterRule:
			return a.DeleteRule(ctx, id, time.Time{})
		}
		return a.DeleteSession(ctx, id, time.Time{})
	}
}

// create asks whether an object may be created with tags. create makes the call.
func (f questions) create(ctx context.Context, action, does string, ids []string, tags map[string]string, create func(ctx context.Context, a *account.Account, tags map[string]string) error) {
	q := question{
		action: action, does: does, distinct: append(slices.Clone(ids), tagTexts(tags)...),
		ask: func(ctx context.Context, a *account.Account) error { return create(ctx, a, tags) },
	}
	if len(tags) > 0 {
		q.askUntagged = func(ctx context.Context, a *account.Account) error { return create(ctx, a, nil) }
	}
	f.may(ctx, q)
}

// retag asks whether the tags of an existing object may be changed. It asks nothing if
// the new tags are not known.
func (f questions) retag(ctx context.Context, kind mirror.Kind, id string, present, planned map[string]string, isKnown bool) {
	if !isKnown {
		return
	}
	changed, removed := account.TagChanges(present, planned)
	if len(changed) > 0 {
		f.may(ctx, question{
			action: "CreateTags", does: "tags " + id, distinct: append([]string{id}, tagTexts(changed)...),
			ask: func(ctx context.Context, a *account.Account) error { return a.SetTags(ctx, kind, id, changed) },
		})
	}
	if len(removed) > 0 {
		f.may(ctx, question{
			action: "DeleteTags", does: "removes tags of " + id, distinct: append([]string{id}, removed...),
			ask: func(ctx context.Context, a *account.Account) error { return a.RemoveTags(ctx, kind, id, removed) },
		})
	}
}

func tagTexts(tags map[string]string) []string {
	texts := make([]string, 0, len(tags))
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		texts = append(texts, key+"="+tags[key])
	}
	return texts
}

// session asks about a session.
func (f questions) session(ctx context.Context, before, after Object[mirror.Session]) {
	wanted, id := after.Noun, before.Noun.ID
	isKnown := after.isKnown("network_interface_id", "traffic_mirror_target_id", "traffic_mirror_filter_id")
	newVNI := !after.isKnown("virtual_network_id")
	switch {
	case id == "" && isKnown && after.isKnown(AllTags):
		if wanted.Number == 0 {
			wanted.Number = int(mirror.SessionNumbers.Max) // probably free
		}
		f.create(ctx, "CreateTrafficMirrorSession", "creates a session of "+wanted.InterfaceID, []string{wanted.InterfaceID, wanted.TargetID, wanted.FilterID}, after.Tags,
			func(ctx context.Context, a *account.Account, tags map[string]string) error {
				_, err := a.CreateSession(ctx, wanted, tags, account.NewToken())
				return err
			})
	case id != "" && (!after.isKnown("network_interface_id") || wanted.InterfaceID != before.Noun.InterfaceID):
		f.delete(ctx, mirror.KindSession, id)
	case id != "":
		if isKnown && account.SessionsDiffer(before.Noun, wanted, newVNI) {
			f.may(ctx, question{
				action: "ModifyTrafficMirrorSession", does: "changes " + id, distinct: []string{id, wanted.TargetID, wanted.FilterID},
				ask: func(ctx context.Context, a *account.Account) error {
					_, err := a.ModifySession(ctx, before.Noun, wanted, newVNI)
					return err
				},
			})
		}
		f.retag(ctx, mirror.KindSession, id, before.Tags, after.Tags, after.isKnown(AllTags))
	}
}

// target asks about a target. For another backing resource, the apply creates a target,
// changes sessions and deletes the old target.
func (f questions) target(ctx context.Context, before, after Object[mirror.Target]) {
	wanted, id := after.Noun, before.Noun.ID
	moves := id != "" && movesTarget(before, after)
	isReplaced := id != "" && textChanges(before, after, "description", targetDescription)
	if (id == "" || moves && !isReplaced) && after.isKnown(mirror.TargetBackings...) && after.isKnown(AllTags) {
		f.create(ctx, "CreateTrafficMirrorTarget", "creates a target on "+wanted.Backing(), []string{wanted.Backing()}, after.Tags,
			func(ctx context.Context, a *account.Account, tags map[string]string) error {
				_, err := a.CreateTarget(ctx, wanted, tags, account.NewToken())
				return err
			})
	}
	if moves || isReplaced {
		f.delete(ctx, mirror.KindTarget, id)
	}
	if id != "" && !isReplaced {
		f.retag(ctx, mirror.KindTarget, id, before.Tags, after.Tags, after.isKnown(AllTags))
	}
}

// rule asks about a separate rule.
func (f questions) rule(ctx context.Context, before, after Object[mirror.Rule]) {
	rule, id := after.Noun, before.Noun.ID
	isKnown := !slices.ContainsFunc(after.Unknown, func(field string) bool { return field != AllTags })
	switch {
	case id == "" && isKnown && after.isKnown(AllTags):
		f.createRule(ctx, rule, after.Tags)
	case id != "" && (!after.isKnown("traffic_mirror_filter_id") || rule.FilterID != before.Noun.FilterID):
		f.delete(ctx, mirror.KindFilterRule, id)
	case id != "":
		if isKnown && !mirror.SameRule(before.Noun, rule) {
			f.changeRule(ctx, rule, "changes "+id, id)
		}
		f.retag(ctx, mirror.KindFilterRule, id, before.Tags, after.Tags, after.isKnown(AllTags))
	}
}

func (f questions) createRule(ctx context.Context, rule mirror.Rule, tags map[string]string) {
	f.create(ctx, "CreateTrafficMirrorFilterRule", "creates rules in "+rule.FilterID, []string{rule.FilterID}, tags,
		func(ctx context.Context, a *account.Account, tags map[string]string) error {
			_, err := a.CreateRule(ctx, rule, tags, account.NewToken())
			return err
		})
}

func (f questions) changeRule(ctx context.Context, rule mirror.Rule, does, distinct string) {
	f.may(ctx, question{
		action: "ModifyTrafficMirrorFilterRule", does: does, distinct: []string{distinct},
		ask: func(ctx context.Context, a *account.Account) error {
			_, err := a.ModifyRule(ctx, rule)
			return err
		},
	})
}

// filter asks about a filter. It asks nothing about the services and the rules of a new
// filter, because the filter has no ID yet.
func (f questions) filter(ctx context.Context, before, after Filter) {
	id := before.Noun.ID
	switch {
	case id == "":
		if after.isKnown(AllTags) {
			f.create(ctx, "CreateTrafficMirrorFilter", "creates filters", nil, after.Tags,
				func(ctx context.Context, a *account.Account, tags map[string]string) error {
					_, err := a.CreateFilter(ctx, after.Noun.Description, tags, account.NewToken())
					return err
				})
		}
	case textChanges(before.Object, after.Object, "description", filterDescription):
		f.delete(ctx, mirror.KindFilter, id)
	default:
		f.changeServices(ctx, before, after)
		f.changeRules(ctx, before, after)
		f.retag(ctx, mirror.KindFilter, id, before.Tags, after.Tags, after.isKnown(AllTags))
	}
}

func (f questions) changeServices(ctx context.Context, before, after Filter) {
	add, remove := account.ServiceChanges(before.Noun.NetworkServices, after.Noun.NetworkServices)
	if add == nil && remove == nil || !after.isKnown("network_services") {
		return
	}
	id := before.Noun.ID
	f.may(ctx, question{
		action: "ModifyTrafficMirrorFilterNetworkServices", does: "changes network_services of " + id, distinct: []string{id},
		ask: func(ctx context.Context, a *account.Account) error {
			return a.ModifyServices(ctx, before.Noun, after.Noun.NetworkServices)
		},
	})
}

// changeRules asks about one created, one changed and one deleted rule. One of each is
// enough: inline rules have no tags, so no policy can treat the rules of a filter
// differently.
func (f questions) changeRules(ctx context.Context, before, after Filter) {
	id := before.Noun.ID
	var added, changed, removed []mirror.Rule
	for _, d := range after.Managed {
		if !after.isKnown(RulesField(d)) || !before.isKnown(RulesField(d)) {
			return
		}
		old, wanted := before.Noun.InDirection(d), after.Noun.InDirection(d)
		added = append(added, missingIn(old, wanted)...)
		removed = append(removed, missingIn(wanted, old)...)
		changed = append(changed, differingFrom(old, wanted)...)
	}
	if len(added) > len(removed) {
		rule := added[0]
		rule.FilterID = id
		f.createRule(ctx, rule, nil)
	}
	// A removed and an added rule together are one change.
	changed = append(changed, added[:min(len(added), len(removed))]...)
	if !f.preflight.isOn() || len(changed) == 0 && len(removed) <= len(added) {
		return
	}
	filter, err := f.account.Filter(withOwnReport(ctx), id)
	switch {
	case ctx.Err() != nil:
		return
	case err != nil && !account.IsNotFound(err):
		f.reportUnanswered("DescribeTrafficMirrorFilters", err)
		return
	case len(filter.Noun.Rules) == 0:
		return
	}
	anyRule := filter.Noun.Rules[0].ID
	if len(changed) > 0 {
		rule := changed[0]
		rule.ID = anyRule
		f.changeRule(ctx, rule, "changes rules of "+id, id)
	}
	if len(removed) > len(added) {
		f.may(ctx, question{
			action: "DeleteTrafficMirrorFilterRule", does: "deletes rules of " + id, distinct: []string{id},
			ask: deletion(mirror.KindFilterRule, anyRule),
		})
	}
}

// missingIn returns the rules whose numbers are not in others.
func missingIn(others, rules []mirror.Rule) []mirror.Rule {
	return slices.DeleteFunc(slices.Clone(rules), func(r mirror.Rule) bool {
		return slices.ContainsFunc(others, func(o mirror.Rule) bool { return o.Number == r.Number })
	})
}

// differingFrom returns the rules whose numbers are in others with another content.
func differingFrom(others, rules []mirror.Rule) []mirror.Rule {
	return slices.DeleteFunc(slices.Clone(rules), func(r mirror.Rule) bool {
		return !slices.ContainsFunc(others, func(o mirror.Rule) bool { return o.Number == r.Number && !mirror.SameContent(o, r) })
	})
}
