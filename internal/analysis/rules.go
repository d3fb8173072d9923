package analysis

import (
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// DecidedPackets returns a packet for each rule of a filter that decides one.
func DecidedPackets(f mirror.Filter) (map[RuleKey]mirror.Header, error) {
	decided := map[RuleKey]*found{}
	for _, direction := range mirror.Directions {
		for _, is4 := range families {
			d, err := explore(scope{is4: is4, within: every(is4), layers: []layer{{rules: f.InDirection(direction)}}})
			if err != nil {
				return nil, err
			}
			for _, r := range d.regions {
				decider := d.decider(r, 0)
				if decider == nil || d.decidedBefore(r) != byRules {
					continue
				}
				key := RuleKey{direction, decider.Number}
				if decided[key] == nil {
					decided[key] = &found{}
				}
				decided[key].see(d, r, direction)
			}
		}
	}
	packets := map[RuleKey]mirror.Header{}
	for key, one := range decided {
		packets[key] = *one.packet
	}
	return packets, nil
}

// Touching returns the rules of a filter that decide some packet of a space.
func Touching(f mirror.Filter, s mirror.Space) ([]mirror.Rule, error) {
	type place struct {
		direction mirror.Direction
		number    int
	}
	touch := map[place]bool{}
	err := eachDecided(f, s.Rules(mirror.Accept), func(_ *diagram, _ region, decider *mirror.Rule) {
		touch[place{decider.Direction, decider.Number}] = true
	})
	if err != nil {
		return nil, err
	}
	var rules []mirror.Rule
	for _, d := range mirror.Directions {
		for _, r := range f.InDirection(d) {
			if touch[place{d, r.Number}] {
				rules = append(rules, r)
			}
		}
	}
	return rules, nil
}

// eachDecided calls do for each region of the packets that some rules match and about which a
// rule of the filter decides.
func eachDecided(f mirror.Filter, matching []mirror.Rule, do func(*diagram, region, *mirror.Rule)) error {
	for _, m := range matching {
		err := eachRegion(m, scope{layers: []layer{{rules: f.InDirection(m.Direction)}}}, func(d *diagram, r region) {
			if decider := d.decider(r, 0); decider != nil && d.decidedBefore(r) == byRules {
				do(d, r, decider)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Redundant returns rules that can be removed together without a change of what is mirrored,
// unreachable rules included. All rules are of one direction.
func Redundant(list []mirror.Rule) ([]mirror.Rule, error) {
	p, err := newPruning(inOrder(list))
	if err != nil {
		return nil, err
	}
	// Without the unreachable rules, all others decide what they did before.
	for _, isReachable := range []bool{false, true} {
		for place := len(p.rules) - 1; place >= 0; place-- {
			if p.decides[place] == isReachable && !p.isRemoved[place] {
				p.isRemoved[place] = !p.matters(place)
			}
		}
	}
	var redundant []mirror.Rule
	for place, r := range p.rules {
		if p.isRemoved[place] {
			redundant = append(redundant, r)
		}
	}
	return redundant, nil
}

// A pruning removes rules one after the other.
type pruning struct {
	rules     []mirror.Rule
	regions   [][]int32 // the places of the rules that match
	matching  [][]int32 // the regions that a rule matches
	decides   []bool    // a rule decides some packet
	isRemoved []bool
}

func newPruning(ordered []mirror.Rule) (*pruning, error) {
	n := len(ordered)
	p := &pruning{rules: ordered, matching: make([][]int32, n), decides: make([]bool, n), isRemoved: make([]bool, n)}
	for _, is4 := range families {
		d, err := explore(scope{is4: is4, within: every(is4), layers: []layer{{rules: ordered}}, allRules: true})
		if err != nil {
			return nil, err
		}
		for _, r := range d.regions {
			if len(r.items) > 0 && d.decidedBefore(r) == byRules {
				p.add(d, r)
			}
		}
	}
	return p, nil
}

func (p *pruning) add(d *diagram, r region) {
	places := make([]int32, len(r.items))
	for i, it := range r.items {
		places[i] = d.items[it].place
		p.matching[places[i]] = append(p.matching[places[i]], int32(len(p.regions)))
	}
	p.decides[places[0]] = true
	p.regions = append(p.regions, places)
}

// matters reports whether some packet would be mirrored that is not, or the other way round,
// without the rule.
func (p *pruning) matters(place int) bool {
	return slices.ContainsFunc(p.matching[place], func(region int32) bool {
		next := mirror.Reject
		for _, other := range p.regions[region] {
			switch {
			case p.isRemoved[other] || int(other) == place:
			case int(other) < place:
				return false // another rule decides
			default:
				return p.rules[other].Action != p.rules[place].Action
			}
		}
		return next != p.rules[place].Action
	})
}
