package simulation

import "github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"

// Expectation has the expected verdict of a packet. A nil field is not checked.
type Expectation struct {
	Packet        string // its name, or its number in the capture
	Mirrored      *bool
	Outcome       *string
	Reason        *string
	SessionNumber *int64
	RuleNumber    *int64
	Bytes         *int64
}

// Difference is a field of a verdict that is not as expected.
type Difference struct {
	Field    string // as the configuration calls it
	Expected any    // a bool, an int64 or a string, as Actual
	Actual   any    // nil: none
}

// Differences compares the expectation with the verdict of its packet. It returns
// nil if the expectation holds.
func (e Expectation) Differences(v PacketVerdict) []Difference {
	var ds []Difference
	ds = compare(ds, "mirrored", e.Mirrored, &v.Mirrored)
	ds = compare(ds, "outcome", e.Outcome, &v.Outcome)
	ds = compare(ds, "reason", e.Reason, &v.Reason)
	ds = compare(ds, "session_number", e.SessionNumber, v.SessionNumber)
	ds = compare(ds, "rule_number", e.RuleNumber, v.RuleNumber)
	return compare(ds, "bytes", e.Bytes, &v.Bytes)
}

// IsVacuous reports whether the packet was not mirrored only because the interface has no
// session, and the expectation does not ask for that. Then it says nothing about a filter.
func (e Expectation) IsVacuous(v PacketVerdict) bool {
	noSession := dataplane.NoSession.String()
	return v.Reason == noSession && (e.Reason == nil || *e.Reason != noSession)
}

// compare appends a difference if there is one.
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
