package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/reconcile"
)

var (
	_ resource.ResourceWithConfigure      = (*filterResource)(nil)
	_ resource.ResourceWithIdentity       = (*filterResource)(nil)
	_ resource.ResourceWithImportState    = (*filterResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*filterResource)(nil)
	_ resource.ResourceWithMoveState      = (*filterResource)(nil)
	_ resource.ResourceWithValidateConfig = (*filterResource)(nil)
)

func newFilterResource() resource.Resource {
	return &filterResource{object{kind: mirror.KindFilter, failures: filterFailures}}
}

// filterResource is a traffic mirror filter. It owns the rules of a direction if the
// configuration sets the map of that direction.
type filterResource struct{ object }

var filterFailures = failures{
	"TrafficMirrorFilterLimitExceeded":     {"", "The account has as many filters as its quota allows. Delete some. " + mirror.QuotaAdvice},
	"TrafficMirrorFilterRuleLimitExceeded": {"", "The filter would have more rules, ingress and egress together, than the account's quota allows. Remove rules. " + mirror.QuotaAdvice},
	"TrafficMirrorFilterInUse":             {"", "Sessions still use the filter. Delete them, or give them another filter. " + deleteOrder("filter")},
}

// Metadata names the resource.
func (r *filterResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_filter"
}

// Schema describes the resource.
func (r *filterResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A traffic mirror filter selects the packets that sessions copy. The rules of a direction are tried in the order of their numbers, and the first rule that matches decides. " +
			"A packet that no rule matches is not mirrored. A filter without rules mirrors nothing, except Amazon DNS if `network_services` has it.\n\n" +
			"EC2 changes rules one by one. While `ingress_rules` and `egress_rules` change, no packet is mirrored that neither the old nor the new rules accept. There are never more rules than before or after. " +
			"Packets that both the old and the new rules accept are mirrored all the time, if an order of calls exists for that. If none was found, the apply warns that some of them are missing for a moment.\n\n" + deleteOrderDocs("filter"),
		Attributes: map[string]schema.Attribute{
			"id":  computedText("ID of the filter, `tmf-...`."),
			"arn": computedText("ARN of the filter."),
			"description": schema.StringAttribute{
				Optional:            true,
				PlanModifiers:       []planmodifier.String{replaceIfTextChanges()},
				MarkdownDescription: "Description of the filter. EC2 cannot change it, so a change replaces the filter. While sessions use the filter, set `lifecycle { create_before_destroy = true }` in it. Default: none.",
			},
			"network_services": schema.SetAttribute{
				Optional:            true,
				ElementType:         types.StringType,
				MarkdownDescription: "Services whose traffic is mirrored in both directions, whatever the rules are. The only value is `amazon-dns`: the traffic of the VPC's resolver. No rule can mirror that traffic. Default: none.",
			},
			"ingress_rules": rulesMapAttribute(mirror.Ingress),
			"egress_rules":  rulesMapAttribute(mirror.Egress),
			"assertions":    assertionsAttribute(),
			"region":        regionAttribute(),
			"tags":          tagsAttribute(),
			"tags_all":      tagsAllAttribute(),
			"timeouts":      timeoutsAttribute(ctx),
		},
	}
}

func rulesMapAttribute(d mirror.Direction) schema.Attribute {
	way := map[mirror.Direction]string{mirror.Ingress: "receives", mirror.Egress: "sends"}[d]
	return schema.MapNestedAttribute{
		Optional:     true,
		Computed:     true,
		NestedObject: schema.NestedAttributeObject{Attributes: ruleAttributes()},
		MarkdownDescription: "Rules for the packets that the interface " + way + ", keyed by rule number, " + mirror.RuleNumbers.String() +
			", in quotes: `\"100\" = { ... }`. If set (also to `{}`), the filter owns every rule of this direction and removes rules that were added elsewhere. " +
			"Default: the rules are managed elsewhere, for example by `trafficmirror_filter_rule`, and this attribute shows them. Check the names inside a rule: Terraform ignores an unknown name there without a message, and a rule without a port range matches every port.",
	}
}

// MoveState takes over aws_ec2_traffic_mirror_filter.
func (r *filterResource) MoveState(context.Context) []resource.StateMover {
	return r.moverFrom("aws_ec2_traffic_mirror_filter")
}

// ValidateConfig checks the values.
func (r *filterResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config filterModel
	r.validate(ctx, req, resp, &config, config.check)
}

