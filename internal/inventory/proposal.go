package inventory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A Wish is what a configuration wants of the sessions of its sources: one session on each.
type Wish struct {
	Targets     []Candidate       // nil: no target is proposed
	SessionTags map[string]string // of the sessions of this configuration; nil: they are those to Targets
	FirstNumber int               // the lowest number of a new session; 0: 1
}

// Validate checks the wish as it is written.
func (w Wish) Validate() mirror.Problems {
	ps := validateCandidates(w.Targets)
	if w.SessionTags != nil && len(w.SessionTags) == 0 {
		ps = append(ps, mirror.Problem{Kind: mirror.Invalid, Field: "session_tags", Wrong: "is an empty map, which every session matches", Fix: "Write at least one tag, or remove session_tags."})
	}
	if w.FirstNumber != 0 {
		ps = append(ps, mirror.SessionNumbers.Check("first_session_number", int64(w.FirstNumber))...)
	}
	return ps
}

// A Proposal is a source with the session that a configuration should have on it.
type Proposal struct {
	Source
	Present account.Tagged[mirror.Session] // the session of this configuration; without ID: there is none yet

	// Number is that of Present, or else the lowest free one. 0: it is not known
	// which sessions are those of this configuration, so that no number would stay the same.
	Number   int
	Next     int    // the lowest number from Wish.FirstNumber on that no session has; 0: there is none
	Target   string // key of the candidate; empty: no target is asked for, or Reason says why there is none
	TargetID string // empty: the target does not exist yet

	TargetZones []string // the Availability Zones of the target; nil: they are not known
	FullInZone  []string // keys of the candidates in the zone of the source that were full, if a new session gets a target in another zone
}

// Propose returns for each source the session that it should have. It needs no memory, and its
// proposals stay the same from plan to plan:
//
//   - A source that has its session keeps its target, as long as that is a candidate, and its
//     number, whatever else changes.
//   - The others are assigned one by one in the order in which they were attached, to the
//     candidate in their Availability Zone that has the fewest sources for its limit. A
//     candidate that receives nothing now comes last. So a source that is attached later
//     changes no proposal of an earlier one.
//
// No candidate gets more sources than its limit. A target loses no source either: what left the
// selection still counts until its session is deleted.
func (f *Fleet) Propose(sources []Source, wish Wish) ([]Proposal, mirror.Problems) {
	a := &assigner{Fleet: f, wish: wish}
	if problems := a.resolve(); problems != nil {
		return nil, problems
	}
	all := make([]Proposal, len(sources))
	var waiting []*Proposal
	for i, s := range sources {
		all[i] = Proposal{Source: s, Next: s.NextNumber(max(wish.FirstNumber, 1))}
		p := &all[i]
		a.reserve(p)
		a.keep(p)
		if p.Reason == "" && wish.Targets != nil && p.Target == "" {
			waiting = append(waiting, p)
		}
	}
	sort.Slice(waiting, func(i, j int) bool { return isEarlier(waiting[i].Interface, waiting[j].Interface) })
	for _, p := range waiting {
		a.assign(p)
	}
	return all, nil
}

// ReadReceivers reads what is behind the load balancers and endpoints of candidates. It is for Propose.
func ReadReceivers(ctx context.Context, a *account.Account, f *Fleet, wish Wish) error {
	all := &assigner{Fleet: f, wish: wish}
	_ = all.resolve() // Propose reports the candidates that are not clear
	var targets []mirror.Target
	for _, c := range all.candidates {
		if c.target.InterfaceID == "" {
			targets = append(targets, c.target)
		}
	}
	if targets == nil {
		return nil
	}
	read, err := a.Endpoints(ctx, ownerOf(f), targets...)
	if account.IsDenied(err) {
		return nil
	}
	f.Receivers = map[string]mirror.Endpoint{}
	for i, e := range read {
		f.Receivers[targets[i].Backing()] = e
	}
	return err
}

// An IdleCandidate is a candidate that receives nothing now.
type IdleCandidate struct {
	Key, TargetID string
	Detail        string // why, as a sentence
}

// IdleCandidates returns the candidates that receive nothing now, in the order of their keys.
// What EC2 does not show is no reason.
func (f *Fleet) IdleCandidates(wish Wish) []IdleCandidate {
	a := &assigner{Fleet: f, wish: wish}
	_ = a.resolve() // Propose has reported the candidates that are not clear
	var idle []IdleCandidate
	for _, c := range a.candidates {
		if c.idle != "" {
			idle = append(idle, IdleCandidate{c.Key, c.target.ID, c.idle})
		}
	}
	return idle
}

// An assigner assigns sources to candidates.
type assigner struct {
	*Fleet
	wish       Wish
	candidates []*candidate
}

