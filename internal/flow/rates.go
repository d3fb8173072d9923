package flow

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// rates counts the copies of a Table: in all, and in each second. Seconds without a packet take
// no memory.
type rates struct {
	reached []dataplane.Reached // by session number
	targets []string            // sorted
	of      []int               // index of the target, by index of the session
	totals  []total             // by target

	rows    map[int64]int // by second
	counts  []Second      // of row r and target t: at r*len(targets)+t; Unix is not set
	current int64         // the second of the last packet
	row     int           // its row; -1: none
}

type total struct{ copies, bytes, untimed, atLeast int64 }

func newRates(source *dataplane.Source) rates {
	r := rates{reached: dataplane.ReachedBy(source), rows: map[int64]int{}, row: -1}
	names := map[string]bool{}
	for _, to := range r.reached {
		names[targetName(dataplane.InterfaceOf(source), to)] = true
	}
	r.targets = slices.Sorted(maps.Keys(names))
	r.totals = make([]total, len(r.targets))
	for _, to := range r.reached {
		at, _ := slices.BinarySearch(r.targets, targetName(dataplane.InterfaceOf(source), to))
		r.of = append(r.of, at)
	}
	return r
}

// targetName names the target of a session: by its ID, or else by its address. A target of
// which neither is known is another one for each session.
func targetName(iface string, to dataplane.Reached) string {
	switch {
	case to.TargetID != "":
		return to.TargetID
	case to.Target.Address.IsValid():
		return fmt.Sprintf("%s %s", to.Target.Type, to.Target.Address)
	case iface != "":
		return fmt.Sprintf("target of session %d of %s", to.SessionNumber, iface)
	}
	return fmt.Sprintf("target of session %d", to.SessionNumber)
}

// observe notes that there is a packet at a time.
func (r *rates) observe(nanoseconds int64) {
	if second := simulation.SecondOf(nanoseconds); r.row < 0 || second != r.current {
		r.current, r.row = second, r.rowOf(second)
	}
}

func (r *rates) rowOf(second int64) int {
	row, isKnown := r.rows[second]
	if !isKnown {
		row = len(r.rows)
		r.rows[second] = row
		for range r.targets {
			r.counts = append(r.counts, Second{})
		}
	}
	return row
}

// add counts a copy, in the second that was observed last. It notes whether the copy is cut.
func (r *rates) add(v *dataplane.Verdict, l *lengths, w int, hasTime bool) {
	session, _ := slices.BinarySearchFunc(r.reached, v.SessionNumber, func(to dataplane.Reached, number int) int { return cmp.Compare(to.SessionNumber, number) })
	target, longest := r.of[session], int64(r.reached[session].Limit)
	l.isCut = l.onWire > longest
	bytes := min(l.onWire, longest) + int64(r.reached[session].OuterBytes)
	t := &r.totals[target]
	t.copies++
	t.bytes += bytes
	if l.isUnknown && l.onWire < longest {
		t.atLeast++
	}
	if !hasTime {
		t.untimed++
		return
	}
	c := &r.counts[r.row*len(r.targets)+target]
	if w == ingress {
		c.InPackets++
		c.InBytes += bytes
		return
	}
	c.OutPackets++
	c.OutBytes += bytes
}

// join adds the copies of other rates of the same source.
func (r *rates) join(other *rates) {
	for i, t := range other.totals {
		r.totals[i].copies += t.copies
		r.totals[i].bytes += t.bytes
		r.totals[i].untimed += t.untimed
		r.totals[i].atLeast += t.atLeast
	}
	n := len(r.targets)
	for second, from := range other.rows {
		to := r.rowOf(second)
		for i := range n {
			r.counts[to*n+i].add(other.counts[from*n+i], &limit{})
		}
	}
}

func (s *Second) add(other Second, l *limit) {
	l.add(&s.InPackets, other.InPackets)
	l.add(&s.InBytes, other.InBytes)
	l.add(&s.OutPackets, other.OutPackets)
	l.add(&s.OutBytes, other.OutBytes)
}

// result returns the counts. What can be derived from them is not set.
func (r *rates) result() Rate {
	seconds := slices.Sorted(maps.Keys(r.rows))
	rate := Rate{Targets: make([]Load, len(r.targets))}
	for _, second := range seconds {
		rate.Together.Seconds = append(rate.Together.Seconds, Second{Unix: second})
	}
	for i, name := range r.targets {
		load := Load{Target: name, Copies: r.totals[i].copies, Bytes: r.totals[i].bytes, Untimed: r.totals[i].untimed, AtLeast: r.totals[i].atLeast}
		for _, second := range seconds {
			count := r.counts[r.rows[second]*len(r.targets)+i]
			if count.InPackets+count.OutPackets > 0 {
				count.Unix = second
				load.Seconds = append(load.Seconds, count)
			}
		}
		rate.Targets[i] = load
	}
	return rate
}

// sessions describes the sessions of the source.
func (r *rates) sessions(iface string) []Session {
	all := make([]Session, len(r.reached))
	for i, to := range r.reached {
		unknown := []string{}
		for _, u := range to.Unknown.List() {
			unknown = append(unknown, u.String())
		}
		if !to.Target.Address.IsValid() {
			unknown = append(unknown, UnknownAddress)
		}
		all[i] = Session{iface, to.SessionNumber, to.VirtualNetworkID, r.targets[r.of[i]], to.Target.Type, to.OuterBytes, unknown}
	}
	return all
}
