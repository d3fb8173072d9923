package provider

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

var (
	_ resource.ResourceWithConfigure      = (*targetResource)(nil)
	_ resource.ResourceWithIdentity       = (*targetResource)(nil)
	_ resource.ResourceWithImportState    = (*targetResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*targetResource)(nil)
	_ resource.ResourceWithMoveState      = (*targetResource)(nil)
	_ resource.ResourceWithValidateConfig = (*targetResource)(nil)
)

func newTargetResource() resource.Resource { return &targetResource{object{kind: mirror.KindTarget}} }

// targetResource is a traffic mirror target.
type targetResource struct{ object }

type targetModel struct {
	ID                            types.String   `tfsdk:"id"`
	ARN                           types.String   `tfsdk:"arn"`
	Type                          types.String   `tfsdk:"type"`
	OwnerID                       types.String   `tfsdk:"owner_id"`
	NetworkInterfaceID            types.String   `tfsdk:"network_interface_id"`
	NetworkLoadBalancerARN        types.String   `tfsdk:"network_load_balancer_arn"`
	GatewayLoadBalancerEndpointID types.String   `tfsdk:"gateway_load_balancer_endpoint_id"`
	Description                   types.String   `tfsdk:"description"`
	Tags                          types.Map      `tfsdk:"tags"`
	TagsAll                       types.Map      `tfsdk:"tags_all"`
	Timeouts                      timeouts.Value `tfsdk:"timeouts"`
}

var targetFailures = failures{
	"InterfaceInUseByTrafficMirrorTarget":     {"network_interface_id", "A network interface backs one target at a time. Use that target, delete it, or choose another interface."},
	"InterfaceInUseByTrafficMirrorSession":    {"network_interface_id", "A network interface is either the source of sessions or backs a target. Choose another interface, or delete the sessions that mirror this one."},
	"InvalidNetworkInterfaceID.NotFound":      {"network_interface_id", "Write the ID of a network interface of this account and Region."},
	"NetworkInterfaceNotSupported":            {"network_interface_id", "Only an interface of the type \"interface\" can back a target."},
	"NlbInUseByTrafficMirrorTargetException":  {"network_load_balancer_arn", "A Network Load Balancer backs one target at a time. Use that target, delete it, or choose another load balancer."},
	"NetworkLoadBalancerNotFoundException":    {"network_load_balancer_arn", "Write the ARN of a Network Load Balancer of this account and Region."},
	"InvalidNetworkLoadBalancerArn.NotFound":  {"network_load_balancer_arn", "Write the ARN of a Network Load Balancer of this account and Region."},
	"InvalidNetworkLoadBalancerArn.Malformed": {"network_load_balancer_arn", "Write the ARN of a Network Load Balancer."},
	"InvalidVpcEndpointId.NotFound":           {"gateway_load_balancer_endpoint_id", "Write the ID of a Gateway Load Balancer endpoint of this account and Region."},
	"TrafficMirrorTargetLimitExceeded":        {"", "The account has as many targets as its quota allows. Delete some, or ask AWS for a higher quota."},
	"TrafficMirrorTargetInUseException":       {"", "Sessions still use the target. Delete them or point them elsewhere; where another account owns them, only that account can."},
}

// Metadata names the resource.
func (r *targetResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_target"
	resp.ResourceBehavior.MutableIdentity = true // a target that moves gets another ID
}

// Schema describes the resource.
func (r *targetResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	const oneOf = " Exactly one of `network_interface_id`, `network_load_balancer_arn` and `gateway_load_balancer_endpoint_id` must be set. " +
		"A change is made in place: a new target is created, the sessions of this account are pointed at it, and the old one is deleted, so that `id` and `arn` change and the sessions keep theirs."
	resp.Schema = schema.Schema{
		MarkdownDescription: "A traffic mirror target: where sessions send their copies.",
		Attributes: map[string]schema.Attribute{
			"id":       computedText("ID of the target, `tmt-...`."),
			"arn":      computedText("ARN of the target."),
			"type":     computedText("`network-interface`, `network-load-balancer` or `gateway-load-balancer-endpoint`."),
			"owner_id": computedText("ID of the account that owns the target."),
			"network_interface_id": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "ID of the network interface that receives the copies, as VXLAN on UDP port 4789. An interface backs one target at a time and cannot be the source of a session as well." + oneOf,
			},
			"network_load_balancer_arn": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "ARN of the Network Load Balancer that receives the copies. It needs a listener on UDP port 4789; without one nothing is mirrored and nothing says so. A load balancer backs one target at a time." + oneOf,
			},
			"gateway_load_balancer_endpoint_id": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "ID of the Gateway Load Balancer endpoint, in the VPC of the source, that receives the copies." + oneOf,
			},
			"description": schema.StringAttribute{
				Optional:            true,
				PlanModifiers:       []planmodifier.String{replaceIfTextChanges()},
				MarkdownDescription: "What the target is for. EC2 cannot change it, so that a change replaces the target. None if left out.",
			},
			"tags":     tagsAttribute(),
			"tags_all": tagsAllAttribute(),
			"timeouts": timeoutsAttribute(ctx),
		},
	}
}

