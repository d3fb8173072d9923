package check

import (
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// The names of findings that a configuration can silence.
const (
	IPv6Forgotten        = "ipv6_forgotten"
	MirrorsNothing       = "mirrors_nothing"
	NoHealthyAppliance   = "no_healthy_appliance"
	NoListener           = "no_listener"
	NoSources            = "no_sources"
	OtherZone            = "other_zone"
	PortsForgotten       = "ports_forgotten"
	Quota                = "quota"
	ShadowedSession      = "shadowed_session"
	SimulationWaits      = "simulation_waits"
	TargetMoves          = "target_moves"
	TargetUnavailable    = "target_unavailable"
	UnprovedAssertion    = "unproved_assertion"
	UnreachableRule      = "unreachable_rule"
	VerdictsChanged      = "verdicts_change"
	ZoneWithoutAppliance = "zone_without_appliance"

	// EmbeddedEC2 is not of a check: the embedded EC2 is in use.
	EmbeddedEC2 = "embedded_ec2"
)

// Silenceable lists the names of findings that a configuration can silence.
var Silenceable = []string{
	EmbeddedEC2, IPv6Forgotten, MirrorsNothing, NoHealthyAppliance, NoListener, NoSources, OtherZone, PortsForgotten, Quota, ShadowedSession, SimulationWaits, TargetMoves, TargetUnavailable,
	UnprovedAssertion, UnreachableRule, VerdictsChanged, ZoneWithoutAppliance,
}

// An Exception silences a finding about one object.
type Exception struct {
	Finding   string
	ID        string           // of the object
	Direction mirror.Direction // of the rules; "": both
	Rules     []int            // only about the rules of a filter with these numbers; nil: the whole finding
	Because   string           // why, for the readers of the configuration
}

// aboutObjects are the kinds of the objects that a finding can be about.
var aboutObjects = map[string][]mirror.Kind{
	IPv6Forgotten:        {mirror.KindFilter, mirror.KindInterface},
	MirrorsNothing:       {mirror.KindFilter},
	NoHealthyAppliance:   {mirror.KindTarget},
	NoListener:           {mirror.KindTarget},
	PortsForgotten:       {mirror.KindFilter},
	Quota:                {mirror.KindFilter, mirror.KindInterface, mirror.KindTarget},
	ShadowedSession:      {mirror.KindSession},
	SimulationWaits:      {mirror.KindInterface},
	TargetMoves:          {mirror.KindTarget},
	TargetUnavailable:    {mirror.KindTarget},
	UnprovedAssertion:    {mirror.KindFilter},
	UnreachableRule:      {mirror.KindFilter},
	VerdictsChanged:      {mirror.KindInterface},
	ZoneWithoutAppliance: {mirror.KindTarget},
}

// IsException reports whether a configuration can silence a finding about the object with an
// ID. An object that does not exist yet has none.
func IsException(finding, id string) bool {
	return slices.ContainsFunc(aboutObjects[finding], func(k mirror.Kind) bool { return k.Is(id) })
}

// aboutRules are the findings that name rules of a filter.
var aboutRules = []string{PortsForgotten, UnreachableRule}

// Validate checks the exception.
func (e Exception) Validate() mirror.Problems {
	var ps mirror.Problems
	kinds := aboutObjects[e.Finding]
	switch {
	case !slices.Contains(Silenceable, e.Finding):
		ps = append(ps, checkFindingName("finding", e.Finding)...)
	case kinds == nil:
		ps = append(ps, mirror.Problem{
			Kind: mirror.Conflict, Field: "finding", Wrong: "is \"" + e.Finding + "\", which is about no object",
			Fix: "Write \"" + e.Finding + "\" itself as an element of silence, without an object around it.",
		})
	case e.ID == "":
		ps = append(ps, mirror.Problem{
			Kind: mirror.Missing, Field: "id", Wrong: "is missing",
			Fix: "Write the ID of the object, " + idForms(kinds) + ". To silence the finding for every object, write only its name.",
		})
	case !IsException(e.Finding, e.ID):
		ps = append(ps, mirror.Problem{
			Kind: mirror.Invalid, Field: "id", Wrong: "is \"" + e.ID + "\", and " + e.Finding + " is about no such object",
			Fix: "Write " + idForms(kinds) + ".",
		})
	}
	if e.Because == "" {
		ps = append(ps, mirror.Problem{Kind: mirror.Missing, Field: "because", Wrong: "is missing", Fix: "Write why the finding does not matter, for whoever reads the configuration next."})
	}
	return append(ps, e.checkRules()...)
}

func (e Exception) checkRules() mirror.Problems {
	var ps mirror.Problems
	if e.Direction != "" {
		ps = e.Direction.Check("traffic_direction")
	}
	for _, n := range e.Rules {
		ps = append(ps, mirror.RuleNumbers.Check("rule_numbers", int64(n))...)
	}
	const only = "Only unreachable_rule and ports_forgotten name rules. Remove it."
	switch {
	case slices.Contains(aboutRules, e.Finding):
		if e.Direction != "" && e.Rules == nil {
			ps = append(ps, mirror.Problem{Kind: mirror.Missing, Field: "rule_numbers", Wrong: "is missing, but traffic_direction is set", Fix: "Write the numbers of the rules, or remove traffic_direction."})
		}
	case e.Rules != nil:
		ps = append(ps, mirror.Problem{Kind: mirror.Conflict, Field: "rule_numbers", Wrong: "is set, but the finding names no rules", Fix: only})
	case e.Direction != "":
		ps = append(ps, mirror.Problem{Kind: mirror.Conflict, Field: "traffic_direction", Wrong: "is set, but the finding names no rules", Fix: only})
	}
	return ps
}

// ValidateSilence checks the name of a finding to silence.
func ValidateSilence(name string) mirror.Problems {
	if slices.Contains(Silenceable, name) {
		return nil
	}
	return checkFindingName("", name)
}

func checkFindingName(field, name string) mirror.Problems {
	wrong := "is \"" + name + "\", which is not the name of a finding"
	if name == "" {
		wrong = "is missing"
	}
	return mirror.Problems{{Kind: mirror.Invalid, Field: field, Wrong: wrong, Fix: "Write one of " + strings.Join(Silenceable, ", ") + "."}}
}

// idForms says how the IDs of kinds look.
func idForms(kinds []mirror.Kind) string {
	forms := make([]string, len(kinds))
	for i, k := range kinds {
		forms[i] = "\"" + k.Prefix + "...\""
	}
	return strings.Join(forms, " or ")
}

// Silences reports whether a finding about objects is silenced. The IDs of objects that do not
// exist yet are empty.
func (p Policy) Silences(finding string, ids ...string) bool {
	return slices.Contains(p.Silenced, finding) || slices.ContainsFunc(p.Exceptions, func(e Exception) bool {
		return e.Finding == finding && e.Rules == nil && slices.Contains(ids, e.ID)
	})
}

// silencesRule reports whether a finding about a rule of a filter is silenced.
func (p Policy) silencesRule(finding, filterID string, r mirror.Rule) bool {
	return p.Silences(finding, filterID) || slices.ContainsFunc(p.Exceptions, func(e Exception) bool {
		return e.Finding == finding && e.ID == filterID && slices.Contains(e.Rules, r.Number) && (e.Direction == "" || e.Direction == r.Direction)
	})
}
