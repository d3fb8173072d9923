package inventory

import (
	"sort"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Managed says how to know that a configuration manages an object: the object has this tag.
type Managed struct {
	TagKey   string
	TagValue *string // nil: every value
}

// Has reports whether an object with these tags is managed.
func (m Managed) Has(tags map[string]string) bool {
	value, found := tags[m.TagKey]
	return found && (m.TagValue == nil || *m.TagValue == value)
}

// Validate checks the tag.
func (m Managed) Validate() mirror.Problems {
	if m.TagKey == "" {
		return mirror.Problems{{Kind: mirror.Missing, Field: "key", Wrong: "is empty", Fix: "Write the key of a tag that every session of your configurations has."}}
	}
	return nil
}

// CoverageQuestions is what is asked about a fleet.
type CoverageQuestions struct {
	Selection Selection // without conditions: the whole account
	Managed   *Managed  // nil: not asked
	Price     Money     // of one session for one hour
	Endpoints map[string]mirror.Endpoint
}

// OrAll returns the selection, or one of every interface if it has no condition.
func (s Selection) OrAll() Selection {
	s.All = s.All || !s.hasCondition()
	return s
}

// Coverage is who mirrors what, to where, and at what cost.
type Coverage struct {
	Interfaces []InterfaceCoverage // in the order of their IDs
	Sessions   []SessionCoverage   // of the interfaces, by interface and number
	Idle       []Idle              // of Sessions, in the same order
	Targets    []TargetUse         // in the order of their IDs

	OtherAccounts []SessionCoverage // whose target belongs to another account than the session
	Unmanaged     []string          // IDs of sessions without the tag, sorted; nil: not asked
	Twice         CopiedTwice
	Cost          Cost
}

// InterfaceCoverage is what is copied of the traffic of an interface.
type InterfaceCoverage struct {
	Source Source
	Class  Class
	Reason string // a sentence; "": nothing is to be said
}

// SessionCoverage is a session with what is known of it.
type SessionCoverage struct {
	Session       account.Tagged[mirror.Session]
	Status        Status
	Idle          IdleReason // "": it is not idle
	VPCID         string     // of its interface; "": unknown
	TargetOwnerID string     // "": unknown
}

// TargetUse is how much a target is used.
type TargetUse struct {
	Target   account.Tagged[mirror.Target]
	Sessions int  // that the account sees
	Idle     int  // of these, those that do nothing
	Sources  int  // network interfaces of these sessions
	Quota    *int // of sources; nil: it has none, or it is not known
}

// Cost counts sessions that this account pays for.
type Cost struct {
	Price    Money // of one session for one hour
	Sessions SessionCount
	ByTarget map[string]SessionCount
	ByVPC    map[string]SessionCount // of the interface; "": unknown
}

// SessionCount counts sessions. AWS charges for idle sessions too.
type SessionCount struct{ All, Idle int }

func (c *SessionCount) add(isIdle bool) {
	c.All++
	if isIdle {
		c.Idle++
	}
}

// CoverageOf answers questions about a fleet.
func CoverageOf(f *Fleet, q CoverageQuestions) Coverage {
	s := newSurvey(f, q.Endpoints)
	selection := q.Selection.OrAll()
	isWhole := selection.All && len(selection.Exclude) == 0 && (selection.Interfaces == "" || selection.Interfaces == AllInterfaces)
	for _, source := range f.Select(selection) {
		s.add(source)
	}
	if isWhole {
		s.addRest()
	}
	sort.SliceStable(s.sessions, func(i, j int) bool {
		return account.IsTriedBefore(s.sessions[i].Session.Noun, s.sessions[j].Session.Noun)
	})
	sort.SliceStable(s.idle, func(i, j int) bool { return account.IsTriedBefore(s.idle[i].Session.Noun, s.idle[j].Session.Noun) })
	c := Coverage{Interfaces: s.interfaces, Sessions: s.sessions, Idle: s.idle, Twice: findTwice(s.talkers, s.unsure)}
	for _, session := range c.Sessions {
		if owner := session.Session.Noun.OwnerID; owner != "" && session.TargetOwnerID != "" && owner != session.TargetOwnerID {
			c.OtherAccounts = append(c.OtherAccounts, session)
		}
	}
	c.Targets = targetsOf(f, c.Sessions, isWhole)
	c.Cost = costOf(c.Sessions, ownerOf(f), q.Price)
	c.Unmanaged = unmanaged(c.Sessions, q.Managed)
	return c
}

// Count returns how many interfaces have each class.
func (c Coverage) Count() map[Class]int {
	count := map[Class]int{}
	for _, i := range c.Interfaces {
		count[i.Class]++
	}
	return count
}

// CountSessions returns how many sessions have each status.
func (c Coverage) CountSessions() map[Status]int {
	count := map[Status]int{}
	for _, s := range c.Sessions {
		count[s.Status]++
	}
	return count
}

func unmanaged(sessions []SessionCoverage, by *Managed) []string {
	if by == nil {
		return nil
	}
	ids := []string{}
	for _, s := range sessions {
		if !by.Has(s.Session.Tags) {
			ids = append(ids, s.Session.Noun.ID)
		}
	}
	sort.Strings(ids)
	return ids
}

// costOf counts the sessions that an account pays for: its own.
func costOf(sessions []SessionCoverage, payer string, price Money) Cost {
	c := Cost{Price: price, ByTarget: map[string]SessionCount{}, ByVPC: map[string]SessionCount{}}
	for _, s := range sessions {
		if owner := s.Session.Noun.OwnerID; owner != "" && payer != "" && owner != payer {
			continue
		}
		isIdle := s.Idle != ""
		c.Sessions.add(isIdle)
		for key, counts := range map[string]map[string]SessionCount{s.Session.Noun.TargetID: c.ByTarget, s.VPCID: c.ByVPC} {
			count := counts[key]
			count.add(isIdle)
			counts[key] = count
		}
	}
	return c
}

// targetsOf returns how much the targets of sessions are used, or all targets.
func targetsOf(f *Fleet, sessions []SessionCoverage, all bool) []TargetUse {
	idle, used := map[string]int{}, map[string]bool{}
	for _, s := range sessions {
		used[s.Session.Noun.TargetID] = true
		if s.Idle != "" {
			idle[s.Session.Noun.TargetID]++
		}
	}
	sources, count := map[string]map[string]bool{}, map[string]int{}
	for _, s := range f.Sessions {
		id := s.Noun.TargetID
		if sources[id] == nil {
			sources[id] = map[string]bool{}
		}
		sources[id][s.Noun.InterfaceID] = true
		count[id]++
	}
	var uses []TargetUse
	for _, t := range f.Targets {
		id := t.Noun.ID
		if !all && !used[id] {
			continue
		}
		uses = append(uses, TargetUse{Target: t, Sessions: count[id], Idle: idle[id], Sources: len(sources[id]), Quota: sourcesQuota(f, t.Noun)})
	}
	sort.Slice(uses, func(i, j int) bool { return uses[i].Target.Noun.ID < uses[j].Target.Noun.ID })
	return uses
}

// sourcesQuota returns the quota of sources of a target, or nil if it has none, or if it is not
// known because EC2 does not show the interface of the target or its instance.
func sourcesQuota(f *Fleet, t mirror.Target) *int {
	i, found := f.Interface(t.InterfaceID)
	if !found {
		return nil
	}
	instance, found := f.Instance(i.InstanceID)
	if i.InstanceID != "" && !found {
		return nil
	}
	quota := f.Rules.Quotas.SourcesOf(instance.Type)
	return &quota
}
