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
// the ID: Terraform reads the object from EC2 next. The old state is not reliable, because
// that provider writes 0 for a value that is not set. The Region of the object is kept for
// Read, because the framework calls MoveState without Configure.
func (o *object) moverFrom(source string) []resource.StateMover {
	move := func(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
		if req.SourceTypeName != source || !strings.HasSuffix(req.SourceProviderAddress, "/hashicorp/aws") {
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
		id := types.StringValue(state.ID)
		resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root("id"), id)...)
		o.identify(ctx, resp.TargetIdentity, nil, id, &resp.Diagnostics)
		name, _ := arn.Parse(state.ARN) // the zero ARN of a text that is none
		resp.Diagnostics.Append(writePrivate(ctx, resp.TargetPrivate, movedKey, movedFrom{
			Region:    cmp.Or(state.Region, name.Region),
			AccountID: cmp.Or(state.OwnerID, name.AccountID),
		})...)
	}
	return []resource.StateMover{{StateMover: move}}
}

// refuseElsewhere refuses an object that was moved and is not in the Region or the account
// of the provider block. EC2 would not find it there, and the plan would create it anew.
func (o *object) refuseElsewhere(ctx context.Context, private privateReader, at *regional, id types.String, diags *diag.Diagnostics) {
	moved, found := readPrivate[movedFrom](ctx, private, movedKey)
	diags.Append(found...)
	here := identityIn(at, id)
	if region := here.Region.ValueString(); moved.Region != "" && moved.Region != region {
		alias := strings.ReplaceAll(moved.Region, "-", "_")
		diags.AddError("Move from another Region", fmt.Sprintf(
			"The state of provider aws says that %s is in %s, but this provider block uses %s. Add a provider block for %[2]s:\n\n"+
				"  provider \"trafficmirror\" {\n    alias  = %[4]q\n    region = %[2]q\n  }\n\nUse it in this resource, and keep the moved block:\n\n  provider = trafficmirror.%[4]s",
			id.ValueString(), moved.Region, region, alias))
	}
	if account := here.AccountID.ValueString(); moved.AccountID != "" && account != "" && moved.AccountID != account {
		diags.AddError("Move from another account", fmt.Sprintf(
			"The state of provider aws says that %s belongs to account %s, but this provider block uses account %s. Use a provider block with credentials of account %[2]s in this resource.",
			id.ValueString(), moved.AccountID, account))
	}
}

// refuseUnread refuses the plan of an object that was moved and that Read has not read. Of
// such an object only the ID is known, so the plan would replace it.
func (o *object) refuseUnread(ctx context.Context, private privateReader, diags *diag.Diagnostics) {
	text, found := private.GetKey(ctx, movedKey)
	diags.Append(found...)
	if text != nil {
		diags.AddError("A moved object was not read", "The plan moves this object from provider aws, and does not read it from EC2. Plan without -refresh=false.")
	}
}
