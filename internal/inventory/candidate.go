package inventory

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A Candidate is a target that sources can be assigned to, as a configuration names it. It is
// found by its ID, by what backs it, or by its tags: exactly one of them is set. Without its ID,
// it may not exist yet, so that sources can be assigned to it before it is created.
type Candidate struct {
	Key        string
	Target     mirror.Target // its ID, or the ID or the ARN of what backs it
	Tags       map[string]string
	Zone       string // name of its Availability Zone; empty: that of what backs it
	MaxSources int    // 0: the quota
}

// MaxSources is the range of Candidate.MaxSources.
var MaxSources = mirror.Range{Min: 1, Max: math.MaxInt32}

// CandidateFields are the names of the fields of which a candidate has exactly one.
var CandidateFields = append(append([]string{"id"}, mirror.TargetBackings...), "tags")

// validateCandidates checks candidates as they are written.
func validateCandidates(candidates []Candidate) mirror.Problems {
	var ps mirror.Problems
	for _, c := range candidates {
		ps = append(ps, c.validate().Below(fmt.Sprintf("targets[%q]", c.Key))...)
	}
	return ps
}

func (c Candidate) validate() mirror.Problems {
	var set []string
	for i, isSet := range []bool{c.Target.ID != "", c.Target.InterfaceID != "", c.Target.LoadBalancerARN != "", c.Target.GatewayLoadBalancerEndpointID != "", c.Tags != nil} {
		if isSet {
			set = append(set, CandidateFields[i])
		}
	}
	if len(set) != 1 {
		wrong := "does not say which target it is"
		if set != nil {
			wrong = "has " + strings.Join(set, " and ")
		}
		return mirror.Problems{{Kind: mirror.Conflict, With: CandidateFields, Wrong: wrong, Fix: "Set exactly one of " + strings.Join(CandidateFields, ", ") + "."}}
	}
	switch {
	case c.Target.ID != "":
		return mirror.KindTarget.Check("id", c.Target.ID)
	case c.Tags == nil:
		return c.Target.Validate()
	case len(c.Tags) == 0:
		return mirror.Problems{{Kind: mirror.Invalid, Field: "tags", Wrong: "is an empty map, which every target matches", Fix: "Write at least one tag."}}
	}
	return nil
}

// A candidate is a Candidate with what EC2 shows of its target.
type candidate struct {
	Candidate
	target  mirror.Target   // without ID: it does not exist yet
	idle    string          // why it receives nothing now, as a sentence; "": it does, or that is not known
	zones   []string        // nil: unknown
	limit   int             // of sources; noLimit if there is none
	sources map[string]bool // by what the quota counts
}

// noLimit is the limit of a target without a quota: a load balancer or an endpoint.
const noLimit = math.MaxInt32

// resolve finds the targets of the candidates, in the order of their keys.
func (a *assigner) resolve() mirror.Problems {
	var ps mirror.Problems
	keys := map[string]string{} // by target
	for _, c := range slices.SortedFunc(slices.Values(a.wish.Targets), func(a, b Candidate) int { return strings.Compare(a.Key, b.Key) }) {
		field := fmt.Sprintf("targets[%q]", c.Key)
		found := a.find(c)
		if len(found) > 1 {
			ps = append(ps, mirror.Problem{
				Kind: mirror.Conflict, Field: field, Wrong: fmt.Sprintf("has tags that %s have", strings.Join(found, " and ")),
				Fix: "Write tags that only one target has, or its id.",
			})
			continue
		}
		if len(found) == 0 && c.Target.ID != "" {
			ps = append(ps, mirror.Problem{
				Kind: mirror.Invalid, Field: field + ".id", Wrong: fmt.Sprintf("is %s, and EC2 shows no such target", c.Target.ID),
				Fix: fmt.Sprintf("Write the ID of a target that exists in this Region, or remove %s.", field),
			})
			continue
		}
		resolved := &candidate{Candidate: c, target: c.Target, sources: map[string]bool{}}
		if len(found) == 1 {
			resolved.target = a.targets[found[0]].Noun
		}
		id := resolved.target.ID
		if other, taken := keys[id]; taken && id != "" {
			ps = append(ps, mirror.Problem{
				Kind: mirror.Conflict, Field: field, Wrong: fmt.Sprintf("is target %s, and so is targets[%q]", id, other), Fix: "Remove one of them.",
			})
			continue
		}
		keys[id] = c.Key
		a.complete(resolved)
		a.candidates = append(a.candidates, resolved)
	}
	return ps
}

// find returns the IDs of the targets that a candidate can be.
func (a *assigner) find(c Candidate) []string {
	var found []string
	for _, t := range a.Targets {
		isFound := c.Target.ID == t.Noun.ID
		switch {
		case c.Tags != nil:
			isFound = mirror.HasTags(t.Tags, c.Tags)
		case c.Target.ID == "":
			isFound = c.Target.Backing() == t.Noun.Backing()
		}
		if isFound {
			found = append(found, t.Noun.ID)
		}
	}
	return found
}

