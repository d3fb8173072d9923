package inventory_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
)

// sourcesOnly leaves out the interfaces that back targets.
var sourcesOnly = inventory.Selection{All: true, Exclude: []inventory.Selection{{InterfaceIDs: []string{"eni-of-a", "eni-of-b", "eni-of-c", "eni-of-d", "eni-of-e", "eni-of-f"}}}}

// A randomFleet is a fleet whose interfaces come and go, and whose proposals are applied.
type randomFleet struct {
	*rand.Rand
	interfaces []account.NetworkInterface
	sessions   map[string]account.Tagged[mirror.Session] // by ID
	candidates []inventory.Candidate
	targets    []account.Tagged[mirror.Target]
	idle       map[string]bool   // keys of candidates that receive nothing once they exist
	tags       map[string]string // of the sessions of this configuration; nil: they are known by their targets
	made       int
}

// zones has an unknown one.
var zones = []string{"a", "b", "c", ""}

func newRandomFleet(r *rand.Rand) *randomFleet {
	f := &randomFleet{Rand: r, idle: map[string]bool{}, sessions: map[string]account.Tagged[mirror.Session]{}}
	if r.IntN(2) == 0 {
		f.tags = map[string]string{"fleet": "web"}
	}
	for i := range 1 + r.IntN(6) {
		f.idle[string(rune('a'+i))] = r.IntN(4) == 0
		f.candidates = append(f.candidates, inventory.Candidate{
			Key: string(rune('a' + i)), Tags: map[string]string{"sensor": fmt.Sprint(i)}, Zone: zones[r.IntN(4)], MaxSources: 1 + r.IntN(20),
		})
	}
	return f
}

// fleet returns the facts of now, in an order that means nothing.
func (f *randomFleet) fleet() *inventory.Fleet {
	interfaces := slices.Clone(f.interfaces)
	for key, isIdle := range f.idle {
		if isIdle {
			interfaces = append(interfaces, account.NetworkInterface{Interface: mirror.Interface{ID: "eni-of-" + key}})
		}
	}
	f.Shuffle(len(interfaces), func(i, j int) { interfaces[i], interfaces[j] = interfaces[j], interfaces[i] })
	sessions := slices.SortedFunc(maps.Values(f.sessions), func(a, b account.Tagged[mirror.Session]) int { return cmp.Compare(a.Noun.Number, b.Noun.Number) })
	return inventory.NewFleet(inventory.Facts{Interfaces: interfaces, Sessions: sessions, Targets: f.targets}, inventory.Rules{Quotas: mirror.DefaultQuotas()})
}

// propose returns the proposals of now by interface.
func (f *randomFleet) propose(t *testing.T) map[string]inventory.Proposal {
	t.Helper()
	fleet := f.fleet()
	candidates := slices.Clone(f.candidates)
	f.Shuffle(len(candidates), func(i, j int) { candidates[i], candidates[j] = candidates[j], candidates[i] })
	all, problems := fleet.Propose(fleet.Select(sourcesOnly), inventory.Wish{Targets: candidates, SessionTags: f.tags})
	if problems != nil {
		t.Fatal(problems)
	}
	byID := map[string]inventory.Proposal{}
	for _, p := range all {
		byID[p.Interface.ID] = p
	}
	return byID
}

// arrive adds an interface that is attached later than all others.
func (f *randomFleet) arrive() string {
	f.made++
	i := account.NetworkInterface{Interface: mirror.Interface{ID: fmt.Sprintf("eni-%08x%04d", f.Uint32(), f.made), Zone: zones[f.IntN(4)]}, Attached: time.Unix(int64(f.made/2), 0)}
	f.interfaces = append(f.interfaces, i)
	return i.ID
}

// leave removes an interface, and its sessions, as EC2 does.
func (f *randomFleet) leave() {
	if len(f.interfaces) == 0 {
		return
	}
	i := f.IntN(len(f.interfaces))
	id := f.interfaces[i].ID
	f.interfaces = slices.Delete(f.interfaces, i, i+1)
	maps.DeleteFunc(f.sessions, func(_ string, s account.Tagged[mirror.Session]) bool { return s.Noun.InterfaceID == id })
}

// addSession adds a session that the configuration does not have.
func (f *randomFleet) addSession() {
	if len(f.interfaces) == 0 {
		return
	}
	f.made++
	s := mirror.Session{ID: fmt.Sprint("tms-other", f.made), InterfaceID: f.interfaces[f.IntN(len(f.interfaces))].ID, TargetID: "tmt-other", Number: 1 + f.IntN(4)}
	for _, present := range f.sessions {
		if present.Noun.InterfaceID == s.InterfaceID && present.Noun.Number == s.Number {
			return
		}
	}
	f.sessions[s.ID] = account.Tagged[mirror.Session]{Noun: s}
}

