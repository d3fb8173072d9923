package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// identityModel is the identity of an EC2 object. Terraform 1.12 and OpenTofu 1.12
// keep it beside the state and import by it.
type identityModel struct {
	ID        types.String `tfsdk:"id"`
	AccountID types.String `tfsdk:"account_id"`
	Region    types.String `tfsdk:"region"`
}

// IdentitySchema describes the identity.
func (o *object) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"id":         identityschema.StringAttribute{RequiredForImport: true, Description: "ID of the object."},
		"account_id": identityschema.StringAttribute{OptionalForImport: true, Description: "AWS account of the object. Default: that of the provider."},
		"region":     identityschema.StringAttribute{OptionalForImport: true, Description: "Region of the object. Default: that of the provider."},
	}}
}

// identify sets the identity of the object with the ID. It keeps an identity with the same
// ID, because Terraform reports a changed identity as a bug of the provider. Only a target
// can get another ID, and then its identity is replaced. Read calls identify first: the
// framework requires an identity even if the object is gone, and an older state has none.
func (o *object) identify(ctx context.Context, identity *tfsdk.ResourceIdentity, here *regional, id types.String, diags *diag.Diagnostics) {
	if identity == nil {
		return
	}
	if !identity.Raw.IsFullyNull() {
		var present types.String
		diags.Append(identity.GetAttribute(ctx, path.Root("id"), &present)...)
		if diags.HasError() || present.Equal(id) {
			return
		}
	}
	diags.Append(identity.Set(ctx, identityIn(here, id))...)
}

// identityIn returns the identity of an object. here is nil if its Region is not known: the
// framework calls MoveState without Configure.
func identityIn(here *regional, id types.String) identityModel {
	if here == nil {
		return identityModel{ID: id}
	}
	return identityModel{
		ID:        id,
		AccountID: flattenText(here.account.ID, types.StringNull()),
		Region:    types.StringValue(here.account.Region),
	}
}

// ImportState imports by ID or by identity.
func (o *object) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if req.ID != "" {
		report(&resp.Diagnostics, "Invalid import ID", o.kind.Check("id", req.ID))
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), req.ID)...)
		return
	}
	if req.Identity == nil || req.Identity.Raw.IsNull() {
		for _, p := range o.kind.Check("id", "") {
			resp.Diagnostics.AddError("Invalid import ID", "The import ID is empty. "+p.Fix)
		}
		return
	}
	var wanted identityModel
	resp.Diagnostics.Append(req.Identity.Get(ctx, &wanted)...)
	if resp.Diagnostics.HasError() {
		return
	}
	report(&resp.Diagnostics, "Invalid import identity", o.kind.Check("id", wanted.ID.ValueString()))
	here := identityIn(o.conn.in(wanted.Region.ValueString()), wanted.ID)
	refuse := func(what string, wanted, here types.String) {
		if !wanted.IsNull() && !here.IsNull() && !wanted.Equal(here) {
			resp.Diagnostics.AddError("Import from another account or Region", fmt.Sprintf(
				"The %s of the identity is %q, but the provider uses %q. Use a provider block for %[2]q.", what, wanted.ValueString(), here.ValueString()))
		}
	}
	refuse("account_id", wanted.AccountID, here.AccountID)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Identity.Set(ctx, here)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), wanted.ID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("region"), here.Region)...)
}
