package analysis

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A Difference is a packet about which two filters decide differently, with their decisions.
type Difference struct {
	Packet mirror.Header
	A, B   Decision
}

// Compare returns one difference for each pair of decisions, by direction and rule number: a
// packet that only one of the filters mirrors. There is none if the filters mirror the same
// packets. resolvers are the addresses of the Route 53 Resolver in the VPC, besides the link-local
// ones: no rule decides about DNS to them.
func Compare(a, b mirror.Filter, resolvers ...netip.Addr) ([]Difference, error) {
	var differences []Difference
	for _, direction := range mirror.Directions {
		pairs := newPairs(direction)
		for _, is4 := range families {
			d, err := explore(scope{is4: is4, within: every(is4), resolvers: resolvers, layers: []layer{{rules: a.InDirection(direction)}, {rules: b.InDirection(direction)}}})
			if err != nil {
				return nil, err
			}
			for _, r := range d.regions {
				if d.decidedBefore(r) != never && d.mirrors(r, 0, a) != d.mirrors(r, 1, b) {
					pairs.see(d, r)
				}
			}
		}
		for _, p := range pairs.packets() {
			differences = append(differences, Difference{p, Decide(a, p, resolvers...), Decide(b, p, resolvers...)})
		}
	}
	return differences, nil
}

// pairs are the most usual packets about which two layers decide, one for each pair of
// decisions.
type pairs struct {
	direction mirror.Direction
	found     map[[2]int]*found // by the numbers of the rules, -1: a network service, 0: none
}

func newPairs(d mirror.Direction) pairs { return pairs{d, map[[2]int]*found{}} }

func (p pairs) see(d *diagram, r region) {
	key := [2]int{-1, -1}
	if d.decidedBefore(r) == byRules {
		for i := range key {
			key[i] = 0
			if decider := d.decider(r, i); decider != nil {
				key[i] = decider.Number
			}
		}
	}
	if p.found[key] == nil {
		p.found[key] = &found{}
	}
	p.found[key].see(d, r, p.direction)
}

// packets returns the packets by the numbers of the rules.
func (p pairs) packets() []mirror.Header {
	keys := make([][2]int, 0, len(p.found))
	for key := range p.found {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b [2]int) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	packets := make([]mirror.Header, len(keys))
	for i, key := range keys {
		packets[i] = *p.found[key].packet
	}
	return packets
}

// A OneWay is a flow of which only one direction is mirrored.
type OneWay struct {
	Packet Witness // is mirrored
	Reply  Witness // is not: the same addresses and ports, swapped, in the other direction
}

// OneWayFlows returns a flow for each pair of decisions about a packet and its reply of which
// only one is mirrored, by the numbers of the ingress rule and the egress rule. The reply to a
// later fragment is a later fragment. resolvers are as in Compare.
func OneWayFlows(f mirror.Filter, resolvers ...netip.Addr) ([]OneWay, error) {
	pairs := newPairs(mirror.Ingress)
	for _, is4 := range families {
		layers := []layer{{rules: f.InDirection(mirror.Ingress)}, {rules: f.InDirection(mirror.Egress), swapped: true}}
		d, err := explore(scope{is4: is4, within: every(is4), resolvers: resolvers, layers: layers})
		if err != nil {
			return nil, err
		}
		for _, r := range d.regions {
			if d.decidedBefore(r) == byRules && d.mirrors(r, 0, f) != d.mirrors(r, 1, f) {
				pairs.see(d, r)
			}
		}
	}
	var flows []OneWay
	for _, p := range pairs.packets() {
		in, out := Witness{p, Decide(f, p, resolvers...)}, Witness{Packet: reply(p)}
		if out.Decision = Decide(f, out.Packet, resolvers...); out.Decision.Mirrored {
			in, out = out, in
		}
		flows = append(flows, OneWay{in, out})
	}
	return flows, nil
}

// NeverTakes returns the indexes of those sessions of an interface that can never take a
// packet, because earlier sessions take everything that their filters accept. The filters are
// in the order of the session numbers. A filter that mirrors nothing is not among them.
func NeverTakes(filters []mirror.Filter) ([]int, error) {
	some, takes := make([]bool, len(filters)), make([]bool, len(filters))
	for _, direction := range mirror.Directions {
		layers := make([]layer, len(filters))
		for i, f := range filters {
			layers[i] = layer{rules: f.InDirection(direction)}
		}
		for _, is4 := range families {
			d, err := explore(scope{is4: is4, within: every(is4), layers: layers})
			if err != nil {
				return nil, err
			}
			for _, r := range d.regions {
				if d.decidedBefore(r) != never {
					d.take(r, filters, some, takes)
				}
			}
		}
	}
	var idle []int
	for i := range filters {
		if some[i] && !takes[i] {
			idle = append(idle, i)
		}
	}
	return idle, nil
}

// take notes which filters mirror the packets of a region, and which is the first.
func (d *diagram) take(r region, filters []mirror.Filter, some, takes []bool) {
	isTaken := false
	for i, f := range filters {
		if d.mirrors(r, i, f) {
			some[i], takes[i], isTaken = true, takes[i] || !isTaken, true
		}
	}
}
