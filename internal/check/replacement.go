package check

import (
	"context"
	"fmt"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// This file is about objects that the plan replaces with one that EC2 cannot have beside
// them. Terraform deletes the old one first, unless create_before_destroy is set. A provider
// cannot see that, so the plan warns of it.

// isReplacement reports whether an object takes the place of an existing one. Terraform plans
// a replacement a second time, without the state.
func isReplacement[N any](objectID string, before Object[N], id func(N) string) bool {
	return id(before.Noun) == "" && !strings.HasPrefix(objectID, newPrefix)
}

func (f sessionCheck) warnReplacement(ctx context.Context, objectID string, before, after Object[mirror.Session]) {
	if !isReplacement(objectID, before, func(s mirror.Session) string { return s.ID }) || !after.isKnown("network_interface_id", "session_number") {
		return
	}
	for _, s := range f.snapshot.sessions(ctx) {
		if s.ID == objectID && s.InterfaceID == after.Noun.InterfaceID && s.Number == after.Noun.Number {
			f.add(cannotCoexist("session_number", objectID, "session", "number on "+s.InterfaceID))
		}
	}
}

func (f ruleCheck) warnReplacement(ctx context.Context, objectID string, before, after Object[mirror.Rule]) {
	if !isReplacement(objectID, before, func(r mirror.Rule) string { return r.ID }) || !after.isKnown("traffic_mirror_filter_id", "traffic_direction", "rule_number") {
		return
	}
	filter := presentFilter(f.snapshot.filters(ctx), after.Noun.FilterID)
	if filter == nil {
		return
	}
	for _, r := range filter.Rules {
		if r.ID == objectID && r.Direction == after.Noun.Direction && r.Number == after.Noun.Number {
			f.add(cannotCoexist("rule_number", objectID, "rule", "number in "+filter.ID))
		}
	}
}

func (f targetCheck) warnReplacement(ctx context.Context, objectID string, before, after Object[mirror.Target]) {
	field, backing := exclusiveBacking(after.Noun)
	if !isReplacement(objectID, before, func(t mirror.Target) string { return t.ID }) || backing == "" {
		return
	}
	for _, t := range f.snapshot.targets(ctx) {
		if _, present := exclusiveBacking(t); t.ID == objectID && present == backing {
			f.add(cannotCoexist(field, objectID, "target", backingName[field]))
		}
	}
}

// cannotCoexist says why an object must be deleted before its replacement is created.
func cannotCoexist(field, id, noun, what string) Finding {
	return Finding{Severity: Warning, Field: field, Silence: Replacement, Summary: "The " + noun + " cannot be replaced by create_before_destroy", Detail: fmt.Sprintf(
		"The plan replaces %s with a %s that has the same %s. EC2 cannot have both, so Terraform has to delete %[1]s first, which it does by default. "+
			"The apply fails if lifecycle { create_before_destroy = true } is set in this resource, or in one that uses it. If so, remove it there.", id, noun, what)}
}