func (m targetModel) check() mirror.Problems {
	r := &reader{}
	target := mirror.Target{
		InterfaceID:                   r.backing(mirror.TargetBackings[0], m.NetworkInterfaceID),
		LoadBalancerARN:               r.backing(mirror.TargetBackings[1], m.NetworkLoadBalancerARN),
		GatewayLoadBalancerEndpointID: r.backing(mirror.TargetBackings[2], m.GatewayLoadBalancerEndpointID),
	}
	return append(r.check(target.Validate()), checkTags(m.Tags)...)
}

// backing reads a backing resource, which may be left out and not be empty.
func (r *reader) backing(field string, value types.String) string {
	if r.says(field, value) && value.ValueString() == "" {
		r.fail(field, mirror.Problems{{Kind: mirror.Malformed, Field: field, Wrong: "is empty", Fix: "Write what backs the target, or null."}})
	}
	return value.ValueString()
}

// MoveState takes over aws_ec2_traffic_mirror_target.
func (r *targetResource) MoveState(context.Context) []resource.StateMover {
	return r.moverFrom("aws_ec2_traffic_mirror_target")
}

// ValidateConfig checks the values.
func (r *targetResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config targetModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	report(&resp.Diagnostics, "Invalid traffic mirror target", config.check())
}

// ModifyPlan plans the change of what backs the target.
func (r *targetResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	defer r.checkPlan(ctx, req, resp)
	defer r.finishPlan(ctx, req, resp)
	if req.State.Raw.IsNull() || req.Plan.Raw.IsNull() {
		return
	}
	var plan, state targetModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	leftover, diags := readPrivate[[]string](ctx, req.Private, leftoverKey)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || plan.backings() == state.backings() && leftover == nil {
		return
	}
	if leftover != nil {
		// Nothing in the configuration differs: a value that is unknown makes
		// Terraform call Update, which clears the leftover away.
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("owner_id"), types.StringUnknown())...)
	}
	if plan.backings() == state.backings() {
		return
	}
	r.planMove(ctx, plan, state, resp)
}

// backings are what may back the target, in the order of mirror.TargetBackings.
func (m targetModel) backings() [3]types.String {
	return [...]types.String{m.NetworkInterfaceID, m.NetworkLoadBalancerARN, m.GatewayLoadBalancerEndpointID}
}

// Create creates the target. The state comes from the response: a read that does
// not see the new target yet would lose it.
func (r *targetResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan targetModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := within(ctx, plan.Timeouts.Create, createTimeout, &resp.Diagnostics)
	defer cancel()
	created, err := r.create(ctx, plan, nil)
	if err != nil {
		targetFailures.report(&resp.Diagnostics, "Error creating traffic mirror target", r.client.nameTargetHolder(ctx, err, plan))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, created)...)
	resp.Diagnostics.Append(writeCreated(ctx, resp.Private)...)
	r.identify(ctx, resp.Identity, created.ID, &resp.Diagnostics)
}

