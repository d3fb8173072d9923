package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/reconcile"
)

var (
	_ resource.ResourceWithConfigure      = (*filterRuleResource)(nil)
	_ resource.ResourceWithIdentity       = (*filterRuleResource)(nil)
	_ resource.ResourceWithImportState    = (*filterRuleResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*filterRuleResource)(nil)
	_ resource.ResourceWithMoveState      = (*filterRuleResource)(nil)
	_ resource.ResourceWithValidateConfig = (*filterRuleResource)(nil)
)

func newFilterRuleResource() resource.Resource {
	return &filterRuleResource{object{kind: mirror.KindFilterRule, failures: ruleFailures}}
}

// filterRuleResource is one rule of a filter, as a separate resource.
type filterRuleResource struct{ object }

var ruleFailures = failures{
	account.RuleNumberTaken: {"rule_number", "Another rule of this filter and direction has the number, and this run has not changed it. Choose another number, or remove that rule. " +
		"If the plan also renumbers that rule, apply again. Rules that swap numbers always need only one apply in the filter's ingress_rules and egress_rules."},
	"TrafficMirrorFilterRuleLimitExceeded":  {"traffic_mirror_filter_id", "The filter has as many rules, ingress and egress together, as the account's quota allows. Remove rules. " + mirror.QuotaAdvice},
	"InvalidTrafficMirrorFilterId.NotFound": {"traffic_mirror_filter_id", "Write the ID of a filter of this account and Region."},
	"InvalidTrafficMirrorFilterNotFound":    {"traffic_mirror_filter_id", "Write the ID of a filter of this account and Region."},
}

// Metadata names the resource.
func (r *filterRuleResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_filter_rule"
}

// Schema describes the resource.
func (r *filterRuleResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "One rule of a traffic mirror filter. If one configuration owns all rules of a direction, use `ingress_rules` and `egress_rules` of `trafficmirror_filter` instead. " +
			"They also remove rules that were added by hand, and one apply is always enough to change numbers. Do not use both for one direction of one filter.\n\n" +
			"Separate rules can swap their numbers in one apply, if `-parallelism` (default: 10) is at least the number of these rules. " +
			"A rule waits while another rule has its number. It fails after " + reconcile.Patience.String() + " without a change that could free the number, and names the rule that has it. " +
			"If the failing rule already exists, it gets a free number until then, which the state shows. Apply again to finish.\n\n" +
			"While rules change their numbers together, no packet is mirrored that neither the old nor the new rules accept. If that is not possible because no number is free, a rule fails instead. " +
			"Creates, deletes, replacements, and changes of a rule that keeps its number happen in Terraform's order.",
		Attributes: map[string]schema.Attribute{
			"id":  computedText("ID of the rule, `tmfr-...`."),
			"arn": computedText("ARN of the rule."),
			"traffic_mirror_filter_id": schema.StringAttribute{
				Required:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
				MarkdownDescription: "ID of the filter, `tmf-...`. A change replaces the rule.",
			},
			"traffic_direction": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "`ingress` for packets that the interface receives, `egress` for packets that it sends.",
			},
			"rule_number": schema.Int64Attribute{
				Required:            true,
				CustomType:          numberType{},
				MarkdownDescription: "Number of the rule, " + mirror.RuleNumbers.String() + ". The rule with the lowest number is tried first. An error if another rule of the filter and direction has the number. With `create_before_destroy`, a rule cannot be replaced in its filter with the same number.",
			},
			"rule_action": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: ruleActionText,
			},
			"protocol": schema.StringAttribute{
				Optional:            true,
				CustomType:          protocolType{},
				PlanModifiers:       []planmodifier.String{keepEquivalent[protocolSemantics]{}},
				MarkdownDescription: protocolText,
			},
			"source_cidr_block": schema.StringAttribute{
				Required:            true,
				CustomType:          cidrType{},
				PlanModifiers:       []planmodifier.String{keepEquivalent[cidrSemantics]{}},
				MarkdownDescription: sourceCIDRText,
			},
			"destination_cidr_block": schema.StringAttribute{
				Required:            true,
				CustomType:          cidrType{},
				PlanModifiers:       []planmodifier.String{keepEquivalent[cidrSemantics]{}},
				MarkdownDescription: destinationCIDRText,
			},
			"source_port_range":      portRangeAttribute("source"),
			"destination_port_range": portRangeAttribute("destination"),
			"description": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Description of the rule. Default: none.",
			},
			"region":   regionAttribute(),
			"tags":     tagsAttribute(),
			"tags_all": tagsAllAttribute(),
			"timeouts": timeoutsAttribute(ctx),
		},
	}
}

// MoveState takes over aws_ec2_traffic_mirror_filter_rule.
func (r *filterRuleResource) MoveState(context.Context) []resource.StateMover {
	return r.moverFrom("aws_ec2_traffic_mirror_filter_rule")
}

// ValidateConfig checks the values.
func (r *filterRuleResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config filterRuleModel
	r.validate(ctx, req, resp, &config, func() mirror.Problems {
		_, problems := config.expand()
		return problems
	})
}

