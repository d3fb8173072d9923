package reconcile

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A headerWalk judges lists of rules by trying headers, one for each way in which the
// rules can tell headers apart. It shares nothing with package analysis and with the
// search, so that a mistake there cannot hide here.
type headerWalk struct {
	pairs [][2]netip.Addr // source and destination
	kinds []headerKind
	known map[headerMatch]headers
}

// A headerKind is a protocol with ports, or without, as in later fragments.
type headerKind struct {
	protocol            int
	hasPorts            bool
	source, destination int
}

// A headerMatch is what a rule matches, as a value that can be compared.
type headerMatch struct {
	source, destination           netip.Prefix
	protocol                      int
	hasSourcePorts, hasDestPorts  bool
	sourcePorts, destinationPorts mirror.PortRange
}

// headers is a set of the headers of a walk.
type headers []uint64

func (h headers) has(i int) bool { return h[i/64]>>(i%64)&1 == 1 }

// isWithin reports whether every header of h is in a or in b.
func (h headers) isWithin(a, b headers) bool {
	for i, word := range h {
		if word&^(a[i]|b[i]) != 0 {
			return false
		}
	}
	return true
}

// holdsBoth reports whether h has every header that is in a and in b.
func (h headers) holdsBoth(a, b headers) bool {
	for i, word := range h {
		if a[i]&b[i]&^word != 0 {
			return false
		}
	}
	return true
}

func matchOf(r mirror.Rule) headerMatch {
	m := headerMatch{source: r.SourceCIDR, destination: r.DestinationCIDR, protocol: -1}
	if r.Protocol != nil {
		m.protocol = int(*r.Protocol)
	}
	if r.SourcePorts != nil {
		m.hasSourcePorts, m.sourcePorts = true, *r.SourcePorts
	}
	if r.DestinationPorts != nil {
		m.hasDestPorts, m.destinationPorts = true, *r.DestinationPorts
	}
	return m
}

// newHeaderWalk collects the headers at the boundaries of all rules in lists.
func newHeaderWalk(lists ...[]mirror.Rule) *headerWalk {
	w := &headerWalk{known: map[headerMatch]headers{}}
	bases := []netip.Addr{netip.MustParseAddr("0.0.0.0"), netip.MustParseAddr("::")}
	sources, destinations := slices.Clone(bases), slices.Clone(bases)
	protocols := []int{200} // one that no rule of the tests names
	var ported []int
	sourcePorts, destinationPorts := []int{0}, []int{0}
	for _, r := range slices.Concat(lists...) {
		sources = append(sources, boundaries(r.SourceCIDR)...)
		destinations = append(destinations, boundaries(r.DestinationCIDR)...)
		if r.Protocol != nil {
			protocols = append(protocols, int(*r.Protocol))
		}
		ends := func(ports []int, r *mirror.PortRange) []int {
			if r == nil {
				return ports
			}
			return append(ports, r.From, min(r.To+1, 65535))
		}
		sourcePorts, destinationPorts = ends(sourcePorts, r.SourcePorts), ends(destinationPorts, r.DestinationPorts)
		if r.SourcePorts != nil || r.DestinationPorts != nil {
			ported = append(ported, int(*r.Protocol))
		}
	}
	for _, s := range distinct(sources, netip.Addr.Compare) {
		for _, d := range distinct(destinations, netip.Addr.Compare) {
			if s.Is4() == d.Is4() {
				w.pairs = append(w.pairs, [2]netip.Addr{s, d})
			}
		}
	}
	for _, p := range distinct(protocols, cmp.Compare[int]) {
		w.kinds = append(w.kinds, headerKind{protocol: p})
		if !slices.Contains(ported, p) {
			continue
		}
		for _, s := range distinct(sourcePorts, cmp.Compare[int]) {
			for _, d := range distinct(destinationPorts, cmp.Compare[int]) {
				w.kinds = append(w.kinds, headerKind{p, true, s, d})
			}
		}
	}
	return w
}

func distinct[T comparable](values []T, compare func(a, b T) int) []T {
	slices.SortFunc(values, compare)
	return slices.Compact(values)
}

// boundaries returns the first address of a prefix, and the first one after it.
func boundaries(p netip.Prefix) []netip.Addr {
	first := p.Masked().Addr()
	bytes := first.AsSlice()
	bit := p.Bits() - 1
	for ; bit >= 0; bit-- { // add one to the bits of the prefix
		mask := byte(0x80 >> (bit % 8))
		if bytes[bit/8]&mask == 0 {
			bytes[bit/8] |= mask
			break
		}
		bytes[bit/8] &^= mask
	}
	if bit < 0 {
		return []netip.Addr{first}
	}
	next, _ := netip.AddrFromSlice(bytes)
	return []netip.Addr{first, next}
}

// matching returns the headers that a rule matches.
func (w *headerWalk) matching(r mirror.Rule) headers {
	m := matchOf(r)
	if found, known := w.known[m]; known {
		return found
	}
	var kinds []int
	for i, k := range w.kinds {
		if matchesKind(r, k) {
			kinds = append(kinds, i)
		}
	}
	found := make(headers, (len(w.pairs)*len(w.kinds)+63)/64)
	for i, pair := range w.pairs {
		if !r.SourceCIDR.Contains(pair[0]) || !r.DestinationCIDR.Contains(pair[1]) {
			continue
		}
		for _, kind := range kinds {
			at := i*len(w.kinds) + kind
			found[at/64] |= 1 << (at % 64)
		}
	}
	w.known[m] = found
	return found
}

func matchesKind(r mirror.Rule, k headerKind) bool {
	in := func(ports *mirror.PortRange, port int) bool {
		return ports == nil || k.hasPorts && ports.From <= port && port <= ports.To
	}
	return (r.Protocol == nil || int(*r.Protocol) == k.protocol) && in(r.SourcePorts, k.source) && in(r.DestinationPorts, k.destination)
}

// accepted returns the headers that rules of one direction accept: the rule with the
// lowest number that matches a header decides.
func (w *headerWalk) accepted(rules []mirror.Rule) headers {
	size := (len(w.pairs)*len(w.kinds) + 63) / 64
	accepted, decided := make(headers, size), make(headers, size)
	sorted := slices.SortedFunc(slices.Values(rules), func(a, b mirror.Rule) int { return cmp.Compare(a.Number, b.Number) })
	for _, r := range sorted {
		for i, word := range w.matching(r) {
			if r.Action == mirror.Accept {
				accepted[i] |= word &^ decided[i]
			}
			decided[i] |= word
		}
	}
	return accepted
}

// accepts is accepted for one header, without sets.
func (w *headerWalk) accepts(rules []mirror.Rule, header int) bool {
	pair, kind := w.pairs[header/len(w.kinds)], w.kinds[header%len(w.kinds)]
	var first *mirror.Rule
	for _, r := range rules {
		if r.SourceCIDR.Contains(pair[0]) && r.DestinationCIDR.Contains(pair[1]) && matchesKind(r, kind) && (first == nil || r.Number < first.Number) {
			first = &r
		}
	}
	return first != nil && first.Action == mirror.Accept
}
