package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

func filterCollisions(d mirror.Direction) map[[2]role]wording {
	return map[[2]role]wording{{asInline, asSeparate}: {
		rulesAttribute(d), "Rules of one direction in two places",
		"%s owns every rule of this direction, because " + rulesAttribute(d) + " is set. In the same direction this plan has trafficmirror_filter_rule: %s. " +
			"Move its rules into the map, or leave the map out and keep all rules of the direction as trafficmirror_filter_rule.",
	}}
}

// checkPlan finds what other objects of the plan are in the way of.
func (r *filterResource) checkPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.client == nil || resp.Diagnostics.HasError() {
		return
	}
	if req.Plan.Raw.IsNull() {
		r.stake(ctx, req, resp)
		r.askDelete(ctx, req, resp, r.deletion)
		return
	}
	var config, plan, state filterModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(resp.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(getPrior(ctx, req, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	found := r.stake(ctx, req, resp, config.claims(plan.ID.ValueString())...)
	for _, d := range mirror.Directions {
		own := claim{ruleDirection(plan.ID.ValueString(), d), asInline}
		reportCollisions(&resp.Diagnostics, about(own, found), filterCollisions(d))
	}
	r.client.policy.doubt(&resp.Diagnostics, config)
	r.warnOfRules(plan, resp)
	r.warnOfReplacement(ctx, "filter", req, resp)
	if r.asks(resp) {
		r.ask(ctx, req, config, plan, state, resp)
	}
}

// warnOfRules warns of more rules than the quota allows.
func (r *filterResource) warnOfRules(plan filterModel, resp *resource.ModifyPlanResponse) {
	count, quota := len(plan.IngressRules.Elements())+len(plan.EgressRules.Elements()), r.client.policy.quotas.RulesPerFilter
	if count <= quota {
		return
	}
	at := rulesAttribute(mirror.Ingress)
	if len(plan.EgressRules.Elements()) > len(plan.IngressRules.Elements()) {
		at = rulesAttribute(mirror.Egress)
	}
	r.client.policy.warnOfQuota(&resp.Diagnostics, path.Root(at), "rules", "rules_per_filter",
		fmt.Sprintf("The filter has %d rules, ingress and egress together, and the quota is taken to be %d.", count, quota))
}

// claims are the directions whose rules the filter owns. A filter without an ID
// can be in nobody's way yet.
func (m filterModel) claims(id string) []claim {
	var taken []claim
	for _, d := range m.managed() {
		if id != "" {
			taken = append(taken, claim{ruleDirection(id, d), asInline})
		}
	}
	return taken
}

// about returns the collisions that one claim found.
func about(own claim, found []collision) []collision {
	var its []collision
	for _, c := range found {
		if c.claim == own {
			its = append(its, c)
		}
	}
	return its
}
