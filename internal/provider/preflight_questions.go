package provider

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// What the resources ask before an apply. Terraform plans a replacement twice: as a
// change, which asks for the delete, and as a new object, which asks for the create.

// asks reports whether there is anything to ask: a plan with errors comes to no
// apply.
func (o *object) asks(resp *resource.ModifyPlanResponse) bool {
	return o.client.preflight.isOn() && !resp.Diagnostics.HasError()
}

// askDelete asks whether the object may be deleted.
func (o *object) askDelete(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, deletion func(id string) question) {
	var id types.String
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("id"), &id)...)
	if !o.asks(resp) {
		return
	}
	q := deletion(id.ValueString())
	q.does, q.seen, q.ends = "deletes "+id.ValueString(), []string{id.ValueString()}, true
	o.client.mayApply(ctx, &resp.Diagnostics, q)
}

// askTags asks whether the tags of an object that exists may be changed.
func (o *object) askTags(ctx context.Context, resp *resource.ModifyPlanResponse, id string, present, planned types.Map) {
	if !isWhole(planned) {
		return
	}
	changed, gone := tagChanges(present, planned)
	if len(changed) > 0 {
		o.client.mayApply(ctx, &resp.Diagnostics, question{
			action: "CreateTags", does: "tags " + id, seen: append([]string{id}, tagTexts(tagList(changed))...),
			ask: dryRun(o.client.createTags, ec2.CreateTagsInput{DryRun: aws.Bool(true), Resources: []string{id}, Tags: tagList(changed)}),
		})
	}
	if len(gone) > 0 {
		o.client.mayApply(ctx, &resp.Diagnostics, question{
			action: "DeleteTags", does: "removes tags of " + id, seen: append([]string{id}, tagTexts(gone)...),
			ask: dryRun(o.client.deleteTags, ec2.DeleteTagsInput{DryRun: aws.Bool(true), Resources: []string{id}, Tags: gone}),
		})
	}
}

// creation is the question whether an object may be created, with these tags and
// without any.
func creation(action, does string, ids []string, tags []ec2types.TagSpecification, ask func([]ec2types.TagSpecification) func(context.Context) error) question {
	q := question{action: action, does: does, seen: slices.Clone(ids), ask: ask(tags)}
	for _, t := range tags {
		q.seen = append(q.seen, tagTexts(t.Tags)...)
		q.askUntagged = ask(nil)
	}
	return q
}

func tagTexts(tags []ec2types.Tag) []string {
	texts := make([]string, len(tags))
	for i, t := range tags {
		texts[i] = aws.ToString(t.Key) + "=" + aws.ToString(t.Value)
	}
	return texts
}

// isWhole reports whether a map is known with all of its values.
func isWhole(m types.Map) bool {
	return !m.IsUnknown() && !isAnyUnknown(slices.Collect(maps.Values(m.Elements()))...)
}

func isAnyUnknown(values ...attr.Value) bool {
	return slices.ContainsFunc(values, func(v attr.Value) bool { return v.IsUnknown() })
}

// ask asks what a plan of a session makes the apply do.
func (r *sessionResource) ask(ctx context.Context, req resource.ModifyPlanRequest, plan, state sessionModel, resp *resource.ModifyPlanResponse) {
	c, id := r.client, state.ID.ValueString()
	wanted, problems := plan.expand()
	switch known := !isAnyUnknown(plan.NetworkInterfaceID, plan.TargetID, plan.FilterID) && problems.Err() == nil; {
	case id == "" && known && isWhole(plan.TagsAll):
		in := *createSessionInput(wanted)
		in.DryRun = aws.Bool(true)
		if wanted.Number == 0 {
			in.SessionNumber = aws.Int32(int32(mirror.SessionNumbers.Max)) // one that is hardly taken
		}
		c.mayApply(ctx, &resp.Diagnostics, creation("CreateTrafficMirrorSession", "creates a session of "+wanted.InterfaceID,
			[]string{wanted.InterfaceID, wanted.TargetID, wanted.FilterID}, c.tagRequest(mirror.KindSession, plan.Tags),
			func(tags []ec2types.TagSpecification) func(context.Context) error {
				in.TagSpecifications = tags
				return dryRun(c.createSession, in)
			}))
	case id != "" && !plan.NetworkInterfaceID.Equal(state.NetworkInterfaceID):
		r.askDelete(ctx, req, resp, r.deletion)
	case id != "":
		present, _ := state.expand()
		if in := modifySessionInput(present, wanted, plan.VirtualNetworkID.IsUnknown()); known && in != nil {
			in.DryRun = aws.Bool(true)
			c.mayApply(ctx, &resp.Diagnostics, question{
				action: "ModifyTrafficMirrorSession", does: "changes " + id, seen: []string{id, wanted.TargetID, wanted.FilterID},
				ask: dryRun(c.modifySession, *in),
			})
		}
		r.askTags(ctx, resp, id, state.TagsAll, plan.TagsAll)
	}
}

