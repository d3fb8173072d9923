package provider

import (
	"context"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// noun is what messages call the object: "traffic mirror session".
func (o *object) noun() string { return strings.ReplaceAll(o.kind.Resource, "-", " ") }

// validate reads the configuration into a model, and reports what check finds wrong with
// it.
func (o *object) validate(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse, config any, check func() mirror.Problems) {
	resp.Diagnostics.Append(get(ctx, req.Config, config)...)
	if !resp.Diagnostics.HasError() {
		report(&resp.Diagnostics, "Invalid "+o.noun(), check())
	}
}

// readObject reads the state into a model, and the object from EC2. An object that does
// not exist any more leaves the state. After an error the state stays as it is. The model
// gets the Region in which the object is.
func readObject[Noun any](ctx context.Context, o *object, req resource.ReadRequest, resp *resource.ReadResponse, state located,
	read func(*account.Account, context.Context, string) (account.Tagged[Noun], error),
) (account.Tagged[Noun], bool) {
	o.conn.isPlan.Store(true)
	resp.Diagnostics.Append(get(ctx, req.State, state)...)
	here, id := o.at(state), *state.place().id
	*state.place().region = types.StringValue(here.account.Region)
	check.NoteExisting(here.plan)
	o.identify(ctx, resp.Identity, here, id, &resp.Diagnostics)
	o.readMoved(ctx, req, resp, here, id)
	if resp.Diagnostics.HasError() {
		return account.Tagged[Noun]{}, false
	}
	found, err := account.Refresh(ctx, here.account, createdAt(ctx, req.Private), func(ctx context.Context, id string) (account.Tagged[Noun], error) {
		return read(here.account, ctx, id)
	}, id.ValueString())
	switch {
	case account.IsNotFound(err):
		resp.State.RemoveResource(ctx)
	case err != nil:
		o.failuresIn(here).report(&resp.Diagnostics, "Error reading "+o.noun(), err)
	}
	return found, err == nil
}

// reportUpdate reports the error of an update. The object may be deleted since the plan.
func (o *object) reportUpdate(diags *diag.Diagnostics, here *regional, summary string, id types.String, err error) {
	if kind, isGone := account.NotFound(err); isGone && kind == o.kind {
		diags.AddError(summary, id.ValueString()+" was deleted after the plan, outside of this apply. Plan again: Terraform then creates it anew.\n\n"+account.Explain(err))
		return
	}
	o.failuresIn(here).report(diags, summary, err)
}

// deleteObject reads the state into a model, and deletes the object. limits are the
// timeouts in the model.
func (o *object) deleteObject(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse, state located, limits *timeouts.Value,
	remove func(ctx context.Context, here *regional, created time.Time) error,
) {
	resp.Diagnostics.Append(get(ctx, req.State, state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	here := o.at(state)
	id, of := identified(ctx, o.kind, req.State)
	// A destroy is not planned again in the apply.
	reportFindings(&resp.Diagnostics, o.failuresIn(here), here.plan.NoteDelete(ctx, o.kind, id, of))
	ctx, cancel := within(ctx, limits.Delete, deleteTimeout, &resp.Diagnostics)
	defer cancel()
	if err := remove(ctx, here, createdAt(ctx, req.Private)); err != nil {
		o.failuresIn(here).report(&resp.Diagnostics, "Error deleting "+o.noun(), err)
	}
}
