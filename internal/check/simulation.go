package check

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A Simulation is a simulation of the sessions of an interface.
type Simulation struct {
	ID          string // its name: EC2 has no object for it
	InterfaceID string // empty: known only after apply

	// The files, each with one path, however it is written. Empty: none, or not known yet.
	Capture, Output, Annotated string
}

// Simulations are the simulations of one plan, or of one apply, of the interfaces of one Region.
// A file is used by those of all Regions.
type Simulations struct {
	plan *Plan
}

// NewID returns a name for a simulation. It is in the private state of the simulation.
func (s *Simulations) NewID() string { return rand.Text() }

// Check records a simulation. It refuses an output that another simulation of the plan
// writes or reads.
func (s *Simulations) Check(one Simulation) []Finding {
	f := &findings{Plan: s.plan}
	if one.InterfaceID != "" {
		f.changes.noteSimulation(one)
	}
	var needed []reservation
	if one.Capture != "" {
		needed = append(needed, reservation{one.Capture, asCapture})
	}
	for _, path := range []string{one.Output, one.Annotated} {
		if path != "" {
			needed = append(needed, reservation{path, asOutput})
		}
	}
	refused := map[collisionText]bool{}
	for _, c := range f.run.common.reserve(one.ID, needed...) {
		text := fileCollisions[[2]role{c.as, c.with}]
		text.field = one.argument(c.reservation)
		if !refused[text] {
			f.refuse(text.field, text.summary, fmt.Sprintf(text.text, c.thing, text.field))
		}
		refused[text] = true
	}
	return f.all
}

// argument names the argument that reserves a file.
func (s Simulation) argument(r reservation) string {
	switch {
	case r.as == asCapture:
		return "capture"
	case r.thing == s.Output:
		return "output"
	}
	return "annotated"
}

// fileCollisions are the texts for a path and the argument that has it. The field is that
// argument.
var fileCollisions = map[[2]role]collisionText{
	{asOutput, asOutput}: {
		summary: "Two simulations write one file",
		text:    "Another simulation of this plan also writes %q. Each apply would overwrite the file of one with that of the other. Write another %s.path for one of them.",
	},
	{asOutput, asCapture}: {
		summary: "A simulation writes the capture of another",
		text:    "%[2]s.path is %[1]q, which is the capture of another simulation of this plan. Write another %[2]s.path: a capture is never overwritten.",
	},
	{asCapture, asOutput}: {
		summary: "A simulation writes the capture of another",
		text:    "%[2]s.path is %[1]q, which another simulation of this plan writes. Write another path there: a capture is never overwritten.",
	},
}

// Delete records that the plan deletes a simulation.
func (s *Simulations) Delete(id string) {
	s.plan.run.common.reserve(id)
	s.plan.changes.forgetSimulation(id)
}

// Changes returns the names of the objects that this plan changes, of those that a simulation
// of an interface uses, as far as this is planned. If there are any, the verdicts are known
// only after apply.
func (s *Simulations) Changes(ctx context.Context, interfaceID string) []string {
	all := s.plan.changes.all()
	if len(all) == 0 {
		return nil
	}
	used := usesOf(ctx, s.plan, interfaceID)
	names := used.moved
	for _, c := range all {
		isOpen := c.isOpen && (c.kind != mirror.KindFilterRule || hasOpenRules(&s.plan.planned))
		if isOpen || used.isUnknown || used.has(c) {
			names = append(names, c.name())
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// HasExisting reports whether the plan has had an object that exists already.
func (s *Simulations) HasExisting() bool { return s.plan.run.hasExisting() }

// IsFirst reports whether this run has not asked for the key before. With it, what both the
// refresh and the plan of a simulation know is said once.
func (s *Simulations) IsFirst(key string) bool { return s.plan.run.common.warnOnce(key) }

// NoteRefresh records that this run has refreshed the verdicts of a simulation.
func (s *Simulations) NoteRefresh(id string) {
	r := s.plan.run
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refreshed == nil {
		r.refreshed = map[string]bool{}
	}
	r.refreshed[id] = true
}

// IsRefreshed reports whether this run has refreshed the verdicts of a simulation.
func (s *Simulations) IsRefreshed(id string) bool {
	r := s.plan.run
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.refreshed[id]
}

// IsApply reports whether this run has changed an object, so that a plan is one of an apply.
func (s *Simulations) IsApply() bool { return s.plan.run.isApply() }

// WriteOutput calls write, which gives a file its content, and records that the file belongs
// to a simulation from then on.
func (s *Simulations) WriteOutput(path, id string, write func() error) error {
	r := s.plan.run
	r.files.Lock()
	defer r.files.Unlock()
	err := write()
	if err == nil {
		if r.writers == nil {
			r.writers = map[string]string{}
		}
		r.writers[path] = id
	}
	return err
}

// RemoveOutput calls remove, unless another simulation has written the file in this run: the
// new file of a replacement may be the same as the old one.
func (s *Simulations) RemoveOutput(path, id string, remove func() error) error {
	r := s.plan.run
	r.files.Lock()
	defer r.files.Unlock()
	if writer, isWritten := r.writers[path]; isWritten && writer != id {
		return nil
	}
	return remove()
}

func (c *changes) noteSimulation(s Simulation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.simulations == nil {
		c.simulations = map[string]Simulation{}
	}
	c.simulations[s.ID] = s
}

func (c *changes) forgetSimulation(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.simulations, id)
}

// uses has the filters and targets of the sessions of an interface.
type uses struct {
	interfaceID string
	ids         map[string]bool
	moved       []string // sessions that this run has changed, maybe with their target and without a plan
	isUnknown   bool     // EC2 refuses to list the sessions
}

// has reports whether a change concerns the interface.
func (u uses) has(c change) bool {
	switch c.kind {
	case mirror.KindSession:
		return slices.Contains(c.of, u.interfaceID)
	case mirror.KindFilterRule:
		return slices.ContainsFunc(c.of, func(filterID string) bool { return u.ids[filterID] })
	}
	return u.ids[c.id]
}

// usesOf returns what the sessions of an interface use after the plan: see Preview.
func usesOf(ctx context.Context, p *Plan, interfaceID string) uses {
	existing, err := askList(ctx, &p.snapshot, &p.snapshot.sessionList, p.account.Sessions)
	u := uses{interfaceID: interfaceID, ids: map[string]bool{}, isUnknown: err != nil}
	l := overlay{Plan: p, now: present{sessions: p.account.CorrectSessions(existing)}}
	for _, s := range l.sessions(interfaceID) {
		u.ids[s.Noun.FilterID], u.ids[s.Noun.TargetID] = true, true
		if id := s.Noun.ID; id != "" && p.account.ChangedInThisRun(id) {
			u.moved = append(u.moved, id)
		}
	}
	delete(u.ids, "")
	return u
}
