// Package analysis answers questions about filters without a packet. The answers
// are exact: they are about all possible packets, not about samples.
//
// A packet is a point in a space, and a rule is a box. The axes are the fields
// that rules match. The package does not process packets: package dataplane does.
//
// https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-filters.html
package analysis

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// The axes of the space. A rule with a port range matches only packets that have
// ports. Later fragments have none (assumption A0004). So there is an axis for
// whether a packet has ports.
const (
	sourceAxis = iota
	destinationAxis
	protocolAxis
	portedAxis
	sourcePortAxis
	destinationPortAxis
	axes
)

// A span is a closed interval of cells. The boundaries of all rules cut an axis
// into cells. A rule matches all packets of a cell or none.
type span struct{ first, last int }

func (s span) covers(o span) bool { return s.first <= o.first && o.last <= s.last }

func (s span) meets(o span) bool { return s.first <= o.last && o.first <= s.last }

type box [axes]span

func (b box) covers(o box) bool {
	for axis := range b {
		if !b[axis].covers(o[axis]) {
			return false
		}
	}
	return true
}

func (b box) meets(o box) bool {
	for axis := range b {
		if !b[axis].meets(o[axis]) {
			return false
		}
	}
	return true
}

// A boxedRule is a rule of a list. The list is in the order in which rules are
// tried.
type boxedRule struct {
	box    box
	action mirror.Action
}

// A space is the axes, cut into cells by the boundaries of some rules.
type space struct {
	addresses [2][]netip.Addr // the first address of each cell, source and destination
	numbers   [axes][]int     // the first number of each cell of the other axes
}

// newSpace cuts the axes by the boundaries of all rules in lists.
func newSpace(lists ...[]mirror.Rule) *space {
	s := &space{}
	bases := []netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()}
	s.addresses = [2][]netip.Addr{slices.Clone(bases), slices.Clone(bases)}
	for axis := protocolAxis; axis < axes; axis++ {
		s.numbers[axis] = []int{0}
	}
	for _, list := range lists {
		for _, rule := range list {
			s.cut(rule)
		}
	}
	for axis := range s.addresses {
		slices.SortFunc(s.addresses[axis], netip.Addr.Compare)
		s.addresses[axis] = slices.Compact(s.addresses[axis])
	}
	for axis := protocolAxis; axis < axes; axis++ {
		slices.Sort(s.numbers[axis])
		s.numbers[axis] = slices.Compact(s.numbers[axis])
	}
	return s
}

func (s *space) cut(rule mirror.Rule) {
	for axis, prefix := range []netip.Prefix{rule.SourceCIDR, rule.DestinationCIDR} {
		s.addresses[axis] = append(s.addresses[axis], prefix.Masked().Addr())
		if next := last(prefix).Next(); next.IsValid() {
			s.addresses[axis] = append(s.addresses[axis], next)
		}
	}
	numbers := numbersOf(rule)
	for axis := protocolAxis; axis < axes; axis++ {
		s.numbers[axis] = append(s.numbers[axis], int(numbers[axis].Min))
		if numbers[axis].Max < everyNumber[axis].Max {
			s.numbers[axis] = append(s.numbers[axis], int(numbers[axis].Max)+1)
		}
	}
}

// everyNumber is the complete interval of each axis that has numbers.
var everyNumber = [axes]mirror.Range{
	protocolAxis:        mirror.Protocols,
	portedAxis:          {Min: 0, Max: 1},
	sourcePortAxis:      mirror.Ports,
	destinationPortAxis: mirror.Ports,
}

// numbersOf returns the interval that a rule matches, for each axis that has
// numbers.
func numbersOf(rule mirror.Rule) [axes]mirror.Range {
	numbers := everyNumber
	if rule.Protocol != nil {
		numbers[protocolAxis] = mirror.Range{Min: int64(*rule.Protocol), Max: int64(*rule.Protocol)}
	}
	narrow := func(axis int, ports *mirror.PortRange) {
		if ports != nil {
			numbers[axis] = mirror.Range{Min: int64(ports.From), Max: int64(ports.To)}
			numbers[portedAxis] = mirror.Range{Min: 1, Max: 1}
		}
	}
	narrow(sourcePortAxis, rule.SourcePorts)
	narrow(destinationPortAxis, rule.DestinationPorts)
	return numbers
}

// whole is the box of all packets.
func (s *space) whole() box {
	var b box
	for axis := range b {
		switch axis {
		case sourceAxis, destinationAxis:
			b[axis] = span{0, len(s.addresses[axis]) - 1}
		default:
			b[axis] = span{0, len(s.numbers[axis]) - 1}
		}
	}
	return b
}

// box returns the rule's box. The space must have been cut by the rule.
func (s *space) box(rule mirror.Rule) box {
	var b box
	for axis, prefix := range []netip.Prefix{rule.SourceCIDR, rule.DestinationCIDR} {
		cells := s.addresses[axis]
		first, _ := slices.BinarySearchFunc(cells, prefix.Masked().Addr(), netip.Addr.Compare)
		after, _ := slices.BinarySearchFunc(cells, last(prefix), func(cell, end netip.Addr) int {
			return cmp.Or(cell.Compare(end), -1)
		})
		b[axis] = span{first, after - 1}
	}
	numbers := numbersOf(rule)
	for axis := protocolAxis; axis < axes; axis++ {
		first, _ := slices.BinarySearch(s.numbers[axis], int(numbers[axis].Min))
		after, _ := slices.BinarySearch(s.numbers[axis], int(numbers[axis].Max)+1)
		b[axis] = span{first, after - 1}
	}
	return b
}

// boxes returns a list of rules as boxes, in the order of their numbers.
func (s *space) boxes(rules []mirror.Rule) []boxedRule {
	sorted := slices.SortedFunc(slices.Values(rules), func(a, b mirror.Rule) int { return cmp.Compare(a.Number, b.Number) })
	boxed := make([]boxedRule, len(sorted))
	for i, rule := range sorted {
		boxed[i] = boxedRule{s.box(rule), rule.Action}
	}
	return boxed
}

// last returns the highest address of a prefix.
func last(p netip.Prefix) netip.Addr {
	bytes := p.Masked().Addr().AsSlice()
	for bit := p.Bits(); bit < len(bytes)*8; bit++ {
		bytes[bit/8] |= 0x80 >> (bit % 8)
	}
	address, _ := netip.AddrFromSlice(bytes)
	return address
}
