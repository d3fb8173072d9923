package dataplane

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
)

// Merge adds the counts of another summary. The result is that of one run over the packets of
// both, whatever the order. Both must have the same sessions, virtual network IDs and rules.
// Otherwise Merge changes nothing, and the error names the first difference: "it" is the other.
func (s *Summary) Merge(other Summary) error {
	if err := s.checkSameRules(other); err != nil {
		return err
	}
	for _, total := range [][2]int64{{s.Packets, other.Packets}, {s.BytesIn, other.BytesIn}, {s.BytesOut, other.BytesOut}} {
		if total[0] > math.MaxInt64-total[1] {
			return errors.New("the counts are so large that their sum cannot be written")
		}
	}
	s.Packets += other.Packets
	s.Mirrored += other.Mirrored
	s.BytesIn += other.BytesIn
	s.BytesOut += other.BytesOut
	s.Directions = sumOf(s.Directions, other.Directions)
	s.NotMirrored = sumOf(s.NotMirrored, other.NotMirrored)
	s.Truncated = sumOf(s.Truncated, other.Truncated)
	s.Unknown = sumOf(s.Unknown, other.Unknown)
	s.Sessions, s.Rules = slices.Clone(s.Sessions), slices.Clone(s.Rules) // a copy of the summary stays as it is
	for i, o := range other.Sessions {
		s.Sessions[i].Packets += o.Packets
		s.Sessions[i].Bytes += o.Bytes
	}
	for i, o := range other.Rules {
		s.Rules[i].Hits += o.Hits
		s.Rules[i].Packets += o.Packets
		s.Rules[i].Bytes += o.Bytes
	}
	s.CloudWatch.NetworkMirrorIn += other.CloudWatch.NetworkMirrorIn
	s.CloudWatch.NetworkMirrorOut += other.CloudWatch.NetworkMirrorOut
	s.CloudWatch.NetworkPacketsMirrorIn += other.CloudWatch.NetworkPacketsMirrorIn
	s.CloudWatch.NetworkPacketsMirrorOut += other.CloudWatch.NetworkPacketsMirrorOut
	return nil
}

// sumOf adds counts.
func sumOf[K comparable](a, b map[K]int64) map[K]int64 {
	sum := maps.Clone(a)
	if sum == nil {
		sum = map[K]int64{}
	}
	for k, n := range b {
		sum[k] += n
	}
	return sum
}

// checkSameRules returns an error that names the first session or rule that only one of the
// summaries has, or whose virtual network ID differs.
func (s *Summary) checkSameRules(other Summary) error {
	for i := range max(len(s.Sessions), len(other.Sessions)) {
		switch {
		case i == len(other.Sessions) || i < len(s.Sessions) && s.Sessions[i].SessionNumber < other.Sessions[i].SessionNumber:
			return fmt.Errorf("it lacks session %d", s.Sessions[i].SessionNumber)
		case i == len(s.Sessions) || s.Sessions[i].SessionNumber > other.Sessions[i].SessionNumber:
			return fmt.Errorf("it also has session %d", other.Sessions[i].SessionNumber)
		case s.Sessions[i].VirtualNetworkID != other.Sessions[i].VirtualNetworkID:
			return fmt.Errorf("its session %d has the virtual network ID %d in place of %d",
				s.Sessions[i].SessionNumber, other.Sessions[i].VirtualNetworkID, s.Sessions[i].VirtualNetworkID)
		}
	}
	for i := range max(len(s.Rules), len(other.Rules)) {
		switch {
		case i == len(other.Rules) || i < len(s.Rules) && s.Rules[i].compare(other.Rules[i]) < 0:
			return fmt.Errorf("it lacks %s", s.Rules[i].name())
		case i == len(s.Rules) || s.Rules[i].compare(other.Rules[i]) > 0:
			return fmt.Errorf("it also has %s", other.Rules[i].name())
		}
	}
	return nil
}

// name names the rule in a message.
func (r RuleSummary) name() string {
	if r.RuleNumber == nil {
		return fmt.Sprintf("%s amazon-dns of session %d", r.Direction, r.SessionNumber)
	}
	return fmt.Sprintf("%s rule %d of session %d", r.Direction, *r.RuleNumber, r.SessionNumber)
}

// compare orders rules as a summary does: amazon-dns is last in its direction.
func (r RuleSummary) compare(other RuleSummary) int {
	return cmp.Or(
		cmp.Compare(r.SessionNumber, other.SessionNumber), cmp.Compare(wayOf(r.Direction), wayOf(other.Direction)),
		cmp.Compare(r.order(), other.order()),
	)
}

func (r RuleSummary) order() int {
	if r.RuleNumber == nil {
		return math.MaxInt
	}
	return *r.RuleNumber
}
