package check

import "fmt"

// What an object has now may be free when the apply needs it: nobody knows before that
// object is planned too. So these findings are warnings. A warning that is true of many
// objects is given once.

// warnNumberInUse warns that another object has a number now. place says among which
// objects. Where objects exchange their numbers, about every other one finds its number
// in use by an object that the plan is about to change: so for an object that exists,
// one warning stands for all, and nothing is said of an import.
func (f *findings) warnNumberInUse(field, summary, place string, number int, holder Reference, exists bool) {
	text := fmt.Sprintf("Another of %s has number %d now. Unless this plan gives it another number or removes it, the apply fails.", place, number)
	finding := Finding{Severity: Warning, Field: field, Summary: summary, Detail: text, InTheWay: holder}
	if exists {
		if !f.reservations.warnOnce("number of " + place) {
			return
		}
		finding.InTheWay = Reference{}
		finding.Detail += fmt.Sprintf(" It is %s. The same may be true of others of %s, which this plan does not name.", holder.ID, place)
	}
	f.add(finding)
}

// quotaUse is how many objects there are in a place that has a quota.
type quotaUse struct {
	field, place      string
	of, note          string // the objects, and what is counted together
	planned, existing int    // those of the plan so far, and those that exist and are not planned so far
	quota             int
	argument          string // of quotas in the provider block
}

// checkQuota warns of more objects in a place than the quota allows.
func (f *findings) checkQuota(use quotaUse) {
	count, where, condition := use.planned, "In this plan", ""
	if count <= use.quota {
		count, where, condition = use.planned+use.existing, "With those that exist", " Unless this plan removes some first, the apply fails."
	}
	if count <= use.quota || !f.reservations.warnOnce(where+" "+use.argument+" "+use.place) {
		return
	}
	f.warnQuota(use.field, use.of, use.argument, fmt.Sprintf(
		"%s, %s has at least %d %s%s, and the quota is taken to be %d.%s", where, use.place, count, use.of, use.note, use.quota, condition))
}

// warnQuota warns of more objects than a quota allows, which an argument of quotas sets.
func (f *findings) warnQuota(field, of, argument, text string) {
	f.add(Finding{
		Severity: Warning, Field: field, Silence: Quota, Summary: "More " + of + " than the quota allows",
		Detail: text + " If the account has a higher one, set quotas = { " + argument + " = N } in the provider block.",
	})
}
