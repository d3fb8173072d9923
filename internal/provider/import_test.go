package provider_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// imported imports an object and reads it, as Terraform does.
func (c *core) imported(t *testing.T, id string) (instance, *refusal) {
	t.Helper()
	resp, err := c.server(t).ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: c.kind, ID: id})
	if err != nil {
		t.Fatal(err)
	}
	if wrong := refused(resp.Diagnostics); wrong != nil {
		return instance{}, wrong
	}
	one := resp.ImportedResources[0]
	return c.read(t, instance{c.value(t, one.State), one.Private, one.Identity})
}

// generated is the configuration that terraform plan -generate-config-out writes: what the
// state has of the arguments that can be written.
func (c *core) generated(t *testing.T, state tftypes.Value) tftypes.Value {
	t.Helper()
	values := attributesOf(state)
	for _, a := range c.schema.Block.Attributes {
		if !a.Required && !a.Optional {
			values[a.Name] = tftypes.NewValue(values[a.Name].Type(), nil)
		}
	}
	return tftypes.NewValue(state.Type(), values)
}

// What is imported, or was made with protocol 0 elsewhere, plans clean with the
// configuration that Terraform generates of it.
func TestImport_plansClean(t *testing.T) {
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
			ids := []string{id}
			filterID := map[string]string{"trafficmirror_filter": id, "trafficmirror_filter_rule": g.names.Replace("FILTER")}[kind]
			if filterID != "" {
				rule, err := g.account.client.CreateTrafficMirrorFilterRule(t.Context(), &ec2.CreateTrafficMirrorFilterRuleInput{
					TrafficMirrorFilterId: &filterID, TrafficDirection: "ingress", RuleNumber: aws.Int32(300), RuleAction: "accept", Protocol: aws.Int32(0),
					SourceCidrBlock: aws.String("10.0.0.0/8"), DestinationCidrBlock: aws.String("10.0.0.0/8"),
				})
				if err != nil {
					t.Fatal(err)
				}
				if kind == "trafficmirror_filter_rule" {
					ids = append(ids, *rule.TrafficMirrorFilterRule.TrafficMirrorFilterRuleId)
				}
			}
			for _, id := range ids {
				state, wrong := g.imported(t, id)
				if wrong != nil {
					t.Fatal(wrong)
				}
				plan, wrong := g.plan(t, state, g.generated(t, state.value))
				if wrong != nil {
					t.Fatalf("the generated configuration is refused: %s\n%s", wrong, state.value)
				}
				if !plan.same() {
					diff, err := plan.value.Diff(state.value)
					t.Errorf("the plan of the generated configuration is not empty: %v %v", diff, err)
				}
			}
		})
	}
}

// An import by an ID that is none, or by none, is refused in words.
func TestImport_empty(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{
		"trafficmirror_target":      `The import ID is empty. Write the ID of a traffic mirror target: "tmt-" and 17 hexadecimal digits.`,
		"trafficmirror_filter":      `The import ID is empty. Write the ID of a traffic mirror filter: "tmf-" and 17 hexadecimal digits.`,
		"trafficmirror_filter_rule": `The import ID is empty. Write the ID of a traffic mirror filter rule: "tmfr-" and 17 hexadecimal digits.`,
		"trafficmirror_session":     `The import ID is empty. Write the ID of a traffic mirror session: "tms-" and 17 hexadecimal digits.`,
	} {
		server, _ := newAccount(t).server(t)
		resp, err := server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: kind})
		if err != nil {
			t.Fatal(err)
		}
		if len(resp.Diagnostics) != 1 || resp.Diagnostics[0].Detail != want {
			t.Errorf("%s: %s", kind, worded(resp.Diagnostics))
		}
	}
}

// A VNI that is removed after an import is kept, because it may be one that EC2 has chosen.
// After an apply that has changed the session with the VNI in the configuration, removing
// it resets it. So says the documentation of virtual_network_id.
func TestImport_virtualNetworkID(t *testing.T) {
	t.Parallel()
	g := newGenerator(t, "trafficmirror_session")
	var id string
	if err := attributesOf(g.create(t).value)["id"].As(&id); err != nil {
		t.Fatal(err)
	}
	state, wrong := g.imported(t, id)
	if wrong != nil {
		t.Fatal(wrong)
	}
	network := func(v tftypes.Value) tftypes.Value { return attributesOf(v)["virtual_network_id"] }
	at := func(name string, of tftypes.Type) spot {
		return spot{tftypes.NewAttributePath().WithAttributeName(name), of}
	}
	without := func(config tftypes.Value) tftypes.Value {
		return with(t, config, at("virtual_network_id", tftypes.Number), nil)
	}
	config := g.generated(t, state.value)
	plan, wrong := g.plan(t, state, without(config))
	if wrong != nil || !network(plan.value).Equal(network(state.value)) {
		t.Errorf("after the import it is planned as %s (%v)", network(plan.value), wrong)
	}
	changed := with(t, config, at("description", tftypes.String), "changed")
	if plan, wrong = g.plan(t, state, changed); wrong != nil {
		t.Fatal(wrong)
	}
	if state, wrong = g.apply(t, plan); wrong != nil {
		t.Fatal(wrong)
	}
	plan, wrong = g.plan(t, state, without(changed))
	if wrong != nil || network(plan.value).IsKnown() {
		t.Errorf("after an apply it is planned as %s (%v)", network(plan.value), wrong)
	}
}