// Create creates the filter, then its services and rules in separate calls. It writes the
// filter to the state before these calls, so that the filter is not lost if one fails.
func (r *filterResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var config, plan filterModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := within(ctx, plan.Timeouts.Create, createTimeout, &resp.Diagnostics)
	defer cancel()
	const summary = "Error creating traffic mirror filter"
	here := r.at(&plan)
	created, err := here.account.CreateFilter(ctx, plan.Description.ValueString(), textMap(r.conn.tags.all(plan.Tags)), account.NewToken())
	if err != nil {
		r.failuresIn(here).report(&resp.Diagnostics, summary, err)
		return
	}
	known := plan
	known.ID = types.StringValue(created.Noun.ID)
	here.plan.FilterCreated(known.checked(config.managed())) // its rules and sessions are planned again, now with the ID
	resp.Diagnostics.Append(resp.State.Set(ctx, r.flatten(created, filterModel{Region: plan.Region, Timeouts: plan.Timeouts}))...)
	resp.Diagnostics.Append(here.writeCreated(ctx, resp.Private)...)
	r.identify(ctx, resp.Identity, here, types.StringValue(created.Noun.ID), &resp.Diagnostics)
	losses, err := here.converge(ctx, &created.Noun, config, plan)
	warnOfLosses(&resp.Diagnostics, losses)
	if err != nil {
		r.failuresIn(here).report(&resp.Diagnostics, summary, err)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, r.flatten(created, plan).owning(config.managed(), plan))...)
}

// Read reads the filter with the rules of both directions.
func (r *filterResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state filterModel
	filter, found := readObject(ctx, &r.object, req, resp, &state, (*account.Account).Filter)
	if !found {
		return
	}
	fresh := r.flatten(filter, state)
	for _, d := range mirror.Directions {
		// A direction that was null and has no rules stays null. After an import, which
		// has no ARN in the state yet, it becomes an empty map.
		if !state.ARN.IsNull() && state.rules(d).IsNull() && len(fresh.rules(d).Elements()) == 0 {
			*fresh.rules(d) = *state.rules(d)
		}
	}
	resp.Diagnostics.Append(set(ctx, &resp.State, fresh)...)
}

// Update changes tags, services and rules.
func (r *filterResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var config, plan, state filterModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	here := r.at(&state)
	r.identify(ctx, resp.Identity, here, state.ID, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := within(ctx, plan.Timeouts.Update, updateTimeout, &resp.Diagnostics)
	defer cancel()
	const summary = "Error updating traffic mirror filter"
	filter, err := readNow(ctx, here, req.Private, (*account.Account).Filter, state.ID.ValueString())
	if err != nil {
		r.reportUpdate(&resp.Diagnostics, here, summary, state.ID, err)
		return
	}
	tags := r.conn.tags.all(plan.Tags)
	if err := here.account.Retag(ctx, r.kind, filter.Noun.ID, textMap(state.TagsAll), textMap(tags)); err != nil {
		r.reportUpdate(&resp.Diagnostics, here, summary, state.ID, err)
		return
	}
	filter.Tags = textMap(tags)
	losses, err := here.converge(ctx, &filter.Noun, config, plan)
	warnOfLosses(&resp.Diagnostics, losses)
	if err != nil {
		r.reportUpdate(&resp.Diagnostics, here, summary, state.ID, err)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, r.flatten(filter, plan).owning(config.managed(), plan))...)
}

// converge changes the services and the rules of the managed directions to the planned
// ones. It returns the losses meanwhile.
func (r *regional) converge(ctx context.Context, filter *mirror.Filter, config, plan filterModel) ([]reconcile.Loss, error) {
	wanted := mirror.Filter{NetworkServices: networkServices(plan.NetworkServices)}
	for _, d := range config.managed() {
		rules, problems := expandRules(check.RulesField(d), d, *plan.rules(d))
		if err := problems.Err(); err != nil {
			return nil, err // not expected: Terraform has validated the plan
		}
		wanted.Rules = append(wanted.Rules, rules...)
	}
	return r.run.ConvergeFilter(ctx, filter, config.managed(), wanted)
}

// warnOfLosses says that packets were missing while rules changed.
func warnOfLosses(diags *diag.Diagnostics, losses []reconcile.Loss) {
	for _, loss := range losses {
		calls := "1 call"
		if loss.Calls > 1 {
			calls = fmt.Sprintf("%d calls", loss.Calls)
		}
		diags.AddWarning("Mirroring was interrupted for some packets", fmt.Sprintf("While the %[1]s rules changed, some packets that both the old and the new %[1]s rules accept were not mirrored for the time of %[2]s to EC2. "+
			"No order of calls was found that mirrors all of them and no other packet. "+
			"To change such rules without an interruption, apply twice, if the quota of rules permits it. The first apply adds the new rules at lower numbers than the old ones. The second apply removes the old ones.", loss.Direction, calls))
	}
}

// Delete deletes the filter and its rules.
func (r *filterResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state filterModel
	r.deleteObject(ctx, req, resp, &state, &state.Timeouts, func(ctx context.Context, here *regional, created time.Time) error {
		return here.run.DeleteFilter(ctx, state.ID.ValueString(), created)
	})
}
