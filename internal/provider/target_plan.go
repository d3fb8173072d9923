package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// targetCollisions words what collides at the attribute that holds the backing.
func targetCollisions(attribute string) map[[2]role]wording {
	return map[[2]role]wording{
		{asBacking, asBacking}: {
			attribute, "Two targets on one backing",
			"%s backs this target and another one of this plan: %s. An interface or a load balancer backs one target at a time, which any number of sessions can share. Remove one of the two targets.",
		},
		{asBacking, asSource}: {
			attribute, "Source and target at once",
			"%s backs this target, and sessions of this plan mirror it: %s. A network interface is either the one or the other. Choose another interface for one of them.",
		},
	}
}

// checkPlan finds what other objects of the plan are in the way of.
func (r *targetResource) checkPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.client == nil || resp.Diagnostics.HasError() {
		return
	}
	if req.Plan.Raw.IsNull() {
		r.stake(ctx, req, resp)
		r.askDelete(ctx, req, resp, r.deletion)
		return
	}
	var plan, state targetModel
	resp.Diagnostics.Append(resp.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(getPrior(ctx, req, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	attribute, backing := plan.exclusiveBacking()
	var wanted []claim
	if backing != "" {
		wanted = []claim{{backing, asBacking}}
	}
	reportCollisions(&resp.Diagnostics, r.stake(ctx, req, resp, wanted...), targetCollisions(attribute))
	r.refuseExchange(plan, state, resp)
	if _, before := state.exclusiveBacking(); backing != "" && backing != before {
		r.warnOfUsers(ctx, attribute, backing, resp)
	}
	r.warnOfReplacement(ctx, "target", req, resp)
	if r.asks(resp) {
		r.ask(ctx, req, plan, state, resp)
	}
}

// exclusiveBacking returns what backs the target and no other, and the attribute
// that says so. It is empty while it is not known; an endpoint of a Gateway Load
// Balancer is not exclusive.
func (m targetModel) exclusiveBacking() (attribute, id string) {
	if id := m.NetworkInterfaceID.ValueString(); id != "" {
		return "network_interface_id", id
	}
	return "network_load_balancer_arn", m.NetworkLoadBalancerARN.ValueString()
}

// warnOfUsers warns of what has the backing now. The plan may be about to remove it,
// which nobody can tell yet.
func (r *targetResource) warnOfUsers(ctx context.Context, attribute, backing string, resp *resource.ModifyPlanResponse) {
	for _, t := range r.client.strangeTargets(ctx, backing) {
		held := heldError{resource: "trafficmirror_target", id: t.ID}
		resp.Diagnostics.AddAttributeWarning(path.Root(attribute), "Another target stands on this backing", fmt.Sprintf(
			"An interface or a load balancer backs one target at a time, and %s backs another one now. Unless this plan moves or removes that first, the apply fails. %s", backing, held.adoption()))
	}
	if sessions := r.client.strangeSessions(ctx, backing); sessions != nil {
		resp.Diagnostics.AddAttributeWarning(path.Root(attribute), "Sessions mirror this backing", fmt.Sprintf(
			"A network interface is either the source of sessions or backs a target, and %s is the source of %s now. Unless this plan removes them first, the apply fails.", backing, sessionIDs(sessions)))
	}
}

// refuseExchange refuses targets that take each other's backings. A move creates
// the new target first, for which the backing must be free, so that no order of
// the moves exists.
func (r *targetResource) refuseExchange(plan, state targetModel, resp *resource.ModifyPlanResponse) {
	token := state.ID.ValueString()
	attribute, to := plan.exclusiveBacking()
	_, from := state.exclusiveBacking()
	if from == "" || to == "" || to == from || textChanges(plan.Description, state.Description) {
		return
	}
	circle := r.client.claims.exchange(token, move{from, to})
	if circle == nil {
		return
	}
	refusePlan(&resp.Diagnostics, path.Root(attribute), "Targets that exchange what backs them", fmt.Sprintf(
		"%s shall stand on %s, where %s stands now, and the plan leads back from there to %[1]s. An interface or a load balancer backs one target at a time, so no target can move first. "+
			"Leave the targets as they are and exchange traffic_mirror_target_id of their sessions, or move one of them to a third backing first.",
		token, to, strings.Join(circle, ", then ")))
}
