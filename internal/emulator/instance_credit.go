package emulator

import (
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// creditDescriber describes the credit options of burstable instances.
var creditDescriber = describer[instance]{
	of:      instances,
	set:     "instanceCreditSpecificationSet",
	ids:     "InstanceId",
	idField: "instance-id",
	fields:  []field[instance]{{creditFilter, ofInstance(instance.credits)}},
	write: func(_ *tx, x *query.Writer, _ string, v instance) {
		x.Text("instanceId", v.ID)
		x.Text("cpuCredits", v.cpuCredits())
	},
}

// creditFilter is not one of EC2's. It leaves out instances that are not burstable.
const creditFilter = "cpu-credits"

// credits returns the credit option of an instance, "" if it has none.
func (v instance) credits() string {
	if !isBurstable(v.InstanceType) {
		return ""
	}
	return v.cpuCredits()
}

// describeCredits answers with the instances in the request, which must be burstable, or
// with all that are unlimited
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceCreditSpecifications.html).
func describeCredits(q *query.Query) operation {
	r := describeRequest{Listing: q.Listing(), ids: instances.readIDs(q, "InstanceId")}
	r.Allow(q, []string{"instance-id"}, false)
	named, _ := r.Literals("instance-id")
	if len(r.ids) == 0 && len(named) == 0 {
		r.Require(creditFilter, creditsUnlimited)
	} else {
		r.Require(creditFilter, creditsUnlimited, creditsStandard)
	}
	page := creditDescriber.page(r)
	return func(t *tx, x *query.Writer) error {
		for _, id := range r.ids {
			if v, ok := instances.get(t, id); ok && v.credits() == "" {
				return notBurstable(v.InstanceType)
			}
		}
		return page(t, x)
	}
}

func notBurstable(name string) error {
	return query.Refuse("InvalidParameterCombination", "The instance type '%s' has no CPU credits. They are for burstable performance instances.", name)
}

// creditChange is a change of the credit option of an instance.
type creditChange struct{ id, credits string }

// modifyCredits changes what it can, and says which instances it cannot change.
func modifyCredits(q *query.Query) operation {
	const list = "InstanceCreditSpecification"
	var changes []creditChange
	for _, member := range q.Members(list) {
		q.NeedText(member + ".CpuCredits")
		changes = append(changes, creditChange{
			instances.needID(q, member+".InstanceId"), readChoice(q, member+".CpuCredits", creditsStandard, creditsUnlimited),
		})
	}
	if changes == nil {
		q.Fail(query.Missing(list + ".1"))
	}
	q.Text("ClientToken") // the same change twice is no other change
	return func(t *tx, x *query.Writer) error {
		var failed []creditChange
		x.In("successfulInstanceCreditSpecificationSet", func() {
			for _, change := range changes {
				v, ok := instances.get(t, change.id)
				if !ok || v.credits() == "" || stateOf(v) == stateTerminated {
					failed = append(failed, change)
					continue
				}
				v.CPUCredits = change.credits
				instances.put(t, v.ID, v)
				x.In("item", func() { x.Text("instanceId", v.ID) })
			}
		})
		x.In("unsuccessfulInstanceCreditSpecificationSet", func() {
			for _, change := range failed {
				x.In("item", func() { writeCreditFailure(t, x, change.id) })
			}
		})
		return nil
	}
}

// writeCreditFailure writes why an instance was not changed
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UnsuccessfulInstanceCreditSpecificationItemError.html).
func writeCreditFailure(t *tx, x *query.Writer, id string) {
	code, message := "InvalidInstanceID.NotFound", "The instance ID does not exist."
	v, exists := instances.get(t, id)
	switch {
	case !exists:
	case stateOf(v) == stateTerminated:
		code, message = "IncorrectInstanceState", "The instance is terminated."
	default:
		code, message = "InstanceCreditSpecification.NotSupported", "The instance is not a burstable performance instance."
	}
	x.Text("instanceId", id)
	x.In("error", func() {
		x.Text("code", code)
		x.Text("message", message)
	})
}
