package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// connected is what every resource has in common.
type connected struct{ conn *connection }

// Configure takes the connection from the provider. There is none yet when Terraform
// validates.
func (c *connected) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	if conn := connectionOf(req.ProviderData, &resp.Diagnostics); conn != nil {
		c.conn = conn
	}
}

// object has the common part of the resources of EC2 objects.
type object struct {
	connected
	kind     mirror.Kind
	failures failures
}

// Configure takes the connection from the provider.
func (o *object) Configure(ctx context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	o.connected.Configure(ctx, req, resp)
	if o.conn != nil && o.conn.store != "" {
		o.failures = o.failures.in(o.conn.store)
	}
}

// finishPlan plans the Region and tags_all of the object.
func (o *object) finishPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if o.conn == nil {
		return
	}
	refuseUnread(ctx, req.Private, &resp.Diagnostics)
	if !req.Plan.Raw.IsNull() {
		o.planTags(ctx, req, resp)
		o.planRegion(ctx, req, resp)
	}
}

func (o *object) planTags(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var own types.Map
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("tags"), &own)...)
	if resp.Diagnostics.HasError() {
		return
	}
	all := o.conn.tags.all(own)
	report(&resp.Diagnostics, "Invalid tags", checkTags(all))
	resp.Diagnostics.Append(setPlanned(ctx, &resp.Plan, "tags_all", all)...)
}

// computedText is an attribute that EC2 sets once and that never changes.
func computedText(description string) schema.Attribute {
	return schema.StringAttribute{
		Computed:            true,
		PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		MarkdownDescription: description,
	}
}

// replaceIfTextChanges plans a replacement if a text changes that EC2 cannot change in
// place. To EC2, null and "" are the same.
func replaceIfTextChanges() planmodifier.String {
	const description = "A change replaces the object."
	return stringplanmodifier.RequiresReplaceIf(func(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
		resp.RequiresReplace = req.PlanValue.IsUnknown() || req.PlanValue.ValueString() != req.StateValue.ValueString()
	}, description, description)
}