func (r *sessionResource) deletion(id string) question {
	in := ec2.DeleteTrafficMirrorSessionInput{DryRun: aws.Bool(true), TrafficMirrorSessionId: &id}
	return question{action: "DeleteTrafficMirrorSession", ask: dryRun(r.client.deleteSession, in)}
}

// ask asks what a plan of a target makes the apply do. A move creates a target,
// points sessions at it and deletes the old one.
func (r *targetResource) ask(ctx context.Context, req resource.ModifyPlanRequest, plan, state targetModel, resp *resource.ModifyPlanResponse) {
	c, id := r.client, state.ID.ValueString()
	moves := id != "" && plan.backings() != state.backings()
	replaces := id != "" && textChanges(plan.Description, state.Description)
	if (id == "" || moves && !replaces) && plan.isBacked() && isWhole(plan.TagsAll) {
		c.mayApply(ctx, &resp.Diagnostics, r.creation(plan))
	}
	if moves || replaces {
		r.askDelete(ctx, req, resp, r.deletion)
	}
	if id != "" && !replaces {
		r.askTags(ctx, resp, id, state.TagsAll, plan.TagsAll)
	}
}

// isBacked reports whether it is known what backs the target.
func (m targetModel) isBacked() bool {
	return !isAnyUnknown(m.NetworkInterfaceID, m.NetworkLoadBalancerARN, m.GatewayLoadBalancerEndpointID)
}

func (r *targetResource) creation(plan targetModel) question {
	in := ec2.CreateTrafficMirrorTargetInput{
		DryRun:                        aws.Bool(true),
		NetworkInterfaceId:            plan.NetworkInterfaceID.ValueStringPointer(),
		NetworkLoadBalancerArn:        plan.NetworkLoadBalancerARN.ValueStringPointer(),
		GatewayLoadBalancerEndpointId: plan.GatewayLoadBalancerEndpointID.ValueStringPointer(),
		Description:                   textRequest(plan.Description.ValueString()),
	}
	backing := plan.NetworkInterfaceID.ValueString() + plan.NetworkLoadBalancerARN.ValueString() + plan.GatewayLoadBalancerEndpointID.ValueString()
	return creation("CreateTrafficMirrorTarget", "creates a target on "+backing, []string{backing}, r.client.tagRequest(mirror.KindTarget, plan.Tags),
		func(tags []ec2types.TagSpecification) func(context.Context) error {
			in.TagSpecifications = tags
			return dryRun(r.client.createTarget, in)
		})
}

func (r *targetResource) deletion(id string) question {
	in := ec2.DeleteTrafficMirrorTargetInput{DryRun: aws.Bool(true), TrafficMirrorTargetId: &id}
	return question{action: "DeleteTrafficMirrorTarget", ask: dryRun(r.client.deleteTarget, in)}
}

// ask asks what a plan of a rule makes the apply do.
func (r *filterRuleResource) ask(ctx context.Context, req resource.ModifyPlanRequest, plan, state filterRuleModel, resp *resource.ModifyPlanResponse) {
	c, id := r.client, state.ID.ValueString()
	rule, problems := plan.expand()
	switch known := isKnownRule(plan) && problems.Err() == nil; {
	case id == "" && known && isWhole(plan.TagsAll):
		c.mayApply(ctx, &resp.Diagnostics, c.ruleCreation(rule, c.tagRequest(mirror.KindFilterRule, plan.Tags)))
	case id != "" && !plan.FilterID.Equal(state.FilterID):
		r.askDelete(ctx, req, resp, c.ruleDeletion)
	case id != "":
		if before, _ := state.expand(); known && !sameRule(before, rule) {
			c.mayApply(ctx, &resp.Diagnostics, c.ruleChange(rule, "changes "+id, id))
		}
		r.askTags(ctx, resp, id, state.TagsAll, plan.TagsAll)
	}
}

func isKnownRule(m filterRuleModel) bool {
	ports := func(o types.Object) bool { return !o.IsUnknown() && !hasUnknown(o) }
	return !isAnyUnknown(m.FilterID, m.TrafficDirection, m.RuleNumber, m.RuleAction, m.Protocol, m.SourceCIDRBlock, m.DestinationCIDRBlock) &&
		ports(m.SourcePortRange) && ports(m.DestinationPortRange)
}

func (c *Client) ruleCreation(rule mirror.Rule, tags []ec2types.TagSpecification) question {
	in := *createRuleInput(rule)
	in.DryRun = aws.Bool(true)
	return creation("CreateTrafficMirrorFilterRule", "creates rules in "+rule.FilterID, []string{rule.FilterID}, tags,
		func(tags []ec2types.TagSpecification) func(context.Context) error {
			in.TagSpecifications = tags
			return dryRun(c.createRule, in)
		})
}

func (c *Client) ruleChange(rule mirror.Rule, does, seen string) question {
	in := *modifyRuleInput(rule)
	in.DryRun = aws.Bool(true)
	return question{action: "ModifyTrafficMirrorFilterRule", does: does, seen: []string{seen}, ask: dryRun(c.modifyRule, in)}
}

