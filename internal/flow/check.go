package flow

import (
	"cmp"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
)

// check returns what is wrong with flows that were read. What is derived is not looked at.
func (f *Flows) check() error {
	if at := unsorted(f.Sources, cmp.Compare[string]); at >= 0 {
		return fmt.Errorf("sources[%d] is %q, which is not in order", at, f.Sources[at])
	}
	if len(f.Configurations) != len(f.Sources) {
		return fmt.Errorf("there are %d configurations of %d sources", len(f.Configurations), len(f.Sources))
	}
	if at := unsorted(f.Sessions, compareSessions); at >= 0 {
		return fmt.Errorf("sessions[%d] is not in order", at)
	}
	for i, s := range f.Sessions {
		if !slices.Contains(f.Sources, s.Interface) {
			return fmt.Errorf("sessions[%d] is of interface %q, which is not among the sources", i, s.Interface)
		}
		if f.Sessions[i].Unknown == nil {
			f.Sessions[i].Unknown = []string{}
		}
	}
	if at := unsorted(f.Conversations, compareConversations); at >= 0 {
		return fmt.Errorf("conversations[%d] is not in order", at)
	}
	for i := range f.Conversations {
		c := &f.Conversations[i]
		if err := c.check(f.Sources); err != nil {
			return fmt.Errorf("conversations[%d]: %w", i, err)
		}
	}
	for _, w := range []*Way{&f.Apart.WithoutIP, &f.Apart.WithoutDirection, &f.Apart.WithoutTime} {
		if err := w.check(); err != nil {
			return fmt.Errorf("apart: %w", err)
		}
	}
	if err := checkTimes(&f.Total.First, &f.Total.Last); err != nil {
		return fmt.Errorf("total: %w", err)
	}
	if err := f.Rate.check(); err != nil {
		return fmt.Errorf("rate: %w", err)
	}
	return nil
}

// unsorted returns the index of the first element that is not after the one before it, or -1.
func unsorted[E any](list []E, compare func(a, b E) int) int {
	for i := 1; i < len(list); i++ {
		if compare(list[i-1], list[i]) >= 0 {
			return i
		}
	}
	return -1
}

func (c *Conversation) check(sources []string) error {
	isAddress := func(a netip.Addr) bool { return a.IsValid() && a.Zone() == "" }
	switch {
	case !slices.Contains(sources, c.Interface):
		return fmt.Errorf("its interface is %q, which is not among the sources", c.Interface)
	case c.Protocol < 0 || c.Protocol > math.MaxUint8:
		return fmt.Errorf("its protocol is %d", c.Protocol)
	case !slices.Contains(portKinds[:], c.Ports):
		return fmt.Errorf("its ports are %q, and should be one of %q", c.Ports, portKinds)
	case !isAddress(c.Local) || !isAddress(c.Remote) || c.Local.Is4() != c.Remote.Is4():
		return fmt.Errorf("its addresses are %q and %q, and should be two of one family", c.Local, c.Remote)
	}
	for _, w := range []*Way{&c.In, &c.Out} {
		if err := w.check(); err != nil {
			return err
		}
	}
	return checkTimes(&c.First, &c.Last)
}

// check checks the counts, and adds the decisions up.
func (w *Way) check() error {
	if at := unsorted(w.Decisions, compareDecisions); at >= 0 {
		return fmt.Errorf("decisions[%d] is not in order", at)
	}
	for i, d := range w.Decisions {
		isOutcome := slices.ContainsFunc(dataplane.Outcomes, func(o dataplane.Outcome) bool { return o.String() == d.Outcome })
		isReason := slices.ContainsFunc(dataplane.Reasons, func(r dataplane.Reason) bool { return r.String() == d.Reason })
		if !isOutcome || !isReason {
			return fmt.Errorf("decisions[%d] has the outcome %q and the reason %q", i, d.Outcome, d.Reason)
		}
		if d.Packets < 1 {
			return fmt.Errorf("decisions[%d] is about %d packets", i, d.Packets)
		}
		if err := checkNumbers(d.Packets, d.MirroredBytes); err != nil {
			return fmt.Errorf("decisions[%d]: %w", i, err)
		}
	}
	if w.Decisions == nil {
		w.Decisions = []Decision{}
	}
	if err := checkNumbers(w.Bytes, w.CapturedBytes, w.Truncated, w.UnknownLength); err != nil {
		return err
	}
	l := &limit{}
	w.sum(l)
	if l.isExceeded {
		return fmt.Errorf("there are more than %d packets or bytes", int64(maxNumber))
	}
	return nil
}

func checkNumbers(numbers ...int64) error {
	for _, n := range numbers {
		if n < 0 || n > maxNumber {
			return fmt.Errorf("the number %d is not from 0 to 2^53", n)
		}
	}
	return nil
}

// checkTimes checks two times, and takes them to UTC.
func checkTimes(first, last *time.Time) error {
	if first.IsZero() != last.IsZero() || last.Before(*first) {
		return fmt.Errorf("the first time is %s, and the last is %s", first.Format(time.RFC3339Nano), last.Format(time.RFC3339Nano))
	}
	if !first.IsZero() {
		*first, *last = first.UTC(), last.UTC()
	}
	return nil
}

func (r *Rate) check() error {
	bySecond := func(a, b Second) int { return cmp.Compare(a.Unix, b.Unix) }
	if unsorted(r.Together.Seconds, bySecond) >= 0 || unsorted(r.Targets, func(a, b Load) int { return cmp.Compare(a.Target, b.Target) }) >= 0 {
		return fmt.Errorf("seconds or targets are not in order")
	}
	for _, s := range r.Together.Seconds {
		if limit := int64(math.MaxInt64 / 1_000_000_000); s.Unix > limit || s.Unix < -limit-1 {
			return fmt.Errorf("the second %d is no time of a packet", s.Unix)
		}
	}
	for i := range r.Targets {
		t := &r.Targets[i]
		if unsorted(t.Seconds, bySecond) >= 0 {
			return fmt.Errorf("the seconds of %q are not in order", t.Target)
		}
		if err := checkNumbers(t.Copies, t.Bytes, t.Untimed, t.AtLeast); err != nil {
			return fmt.Errorf("%q: %w", t.Target, err)
		}
		for _, s := range t.Seconds {
			if err := checkNumbers(s.InPackets, s.InBytes, s.OutPackets, s.OutBytes); err != nil {
				return fmt.Errorf("%q: %w", t.Target, err)
			}
			if _, isKnown := slices.BinarySearchFunc(r.Together.Seconds, s, bySecond); !isKnown {
				return fmt.Errorf("%q has the second %d, and the seconds of all targets together have not", t.Target, s.Unix)
			}
		}
	}
	return nil
}
