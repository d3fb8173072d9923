package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// What is in the way now may be gone when the apply comes to it: nobody can tell
// until Terraform has planned the other object. So these are warnings, and what
// they say of many objects they say once.

// warnOfHolder warns of an object that has a number now. Of objects that exchange
// their numbers about every other one meets such a holder, which another resource
// manages: only for an object that is new it is worth to say how to take it over.
func (c *Client) warnOfHolder(diags *diag.Diagnostics, at path.Path, summary, place string, number int, holder heldError, exists bool) {
	advice := holder.adoption()
	if exists {
		if !c.claims.isFirst("number of " + place) {
			return
		}
		advice = fmt.Sprintf("It is %s. The same may be true of others of %s, which this plan does not name.", holder.id, place)
	}
	diags.AddAttributeWarning(at, summary, fmt.Sprintf(
		"Another of %s has number %d now. Unless this plan gives it another number or removes it, the apply fails. %s", place, number, advice))
}

// A crowd is what stands in one place, of which a quota allows so many.
type crowd struct {
	attribute, place string
	what, gloss      string
	planned, strange int // those of the plan so far, and those that it has not come to
	quota            int
	argument         string // of quotas in the provider block
}

// warnOfQuota warns of more objects in a place than the quota allows.
func (c *Client) warnOfQuota(diags *diag.Diagnostics, of crowd) {
	count, where, condition := of.planned, "In this plan", ""
	if count <= of.quota {
		count, where, condition = of.planned+of.strange, "With those that exist", " Unless this plan removes some first, the apply fails."
	}
	if count <= of.quota || !c.claims.isFirst(where+" "+of.argument+" "+of.place) {
		return
	}
	c.policy.warn(diags, findingQuota, path.Root(of.attribute), "More "+of.what+" than the quota allows", fmt.Sprintf(
		"%s, %s has at least %d %s%s, and the quota is taken to be %d.%s If the account has a higher one, set quotas = { %s = N } in the provider block.",
		where, of.place, count, of.what, of.gloss, of.quota, condition, of.argument))
}
