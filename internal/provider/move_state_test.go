package provider_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// A session of provider "aws" moves over with its ID, and is read from EC2 then.
func TestMoveState(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	target, err := a.client.CreateTrafficMirrorTarget(t.Context(), &ec2.CreateTrafficMirrorTargetInput{NetworkInterfaceId: aws.String(sensor)})
	if err != nil {
		t.Fatal(err)
	}
	id := *target.TrafficMirrorTarget.TrafficMirrorTargetId
	server, schemas := a.server(t)
	// The state of version 6, which has a Region.
	state := `{"id": "` + id + `", "region": "us-east-1", "network_interface_id": "` + sensor + `", "description": "", "tags": {}, "tags_all": {}}`
	moved, err := server.MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
		SourceProviderAddress: "registry.terraform.io/hashicorp/aws", SourceTypeName: "aws_ec2_traffic_mirror_target",
		SourceState: &tfprotov6.RawState{JSON: []byte(state)}, TargetTypeName: "trafficmirror_target",
	})
	if err != nil || len(moved.Diagnostics) > 0 {
		t.Fatal(err, moved.Diagnostics)
	}
	read, err := server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: "trafficmirror_target", CurrentState: moved.TargetState, CurrentIdentity: moved.TargetIdentity, Private: moved.TargetPrivate,
	})
	if err != nil || len(read.Diagnostics) > 0 {
		t.Fatal(err, read.Diagnostics)
	}
	value, err := read.NewState.Unmarshal(schemas.ResourceSchemas["trafficmirror_target"].ValueType())
	if err != nil {
		t.Fatal(err)
	}
	var attributes map[string]tftypes.Value
	if err := value.As(&attributes); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"id": id, "network_interface_id": sensor, "type": "network-interface"} {
		if !attributes[name].Equal(tftypes.NewValue(tftypes.String, want)) {
			t.Errorf("%s is %s, want %q", name, attributes[name], want)
		}
	}
}

// An object of another account or partition than the provider block's is refused, by the
// state of version 6, which has a Region, and by that of version 5, which has an ARN. Otherwise
// the plan would create a second one.
func TestMoveState_elsewhere(t *testing.T) {
	t.Parallel()
	server, _ := newAccount(t).server(t)
	for state, want := range map[string]string{
		`"region": "cn-north-1"`:     `region is "cn-north-1", which is in the partition aws-cn. The credentials of the provider block are of the partition aws, and are not valid there. Write a Region of aws, or use a provider block with credentials of aws-cn.`,
		`"owner_id": "999999999999"`: "The state of provider aws says that tmf-00000000000000001 belongs to account 999999999999, but this provider block uses account 123456789012. Use a provider block with credentials of account 999999999999 in this resource.",
		`"arn": "arn:aws:ec2:eu-west-1:999999999999:traffic-mirror-filter/tmf-00000000000000001"`: "The state of provider aws says that tmf-00000000000000001 belongs to account 999999999999, but this provider block uses account 123456789012. Use a provider block with credentials of account 999999999999 in this resource.",
		`"arn": "arn:aws:ec2:us-east-1::traffic-mirror-filter/tmf-00000000000000001"`:             "",
		`"region": "us-east-1", "owner_id": "123456789012"`:                                       "",
		`"region": "eu-west-1"`: "",
		`"arn": ""`:             "",
	} {
		moved, err := server.MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
			SourceProviderAddress: "registry.terraform.io/hashicorp/aws", SourceTypeName: "aws_ec2_traffic_mirror_filter",
			SourceState: &tfprotov6.RawState{JSON: []byte(`{"id": "tmf-00000000000000001", ` + state + `}`)}, TargetTypeName: "trafficmirror_filter",
		})
		if err != nil || len(moved.Diagnostics) > 0 {
			t.Fatal(err, moved.Diagnostics)
		}
		read, err := server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
			TypeName: "trafficmirror_filter", CurrentState: moved.TargetState, CurrentIdentity: moved.TargetIdentity, Private: moved.TargetPrivate,
		})
		switch {
		case err != nil:
			t.Fatal(err)
		case want == "" && len(read.Diagnostics) > 0 || want != "" && (len(read.Diagnostics) != 1 || read.Diagnostics[0].Detail != want):
			t.Errorf("%s: %s", state, worded(read.Diagnostics))
		}
		planned, err := server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
			TypeName: "trafficmirror_filter", PriorState: moved.TargetState, ProposedNewState: moved.TargetState, Config: moved.TargetState, PriorPrivate: moved.TargetPrivate,
		})
		if err != nil {
			t.Fatal(err)
		}
		if text := worded(planned.Diagnostics); !strings.Contains(text, "Plan without -refresh=false.") {
			t.Errorf("%s: without a refresh, the plan is %s", state, text)
		}
	}
}

// After the move of a rule, which has no tags in provider aws, the default tags are all that
// changes. So says the guide. Protocol 0 of that provider is every protocol.
func TestMoveState_defaultTags(t *testing.T) {
	t.Parallel()
	g := newGenerator(t, "trafficmirror_filter_rule")
	g.configure(t, map[string]any{"default_tags": []any{map[string]any{"tags": map[string]any{"Owner": "secops"}}}})
	filterID := g.names.Replace("FILTER")
	rule, err := g.account.client.CreateTrafficMirrorFilterRule(t.Context(), &ec2.CreateTrafficMirrorFilterRuleInput{
		TrafficMirrorFilterId: &filterID, TrafficDirection: "ingress", RuleNumber: aws.Int32(1), RuleAction: "accept",
		SourceCidrBlock: aws.String("0.0.0.0/0"), DestinationCidrBlock: aws.String("0.0.0.0/0"),
	})
	if err != nil {
		t.Fatal(err)
	}
	moved, err := g.server(t).MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
		SourceProviderAddress: "registry.terraform.io/hashicorp/aws", SourceTypeName: "aws_ec2_traffic_mirror_filter_rule", TargetTypeName: g.kind,
		SourceState: &tfprotov6.RawState{JSON: []byte(`{"id": "` + *rule.TrafficMirrorFilterRule.TrafficMirrorFilterRuleId + `", "protocol": 0}`)},
	})
	if err != nil || len(moved.Diagnostics) > 0 {
		t.Fatal(err, worded(moved.Diagnostics))
	}
	state, wrong := g.read(t, instance{g.value(t, moved.TargetState), moved.TargetPrivate, moved.TargetIdentity})
	if wrong != nil {
		t.Fatal(wrong)
	}
	plan, wrong := g.plan(t, state, g.generated(t, state.value))
	if wrong != nil {
		t.Fatal(wrong)
	}
	before, after := attributesOf(state.value), attributesOf(plan.value)
	for name := range after {
		if changes := !after[name].Equal(before[name]); changes != (name == "tags_all") {
			t.Errorf("%s changes from %s to %s", name, before[name], after[name])
		}
	}
	if plan.replaces != nil || !after["protocol"].IsNull() {
		t.Errorf("protocol is planned as %s, and the rule is replaced: %t", after["protocol"], plan.replaces != nil)
	}
}

// Another resource of that provider is none of ours.
func TestMoveState_other(t *testing.T) {
	t.Parallel()
	server, _ := newAccount(t).server(t)
	moved, err := server.MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
		SourceProviderAddress: "registry.terraform.io/hashicorp/aws", SourceTypeName: "aws_ec2_traffic_mirror_filter",
		SourceState: &tfprotov6.RawState{JSON: []byte(`{"id": "tmf-00000000000000001"}`)}, TargetTypeName: "trafficmirror_target",
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(moved.Diagnostics) == 0 {
		t.Error("a filter became a target")
	}
}
