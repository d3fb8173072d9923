package simulation

import (
	"fmt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
)

// LongestFrame is the greatest length of a frame that Statistics counts by itself. All longer
// frames count as one byte longer than that.
const LongestFrame = 1<<16 - 1

// Statistics is a Splitter that counts what a Summary does not count: the lengths of frames, and the
// assumptions on which verdicts depend. It allocates nothing for a length that it has counted
// before.
type Statistics struct {
	lengths     lengthCounts
	copied      map[int]*lengthCounts // by session number
	assumptions map[dataplane.Assumption]int64
	shortened   Shortened
}

// Shortened counts the packets that a capture has cut.
type Shortened struct {
	Known   int64 // their lengths on the wire are in the capture
	Unknown int64 // they are not
}

// lengthCounts counts by length.
type lengthCounts struct{ counts []int64 }

func (c *lengthCounts) add(length int, n int64) {
	length = min(length, LongestFrame+1)
	for len(c.counts) <= length {
		c.counts = append(c.counts, 0)
	}
	c.counts[length] += n
}

func (c *lengthCounts) join(other *lengthCounts) {
	for length, n := range other.counts {
		if n > 0 {
			c.add(length, n)
		}
	}
}

// byLength returns the counts that are not 0.
func (c *lengthCounts) byLength() map[int]int64 {
	all := map[int]int64{}
	for length, n := range c.counts {
		if n > 0 {
			all[length] = n
		}
	}
	return all
}

// NewStatistics returns statistics without packets.
func NewStatistics() *Statistics {
	return &Statistics{copied: map[int]*lengthCounts{}, assumptions: map[dataplane.Assumption]int64{}}
}

// Take implements Sink.
func (s *Statistics) Take(p *Packet) error {
	onWire, isKnown := p.WireLength()
	length, v := int(min(onWire, LongestFrame+1)), &p.Verdict
	s.lengths.add(length, 1)
	switch {
	case !isKnown:
		s.shortened.Unknown++
	case onWire > int64(p.Decoded.FrameLength()):
		s.shortened.Known++
	}
	if v.Assumption != 0 {
		s.assumptions[v.Assumption]++
	}
	if v.Outcome == dataplane.Mirrored {
		s.ofSession(v.SessionNumber).add(length, 1)
	}
	return nil
}

func (s *Statistics) ofSession(number int) *lengthCounts {
	c := s.copied[number]
	if c == nil {
		c = &lengthCounts{}
		s.copied[number] = c
	}
	return c
}

// Close implements Sink.
func (s *Statistics) Close() error { return nil }

// Split implements Splitter.
func (s *Statistics) Split() Splitter { return NewStatistics() }

// Join implements Splitter.
func (s *Statistics) Join(part Splitter) error {
	other, ok := part.(*Statistics)
	if !ok {
		return fmt.Errorf("a part of statistics is a %T", part)
	}
	s.lengths.join(&other.lengths)
	for number, c := range other.copied {
		s.ofSession(number).join(c)
	}
	for a, n := range other.assumptions {
		s.assumptions[a] += n
	}
	s.shortened.Known += other.shortened.Known
	s.shortened.Unknown += other.shortened.Unknown
	return nil
}

// Lengths returns the number of packets by the length of their frame on the wire, from the
// Ethernet header on. If that is not known, the length is that in the capture.
func (s *Statistics) Lengths() map[int]int64 { return s.lengths.byLength() }

// Copied returns the number of packets that a session mirrored, by the length of their frame
// on the wire.
func (s *Statistics) Copied(session int) map[int]int64 {
	if c := s.copied[session]; c != nil {
		return c.byLength()
	}
	return map[int]int64{}
}

// Shortened returns how many packets the capture has cut.
func (s *Statistics) Shortened() Shortened { return s.shortened }

// Assumptions returns the number of packets whose verdict depends on an assumption.
func (s *Statistics) Assumptions() map[dataplane.Assumption]int64 { return s.assumptions }