// complete adds the zones, the limit, why it receives nothing, and the sources of a candidate.
func (a *assigner) complete(c *candidate) {
	backing := a.backing(c.target)
	c.zones, c.limit, c.idle = zonesOf(backing), a.sourcesLimit(c), a.idle(c.target, backing)
	if c.Zone != "" {
		c.zones = []string{c.Zone}
	}
	for _, s := range a.Sessions {
		if c.target.ID != "" && s.Noun.TargetID == c.target.ID {
			c.sources[a.counted(s.Noun)] = true
		}
	}
}

// counted returns what the quota of sources counts of a session: its interface (A0051), or in
// a variant of the embedded EC2 the session.
func (a *assigner) counted(s mirror.Session) string {
	if a.Rules.SessionsPerTarget {
		return s.ID
	}
	return s.InterfaceID
}

// backing returns the interfaces that back a target, as far as EC2 shows them.
func (a *assigner) backing(target mirror.Target) []account.NetworkInterface {
	var backing []account.NetworkInterface
	id := target.InterfaceID
	switch target.Type() {
	case mirror.GatewayLoadBalancerEndpoint:
		id = a.Endpoints[target.GatewayLoadBalancerEndpointID]
	case mirror.NetworkLoadBalancer:
		description := mirror.LoadBalancerInterfaceDescription(target.LoadBalancerARN)
		for _, i := range a.Interfaces {
			if i.Description == description {
				backing = append(backing, i)
			}
		}
	}
	if i, found := a.Interface(id); found {
		backing = append(backing, i)
	}
	return backing
}

// idle says why a target receives nothing now, or returns "". What EC2 does not show of it is no
// reason. It shows what backs a target to the owner only, and an endpoint without a target to
// nobody here.
func (a *assigner) idle(target mirror.Target, backing []account.NetworkInterface) string {
	switch isOwn := target.ID != "" && target.OwnerID != "" && target.OwnerID == ownerOf(a.Fleet); {
	case len(backing) == 0 && isOwn:
		return fmt.Sprintf("EC2 does not show what backs target %s: it was deleted, or it is not active.", target.ID)
	case target.InterfaceID == "":
		return a.undelivered(target)
	}
	receiver, _ := a.receiver(target.InterfaceID)
	if why := receiver.Obstacle(); why != "" {
		return fmt.Sprintf("%s %s.", target.InterfaceID, why)
	}
	return ""
}

// undelivered says why no copy arrives behind a load balancer or an endpoint, or returns "".
func (a *assigner) undelivered(target mirror.Target) string {
	endpoint, isRead := a.Receivers[target.Backing()]
	if !isRead || endpoint.Gone { // EC2 shows an endpoint without a target to nobody here
		return ""
	}
	loss, isLost := endpoint.Loss("")
	if !isLost {
		return ""
	}
	return loss.Fact(target.Backing()) + "."
}

// isApplianceOf reports whether an interface is an appliance behind the load balancer of a target, whatever its
// health is.
func isApplianceOf(f *Fleet, target mirror.Target, i mirror.Interface) bool {
	endpoint := f.Receivers[target.Backing()]
	return slices.ContainsFunc(endpoint.TargetGroups, func(g mirror.TargetGroup) bool {
		return slices.ContainsFunc(g.Targets, func(t mirror.RegisteredTarget) bool { return endpoint.LoopsBack(i, g, t) })
	})
}

// zonesOf returns the Availability Zones of interfaces, or nil if EC2 does not show them.
func zonesOf(backing []account.NetworkInterface) []string {
	var zones []string
	for _, i := range backing {
		if i.Zone != "" && !slices.Contains(zones, i.Zone) {
			zones = append(zones, i.Zone)
		}
	}
	return zones
}

// sourcesLimit returns how many sources a candidate can have. The quota depends on the instance
// of the interface that backs the target. Where EC2 shows none, the configuration may know a
// larger quota.
func (a *assigner) sourcesLimit(c *candidate) int {
	quota, isKnown := a.Rules.Quotas.SourcesPerTarget, false
	switch c.target.Type() {
	case mirror.NetworkInterface:
		instance, isAttached := a.instances[a.interfaces[c.target.InterfaceID].InstanceID]
		quota, isKnown = a.Rules.Quotas.SourcesOf(instance.Type), isAttached
	case mirror.NetworkLoadBalancer, mirror.GatewayLoadBalancerEndpoint:
		quota, isKnown = noLimit, true
	}
	switch {
	case c.MaxSources == 0:
		return quota
	case isKnown:
		return min(quota, c.MaxSources)
	}
	return c.MaxSources
}
