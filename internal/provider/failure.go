package provider

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/reconcile"
)

// A failure explains an error code of EC2 for a resource: the attribute with the wrong
// value, and what to do.
type failure struct{ attribute, advice string }

// failures are the failures of one resource, by error code.
type failures map[string]failure

// anyFailure has the codes that mean the same for every resource.
var anyFailure = failures{
	"AuthFailure":          {advice: "AWS does not accept the credentials. Check which credentials the provider block, the environment and the shared files set, and whether they have expired."},
	"ExpiredToken":         {advice: "The credentials have expired. Get new ones."},
	"RequestExpired":       {advice: "The request was signed more than 15 minutes ago by the clock of AWS. Correct the clock of this machine."},
	"OptInRequired":        {advice: "The account is not signed up for EC2 in this Region."},
	"RequestLimitExceeded": {advice: "EC2 throttled the request until all retries were used. Apply again with a lower -parallelism or a higher max_retries."},
	"InvalidAction":        {advice: "The endpoint does not know this action. If it is an AWS emulator, it does not support Traffic Mirroring."},
	"TagLimitExceeded":     {attribute: "tags", advice: "Remove tags from the object, or add keys to ignore_tags in the provider block."},
}

// emulatorPath is not a code. Its advice is the path of the embedded EC2.
const emulatorPath = ""

// importSuffix is not a code. Its advice is what import IDs need in addition to the ID of an object.
const importSuffix = "@"

// failuresIn returns the failures in a Region.
func (o *object) failuresIn(here *regional) failures {
	if here.isHome {
		return o.failures
	}
	all := failures{importSuffix: {advice: "@" + here.account.Region}}
	maps.Copy(all, o.failures)
	return all
}

// in returns the failures in an embedded EC2.
func (f failures) in(store string) failures {
	all := failures{emulatorPath: {advice: store}}
	maps.Copy(all, f)
	return all
}

// report turns an error into a diagnostic.
func (f failures) report(diags *diag.Diagnostics, summary string, err error) {
	var taken *reconcile.NumberTakenError
	if errors.As(err, &taken) {
		diags.AddAttributeError(path.Root("rule_number"), summary, f.numberTakenText(taken))
		return
	}
	known := f.lookUp(err)
	text := account.Explain(err)
	if known.advice != "" {
		text = known.advice + "\n\n" + text
	}
	var moved *reconcile.MovedAsideError
	if errors.As(err, &moved) {
		text += fmt.Sprintf("\n\nThis session now has number %d, so that its old number is free for another session. The next apply finishes if the plan also changes the session that has the number.", moved.MovedTo)
	}
	var conflict *reconcile.ConflictError
	if errors.As(err, &conflict) {
		if conflict.OfCreate {
			text += fmt.Sprintf("\n\nIf this plan replaces %[1]s, do not import it: EC2 cannot have both objects at the same time. "+
				"Remove create_before_destroy from this resource and from the resources that use it, so that Terraform deletes %[1]s first.", conflict.ID)
		}
		text += "\n\nThe conflict is with " + conflict.ID + ". " + f.importHint(conflict.Kind, conflict.ID)
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
	if known, found := f[code]; found && code != emulatorPath && code != importSuffix {
		return known
	}
	if account.IsDenied(err) {
		return failure{advice: denialAdvice(account.Action(err))}
	}
	return anyFailure[code]
}

// denialAdvice names the action that IAM has to permit. EC2 does not say whether a create
// lacks its own permission or that for its tags.
func denialAdvice(action string) string {
	if action == "" {
		return "The credentials are valid, but IAM does not permit this action. Allow it in IAM."
	}
	advice := fmt.Sprintf("The credentials are valid, but IAM does not permit ec2:%s. Allow it in IAM.", action)
	if strings.HasPrefix(action, "CreateTraffic") {
		advice += " If the object has tags, allow ec2:CreateTags too."
	}
	if action == "DescribeVpcs" { // only a simulation reads VPCs
		advice += " Or set dns_resolver_addresses: the simulation then does not need this action."
	}
	return advice
}

// explain is account.Explain, and names the action that IAM has to permit. It has no full stop at
// the end.
func explain(err error) string {
	text := strings.TrimSuffix(account.Explain(err), ".")
	if account.IsDenied(err) {
		text = denialAdvice(account.Action(err)) + " " + text
	}
	return text
}

// numberTakenText names the rule that has the number, and explains what to do.
func (f failures) numberTakenText(e *reconcile.NumberTakenError) string {
	text := fmt.Sprintf("Among the %[2]s rules of %[3]s, %[4]s has number %[1]d and did not free it while this rule was waiting. ",
		e.Wanted.Number, e.Wanted.Direction, e.Wanted.FilterID, e.Holder.ID)
	if e.MovedTo != 0 {
		text += fmt.Sprintf("This rule now has number %d, so that its old number is free for another rule. ", e.MovedTo)
	}
	return text + fmt.Sprintf("If the plan also renumbers or deletes %s, apply again to finish. Rules that swap numbers need only one apply if -parallelism is at least the number of these rules, "+
		"or if they are in the ingress_rules and egress_rules of their trafficmirror_filter.\n\n"+
		"If the plan does not change %[1]s, choose another number. ", e.Holder.ID) + f.importHint(mirror.KindFilterRule, e.Holder.ID)
}

// deleteOrder explains why Terraform deletes an object before sessions stop using it. A
// provider cannot know whether Terraform removes or replaces it, so the text has both.
func deleteOrder(noun string) string {
	return fmt.Sprintf("Terraform deletes an object before it changes what uses it.\n\n"+
		"To remove the %[1]s: keep this trafficmirror_%[1]s in the configuration, give its sessions another one, and apply. Remove it in a second apply.\n\n"+
		"To replace it, because its description changes: %[2]s", noun, replaceInUse(noun))
}

// replaceInUse is the line that replaces an object that sessions use. A filter can exist
// twice, and an interface or a load balancer backs only one target.
func replaceInUse(noun string) string {
	if noun == "filter" {
		return "write lifecycle { create_before_destroy = true } in it."
	}
	return "write lifecycle { replace_triggered_by = [trafficmirror_target.NAME.description] } in its sessions."
}

// deleteOrderDocs is deleteOrder for the page of a resource.
func deleteOrderDocs(noun string) string {
	return "EC2 refuses to delete a " + noun + " that a session uses, and Terraform deletes it before it changes the session. " +
		"To remove a " + noun + " in the same apply that gives its sessions another one, set `lifecycle { create_before_destroy = true }` here, and apply that first. " +
		"To replace it, because its description changes, see `description`."
}
