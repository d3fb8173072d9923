package provider

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

var (
	_ resource.ResourceWithConfigure      = (*filterResource)(nil)
	_ resource.ResourceWithIdentity       = (*filterResource)(nil)
	_ resource.ResourceWithImportState    = (*filterResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*filterResource)(nil)
	_ resource.ResourceWithMoveState      = (*filterResource)(nil)
	_ resource.ResourceWithValidateConfig = (*filterResource)(nil)
)

func newFilterResource() resource.Resource { return &filterResource{object{kind: mirror.KindFilter}} }

// filterResource is a traffic mirror filter, with its rules where the
// configuration holds them.
type filterResource struct{ object }

type filterModel struct {
	ID              types.String   `tfsdk:"id"`
	ARN             types.String   `tfsdk:"arn"`
	Description     types.String   `tfsdk:"description"`
	NetworkServices types.Set      `tfsdk:"network_services"`
	IngressRules    types.Map      `tfsdk:"ingress_rules"`
	EgressRules     types.Map      `tfsdk:"egress_rules"`
	Tags            types.Map      `tfsdk:"tags"`
	TagsAll         types.Map      `tfsdk:"tags_all"`
	Timeouts        timeouts.Value `tfsdk:"timeouts"`
}

// rules returns the rule map of a direction.
func (m *filterModel) rules(d mirror.Direction) *types.Map {
	if d == mirror.Egress {
		return &m.EgressRules
	}
	return &m.IngressRules
}

// rulesAttribute names the attribute that holds the rules of a direction.
func rulesAttribute(d mirror.Direction) string { return string(d) + "_rules" }

// managed returns the directions whose rules the filter owns. Only the
// configuration tells: the state shows the rules of both directions.
func (m *filterModel) managed() []mirror.Direction {
	var directions []mirror.Direction
	for _, d := range mirror.Directions {
		if !m.rules(d).IsNull() {
			directions = append(directions, d)
		}
	}
	return directions
}

var filterFailures = failures{
	"TrafficMirrorFilterLimitExceeded":     {"", "The account has as many filters as its quota allows. Delete some, or ask AWS for a higher quota."},
	"TrafficMirrorFilterRuleLimitExceeded": {"", "The filter would have more rules, ingress and egress together, than the account's quota allows. Remove rules, or ask AWS for a higher quota."},
	"TrafficMirrorFilterInUse":             {"", "Sessions still use the filter. Delete them, or give them another filter."},
}

// Metadata names the resource.
func (r *filterResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_filter"
}

// Schema describes the resource.
func (r *filterResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A traffic mirror filter: which packets sessions copy. The rules of a direction are tried in the order of their numbers, and the first that matches decides. " +
			"A packet that no rule matches is not mirrored, so that a filter without rules mirrors nothing.",
		Attributes: map[string]schema.Attribute{
			"id":  computedText("ID of the filter, `tmf-...`."),
			"arn": computedText("ARN of the filter."),
			"description": schema.StringAttribute{
				Optional:            true,
				PlanModifiers:       []planmodifier.String{replaceIfTextChanges()},
				MarkdownDescription: "What the filter is for. EC2 cannot change it, so that a change replaces the filter. None if left out.",
			},
			"network_services": schema.SetAttribute{
				Optional:            true,
				ElementType:         types.StringType,
				MarkdownDescription: "Services whose traffic is mirrored in both directions whatever the rules say. Only `amazon-dns` exists, the resolver of the VPC; without it no rule mirrors that traffic. None if left out.",
			},
			"ingress_rules": rulesMapAttribute(mirror.Ingress),
			"egress_rules":  rulesMapAttribute(mirror.Egress),
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
			", in quotes: `\"100\" = { ... }`. When set, `{}` included, the filter owns every rule of this direction: a rule that was added elsewhere is removed. " +
			"When left out, the rules are managed elsewhere, as by `trafficmirror_filter_rule`, and this attribute shows them. Mind the spelling inside a rule: Terraform drops an unknown name there without a word, and a rule without its port range matches every port.",
	}
}

