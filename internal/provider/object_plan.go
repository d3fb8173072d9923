package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// planned is an object in a plan: its name there, and the Region that it is in after the
// apply.
type planned struct {
	*regional
	objectID string
	arrives  bool // from another Region: there is nothing of it here before the apply
}

// prior reads the state. It leaves the model empty if there is no object in this Region yet.
func (p planned) prior(ctx context.Context, req resource.ModifyPlanRequest, state any) diag.Diagnostics {
	if p.arrives {
		return nil
	}
	return getPrior(ctx, req, state)
}

// checkPlan checks the plan of an object. It calls checkObject unless the plan deletes the
// object. An object that changes its Region is deleted in one, and created in the other. As
// long as the new Region is not known, it is not checked.
func (o *object) checkPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, checkObject func(planned) []check.Finding) {
	if o.conn == nil || resp.Diagnostics.HasError() {
		return
	}
	objectID, diags := o.objectID(ctx, req, resp)
	before, after, found := o.conn.plannedRegions(ctx, req, resp)
	diags.Append(found...)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	if before != nil {
		id, _ := identified(ctx, o.kind, req.State)
		check.NoteObject(before.plan, id)
	}
	if before != nil && before != after && o.kind != mirror.KindFilterRule { // a rule has planDestroy
		reportLeaving(ctx, o, req, resp, before, objectID)
	}
	if after == nil {
		return
	}
	findings := checkObject(planned{after, objectID, before != nil && before != after})
	if !resp.Diagnostics.HasError() {
		reportFindings(&resp.Diagnostics, o.failuresIn(after), findings)
	}
	reportFindings(&resp.Diagnostics, o.failures, after.plan.Unanswered())
}

// reportLeaving checks the plan of an object that is deleted in a Region.
func reportLeaving(ctx context.Context, o *object, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, here *regional, objectID string) {
	_, of := identified(ctx, o.kind, req.State)
	for _, findings := range [][]check.Finding{
		here.plan.NoteDelete(ctx, o.kind, objectID, of), here.plan.Delete(ctx, o.kind, objectID), here.plan.Unanswered(),
	} {
		reportFindings(&resp.Diagnostics, o.failuresIn(here), findings)
	}
}

// objectID returns the name of the object in this plan: its ID (the old ID if the object is
// replaced), or a generated name for a new object.
func (o *object) objectID(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) (string, diag.Diagnostics) {
	if req.State.Raw.IsNull() {
		id, diags := readPrivate[string](ctx, req.Private, objectIDKey)
		if id == "" {
			id = o.conn.in("").plan.NewObjectID(o.knownArguments(req.Config))
		}
		return id, diags
	}
	var id types.String
	diags := req.State.GetAttribute(ctx, path.Root("id"), &id)
	if id.IsNull() { // a session that is disabled
		id = types.StringValue(o.conn.in("").plan.NewObjectID(o.knownArguments(req.Config)))
	}
	if !req.Plan.Raw.IsNull() {
		diags.Append(writePrivate(ctx, resp.Private, objectIDKey, id.ValueString())...)
	}
	return id.ValueString(), diags
}

// knownArguments are the arguments that are fully known, as texts.
func (o *object) knownArguments(config tfsdk.Config) map[string]string {
	values := map[string]tftypes.Value{}
	if err := config.Raw.As(&values); err != nil {
		return nil
	}
	known := map[string]string{"": o.kind.Prefix}
	for name, value := range values {
		if value.IsFullyKnown() {
			known[name] = value.String()
		}
	}
	return known
}

// identified returns the ID in a state, and what the object belongs to: the interface of a
// session, or the filter of a rule.
func identified(ctx context.Context, kind mirror.Kind, state tfsdk.State) (id, of string) {
	var text types.String
	state.GetAttribute(ctx, path.Root("id"), &text)
	id = text.ValueString()
	owner := map[mirror.Kind]string{mirror.KindSession: "network_interface_id", mirror.KindFilterRule: "traffic_mirror_filter_id"}[kind]
	if owner == "" {
		return id, ""
	}
	state.GetAttribute(ctx, path.Root(owner), &text)
	return id, text.ValueString()
}

// getPrior reads the state. It leaves the model empty if there is no state.
func getPrior(ctx context.Context, req resource.ModifyPlanRequest, state any) diag.Diagnostics {
	if req.State.Raw.IsNull() {
		return nil
	}
	return get(ctx, req.State, state)
}

// checked returns a noun with its tags and its unknown fields, for package check.
func checked[N any](noun N, r *reader, tagsAll types.Map) check.Object[N] {
	unknown := r.unknown
	if !isFullyKnown(tagsAll) {
		unknown = append(unknown, check.AllTags)
	}
	return check.Object[N]{Noun: noun, Tags: textMap(tagsAll), Unknown: unknown}
}

// isFullyKnown reports whether a value is known with all of its elements and attributes.
func isFullyKnown(value attr.Value) bool {
	var parts []attr.Value
	switch v := value.(type) {
	case types.Map:
		for _, element := range v.Elements() {
			parts = append(parts, element)
		}
	case types.Object:
		for _, attribute := range v.Attributes() {
			parts = append(parts, attribute)
		}
	case types.Set:
		parts = v.Elements()
	case types.List:
		parts = v.Elements()
	case types.Tuple:
		parts = v.Elements()
	}
	for _, part := range parts {
		if !isFullyKnown(part) {
			return false
		}
	}
	return !value.IsUnknown()
}
