package provider

import (
	"context"
	"fmt"
	"time"

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

func newTargetResource() resource.Resource {
	return &targetResource{object{kind: mirror.KindTarget, failures: targetFailures}}
}

// targetResource is a traffic mirror target.
type targetResource struct{ object }

var targetFailures = failures{
	"InterfaceInUseByTrafficMirrorTarget":     {"network_interface_id", "The network interface already backs another target, and it can back only one. Use that target, delete it, or choose another interface."},
	"InterfaceInUseByTrafficMirrorSession":    {"network_interface_id", "A network interface cannot be a source and back a target. Choose another interface, or delete the sessions that mirror this interface."},
	"InvalidNetworkInterfaceID.NotFound":      {"network_interface_id", "Write the ID of a network interface of this account and Region."},
	"InvalidTrafficMirrorTarget":              {"network_interface_id", "Write the ID of a network interface of this account and Region."},
	"NetworkInterfaceNotSupported":            {"network_interface_id", "Only an interface of the type \"interface\" can back a target."},
	"NlbInUseByTrafficMirrorTargetException":  {"network_load_balancer_arn", "The Network Load Balancer already backs another target, and it can back only one. Use that target, delete it, or choose another load balancer."},
	"NetworkLoadBalancerNotFoundException":    {"network_load_balancer_arn", "Write the ARN of a Network Load Balancer of this account and Region."},
	"InvalidNetworkLoadBalancerArn.NotFound":  {"network_load_balancer_arn", "Write the ARN of a Network Load Balancer of this account and Region."},
	"InvalidNetworkLoadBalancerArn.Malformed": {"network_load_balancer_arn", "Write the ARN of a Network Load Balancer."},
	"InvalidVpcEndpointId.NotFound":           {"gateway_load_balancer_endpoint_id", "Write the ID of a Gateway Load Balancer endpoint of this account and Region."},
	"TrafficMirrorTargetLimitExceeded":        {"", "The account has as many targets as its quota allows. Delete some. " + mirror.QuotaAdvice},
	"TrafficMirrorTargetInUseException":       {"", "Sessions still use the target. Delete them, or give them another target. If another account owns a session, only that account can do this. " + deleteOrder("target")},
}

// Metadata names the resource.
func (r *targetResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_target"
	resp.ResourceBehavior.MutableIdentity = true // a target that moves gets another ID
}

// Schema describes the resource.
func (r *targetResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	const oneOf = " Set exactly one of `network_interface_id`, `network_load_balancer_arn` and `gateway_load_balancer_endpoint_id`. " +
		"A change is an update in place, and the target gets a new `id` and `arn`."
	resp.Schema = schema.Schema{
		MarkdownDescription: "A traffic mirror target receives the copies of sessions.\n\n" +
			"To change what backs a target, change its argument. The provider creates a new target, changes the sessions of this account to it, and deletes the old target. The target gets a new `id` and `arn`, and the sessions keep theirs. " +
			"To change the kind of backing, write one `trafficmirror_target` with conditional arguments: `network_interface_id = var.lb ? null : ...` and `network_load_balancer_arn = var.lb ? ... : null`.\n\n" + deleteOrderDocs("target"),
		Attributes: map[string]schema.Attribute{
			"id":       computedText("ID of the target, `tmt-...`."),
			"arn":      computedText("ARN of the target."),
			"type":     computedText("`network-interface`, `network-load-balancer` or `gateway-load-balancer-endpoint`."),
			"owner_id": computedText("ID of the account that owns the target, 12 digits."),
			"network_interface_id": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "ID of the network interface that receives the copies, as VXLAN on UDP port 4789. An interface can back only one target, and it cannot also be the source of a session." + oneOf,
			},
			"network_load_balancer_arn": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "ARN of the Network Load Balancer that receives the copies. It needs a listener on UDP port 4789. Without the listener nothing is mirrored, and there is no error. A load balancer can back only one target." + oneOf,
			},
			"gateway_load_balancer_endpoint_id": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "ID of the Gateway Load Balancer endpoint, in the VPC of the source, that receives the copies." + oneOf,
			},
			"description": schema.StringAttribute{
				Optional:      true,
				PlanModifiers: []planmodifier.String{replaceIfTextChanges()},
				MarkdownDescription: "Description of the target. EC2 cannot change it, so a change replaces the target. While sessions use the target, each session needs `lifecycle { replace_triggered_by = [trafficmirror_target.x.description] }`. " +
					"`create_before_destroy` in the target fails, because an interface or a load balancer can back only one target. Default: none.",
			},
			"region":   regionAttribute(),
			"tags":     tagsAttribute(),
			"tags_all": tagsAllAttribute(),
			"timeouts": timeoutsAttribute(ctx),
		},
	}
}

// MoveState takes over aws_ec2_traffic_mirror_target.
func (r *targetResource) MoveState(context.Context) []resource.StateMover {
	return r.moverFrom("aws_ec2_traffic_mirror_target")
}

// ValidateConfig checks the values.
func (r *targetResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config targetModel
	r.validate(ctx, req, resp, &config, config.check)
}

