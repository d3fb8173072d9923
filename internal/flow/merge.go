package flow

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
)

// Merge adds the flows of another run. In which order flows are merged changes nothing. It
// fails, and changes nothing, if an interface that is in both has other sessions or rules in the
// other, or if a number becomes too large. The zero value of Flows has no run.
func (f *Flows) Merge(other *Flows) error {
	for _, v := range []int{f.Version, other.Version} {
		if v != 0 && v != Version {
			return errVersion(v)
		}
	}
	if err := checkSame(f, other); err != nil {
		return err
	}
	l := &limit{}
	sum := Flows{
		Version: Version, Incomplete: f.Incomplete || other.Incomplete, Unwrap: f.Unwrap || other.Unwrap,
		Sessions:      mergeSorted(f.Sessions, other.Sessions, compareSessions, func(a, _ Session) Session { return a }),
		Conversations: mergeSorted(f.Conversations, other.Conversations, compareConversations, func(a, b Conversation) Conversation { return a.merge(b, l) }),
		Apart: Apart{
			WithoutIP:        f.Apart.WithoutIP.merge(other.Apart.WithoutIP, l),
			WithoutDirection: f.Apart.WithoutDirection.merge(other.Apart.WithoutDirection, l),
			WithoutTime:      f.Apart.WithoutTime.merge(other.Apart.WithoutTime, l),
		},
		Rate: f.Rate.merge(other.Rate, l),
	}
	sum.Sources, sum.Configurations = mergeSources(f, other)
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

// checkSame returns an error unless both have packets of the same place, and an interface that is in both has the same configuration.
func checkSame(f, other *Flows) error {
	if f.Version != 0 && other.Version != 0 && f.Unwrap != other.Unwrap {
		return errors.New("one flow table was made with --unwrap, and the other without: they may have the same packets. Write both in the same way")
	}
	for i, iface := range f.Sources {
		at := slices.Index(other.Sources, iface)
		if at < 0 {
			continue
		}
		difference := f.Configurations[i].Difference(other.Configurations[at])
		if difference == "" && !reflect.DeepEqual(sessionsOf(f, iface), sessionsOf(other, iface)) {
			difference = "it knows the targets of sessions by other names or lengths"
		}
		if difference != "" {
			return fmt.Errorf("the flow tables of interface %q do not fit: %s. Write both with the same configuration, and with an id of its own for each interface", iface, difference)
		}
	}
	return nil
}

// mergeSources returns the sources of both, and their configurations.
func mergeSources(f, other *Flows) (sources []string, configurations []dataplane.Configuration) {
	of := map[string]dataplane.Configuration{}
	for _, flows := range []*Flows{f, other} {
		for i, iface := range flows.Sources {
			of[iface] = flows.Configurations[i]
		}
	}
	sources = slices.Sorted(maps.Keys(of))
	for _, iface := range sources {
		configurations = append(configurations, of[iface])
	}
	return sources, configurations
}

func compareSessions(a, b Session) int {
	return cmp.Or(cmp.Compare(a.Interface, b.Interface), cmp.Compare(a.SessionNumber, b.SessionNumber))
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
		l.add(&a.AtLeast, b.AtLeast)
		a.Seconds = seconds(a.Seconds, b.Seconds)
		return a
	})}
	sum.Together.Seconds = seconds(r.Together.Seconds, other.Together.Seconds)
	return sum
}
