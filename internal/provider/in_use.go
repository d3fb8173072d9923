package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// warnOfReplacement warns that a change of description replaces an object that
// sessions use, which EC2 refuses to delete until they are gone, and shows the line
// that makes Terraform do it in order. kind is "target" or "filter".
func (o *object) warnOfReplacement(ctx context.Context, kind string, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.State.Raw.IsNull() || req.Plan.Raw.IsNull() {
		return
	}
	var id, planned, present types.String
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("id"), &id)...)
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("description"), &present)...)
	resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root("description"), &planned)...)
	if !textChanges(planned, present) {
		return
	}
	sessions, err := o.client.Inventory.Sessions(ctx, account.Where{Name: "traffic-mirror-" + kind + "-id", Values: []string{id.ValueString()}})
	if err != nil || len(sessions) == 0 {
		return // the apply says what is wrong
	}
	advice := fmt.Sprintf("Unless the configuration does so already, have Terraform replace the sessions too, by this line in each of them:\n\n  lifecycle { replace_triggered_by = [trafficmirror_%s.NAME.description] }", kind)
	if kind == "filter" {
		advice += "\n\nOr keep them, by this one in the filter, which makes the new filter first:\n\n  lifecycle { create_before_destroy = true }"
	}
	resp.Diagnostics.AddAttributeWarning(path.Root("description"), "Sessions use what is about to be replaced", fmt.Sprintf(
		"EC2 cannot change a description, so that %s is replaced, and it cannot be deleted while sessions use it: %s. %s", id.ValueString(), sessionIDs(sessions), advice))
}

// warnOfMove names the sessions that a move of their target takes along. Which of
// them this configuration manages is not known yet: Terraform plans them later.
func (p planPolicy) warnOfMove(diags *diag.Diagnostics, at path.Path, targetID string, sessions []mirror.Session) {
	if len(sessions) == 0 {
		return
	}
	p.warn(diags, findingMove, at, "Sessions move with their target", fmt.Sprintf(
		"What backs %s changes, which gives the target another ID, and every session of this account on it is pointed at that: %s. "+
			"Where one of them is not managed by this configuration, whoever manages it sees traffic_mirror_target_id change.", targetID, sessionIDs(sessions)))
}

func sessionIDs(sessions []mirror.Session) string {
	ids := make([]string, len(sessions))
	for i, s := range sessions {
		ids[i] = s.ID
	}
	return strings.Join(ids, ", ")
}
