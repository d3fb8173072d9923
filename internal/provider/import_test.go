package provider_test

import (
	"strings"
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

// What is no address of an object of the kind is refused in words, before EC2 is asked.
func TestImport_refused(t *testing.T) {
	t.Parallel()
	server, _ := newAccount(t).server(t)
	const fix = ` Write the ID of a traffic mirror session, such as "tms-0123456789abcdef0"; its ID and Region, "tms-0123456789abcdef0@eu-west-1"; or its ARN, "arn:aws:ec2:eu-west-1:123456789012:traffic-mirror-session/tms-0123456789abcdef0".`
	const arn = "arn:aws:ec2:eu-west-1:123456789012:traffic-mirror-session/tms-0123456789abcdef0"
	for id, want := range map[string]string{
		"":                                   "The import ID is empty." + fix,
		"web":                                `The import ID is "web".` + fix,
		"tms-0123456789abcdef0@eu-nowhere-1": `"eu-nowhere-1" is not the name of an AWS Region. Write one such as "eu-west-1", or set skip_region_validation for a Region that is newer than this provider.`,
		"tms-0123456789abcdef0@cn-north-1":   `region is "cn-north-1", which is in the partition aws-cn. The credentials of the provider block are of the partition aws, and are not valid there. Write a Region of aws, or use a provider block with credentials of aws-cn.`,
		strings.Replace(arn, "123456789012", "999999999999", 1): `The object is of the account "999999999999", but the provider uses "123456789012". Use a provider block with credentials of "999999999999".`,
		strings.Replace(arn, "arn:aws:", "arn:aws-cn:", 1):      `The object is of the partition "aws-cn", but the provider uses "aws". Use a provider block with credentials of "aws-cn".`,
	} {
		resp, err := server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: "trafficmirror_session", ID: id})
		if err != nil {
			t.Fatal(err)
		}
		if len(resp.Diagnostics) != 1 || resp.Diagnostics[0].Detail != want {
			t.Errorf("%s: %s", id, worded(resp.Diagnostics))
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
