package check

import (
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// An exception names a finding, an object that it can be about, and a reason.
func TestException_Validate(t *testing.T) {
	t.Parallel()
	const id = "tmf-00000000000000001"
	for name, c := range map[string]struct {
		exception Exception
		want      string
	}{
		"one object":          {Exception{Finding: Quota, ID: "eni-00000000000000001", Because: "x"}, ""},
		"rules":               {Exception{Finding: UnreachableRule, ID: id, Rules: []int{20}, Direction: mirror.Ingress, Because: "x"}, ""},
		"a misspelt name":     {Exception{Finding: "quotas", ID: id, Because: "x"}, `finding is "quotas", which is not the name of a finding. Write one of embedded_ec2, ipv6_forgotten, mirrors_nothing, no_healthy_appliance, no_listener, no_sources, other_zone, ports_forgotten, quota, shadowed_session, simulation_waits, target_moves, target_unavailable, unproved_assertion, unreachable_rule, verdicts_change, zone_without_appliance.`},
		"no name, no reason":  {Exception{ID: id}, "finding is missing. Write one of embedded_ec2, ipv6_forgotten, mirrors_nothing, no_healthy_appliance, no_listener, no_sources, other_zone, ports_forgotten, quota, shadowed_session, simulation_waits, target_moves, target_unavailable, unproved_assertion, unreachable_rule, verdicts_change, zone_without_appliance.\nbecause is missing. Write why the finding does not matter, for whoever reads the configuration next."},
		"about no object":     {Exception{Finding: EmbeddedEC2, ID: id, Because: "x"}, `finding is "embedded_ec2", which is about no object. Write "embedded_ec2" itself as an element of silence, without an object around it.`},
		"no ID":               {Exception{Finding: Quota, Because: "x"}, `id is missing. Write the ID of the object, "tmf-..." or "eni-..." or "tmt-...". To silence the finding for every object, write only its name.`},
		"another kind":        {Exception{Finding: UnreachableRule, ID: "tmfr-00000000000000001", Because: "x"}, `id is "tmfr-00000000000000001", and unreachable_rule is about no such object. Write "tmf-...".`},
		"rules of no rule":    {Exception{Finding: MirrorsNothing, ID: id, Rules: []int{20}, Because: "x"}, "rule_numbers is set, but the finding names no rules. Only unreachable_rule and ports_forgotten name rules. Remove it."},
		"direction of none":   {Exception{Finding: MirrorsNothing, ID: id, Direction: mirror.Egress, Because: "x"}, "traffic_direction is set, but the finding names no rules. Only unreachable_rule and ports_forgotten name rules. Remove it."},
		"direction, no rules": {Exception{Finding: UnreachableRule, ID: id, Direction: mirror.Egress, Because: "x"}, "rule_numbers is missing, but traffic_direction is set. Write the numbers of the rules, or remove traffic_direction."},
		"no rule numbers":     {Exception{Finding: UnreachableRule, ID: id, Rules: []int{0}, Because: "x"}, "rule_numbers is 0. Write a whole number from 1 to 32766."},
	} {
		got := ""
		if ps := c.exception.Validate(); ps != nil {
			got = ps.Error()
		}
		if got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, c.want)
		}
	}
}

// An exception silences its finding, about its object, and about its rules if it has some.
func TestPolicy_Silences(t *testing.T) {
	t.Parallel()
	rule := func(d mirror.Direction, n int) mirror.Rule { return mirror.Rule{Direction: d, Number: n} }
	p := Policy{Silenced: []string{Quota}, Exceptions: []Exception{
		{Finding: MirrorsNothing, ID: "tmf-1"}, {Finding: UnreachableRule, ID: "tmf-1", Rules: []int{20}}, {Finding: UnreachableRule, ID: "tmf-2", Rules: []int{30}, Direction: mirror.Egress},
	}}
	for name, is := range map[string]bool{
		"by its name":             p.Silences(Quota, "tmf-9"),
		"about the object":        p.Silences(MirrorsNothing, "eni-1", "tmf-1"),
		"rule of both directions": p.silencesRule(UnreachableRule, "tmf-1", rule(mirror.Egress, 20)),
		"rule of its direction":   p.silencesRule(UnreachableRule, "tmf-2", rule(mirror.Egress, 30)),
		"any rule, by object":     p.silencesRule(MirrorsNothing, "tmf-1", rule(mirror.Egress, 1)),
		"not of another object":   !p.Silences(MirrorsNothing, "tmf-2"),
		"not of a new object":     !p.Silences(MirrorsNothing, ""),
		"not for all rules":       !p.Silences(UnreachableRule, "tmf-1"),
		"not another rule":        !p.silencesRule(UnreachableRule, "tmf-1", rule(mirror.Ingress, 21)),
		"not the other direction": !p.silencesRule(UnreachableRule, "tmf-2", rule(mirror.Ingress, 30)),
		"not of another filter":   !p.silencesRule(UnreachableRule, "tmf-3", rule(mirror.Ingress, 20)),
		"not another finding":     !p.Silences(IPv6Forgotten, "tmf-1"),
	} {
		if !is {
			t.Errorf("a finding is silenced %s: that is not so", name)
		}
	}
}
