package analysis

import (
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Covered is a rule that decides no packet.
type Covered struct {
	Rule mirror.Rule

	// By has the fewest earlier rules (or nearly, if there are dozens) that together match every packet that the rule matches,
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
// rules are tried. All rules are of one direction. resolvers are as in Compare.
func Unreachable(list []mirror.Rule, resolvers ...netip.Addr) ([]Covered, error) {
	ordered := inOrder(list)
	decides := make([]bool, len(ordered))
	for _, is4 := range families {
		d, err := explore(scope{is4: is4, within: every(is4), resolvers: resolvers, layers: []layer{{rules: ordered}}})
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
		c, err := cover(r, earlier, resolvers)
		if err != nil {
			return nil, err
		}
		covered = append(covered, c)
	}
	return covered, nil
}

// cover finds the earlier rules that cover a rule.
func cover(rule mirror.Rule, earlier []mirror.Rule, resolvers []netip.Addr) (Covered, error) {
	c := Covered{Rule: rule}
	// Rules that cover it, but decide none of its packets, are not the reason.
	deciding := map[int32]bool{}
	err := eachRegion(rule, scope{resolvers: resolvers, layers: []layer{{rules: earlier}}}, func(d *diagram, r region) {
		if d.decidedBefore(r) == byRules && len(r.items) > 0 {
			deciding[d.items[r.items[0]].place] = true
		}
	})
	if err != nil {
		return Covered{}, err
	}
	var candidates []mirror.Rule
	for place, r := range earlier {
		if deciding[int32(place)] {
			candidates = append(candidates, r)
		}
	}
	if i := slices.IndexFunc(candidates, func(r mirror.Rule) bool { return coversAlone(r, rule) }); i >= 0 {
		c.By = candidates[i : i+1 : i+1]
		c.DifferentAction = candidates[i].Action != rule.Action
		return c, nil
	}
	return coverTogether(c, candidates, resolvers)
}

// eachRegion calls do for each region of the packets that a rule matches.
func eachRegion(rule mirror.Rule, s scope, do func(*diagram, region)) error {
	s.is4 = rule.SourceCIDR.Addr().Is4()
	for _, s.within = range boxesOf(&rule, s.is4) {
		d, err := explore(s)
		if err != nil {
			return err
		}
		for _, r := range d.regions {
			do(d, r)
		}
	}
	return nil
}

func coversAlone(by, rule mirror.Rule) bool {
	is4 := rule.SourceCIDR.Addr().Is4()
	others := boxesOf(&by, is4)
	return !slices.ContainsFunc(boxesOf(&rule, is4), func(b box) bool {
		return !slices.ContainsFunc(others, func(o box) bool { return o.covers(b) })
	})
}

// coverTogether finds the fewest candidates that together match every packet of the rule that
// rules decide.
func coverTogether(c Covered, candidates []mirror.Rule, resolvers []netip.Addr) (Covered, error) {
	var ruled [][]int32 // the candidates that match, for each region
	type other struct {
		by     int32
		places []int32
	}
	var others []other
	err := eachRegion(c.Rule, scope{resolvers: resolvers, layers: []layer{{rules: candidates}}, allRules: true}, func(d *diagram, r region) {
		var places []int32
		for _, it := range r.items {
			if d.items[it].layer != before {
				places = append(places, d.items[it].place)
			}
		}
		if by := d.decidedBefore(r); by == byRules {
			ruled = append(ruled, places)
		} else {
			others = append(others, other{by, places})
		}
	})
	if err != nil {
		return Covered{}, err
	}
	chosen := fewest(ruled, len(candidates))
	for _, place := range chosen {
		c.By = append(c.By, candidates[place])
		c.DifferentAction = c.DifferentAction || candidates[place].Action != c.Rule.Action
	}
	for _, o := range others {
		if !slices.ContainsFunc(chosen, func(place int32) bool { return slices.Contains(o.places, place) }) {
			c.Never, c.Service = c.Never || o.by == never, c.Service || isService(o.by)
		}
	}
	return c, nil
}

// fewest returns the fewest of so many rules so that each region has one of them. If that takes
// too long, it returns rules none of which can be left out.
func fewest(regions [][]int32, count int) []int32 {
	s := coverSearch{regions: regions, steps: 10_000}
	for size := 0; size <= count; size++ {
		if chosen, ok := s.choose(nil, size); ok {
			slices.Sort(chosen)
			return chosen
		}
		if s.steps <= 0 {
			break
		}
	}
	needed := make([]int32, count)
	for i := range needed {
		needed[i] = int32(i)
	}
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
