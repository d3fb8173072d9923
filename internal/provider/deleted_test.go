package provider_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// An object that somebody deletes between a plan and its apply is an error that says so, and
// what to do.
func TestDeletedAfterPlan(t *testing.T) {
	t.Parallel()
	for kind := range companions {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			g := newGenerator(t, kind)
			made := g.create(t)
			var id string
			if err := attributesOf(made.value)["id"].As(&id); err != nil {
				t.Fatal(err)
			}
			tags := spot{tftypes.NewAttributePath().WithAttributeName("tags"), tftypes.Map{ElementType: tftypes.String}}
			plans := map[string]tftypes.Value{"tags": withValue(t, g.configs[0], tags, attributesOf(g.configs[1])["tags"])}
			switch kind {
			case "trafficmirror_filter":
				plans["rules"] = g.configs[1]
			case "trafficmirror_filter_rule", "trafficmirror_session":
				description := spot{tftypes.NewAttributePath().WithAttributeName("description"), tftypes.String}
				plans["settings"] = with(t, g.configs[0], description, "changed")
			case "trafficmirror_target":
				description := spot{tftypes.NewAttributePath().WithAttributeName("description"), tftypes.String}
				plans["backing"] = with(t, g.configs[1], description, "a")
			}
			planned := map[string]*planned{}
			for name, config := range plans {
				plan, wrong := g.plan(t, made, config)
				if wrong != nil {
					t.Fatal(wrong)
				}
				planned[name] = plan
			}
			g.remove(t, id)
			for name, plan := range planned {
				_, wrong := g.apply(t, plan)
				const want = "was deleted after the plan, outside of this apply. Plan again: Terraform then creates it anew."
				if wrong == nil || !strings.Contains(wrong.String(), id+" "+want) {
					t.Errorf("%s: %v", name, wrong)
				}
			}
		})
	}
}

// remove deletes an object outside of Terraform.
func (g *generator) remove(t *testing.T, id string) {
	t.Helper()
	var err error
	switch client := g.account.client; g.kind {
	case "trafficmirror_target":
		_, err = client.DeleteTrafficMirrorTarget(t.Context(), &ec2.DeleteTrafficMirrorTargetInput{TrafficMirrorTargetId: &id})
	case "trafficmirror_filter":
		_, err = client.DeleteTrafficMirrorFilter(t.Context(), &ec2.DeleteTrafficMirrorFilterInput{TrafficMirrorFilterId: &id})
	case "trafficmirror_filter_rule":
		_, err = client.DeleteTrafficMirrorFilterRule(t.Context(), &ec2.DeleteTrafficMirrorFilterRuleInput{TrafficMirrorFilterRuleId: &id})
	case "trafficmirror_session":
		_, err = client.DeleteTrafficMirrorSession(t.Context(), &ec2.DeleteTrafficMirrorSessionInput{TrafficMirrorSessionId: &id})
	}
	if err != nil {
		t.Fatal(err)
	}
}
