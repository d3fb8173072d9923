package provider_test

import (
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
