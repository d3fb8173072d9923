package analysis

import "github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"

// budget is the maximum number of boxes for one question. Lists of the size that
// AWS allows need hundreds.
const budget = 1 << 20

// MayExist reports whether there is a packet that every list in accepting accepts
// and no list in rejecting accepts. Each list has the rules of one direction, in
// any order. The answer is exact, but after about a million steps MayExist gives
// up and returns true.
func MayExist(accepting, rejecting [][]mirror.Rule) bool {
	s := newSpace(append(append([][]mirror.Rule{}, accepting...), rejecting...)...)
	q := question{left: budget}
	for _, rules := range accepting {
		q.lists = append(q.lists, demand{s.boxes(rules), mirror.Accept})
	}
	for _, rules := range rejecting {
		q.lists = append(q.lists, demand{s.boxes(rules), mirror.Reject})
	}
	return q.holdsIn(s.whole())
}

// A demand is what a list of rules has to do with a packet.
type demand struct {
	rules  []boxedRule
	action mirror.Action
}

type question struct {
	lists []demand
	left  int
}

// holdsIn reports whether some packet of b meets every demand. If a rule decides
// only a part of the box, it cuts the box in two and tries both.
func (q *question) holdsIn(b box) bool {
	if q.left--; q.left < 0 {
		return true
	}
	for _, list := range q.lists {
		action, partial := decide(list.rules, b)
		switch {
		case partial != nil:
			below, rest := split(b, *partial)
			return q.holdsIn(below) || q.holdsIn(rest)
		case action != list.action:
			return false
		}
	}
	return true
}

// decide returns what a list does with all packets of a box. If that differs, it
// returns the box of the first rule that matches only some of them.
func decide(rules []boxedRule, b box) (mirror.Action, *box) {
	for i := range rules {
		switch r := &rules[i]; {
		case !r.box.meets(b):
		case r.box.covers(b):
			return r.action, nil
		default:
			return "", &r.box
		}
	}
	return mirror.Reject, nil
}

// split cuts a box in two along a side of another box. The other box overlaps it
// and does not cover it.
func split(b, by box) (below, rest box) {
	below, rest = b, b
	for axis := range b {
		switch {
		case b[axis].first < by[axis].first:
			below[axis].last, rest[axis].first = by[axis].first-1, by[axis].first
			return below, rest
		case by[axis].last < b[axis].last:
			below[axis].last, rest[axis].first = by[axis].last, by[axis].last+1
			return below, rest
		}
	}
	return below, rest
}
