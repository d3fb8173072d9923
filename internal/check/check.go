// Package check finds problems before an apply. Examples are objects of one plan that
// collide, objects that do not exist, interfaces that cannot be mirrored, exceeded quotas,
// rules that never match, and calls that IAM does not permit. It returns findings as
// values. It changes nothing in EC2. It uses no type of Terraform, but its
// texts name the arguments of the configuration.
//
// https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-limits.html
package check

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Policy has the settings of the checks.
type Policy struct {
	Quotas         mirror.Quotas // the assumed quotas of the account
	TargetOwnerIDs []string      // accounts whose targets may be used; nil: every account
	Silenced       []string      // findings that are not reported, by Finding.Silence
	Exceptions     []Exception   // findings that are not reported about single objects
	Widening       Guard         // of changes by which a filter mirrors more
	Preflight      Preflight
	Emulated       bool         // the embedded EC2 is in use
	Variants       Variants     // of the embedded EC2
	Log            *slog.Logger // nil: nothing is logged

	// Clock and Patience are how long the checks wait for an EC2 that does not answer.
	Clock    account.Clock // nil: account.SystemClock
	Patience time.Duration // 0: 10 seconds
}

// Variants are the chosen behaviors of the embedded EC2 that decide about findings. On AWS
// none is chosen.
type Variants struct {
	AttachedSources        bool // a source without an instance is refused
	LoadBalancerSources    bool // an interface of a load balancer can be a source
	RepeatedSessionNumbers bool // sessions of an interface can have the same number
	RulesPerDirection      bool // the quota of rules is for each direction
	SessionsPerTarget      bool // the quota of sources counts sessions
}

// visibleWithin is how long a plan waits for EC2 to show an object that another run may have
// created a moment ago.
const visibleWithin = 2 * time.Second

// A Plan checks the objects of one plan, or of one apply, in which they are planned
// again. The caller plans objects one by one, or several at the same time. An object that
// is not planned yet has no reservation: the plan may still change or delete it.
type Plan struct {
	Simulations *Simulations

	run          *run
	account      *account.Account // watched by watchdog
	policy       Policy
	watchdog     *watchdog
	reservations reservations
	planned      planned
	snapshot     snapshot
	preflight    preflight
	changes      changes
	waits        planWaits
}

// New returns the checks of one plan of an account. InRegion adds those of other Regions.
func New(a *account.Account, policy Policy) *Plan {
	if policy.Log == nil {
		policy.Log = slog.New(slog.DiscardHandler)
	}
	return (&run{policy: policy}).in(a)
}

// NewObjectID returns a name for an object that has no ID yet. config has the arguments that
// are known, as texts.
func (p *Plan) NewObjectID(config map[string]string) string {
	return p.reservations.newObjectID(config)
}

// isUnplanned reports whether this run has neither planned nor changed an existing object
// so far. The plan may still change or delete it.
func (p *Plan) isUnplanned(id string) bool {
	return !p.account.ChangedInThisRun(id) && !p.reservations.isPlanned(id)
}

// unplannedSessions returns the unplanned sessions of an interface.
func (p *Plan) unplannedSessions(ctx context.Context, interfaceID string) []mirror.Session {
	return slices.DeleteFunc(slices.Clone(p.snapshot.sessions(ctx)), func(s mirror.Session) bool {
		return s.InterfaceID != interfaceID || !p.isUnplanned(s.ID)
	})
}

// unplannedTargets returns the unplanned targets on an interface or a load balancer.
func (p *Plan) unplannedTargets(ctx context.Context, backing string) []mirror.Target {
	return slices.DeleteFunc(slices.Clone(p.snapshot.targets(ctx)), func(t mirror.Target) bool {
		return t.InterfaceID != backing && t.LoadBalancerARN != backing || !p.isUnplanned(t.ID)
	})
}

// unplannedRules returns the unplanned rules of a filter.
func (p *Plan) unplannedRules(ctx context.Context, filterID string) []mirror.Rule {
	for _, f := range p.snapshot.filters(ctx) {
		if f.ID == filterID {
			return slices.DeleteFunc(slices.Clone(f.Rules), func(r mirror.Rule) bool { return !p.isUnplanned(r.ID) })
		}
	}
	return nil
}
