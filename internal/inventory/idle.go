package inventory

import (
	"fmt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// An IdleReason is why a session does nothing. AWS charges for it all the same.
type IdleReason string

// The reasons in addition to the statuses of sessions that are not live. A session has the first reason
// that is true: that of its status, then these in their order.
const (
	AcceptsNothing IdleReason = "accepts_nothing"
	NeverTakes     IdleReason = "never_takes"
)

// IdleReasons has all reasons, with what each means.
var IdleReasons = func() []struct {
	Reason  IdleReason
	Meaning string
} {
	type meaning = struct {
		Reason  IdleReason
		Meaning string
	}
	var all []meaning
	for _, s := range Statuses {
		if !s.Status.IsLive() && s.Status != Disabled {
			all = append(all, meaning{IdleReason(s.Status), s.Meaning})
		}
	}
	return append(all,
		meaning{AcceptsNothing, "its filter accepts no packet that the interface can send or receive"},
		meaning{NeverTakes, "sessions with a lower number take every packet that its filter accepts"},
	)
}()

// Idle is a session that does nothing.
type Idle struct {
	Session account.Tagged[mirror.Session]
	Reason  IdleReason
	Detail  string // the reason as a sentence
}

// idleOf returns why sessions of one interface do nothing, by their index. What is not known is
// no reason.
func idleOf(links []link, c classed) map[int]Idle {
	idle := map[int]Idle{}
	for i, l := range links {
		switch {
		case l.idle != "":
			idle[i] = Idle{l.session, l.idle, l.reason}
		case c.copied == nil:
		case !c.copied.Accepts[i]:
			idle[i] = Idle{l.session, AcceptsNothing, fmt.Sprintf("Filter %s accepts no packet that %s can send or receive.", l.session.Noun.FilterID, l.session.Noun.InterfaceID)}
		case !c.copied.Takes[i]:
			idle[i] = Idle{l.session, NeverTakes, fmt.Sprintf("Sessions of %s with a lower number take every packet that filter %s accepts.", l.session.Noun.InterfaceID, l.session.Noun.FilterID)}
		}
	}
	return idle
}

// IdleSessions returns the sessions of a fleet that do nothing, by their ID. endpoints are what ReadEndpoints has
// read.
func IdleSessions(f *Fleet, endpoints map[string]mirror.Endpoint) map[string]Idle {
	s := newSurvey(f, endpoints)
	for _, source := range f.Select(Selection{All: true}) {
		s.add(source)
	}
	s.addRest()
	idle := make(map[string]Idle, len(s.idle))
	for _, i := range s.idle {
		idle[i.Session.Noun.ID] = i
	}
	return idle
}