func (m *filterModel) check() mirror.Problems {
	var r reader
	var filter mirror.Filter
	if r.says("network_services", m.NetworkServices) {
		filter.NetworkServices = networkServices(m.NetworkServices)
	}
	problems := r.check(filter.Validate())
	for _, d := range mirror.Directions {
		_, found := expandRules(rulesAttribute(d), d, *m.rules(d))
		problems = append(problems, found...)
	}
	return append(problems, checkTags(m.Tags)...)
}

// MoveState takes over aws_ec2_traffic_mirror_filter.
func (r *filterResource) MoveState(context.Context) []resource.StateMover {
	return r.moverFrom("aws_ec2_traffic_mirror_filter")
}

// ValidateConfig checks the values.
func (r *filterResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config filterModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	report(&resp.Diagnostics, "Invalid traffic mirror filter", config.check())
}

// ModifyPlan plans the rules of a direction that the configuration leaves out: they
// stay as they are, and a new filter has none.
func (r *filterResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	defer r.checkPlan(ctx, req, resp)
	defer r.finishPlan(ctx, req, resp)
	if req.Plan.Raw.IsNull() {
		return
	}
	var config, state, plan filterModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	state.IngressRules, state.EgressRules = types.MapNull(ruleMapType.ElemType), types.MapNull(ruleMapType.ElemType)
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	for _, d := range mirror.Directions {
		if config.rules(d).IsNull() {
			*plan.rules(d) = *state.rules(d)
		}
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// Create creates the filter, then its services and rules, for which EC2 has calls
// of their own. The filter is in the state before those are made, so that it is
// not lost when one of them fails.
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
	out, err := r.client.createFilter(ctx, &ec2.CreateTrafficMirrorFilterInput{
		Description:       textRequest(plan.Description.ValueString()),
		TagSpecifications: r.client.tagRequest(mirror.KindFilter, plan.Tags),
	})
	if err != nil {
		filterFailures.report(&resp.Diagnostics, summary, err)
		return
	}
	noun, err := account.FilterOf(*out.TrafficMirrorFilter)
	if err != nil {
		resp.Diagnostics.AddError(summary, err.Error())
		return
	}
	created := account.Tagged[mirror.Filter]{Noun: noun, Tags: account.TagsOf(out.TrafficMirrorFilter.Tags)}
	r.client.touched.note(noun.ID)
	r.client.claims.stake(noun.ID, config.claims(noun.ID)...) // rules of their own are planned again, now with the ID
	resp.Diagnostics.Append(resp.State.Set(ctx, r.flatten(created, filterModel{Timeouts: plan.Timeouts}))...)
	resp.Diagnostics.Append(writeCreated(ctx, resp.Private)...)
	r.identify(ctx, resp.Identity, types.StringValue(noun.ID), &resp.Diagnostics)
	err = r.converge(ctx, &created.Noun, config, plan)
	if err != nil {
		filterFailures.report(&resp.Diagnostics, summary, err)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, r.flatten(created, plan).owning(config.managed(), plan))...)
}

// Read reads the filter with the rules of both directions.
func (r *filterResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state filterModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	r.identify(ctx, resp.Identity, state.ID, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	filter, err := readSettled(ctx, req.Private, r.client.Inventory.Filter, state.ID.ValueString())
	switch {
	case account.IsNotFound(err):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		filterFailures.report(&resp.Diagnostics, "Error reading traffic mirror filter", err)
		return
	}
	fresh := r.flatten(filter, state)
	for _, d := range mirror.Directions {
		// What was never there is not there still. An import knows nothing yet and
		// takes what it finds.
		if !state.ARN.IsNull() && state.rules(d).IsNull() && len(fresh.rules(d).Elements()) == 0 {
			*fresh.rules(d) = *state.rules(d)
		}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, fresh)...)
}

