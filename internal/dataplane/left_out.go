package dataplane

import "fmt"

// LeftOut is the copies of a session that an Encapsulator cannot build.
type LeftOut struct {
	SessionNumber int
	Copies        int64
	Why           string // as a clause without a subject before it: "the IP address of its target is not known"
}

// String says what is left out, and why: "3 copies of session 1, because ...".
func (l LeftOut) String() string {
	copies := "copies"
	if l.Copies == 1 {
		copies = "copy"
	}
	return fmt.Sprintf("%d %s of session %d, because %s", l.Copies, copies, l.SessionNumber, l.Why)
}

// LeftOut returns the copies of a run that could not be built, by session number. The
// summary must be of the encapsulator's source.
func (e *Encapsulator) LeftOut(s Summary) []LeftOut {
	return e.leftOut(s, func(t *outer) bool { return t.missing != "" })
}

// LeftOutReceived returns the copies of a run that AppendReceived could not build, by session
// number.
func (e *Encapsulator) LeftOutReceived(s Summary) []LeftOut {
	return e.leftOut(s, func(t *outer) bool { return t.length == 0 })
}

func (e *Encapsulator) leftOut(s Summary, isMissing func(*outer) bool) []LeftOut {
	var all []LeftOut
	for i, c := range s.Sessions {
		if c.Packets == 0 || !isMissing(&e.templates[i]) {
			continue
		}
		all = append(all, LeftOut{c.SessionNumber, c.Packets, e.templates[i].missing})
	}
	return all
}

// Builds reports whether Append makes a copy for the verdict, which must be of the
// encapsulator's source.
func (e *Encapsulator) Builds(v Verdict) bool {
	return v.Outcome == Mirrored && e.templates[e.source.sessionAt(v.SessionNumber)].missing == ""
}

// BuildsReceived reports whether a copy can be built as an appliance receives it.
func (e *Encapsulator) BuildsReceived(v Verdict) bool {
	return v.Outcome == Mirrored && e.templates[e.source.sessionAt(v.SessionNumber)].length != 0
}
