package dataplane

import "github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"

// Facts are what a source was made of, and what follows from it for each session.
type Facts struct {
	Interface mirror.Interface
	Options   Options
	Sessions  []SessionFacts // by session number
}

// SessionFacts are what is known of a session before any packet.
type SessionFacts struct {
	Session
	Assigned   int     // the virtual network ID of the copies: that of the session, or its number
	TargetText string  // the target in words, with its address if that is known
	Bounds     []Bound // how long a copy is at most, in the order of Truncations; the lowest applies
	Lost       Reason  // why no copy arrives; 0: copies arrive
	Unknown    UnknownSet
}

// Bound is how many bytes of a frame are copied at most.
type Bound struct {
	Bytes int
	By    Truncation
	Text  string // where it comes from, as a clause
}

// FactsOf returns the facts of a source. The caller must not change the rules in them.
func FactsOf(s *Source) Facts {
	f := Facts{Interface: s.own.iface, Options: s.options}
	for i := range s.given {
		given, c := &s.given[i], &s.sessions[i]
		facts := SessionFacts{Session: *given, Assigned: int(c.vni), TargetText: targetNames[given.Target.Type], Lost: c.lost, Unknown: c.unknown}
		if a := given.Target.Address; a.IsValid() {
			facts.TargetText += " " + a.String()
		}
		for _, b := range s.options.bounds(*given) {
			facts.Bounds = append(facts.Bounds, Bound{b.bytes, b.by, boundText(given, b)})
		}
		f.Sessions = append(f.Sessions, facts)
	}
	return f
}

// Limit returns the bound that applies: the lowest, and the first if they are equal.
func (f SessionFacts) Limit() Bound {
	lowest := f.Bounds[0]
	for _, b := range f.Bounds {
		if b.Bytes < lowest.Bytes {
			lowest = b
		}
	}
	return lowest
}