func (c *Client) ruleDeletion(id string) question {
	in := ec2.DeleteTrafficMirrorFilterRuleInput{DryRun: aws.Bool(true), TrafficMirrorFilterRuleId: &id}
	return question{action: "DeleteTrafficMirrorFilterRule", ask: dryRun(c.deleteRule, in)}
}

// ask asks what a plan of a filter makes the apply do. What concerns the services
// and the rules of a filter that is new is not asked: it has no ID yet.
func (r *filterResource) ask(ctx context.Context, req resource.ModifyPlanRequest, config, plan, state filterModel, resp *resource.ModifyPlanResponse) {
	c, id := r.client, state.ID.ValueString()
	switch replaces := textChanges(plan.Description, state.Description); {
	case id == "" && isWhole(plan.TagsAll):
		in := ec2.CreateTrafficMirrorFilterInput{DryRun: aws.Bool(true), Description: textRequest(plan.Description.ValueString())}
		c.mayApply(ctx, &resp.Diagnostics, creation("CreateTrafficMirrorFilter", "creates filters", nil, c.tagRequest(mirror.KindFilter, plan.Tags),
			func(tags []ec2types.TagSpecification) func(context.Context) error {
				in.TagSpecifications = tags
				return dryRun(c.createFilter, in)
			}))
	case id != "" && replaces:
		r.askDelete(ctx, req, resp, r.deletion)
	case id != "":
		r.askServices(ctx, resp, plan, state)
		r.askRules(ctx, resp, config, plan, state)
		r.askTags(ctx, resp, id, state.TagsAll, plan.TagsAll)
	}
}

func (r *filterResource) deletion(id string) question {
	in := ec2.DeleteTrafficMirrorFilterInput{DryRun: aws.Bool(true), TrafficMirrorFilterId: &id}
	return question{action: "DeleteTrafficMirrorFilter", ask: dryRun(r.client.deleteFilter, in)}
}

func (r *filterResource) askServices(ctx context.Context, resp *resource.ModifyPlanResponse, plan, state filterModel) {
	id := state.ID.ValueString()
	in := serviceChanges(id, networkServices(state.NetworkServices), networkServices(plan.NetworkServices))
	if in == nil || plan.NetworkServices.IsUnknown() {
		return
	}
	in.DryRun = aws.Bool(true)
	r.client.mayApply(ctx, &resp.Diagnostics, question{
		action: "ModifyTrafficMirrorFilterNetworkServices", does: "changes network_services of " + id, seen: []string{id},
		ask: dryRun(r.client.modifyServices, *in),
	})
}

// askRules asks for one of the rules that are created, changed and deleted: no
// policy can tell the rules of a filter apart, because they have no tags.
func (r *filterResource) askRules(ctx context.Context, resp *resource.ModifyPlanResponse, config, plan, state filterModel) {
	id := state.ID.ValueString()
	var added, changed, gone []mirror.Rule
	for _, d := range config.managed() {
		after, whole := wholeRules(d, *plan.rules(d))
		before, known := wholeRules(d, *state.rules(d))
		if !whole || !known {
			return
		}
		added = append(added, missingIn(before, after)...)
		gone = append(gone, missingIn(after, before)...)
		changed = append(changed, differingFrom(before, after)...)
	}
	if len(added) > len(gone) {
		rule := added[0]
		rule.FilterID = id
		r.client.mayApply(ctx, &resp.Diagnostics, r.client.ruleCreation(rule, nil))
	}
	// A rule that goes and one that comes are one change.
	changed = append(changed, added[:min(len(added), len(gone))]...)
	if len(changed) == 0 && len(gone) <= len(added) {
		return
	}
	filter, err := r.client.Inventory.Filter(ctx, id)
	if err != nil || len(filter.Noun.Rules) == 0 {
		return
	}
	anyRule := filter.Noun.Rules[0].ID
	if len(changed) > 0 {
		rule := changed[0]
		rule.ID = anyRule
		r.client.mayApply(ctx, &resp.Diagnostics, r.client.ruleChange(rule, "changes rules of "+id, id))
	}
	if len(gone) > len(added) {
		q := r.client.ruleDeletion(anyRule)
		q.does, q.seen = "deletes rules of "+id, []string{id}
		r.client.mayApply(ctx, &resp.Diagnostics, q)
	}
}

// missingIn returns the rules with numbers that others do not have.
func missingIn(others, rules []mirror.Rule) []mirror.Rule {
	return slices.DeleteFunc(slices.Clone(rules), func(r mirror.Rule) bool {
		return slices.ContainsFunc(others, func(o mirror.Rule) bool { return o.Number == r.Number })
	})
}

// differingFrom returns the rules that others have with another content.
func differingFrom(others, rules []mirror.Rule) []mirror.Rule {
	return slices.DeleteFunc(slices.Clone(rules), func(r mirror.Rule) bool {
		return !slices.ContainsFunc(others, func(o mirror.Rule) bool { return o.Number == r.Number && !sameContent(o, r) })
	})
}
