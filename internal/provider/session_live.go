package provider

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// live is what a plan has read of EC2 to check new sessions against. It is read
// once: what a plan finds in it is a warning, or is asked for again.
type live struct {
	once     sync.Once
	sessions map[string][]mirror.Session // by interface
	targets  sync.Map                    // owners, by ID
}

// liveSessions returns the sessions of an interface that this run has neither
// planned nor changed yet. Where EC2 does not tell, it knows of none.
func (c *Client) liveSessions(ctx context.Context, interfaceID string) []mirror.Session {
	c.live.once.Do(func() {
		sessions, err := c.Inventory.Sessions(ctx)
		if err != nil {
			return
		}
		c.live.sessions = map[string][]mirror.Session{}
		for _, s := range sessions {
			c.live.sessions[s.InterfaceID] = append(c.live.sessions[s.InterfaceID], s)
		}
	})
	var others []mirror.Session
	for _, s := range c.live.sessions[interfaceID] {
		if !c.touched.has(s.ID) && !c.claims.knows(s.ID) {
			others = append(others, s)
		}
	}
	return others
}

// targetPatience is how long a target may take to be seen after another run has
// created it.
const targetPatience = 2 * time.Second

// targetOwner returns the account that owns a target.
func (c *Client) targetOwner(ctx context.Context, id string) (string, error) {
	defer c.turns.take(id)()
	if owner, found := c.live.targets.Load(id); found {
		return owner.(string), nil
	}
	patience := targetPatience
	if c.touched.has(id) {
		patience = settlingTime
	}
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var target inventory.Tagged[mirror.Target]
	err := waitOut(waiting, inventory.IsNotFound, func() (err error) {
		target, err = c.Inventory.Target(ctx, id)
		return err
	})
	if err == nil {
		c.live.targets.Store(id, target.Noun.OwnerID)
	}
	return target.Noun.OwnerID, err
}

// checkLive checks a session that is new or changes against what exists.
func (r *sessionResource) checkLive(ctx context.Context, plan, state sessionModel, resp *resource.ModifyPlanResponse) {
	if !plan.TargetID.IsUnknown() && !plan.TargetID.Equal(state.TargetID) {
		r.checkTarget(ctx, plan.TargetID.ValueString(), resp)
	}
	if !plan.NetworkInterfaceID.IsUnknown() && !(plan.NetworkInterfaceID.Equal(state.NetworkInterfaceID) && plan.SessionNumber.Equal(state.SessionNumber)) {
		r.checkOthers(ctx, plan, resp)
	}
}

// checkTarget refuses a target that does not exist, or that the guard refuses.
func (r *sessionResource) checkTarget(ctx context.Context, id string, resp *resource.ModifyPlanResponse) {
	owner, err := r.client.targetOwner(ctx, id)
	guarded := r.client.policy.owners != nil
	switch at := path.Root("traffic_mirror_target_id"); {
	case inventory.IsNotFound(err):
		resp.Diagnostics.AddAttributeError(at, "The target does not exist", fmt.Sprintf(
			"EC2 knows no target %s. Write the ID of a target of this Region that this account owns or that is shared with it.", id))
	case err != nil && guarded && !errors.Is(err, context.Canceled):
		resp.Diagnostics.AddAttributeError(at, "The guard cannot tell whose target this is", fmt.Sprintf(
			"guard in the provider block allows the targets of some accounts only, and the owner of %s could not be read.\n\n%s", id, answer(err)))
	case err == nil && !r.client.policy.allows(owner):
		resp.Diagnostics.AddAttributeError(at, "The guard refuses the target", fmt.Sprintf(
			"%s belongs to account %s, to which guard in the provider block does not allow sessions to send copies. "+
				"Use a target of another account, or add this one to target_owner_ids. To destroy what exists in spite of this, use terraform destroy -refresh=false.", id, owner))
	}
}

// checkOthers warns of sessions that are in the way now. The plan may be about to
// remove them, which nobody can tell yet.
func (r *sessionResource) checkOthers(ctx context.Context, plan sessionModel, resp *resource.ModifyPlanResponse) {
	id, quota := plan.NetworkInterfaceID.ValueString(), r.client.policy.quotas.SessionsPerInterface
	others := r.client.liveSessions(ctx, id)
	planned := r.client.claims.count(id, asSource)
	if count := planned + len(others); count > quota && planned <= quota {
		r.client.policy.warn(&resp.Diagnostics, findingQuota, path.Root("network_interface_id"), "More sessions than the quota allows", fmt.Sprintf(
			"With this session and those that exist, %d sessions mirror %s, and the quota is taken to be %d. Unless this plan removes some first, the apply fails.", count, id, quota))
	}
	for _, s := range others {
		if plan.SessionNumber.IsUnknown() || int64(s.Number) != plan.SessionNumber.ValueInt64() {
			continue
		}
		held := heldError{resource: "trafficmirror_session", id: s.ID}
		resp.Diagnostics.AddAttributeWarning(path.Root("session_number"), "Session number in use", fmt.Sprintf(
			"Another session has number %d on %s now. Unless this plan gives it another number or removes it first, the apply fails. %s", s.Number, id, held.adoption()))
	}
}
