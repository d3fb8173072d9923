package analysis

import (
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// headers returns a packet for each way in which rules can match packets: the first packet
// after each boundary of each field, in all combinations.
func headers(rules []mirror.Rule, d mirror.Direction) []mirror.Header {
	var all []mirror.Header
	for _, zero := range []netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()} {
		sources, destinations := []netip.Addr{zero}, []netip.Addr{zero}
		protocols, sourcePorts, destinationPorts := []int{0}, []int{0}, []int{0}
		for _, r := range rules {
			if r.SourceCIDR.Addr().Is4() != zero.Is4() {
				continue
			}
			sources = append(sources, r.SourceCIDR.Addr(), afterPrefix(r.SourceCIDR))
			destinations = append(destinations, r.DestinationCIDR.Addr(), afterPrefix(r.DestinationCIDR))
			if r.Protocol != nil {
				protocols = append(protocols, int(*r.Protocol), int(*r.Protocol)+1)
			}
			if p := r.SourcePorts; p != nil {
				sourcePorts = append(sourcePorts, p.From, p.To+1)
			}
			if p := r.DestinationPorts; p != nil {
				destinationPorts = append(destinationPorts, p.From, p.To+1)
			}
		}
		isInvalid := func(a netip.Addr) bool { return !a.IsValid() }
		sources, destinations = slices.DeleteFunc(unique(sources, netip.Addr.Compare), isInvalid), slices.DeleteFunc(unique(destinations, netip.Addr.Compare), isInvalid)
		compare := func(a, b int) int { return a - b }
		protocols, sourcePorts, destinationPorts = unique(protocols, compare), unique(sourcePorts, compare), unique(destinationPorts, compare)
		for _, source := range sources {
			for _, destination := range destinations {
				for _, protocol := range protocols {
					h := mirror.Header{Direction: d, Protocol: mirror.Protocol(protocol), Source: source, Destination: destination}
					if protocol > 255 {
						continue
					}
					all = append(all, h)
					if h.Protocol.HasPorts() {
						all = withPorts(all, h, sourcePorts, destinationPorts)
					}
				}
			}
		}
	}
	return all
}

func withPorts(all []mirror.Header, h mirror.Header, sourcePorts, destinationPorts []int) []mirror.Header {
	h.HasPorts = true
	for _, source := range sourcePorts {
		for _, destination := range destinationPorts {
			if source <= 65535 && destination <= 65535 {
				h.SourcePort, h.DestinationPort = uint16(source), uint16(destination)
				all = append(all, h)
			}
		}
	}
	return all
}

// afterPrefix returns the address after the last one of a prefix, not valid if there is none.
func afterPrefix(p netip.Prefix) netip.Addr {
	bytes := p.Addr().AsSlice()
	for bit := p.Bits(); bit < len(bytes)*8; bit++ {
		bytes[bit/8] |= 0x80 >> (bit % 8)
	}
	last, _ := netip.AddrFromSlice(bytes)
	return last.Next()
}

func unique[T any](values []T, compare func(a, b T) int) []T {
	slices.SortFunc(values, compare)
	return slices.CompactFunc(values, func(a, b T) bool { return compare(a, b) == 0 })
}

// firstMatch returns the rule with the lowest number that matches a packet, or nil.
func firstMatch(rules []mirror.Rule, h mirror.Header) *mirror.Rule {
	var first *mirror.Rule
	for i, r := range rules {
		inRange := func(ports *mirror.PortRange, port uint16) bool {
			return ports == nil || h.HasPorts && ports.From <= int(port) && int(port) <= ports.To
		}
		isMatch := r.SourceCIDR.Contains(h.Source) && r.DestinationCIDR.Contains(h.Destination) && (r.Protocol == nil || *r.Protocol == h.Protocol) &&
			inRange(r.SourcePorts, h.SourcePort) && inRange(r.DestinationPorts, h.DestinationPort) && (h.Direction == "" || r.Direction == h.Direction)
		if isMatch && (first == nil || r.Number < first.Number) {
			first = &rules[i]
		}
	}
	return first
}
