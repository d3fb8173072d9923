package dataplane

import (
	"fmt"
	"maps"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *Reason) UnmarshalText(text []byte) error { return unmarshalWord(r, text, Reasons, "reason") }

// UnmarshalText implements encoding.TextUnmarshaler.
func (t *Truncation) UnmarshalText(text []byte) error {
	return unmarshalWord(t, text, Truncations, "truncation")
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (u *Unknown) UnmarshalText(text []byte) error {
	return unmarshalWord(u, text, Unknowns, "unknown fact of a target")
}

func unmarshalWord[W fmt.Stringer](into *W, text []byte, words []W, what string) error {
	i := slices.IndexFunc(words, func(w W) bool { return w.String() == string(text) })
	if i < 0 {
		return fmt.Errorf("%q is no %s", text, what)
	}
	*into = words[i]
	return nil
}

// maxCount is the largest count that Check allows: every program that reads JSON reads such a
// number without rounding it.
const maxCount = 1 << 53

// Check returns an error if the counts cannot be those of one run: a count is negative, sums are
// not right, or sessions and rules are not in order.
func (s *Summary) Check() error {
	if s.Packets < 0 || s.Packets > maxCount || s.BytesIn < 0 || s.BytesIn > maxCount || s.BytesOut < 0 || s.BytesOut > maxCount {
		return fmt.Errorf("packets, bytes_in and bytes_out have to be from 0 to %d", int64(maxCount))
	}
	c := &sums{limit: s.Packets}
	c.sum("mirrored and not_mirrored are together", s.Packets, append(valuesOf(s.NotMirrored), s.Mirrored)...)
	c.require(s.NotMirrored[RuleAccepts] == 0 && s.NotMirrored[ServiceAccepts] == 0, "not_mirrored has packets that are mirrored")
	c.sum("cloudwatch has packets", s.Mirrored, s.CloudWatch.NetworkPacketsMirrorIn, s.CloudWatch.NetworkPacketsMirrorOut)
	c.least("directions", s.Packets, valuesOf(s.Directions)...)
	c.least("truncated", s.Mirrored, valuesOf(s.Truncated)...)
	for _, n := range s.Unknown {
		c.least("unknown", s.Mirrored, n)
	}
	for d := range s.Directions {
		c.require(slices.Contains(ways[:], d), "directions has a direction %q", d)
	}
	var packets, bytes []int64
	for i, session := range s.Sessions {
		packets, bytes = append(packets, session.Packets), append(bytes, session.Bytes)
		c.require(i == 0 || s.Sessions[i-1].SessionNumber < session.SessionNumber, "sessions[%d] is not in the order of session numbers", i)
	}
	c.sum("sessions have packets", s.Mirrored, packets...)
	for i, r := range s.Rules {
		c.least(r.name(), s.Packets, r.Hits)
		c.least(r.name(), s.Packets, r.Packets)
		c.require(r.Direction == mirror.Ingress || r.Direction == mirror.Egress, "rules[%d] has the direction %q", i, r.Direction)
		c.require(i == 0 || s.Rules[i-1].compare(r) < 0, "rules[%d] is not in the order of sessions, directions and rules", i)
	}
	c.limit = s.BytesOut
	c.sum("cloudwatch has bytes", s.BytesOut, s.CloudWatch.NetworkMirrorIn, s.CloudWatch.NetworkMirrorOut)
	c.sum("sessions have bytes", s.BytesOut, bytes...)
	for _, r := range s.Rules {
		c.least(r.name(), s.BytesOut, r.Bytes)
	}
	return c.err
}

func valuesOf[K comparable](counts map[K]int64) []int64 { return slices.Collect(maps.Values(counts)) }

// sums keeps the first error about counts.
type sums struct {
	limit int64 // of each count
	err   error
}

func (c *sums) require(holds bool, format string, args ...any) {
	if !holds && c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
}

// sum requires that counts have this sum.
func (c *sums) sum(what string, wanted int64, counts ...int64) {
	got := c.add(what, counts)
	c.require(got == wanted, "%s %d, in place of %d", what, got, wanted)
}

// least requires that counts have at most this sum.
func (c *sums) least(what string, most int64, counts ...int64) {
	got := c.add(what, counts)
	c.require(got <= most, "%s: %d is more than %d", what, got, most)
}

// add adds counts, each of which is bounded, so that few of them cannot overflow.
func (c *sums) add(what string, counts []int64) (sum int64) {
	for _, n := range counts {
		c.require(n >= 0 && n <= c.limit, "%s: %d is not from 0 to %d", what, n, c.limit)
		if sum += n; sum > maxCount*2 {
			c.require(false, "%s: the sum is too large", what)
			return sum
		}
	}
	return sum
}
