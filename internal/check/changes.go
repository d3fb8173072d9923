package check

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A change is a planned change of an object that simulations may use. Only changes that can
// change a verdict count: other tags or another description do not.
type change struct {
	kind mirror.Kind
	id   string   // the name of the object in this plan
	of   []string // of a session its interfaces, of a rule its filters, before and after the plan

	isOpen   bool // a session whose interface, or a rule whose filter, is known only after apply
	isDelete bool
}

// name names the object in a message.
func (c change) name() string {
	if strings.HasPrefix(c.id, newPrefix) {
		return "a new " + c.noun()
	}
	return c.id
}

// noun is what messages call the object: "session".
func (c change) noun() string {
	return strings.ReplaceAll(strings.TrimPrefix(c.kind.Resource, "traffic-mirror-"), "-", " ")
}

// changes records what a plan changes. An apply plans most objects again, and deletes the
// others. The zero value is ready to use.
type changes struct {
	mu          sync.Mutex
	byObject    map[string]change
	simulations map[string]Simulation // by ID
}

// note records a change, and returns the simulations that were planned before it. A
// replacement is planned twice, so the interfaces and filters of both times count.
func (c *changes) note(made change) []Simulation {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byObject == nil {
		c.byObject = map[string]change{}
	}
	made.of = append(made.of, c.byObject[made.id].of...)
	c.byObject[made.id] = made
	return slices.Collect(maps.Values(c.simulations))
}

func (c *changes) all() []change {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Collect(maps.Values(c.byObject))
}

// noteSession records whether the plan changes a session.
func noteSession(ctx context.Context, f *findings, objectID string, before, after Object[mirror.Session]) {
	plain := func(s mirror.Session) mirror.Session { s.ID, s.OwnerID, s.Description = "", "", ""; return s }
	isKnown := after.isKnown("network_interface_id", "traffic_mirror_target_id", "traffic_mirror_filter_id", "session_number", "packet_length", "virtual_network_id")
	if before.Noun.ID != "" && isKnown && reflect.DeepEqual(plain(before.Noun), plain(after.Noun)) {
		return
	}
	noteChange(ctx, f, change{
		kind: mirror.KindSession, id: objectID, of: []string{before.Noun.InterfaceID, after.Noun.InterfaceID},
		isOpen: !after.isKnown("network_interface_id"),
	})
}

// noteFilter records whether the plan changes a filter.
func noteFilter(ctx context.Context, f *findings, objectID string, before, after Filter) {
	isKnown := after.isKnown("network_services", RulesField(mirror.Ingress), RulesField(mirror.Egress))
	if before.Noun.ID != "" && isKnown && reflect.DeepEqual(decisions(before.Noun), decisions(after.Noun)) {
		return
	}
	noteChange(ctx, f, change{kind: mirror.KindFilter, id: objectID})
}

// decisions returns what decides about packets in a filter, in a form that can be compared.
func decisions(f mirror.Filter) map[string]any {
	all := map[string]any{}
	for _, s := range f.NetworkServices {
		all[string(s)] = true
	}
	for _, r := range f.Rules {
		all[withNumber(string(r.Direction), r.Number)] = plainRule(r)
	}
	return all
}

// plainRule leaves out what does not decide about packets.
func plainRule(r mirror.Rule) mirror.Rule {
	r.ID, r.FilterID, r.Description = "", "", ""
	return r
}

// noteRule records whether the plan changes a separate rule.
func noteRule(ctx context.Context, f *findings, objectID string, before, after Object[mirror.Rule]) {
	if keepsPackets(before, after) {
		return
	}
	noteChange(ctx, f, change{
		kind: mirror.KindFilterRule, id: objectID, of: []string{before.Noun.FilterID, after.Noun.FilterID},
		isOpen: !after.isKnown("traffic_mirror_filter_id"),
	})
}

// keepsPackets reports whether the plan changes nothing of a rule that decides about packets.
func keepsPackets(before, after Object[mirror.Rule]) bool {
	return before.Noun.ID != "" && knowsPackets(after) && before.Noun.FilterID == after.Noun.FilterID && reflect.DeepEqual(plainRule(before.Noun), plainRule(after.Noun))
}

// knowsPackets reports whether everything of a rule is known that decides about packets.
func knowsPackets(r Object[mirror.Rule]) bool {
	return !slices.ContainsFunc(r.Unknown, func(field string) bool { return field != AllTags && field != "description" })
}

// noteTarget records whether the plan changes the backing resource of a target.
func noteTarget(ctx context.Context, f *findings, objectID string, before, after Object[mirror.Target]) {
	if before.Noun.ID == "" || movesTarget(before, after) {
		noteChange(ctx, f, change{kind: mirror.KindTarget, id: objectID})
	}
}

// NoteDelete records that the plan deletes an object, or that the apply does. of is the
// interface of a session, or the filter of a rule. The plan of a separate rule calls
// Handover.DeleteRule instead.
func (p *Plan) NoteDelete(ctx context.Context, kind mirror.Kind, id, of string) []Finding {
	f := &findings{Plan: p}
	if kind == mirror.KindSession && !isReplaced(&p.planned, id) {
		f.planned.forget(id)
		f.reservations.reserve(id)
	}
	noteChange(ctx, f, change{kind: kind, id: id, of: []string{of}, isDelete: true})
	return f.all
}

// The summaries of warnings about a simulation that was planned too early.
const (
	lateChange   = "A simulation does not wait for this change"
	lateDeletion = "A simulation does not wait for this deletion"
)

// noteChange records a change. It warns if a simulation that uses the object was planned
// before: nothing makes that simulation wait for the change.
func noteChange(ctx context.Context, f *findings, made change) {
	made.of = slices.DeleteFunc(made.of, func(id string) bool { return id == "" })
	for _, s := range f.changes.note(made) {
		if !usesOf(ctx, f.Plan, s.InterfaceID).has(made) || !f.reservations.warnOnce("late "+made.id+" "+s.ID) {
			continue
		}
		if made.isDelete {
			f.warn("", lateDeletion, fmt.Sprintf(
				"The plan deletes this %s, and the simulation of %s uses it. Terraform has planned that simulation before, so it may run before the deletion or not at all. "+
					"The next plan shows whether its expectations still hold.", made.noun(), s.InterfaceID))
			continue
		}
		f.warn("", lateChange, fmt.Sprintf(
			"The simulation of %s uses this %s. Terraform plans that simulation first, so it may run before the change or not at all. "+
				"Add this %s to depends_on of the trafficmirror_simulation.", s.InterfaceID, made.noun(), ResourceType(made.kind)))
	}
}

// ResourceType returns the Terraform resource type of a kind of object.
func ResourceType(kind mirror.Kind) string {
	return "trafficmirror_" + strings.ReplaceAll(strings.TrimPrefix(kind.Resource, "traffic-mirror-"), "-", "_")
}
