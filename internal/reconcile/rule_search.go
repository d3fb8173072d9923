package reconcile

import (
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// ruleSteps returns the calls that change present to wanted. Their order has these goals, the
// most important first:
//
//   - safety: at no time is a packet accepted that neither present nor wanted
//     accepts, so that nothing leaks to a target;
//   - no loss: at all times every packet is accepted that both accept;
//   - few calls: one for each rule that changes, and one more for each rule that has
//     to move aside first.
//
// Each call uses a free number. There are never more rules than at the start or at the end,
// whichever is more, because rules are modified and not deleted and created. So the quota is
// never exceeded in between.
func ruleSteps(present, wanted []mirror.Rule) []ruleStep {
	var changes []ruleChange
	for _, d := range mirror.Directions {
		changes = append(changes, pairRules(inDirection(present, d), inDirection(wanted, d))...)
	}
	return changeSteps(present, wanted, changes)
}

// changeSteps is ruleSteps if the caller knows which rule becomes which.
func changeSteps(present, wanted []mirror.Rule, changes []ruleChange) []ruleStep {
	s := ruleSearch{present: present, wanted: wanted, rules: slices.Clone(present), pending: slices.Clone(changes), limit: max(len(present), len(wanted))}
	for len(s.pending) > 0 {
		if !s.advance() {
			s.force()
		}
	}
	return s.steps
}

// A ruleSearch finds one step after another. It never undoes a step.
type ruleSearch struct {
	present, wanted []mirror.Rule
	rules           []mirror.Rule // after the steps
	pending         []ruleChange
	steps           []ruleStep
	limit           int // highest number of rules at a time
	detours         int // how often in a row a rule stepped aside and enabled no other
}

// advance takes the best step. It reports false if every step would leak.
func (s *ruleSearch) advance() bool {
	lossless, safe := s.finals()
	if lossless >= 0 {
		s.finish(lossless)
		return true
	}
	move := s.bestMove()
	switch {
	case move.lossless && move.enablesLossless > 0:
		s.moveAside(move)
	case safe >= 0:
		s.finish(safe)
	case move.enables > 0:
		s.moveAside(move)
	case move.rule.ID != "" && s.detours <= len(s.pending):
		s.detours++
		s.moveAside(move)
	default:
		return false
	}
	return true
}

// finals returns the index of a pending change that can be finished without loss, and of one
// that can be finished safely, or -1.
func (s *ruleSearch) finals() (lossless, safe int) {
	safe = -1
	for i, c := range s.pending {
		if !s.possible(c) {
			continue
		}
		switch after := applyStep(s.rules, finalStep(c)); {
		case !s.isSafe(after, c.directions()...):
		case s.isLossless(after, c.directions()...):
			return i, i
		case safe < 0:
			safe = i
		}
	}
	return -1, safe
}

// possible reports whether EC2 would accept the call that finishes a change.
func (s *ruleSearch) possible(c ruleChange) bool {
	if c.to == nil {
		return true
	}
	if c.from == nil {
		return len(s.rules) < s.limit && !isNumberUsed(s.rules, *c.to, "")
	}
	return !isNumberUsed(s.rules, *c.to, c.from.ID)
}

// isNumberUsed reports whether a rule other than the one with the ID has the number.
func isNumberUsed(rules []mirror.Rule, r mirror.Rule, except string) bool {
	return slices.ContainsFunc(rules, func(o mirror.Rule) bool {
		return o.Direction == r.Direction && o.Number == r.Number && (except == "" || o.ID != except)
	})
}

// isSafe reports whether rules accept nothing that neither the present nor the
// wanted rules accept.
func (s *ruleSearch) isSafe(rules []mirror.Rule, directions ...mirror.Direction) bool {
	leaks := func(d mirror.Direction) bool {
		return analysis.MayExist([][]mirror.Rule{inDirection(rules, d)}, [][]mirror.Rule{inDirection(s.present, d), inDirection(s.wanted, d)})
	}
	return !slices.ContainsFunc(directions, leaks)
}

// isLossless reports whether rules accept all that the present and the wanted
// rules both accept.
func (s *ruleSearch) isLossless(rules []mirror.Rule, directions ...mirror.Direction) bool {
	loses := func(d mirror.Direction) bool {
		return analysis.MayExist([][]mirror.Rule{inDirection(s.present, d), inDirection(s.wanted, d)}, [][]mirror.Rule{inDirection(rules, d)})
	}
	return !slices.ContainsFunc(directions, loses)
}

// finalStep is the call that finishes a change.
func finalStep(c ruleChange) ruleStep {
	if c.to == nil {
		return ruleStep{deleteCall, *c.from}
	}
	to := *c.to
	if c.from == nil {
		to.ID = ""
		return ruleStep{createCall, to}
	}
	to.ID = c.from.ID
	return ruleStep{modifyCall, to}
}

func (s *ruleSearch) finish(i int) {
	s.detours = 0
	s.step(finalStep(s.pending[i]))
	s.pending = slices.Delete(s.pending, i, i+1)
}

func (s *ruleSearch) step(step ruleStep) {
	s.steps = append(s.steps, step)
	s.rules = applyStep(s.rules, step)
}

// A ruleMove moves a rule aside: to another number, or, for a reject, to matching
// more packets.
type ruleMove struct {
	change          int // in pending
	rule            mirror.Rule
	lossless        bool
	enables         int // pending changes that can be finished safely afterwards
	enablesLossless int // and of these, without loss
}

func (m ruleMove) betterThan(o ruleMove) bool {
	score := func(m ruleMove) int {
		switch {
		case m.lossless && m.enablesLossless > 0:
			return 2_000_000 + m.enablesLossless
		case m.enables > 0:
			return 1_000_000 + m.enables
		case m.rule.ID != "":
			return 1
		}
		return 0
	}
	return score(m) > score(o)
}

// enough bounds the work for filters with many more rules than the usual quota:
// beyond it the first move that enables something is taken.
const enough = 4096

// bestMove returns the safe move that enables most changes. A move without an ID means
// that there is none.
func (s *ruleSearch) bestMove() ruleMove {
	var best ruleMove
	looked := 0
	for i, c := range s.pending {
		if c.from == nil || c.to == nil {
			continue
		}
		for _, rule := range s.moves(c) {
			if looked += len(s.pending); looked > enough && best.enables > 0 {
				return best
			}
			if m, safe := s.try(i, rule); safe && m.betterThan(best) {
				best = m
			}
		}
	}
	return best
}

// moves returns the ways in which a rule can move aside.
func (s *ruleSearch) moves(c ruleChange) []mirror.Rule {
	var rules []mirror.Rule
	if c.from.Action == mirror.Reject && c.to.Action == mirror.Reject {
		wide := *c.from
		widen(&wide, *c.to)
		if !mirror.SameContent(wide, *c.from) {
			rules = append(rules, wide)
		}
	}
	for _, number := range s.gaps(c.from.Direction) {
		before, after := *c.from, *c.to
		after.ID = before.ID
		before.Number, after.Number = number, number
		rules = append(rules, before)
		if after.Direction == before.Direction && !mirror.SameContent(before, after) {
			rules = append(rules, after)
		}
	}
	return rules
}

// gaps returns the highest number of each gap between the numbers that rules have or
// are going to have, from the highest gap down. Every number of a gap does the same, and
// the highest is the least likely one to be taken by somebody else.
func (s *ruleSearch) gaps(d mirror.Direction) []int {
	var used []int
	for _, r := range inDirection(s.rules, d) {
		used = append(used, r.Number)
	}
	for _, c := range s.pending {
		if c.to != nil && c.to.Direction == d {
			used = append(used, c.to.Number)
		}
	}
	slices.Sort(used)
	used = slices.Compact(used)
	var gaps []int
	above := int(mirror.RuleNumbers.Max) + 1
	for _, n := range slices.Backward(used) {
		if n+1 < above {
			gaps = append(gaps, above-1)
		}
		above = n
	}
	if above > int(mirror.RuleNumbers.Min) {
		gaps = append(gaps, above-1)
	}
	return gaps
}

// widen makes a rule match what another matches too.
func widen(r *mirror.Rule, o mirror.Rule) {
	if r.SourceCIDR.Addr().Is4() != o.SourceCIDR.Addr().Is4() {
		return // no rule matches packets of both families
	}
	r.SourceCIDR = cover(r.SourceCIDR, o.SourceCIDR)
	r.DestinationCIDR = cover(r.DestinationCIDR, o.DestinationCIDR)
	r.SourcePorts = coverPorts(r.SourcePorts, o.SourcePorts)
	r.DestinationPorts = coverPorts(r.DestinationPorts, o.DestinationPorts)
	if !mirror.SameValue(r.Protocol, o.Protocol) {
		r.Protocol, r.SourcePorts, r.DestinationPorts = nil, nil, nil // ports need a protocol
	}
}

// cover returns the longest prefix that holds two others.
func cover(a, b netip.Prefix) netip.Prefix {
	for bits := min(a.Bits(), b.Bits()); bits > 0; bits-- {
		if p := netip.PrefixFrom(a.Addr(), bits).Masked(); p.Contains(b.Addr()) {
			return p
		}
	}
	return netip.PrefixFrom(a.Addr(), 0).Masked()
}

func coverPorts(a, b *mirror.PortRange) *mirror.PortRange {
	if a == nil || b == nil {
		return nil
	}
	return &mirror.PortRange{From: min(a.From, b.From), To: max(a.To, b.To)}
}

// try reports what a move would enable, and whether it is safe.
func (s *ruleSearch) try(change int, rule mirror.Rule) (ruleMove, bool) {
	d := rule.Direction
	after := applyStep(s.rules, ruleStep{modifyCall, rule})
	if !s.isSafe(after, d) {
		return ruleMove{}, false
	}
	m := ruleMove{change: change, rule: rule, lossless: s.isLossless(after, d)}
	next := *s
	next.rules = after
	for i, c := range s.pending {
		if i == change {
			c.from = &rule
		}
		if !slices.Contains(c.directions(), d) || !next.possible(c) {
			continue
		}
		then := applyStep(after, finalStep(c))
		if !s.isSafe(then, c.directions()...) {
			continue
		}
		m.enables++
		if s.isLossless(then, c.directions()...) {
			m.enablesLossless++
		}
	}
	return m, true
}

func (s *ruleSearch) moveAside(m ruleMove) {
	s.pending[m.change].from = &m.rule
	s.step(ruleStep{modifyCall, m.rule})
}

// force takes a step that leaks meanwhile, because the rules must become what is
// wanted. No change was found that needs it.
func (s *ruleSearch) force() {
	if i := slices.IndexFunc(s.pending, s.possible); i >= 0 {
		s.finish(i)
		return
	}
	i := slices.IndexFunc(s.pending, func(c ruleChange) bool { return c.from != nil && c.to != nil })
	rule := *s.pending[i].from
	rule.Number = s.gaps(rule.Direction)[0]
	s.moveAside(ruleMove{change: i, rule: rule})
}
