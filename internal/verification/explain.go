package verification

import (
	"encoding/binary"
	"math/bits"
)

// maxScan is how many packets before and after a copy are compared with it one by one.
const maxScan = 1024

// maxAltered is how many bits of an altered copy may differ. More make another packet.
const maxAltered = 64

// explain says what a copy is. A copy without a counterpart may be cut otherwise than expected, or
// altered. It may be a second one, or that of a packet that should not be copied. The capture at
// the source may not have its packet.
func (v matcher) explain(c *item) {
	v.queue.unpair(c)
	if c.isForeign {
		return
	}
	if c.origin != nil {
		v.checkOrder(c)
		return
	}
	if !v.isInSource(c) {
		v.outside(c)
		return
	}
	s := v.sameStart(c)
	if s == nil && c.identity == 0 {
		s = v.scan(c, func(s *item) int { return shortScore(s, c) })
	}
	switch {
	case s != nil && s.copy != nil:
		judge{v}.duplicate(s, c)
		return
	case s == nil:
		s = v.scan(c, func(s *item) int { return alteredScore(s, c) })
	}
	if s == nil {
		judge{v}.unknown(c)
		return
	}
	v.queue.unpair(s)
	v.join(s, c)
	v.checkOrder(c)
}

// outside counts a copy of a time that the source's capture may not cover.
func (v matcher) outside(c *item) {
	why := AfterSource
	switch {
	case v.sensors[c.sensor].clock.pairs == 0:
		why = UnknownTime
	case c.time < v.origin.extent.last:
		why = BeforeSource
	}
	v.results.notJudged[why]++
}

// isInSource reports whether the capture at the source certainly covers the packet of a copy.
func (v matcher) isInSource(c *item) bool {
	clock := &v.sensors[c.sensor].clock
	e := &v.origin.extent
	return clock.pairs > 0 && c.time-clock.margin() >= e.first && c.time+clock.margin() <= e.last
}

// checkOrder finds a copy that arrives after the copy of a later packet of the same flow.
func (v matcher) checkOrder(c *item) {
	order := v.sensors[c.sensor].order
	last, bucket := order[c.origin.bucket], c.origin.bucket
	if c.origin.number < last {
		c.origin.isLate = true
		return
	}
	order[bucket] = c.origin.number
}

// sameStart returns the packet that begins as a copy does, in this order: one whose copy is
// missing, one that should not be copied, one that has a copy. Of these it is the nearest. Only the
// nearest packets are compared if there are very many.
func (v matcher) sameStart(c *item) *item {
	var best *item
	for s := range v.queue.nearest(c, 2*maxAlike) {
		if compareBytes(s, c) == different {
			continue
		}
		if best == nil || rank(s) < rank(best) {
			best = s
		}
		if rank(best) == 0 {
			break // the others are not nearer
		}
	}
	return best
}

func rank(s *item) int {
	switch {
	case s.copy != nil:
		return 2
	case !s.isExpected():
		return 1
	}
	return 0
}

// scan returns the packet around a copy with the least score; a score below 0 excludes it. Of
// equal ones it is the nearest.
func (v matcher) scan(c *item, score func(*item) int) *item {
	at := v.queue.stages[1] - 1
	var best *item
	least := 0
	for i := max(at-maxScan, 0); i < min(at+maxScan, len(v.queue.items)); i++ {
		s := v.queue.items[i]
		if s.isCopy || abs(s.time-c.time) > v.queue.window {
			continue
		}
		n := score(s)
		if n < 0 {
			continue
		}
		if best == nil || n < least || n == least && abs(s.time-c.time) < abs(best.time-c.time) {
			best, least = s, n
		}
	}
	return best
}

// shortScore is for a copy that is too short for an identity.
func shortScore(s, c *item) int {
	if compareBytes(s, c) == different {
		return -1
	}
	return rank(s)
}

// alteredScore is the number of bits that differ, for a packet whose copy is missing. It does not
// count more than are allowed.
func alteredScore(s, c *item) int {
	if s.copy != nil || !s.isExpected() || s.length != c.length {
		return -1
	}
	n, most := min(len(s.all()), len(c.all())), min(maxAltered, 4*c.length)
	score := differentBits(s.head[:n], c.head[:n], most)
	if s.hasMAC && c.hasMAC {
		score += differentBits(s.mac[:], c.mac[:], most)
	}
	if score <= most {
		score += differentBits(s.rest, c.rest, most)
	}
	if score > most {
		return -1
	}
	return score
}

// differentBits counts the bits that differ as far as both are long, until there are more than most.
func differentBits(a, b []byte, most int) (n int) {
	a, b = a[:min(len(a), len(b))], b[:min(len(a), len(b))]
	for ; len(a) >= 8 && n <= most; a, b = a[8:], b[8:] {
		n += bits.OnesCount64(binary.LittleEndian.Uint64(a) ^ binary.LittleEndian.Uint64(b))
	}
	for i := 0; i < len(a) && n <= most; i++ {
		n += bits.OnesCount8(a[i] ^ b[i])
	}
	return n
}
