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

// scanLimit is up to how many rules are scanned one by one. For more rules a
// table is faster (BenchmarkProcess).
const scanLimit = 48

// maxTable is the maximum size of a table, in words of 8 bytes. Rules that need
// more are scanned. That takes thousands of rules that overlap each other.
const maxTable = 2 << 20

// table finds the first of many rules that match a packet, with bit vectors. Each
// field of a rule is an interval. The ends of all intervals cut the values of a
// field into pieces. Each piece has the set of the rules that contain it. The
// rules that match are in the sets of all five fields: the first of them is the
// lowest bit of the intersection (Lakshman and Stiliadis, SIGCOMM 1998).
//
// Sets are sparse, because most of them have few of many rules. A set in the
// arena begins with a pair of words for each 4096 rules. The first is a summary:
// bit i is set if the i-th word of 64 rules is not 0. The second is the index of
// the first of those words.
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

// pieces are the pieces of a field's values, ordered by their lowest value.
type pieces struct {
	low, high []uint64 // high is nil unless the values are IPv6 addresses
	sets      []uint32
	root      root // of low, if high is nil
}

// root narrows down where a value is in a sorted list. It divides the range of
// the list, without the first element, into slots of equal width. For each slot
// it has the index of the last element that is not above the first value of the
// slot. Addresses are clustered: there are many slots, so that most have few
// elements.
type root struct {
	least uint64 // the first value of the first slot
	shift uint8  // a slot has 1<<shift values
	slots []uint32
}

// slotsPerPiece is the minimum number of slots for each piece, if there are that
// many values.
const slotsPerPiece = 16

func newRoot(low []uint64) root {
	if len(low) < 2 {
		return root{least: 1 << 63} // no value is that high
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

// find returns a range of elements: its first index and its length. The last
// element that is not above value is in this range.
func (r *root) find(value uint64) (base, n int) {
	if value < r.least {
		return 0, 1
	}
	slot := min((value-r.least)>>r.shift, uint64(len(r.slots)-2))
	base = int(r.slots[slot])
	return base, int(r.slots[slot+1]) - base + 1
}

// find returns the set of the piece that contains a.
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

// first returns the index of the first rule that matches, or -1. It skips the
// first skip rules.
func (t *table) first(source, destination packet.Address, k key, skip int) int {
	// Five variables are faster than an array.
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

// word returns a word of a set. summary is the index of the summary in the arena.
// below has the bits below that of the word: as many words come before it as the
// summary has of these bits.
func (t *table) word(summary int, below uint64) uint64 {
	return t.arena[int(t.arena[summary+1])+bits.OnesCount64(t.arena[summary]&below)]
}

// span is a closed interval of values.
type span struct{ low, last packet.Address }

// newTable makes the table for the n rules of a family. The list is of one
// direction, in the order in which rules are tried. It returns nil if scanning is
// better.
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
	asked []*mirror.Protocol // by rule; nil: any
	words int                // length of a set that is not sparse
	known map[string]uint32  // the sets in the arena, and their indexes
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

// pieces cuts the values of a field at the ends of the spans of all rules.
func (b *tableBuilder) pieces(spans []span) pieces {
	type end struct {
		at   packet.Address
		rule int // whose span begins or ends there
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

// add puts a set into the arena, unless it is already there.
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
