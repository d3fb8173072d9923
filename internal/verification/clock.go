package verification

import (
	"cmp"
	"slices"
)

// sample is a choice of the packets of a capture by their hash, so that two captures choose the
// same packets. It grows to a limit, and then keeps every second one, every fourth, and so on.
type sample struct {
	shift uint
	seen  map[uint64]*sighting
}

type sighting struct {
	time  int64 // of the first one
	count int
}

const maxSample = 1 << 16

func newSample() *sample { return &sample{seen: map[uint64]*sighting{}} }

func (s *sample) isIn(key uint64) bool { return key>>1&(1<<s.shift-1) == 0 }

func (s *sample) add(key uint64, time int64) {
	if key == 0 || !s.isIn(key) {
		return
	}
	if seen := s.seen[key]; seen != nil {
		seen.count++
		return
	}
	s.seen[key] = &sighting{time, 1}
	for len(s.seen) > maxSample {
		s.shift++
		for key := range s.seen {
			if !s.isIn(key) {
				delete(s.seen, key)
			}
		}
	}
}

// clock is the offset between the clock of a sensor and that of the source. It may change with
// time, as clocks drift.
type clock struct {
	blocks []block // by time
	pairs  int     // packets by which the offset is known
	jitter int64   // how far offsets of single packets are from these, nearly all
}

// block is the offset around a time.
type block struct{ time, offset int64 }

// blockPairs is how many pairs make a block. It is odd, for the median.
const blockPairs = 63

// pair is the time of a packet at the source, and how much later its copy was captured.
type pair struct{ time, offset int64 }

// newClock compares the times of packets that both captures have.
func newClock(source, sensor *sample) clock {
	var once, often []pair
	for key, at := range source.seen {
		there := sensor.seen[key]
		if there == nil || there.count != at.count {
			continue
		}
		p := pair{at.time, there.time - at.time}
		often = append(often, p)
		if at.count == 1 {
			once = append(once, p)
		}
	}
	if once == nil {
		once = often
	}
	return clockOf(once)
}

func clockOf(pairs []pair) clock {
	slices.SortFunc(pairs, func(a, b pair) int { return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.offset, b.offset)) })
	c := clock{pairs: len(pairs)}
	n := max(len(pairs)/blockPairs, 1)
	for i := 0; i < n && len(pairs) > 0; i++ {
		part := slices.Clone(pairs[i*len(pairs)/n : (i+1)*len(pairs)/n])
		middle := part[len(part)/2].time
		slices.SortFunc(part, func(a, b pair) int { return cmp.Compare(a.offset, b.offset) })
		c.blocks = append(c.blocks, block{middle, part[len(part)/2].offset})
	}
	var deviations []int64
	for _, p := range pairs {
		deviations = append(deviations, abs(p.offset-c.at(p.time)))
	}
	slices.Sort(deviations)
	if len(deviations) > 0 {
		c.jitter = deviations[len(deviations)*9/10]
	}
	return c
}

// at returns the offset at a time of the source.
func (c *clock) at(time int64) int64 {
	if len(c.blocks) == 0 {
		return 0
	}
	i, _ := slices.BinarySearchFunc(c.blocks, time, func(b block, t int64) int { return cmp.Compare(b.time, t) })
	switch {
	case i == 0:
		return c.blocks[0].offset
	case i == len(c.blocks):
		return c.blocks[i-1].offset
	}
	a, b := c.blocks[i-1], c.blocks[i]
	if b.time == a.time {
		return b.offset
	}
	return a.offset + int64(float64(b.offset-a.offset)*float64(time-a.time)/float64(b.time-a.time))
}

// toSource converts a time of the sensor.
func (c *clock) toSource(time int64) int64 {
	if len(c.blocks) == 0 {
		return time
	}
	return time - c.at(time-c.at(time-c.blocks[0].offset))
}

// margin is by how much the time of nearly no copy is off.
func (c *clock) margin() int64 { return 4 * c.jitter }

func abs(n int64) int64 { return max(n, -n) }
