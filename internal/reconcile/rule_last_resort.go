package reconcile

import "slices"

// lastResort returns the end of an order that is safe without any analysis, at the price of
// losses, or nil if there is none.
//
// First it shrinks what is accepted. Each of these calls leaves a part of what the present
// rules accept:
//
//   - An accept that is to go is deleted. Each other accept that may change becomes a reject
//     of the same packets.
//   - If there are accepts that may not change, each reject that changes goes before them,
//     and is widened, so that it also matches what it is going to match.
//
// Then every rule takes its wanted form: first the rejects that were none or could not be
// widened, then the other rejects, then the accepts. While the first ones do, the packets that
// are accepted are still a part of what the present rules accept: no reject of these has gone.
// From then on they are a part of what the wanted rules accept. For let a rule accept a packet,
// in its wanted form, and let the wanted rules reject it. Then a reject that is tried earlier
// matches the packet in its wanted form, and does not have this form yet. But while there is
// such a reject, either no rule accepts, or that reject is before all accepts and
// matches the packet.
//
// If all rules may change, the calls are always possible. pairByNumber leaves a wanted number
// to the rule that has it, so that no rule waits for a number; creates come after deletes.
//
// If some rules may not change, there is no such order in two cases. One is that there is no
// free number before an accept that may not change. The other is that rejects change in both
// ways between the directions, or between IPv4 and IPv6, because no rule matches both. There may even be no safe order at all.
func (s *ruleSearch) lastResort() *ruleState {
	r := lastResort{ruleSearch: s, state: s.start, isSafe: true, keepsAccepts: slices.ContainsFunc(s.holders, ruleHolder.keepsAccept)}
	for i := range s.holders {
		r.shrink(i)
	}
	for pass := range 3 {
		for r.finishOne(pass) {
		}
	}
	if r.state.pending > 0 || !r.isSafe {
		return nil
	}
	return r.state
}

// A lastResort is the order that ruleSearch.lastResort makes.
type lastResort struct {
	*ruleSearch
	state        *ruleState
	isSafe       bool
	keepsAccepts bool // there are accepts that may not change
}

// keepsAccept reports whether a rule accepts and may not change.
func (h ruleHolder) keepsAccept() bool { return h.isFixed && h.from.accepts }

// shrink makes a rule accept nothing, or reject what it is going to reject.
func (r *lastResort) shrink(i int) {
	h := r.holders[i]
	to := h.from
	to.goal = -1
	switch {
	case h.rule == nil || h.isFixed:
	case h.from.accepts && h.goal < 0:
		r.call(i, nil)
	case h.from.accepts:
		to.accepts = false
		to.goal = r.goalOf(to)
		r.call(i, &to)
	case h.changes && r.keepsAccepts:
		if h.wide >= 0 {
			to.match = h.wide
		}
		d := to.place.direction()
		if gaps := r.gaps(r.state.rules, d); len(gaps) > 0 {
			to.place = min(to.place, placeAt(d, gaps[len(gaps)-1]))
		}
		r.isSafe = r.isSafe && (r.spaces[d].isExact || h.wide >= 0 && r.isFirst(to.place))
		if to != h.from {
			r.call(i, &to)
		}
	}
}

// isFirst reports whether a place is before all accepts of its direction that may not
// change.
func (r *lastResort) isFirst(p rulePlace) bool {
	return !slices.ContainsFunc(r.holders, func(h ruleHolder) bool {
		return h.keepsAccept() && h.from.place.direction() == p.direction() && h.from.place < p
	})
}

// finishOne gives a rule its wanted form: in pass 0 a reject that shrink did not make match what
// it is going to match, in pass 1 any reject, and in pass 2 an accept. It reports false if there
// is no such rule.
func (r *lastResort) finishOne(pass int) bool {
	r.locate(r.state)
	var blocked []rulePlace
	for i, h := range r.holders {
		var to *placedRule
		switch at := r.at[i]; {
		case h.goal < 0 && at < 0, h.goal >= 0 && r.isMet[h.goal]:
			continue
		case h.goal >= 0:
			to = &r.goals[h.goal].placed
		}
		comes := to != nil && (h.rule == nil || h.from.accepts || h.wide < 0)
		if to != nil && to.accepts && pass < 2 || !comes && pass < 1 {
			continue
		}
		if r.call(i, to) {
			isLate := comes && !to.accepts && pass > 0 // after a reject that was needed until now has gone
			r.isSafe = r.isSafe && (r.isExact() || !isLate || !r.keepsAccepts)
			return true
		}
		if to != nil {
			blocked = append(blocked, to.place)
		}
	}
	return slices.ContainsFunc(blocked, r.clear)
}

// clear moves the rule of a place, which is not yet as it is wanted, to a free number.
func (r *lastResort) clear(p rulePlace) bool {
	gaps := r.gaps(r.state.rules, p.direction())
	for _, rule := range r.state.rules {
		if rule.place != p || rule.goal >= 0 || r.holders[rule.holder].isFixed || len(gaps) == 0 {
			continue
		}
		rule.place = placeAt(p.direction(), gaps[len(gaps)-1])
		r.isSafe = r.isSafe && (r.isExact() || r.isFirst(rule.place))
		return r.call(int(rule.holder), &rule)
	}
	return false
}

// call makes a call, and reports false if EC2 would refuse it.
func (r *lastResort) call(i int, to *placedRule) bool {
	r.locate(r.state)
	rules, ok := r.change(r.state, r.at[i], to)
	if !ok {
		return false
	}
	var loses [2]bool
	for d, space := range r.spaces {
		loses[d] = true // maybe
		if space.isExact {
			isSafe, isLossless := space.judge(inPlaces(rules, d))
			r.isSafe, loses[d] = r.isSafe && isSafe, !isLossless
		}
	}
	r.state = r.next(r.state, i, rules, loses)
	return true
}
