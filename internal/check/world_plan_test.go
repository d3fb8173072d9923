package check

import (
	"context"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A worldStep plans one object, after those that Terraform plans first.
type worldStep struct {
	of    any   // the object; nil: the simulation
	after []any // objects
	plan  func()
}

// A worldPlan is one plan of a world, and what it has found.
type worldPlan struct {
	*world
	plan    *Plan
	now     present // what EC2 has before the apply
	found   []Finding
	writes  map[any]bool // the objects that Terraform changes
	left    map[any]bool // the rules that stay in the map of their filter
	fails   bool         // the apply fails: it changes an object that is gone
	preview Preview
	changes []string // for the preview
}

// preview plans the world in a random order that Terraform may have.
func (w *world) planAll(ctx context.Context) *worldPlan {
	p := &worldPlan{world: w, plan: New(w.open(), Policy{Quotas: mirror.DefaultQuotas(), Clock: stopped()}), writes: map[any]bool{}, left: map[any]bool{}}
	p.plan.waits.used = planTime // the destroy of a rule does not wait for its filter
	p.now = need[present](w)(p.plan.snapshot.present(ctx))
	steps := p.steps(ctx)
	done := map[any]bool{}
	for len(steps) > 0 {
		var ready []int
		for i, s := range steps {
			if !slices.ContainsFunc(s.after, func(of any) bool { return !done[of] }) {
				ready = append(ready, i)
			}
		}
		i := pick(w, ready)
		steps[i].plan()
		if steps[i].of != nil {
			done[steps[i].of] = true
		}
		steps = slices.Delete(steps, i, i+1)
	}
	return p
}

func (p *worldPlan) steps(ctx context.Context) []worldStep {
	var steps []worldStep
	var all []any
	isLate := p.chance(5) // the configuration does not order the simulation
	add := func(of any, precedes bool, plan func(), after ...any) {
		steps = append(steps, worldStep{of, after, plan})
		if precedes || !isLate {
			all = append(all, of)
		}
	}
	for _, f := range p.filters {
		if f.managed {
			add(f, false, func() { p.planFilter(ctx, f) })
		}
	}
	for _, t := range p.targets {
		if t.managed {
			add(t, false, func() { p.planTarget(ctx, t) })
		}
	}
	for _, r := range p.rules {
		if r.managed {
			var after []any
			for _, f := range p.filters {
				if f.managed && (f == r.filter || f.id == r.state.FilterID) {
					after = append(after, f)
				}
			}
			add(r, slices.Contains(r.unknown, "traffic_mirror_filter_id"), func() { p.planRule(ctx, r) }, after...)
		}
	}
	for _, s := range p.sessions {
		if s.managed {
			var after []any
			if s.want != nil && s.filter.managed {
				after = append(after, s.filter)
			}
			if s.want != nil && s.target.managed {
				after = append(after, s.target)
			}
			add(s, slices.Contains(s.unknown, "network_interface_id"), func() { p.planSession(ctx, s) }, after...)
		}
	}
	return append(steps, worldStep{nil, all, func() {
		p.note(p.plan.Simulations.Check(Simulation{ID: "a", InterfaceID: simulatedENI}))
		p.preview = need[Preview](p.world)(p.plan.Simulations.Preview(ctx, simulatedENI))
		p.changes = p.plan.Simulations.Changes(ctx, simulatedENI)
	}})
}

func (p *worldPlan) note(found []Finding) { p.found = append(p.found, found...) }

// asMaps returns a filter as a state has it.
func asMaps(f mirror.Filter) mirror.Filter {
	rules := slices.Clone(f.Rules)
	for i := range rules {
		rules[i].ID, rules[i].FilterID = "", ""
	}
	slices.SortFunc(rules, byPlace)
	f.Rules = rules
	return f
}

func (p *worldPlan) planFilter(ctx context.Context, f *worldFilter) {
	before := Filter{}
	if f.id != "" {
		before.Noun = asMaps(f.state)
		if p.isRefreshed {
			before.Noun = asMaps(*presentFilter(p.now.filters, f.id))
		}
	}
	if f.want == nil {
		p.note(p.plan.NoteDelete(ctx, mirror.KindFilter, f.id, ""))
		p.note(p.plan.Delete(ctx, mirror.KindFilter, f.id))
		return
	}
	after := Filter{Object: Object[mirror.Filter]{Noun: mirror.Filter{ID: f.id, NetworkServices: f.want.NetworkServices}, Unknown: f.unknown}, Managed: f.inline, Count: map[mirror.Direction]int{}}
	for _, d := range mirror.Directions {
		switch rules := asMaps(*f.want).InDirection(d); {
		case slices.Contains(f.unknown, RulesField(d)):
		case slices.Contains(f.inline, d):
			after.Noun.Rules = append(after.Noun.Rules, rules...)
		default:
			after.Noun.Rules = append(after.Noun.Rules, before.Noun.InDirection(d)...)
		}
	}
	slices.SortFunc(after.Noun.Rules, byPlace)
	switch {
	case f.id == "":
		p.note(p.plan.Filter(ctx, p.plan.NewObjectID(nil), before, after))
	case f.replaced:
		after.Noun.Description = "new"
		p.note(p.plan.Filter(ctx, f.id, before, after))
		after.Noun.ID = ""
		p.note(p.plan.Filter(ctx, f.id, Filter{}, after))
	default:
		p.writes[f] = len(f.unknown) > 0 || !sameValue(before.Noun, after.Noun)
		p.note(p.plan.Filter(ctx, f.id, before, after))
	}
}

func (p *worldPlan) planTarget(ctx context.Context, t *worldTarget) {
	before := Object[mirror.Target]{Noun: t.state}
	switch {
	case t.want == nil:
		p.note(p.plan.NoteDelete(ctx, mirror.KindTarget, t.id, ""))
		p.note(p.plan.Delete(ctx, mirror.KindTarget, t.id))
	case t.id == "":
		p.note(p.plan.Target(ctx, p.plan.NewObjectID(nil), Object[mirror.Target]{}, Object[mirror.Target]{Noun: *t.want, Unknown: t.unknown}))
	default:
		after := Object[mirror.Target]{Noun: *t.want, Unknown: t.unknown}
		if after.Noun.ID = t.id; t.moves() {
			after.Noun.ID = ""
			if t.unknown != nil {
				after.Noun = mirror.Target{}
			}
		}
		p.note(p.plan.Target(ctx, t.id, before, after))
	}
}

func (p *worldPlan) planRule(ctx context.Context, r *worldRule) {
	before, isGone := Object[mirror.Rule]{Noun: r.state}, r.id == ""
	if p.isRefreshed && !isGone {
		before.Noun, isGone = mirror.Rule{}, true
		for _, f := range p.now.filters {
			for _, now := range f.Rules {
				if now.ID == r.id {
					before.Noun, isGone = now, false
				}
			}
		}
	}
	if isGone {
		r.id, before.Noun = "", mirror.Rule{}
	}
	if r.want == nil {
		if r.id != "" {
			found, isLeft := Handover{p.plan}.DeleteRule(ctx, before.Noun)
			p.note(found)
			p.left[r] = isLeft
		}
		return
	}
	after := Object[mirror.Rule]{Noun: *r.want, Unknown: slices.Clone(r.unknown)}
	after.Noun.ID, after.Noun.FilterID = r.id, r.filter.id
	if !r.filter.isKnown() && !slices.Contains(after.Unknown, "traffic_mirror_filter_id") {
		after.Unknown = append(after.Unknown, "traffic_mirror_filter_id")
	}
	for _, field := range after.Unknown {
		switch field {
		case "traffic_mirror_filter_id":
			after.Noun.FilterID = ""
		case "rule_number":
			after.Noun.Number = 0
		case "traffic_direction":
			after.Noun.Direction = ""
		}
	}
	switch {
	case r.id == "":
		p.note(p.plan.Rule(ctx, p.plan.NewObjectID(nil), before, after))
	case r.replaced:
		p.note(p.plan.Rule(ctx, r.id, before, after))
		p.left[r] = Handover{p.plan}.LeavesRule(before.Noun, after.Noun)
		after.Noun.ID = ""
		p.note(p.plan.Rule(ctx, r.id, Object[mirror.Rule]{}, after))
	default:
		p.writes[r] = len(r.unknown) > 0 || !sameValue(before.Noun, after.Noun)
		p.fails = p.fails || p.writes[r] && p.isGone(r.id, mirror.KindFilterRule)
		p.note(p.plan.Rule(ctx, r.id, before, after))
	}
}

func (p *worldPlan) planSession(ctx context.Context, s *worldSession) {
	before := Object[mirror.Session]{Noun: s.state}
	if p.isRefreshed && s.id != "" {
		i := slices.IndexFunc(p.now.sessions, func(now mirror.Session) bool { return now.ID == s.id })
		if i < 0 {
			s.id, before.Noun = "", mirror.Session{}
		} else {
			before.Noun = p.now.sessions[i]
		}
	}
	before.Noun.OwnerID = ""
	if s.want == nil {
		if s.id != "" {
			p.note(p.plan.NoteDelete(ctx, mirror.KindSession, s.id, before.Noun.InterfaceID))
			p.note(p.plan.Delete(ctx, mirror.KindSession, s.id))
		}
		return
	}
	after := p.plannedSession(s, before.Noun)
	switch {
	case s.id == "":
		p.note(p.plan.Session(ctx, p.plan.NewObjectID(nil), Object[mirror.Session]{}, after))
	case s.replaced:
		p.note(p.plan.Session(ctx, s.id, before, after))
		after.Noun.ID = ""
		p.note(p.plan.Session(ctx, s.id, Object[mirror.Session]{}, after))
	default:
		p.writes[s] = len(after.Unknown) > 0 || !sameValue(before.Noun, after.Noun)
		p.fails = p.fails || p.writes[s] && p.isGone(s.id, mirror.KindSession)
		p.note(p.plan.Session(ctx, s.id, before, after))
	}
}

// plannedSession returns a session as the provider plans it.
func (p *worldPlan) plannedSession(s *worldSession, before mirror.Session) Object[mirror.Session] {
	after := Object[mirror.Session]{Noun: *s.want, Unknown: slices.Clone(s.unknown)}
	n := &after.Noun
	n.OwnerID, n.Description = "", before.Description
	n.ID, n.FilterID, n.TargetID, n.VirtualNetworkID = s.id, s.filter.id, s.target.id, before.VirtualNetworkID
	hide := func(field string, isKnown bool) {
		if !isKnown && !slices.Contains(after.Unknown, field) {
			after.Unknown = append(after.Unknown, field)
		}
	}
	hide("traffic_mirror_filter_id", s.filter.isKnown())
	hide("traffic_mirror_target_id", s.target.isKnown() || s.literal)
	hide("virtual_network_id", before.VirtualNetworkID != nil && !s.replaced)
	if s.want.PacketLength == nil && !slices.Contains(s.unknown, "packet_length") {
		after.Unset = []string{"packet_length"}
		chosenByEC2 := before.PacketLength == nil || *before.PacketLength == mirror.LoadBalancerPacketLength
		if isSame := after.isKnown("traffic_mirror_target_id") && n.TargetID == before.TargetID; isSame && chosenByEC2 && s.id != "" && !s.replaced {
			n.PacketLength = before.PacketLength
		} else {
			hide("packet_length", false)
		}
	}
	for _, field := range after.Unknown {
		switch field {
		case "traffic_mirror_filter_id":
			n.FilterID = ""
		case "traffic_mirror_target_id":
			n.TargetID = ""
		case "session_number":
			n.Number = 0
		case "packet_length":
			n.PacketLength = nil
		case "network_interface_id":
			n.InterfaceID = ""
		}
	}
	return after
}

// isGone reports whether an object was deleted by hand.
func (p *worldPlan) isGone(id string, kind mirror.Kind) bool {
	if kind == mirror.KindSession {
		return !slices.ContainsFunc(p.now.sessions, func(s mirror.Session) bool { return s.ID == id })
	}
	return !slices.ContainsFunc(p.now.filters, func(f mirror.Filter) bool {
		return slices.ContainsFunc(f.Rules, func(r mirror.Rule) bool { return r.ID == id })
	})
}
