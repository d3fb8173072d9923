package flow

import (
	"cmp"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
)

// way counts packets of a Table. Nearly always one decision is made about all of them, so that
// it needs no list.
type way struct {
	bytes, captured, truncated, unknown int64
	first                               decision // no packets: none
	more                                []decision
}

type decision struct {
	packets, mirroredBytes int64
	session, rule          int32
	outcome                dataplane.Outcome
	reason                 dataplane.Reason
}

// add counts a packet.
func (w *way) add(v *dataplane.Verdict, l lengths) {
	w.bytes += l.onWire
	w.captured += l.captured
	if l.isCut {
		w.truncated++
	}
	if l.isUnknown {
		w.unknown++
	}
	d := w.decision(int32(v.SessionNumber), int32(v.RuleNumber), v.Outcome, v.Reason)
	d.packets++
	d.mirroredBytes += int64(v.Bytes)
}

// decision returns the decision that counts a packet.
func (w *way) decision(session, rule int32, outcome dataplane.Outcome, reason dataplane.Reason) *decision {
	if w.first.packets == 0 {
		w.first = decision{session: session, rule: rule, outcome: outcome, reason: reason}
	}
	if d := &w.first; d.reason == reason && d.session == session && d.rule == rule {
		return d
	}
	for i := range w.more {
		if d := &w.more[i]; d.reason == reason && d.session == session && d.rule == rule {
			return d
		}
	}
	w.more = append(w.more, decision{session: session, rule: rule, outcome: outcome, reason: reason})
	return &w.more[len(w.more)-1]
}

// join adds the packets of another way.
func (w *way) join(other *way) {
	w.bytes += other.bytes
	w.captured += other.captured
	w.truncated += other.truncated
	w.unknown += other.unknown
	for d := range other.decisions {
		sum := w.decision(d.session, d.rule, d.outcome, d.reason)
		sum.packets += d.packets
		sum.mirroredBytes += d.mirroredBytes
	}
}

// decisions yields the decisions.
func (w *way) decisions(yield func(*decision) bool) {
	if w.first.packets == 0 || !yield(&w.first) {
		return
	}
	for i := range w.more {
		if !yield(&w.more[i]) {
			return
		}
	}
}

// result returns the counts in readable form, with all sums.
func (w *way) result() Way {
	result := Way{Bytes: w.bytes, CapturedBytes: w.captured, Truncated: w.truncated, UnknownLength: w.unknown, Decisions: make([]Decision, 0, 1+len(w.more))}
	for d := range w.decisions {
		result.Decisions = append(result.Decisions, Decision{int(d.session), int(d.rule), d.outcome.String(), d.reason.String(), d.packets, d.mirroredBytes})
	}
	slices.SortFunc(result.Decisions, compareDecisions)
	result.sum(&limit{})
	return result
}

func compareDecisions(a, b Decision) int {
	return cmp.Or(cmp.Compare(a.SessionNumber, b.SessionNumber), cmp.Compare(a.RuleNumber, b.RuleNumber), cmp.Compare(a.Reason, b.Reason))
}

// sum counts the packets by the decisions about them.
func (w *Way) sum(l *limit) {
	w.Packets, w.Mirrored, w.MirroredBytes, w.Lost = 0, 0, 0, 0
	for _, d := range w.Decisions {
		l.add(&w.Packets, d.Packets)
		l.add(&w.MirroredBytes, d.MirroredBytes)
		switch d.Outcome {
		case dataplane.Mirrored.String():
			l.add(&w.Mirrored, d.Packets)
		case dataplane.Lost.String():
			l.add(&w.Lost, d.Packets)
		}
	}
}

// merge returns the sum of two ways. It shares no memory with them.
func (w Way) merge(other Way, l *limit) Way {
	l.add(&w.Bytes, other.Bytes)
	l.add(&w.CapturedBytes, other.CapturedBytes)
	l.add(&w.Truncated, other.Truncated)
	l.add(&w.UnknownLength, other.UnknownLength)
	all := slices.Concat(w.Decisions, other.Decisions)
	slices.SortFunc(all, compareDecisions)
	w.Decisions = make([]Decision, 0, len(all))
	for _, d := range all {
		if last := len(w.Decisions) - 1; last >= 0 && compareDecisions(w.Decisions[last], d) == 0 {
			l.add(&w.Decisions[last].Packets, d.Packets)
			l.add(&w.Decisions[last].MirroredBytes, d.MirroredBytes)
			continue
		}
		w.Decisions = append(w.Decisions, d)
	}
	w.sum(l)
	return w
}

// maxNumber is the largest number: programs that read JSON into floating point keep it exact.
const maxNumber = 1 << 53

// limit remembers whether a sum was too large.
type limit struct{ isExceeded bool }

// add adds to a sum. Both numbers are from 0 to maxNumber.
func (l *limit) add(sum *int64, n int64) {
	*sum += n
	if *sum > maxNumber {
		l.isExceeded, *sum = true, maxNumber
	}
}
