package provider

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// EC2 cannot change what backs a target. To replace the target would first delete
// it, which fails while sessions use it. So a move creates a second target, points
// the sessions at it, and deletes the first; for Terraform it is an update in
// which the ID changes.

// planMove plans a move: the ID and what follows from it are known after apply.
func (r *targetResource) planMove(ctx context.Context, plan, state targetModel, resp *resource.ModifyPlanResponse) {
	for _, name := range []string{"id", "arn"} {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root(name), types.StringUnknown())...)
	}
	attribute, kind := plan.backing()
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("type"), kind)...)
	sessions, err := r.sessionsOf(ctx, state.ID.ValueString())
	if err != nil {
		targetFailures.report(&resp.Diagnostics, "Error reading the sessions of a traffic mirror target", err)
		return
	}
	var foreign []string
	for _, s := range sessions {
		if s.OwnerID != state.OwnerID.ValueString() {
			foreign = append(foreign, fmt.Sprintf("%s (account %s)", s.ID, s.OwnerID))
		}
	}
	if foreign != nil {
		refusePlan(&resp.Diagnostics, path.Root(attribute), "Sessions of other accounts use the traffic mirror target", fmt.Sprintf(
			"What backs %s cannot change while sessions use it that only their owners can move: %s. "+
				"Create a second target for the new backing, let the owners point their sessions at it, and remove this one then.",
			state.ID.ValueString(), strings.Join(foreign, ", ")))
		return
	}
	r.client.policy.warnOfMove(&resp.Diagnostics, path.Root(attribute), state.ID.ValueString(), sessions)
}

// backing returns the attribute that says what backs the target, and the type of
// that. It is unknown as long as the attribute may turn out to be null.
func (m targetModel) backing() (attribute string, kind types.String) {
	for i, value := range m.backings() {
		switch {
		case value.IsNull():
		case value.IsUnknown():
			attribute = mirror.TargetBackings[i]
		default:
			return mirror.TargetBackings[i], types.StringValue(string(mirror.TargetTypes[i]))
		}
	}
	return attribute, types.StringUnknown()
}

func (r *targetResource) sessionsOf(ctx context.Context, targetID string) ([]mirror.Session, error) {
	return r.client.Inventory.Sessions(ctx, account.Where{Name: "traffic-mirror-target-id", Values: []string{targetID}})
}

// move gives the target its new backing. When a step fails it goes back as far as
// it can, and the state tells what exists.
func (r *targetResource) move(ctx context.Context, plan, state targetModel, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	const summary = "Error replacing what backs the traffic mirror target"
	oldID := state.ID.ValueString()
	undone, diags := readPrivate[string](ctx, req.Private, undoneKey)
	resp.Diagnostics.Append(diags...)
	created, err := r.createMoved(ctx, plan, oldID+undone)
	if err != nil {
		targetFailures.report(&resp.Diagnostics, summary, r.client.nameTargetHolder(ctx, err, plan))
		return
	}
	newID := created.ID.ValueString()
	if err := r.repoint(ctx, oldID, newID); err != nil {
		targetFailures.report(&resp.Diagnostics, summary, err)
		if r.undo(ctx, oldID, newID) == nil {
			resp.Diagnostics.Append(writePrivate(ctx, resp.Private, undoneKey, newID)...)
			return
		}
		// Some sessions may be on either target. The next apply goes on from here.
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, created)...)
	resp.Diagnostics.Append(forgetPrivate(ctx, resp.Private, undoneKey)...)
	r.identify(ctx, resp.Identity, created.ID, &resp.Diagnostics)
	if !resp.Diagnostics.HasError() {
		err := r.delete(ctx, oldID)
		if err == nil || account.IsNotFound(err) {
			return
		}
		targetFailures.report(&resp.Diagnostics, "Error deleting the replaced traffic mirror target", err)
	}
	resp.Diagnostics.Append(writePrivate(ctx, resp.Private, leftoverKey, []string{oldID})...)
	resp.Diagnostics.AddWarning("A traffic mirror target is left behind", fmt.Sprintf(
		"%s has taken the place of %s, which still exists. The next apply moves what is left of its sessions and deletes it.", newID, oldID))
}

// createMoved creates the second target of a move. After an apply that was cut off
// it gets the one that was made then: the client token is that of the move, and EC2
// answers a repeated request with what it did before. which tells the moves of a
// target apart.
func (r *targetResource) createMoved(ctx context.Context, plan targetModel, which string) (targetModel, error) {
	parameters := fmt.Sprint(which, plan.NetworkInterfaceID, plan.NetworkLoadBalancerARN, plan.GatewayLoadBalancerEndpointID,
		plan.Description, r.client.tags.all(plan.Tags))
	sum := sha256.Sum256([]byte(parameters))
	created, err := r.create(ctx, plan, aws.String(hex.EncodeToString(sum[:])))
	if hasCode(err, "IdempotentParameterMismatch") { // what was made then has been deleted (assumption A0024)
		return r.create(ctx, plan, nil)
	}
	return created, err
}

// repoint points every session of one target at another.
func (r *targetResource) repoint(ctx context.Context, from, to string) error {
	sessions, err := r.sessionsOf(ctx, from)
	if err != nil {
		return err
	}
	for _, s := range sessions {
		r.client.touched.note(s.ID)
		err := r.client.seen(ctx, func() error {
			_, err := r.client.modifySession(ctx, &ec2.ModifyTrafficMirrorSessionInput{
				TrafficMirrorSessionId: &s.ID,
				TrafficMirrorTargetId:  &to,
			})
			return err
		}, to)
		if err != nil && !account.IsNotFound(err) {
			return err
		}
	}
	return nil
}

// undo takes back a move that did not come to its end.
func (r *targetResource) undo(ctx context.Context, oldID, newID string) error {
	if err := r.repoint(ctx, newID, oldID); err != nil {
		return err
	}
	err := r.delete(ctx, newID)
	if account.IsNotFound(err) {
		return nil
	}
	return err
}

// clearLeftover ends a move that failed half-way in an earlier apply.
func (r *targetResource) clearLeftover(ctx context.Context, state targetModel, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	leftover, diags := readPrivate[[]string](ctx, req.Private, leftoverKey)
	resp.Diagnostics.Append(diags...)
	for _, id := range leftover {
		err := r.repoint(ctx, id, state.ID.ValueString())
		if err == nil {
			err = r.delete(ctx, id)
		}
		if err != nil && !account.IsNotFound(err) {
			targetFailures.report(&resp.Diagnostics, "Error deleting the replaced traffic mirror target", err)
			return
		}
	}
	if leftover != nil {
		resp.Diagnostics.Append(forgetPrivate(ctx, resp.Private, leftoverKey)...)
	}
}

// undoneKey is the key of private state under which a target remembers the ID of
// the target of a move that was undone.
const undoneKey = "undone"

// leftoverKey is the key of private state under which a target remembers the IDs
// of targets that a move could not delete.
const leftoverKey = "leftover"
