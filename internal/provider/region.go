package provider

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/hashicorp/aws-sdk-go-base/v2/validation"
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

// checkRegion refuses a Region that the connection cannot work in. It warns if the endpoint in
// the provider block is that of another Region.
func (c *connection) checkRegion(region string) diag.Diagnostics {
	at, home := path.Root("region"), c.in("").account
	diags := c.validateRegion(region)
	other := mirror.PartitionOf(region)
	switch isKnown := validation.SupportedRegion(region) == nil; {
	case diags.HasError():
	case region == "":
		diags.AddAttributeError(at, "Invalid AWS Region", "region is empty. Write the name of a Region such as \"eu-west-1\", or null for the Region of the provider block.")
	case isKnown && other != home.Partition:
		diags.AddAttributeError(at, "Region of another partition", fmt.Sprintf(
			"region is %q, which is in the partition %s. The credentials of the provider block are of the partition %s, and are not valid there. "+
				"Write a Region of %[3]s, or use a provider block with credentials of %[2]s.", region, other, home.Partition))
	case region != home.Region && c.endpointRegion != "" && c.endpointRegion != region:
		diags.AddAttributeWarning(at, "The endpoint is of another Region", fmt.Sprintf(
			"region is %q, and the endpoint of EC2 in the provider block or the environment is that of %s. All Regions use it, and EC2 refuses requests for another Region there. Remove the endpoint, or use a provider block for %[1]q.",
			region, c.endpointRegion))
	}
	return diags
}

// regionalEndpoint is an endpoint of EC2 for one Region, also one in a VPC.
var regionalEndpoint = regexp.MustCompile(`^https?://(?:[^/]+\.)?ec2(?:-fips)?\.([a-z]+(?:-[a-z]+)+-[0-9]+)\.`)

// endpointRegion returns the Region of the endpoint of EC2 that is given by hand, or "" if none
// is given, or if it may serve every Region.
func endpointRegion(m providerModel) string {
	if m.Emulator != nil {
		return ""
	}
	url := cmp.Or(m.endpoint("ec2"), os.Getenv("AWS_ENDPOINT_URL_EC2"), os.Getenv("AWS_ENDPOINT_URL"))
	if match := regionalEndpoint.FindStringSubmatch(url); match != nil {
		return match[1]
	}
	return ""
}

// An arrival says how an object came from elsewhere: by a move or an import.
type arrival struct {
	How  string `json:"how"`
	Home string `json:"home"` // the Region of the provider block at that time
}

// The values of arrival.How, for texts.
const (
	byImport = "was imported"
	byMove   = "was moved from provider aws"
)

// noteArrival stores that an object came from elsewhere.
func (c *connection) noteArrival(ctx context.Context, private privateWriter, how string) diag.Diagnostics {
	return writePrivate(ctx, private, arrivedKey, arrival{how, c.in("").account.Region})
}

// planRegion plans the Region of an object, and its replacement if that changes.
func (o *object) planRegion(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var wanted, prior, name, id types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("region"), &wanted)...)
	present := ""
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("region"), &prior)...)
		resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("arn"), &name)...)
		resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("id"), &id)...)
		present = o.conn.in(place{region: &prior, arn: &name}.regionIn()).account.Region
	}
	arrived, found := readPrivate[arrival](ctx, req.Private, arrivedKey)
	resp.Diagnostics.Append(found...)
	if resp.Diagnostics.HasError() {
		return
	}
	if home := o.conn.in("").account.Region; wanted.IsNull() && present != "" && present != home {
		name := id.ValueString()
		if name == "" {
			name = "This disabled session"
		}
		reportDefault(&resp.Diagnostics, name, present, home, arrived)
	}
	o.conn.planRegion(ctx, wanted, prior, present, resp)
}

// reportDefault reports that an object is not in the Region of the provider block, and that the
// configuration does not say which Region it wants. An object that came from elsewhere is never
// replaced for that: its configuration lacks the Region. Otherwise the Region of the provider
// block has changed, or region was removed.
func reportDefault(diags *diag.Diagnostics, id, present, home string, arrived arrival) {
	if arrived.Home == home {
		hint := destroyHint
		if arrived.How == byMove {
			hint = "" // what is not read cannot be destroyed: see refuseUnread
		}
		diags.AddAttributeError(path.Root("region"), "The configuration lacks the Region of the object", fmt.Sprintf(
			"%s %s, and is in %s. region is not set here, and the Region of the provider block is %s. To keep the object, write in this resource:\n\n  region = %[3]q\n\n"+
				"To delete it and create it in %[4]s, write region = %[4]q.", id, arrived.How, present, home)+hint)
		return
	}
	diags.AddAttributeWarning(path.Root("region"), "The object changes its Region", fmt.Sprintf(
		"%s is in %s. region is not set here, and the Region of the provider block is %s. So the plan deletes the object, and creates it in %[3]s. To keep it, write in this resource:\n\n  region = %[2]q",
		id, present, home))
}

// planRegion plans a Region: the wanted one, or that of the provider block. present is where
// the object is now, "" for a new one. prior is the Region in its state.
func (c *connection) planRegion(ctx context.Context, wanted, prior types.String, present string, resp *resource.ModifyPlanResponse) types.String {
	if !wanted.IsNull() && !wanted.IsUnknown() {
		resp.Diagnostics.Append(c.checkRegion(wanted.ValueString())...)
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
	resp.Diagnostics.Append(setPlanned(ctx, &resp.Plan, "region", wanted)...)
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

// plannedRegions returns the Region in which an object is, and the one in which it is after the
// apply. before is nil for a new object. after is nil if the plan deletes the object, or does
// not know its Region.
func (c *connection) plannedRegions(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) (before, after *regional, diags diag.Diagnostics) {
	of := func(get func(context.Context, path.Path, any) diag.Diagnostics) *regional {
		var region, name types.String
		diags.Append(get(ctx, path.Root("region"), &region)...)
		diags.Append(get(ctx, path.Root("arn"), &name)...)
		if region.IsUnknown() {
			return nil
		}
		return c.in(place{region: &region, arn: &name}.regionIn())
	}
	if !req.State.Raw.IsNull() {
		before = of(req.State.GetAttribute)
	}
	if !req.Plan.Raw.IsNull() {
		after = of(resp.Plan.GetAttribute)
	}
	return before, after, diags
}