// apply creates the targets, and the sessions of some or of all proposals.
func (f *randomFleet) apply(proposals map[string]inventory.Proposal, isPartial bool) {
	f.targets = nil
	for _, c := range f.candidates {
		f.targets = append(f.targets, account.Tagged[mirror.Target]{Noun: mirror.Target{ID: "tmt-" + c.Key, InterfaceID: "eni-of-" + c.Key}, Tags: c.Tags})
	}
	for _, id := range slices.Sorted(maps.Keys(proposals)) {
		p := proposals[id]
		if p.Reason != "" || p.Present.Noun.ID != "" || isPartial && f.IntN(2) == 0 {
			continue
		}
		f.made++
		s := mirror.Session{ID: fmt.Sprint("tms-", f.made), InterfaceID: id, TargetID: "tmt-" + p.Target, Number: p.Number}
		f.sessions[s.ID] = account.Tagged[mirror.Session]{Noun: s, Tags: f.tags}
	}
}

// Interfaces come and go between applies. No session changes, no target gets more sources than
// its limit, no source is left out while there is room, and the sources are spread evenly. A
// plan after an apply changes nothing, and a later interface changes no proposal of an earlier
// one, whether they are applied or not.
func TestPropose_random(t *testing.T) {
	t.Parallel()
	seed := sample.Seed(t)
	fleets := uint64(40)
	if sample.All() {
		fleets = 1000
	}
	for n := range fleets {
		f := newRandomFleet(rand.New(rand.NewPCG(seed, n)))
		before := map[string]inventory.Proposal{}
		for step := range 12 {
			for range f.IntN(9) {
				f.arrive()
			}
			for range f.IntN(4) {
				f.leave()
			}
			for range f.IntN(12) {
				f.addSession()
			}
			now := f.propose(t)
			f.check(t, before, now)
			f.made += 2 // some arrive in the same second, this one after it
			f.arrive()
			later := f.propose(t)
			f.checkStays(t, now, later)
			isPartial := f.IntN(3) == 0
			f.apply(later, isPartial)
			before = f.propose(t)
			f.checkApplied(t, later, before, isPartial)
			if t.Failed() {
				t.Fatalf("TRAFFICMIRROR_SEED=%d, fleet %d, step %d", seed, n, step)
			}
		}
	}
}

// sources counts the sources of each target, with those that are proposed.
func (f *randomFleet) sources(proposals map[string]inventory.Proposal) map[string]int {
	all := map[string]map[string]bool{}
	add := func(key, source string) {
		if all[key] == nil {
			all[key] = map[string]bool{}
		}
		all[key][source] = true
	}
	for _, s := range f.sessions {
		add(strings.TrimPrefix(s.Noun.TargetID, "tmt-"), s.Noun.InterfaceID)
	}
	for id, p := range proposals {
		add(p.Target, id)
	}
	counts := map[string]int{}
	for key, sources := range all {
		counts[key] = len(sources)
	}
	return counts
}

// check compares proposals with those before interfaces came and went.
func (f *randomFleet) check(t *testing.T, before, now map[string]inventory.Proposal) {
	t.Helper()
	counts := f.sources(now)
	for _, c := range f.candidates {
		if counts[c.Key] > c.MaxSources {
			t.Errorf("target %s has %d sources, its limit is %d", c.Key, counts[c.Key], c.MaxSources)
		}
	}
	last := map[string]inventory.Proposal{} // the source that was assigned last, by target
	for id, p := range now {
		if old := before[id]; old.Present.Noun.ID != "" && (p.Present.Noun.ID != old.Present.Noun.ID || p.Target != old.Target || p.Number != old.Number) {
			t.Errorf("%s had %s with number %d to %s, and is proposed %q, %d, %q", id, old.Present.Noun.ID, old.Number, old.Target, p.Present.Noun.ID, p.Number, p.Target)
		}
		f.checkNumber(t, p)
		if p.Reason == inventory.ReasonTargetsFull {
			for _, c := range f.candidates {
				if counts[c.Key] < c.MaxSources {
					t.Errorf("%s has no target, and %s has room: %d of %d", id, c.Key, counts[c.Key], c.MaxSources)
				}
			}
		}
		if p.Reason == "" && p.Present.Noun.ID == "" && !isAssignedLater(last[p.Target].Interface, p.Interface) {
			last[p.Target] = p
		}
	}
	f.checkEven(t, last, counts)
}

