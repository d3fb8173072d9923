package flow

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"
)

// Merge adds the flows of another run. In which order flows are merged changes nothing. It
// fails, and changes nothing, if a session of an interface is not the same in both, or if a
// number becomes too large. The zero value of Flows has no run.
func (f *Flows) Merge(other *Flows) error {
	for _, v := range []int{f.Version, other.Version} {
		if v != 0 && v != Version {
			return errVersion(v)
		}
	}
	sessions, err := mergeSessions(f, other)
	if err != nil {
		return err
	}
	l := &limit{}
	sum := Flows{
		Version: Version, Sources: union(f.Sources, other.Sources), Sessions: sessions,
		Conversations: mergeSorted(f.Conversations, other.Conversations, compareConversations, func(a, b Conversation) Conversation { return a.merge(b, l) }),
		Apart: Apart{
			WithoutIP:        f.Apart.WithoutIP.merge(other.Apart.WithoutIP, l),
			WithoutDirection: f.Apart.WithoutDirection.merge(other.Apart.WithoutDirection, l),
			WithoutTime:      f.Apart.WithoutTime.merge(other.Apart.WithoutTime, l),
		},
		Rate: f.Rate.merge(other.Rate, l),
	}
	sum.Total.First, sum.Total.Last = earliest(f.Total.First, other.Total.First), latest(f.Total.Last, other.Total.Last)
	sum.derive(l)
	if l.isExceeded {
		return errors.New("the sum of both has a number above 2^53, which does not fit into JSON. Merge fewer files")
	}
	*f = sum
	return nil
}

func errVersion(v int) error {
	return fmt.Errorf("the flow table has version %d, and this program reads version %d. Use the program that wrote it, or write it again", v, Version)
}

// mergeSessions returns the sessions of both.
func mergeSessions(f, other *Flows) ([]Session, error) {
	for _, iface := range f.Sources {
		if !slices.Contains(other.Sources, iface) {
			continue
		}
		a, b := sessionsOf(f, iface), sessionsOf(other, iface)
		if !reflect.DeepEqual(a, b) {
			return nil, fmt.Errorf("the sessions of interface %q, or their targets, are not the same in both flow tables: %s and %s. "+
				"Decisions of different sessions cannot be added. Write both tables with the same mirror.json, and with an id of its own for each interface", iface, short(a), short(b))
		}
	}
	return mergeSorted(f.Sessions, other.Sessions, func(a, b Session) int {
		return cmp.Or(cmp.Compare(a.Interface, b.Interface), cmp.Compare(a.SessionNumber, b.SessionNumber))
	}, func(a, _ Session) Session { return a }), nil
}

func sessionsOf(f *Flows, iface string) []Session {
	all := []Session{}
	for _, s := range f.Sessions {
		if s.Interface == iface {
			all = append(all, s)
		}
	}
	return all
}

// short words the sessions of an interface for a message.
func short(sessions []Session) string {
	words := make([]string, len(sessions))
	for i, s := range sessions {
		words[i] = fmt.Sprintf("%d (VNI %d, %s)", s.SessionNumber, s.VirtualNetworkID, s.Target)
	}
	return fmt.Sprintf("%q", words)
}

func union(a, b []string) []string {
	names := map[string]bool{}
	for _, name := range slices.Concat(a, b) {
		names[name] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// mergeSorted merges two sorted lists. both returns the sum of two elements that compare equal.
func mergeSorted[E any](a, b []E, compare func(a, b E) int, both func(a, b E) E) []E {
	sum := make([]E, 0, max(len(a), len(b)))
	for len(a) > 0 && len(b) > 0 {
		switch c := compare(a[0], b[0]); {
		case c < 0:
			sum, a = append(sum, a[0]), a[1:]
		case c > 0:
			sum, b = append(sum, b[0]), b[1:]
		default:
			sum, a, b = append(sum, both(a[0], b[0])), a[1:], b[1:]
		}
	}
	return append(append(sum, a...), b...)
}

func (c Conversation) merge(other Conversation, l *limit) Conversation {
	c.In, c.Out = c.In.merge(other.In, l), c.Out.merge(other.Out, l)
	c.First, c.Last = earliest(c.First, other.First), latest(c.Last, other.Last)
	return c
}

// earliest returns the earlier of two times. A zero time is none.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func latest(a, b time.Time) time.Time {
	if a.IsZero() || b.After(a) {
		return b
	}
	return a
}

func (r Rate) merge(other Rate, l *limit) Rate {
	second := func(a, b Second) int { return cmp.Compare(a.Unix, b.Unix) }
	seconds := func(a, b []Second) []Second {
		return mergeSorted(a, b, second, func(a, b Second) Second { a.add(b, l); return a })
	}
	sum := Rate{Targets: mergeSorted(r.Targets, other.Targets, func(a, b Load) int { return cmp.Compare(a.Target, b.Target) }, func(a, b Load) Load {
		l.add(&a.Copies, b.Copies)
		l.add(&a.Bytes, b.Bytes)
		l.add(&a.Untimed, b.Untimed)
		a.Seconds = seconds(a.Seconds, b.Seconds)
		return a
	})}
	sum.Together.Seconds = seconds(r.Together.Seconds, other.Together.Seconds)
	return sum
}
