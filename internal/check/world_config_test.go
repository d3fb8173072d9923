package check

import (
	"context"
	"slices"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// configure draws a configuration that EC2 accepts.
func (w *world) configure() {
	for _, f := range w.filters {
		if f.managed {
			w.configureFilter(f)
		}
	}
	if w.chance(4) {
		f := &worldFilter{managed: true, inline: w.directions()}
		f.want = &mirror.Filter{NetworkServices: w.services(), Rules: w.ruleSet(f.inline...)}
		w.filters = append(w.filters, f)
	}
	for _, t := range w.targets {
		if t.managed {
			w.configureTarget(t)
		}
	}
	if w.chance(6) {
		w.targets = append(w.targets, &worldTarget{managed: true, want: new(w.backing())})
	}
	for _, r := range w.rules {
		if r.managed {
			w.configureRule(r)
		}
	}
	w.swapRules()
	for _, f := range w.filters {
		for _, d := range mirror.Directions {
			if f.remains() && !(f.managed && slices.Contains(f.inline, d)) && w.chance(4) {
				w.rules = append(w.rules, &worldRule{managed: true, filter: f, want: new(w.rule(d, w.ruleNumber(f, d)))})
			}
		}
	}
	for _, s := range w.sessions {
		if s.managed {
			w.configureSession(s)
		}
	}
	for range w.rng.IntN(3) - 1 {
		s := &worldSession{managed: true}
		w.wantSession(s, mirror.Session{InterfaceID: worldENI(1 + w.rng.IntN(worldSources)%2)})
		w.sessions = append(w.sessions, s)
	}
	w.hideValues()
}

// remains reports whether there is such a filter after the apply.
func (f *worldFilter) remains() bool { return !f.managed || f.want != nil }

func (t *worldTarget) remains() bool { return !t.managed || t.want != nil }

// isKnown reports whether the plan knows the ID that the filter has after the apply.
func (f *worldFilter) isKnown() bool { return f.id != "" && !f.replaced }

func (t *worldTarget) moves() bool {
	return t.managed && t.id != "" && t.want != nil && t.want.Backing() != t.state.Backing()
}

func (t *worldTarget) isKnown() bool { return t.id != "" && !t.moves() }

// isFree reports whether every session that uses the object can leave it.
func (w *world) isFree(uses func(*worldSession) bool) bool {
	return !slices.ContainsFunc(w.sessions, func(s *worldSession) bool { return !s.managed && uses(s) })
}

func (w *world) configureFilter(f *worldFilter) {
	f.want = &mirror.Filter{NetworkServices: f.state.NetworkServices, Rules: rulesIn(f.state.Rules, f.inline)}
	isFree := w.isFree(func(s *worldSession) bool { return s.filter == f })
	switch w.rng.IntN(16) {
	case 0:
		if others := slices.ContainsFunc(w.filters, func(o *worldFilter) bool { return o != f && o.remains() }); isFree && others {
			f.want = nil
		}
	case 1:
		f.replaced = isFree
	case 2:
		// A map takes the rules of a direction, or leaves them to others.
		f.inline = w.directions()
		f.want.Rules = rulesIn(f.state.Rules, f.inline)
	case 3, 4, 5, 6:
		f.want.Rules = w.ruleSet(f.inline...)
	case 7:
		f.want.NetworkServices = w.services()
	case 8, 9:
		for i := range f.want.Rules {
			if old := f.want.Rules[i]; w.chance(2) {
				f.want.Rules[i] = w.rule(old.Direction, old.Number)
			}
		}
	}
}

func (w *world) configureTarget(t *worldTarget) {
	t.want = &t.state
	switch isFree := w.isFree(func(s *worldSession) bool { return s.target == t }); w.rng.IntN(10) {
	case 0, 1:
		t.want = new(w.backing())
	case 2:
		if others := slices.ContainsFunc(w.targets, func(o *worldTarget) bool { return o != t && o.remains() }); isFree && others {
			t.want = nil
		}
	}
}

func (w *world) configureRule(r *worldRule) {
	want := r.state
	r.want = &want
	if !r.filter.remains() {
		r.want = nil
		return
	}
	switch w.rng.IntN(12) {
	case 0:
		r.want = nil
		return
	case 1, 2:
		*r.want = w.rule(want.Direction, want.Number)
	case 3:
		r.want.Number = w.ruleNumber(r.filter, want.Direction)
	case 4:
		r.want.Direction = pick(w, mirror.Directions)
		r.want.Number = w.ruleNumber(r.filter, r.want.Direction)
	case 5:
		if to := pick(w, w.filters); to.remains() && to != r.filter {
			r.filter, r.want.Number = to, w.ruleNumber(to, want.Direction)
			r.replaced = true
		}
	case 6:
		r.replaced = true
	}
	if r.filter.managed && slices.Contains(r.filter.inline, r.want.Direction) {
		r.want = nil // the map of the filter has the direction
	}
	r.replaced = r.want != nil && (r.replaced || r.filter.replaced)
}

// swapRules lets two separate rules swap their numbers.
func (w *world) swapRules() {
	for i, a := range w.rules {
		for _, b := range w.rules[:i] {
			if a.want != nil && b.want != nil && a.managed && b.managed && a.filter == b.filter && !a.replaced && !b.replaced && a.want.Direction == b.want.Direction && w.chance(6) {
				a.want.Number, b.want.Number = b.want.Number, a.want.Number
			}
		}
	}
}

// ruleNumber returns a number that no rule of a direction has or gets.
func (w *world) ruleNumber(f *worldFilter, d mirror.Direction) int {
	used := map[int]bool{}
	note := func(r mirror.Rule) { used[r.Number] = used[r.Number] || r.Direction == d }
	for _, r := range f.state.Rules {
		note(r)
	}
	for _, r := range w.rules {
		if r.filter == f && r.want != nil {
			note(*r.want)
		}
	}
	return w.freeNumber(used, 24)
}

func (w *world) configureSession(s *worldSession) {
	want := s.state
	s.want = &want
	s.want.PacketLength = s.state.PacketLength
	if s.state.PacketLength != nil && *s.state.PacketLength == mirror.LoadBalancerPacketLength {
		s.want.PacketLength = nil
	}
	s.literal = w.chance(4) // an ID in the text
	switch w.rng.IntN(12) {
	case 0:
		s.want = nil
		return
	case 1:
		s.replaced = true
	case 2:
		s.want.InterfaceID = worldENI(1 + w.rng.IntN(worldSources))
		s.replaced = s.want.InterfaceID != s.state.InterfaceID
		if s.replaced {
			s.want.Number = w.sessionNumber(s.want.InterfaceID)
		}
	case 3:
		s.want.Number = w.sessionNumber(s.want.InterfaceID)
	case 4:
		s.want.PacketLength = w.packetLength()
	case 5:
		s.filter = pick(w, w.filters)
	case 6:
		s.target = pick(w, w.targets)
	default:
		s.literal = s.literal && s.filter.isKnown()
		w.settle(s)
		return
	}
	s.literal = false
	w.settle(s)
}

// settle gives a session another filter or target if its own goes.
func (w *world) settle(s *worldSession) {
	for !s.filter.remains() {
		s.filter, s.literal = pick(w, w.filters), false
	}
	for !s.target.remains() {
		s.target, s.literal = pick(w, w.targets), false
	}
}

func (w *world) wantSession(s *worldSession, want mirror.Session) {
	s.filter, s.target = pick(w, w.filters), pick(w, w.targets)
	w.settle(s)
	want.Number, want.PacketLength = w.sessionNumber(want.InterfaceID), w.packetLength()
	s.want = &want
}

func (w *world) sessionNumber(eni string) int {
	used := map[int]bool{}
	for _, s := range w.sessions {
		used[s.state.Number] = true
		if s.want != nil {
			used[s.want.Number] = true
		}
	}
	return w.freeNumber(used, 30)
}

// hideValues makes some values of the configuration known only after apply.
func (w *world) hideValues() {
	if !w.chance(4) {
		return
	}
	newFilter := slices.ContainsFunc(w.filters, func(f *worldFilter) bool { return f.managed && f.want != nil && !f.isKnown() })
	for _, f := range w.filters {
		if f.managed && f.want != nil && w.chance(8) {
			f.unknown = append(f.unknown, "network_services")
		}
		for _, d := range f.inline {
			if f.managed && f.want != nil && w.chance(8) {
				f.unknown = append(f.unknown, RulesField(d))
			}
		}
	}
	for _, t := range w.targets {
		if t.moves() && w.chance(4) {
			t.unknown = mirror.TargetBackings[:1]
		}
	}
	for _, r := range w.rules {
		if r.managed && r.want != nil && w.chance(8) {
			fields := []string{"rule_number", "traffic_direction", "source_cidr_block"}
			if !newFilter && r.id == "" {
				fields = append(fields, "traffic_mirror_filter_id")
			}
			r.unknown = append(r.unknown, pick(w, fields))
		}
	}
	for _, s := range w.sessions {
		if s.managed && s.want != nil && !s.literal && w.chance(4) {
			fields := []string{"session_number", "packet_length", "traffic_mirror_filter_id", "traffic_mirror_target_id"}
			if s.id == "" || s.replaced {
				fields = append(fields, "network_interface_id")
			}
			s.unknown = append(s.unknown, pick(w, fields))
		}
	}
}

// drift changes by hand what the last apply has made.
func (w *world) drift(ctx context.Context, a *account.Account) {
	for range max(0, w.rng.IntN(5)-2) {
		w.driftOnce(ctx, a)
	}
}

func (w *world) driftOnce(ctx context.Context, a *account.Account) {
	filter := pick(w, w.filters)
	if filter.id == "" {
		return
	}
	now := need[account.Tagged[mirror.Filter]](w)(a.Filter(ctx, filter.id)).Noun
	d := pick(w, mirror.Directions)
	switch n := w.rng.IntN(9); {
	case n == 0:
		r := w.rule(d, w.handNumber())
		r.FilterID = filter.id
		need[account.Tagged[mirror.Rule]](w)(a.CreateRule(ctx, r, nil, account.NewToken()))
	case n == 1:
		w.must(a.ModifyServices(ctx, now, w.services()))
	case n < 4 && len(now.Rules) > 0:
		old := pick(w, now.Rules)
		r := w.rule(old.Direction, pick(w, []int{old.Number, w.handNumber()}))
		r.ID, r.FilterID = old.ID, old.FilterID
		need[mirror.Rule](w)(a.ModifyRule(ctx, r))
	case n == 4 && len(now.Rules) > 0:
		w.must(a.DeleteRule(ctx, pick(w, now.Rules).ID, time.Time{}))
	case n == 5:
		if to := w.lasting(); to != "" && w.targets[0].id != "" && w.targets[0].remains() {
			need[account.Tagged[mirror.Session]](w)(a.CreateSession(ctx, mirror.Session{InterfaceID: simulatedENI, FilterID: to, TargetID: w.targets[0].id, Number: w.handNumber()}, nil, account.NewToken()))
		}
	case len(w.sessions) > 0:
		w.driftSession(ctx, a, pick(w, w.sessions), n)
	}
}

func (w *world) driftSession(ctx context.Context, a *account.Account, s *worldSession, n int) {
	if s.id == "" {
		return
	}
	found, err := a.Session(ctx, s.id)
	if err != nil {
		return // deleted by hand before
	}
	now := found.Noun
	switch n {
	case 6:
		w.must(a.DeleteSession(ctx, s.id, time.Time{}))
	case 7:
		need[mirror.Session](w)(a.NumberSession(ctx, now, w.handNumber()))
	default:
		other := now
		if to := w.lasting(); to != "" {
			other.FilterID = to
		}
		other.PacketLength = w.packetLength()
		need[mirror.Session](w)(a.ModifySession(ctx, now, other, false))
	}
}

// lasting returns the ID of a filter that the configuration neither deletes nor replaces.
func (w *world) lasting() string {
	if f := pick(w, w.filters); f.remains() && f.isKnown() {
		return f.id
	}
	return ""
}

// handNumber returns a number that nothing else has.
func (w *world) handNumber() int {
	w.hand++
	return 100 + w.hand
}
