package provider

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// movedFrom is where an object is that was moved from provider "aws". An empty value is not
// known.
type movedFrom struct {
	Region    string `json:"region"`
	AccountID string `json:"account_id"`
}

// moverFrom moves the state of an object from a resource of provider "aws". It keeps only
// the ID and the Region: Terraform reads the object from EC2 next. The old state is not
// reliable, because that provider writes 0 for a value that is not set. The account is kept
// for Read, because the framework calls MoveState without Configure.
func (o *object) moverFrom(source string) []resource.StateMover {
	move := func(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
		if req.SourceTypeName != source || !isMoveSource(req.SourceProviderAddress) {
			return // another mover, or the framework's own error
		}
		var state struct {
			ID      string `json:"id"`
			ARN     string `json:"arn"`
			Region  string `json:"region"` // since version 6
			OwnerID string `json:"owner_id"`
		}
		if err := json.Unmarshal(req.SourceRawState.JSON, &state); err != nil || state.ID == "" {
			resp.Diagnostics.AddError("Unreadable state of "+source, fmt.Sprintf("The state has no readable id (%v). Remove the moved block, and import the object by its ID.", err))
			return
		}
		name, _ := arn.Parse(state.ARN) // the zero ARN of a text that is none
		from := movedFrom{Region: cmp.Or(state.Region, name.Region), AccountID: cmp.Or(state.OwnerID, name.AccountID)}
		id, region := types.StringValue(state.ID), flattenText(from.Region, types.StringNull())
		resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root("id"), id)...)
		resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root("region"), region)...)
		setIdentity(ctx, resp.TargetIdentity, identityModel{ID: id, AccountID: flattenText(from.AccountID, types.StringNull()), Region: region}, &resp.Diagnostics)
		resp.Diagnostics.Append(writePrivate(ctx, resp.TargetPrivate, movedKey, from)...)
	}
	return []resource.StateMover{{StateMover: move}}
}

// isMoveSource says whether state of provider "aws" comes from a provider. For the instances of
// a resource that are moved one by one, Terraform 1.11 to 1.15 name provider "aws" in the first
// move only. In the others they name this provider.
func isMoveSource(address string) bool {
	return strings.HasSuffix(address, "/hashicorp/aws") || strings.HasSuffix(address, "/trafficmirror")
}

// readMoved ends the move of an object: what another provider said of it is forgotten. It
// refuses one of another account or partition. EC2 would not find it, and the plan would
// create it anew.
func (o *object) readMoved(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse, here *regional, id types.String) {
	moved, found := readPrivate[movedFrom](ctx, req.Private, movedKey)
	resp.Diagnostics.Append(found...)
	if moved == (movedFrom{}) {
		resp.Diagnostics.Append(forgetPrivate(ctx, resp.Private, movedKey)...)
		return
	}
	if moved.Region != "" {
		resp.Diagnostics.Append(o.conn.checkRegion(moved.Region)...)
	}
	if account := here.account.ID; moved.AccountID != "" && account != "" && moved.AccountID != account {
		resp.Diagnostics.AddError("Move from another account", fmt.Sprintf(
			"The state of provider aws says that %s belongs to account %s, but this provider block uses account %s. Use a provider block with credentials of account %[2]s in this resource.",
			id.ValueString(), moved.AccountID, account))
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(forgetPrivate(ctx, resp.Private, movedKey)...)
	resp.Diagnostics.Append(o.conn.noteArrival(ctx, resp.Private, byMove)...)
}

// refuseUnread refuses the plan of an object that was moved and that Read has not read. Of
// such an object only the ID is known, so the plan would replace it.
func refuseUnread(ctx context.Context, private privateReader, diags *diag.Diagnostics) {
	text, found := private.GetKey(ctx, movedKey)
	diags.Append(found...)
	if text != nil {
		diags.AddError("A moved object was not read", "The plan moves this object from provider aws, and does not read it from EC2. Plan without -refresh=false.")
	}
}