// create creates a target. Without a token the SDK makes one up.
func (r *targetResource) create(ctx context.Context, plan targetModel, token *string) (targetModel, error) {
	in := &ec2.CreateTrafficMirrorTargetInput{
		ClientToken:                   token,
		NetworkInterfaceId:            textRequest(plan.NetworkInterfaceID.ValueString()),
		NetworkLoadBalancerArn:        textRequest(plan.NetworkLoadBalancerARN.ValueString()),
		GatewayLoadBalancerEndpointId: textRequest(plan.GatewayLoadBalancerEndpointID.ValueString()),
		Description:                   textRequest(plan.Description.ValueString()),
		TagSpecifications:             r.client.tagRequest(mirror.KindTarget, plan.Tags),
	}
	var out *ec2.CreateTrafficMirrorTargetOutput
	err := r.client.vacated(ctx, func() (err error) {
		out, err = r.client.createTarget(ctx, in)
		return err
	})
	if err != nil {
		return targetModel{}, err
	}
	t := *out.TrafficMirrorTarget
	r.client.touched.note(*t.TrafficMirrorTargetId)
	return r.flatten(account.Tagged[mirror.Target]{Noun: account.TargetOf(t), Tags: account.TagsOf(t.Tags)}, plan), nil
}

// Read reads the target. One that is gone leaves the state; an error leaves it as
// it is.
func (r *targetResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state targetModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	r.identify(ctx, resp.Identity, state.ID, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	target, err := readSettled(ctx, req.Private, r.client.Inventory.Target, state.ID.ValueString())
	switch {
	case account.IsNotFound(err):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		targetFailures.report(&resp.Diagnostics, "Error reading traffic mirror target", err)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, r.flatten(target, state))...)
}

// Update changes the tags, and what backs the target.
func (r *targetResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state targetModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	r.identify(ctx, resp.Identity, state.ID, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := within(ctx, plan.Timeouts.Update, updateTimeout, &resp.Diagnostics)
	defer cancel()
	const summary = "Error updating traffic mirror target"
	if err := r.client.retag(ctx, state.ID.ValueString(), state.TagsAll, r.client.tags.all(plan.Tags)); err != nil {
		targetFailures.report(&resp.Diagnostics, summary, err)
		return
	}
	state.Tags, state.TagsAll = plan.Tags, r.client.tags.all(plan.Tags)
	state.Description, state.Timeouts = plan.Description, plan.Timeouts
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	r.clearLeftover(ctx, state, req, resp)
	if resp.Diagnostics.HasError() || plan.backings() == state.backings() {
		return
	}
	r.move(ctx, plan, state, req, resp)
}

// Delete deletes the target, and what a move left behind.
func (r *targetResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state targetModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	leftover, diags := readPrivate[[]string](ctx, req.Private, leftoverKey)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	r.client.changes.note() // a destroy is not planned again in the apply
	ctx, cancel := within(ctx, state.Timeouts.Delete, deleteTimeout, &resp.Diagnostics)
	defer cancel()
	for _, id := range append(leftover, state.ID.ValueString()) {
		if err := deleteSettled(ctx, req.Private, func() error { return r.delete(ctx, id) }); err != nil {
			targetFailures.report(&resp.Diagnostics, "Error deleting traffic mirror target", err)
			return
		}
	}
}

// delete deletes a target as soon as no session uses it any more.
func (r *targetResource) delete(ctx context.Context, id string) error {
	users := account.Where{Name: "traffic-mirror-target-id", Values: []string{id}}
	return r.client.released(ctx, users, func() error {
		_, err := r.client.deleteTarget(ctx, &ec2.DeleteTrafficMirrorTargetInput{TrafficMirrorTargetId: &id})
		return err
	})
}

func (r *targetResource) flatten(target account.Tagged[mirror.Target], prior targetModel) targetModel {
	t := target.Noun
	tags, all := r.client.tags.flatten(target.Tags, prior.Tags, prior.TagsAll)
	return targetModel{
		ID:                            types.StringValue(t.ID),
		ARN:                           types.StringValue(r.client.arn(mirror.KindTarget, t.OwnerID, t.ID)),
		Type:                          types.StringValue(string(t.Type())),
		OwnerID:                       types.StringValue(t.OwnerID),
		NetworkInterfaceID:            flattenText(t.InterfaceID, types.StringNull()),
		NetworkLoadBalancerARN:        flattenText(t.LoadBalancerARN, types.StringNull()),
		GatewayLoadBalancerEndpointID: flattenText(t.GatewayLoadBalancerEndpointID, types.StringNull()),
		Description:                   flattenText(t.Description, prior.Description),
		Tags:                          tags,
		TagsAll:                       all,
		Timeouts:                      prior.Timeouts,
	}
}