// Create creates the target. The state comes from the response, because a read may not
// find the new target yet.
func (r *targetResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan targetModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := within(ctx, plan.Timeouts.Create, createTimeout, &resp.Diagnostics)
	defer cancel()
	here := r.at(&plan)
	created, err := here.run.CreateTarget(ctx, plan.read(&reader{}), textMap(r.conn.tags.all(plan.Tags)))
	if err != nil {
		r.failuresIn(here).report(&resp.Diagnostics, "Error creating traffic mirror target", err)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, r.flatten(created, plan))...)
	resp.Diagnostics.Append(here.writeCreated(ctx, resp.Private)...)
	r.identify(ctx, resp.Identity, here, types.StringValue(created.Noun.ID), &resp.Diagnostics)
}

// Read reads the target. It removes a deleted target from the state. After an error the
// state does not change.
func (r *targetResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state targetModel
	target, found := readObject(ctx, &r.object, req, resp, &state, (*account.Account).Target)
	if !found {
		return
	}
	resp.Diagnostics.Append(set(ctx, &resp.State, r.flatten(target, state))...)
}

// Update changes the tags and the backing resource.
func (r *targetResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state targetModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	here := r.at(&state)
	r.identify(ctx, resp.Identity, here, state.ID, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := within(ctx, plan.Timeouts.Update, updateTimeout, &resp.Diagnostics)
	defer cancel()
	tags := r.conn.tags.all(plan.Tags)
	if err := here.account.Retag(ctx, r.kind, state.ID.ValueString(), textMap(state.TagsAll), textMap(tags)); err != nil {
		r.reportUpdate(&resp.Diagnostics, here, "Error updating traffic mirror target", state.ID, err)
		return
	}
	state.Tags, state.TagsAll = plan.Tags, tags
	state.Description, state.Timeouts = plan.Description, plan.Timeouts
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	r.finishMove(ctx, state, req, resp)
	if resp.Diagnostics.HasError() || plan.backings() == state.backings() {
		return
	}
	r.move(ctx, plan, state, req, resp)
}

// move gives the target its new backing resource. Also after an error, the state has the
// target that exists.
func (r *targetResource) move(ctx context.Context, plan, state targetModel, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	oldID, here := state.ID.ValueString(), r.at(&state)
	undone, diags := readPrivate[string](ctx, req.Private, undoneKey)
	resp.Diagnostics.Append(diags...)
	done, err := here.run.MoveTarget(ctx, oldID, plan.read(&reader{}), textMap(r.conn.tags.all(plan.Tags)), undone)
	if err != nil {
		r.reportUpdate(&resp.Diagnostics, here, "Error changing the backing resource of the traffic mirror target", state.ID, err)
	}
	if done.Undone != "" {
		resp.Diagnostics.Append(writePrivate(ctx, resp.Private, undoneKey, done.Undone)...)
	}
	if done.Target == nil {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, r.flatten(*done.Target, plan))...)
	resp.Diagnostics.Append(forgetPrivate(ctx, resp.Private, undoneKey)...)
	newID := done.Target.Noun.ID
	r.identify(ctx, resp.Identity, here, types.StringValue(newID), &resp.Diagnostics)
	if !done.Leftover {
		return
	}
	if done.DeleteError != nil {
		r.failuresIn(here).report(&resp.Diagnostics, "Error deleting the replaced traffic mirror target", done.DeleteError)
	}
	resp.Diagnostics.Append(writePrivate(ctx, resp.Private, leftoverKey, []string{oldID})...)
	resp.Diagnostics.AddWarning("A traffic mirror target is left behind", fmt.Sprintf(
		"%s replaces %s, which still exists. The next apply moves the remaining sessions of %[2]s to %[1]s and deletes %[2]s.", newID, oldID))
}

// finishMove finishes a move that failed in an earlier apply, after it had created the new
// target.
func (r *targetResource) finishMove(ctx context.Context, state targetModel, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	leftover, diags := readPrivate[[]string](ctx, req.Private, leftoverKey)
	resp.Diagnostics.Append(diags...)
	here := r.at(&state)
	for _, id := range leftover {
		if err := here.run.FinishMove(ctx, id, state.ID.ValueString()); err != nil {
			r.failuresIn(here).report(&resp.Diagnostics, "Error deleting the replaced traffic mirror target", err)
			return
		}
	}
	if leftover != nil {
		resp.Diagnostics.Append(forgetPrivate(ctx, resp.Private, leftoverKey)...)
	}
}

// Delete deletes the target, and the old targets that failed moves left behind.
func (r *targetResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	leftover, diags := readPrivate[[]string](ctx, req.Private, leftoverKey)
	resp.Diagnostics.Append(diags...)
	var state targetModel
	r.deleteObject(ctx, req, resp, &state, &state.Timeouts, func(ctx context.Context, here *regional, created time.Time) error {
		for _, id := range append(leftover, state.ID.ValueString()) {
			if err := here.run.DeleteTarget(ctx, id, created); err != nil {
				return err
			}
		}
		return nil
	})
}