// reserve refuses a source that is to back a candidate.
func (a *assigner) reserve(p *Proposal) {
	for _, c := range a.candidates {
		if p.Reason == "" && c.target.InterfaceID == p.Interface.ID {
			p.Reason, p.Detail = ReasonBacksTarget, fmt.Sprintf("%s is to back the target %q of targets. A network interface cannot be a source and back a target.", p.Interface.ID, c.Key)
		}
	}
}

// keep finds the present session of a source.
func (a *assigner) keep(p *Proposal) {
	if a.wish.Targets == nil && a.wish.SessionTags == nil {
		return
	}
	candidateOf := func(s account.Tagged[mirror.Session]) *candidate {
		i := slices.IndexFunc(a.candidates, func(c *candidate) bool { return c.target.ID != "" && c.target.ID == s.Noun.TargetID })
		if i < 0 {
			return nil
		}
		return a.candidates[i]
	}
	for _, s := range p.Sessions {
		to := candidateOf(s)
		isPresent := to != nil
		if a.wish.SessionTags != nil {
			isPresent = mirror.HasTags(s.Tags, a.wish.SessionTags)
		}
		if !isPresent {
			continue
		}
		p.Present, p.Number = s, s.Noun.Number
		if to != nil {
			p.Target, p.TargetID, p.TargetZones = to.Key, to.target.ID, to.zones
		}
		return
	}
	if quota := a.Rules.Quotas.SessionsPerInterface; p.Reason == "" && len(p.Sessions) >= quota {
		p.Reason = ReasonSessionsUsedUp
		p.Detail = fmt.Sprintf("%s has %d sessions, and the quota is %d. None of them is of this fleet.", p.Interface.ID, len(p.Sessions), quota)
	}
	p.Number = p.Next
}

// isEarlier orders interfaces by the time at which they were attached (A0191), and those that
// are not attached after them.
func isEarlier(a, b account.NetworkInterface) bool {
	if a.Attached.IsZero() != b.Attached.IsZero() {
		return b.Attached.IsZero()
	}
	return cmp.Or(a.Attached.Compare(b.Attached), strings.Compare(a.ID, b.ID)) < 0
}

// assign gives a source the best candidate that has room for it.
func (a *assigner) assign(p *Proposal) {
	source := a.counted(mirror.Session{InterfaceID: p.Interface.ID, ID: "new on " + p.Interface.ID})
	var best *candidate
	var fullInZone []string
	looping := 0
	for _, c := range a.candidates {
		if isApplianceOf(a.Fleet, c.target, p.Interface.Interface) {
			looping++
			continue
		}
		if len(c.sources) >= c.limit && !c.sources[source] {
			if c.distance(p.Interface.Zone) == inZone {
				fullInZone = append(fullInZone, c.Key)
			}
			continue
		}
		if best == nil || c.isBetter(best, p.Interface.Zone) {
			best = c
		}
	}
	if best == nil {
		p.Reason, p.Detail = ReasonTargetsFull, fmt.Sprintf("Each of targets has as many sources as it can have: %s.", occupancy(a.candidates))
		switch {
		case len(a.candidates) == 0:
			p.Detail = "There is no target in targets."
		case looping == len(a.candidates):
			p.Reason, p.Detail = ReasonBacksTarget, fmt.Sprintf("%s is an appliance behind the load balancer of each of targets. What a Network Load Balancer sends back to its source is lost.", p.Interface.ID)
		}
		return
	}
	best.sources[source] = true
	p.Target, p.TargetID, p.TargetZones = best.Key, best.target.ID, best.zones
	if best.distance(p.Interface.Zone) == inOtherZone {
		p.FullInZone = fullInZone
	}
}

// isBetter reports whether a source in a zone prefers c to other. First, a target that may receive
// is better than one that receives nothing now. Then a target in its zone is better than one in an
// unknown zone, and that one is better than one in another zone. Then the target with the smallest
// share of its limit in use is better, counted with the source. Between equals, the first key wins.
func (c *candidate) isBetter(other *candidate, zone string) bool {
	if (c.idle == "") != (other.idle == "") {
		return c.idle == ""
	}
	if a, b := c.distance(zone), other.distance(zone); a != b {
		return a < b
	}
	// Cross-multiplied, because the shares are fractions.
	return int64(len(c.sources)+1)*int64(other.limit) < int64(len(other.sources)+1)*int64(c.limit)
}

// The distances of a candidate from a zone. A smaller one is better.
const (
	inZone = iota
	inUnknownZone
	inOtherZone
)

func (c *candidate) distance(zone string) int {
	switch {
	case c.zones == nil || zone == "":
		return inUnknownZone
	case slices.Contains(c.zones, zone):
		return inZone
	}
	return inOtherZone
}

// occupancy lists how many sources each candidate has, and can have.
func occupancy(candidates []*candidate) string {
	var all []string
	for _, c := range candidates {
		all = append(all, fmt.Sprintf("%q has %d of %d", c.Key, len(c.sources), c.limit))
	}
	return strings.Join(all, ", ")
}
