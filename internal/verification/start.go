package verification

import (
	"cmp"
	"iter"
	"slices"
)

// starts finds the packets of the source that begin with the same bytes.
type starts struct {
	lists map[uint64]*startList // by identity
	free  []*startList
}

// startList is packets in the order of their times. The first ones have left the queue.
type startList struct {
	items []*item
	first int
}

func (s *starts) add(x *item) {
	list := s.lists[x.identity]
	if list == nil {
		list = s.take()
		s.lists[x.identity] = list
	}
	list.items = append(list.items, x)
}

func (s *starts) take() *startList {
	if n := len(s.free); n > 0 {
		list := s.free[n-1]
		s.free = s.free[:n-1]
		return list
	}
	return &startList{}
}

// removeFirst removes the oldest packet: packets leave the queue in the order of their times.
func (s *starts) removeFirst(identity uint64) {
	list := s.lists[identity]
	list.items[list.first] = nil
	list.first++
	switch n := len(list.items); {
	case list.first == n:
		delete(s.lists, identity)
		list.items, list.first = list.items[:0], 0
		if n < 64 {
			s.free = append(s.free, list)
		}
	case list.first > n/2 && n > 64:
		list.items, list.first = slices.Delete(list.items, 0, list.first), 0
	}
}

// nearest yields the packets that begin as a copy does and are in its window, the nearest first, and
// at most so many.
func (q *queue) nearest(c *item, most int) iter.Seq[*item] {
	return func(yield func(*item) bool) {
		list := q.starts.lists[c.identity]
		if c.identity == 0 || list == nil {
			return
		}
		all := list.items[list.first:]
		after, _ := slices.BinarySearchFunc(all, c.time, func(s *item, t int64) int { return cmp.Compare(s.time, t) })
		before := after - 1
		for n := 0; n < most && (before >= 0 || after < len(all)); n++ {
			var s *item
			if after == len(all) || before >= 0 && c.time-all[before].time <= all[after].time-c.time {
				s, before = all[before], before-1
			} else {
				s, after = all[after], after+1
			}
			if abs(s.time-c.time) > q.window || !yield(s) {
				return
			}
		}
	}
}
