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

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// identityModel is the identity of an EC2 object. Terraform 1.12 and OpenTofu 1.12
// keep it next to the state and import by it.
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

// identify sets the identity of the object with the ID, which is in a Region. Read calls
// identify first: the framework requires an identity even if the object is gone, and an older
// state has none.
func (o *object) identify(ctx context.Context, identity *tfsdk.ResourceIdentity, here *regional, id types.String, diags *diag.Diagnostics) {
	check.NoteObject(here.plan, id.ValueString())
	setIdentity(ctx, identity, identityIn(here, id), diags)
}

// setIdentity sets an identity. It keeps one with the same ID, because Terraform reports a
// changed identity as a bug of the provider. Only a target can get another ID, and then its
// identity is replaced.
func setIdentity(ctx context.Context, identity *tfsdk.ResourceIdentity, to identityModel, diags *diag.Diagnostics) {
	if identity == nil {
		return
	}
	if !identity.Raw.IsFullyNull() {
		var present types.String
		diags.Append(identity.GetAttribute(ctx, path.Root("id"), &present)...)
		if diags.HasError() || present.Equal(to.ID) {
			return
		}
	}
	diags.Append(identity.Set(ctx, to)...)
}

func identityIn(here *regional, id types.String) identityModel {
	return identityModel{
		ID:        id,
		AccountID: flattenText(here.account.ID, types.StringNull()),
		Region:    types.StringValue(here.account.Region),
	}
}

// ImportState imports by ID, by ID and Region, by ARN, or by identity.
func (o *object) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	wanted, isIdentity := readAddress(ctx, o.kind, req, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if wanted.Region != "" {
		resp.Diagnostics.Append(o.conn.checkRegion(wanted.Region)...)
	}
	here := o.conn.in(wanted.Region)
	refuseAccount(here, wanted, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(o.conn.noteArrival(ctx, resp.Private, byImport)...)
	id := types.StringValue(wanted.ID)
	if isIdentity {
		resp.Diagnostics.Append(resp.Identity.Set(ctx, identityIn(here, id))...)
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), id)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("region"), here.account.Region)...)
	if wanted.FilterID != "" {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("traffic_mirror_filter_id"), wanted.FilterID)...)
	}
}

// readAddress reads which object an import means.
func readAddress(ctx context.Context, kind mirror.Kind, req resource.ImportStateRequest, diags *diag.Diagnostics) (wanted mirror.Address, isIdentity bool) {
	if req.ID != "" || req.Identity == nil || req.Identity.Raw.IsNull() {
		wanted, problems := kind.ParseAddress(req.ID)
		report(diags, "Invalid import ID", problems)
		return wanted, false
	}
	var given identityModel
	diags.Append(req.Identity.Get(ctx, &given)...)
	report(diags, "Invalid import identity", kind.Check("id", given.ID.ValueString()))
	return mirror.Address{ID: given.ID.ValueString(), Region: given.Region.ValueString(), AccountID: given.AccountID.ValueString()}, true
}

// refuseAccount refuses an object of another account or partition than that of the provider
// block.
func refuseAccount(here *regional, wanted mirror.Address, diags *diag.Diagnostics) {
	refuse := func(what, wanted, here string) {
		if wanted != "" && here != "" && wanted != here {
			diags.AddError("Import from another "+what, fmt.Sprintf(
				"The object is of the %s %q, but the provider uses %q. Use a provider block with credentials of %[2]q.", what, wanted, here))
		}
	}
	refuse("account", wanted.AccountID, here.account.ID)
	refuse("partition", wanted.Partition, here.account.Partition)
}
