package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// planPatience is how long a plan waits for an object to be seen that another run,
// or another provider, may have created just now.
const planPatience = 2 * time.Second

// An owner is what EC2 has said of a target: whose it is, or that there is none.
type owner struct {
	account string
	missing error
}

// targetOwner returns the account that owns a target. Of a target that many sessions
// name, only the first of them asks, and waits.
func (c *Client) targetOwner(ctx context.Context, id string) (string, error) {
	defer c.turns.take(id)()
	if known, found := c.live.owners.Load(id); found {
		return known.(owner).account, known.(owner).missing
	}
	patience := planPatience
	if c.touched.has(id) {
		patience = settlingTime
	}
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var target account.Tagged[mirror.Target]
	err := waitOut(waiting, account.IsNotFound, func() (err error) {
		target, err = c.Inventory.Target(ctx, id)
		return err
	})
	switch {
	case err == nil:
		c.live.owners.Store(id, owner{account: target.Noun.OwnerID})
	case account.IsNotFound(err) && ctx.Err() == nil && !c.touched.has(id):
		c.live.owners.Store(id, owner{missing: err})
	}
	return target.Noun.OwnerID, err
}

// checkLive checks a session that is new or changes against what exists.
func (r *sessionResource) checkLive(ctx context.Context, plan, state sessionModel, resp *resource.ModifyPlanResponse) {
	if !plan.TargetID.IsUnknown() && !plan.TargetID.Equal(state.TargetID) {
		r.checkTarget(ctx, plan.TargetID.ValueString(), resp)
	}
	if plan.NetworkInterfaceID.IsUnknown() {
		return
	}
	if !plan.NetworkInterfaceID.Equal(state.NetworkInterfaceID) {
		r.checkSource(ctx, plan.NetworkInterfaceID.ValueString(), resp)
		r.warnOfSessions(ctx, plan.NetworkInterfaceID.ValueString(), resp)
		r.warnOfNumber(ctx, plan, false, resp)
	} else if !plan.SessionNumber.Equal(state.SessionNumber) {
		r.warnOfNumber(ctx, plan, true, resp)
	}
}

// checkTarget refuses a target that does not exist, or that the guard refuses.
func (r *sessionResource) checkTarget(ctx context.Context, id string, resp *resource.ModifyPlanResponse) {
	owner, err := r.client.targetOwner(ctx, id)
	guarded := r.client.policy.owners != nil
	switch at := path.Root("traffic_mirror_target_id"); {
	case account.IsNotFound(err):
		refusePlan(&resp.Diagnostics, at, "The target does not exist", fmt.Sprintf(
			"EC2 knows no target %s. Write the ID of a target of this Region that this account owns or that is shared with it.", id))
	case err != nil && guarded && !errors.Is(err, context.Canceled):
		refusePlan(&resp.Diagnostics, at, "The guard cannot tell whose target this is", fmt.Sprintf(
			"guard in the provider block allows the targets of some accounts only, and the owner of %s could not be read: %s", id, answer(err)))
	case err == nil && !r.client.policy.allows(owner):
		refusePlan(&resp.Diagnostics, at, "The guard refuses the target", fmt.Sprintf(
			"%s belongs to account %s, to which guard in the provider block does not allow sessions to send copies. "+
				"Use a target of another account, or add this one to target_owner_ids.", id, owner))
	}
}

// warnOfSessions warns of more sessions on the interface than the quota allows.
func (r *sessionResource) warnOfSessions(ctx context.Context, interfaceID string, resp *resource.ModifyPlanResponse) {
	r.client.warnOfQuota(&resp.Diagnostics, crowd{
		attribute: "network_interface_id", place: interfaceID, what: "sessions",
		planned: r.client.claims.count(interfaceID, asSource), strange: len(r.client.strangeSessions(ctx, interfaceID)),
		quota: r.client.policy.quotas.SessionsPerInterface, argument: "sessions_per_interface",
	})
}

// warnOfNumber warns of a session that has the number now.
func (r *sessionResource) warnOfNumber(ctx context.Context, plan sessionModel, exists bool, resp *resource.ModifyPlanResponse) {
	id := plan.NetworkInterfaceID.ValueString()
	for _, s := range r.client.strangeSessions(ctx, id) {
		if plan.SessionNumber.IsUnknown() || int64(s.Number) != plan.SessionNumber.ValueInt64() {
			continue
		}
		r.client.warnOfHolder(&resp.Diagnostics, path.Root("session_number"), "Session number in use", "the sessions of "+id, s.Number,
			heldError{resource: "trafficmirror_session", id: s.ID}, exists)
	}
}
