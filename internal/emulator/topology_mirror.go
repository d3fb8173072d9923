package emulator

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// loadMirror loads the targets, filters and sessions of a topology. Objects of the file exchange
// numbers freely. An object that a client made keeps its number and its backing resource: a file
// that gives them to another object cannot be loaded.
func loadMirror(t *tx, f *topology.File) {
	// A target that is no longer in the file stays shared: the sessions on it would
	// become inactive, which no answer shows (A0078).
	for _, v := range f.SharedTargets {
		targets.put(t, v.ID, v)
	}
	loadTargets(t, f)
	loadFilters(t, f)
	loadSessions(t, f)
	for _, v := range f.ForeignSessions {
		loadForeignSession(t, v)
	}
}

// regionOfARN returns the Region of an ARN, "" for a text of another form.
func regionOfARN(arn string) string {
	parts := strings.SplitN(arn, ":", 5)
	if len(parts) < 5 {
		return ""
	}
	return parts[3]
}

// loadTargets loads the targets of the account, as far as what backs them can exist in the Region.
func loadTargets(t *tx, f *topology.File) {
	inFile := map[string]bool{}
	for _, v := range f.Targets {
		inFile[v.ID] = true
	}
	for i, v := range f.Targets {
		if in := regionOfARN(v.LoadBalancerARN); in != "" && in != t.region {
			continue
		}
		if taken := targetsByBacking.get(t, v.Backing()); taken != "" && !inFile[taken] {
			t.fail(fmt.Errorf("traffic_mirror_targets[%d] of the topology is on %s, on which the store has the target %s: delete it, or leave this one out of the topology", i, v.Backing(), taken))
			return
		}
		addTags(t, v.ID, v.Tags)
		v.OwnerID = t.account
		targets.put(t, v.ID, v.Target)
	}
}

// loadFilters loads filters with their rules. Other rules that a filter has stay.
func loadFilters(t *tx, f *topology.File) {
	inFile := map[string]bool{}
	for _, v := range f.Filters {
		for _, r := range v.Rules {
			inFile[r.ID] = true
		}
	}
	for i, v := range f.Filters {
		list := v.Rules
		v.Rules = nil
		addTags(t, v.ID, v.Tags)
		filters.put(t, v.ID, v.Filter)
		for j, r := range list {
			r.FilterID = v.ID
			if taken := rulesByFilter.get(t, v.ID, string(r.Direction), numberKey(r.Number)); taken != "" && !inFile[taken] {
				t.fail(fmt.Errorf("traffic_mirror_filters[%d].rules[%d] of the topology has the number %d of %s, which the store has: delete it, or leave this one out of the topology", i, j, r.Number, taken))
				return
			}
			addTags(t, r.ID, v.RuleTags[r.ID])
			rules.put(t, r.ID, r)
		}
	}
}

// loadSessions loads the sessions whose targets exist in the Region.
func loadSessions(t *tx, f *topology.File) {
	inFile := map[string]bool{}
	for _, v := range f.Sessions {
		inFile[v.ID] = true
	}
	for i, v := range f.Sessions {
		if !targets.has(t, v.TargetID) {
			continue
		}
		if taken := otherSession(t, v.Session, inFile); taken != "" {
			t.fail(fmt.Errorf("traffic_mirror_sessions[%d] of the topology has the number %d of %s, which the store has on %s: delete it, or leave this one out of the topology", i, v.Number, taken, v.InterfaceID))
			return
		}
		addTags(t, v.ID, v.Tags)
		v.OwnerID = cmp.Or(v.OwnerID, t.account)
		sessions.put(t, v.ID, v.Session)
	}
}

// otherSession returns a session that is not in the file and has the number of one that is, unless
// a variant allows that.
func otherSession(t *tx, v mirror.Session, inFile map[string]bool) string {
	if t.variants.RepeatedSessionNumbers {
		return ""
	}
	for _, id := range sessionsByInterface.idsBelow(t, v.InterfaceID, numberKey(v.Number)) {
		if !inFile[id] {
			return id
		}
	}
	return ""
}
