// Package reconcile changes the objects of an account to the wanted state, with the fewest
// calls. It orders the rule changes of a filter so that no packet leaks, swaps numbers of
// rules or sessions, gives a target another backing resource, and deletes an object once no
// session uses it. It waits if another change of the same run has to come first. It does
// not check the wanted state: package check does that. It knows nothing of Terraform.
//
// Changes of session numbers are in session_number.go, and numbers that the run chooses are
// in session_automatic.go. Changes of the numbers of separate rules are in rule_number.go, and
// a numberScheduler plans them. ConvergeFilter changes the rules that a filter owns. Both take
// the order of the calls from rule_search.go.
//
// https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-how-it-works.html
package reconcile

import (
	"context"
	"errors"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
)

// Patience is how long a change waits for a number or a backing resource of another object,
// while nothing changes that could free it. The wait is needed because the caller requests
// one change after another: the change of the other object may still come.
const Patience = 30 * time.Second

// A Run makes the changes of one run in one account. Its methods may be called at the same
// time. They wait for each other if necessary.
type Run struct {
	Numbering Numbering

	account  *account.Account
	rules    ruleNumbers
	sessions sessionNumbers
	owners   ruleOwners
}

// New returns a run that changes an account. Its waits come from the clock.
//
// Its reads are live: a run waits for changes of others, and an answer from before it would
// make it wait longer, or take a number that is not free.
func New(a *account.Account, clock account.Clock) *Run {
	a = a.Live()
	return &Run{
		account:   a,
		rules:     ruleNumbers{account: a, clock: clock, schedulers: map[string]*numberScheduler{}},
		sessions:  sessionNumbers{account: a, clock: clock, byInterface: map[string]*sessionWaiters{}},
		Numbering: Numbering{account: a},
	}
}

// whyStopped returns the error of a wait that ctx has ended. If the deadline has passed, it
// returns waitedFor, which explains more than the deadline.
func whyStopped(ctx context.Context, waitedFor error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	return waitedFor
}