// Update changes tags, services and rules.
func (r *filterResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var config, plan, state filterModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	r.identify(ctx, resp.Identity, state.ID, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := within(ctx, plan.Timeouts.Update, updateTimeout, &resp.Diagnostics)
	defer cancel()
	const summary = "Error updating traffic mirror filter"
	filter, err := readSettled(ctx, req.Private, r.client.Inventory.Filter, state.ID.ValueString())
	if err != nil {
		filterFailures.report(&resp.Diagnostics, summary, err)
		return
	}
	wanted := r.client.tags.all(plan.Tags)
	if err := r.client.retag(ctx, filter.Noun.ID, state.TagsAll, wanted); err != nil {
		filterFailures.report(&resp.Diagnostics, summary, err)
		return
	}
	filter.Tags = textMap(wanted)
	err = r.converge(ctx, &filter.Noun, config, plan)
	if err != nil {
		filterFailures.report(&resp.Diagnostics, summary, err)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, r.flatten(filter, plan).owning(config.managed(), plan))...)
}

// converge makes the services and the rules of the managed directions those of
// the plan. The filter follows each call that succeeds, so that after an error it
// still tells what exists.
func (r *filterResource) converge(ctx context.Context, filter *mirror.Filter, config, plan filterModel) error {
	if err := r.setServices(ctx, filter, networkServices(plan.NetworkServices)); err != nil {
		return err
	}
	var wanted []mirror.Rule
	managed := config.managed()
	for _, d := range managed {
		rules, problems := expandRules(rulesAttribute(d), d, *plan.rules(d))
		if err := problems.Err(); err != nil {
			return err // Terraform has validated the plan; this is the last line of defence
		}
		wanted = append(wanted, rules...)
	}
	return r.client.convergeRules(ctx, filter, managed, wanted)
}

// Delete deletes the filter. Its rules go with it.
func (r *filterResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state filterModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r.client.changes.note() // a destroy is not planned again in the apply
	ctx, cancel := within(ctx, state.Timeouts.Delete, deleteTimeout, &resp.Diagnostics)
	defer cancel()
	users := account.Where{Name: "traffic-mirror-filter-id", Values: []string{state.ID.ValueString()}}
	err := deleteSettled(ctx, req.Private, func() error {
		return r.client.released(ctx, users, func() error {
			_, err := r.client.deleteFilter(ctx, &ec2.DeleteTrafficMirrorFilterInput{TrafficMirrorFilterId: state.ID.ValueStringPointer()})
			return err
		})
	})
	if err != nil {
		filterFailures.report(&resp.Diagnostics, "Error deleting traffic mirror filter", err)
	}
}

func (r *filterResource) flatten(filter account.Tagged[mirror.Filter], prior filterModel) filterModel {
	f := filter.Noun
	tags, all := r.client.tags.flatten(filter.Tags, prior.Tags, prior.TagsAll)
	m := filterModel{
		ID:              types.StringValue(f.ID),
		ARN:             types.StringValue(r.client.arn(mirror.KindFilter, "", f.ID)),
		Description:     flattenText(f.Description, prior.Description),
		NetworkServices: flattenServices(f.NetworkServices, prior.NetworkServices),
		Tags:            tags,
		TagsAll:         all,
		Timeouts:        prior.Timeouts,
	}
	for _, d := range mirror.Directions {
		*m.rules(d) = flattenRules(f.InDirection(d), *prior.rules(d))
	}
	return m
}

// owning returns the state after create or update: a direction that the
// configuration leaves out is what was planned, whoever changed it meanwhile.
func (m filterModel) owning(managed []mirror.Direction, plan filterModel) filterModel {
	for _, d := range mirror.Directions {
		if !slices.Contains(managed, d) {
			*m.rules(d) = *plan.rules(d)
		}
	}
	return m
}
