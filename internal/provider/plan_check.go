package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// planTokenKey is the key of private state under which the first plan of an object
// that is replaced leaves its token for the second, which sees no state.
const planTokenKey = "plan_token"

// stake claims things for the object that is planned, or gives up its claims when
// it is about to be deleted.
func (o *object) stake(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, wanted ...claim) []collision {
	token, diags := o.planToken(ctx, req, resp)
	resp.Diagnostics.Append(diags...)
	return o.client.claims.stake(token, wanted...)
}

// planToken returns what stands for the object in this plan: its ID, also while it
// is replaced, or a token for one that is new.
func (o *object) planToken(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) (string, diag.Diagnostics) {
	if req.State.Raw.IsNull() {
		token, diags := readPrivate[string](ctx, req.Private, planTokenKey)
		if token == "" {
			token = o.client.claims.newToken()
		}
		return token, diags
	}
	var id types.String
	diags := req.State.GetAttribute(ctx, path.Root("id"), &id)
	if !req.Plan.Raw.IsNull() {
		diags.Append(writePrivate(ctx, resp.Private, planTokenKey, id.ValueString())...)
	}
	return id.ValueString(), diags
}

// getPrior reads the state, and leaves the model empty where there is none.
func getPrior(ctx context.Context, req resource.ModifyPlanRequest, state any) diag.Diagnostics {
	if req.State.Raw.IsNull() {
		return nil
	}
	return req.State.Get(ctx, state)
}

// A wording says what a collision means for one of the two objects. The text gets
// the thing and the names of the other objects.
type wording struct{ attribute, summary, text string }

// reportCollisions words collisions, one diagnostic for each kind.
func reportCollisions(diags *diag.Diagnostics, found []collision, words map[[2]role]wording) {
	type kind struct {
		claim
		with role
	}
	var kinds []kind
	holders := map[kind][]string{}
	for _, c := range found {
		k := kind{c.claim, c.with}
		if holders[k] == nil {
			kinds = append(kinds, k)
		}
		holders[k] = append(holders[k], c.holder())
	}
	for _, k := range kinds {
		w := words[[2]role{k.as, k.with}]
		thing, _, _ := strings.Cut(k.thing, " ")
		refusePlan(diags, path.Root(w.attribute), w.summary, fmt.Sprintf(w.text, thing, strings.Join(holders[k], ", ")))
	}
}

// refusePlan reports an error that a plan found beyond the values themselves.
// Terraform plans before it destroys, so that each of them says how to get past it.
func refusePlan(diags *diag.Diagnostics, at path.Path, summary, text string) {
	addError(diags, at, summary, text+"\n\nTo destroy what exists in spite of this:\n\n  terraform destroy -refresh=false")
}