func isAssignedLater(a, b account.NetworkInterface) bool {
	return cmp.Or(a.Attached.Compare(b.Attached), strings.Compare(a.ID, b.ID)) > 0
}

// checkEven checks the bound of balance. A target that has got a source has at most one more
// than each target that was as good and has room, in proportion to their limits.
func (f *randomFleet) checkEven(t *testing.T, last map[string]inventory.Proposal, counts map[string]int) {
	t.Helper()
	limits, zonesOf := map[string]int{}, map[string]string{}
	for _, c := range f.candidates {
		limits[c.Key], zonesOf[c.Key] = c.MaxSources, c.Zone
	}
	byZone := func(zone, key string) int {
		switch {
		case zone == "" || zonesOf[key] == "":
			return 1
		case zone == zonesOf[key]:
			return 0
		}
		return 2
	}
	distance := func(zone, key string) int { // those that receive nothing come after all others
		if f.targets != nil && f.idle[key] {
			return 3 + byZone(zone, key)
		}
		return byZone(zone, key)
	}
	for key, p := range last {
		for other := range limits {
			near, far := distance(p.Interface.Zone, key), distance(p.Interface.Zone, other)
			hasRoom := counts[other] < limits[other]
			if hasRoom && far < near {
				t.Errorf("%s in zone %q is assigned to %s in %q, and %s in %q has room", p.Interface.ID, p.Interface.Zone, key, zonesOf[key], other, zonesOf[other])
			}
			if hasRoom && far == near && counts[key]*limits[other] > (counts[other]+1)*limits[key] {
				t.Errorf("%s has %d of %d sources and %s %d of %d", key, counts[key], limits[key], other, counts[other], limits[other])
			}
		}
	}
}

func (f *randomFleet) checkNumber(t *testing.T, p inventory.Proposal) {
	t.Helper()
	for _, s := range p.Sessions {
		if s.Noun.ID != p.Present.Noun.ID && s.Noun.Number == p.Number {
			t.Errorf("%s is proposed number %d, which %s has", p.Interface.ID, p.Number, s.Noun.ID)
		}
	}
	isFull := len(p.Sessions) >= mirror.DefaultQuotas().SessionsPerInterface && p.Present.Noun.ID == ""
	if isFull != (p.Reason == inventory.ReasonSessionsUsedUp) {
		t.Errorf("%s has %d sessions, and the reason is %q", p.Interface.ID, len(p.Sessions), p.Reason)
	}
}

// checkStays checks that proposals are the same after one more interface has come.
func (f *randomFleet) checkStays(t *testing.T, before, after map[string]inventory.Proposal) {
	t.Helper()
	for id, p := range before {
		if now := after[id]; now.Target != p.Target || now.Number != p.Number || now.Reason != p.Reason {
			t.Errorf("A0191: %s was proposed %q, %d, %q, and with one more interface %q, %d, %q", id, p.Target, p.Number, p.Reason, now.Target, now.Number, now.Reason)
		}
	}
}

// checkApplied checks that a plan after the apply changes no session.
func (f *randomFleet) checkApplied(t *testing.T, applied, now map[string]inventory.Proposal, isPartial bool) {
	t.Helper()
	for id, p := range now {
		was := applied[id]
		if p.Reason == "" && p.Present.Noun.ID == "" && !isPartial {
			t.Errorf("%s has no session after the apply", id)
		}
		if p.Present.Noun.ID != "" && (p.Target != was.Target || p.Number != was.Number || "tmt-"+p.Target != p.TargetID) {
			t.Errorf("%s: %q, %d was applied, and is proposed as %q (%s), %d", id, was.Target, was.Number, p.Target, p.TargetID, p.Number)
		}
	}
}

func BenchmarkPropose(b *testing.B) {
	f := newRandomFleet(rand.New(rand.NewPCG(1, 2)))
	f.candidates = nil
	for i := range 150 {
		f.candidates = append(f.candidates, inventory.Candidate{Key: fmt.Sprint(i), Tags: map[string]string{"sensor": fmt.Sprint(i)}, Zone: zones[i%3], MaxSources: 100})
	}
	for range 10_000 {
		f.arrive()
	}
	fleet := f.fleet()
	for b.Loop() {
		if _, problems := fleet.Propose(fleet.Select(inventory.Selection{All: true}), inventory.Wish{Targets: f.candidates}); problems != nil {
			b.Fatal(problems)
		}
	}
}
