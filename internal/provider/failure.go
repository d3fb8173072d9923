package provider

import (
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/reconcile"
)

// A failure is what an error code of EC2 means for a resource: the attribute that it is
// about, and what to do.
type failure struct{ attribute, advice string }

// failures are those of one resource, by error code.
type failures map[string]failure

// anyFailure has the codes that mean the same for every resource.
var anyFailure = failures{
	"UnauthorizedOperation": {advice: "The credentials are valid and may not do this. Allow the action to them in IAM, and ec2:CreateTags with it where the object has tags."},
	"AuthFailure":           {advice: "AWS does not accept the credentials. Check which ones the provider block, the environment and the shared files give, and whether they have expired."},
	"ExpiredToken":          {advice: "The credentials have expired. Get new ones."},
	"RequestExpired":        {advice: "The request was signed more than 15 minutes ago by the clock of AWS. Set the clock of this machine."},
	"OptInRequired":         {advice: "The account is not signed up for EC2 in this Region."},
	"RequestLimitExceeded":  {advice: "EC2 went on throttling until the retries were used up. Apply again, with a lower -parallelism or a higher max_retries."},
	"InvalidAction":         {advice: "The endpoint does not know the action. If it is an emulator of AWS, it lacks traffic mirroring."},
	"TagLimitExceeded":      {attribute: "tags", advice: "Remove tags, or have some of them ignored."},
}

// report turns an error into a diagnostic.
func (f failures) report(diags *diag.Diagnostics, summary string, err error) {
	var taken *reconcile.NumberTakenError
	if errors.As(err, &taken) {
		diags.AddAttributeError(path.Root("rule_number"), summary, numberTakenText(taken))
		return
	}
	known := f.lookUp(err)
	text := account.Explain(err)
	if known.advice != "" {
		text = known.advice + "\n\n" + text
	}
	var conflict *reconcile.ConflictError
	if errors.As(err, &conflict) {
		text += "\n\n" + importHint(conflict.Kind, conflict.ID)
	}
	var inUse *reconcile.InUseError
	if errors.As(err, &inUse) {
		text += "\n\nThe sessions: " + inUse.Users() + "."
	}
	at := path.Empty()
	if known.attribute != "" {
		at = path.Root(known.attribute)
	}
	addError(diags, at, summary, text)
}

func (f failures) lookUp(err error) failure {
	code := account.Code(err)
	if known, found := f[code]; found {
		return known
	}
	return anyFailure[code]
}

// numberTakenText says which rule has a number, and what to do.
func numberTakenText(e *reconcile.NumberTakenError) string {
	text := fmt.Sprintf("Number %d of the %s rules of %s is that of %s, which did not move while this rule was waiting. ",
		e.Wanted.Number, e.Wanted.Direction, e.Wanted.FilterID, e.Holder.ID)
	if e.MovedTo != 0 {
		text += fmt.Sprintf("So this rule has gone to number %d, out of the way of others. ", e.MovedTo)
	}
	return text + "If the plan moves or deletes that one too, apply again: that finishes. Rules that exchange numbers do so in one apply if -parallelism is at least their number, " +
		"and whatever it is when they stand in the ingress_rules and egress_rules of their trafficmirror_filter.\n\n" +
		"If nothing moves it, choose another number. " + importHint(mirror.KindFilterRule, e.Holder.ID)
}
