package dataplane

import (
	"cmp"
	"encoding/binary"
	"math/bits"
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// scanLimit is how many rules are scanned one by one; from there on, a table is
// faster (BenchmarkProcess).
const scanLimit = 48

// maxTable bounds the memory of a table, in words of 8 bytes. Rules that take
// more, which would have to overlap each other by the thousand, are scanned.
const maxTable = 2 << 20

// table finds the first of many rules that match a packet, by bit vectors: each
// field of a rule is an interval, the ends of all intervals cut the values of a
// field into pieces, and each piece has the set of the rules that it lies in. The
// rules that match are in the sets of all five fields, and the lowest bit of
// their intersection is the first of them (Lakshman and Stiliadis, SIGCOMM 1998).
//
// Sets are sparse, because most of them hold few of many rules. In the arena, a
// set is first a pair of words for each 4096 rules: a summary, of which bit i says
// that the i-th word of 64 rules is not 0, and where the first of those words is.
type table struct {
	arena     []uint64
	summaries int
	protocols [256]uint32 // the set of each protocol, by its place in the arena
	fields    [fieldCount]pieces
}

// The fields that are intervals of addresses or ports.
const (
	fieldSource = iota
	fieldDestination
	fieldSourcePort
	fieldDestinationPort
	fieldCount
)

// pieces are the pieces of a field's values, by their lowest value.
type pieces struct {
	low, high []uint64 // high is nil unless the values are IPv6 addresses
	sets      []uint32
	root      root // of low, if high is nil
}

// root says where in a sorted list to look for a value. It divides what the list
// spans, behind its first element, into slots of one width, and has the last element
// that is not above the first value of each. Addresses stand in crowds: the slots are
// many, so that most hold few elements.
type root struct {
	least uint64 // the first value of the first slot
	shift uint8  // a slot has 1<<shift values
	slots []uint32
}

// slotsPerPiece is at least how many slots there are for each piece, where the
// values are that many.
const slotsPerPiece = 16

func newRoot(low []uint64) root {
	if len(low) < 2 {
		return root{least: 1 << 63} // no value comes there
	}
	r := root{least: low[1]}
	span := low[len(low)-1] - r.least
	for span>>r.shift >= 2*slotsPerPiece*uint64(len(low)) {
		r.shift++
	}
	at := 1
	for first := r.least; first <= low[len(low)-1]; first += 1 << r.shift {
		for at+1 < len(low) && low[at+1] <= first {
			at++
		}
		r.slots = append(r.slots, uint32(at))
	}
	r.slots = append(r.slots, uint32(len(low)-1))
	return r
}

// find returns the first of the elements among which the last stands that is not
// above value, and how many they are.
func (r *root) find(value uint64) (base, n int) {
	if value < r.least {
		return 0, 1
	}
	slot := min((value-r.least)>>r.shift, uint64(len(r.slots)-2))
	base = int(r.slots[slot])
	return base, int(r.slots[slot+1]) - base + 1
}

// find returns the set of the piece that a lies in.
func (f *pieces) find(a packet.Address) uint32 {
	if f.high != nil {
		return f.find128(a)
	}
	base, n := f.root.find(a.Low)
	for n > 1 {
		half := n / 2
		if f.low[base+half] <= a.Low {
			base += half
		}
		n -= half
	}
	return f.sets[base]
}

func (f *pieces) find128(a packet.Address) uint32 {
	base := 0
	for n := len(f.low); n > 1; {
		half := n / 2
		_, borrow := bits.Sub64(a.Low, f.low[base+half], 0)
		if _, borrow = bits.Sub64(a.High, f.high[base+half], borrow); borrow == 0 {
			base += half
		}
		n -= half
	}
	return f.sets[base]
}

// first returns the index of the first rule that matches, or -1. It passes over the
// first rules, skip of them.
func (t *table) first(source, destination packet.Address, k key, skip int) int {
	// The fields stand apart, not in an array, which is what makes this fast.
	a := int(t.protocols[k.protocol&0xff])
	b := int(t.fields[fieldSource].find(source))
	c := int(t.fields[fieldDestination].find(destination))
	d := int(t.fields[fieldSourcePort].find(packet.Address{Low: uint64(k.sourcePort)}))
	e := int(t.fields[fieldDestinationPort].find(packet.Address{Low: uint64(k.destinationPort)}))
	for s := range t.summaries {
		common := t.arena[a] & t.arena[b] & t.arena[c] & t.arena[d] & t.arena[e]
		for ; common != 0; common &= common - 1 {
			below := common&-common - 1
			word := t.word(a, below) & t.word(b, below) & t.word(c, below) & t.word(d, below) & t.word(e, below)
			at := s<<12 + bits.TrailingZeros64(common)<<6
			if at < skip {
				word &= ^uint64(0) << (skip - at)
			}
			if word != 0 {
				return at + bits.TrailingZeros64(word)
			}
		}
		a, b, c, d, e = a+2, b+2, c+2, d+2, e+2
	}
	return -1
}

// word returns the word of a set that has as many others in front of it as there
// are bits of below in its summary, which is at a place in the arena.
func (t *table) word(summary int, below uint64) uint64 {
	return t.arena[int(t.arena[summary+1])+bits.OnesCount64(t.arena[summary]&below)]
}

// span is a closed interval of values.
type span struct{ low, last packet.Address }

// newTable makes the table of the n rules of a family, of a list of one direction
// in the order in which they are tried. It returns nil if scanning them is better.
func newTable(rules []*mirror.Rule, n int, family func(netip.Addr) bool) *table {
	if n < scanLimit {
		return nil
	}
	var spans [fieldCount][]span
	b := tableBuilder{words: (n + 63) / 64, known: map[string]uint32{}}
	b.summaries = (b.words + 63) / 64
	for _, r := range rules {
		if !family(r.SourceCIDR.Addr()) {
			continue
		}
		b.asked = append(b.asked, r.Protocol)
		spans[fieldSource] = append(spans[fieldSource], spanOfPrefix(r.SourceCIDR))
		spans[fieldDestination] = append(spans[fieldDestination], spanOfPrefix(r.DestinationCIDR))
		spans[fieldSourcePort] = append(spans[fieldSourcePort], spanOfPorts(r.SourcePorts))
		spans[fieldDestinationPort] = append(spans[fieldDestinationPort], spanOfPorts(r.DestinationPorts))
	}
	b.addProtocols()
	for i := range b.fields {
		b.fields[i] = b.pieces(spans[i])
		if i == fieldSourcePort || i == fieldDestinationPort || family(netip.IPv4Unspecified()) {
			b.fields[i].high, b.fields[i].root = nil, newRoot(b.fields[i].low)
		}
	}
	if len(b.arena) > maxTable {
		return nil
	}
	return &b.table
}

func spanOfPrefix(prefix netip.Prefix) span {
	low := packet.AddressOf(prefix.Addr())
	if prefix.Addr().Is4() {
		return span{low, packet.Address{Low: low.Low | uint64(^mask4(prefix.Bits()))}}
	}
	mask := mask6(prefix.Bits())
	return span{low, packet.Address{High: low.High | ^mask.High, Low: low.Low | ^mask.Low}}
}

func spanOfPorts(ports *mirror.PortRange) span {
	if ports == nil {
		return span{last: packet.Address{Low: noPort}}
	}
	return span{packet.Address{Low: uint64(ports.From)}, packet.Address{Low: uint64(ports.To)}}
}

type tableBuilder struct {
	table
	asked []*mirror.Protocol // by each rule; nil: any
	words int                // of a set that is not sparse
	known map[string]uint32  // sets that are in the arena
}

func (b *tableBuilder) addProtocols() {
	for protocol := range b.protocols {
		set := make([]uint64, b.words)
		for i, p := range b.asked {
			if p == nil || int(*p) == protocol {
				set[i/64] |= 1 << (i % 64)
			}
		}
		b.protocols[protocol] = b.add(set)
	}
}

// pieces cuts the values of a field at the ends of the rules' spans.
func (b *tableBuilder) pieces(spans []span) pieces {
	type end struct {
		at   packet.Address
		rule int // that begins or ends there
	}
	var ends []end
	for i, s := range spans {
		ends = append(ends, end{s.low, i})
		if behind := increment(s.last); behind != (packet.Address{}) {
			ends = append(ends, end{behind, i})
		}
	}
	slices.SortFunc(ends, func(a, b end) int { return cmp.Or(cmp.Compare(a.at.High, b.at.High), cmp.Compare(a.at.Low, b.at.Low)) })
	var f pieces
	at, set := packet.Address{}, make([]uint64, b.words)
	for _, e := range ends {
		if e.at != at {
			b.closePiece(&f, at, set)
			at = e.at
		}
		set[e.rule/64] ^= 1 << (e.rule % 64)
	}
	b.closePiece(&f, at, set)
	return f
}

func increment(a packet.Address) packet.Address {
	low, carry := bits.Add64(a.Low, 1, 0)
	return packet.Address{High: a.High + carry, Low: low}
}

func (b *tableBuilder) closePiece(f *pieces, at packet.Address, set []uint64) {
	f.high, f.low, f.sets = append(f.high, at.High), append(f.low, at.Low), append(f.sets, b.add(set))
}

// add puts a set into the arena, unless it is there.
func (b *tableBuilder) add(set []uint64) uint32 {
	if len(b.arena) > maxTable {
		return 0 // the table is not used
	}
	var text []byte
	for i, word := range set {
		if word != 0 {
			text = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint32(text, uint32(i)), word)
		}
	}
	if at, known := b.known[string(text)]; known {
		return at
	}
	at := len(b.arena)
	b.known[string(text)] = uint32(at)
	b.arena = append(b.arena, make([]uint64, 2*b.summaries)...)
	for i, word := range set {
		if i%64 == 0 {
			b.arena[at+2*(i/64)+1] = uint64(len(b.arena))
		}
		if word != 0 {
			b.arena[at+2*(i/64)] |= 1 << (i % 64)
			b.arena = append(b.arena, word)
		}
	}
	return uint32(at)
}
