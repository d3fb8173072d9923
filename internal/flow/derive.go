package flow

import (
	"cmp"
	"net/netip"
	"slices"
	"time"
)

// derive sets everything that follows from the conversations, from what is counted apart and
// from the seconds.
func (f *Flows) derive(l *limit) {
	f.Total = Total{First: f.Total.First, Last: f.Total.Last}
	f.Apart.LaterFragments, f.Apart.PortsCutOff = Way{Decisions: []Decision{}}, Way{Decisions: []Decision{}}
	for i := range f.Conversations {
		c := &f.Conversations[i]
		c.Marks = c.marks()
		both := c.In.merge(c.Out, l)
		f.Total.add(both, l)
		switch c.Ports {
		case LaterFragments:
			f.Apart.LaterFragments = f.Apart.LaterFragments.merge(both, l)
		case PortsCutOff:
			f.Apart.PortsCutOff = f.Apart.PortsCutOff.merge(both, l)
		}
	}
	f.Total.add(f.Apart.WithoutIP, l)
	f.Total.add(f.Apart.WithoutDirection, l)
	f.Top = topOf(f.Conversations, l)
	f.Rate.derive(l)
}

func (t *Total) add(w Way, l *limit) {
	l.add(&t.Packets, w.Packets)
	l.add(&t.Bytes, w.Bytes)
	l.add(&t.CapturedBytes, w.CapturedBytes)
	l.add(&t.Mirrored, w.Mirrored)
	l.add(&t.MirroredBytes, w.MirroredBytes)
	l.add(&t.Lost, w.Lost)
	l.add(&t.Truncated, w.Truncated)
	l.add(&t.UnknownLength, w.UnknownLength)
}

// marks returns what a reader should look at.
func (c *Conversation) marks() []Mark {
	hasBoth := c.In.Packets > 0 && c.Out.Packets > 0
	has := map[Mark]bool{
		// The other direction may have no fragments, or none that was cut off.
		OneWay:         !hasBoth && c.Ports != LaterFragments && c.Ports != PortsCutOff,
		HalfMirrored:   hasBoth && (c.In.Mirrored > 0) != (c.Out.Mirrored > 0),
		PartlyMirrored: c.In.isPartlyMirrored() || c.Out.isPartlyMirrored(),
		CopiedCut:      c.In.Truncated+c.Out.Truncated > 0,
	}
	marks := []Mark{}
	for _, m := range Marks {
		if has[m] {
			marks = append(marks, m)
		}
	}
	return marks
}

func (w *Way) isPartlyMirrored() bool { return w.Mirrored > 0 && w.Mirrored < w.Packets }

// topOf returns the addresses with the most bytes.
func topOf(conversations []Conversation, l *limit) Top {
	type side struct {
		iface   string
		address netip.Addr
	}
	local, remote := map[side]*Talker{}, map[side]*Talker{}
	for i := range conversations {
		c := &conversations[i]
		for _, s := range []struct {
			of map[side]*Talker
			at side
		}{{local, side{c.Interface, c.Local}}, {remote, side{"", c.Remote}}} {
			talker := s.of[s.at]
			if talker == nil {
				talker = &Talker{Interface: s.at.iface, Address: s.at.address}
				s.of[s.at] = talker
			}
			talker.add(c, l)
		}
	}
	var top Top
	for _, t := range local {
		top.Local = append(top.Local, *t)
	}
	for _, t := range remote {
		top.Remote = append(top.Remote, *t)
	}
	top.Local, top.Remote = largest(top.Local), largest(top.Remote)
	return top
}

func (t *Talker) add(c *Conversation, l *limit) {
	l.add(&t.Conversations, 1)
	for _, w := range []*Way{&c.In, &c.Out} {
		l.add(&t.Packets, w.Packets)
		l.add(&t.Bytes, w.Bytes)
		l.add(&t.Mirrored, w.Mirrored)
		l.add(&t.MirroredBytes, w.MirroredBytes)
	}
}

// largest returns the talkers with the most bytes, the largest first.
func largest(talkers []Talker) []Talker {
	slices.SortFunc(talkers, func(a, b Talker) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(b.Packets, a.Packets), cmp.Compare(a.Interface, b.Interface), a.Address.Compare(b.Address))
	})
	return slices.Clone(talkers[:min(len(talkers), TopTalkers)])
}

// derive sets the sums and the figures.
func (r *Rate) derive(l *limit) {
	together := Load{Seconds: make([]Second, 0, len(r.Together.Seconds))}
	row := map[int64]int{}
	for _, s := range r.Together.Seconds {
		row[s.Unix] = len(together.Seconds)
		together.Seconds = append(together.Seconds, Second{Unix: s.Unix})
	}
	for i := range r.Targets {
		t := &r.Targets[i]
		l.add(&together.Copies, t.Copies)
		l.add(&together.Bytes, t.Bytes)
		l.add(&together.Untimed, t.Untimed)
		l.add(&together.AtLeast, t.AtLeast)
		for _, s := range t.Seconds {
			together.Seconds[row[s.Unix]].add(s, l)
		}
		if t.Seconds == nil {
			t.Seconds = []Second{}
		}
	}
	r.Together, r.Observed = together, int64(len(together.Seconds))
	r.Together.derive(r.Observed, l)
	for i := range r.Targets {
		r.Targets[i].derive(r.Observed, l)
	}
}

// derive sets the figures over the observed seconds.
func (t *Load) derive(observed int64, l *limit) {
	t.Bits, t.Packets = nil, nil
	if observed == 0 {
		return
	}
	bits, packets := make([]int64, len(t.Seconds)), make([]int64, len(t.Seconds))
	for i, s := range t.Seconds {
		l.add(&bits[i], 8*(s.InBytes+s.OutBytes))
		l.add(&packets[i], s.InPackets+s.OutPackets)
	}
	t.Bits, t.Packets = t.figures(bits, observed, l), t.figures(packets, observed, l)
}

// figures returns the figures of a number per second. The seconds that are observed but have
// no number count as 0.
func (t *Load) figures(perSecond []int64, observed int64, l *limit) *Figures {
	f := &Figures{}
	sum := int64(0)
	for i, n := range perSecond {
		if n > f.Peak {
			f.Peak, f.PeakAt = n, time.Unix(t.Seconds[i].Unix, 0).UTC()
		}
		l.add(&sum, n)
	}
	slices.Sort(perSecond)
	zeros := observed - int64(len(perSecond))
	rank := func(percent int64) int64 {
		at := (percent*observed + 99) / 100 // the nearest rank, from 1
		if at <= zeros {
			return 0
		}
		return perSecond[at-zeros-1]
	}
	f.P95, f.P99 = rank(95), rank(99)
	f.Mean = (sum + observed/2) / observed
	return f
}
