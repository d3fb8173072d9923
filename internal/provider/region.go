package provider

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// regionAttribute is the Region of a resource. ModifyPlan plans its default, and a replacement
// if it changes: only the provider knows the default.
func regionAttribute() schema.Attribute {
	return schema.StringAttribute{
		Optional:            true,
		Computed:            true,
		MarkdownDescription: "AWS Region of the object, such as `eu-west-1`. A change replaces the object. Default: the Region of the provider block. See the [guide to Regions](../guides/regions.md).",
	}
}

// A place says which object of EC2 a model is of. The pointers are those of the model.
type place struct{ id, arn, region *types.String }

// A located model is one of an object of EC2.
type located interface{ place() place }

// regionIn returns the Region of a state, or "": that of the provider block. The state of an
// earlier version has no region. Its ARN has one.
func (p place) regionIn() string {
	if region := p.region.ValueString(); region != "" {
		return region
	}
	name, _ := arn.Parse(p.arn.ValueString()) // the zero ARN of a text that is none
	return name.Region
}

// at returns the account in the Region of a model.
func (c *connected) at(m located) *regional { return c.conn.in(m.place().regionIn()) }

// checkRegion refuses a Region that the connection cannot work in.
func (c *connection) checkRegion(region string) diag.Diagnostics {
	diags := c.validateRegion(region)
	home := c.in("").account
	if other := mirror.PartitionOf(region); other != home.Partition && !diags.HasError() {
		diags.AddAttributeError(path.Root("region"), "Region of another partition", fmt.Sprintf(
			"region is %q, which is in the partition %s. The credentials of the provider block are of the partition %s, and are not valid there. "+
				"Write a Region of %[3]s, or use a provider block with credentials of %[2]s.", region, other, home.Partition))
	}
	return diags
}

// planRegion plans the Region of an object, and its replacement if that changes.
func (o *object) planRegion(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var wanted, prior, name types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("region"), &wanted)...)
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("region"), &prior)...)
		resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("arn"), &name)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	present := ""
	if !req.State.Raw.IsNull() {
		present = o.conn.in(place{region: &prior, arn: &name}.regionIn()).account.Region
	}
	o.conn.planRegion(ctx, wanted, prior, present, resp)
}

// planRegion plans a Region: the wanted one, or that of the provider block. present is where
// the object is now, "" for a new one. prior is the Region in its state.
func (c *connection) planRegion(ctx context.Context, wanted, prior types.String, present string, resp *resource.ModifyPlanResponse) types.String {
	if known := wanted.ValueString(); known != "" {
		resp.Diagnostics.Append(c.checkRegion(known)...)
	}
	if wanted.IsNull() {
		wanted = types.StringValue(c.in("").account.Region)
	}
	switch {
	case present == "":
	case wanted.ValueString() != present:
		resp.RequiresReplace = append(resp.RequiresReplace, path.Root("region"))
	case prior.IsNull(): // the state of an earlier version, which the plan has not refreshed
		wanted = prior
	}
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("region"), wanted)...)
	return wanted
}

// planRegion plans the Region of a simulation. One with its sessions in place has none, unless
// the configuration sets it.
func (r *simulationResource) planRegion(ctx context.Context, p *simulationPlan, resp *resource.ModifyPlanResponse) {
	if p.plan.isInPlace() && p.config.Region.IsNull() {
		p.plan.Region = p.config.Region
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("region"), p.plan.Region)...)
	} else {
		present := ""
		if !p.isNew && !p.prior.isInPlace() {
			present = r.in(&p.prior).account.Region
		}
		p.plan.Region = r.conn.planRegion(ctx, p.config.Region, p.prior.Region, present, resp)
	}
	p.simulations = r.in(&p.plan).plan.Simulations
}

// regions returns the Region in which an object is, and the one in which it is after the
// apply. before is nil for a new object. after is nil if the plan deletes the object, or does
// not know its Region.
func (o *object) regions(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) (before, after *regional, diags diag.Diagnostics) {
	of := func(get func(context.Context, path.Path, any) diag.Diagnostics) *regional {
		var region, name types.String
		diags.Append(get(ctx, path.Root("region"), &region)...)
		diags.Append(get(ctx, path.Root("arn"), &name)...)
		if region.IsUnknown() {
			return nil
		}
		return o.conn.in(place{region: &region, arn: &name}.regionIn())
	}
	if !req.State.Raw.IsNull() {
		before = of(req.State.GetAttribute)
	}
	if !req.Plan.Raw.IsNull() {
		after = of(resp.Plan.GetAttribute)
	}
	return before, after, diags
}