// Create creates the rule.
func (r *filterRuleResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan filterRuleModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := within(ctx, plan.Timeouts.Create, createTimeout, &resp.Diagnostics)
	defer cancel()
	const summary = "Error creating traffic mirror filter rule"
	rule, problems := plan.expand()
	if err := problems.Err(); err != nil {
		report(&resp.Diagnostics, summary, problems)
		return
	}
	here := r.at(&plan)
	created, err := here.run.CreateRule(ctx, rule, textMap(r.conn.tags.all(plan.Tags)))
	if err != nil {
		r.failuresIn(here).report(&resp.Diagnostics, summary, err)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, r.flatten(created, plan))...)
	resp.Diagnostics.Append(here.writeCreated(ctx, resp.Private)...)
	r.identify(ctx, resp.Identity, here, types.StringValue(created.Noun.ID), &resp.Diagnostics)
}

// Read reads the rule.
func (r *filterRuleResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state filterRuleModel
	rule, found := readObject(ctx, &r.object, req, resp, &state, (*account.Account).Rule)
	if !found {
		return
	}
	if !state.FilterID.IsNull() && state.FilterID.ValueString() != rule.Noun.FilterID {
		// A rule cannot leave its filter, so this is an import.
		resp.Diagnostics.AddError("Error reading traffic mirror filter rule",
			fmt.Sprintf("%s is a rule of %s, not of %s. Import it as \"%[2]s:%[1]s\".", rule.Noun.ID, rule.Noun.FilterID, state.FilterID.ValueString()))
		return
	}
	resp.Diagnostics.Append(set(ctx, &resp.State, r.flatten(rule, state))...)
}

// Update changes the rule in place, and its tags.
func (r *filterRuleResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state filterRuleModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	here := r.at(&state)
	r.identify(ctx, resp.Identity, here, state.ID, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := within(ctx, plan.Timeouts.Update, updateTimeout, &resp.Diagnostics)
	defer cancel()
	const summary = "Error updating traffic mirror filter rule"
	before, _ := state.expand()
	rule, problems := plan.expand()
	if err := problems.Err(); err != nil {
		report(&resp.Diagnostics, summary, problems)
		return
	}
	displaced, diags := readPrivate[int](ctx, req.Private, displacedKey)
	resp.Diagnostics.Append(diags...)
	at, losses, err := here.run.ChangeRule(ctx, before, rule, displaced == before.Number)
	warnOfLosses(&resp.Diagnostics, losses)
	if err != nil {
		var unsafe *reconcile.NoSafeOrderError
		if errors.As(err, &unsafe) {
			resp.Diagnostics.AddAttributeError(path.Root("rule_number"), summary, noSafeOrderText(unsafe))
		} else {
			r.reportUpdate(&resp.Diagnostics, here, summary, state.ID, err)
		}
		if !mirror.SameRule(at, before) {
			resp.Diagnostics.Append(resp.State.Set(ctx, state.displaced(at))...)
			resp.Diagnostics.Append(writePrivate(ctx, resp.Private, displacedKey, at.Number)...)
		}
		return
	}
	if displaced != 0 {
		resp.Diagnostics.Append(forgetPrivate(ctx, resp.Private, displacedKey)...)
	}
	wanted := r.conn.tags.all(plan.Tags)
	changed := plan
	changed.Tags, changed.TagsAll = state.Tags, state.TagsAll
	resp.Diagnostics.Append(resp.State.Set(ctx, changed)...)
	if err := here.account.Retag(ctx, r.kind, rule.ID, textMap(state.TagsAll), textMap(wanted)); err != nil {
		r.reportUpdate(&resp.Diagnostics, here, summary, state.ID, err)
		return
	}
	plan.TagsAll = wanted
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// noSafeOrderText explains why a rule has not changed, and what to do.
func noSafeOrderText(e *reconcile.NoSafeOrderError) string {
	return fmt.Sprintf("This rule was to become number %d of the %s rules of %s. No order was found in which it and the other rules of this apply can change without mirroring a packet that neither the old nor the new rules accept. "+
		"So the rule has not changed. Such an order exists if there are free numbers below the rules that accept and do not change: give these rules higher numbers, and apply again. "+
		"In the ingress_rules and egress_rules of a trafficmirror_filter there is always such an order.", e.Wanted.Number, e.Wanted.Direction, e.Wanted.FilterID)
}

// Delete deletes the rule, unless a map of its filter now owns it.
func (r *filterRuleResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	isLeft, diags := readPrivate[bool](ctx, req.Private, leftKey)
	resp.Diagnostics.Append(diags...)
	var state filterRuleModel
	r.deleteObject(ctx, req, resp, &state, &state.Timeouts, func(ctx context.Context, here *regional, created time.Time) error {
		if isLeft {
			return nil
		}
		return here.run.DeleteRule(ctx, state.checked().Noun, created)
	})
}
