// Package reconcile brings the objects of an account from what they are to what is
// wanted, with the fewest calls: the rules of a filter without a leak on the way, the
// numbers that several rules or sessions exchange, the target that gets another
// interface or load balancer behind it, the object that can be deleted only when no
// session uses it. It waits where another change of the same run has to come first. It
// does not judge what is wanted: package check does that. It knows nothing of Terraform.
//
// https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-how-it-works.html
package reconcile

import (
	"context"
	"errors"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
)

// Patience is how long a number or a backing resource that another object has is waited
// for while nothing changes that could free it. Nobody knows whether the caller is about
// to change that object: it asks for one change after the other.
const Patience = 30 * time.Second

// A Run is the changes of one account that are made together. Its methods may be called
// at the same time, and then wait for each other where they have to.
type Run struct {
	account  *account.Account
	rules    ruleNumbers
	sessions sessionNumbers

	creating keyedMutex // by network interface: who creates a session with the lowest free number
}

// New returns a run that changes an account. Its waits come from the clock.
func New(a *account.Account, clock account.Clock) *Run {
	return &Run{
		account:  a,
		rules:    ruleNumbers{account: a, clock: clock, schedulers: map[string]*numberScheduler{}},
		sessions: sessionNumbers{account: a, clock: clock, byInterface: map[string]*numberWaiters{}},
	}
}

// whyStopped returns the error of a wait that ctx has ended: where the time is over it
// is what was waited for, which says more than the deadline.
func whyStopped(ctx context.Context, waitedFor error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	return waitedFor
}
