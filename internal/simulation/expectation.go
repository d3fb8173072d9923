package simulation

import (
	"fmt"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
)

// Expectation is what should happen to one packet, or to every packet of a set. A nil field and
// an empty text expect nothing. Check finds what is wrong with it.
type Expectation struct {
	Packet string // its name, or its number in the capture; "" with Where
	Where  *Where // selects the packets of a set; nil: the expectation is about Packet

	// Mirrored is MirroredTrue or MirroredFalse for one packet, MirroredAll or MirroredNone for
	// a set.
	Mirrored string

	AtLeast, AtMost *int64 // how many packets of the set are mirrored; nil for one packet

	// Of the packet, or of every packet of the set.
	Outcome       *string
	Reason        *string
	SessionNumber *int64
	RuleNumber    *int64
	Bytes         *int64
}

// The values of Mirrored.
const (
	MirroredTrue  = "true"
	MirroredFalse = "false"
	MirroredAll   = "all"
	MirroredNone  = "none"
)

// Where selects packets of a run, those of the capture and those in words: a packet fits if
// every field that is set fits. A packet that lacks a field, for example the ports of ICMP, does
// not fit it.
type Where struct {
	Direction       string // of the verdict; "": any, as all down to Destination
	Protocol        string // a number or a name
	Source          string // an IP address or a CIDR block, as Destination
	Destination     string
	SourcePort      *int64 // nil: any, as DestinationPort
	DestinationPort *int64
}

// A Failure says that an expectation does not hold, and why.
type Failure struct {
	Index int    // of the expectation; -1: of the run as a whole
	Text  string // for a person; several lines

	// Cause is the same for failures whose packets have their verdicts for one reason that does not
	// depend on the packet: their copies are lost. "": it depends on the packet.
	Cause string
}

// A cause is why packets have their verdicts, if it does not depend on the packet. Otherwise it is zero.
type cause struct {
	reason  dataplane.Reason
	session int
}

func causeOf(v *dataplane.Verdict) cause {
	if v.Outcome != dataplane.Lost {
		return cause{}
	}
	return cause{v.Reason, v.SessionNumber}
}

// String returns the cause as text, or "" if it depends on the packet.
func (c cause) String() string {
	if c == (cause{}) {
		return ""
	}
	return fmt.Sprintf("%s, session %d", c.reason, c.session)
}

// Difference is a field of a verdict that is not as expected.
type Difference struct {
	Field    string // as the configuration calls it
	Expected any    // a bool, an int64 or a string, as Actual
	Actual   any    // nil: none
}

// Differences compares an expectation of one packet with its verdict.
func (e Expectation) Differences(v PacketVerdict) []Difference {
	var ds []Difference
	ds = compare(ds, "mirrored", e.mirrored(), &v.Mirrored)
	ds = compare(ds, "outcome", e.Outcome, &v.Outcome)
	ds = compare(ds, "reason", e.Reason, &v.Reason)
	ds = compare(ds, "session_number", e.SessionNumber, v.SessionNumber)
	ds = compare(ds, "rule_number", e.RuleNumber, v.RuleNumber)
	return compare(ds, "bytes", e.Bytes, &v.Bytes)
}

// mirrored returns what is expected of one packet; nil: nothing.
func (e Expectation) mirrored() *bool {
	if e.Mirrored != MirroredTrue && e.Mirrored != MirroredFalse {
		return nil
	}
	return new(e.Mirrored == MirroredTrue)
}

// IsVacuous reports whether the verdict is as expected only because the interface has no
// session.
func (e Expectation) IsVacuous(v PacketVerdict) bool {
	return v.Reason == dataplane.NoSession.String() && !e.expectsNoSession()
}

// IsUnjudged reports whether the verdict is as expected only because it is not known what the
// sessions do with the packet. An expectation that names the outcome or the reason asks for it.
func (e Expectation) IsUnjudged(v PacketVerdict) bool {
	return e.Outcome == nil && e.Reason == nil && slices.ContainsFunc(dataplane.Unjudged, func(r dataplane.Reason) bool { return r.String() == v.Reason })
}

// expectsNoSession reports whether the interface is expected to have no session.
func (e Expectation) expectsNoSession() bool {
	return e.Reason != nil && *e.Reason == dataplane.NoSession.String()
}

func compare[T comparable](ds []Difference, field string, expected, actual *T) []Difference {
	switch {
	case expected == nil:
		return ds
	case actual == nil:
		return append(ds, Difference{field, *expected, nil})
	case *expected != *actual:
		return append(ds, Difference{field, *expected, *actual})
	}
	return ds
}
