package verification

import (
	"encoding/binary"
	"math/bits"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// Lengths in bytes. macLength bytes of a frame are its MAC addresses. The head of an item begins
// behind them, with the EtherType.
const (
	macLength      = 12
	headLength     = 128
	identityLength = 54 - macLength // of a frame: the headers of Ethernet, IPv4 and TCP

	identityLength6 = identityLength + 20 // with an IPv6 header
)

// item is a packet of the source, or a copy.
type item struct {
	isCopy bool
	number int64 // in its capture
	raw    int64 // time in its capture
	time   int64 // in the clock of the source

	key      uint64 // the same for a packet and its copy; 0: unknown, as one of the captures is cut
	identity uint64 // of the first headers, whatever the length; 0: the frame is too short
	whole    uint64 // of all bytes that should be copied; 0: unknown
	length   int    // of the copy: as it should be, or as it is
	frame    int    // length of the frame at the source
	have     int    // how much of the frame was captured

	mac    [macLength]byte
	hasMAC bool
	head   [headLength]byte // of the frame from its EtherType, without checksums
	inHead int
	sums   checksums
	rest   []byte // from the end of the head to the end of what was captured, while it is needed

	// Of a packet of the source.
	verdict   dataplane.Verdict
	predicted [alternativeCount]prediction
	kinds     kindSet
	copy      *item // that is of this packet

	// Of a copy.
	sensor    int
	vni       uint32
	isForeign bool   // of another interface
	origin    *item  // the packet of the source
	bucket    uint32 // of copies that arrive in order

	isLate     bool
	isReleased bool
	isUnpaired bool // it is not in the list of its key
	link       link
}

// checksums are those of the packet that its interface may complete after the capture.
type checksums struct {
	ip, transport       uint16
	hasIP, hasTransport bool
}

const fullHash = 0x9e3779b97f4a7c15

// hash mixes bytes into a number of 64 bits.
func hash(seed uint64, b []byte) uint64 {
	h := seed ^ uint64(len(b))*fullHash
	for ; len(b) >= 8; b = b[8:] {
		h = fold(h^binary.LittleEndian.Uint64(b), 0xbf58476d1ce4e5b9)
	}
	var last [8]byte
	copy(last[:], b)
	return fold(h^binary.LittleEndian.Uint64(last[:]), 0x94d049bb133111eb) | 1 // never 0
}

func fold(a, b uint64) uint64 {
	high, low := bits.Mul64(a^0xa0761d6478bd642f, b)
	return high ^ low
}

// view is the bytes of a packet, from its EtherType.
type view struct {
	etherType uint16
	payload   []byte // behind the EtherType
	mac       []byte // nil: the link has no MAC addresses of both ends
}

func viewOf(p *packet.Packet) view {
	if p.Link == packet.LinkEthernet {
		if len(p.Data) < packet.EthernetHeaderLength {
			return view{payload: nil, mac: p.Data[:min(len(p.Data), macLength)]}
		}
		return view{binary.BigEndian.Uint16(p.Data[macLength:]), p.Data[packet.EthernetHeaderLength:], p.Data[:macLength]}
	}
	v := view{payload: p.LinkPayload()}
	if p.IsIP() {
		v.etherType = p.OuterEtherType()
	}
	return v
}

// fill sets the head of an item, and what follows from its bytes. length and frame are set. It
// returns the bytes behind the head.
func (x *item) fill(v view, prefix int) (rest []byte) {
	x.hasMAC = len(v.mac) == macLength
	if x.hasMAC {
		copy(x.mac[:], v.mac)
	}
	binary.BigEndian.PutUint16(x.head[:], v.etherType)
	n := copy(x.head[2:], v.payload)
	x.inHead = 2 + n
	x.have = packet.EthernetHeaderLength + len(v.payload)
	visible := min(x.inHead, max(x.length-macLength, 0)) // of the copy in the head
	x.sums = takeChecksums(x.head[:x.inHead])
	rest = v.payload[n:]

	wanted := min(x.length-macLength, prefix)
	if wanted <= visible {
		x.key = hash(uint64(x.length), x.head[2:max(wanted, 2)])
	}
	if n := identityOf(v.etherType); x.inHead >= n {
		x.identity = hash(1, x.head[2:n])
	}
	if x.length <= x.have {
		x.whole = hash(hash(2, x.head[2:max(visible, 2)]), rest[:max(x.length-macLength-x.inHead, 0)])
	}
	return rest
}

// identityOf returns how many bytes of a head distinguish packets of the same flow.
func identityOf(etherType uint16) int {
	if etherType == packet.EtherTypeIPv6 {
		return identityLength6
	}
	return identityLength
}

// all returns what was captured of a packet, whatever its copy should have.
func (x *item) all() []byte { return x.head[:x.inHead] }

// takeChecksums returns the checksums of a packet that begins with its EtherType, and replaces
// them by zeros. What it does to a byte depends only on the bytes before, so that a packet and
// its copy become equal as far as the copy goes.
//
// An interface may complete the checksums of what it sends (assumption A0202).
func takeChecksums(b []byte) (c checksums) {
	at, etherType := 2, binary.BigEndian.Uint16(b)
	for isTag(etherType) {
		if len(b) < at+4 {
			return c
		}
		etherType = binary.BigEndian.Uint16(b[at+2:])
		at += 4
	}
	protocol, transport := byte(0), 0
	switch {
	case etherType == packet.EtherTypeIPv4 && len(b) > at+9 && b[at]>>4 == 4:
		c.ip, c.hasIP = take16(b, at+10)
		if binary.BigEndian.Uint16(b[at+6:])&0x1fff != 0 {
			return c
		}
		protocol, transport = b[at+9], at+int(b[at]&0x0f)*4
	case etherType == packet.EtherTypeIPv6 && len(b) > at+6:
		protocol, transport = b[at+6], at+40
	}
	switch protocol {
	case packet.ProtocolTCP:
		c.transport, c.hasTransport = take16(b, transport+16)
	case packet.ProtocolUDP:
		c.transport, c.hasTransport = take16(b, transport+6)
	}
	return c
}

func isTag(etherType uint16) bool {
	return etherType == 0x8100 || etherType == 0x88a8 || etherType == 0x9100
}

// take16 returns the number at an index, and writes zeros over as much of it as b has.
func take16(b []byte, at int) (n uint16, isWhole bool) {
	if isWhole = len(b) >= at+2; isWhole {
		n = binary.BigEndian.Uint16(b[at:])
	}
	if at < len(b) {
		clear(b[at:min(at+2, len(b))])
	}
	return n, isWhole
}

// differ reports whether both packets have a checksum, and it is not the same.
func (c checksums) differ(other checksums) bool {
	return c.hasIP && other.hasIP && c.ip != other.ip || c.hasTransport && other.hasTransport && c.transport != other.transport
}
