package analysis

import (
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Covered is a rule that decides no packet.
type Covered struct {
	Rule mirror.Rule

	// By has the fewest earlier rules that together match every packet that the rule matches,
	// in the order in which they are tried. Each of them decides some of these packets. No rule
	// decides about the packets of Never and Service.
	By              []mirror.Rule
	DifferentAction bool // some rule of By has another action

	// Never says that EC2 never mirrors packets that the rule matches and By does not. Service
	// says that a network service decides about such packets. If By is empty, these are all.
	Never   bool
	Service bool
}

// Unreachable returns those rules that decide no packet, in the order in which
// rules are tried. All rules are of one direction.
func Unreachable(list []mirror.Rule) ([]Covered, error) {
	ordered := inOrder(list)
	decides := make([]bool, len(ordered))
	for _, is4 := range families {
		d, err := explore(scope{is4: is4, within: every(is4), layers: []layer{{rules: ordered}}})
		if err != nil {
			return nil, err
		}
		for _, r := range d.regions {
			if len(r.items) > 0 && d.decidedBefore(r) == byRules {
				decides[d.items[r.items[0]].place] = true
			}
		}
	}
	var covered []Covered
	var earlier []mirror.Rule // that decide some packet
	for i, r := range ordered {
		if decides[i] {
			earlier = append(earlier, r)
			continue
		}
		c, err := cover(r, earlier)
		if err != nil {
			return nil, err
		}
		covered = append(covered, c)
	}
	return covered, nil
}

// cover finds the earlier rules that cover a rule.
func cover(rule mirror.Rule, earlier []mirror.Rule) (Covered, error) {
	c := Covered{Rule: rule}
	is4 := rule.SourceCIDR.Addr().Is4()
	boxes := boxesOf(&rule, is4)
	coversAll := func(r mirror.Rule) bool {
		return !slices.ContainsFunc(boxes, func(b box) bool {
			return !slices.ContainsFunc(boxesOf(&r, is4), func(o box) bool { return o.covers(b) })
		})
	}
	if i := slices.IndexFunc(earlier, coversAll); i >= 0 && len(boxes) > 0 {
		c.By = earlier[i : i+1 : i+1]
		c.DifferentAction = earlier[i].Action != rule.Action
		return c, nil
	}
	var regions, others [][]int32 // about which rules decide, and others
	for _, b := range boxes {
		d, err := explore(scope{is4: is4, within: b, layers: []layer{{rules: earlier}}, allRules: true})
		if err != nil {
			return Covered{}, err
		}
		for _, r := range d.regions {
			var places []int32
			for _, it := range r.items {
				if d.items[it].layer != before {
					places = append(places, d.items[it].place)
				}
			}
			switch by := d.decidedBefore(r); {
			case by == byRules:
				regions = append(regions, places)
			default:
				others = append(others, append(places, -by))
			}
		}
	}
	deciding := decidersOf(regions)
	chosen := fewest(regions, deciding)
	for _, place := range chosen {
		c.By = append(c.By, earlier[place])
		c.DifferentAction = c.DifferentAction || earlier[place].Action != rule.Action
	}
	for _, places := range others {
		if !slices.ContainsFunc(chosen, func(place int32) bool { return slices.Contains(places, place) }) {
			by := -places[len(places)-1]
			c.Never, c.Service = c.Never || by == never, c.Service || by == service
		}
	}
	return c, nil
}

// decidersOf returns the rules that decide about some region.
func decidersOf(regions [][]int32) []int32 {
	var deciding []int32
	for _, places := range regions {
		deciding = append(deciding, places[0])
	}
	slices.Sort(deciding)
	return slices.Compact(deciding)
}

// fewest returns the fewest of some rules so that each region has one of them. If that takes
// too long, it returns rules none of which can be left out.
func fewest(regions [][]int32, among []int32) []int32 {
	s := coverSearch{steps: 10_000}
	for _, places := range regions {
		s.regions = append(s.regions, slices.DeleteFunc(slices.Clone(places), func(p int32) bool { return !slices.Contains(among, p) }))
	}
	for size := 0; size <= len(among); size++ {
		if chosen, ok := s.choose(nil, size); ok {
			slices.Sort(chosen)
			return chosen
		}
		if s.steps <= 0 {
			break
		}
	}
	needed := slices.Clone(among)
	for i := len(needed) - 1; i >= 0; i-- {
		if without := slices.Delete(slices.Clone(needed), i, i+1); s.uncovered(without) == nil {
			needed = without
		}
	}
	return needed
}

type coverSearch struct {
	regions [][]int32
	steps   int
}

// uncovered returns the region without any of the chosen rules that has the fewest rules, or
// nil.
func (s *coverSearch) uncovered(chosen []int32) []int32 {
	var open []int32
	for _, places := range s.regions {
		isCovered := slices.ContainsFunc(chosen, func(p int32) bool { return slices.Contains(places, p) })
		if !isCovered && (open == nil || len(places) < len(open)) {
			open = places
		}
	}
	return open
}

// choose adds rules to those chosen, at most so many.
func (s *coverSearch) choose(chosen []int32, more int) ([]int32, bool) {
	open := s.uncovered(chosen)
	if open == nil {
		return chosen, true
	}
	if s.steps--; more == 0 || s.steps < 0 {
		return nil, false
	}
	for _, place := range open {
		if all, ok := s.choose(append(slices.Clone(chosen), place), more-1); ok {
			return all, true
		}
	}
	return nil, false
}
