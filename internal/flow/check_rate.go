package flow

import (
	"fmt"
	"slices"
)

// checkRate compares the rate of flows that were read with their conversations.
func (f *Flows) checkRate() error {
	for i := range f.Rate.Targets {
		if err := f.Rate.Targets[i].checkSum(); err != nil {
			return err
		}
	}
	for _, s := range f.Sessions {
		if !slices.ContainsFunc(f.Rate.Targets, func(l Load) bool { return l.Target == s.Target }) {
			return fmt.Errorf("session %d has the target %q, and the rate has not", s.SessionNumber, s.Target)
		}
	}
	switch together := f.Rate.Together; {
	case together.Copies != f.Total.Mirrored:
		return fmt.Errorf("the rate has %d copies, and %d packets are mirrored", together.Copies, f.Total.Mirrored)
	case together.Untimed != f.Apart.WithoutTime.Mirrored:
		return fmt.Errorf("the rate has %d copies without a time, and %d packets without a time are mirrored", together.Untimed, f.Apart.WithoutTime.Mirrored)
	}
	return nil
}

// checkSum compares the seconds of a target with its copies.
func (t *Load) checkSum() error {
	l, copies, bytes := &limit{}, t.Untimed, int64(0)
	for _, s := range t.Seconds {
		for _, n := range []int64{s.InPackets, s.OutPackets} {
			l.add(&copies, n)
		}
		for _, n := range []int64{s.InBytes, s.OutBytes} {
			l.add(&bytes, n)
		}
	}
	switch {
	case l.isExceeded || copies != t.Copies:
		return fmt.Errorf("the seconds of %q have %d copies, and it has %d", t.Target, copies, t.Copies)
	case bytes > t.Bytes || t.Untimed == 0 && bytes != t.Bytes:
		return fmt.Errorf("the seconds of %q have %d bytes, and it has %d", t.Target, bytes, t.Bytes)
	}
	return nil
}
