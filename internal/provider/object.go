package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
)

// connected is what every resource has in common.
type connected struct{ client *Client }

// Configure takes the client from the provider. Terraform validates before there
// is one.
func (c *connected) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	if req.ProviderData == nil {
		return
	}
	client, ok := req.ProviderData.(*Client)
	if !ok {
		resp.Diagnostics.AddError("Wrong provider data", fmt.Sprintf("The provider handed over a %T. This is a bug of the provider.", req.ProviderData))
		return
	}
	c.client = client
}

// object is what the resources that stand for an EC2 object have in common.
type object struct{ connected }

// ImportState imports by ID.
func (o *object) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resource.ImportStatePassthroughID(ctx, path.Root("id"), req, resp)
}

// ModifyPlan notes that the plan changes something. A resource that plans more
// does that itself, when it is done.
func (o *object) ModifyPlan(_ context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	o.notePlan(resp.Plan, req.State)
}

func (o *object) notePlan(plan tfsdk.Plan, state tfsdk.State) {
	if o.client != nil && !plan.Raw.Equal(state.Raw) {
		o.client.changes.note()
	}
}

// computedText is an attribute that EC2 chooses once and for all.
func computedText(description string) schema.Attribute {
	return schema.StringAttribute{
		Computed:            true,
		PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		MarkdownDescription: description,
	}
}

// replaceIfTextChanges plans a replacement when a text that EC2 cannot change
// changes. None and an empty one are the same to EC2.
func replaceIfTextChanges() planmodifier.String {
	const description = "A change replaces the object."
	return stringplanmodifier.RequiresReplaceIf(func(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
		resp.RequiresReplace = req.PlanValue.IsUnknown() || req.PlanValue.ValueString() != req.StateValue.ValueString()
	}, description, description)
}
