package check

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A run has what the plans of all Regions of one run have in common. In different Regions,
// objects collide in nothing, and have no part in each other.
type run struct {
	policy Policy
	common reservations // of the files of simulations, and what is said once

	mu        sync.Mutex
	plans     []*Plan
	regions   map[string]string // of the objects that this run has met, by ID
	refreshed map[string]bool   // simulations, by ID

	files   sync.Mutex        // is held while an output is written or removed
	writers map[string]string // IDs of simulations by output
}

// InRegion returns the checks of the same run for the account in another Region.
func InRegion(p *Plan, a *account.Account) *Plan { return p.run.in(a) }

func (r *run) in(a *account.Account) *Plan {
	w := newWatchdog(r.policy.Clock, r.policy.Patience)
	a = a.Watched(w.watch)
	p := &Plan{
		run: r, account: a, policy: r.policy, watchdog: w,
		snapshot:  newSnapshot(a),
		preflight: preflight{account: a, mode: r.policy.Preflight, log: r.policy.Log},
	}
	p.Simulations = &Simulations{plan: p}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.plans = append(r.plans, p)
	return p
}

// all returns the plans of all Regions so far.
func (r *run) all() []*Plan {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.plans)
}

// isApply reports whether this run has changed an object, so that a plan is one of an apply.
func (r *run) isApply() bool {
	return slices.ContainsFunc(r.all(), func(p *Plan) bool { return p.account.HasChanged() })
}

// hasExisting reports whether the run has had an object that exists already.
func (r *run) hasExisting() bool {
	return slices.ContainsFunc(r.all(), func(p *Plan) bool { return p.planned.hasExisting() })
}

// regionOf returns the Region of an object that this run has met, or "".
func (r *run) regionOf(id string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.regions[id]
}

// NoteObject records that an object of the configuration is in the Region of a plan.
func NoteObject(p *Plan, id string) {
	p.run.mu.Lock()
	defer p.run.mu.Unlock()
	if id == "" { // a session that is disabled
		return
	}
	if p.run.regions == nil {
		p.run.regions = map[string]string{}
	}
	p.run.regions[id] = p.account.Region
}

// checkRegion refuses a filter or a target of another Region than that of the object that uses
// it. It warns if the ID is known only after apply, and the plan makes new objects of the kind
// in other Regions only: Terraform plans what others use first. It reports whether it refuses.
func checkRegion(f *findings, kind mirror.Kind, field, id string, isKnown bool) (isElsewhere bool) {
	const fix = " Write region = %q in this resource, or use a %s of %s."
	here, noun := f.account.Region, strings.TrimPrefix(kind.Resource, "traffic-mirror-")
	if there := f.run.regionOf(id); isKnown && there != "" && there != here {
		f.refuse(field, "Objects of two Regions", fmt.Sprintf("%s is in %s, and this object is in %s. EC2 joins only objects of one Region."+fix, id, there, here, there, noun, here))
		return true
	}
	if isKnown || len(newOf(&f.planned, kind)) > 0 {
		return false
	}
	for _, p := range f.run.all() {
		if there := p.account.Region; len(newOf(&p.planned, kind)) > 0 && f.reservations.warnOnce("a new "+noun+" in "+there) {
			f.warn(field, "Probably objects of two Regions", fmt.Sprintf("%s is known only after apply. This plan makes a new %s in %s, and none in %s, where this object is. EC2 joins only objects of one Region."+fix,
				field, noun, there, here, there, noun, here))
			return false
		}
	}
	return false
}

// newOf returns the keys of the new filters or targets.
func newOf(p *planned, kind mirror.Kind) []string {
	if kind == mirror.KindFilter {
		return p.newFilters()
	}
	return p.newTargets()
}
