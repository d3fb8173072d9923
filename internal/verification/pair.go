package verification

import (
	"bytes"
	"encoding/binary"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// maxAlike is how many packets with the same key are compared at once.
const maxAlike = 64

// least is the shortest time in nanoseconds by which packets with the same bytes are distinguished.
const least = 1000

// matcher finds the copy of each packet.
type matcher struct{ *verifier }

// pair finds the counterpart of the oldest item that has none. Packets with the same key are
// mostly retransmissions: the one whose time fits is the counterpart, else the first.
func (v matcher) pair(x *item) {
	if x.partner() != nil || x.key == 0 {
		return
	}
	var sources, copies []*item
	var few [2 * maxAlike]*item
	sources, copies = few[:0:maxAlike], few[maxAlike:maxAlike]
	visited := 0
	for at := v.queue.byKey[x.key]; at != nil && visited < 2*maxAlike; at = at.link.next {
		visited++
		switch {
		case at.isForeign:
		case at.isCopy:
			copies = append(copies, at)
		default:
			sources = append(sources, at)
		}
	}
	if x.isForeign || len(sources) == 0 || len(copies) == 0 {
		v.queue.unpair(x)
		return
	}
	sources, copies = sources[:min(len(sources), maxAlike)], copies[:min(len(copies), maxAlike)]
	mate := v.counterpart(x, sources, copies)
	v.queue.unpair(x)
	if mate == nil {
		return
	}
	v.queue.unpair(mate)
	v.join(x, mate)
}

func (v matcher) tolerance() int64 {
	most := int64(least)
	for _, s := range v.sensors {
		most = max(most, s.clock.margin())
	}
	return most
}

// counterpart pairs the items, and returns the counterpart of x, or nil. First come those whose
// times fit. The rest is paired in order, unless there are too many to see all.
func (v matcher) counterpart(x *item, sources, copies []*item) *item {
	a := alike{sources: sources, copies: copies}
	a.pairByTime(v.tolerance())
	if len(sources) < maxAlike && len(copies) < maxAlike {
		a.pairRest(v)
	}
	for i, s := range sources {
		switch {
		case a.mates[i] == 0:
		case s == x:
			return copies[a.mates[i]-1]
		case copies[a.mates[i]-1] == x:
			return s
		}
	}
	return nil
}

// alike are packets and copies with the same key, in the order of their times.
type alike struct {
	sources, copies []*item
	mates           [maxAlike]int  // of sources: the index of the copy, from 1
	taken           [maxAlike]bool // copies
}

func (a *alike) pairByTime(tolerance int64) {
	for i, j := 0, 0; i < len(a.sources) && j < len(a.copies); {
		late := a.copies[j].time - a.sources[i].time
		switch {
		case a.taken[j] || late < -tolerance:
			j++
		case late > tolerance:
			i++
		default:
			k := preferSame(a.sources[i], a.copies, j, tolerance, a.taken[:])
			a.mates[i], a.taken[k] = k+1, true
			i++
		}
	}
}

// pairRest pairs what is left in order. It leaves out what is so new that its counterpart may not
// have been read, and what one of the captures may not cover.
func (a *alike) pairRest(v matcher) {
	isIn := func(x *item) bool {
		covered := x.isCopy && v.isInSource(x) || !x.isCopy && v.isInSensors(x)
		return covered && v.queue.now-x.time >= v.queue.window/2
	}
	j := 0
	for i, s := range a.sources {
		if a.mates[i] != 0 || !isIn(s) {
			continue
		}
		for j < len(a.copies) && (a.taken[j] || !isIn(a.copies[j])) {
			j++
		}
		if j == len(a.copies) {
			return
		}
		a.mates[i], a.taken[j] = j+1, true
	}
}

// preferSame returns the index of the first copy at the time with all bytes of the source, or j.
func preferSame(s *item, copies []*item, j int, tolerance int64, taken []bool) int {
	for k := j; k < len(copies) && copies[k].time-s.time <= tolerance; k++ {
		if !taken[k] && (s.whole == copies[k].whole || s.whole == 0 || copies[k].whole == 0) && sameMAC(s, copies[k]) {
			return k
		}
	}
	return j
}

func sameMAC(a, b *item) bool { return !a.hasMAC || !b.hasMAC || a.mac == b.mac }

// partner returns the counterpart of an item.
func (x *item) partner() *item {
	if x.isCopy {
		return x.origin
	}
	return x.copy
}

// join makes two items counterparts. Their bytes are needed no longer if they are the same.
func (v matcher) join(a, b *item) {
	s, c := a, b
	if a.isCopy {
		s, c = b, a
	}
	s.copy, c.origin = c, s
	if s.whole != 0 && s.whole == c.whole && s.length == c.length && !s.sums.differ(c.sums) {
		v.queue.drop(s)
		v.queue.drop(c)
	}
}

// relation says how the bytes of a packet and of a copy compare.
type relation uint8

const (
	equal     relation = iota
	unseen             // as far as both captures go they are equal
	different          // as far as both are long
)

// compareBytes compares a packet of the source with a copy of any length.
func compareBytes(s, c *item) relation {
	if !sameMAC(s, c) {
		return different
	}
	if s.whole != 0 && c.whole != 0 && s.length == c.length {
		if s.whole != c.whole {
			return different
		}
		return equal
	}
	n := min(len(s.all()), len(c.all()))
	if !bytes.Equal(s.head[:n], c.head[:n]) {
		return different
	}
	rest := min(len(s.rest), len(c.rest))
	if !bytes.Equal(s.rest[:rest], c.rest[:rest]) {
		return different
	}
	if min(c.length, s.frame) > min(s.have, c.have) {
		return unseen
	}
	return equal
}

// checksumFits reports whether the checksums of a copy are those of its packet, or those that the
// interface has to fill in. isKnown is false if the packet was cut, so that it cannot be computed.
func checksumFits(s, c *item) (fits, isKnown bool) {
	if !s.sums.differ(c.sums) {
		return true, true
	}
	ip, transport, isKnown := computed(s)
	if !isKnown {
		return false, false
	}
	fitsIP := !s.sums.hasIP || !c.sums.hasIP || c.sums.ip == s.sums.ip || c.sums.ip == ip
	fitsTransport := !s.sums.hasTransport || !c.sums.hasTransport || c.sums.transport == s.sums.transport || c.sums.transport == transport
	return fitsIP && fitsTransport, true
}

// computed returns the checksums that a packet should have.
func computed(s *item) (ip, transport uint16, isKnown bool) {
	if s.have < s.frame {
		return 0, 0, false
	}
	data := append(append(make([]byte, macLength, s.have), s.all()...), s.rest...)
	var p packet.Packet
	p.Decode(data, packet.LinkEthernet)
	if !p.IsIP() || p.Cut || len(data) < s.have {
		return 0, 0, false
	}
	if p.Kind == packet.IPv4 {
		ip = packet.Checksum(0, data[p.IPOffset:p.IPOffset+int(data[p.IPOffset]&0x0f)*4])
	}
	if p.Fragment != packet.Whole {
		return ip, 0, !s.sums.hasTransport // of the whole datagram
	}
	segment := data[p.TransportOffset : p.IPOffset+p.IPLength]
	sum := uint64(p.Protocol) + uint64(len(segment)) + words(p.SourceAddr().AsSlice()) + words(p.DestinationAddr().AsSlice())
	transport = packet.Checksum(sum, segment)
	if transport == 0 && p.Protocol == packet.ProtocolUDP {
		transport = 0xffff // 0 means that there is no checksum (RFC 768)
	}
	return ip, transport, true
}

func words(b []byte) (sum uint64) {
	for ; len(b) >= 2; b = b[2:] {
		sum += uint64(binary.BigEndian.Uint16(b))
	}
	return sum
}
