package reconcile

import (
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A placedRule is a rule of a state of a ruleSearch.
type placedRule struct {
	holder  int32 // which rule it is: index in holders
	match   int32 // what it matches: index in matches
	place   rulePlace
	accepts bool
	goal    int32 // which wanted rule it has become: index in goals, or -1
}

// A rulePlace is a direction and a number. Rules in the order of their places are in the order
// in which they are tried, the directions one after the other.
type rulePlace int32

func placeOf(r mirror.Rule) rulePlace {
	return placeAt(slices.Index(mirror.Directions, r.Direction), r.Number)
}

func placeAt(direction, number int) rulePlace { return rulePlace(direction<<16 | number) }

func (p rulePlace) direction() int { return int(p >> 16) }

func (p rulePlace) number() int { return int(p & 0xffff) }

// A ruleSpace judges the rules of one direction. It knows packets only as classes.
type ruleSpace struct {
	isExact bool           // false: there are too many classes
	matched []analysis.Set // by each match that rules of this direction can have
	allowed analysis.Set   // that the present or the wanted rules accept
	kept    analysis.Set   // that the present and the wanted rules both accept
	left    analysis.Set   // scratch
}

// newRuleSpace returns the space of a direction. matches has what its rules can match.
func newRuleSpace(matches []mirror.Rule, isUsed []bool) *ruleSpace {
	var used []mirror.Rule
	for i, r := range matches {
		if isUsed[i] {
			used = append(used, r)
		}
	}
	sets, isExact := analysis.Classes(used)
	s := &ruleSpace{isExact: isExact, matched: make([]analysis.Set, len(matches))}
	if !isExact || len(sets) == 0 {
		return s
	}
	for i := range matches {
		if isUsed[i] {
			s.matched[i], sets = sets[0], sets[1:]
			s.left = make(analysis.Set, len(s.matched[i]))
		}
	}
	return s
}

// setEnds sets the present and the wanted rules.
func (s *ruleSpace) setEnds(present, wanted []placedRule) {
	s.allowed = s.accepted(present)
	after := s.accepted(wanted)
	s.kept = make(analysis.Set, len(after))
	for i := range after {
		s.kept[i] = s.allowed[i] & after[i]
		s.allowed[i] |= after[i]
	}
}

func (s *ruleSpace) accepted(rules []placedRule) analysis.Set {
	accepted, decided := make(analysis.Set, len(s.left)), make(analysis.Set, len(s.left))
	for _, r := range rules {
		for i, word := range s.matched[r.match] {
			if r.accepts {
				accepted[i] |= word &^ decided[i]
			}
			decided[i] |= word
		}
	}
	return accepted
}

// judge reports whether rules accept only what the present or the wanted rules accept, and
// whether they accept all that both accept.
func (s *ruleSpace) judge(rules []placedRule) (isSafe, isLossless bool) {
	isLossless = true
	for i := range s.left {
		s.left[i] = ^uint64(0)
	}
	for _, r := range rules {
		for i, word := range s.matched[r.match] {
			decided := s.left[i] & word
			s.left[i] &^= word
			switch {
			case r.accepts && decided&^s.allowed[i] != 0:
				return false, false
			case !r.accepts && decided&s.kept[i] != 0:
				isLossless = false
			}
		}
	}
	for i, word := range s.left {
		isLossless = isLossless && word&s.kept[i] == 0
	}
	return true, isLossless
}
