package check

import (
	"fmt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A number that is taken now may be free when the apply needs it: the object that has it
// may be planned later, and the plan may change or delete it. So these findings are
// warnings. A warning that is true of many objects is reported once.

// warnNumberInUse warns that another object has a number now. place describes the objects
// whose numbers must differ. If objects swap numbers, many of them find their number in
// use by an object that the plan changes later. So for existing objects it reports one
// warning for each place, without an import block.
func (f *findings) warnNumberInUse(field, summary, place string, number int, holder Reference, exists bool) {
	text := fmt.Sprintf("Among %s, %s has number %d now. The apply fails unless this plan renumbers or deletes it.", place, holder.ID, number)
	finding := Finding{Severity: Warning, Field: field, Summary: summary, Detail: text, Holder: holder}
	if f.run.regionOf(holder.ID) != "" { // this configuration manages it: there is nothing to import
		finding.Holder = Reference{}
	}
	if exists {
		if !f.reservations.warnOnce("number of " + place) {
			return
		}
		finding.Holder = Reference{}
		finding.Detail += fmt.Sprintf(" Ignore this warning if this plan swaps their numbers. It is shown only once for %s.", place)
	}
	f.add(finding)
}

// quotaUse counts the objects in a place that has a quota.
type quotaUse struct {
	field, place      string
	of, note          string // the kind of object, and which are counted together
	planned, existing int    // objects planned so far, and existing objects not planned so far
	quota             int
	argument          string // name of the argument of quotas in the provider block
}

// checkQuota warns of more objects in a place than the quota allows.
func (f *findings) checkQuota(use quotaUse) {
	count, where, condition := use.planned, "In this plan,", ""
	if count <= use.quota {
		count, where, condition = use.planned+use.existing, "Including existing ones,", " The apply fails unless this plan deletes some first."
	}
	if count <= use.quota || f.isSilenced(Quota, use.place) || !f.reservations.warnOnce(use.argument+" "+use.place) {
		return
	}
	f.warnQuota(use.field, use.of, use.argument, use.place, fmt.Sprintf(
		"%s %s has at least %d %s%s. The assumed quota is %d.%s", where, use.place, count, use.of, use.note, use.quota, condition))
}

// warnQuota warns of more objects than a quota allows. argument of quotas sets the quota. place
// is the ID of the object that has too many, or empty.
func (f *findings) warnQuota(field, of, argument, place, text string) {
	f.add(Finding{
		Severity: Warning, Field: field, Silence: Quota, About: []string{place}, Summary: "More " + of + " than the quota allows",
		Detail: text + " " + mirror.QuotaAdvice + " If the quota of the account is higher, set quotas = { " + argument + " = N } in the provider block.",
	})
}
