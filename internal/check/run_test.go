package check

import (
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// newRegions returns the plans of two Regions of one run.
func newRegions(t *testing.T) (here, there *Plan) {
	t.Helper()
	here, _ = newPlan(t, Policy{Quotas: mirror.DefaultQuotas()})
	other, _ := newPlan(t, Policy{})
	a := *other.account
	a.Region = "eu-west-1"
	return here, InRegion(here, &a)
}

// In two Regions, one interface and one number are two things. A file is one for all Regions,
// and a run says a thing once.
func TestInRegion(t *testing.T) {
	t.Parallel()
	here, there := newRegions(t)
	for _, p := range []*Plan{here, there} {
		if found := p.reservations.reserve("new-1", reservation{withNumber("eni-a", 1), asSessionNumber}); len(found) != 0 {
			t.Errorf("sessions of two Regions collide: %v", found)
		}
	}
	if found := there.reservations.reserve("new-2", reservation{withNumber("eni-a", 1), asSessionNumber}); len(found) != 1 {
		t.Errorf("in one Region, %d collisions", len(found))
	}
	here.Simulations.Check(Simulation{ID: "a", Output: "/out.pcap"})
	if found := there.Simulations.Check(Simulation{ID: "b", Output: "/out.pcap"}); len(found) != 1 || found[0].Summary != "Two simulations write one file" {
		t.Errorf("two Regions write one file: %v", found)
	}
	if !here.Simulations.IsFirst("x") || there.Simulations.IsFirst("x") {
		t.Error("the run says a thing twice, or not at all")
	}
	here.Simulations.NoteRefresh("a")
	if !there.Simulations.IsRefreshed("a") {
		t.Error("a simulation that changes its Region is not the one that was refreshed")
	}
	if there.Simulations.HasExisting() {
		t.Error("nothing exists yet")
	}
	NoteExisting(here)
	if !there.Simulations.HasExisting() {
		t.Error("what exists in one Region is not there for a destroy")
	}
}

// An apply that has changed an object in one Region is an apply in all.
func TestInRegion_isApply(t *testing.T) {
	t.Parallel()
	here, there := newRegions(t)
	if here.Simulations.IsApply() || there.Simulations.IsApply() {
		t.Fatal("a plan is an apply")
	}
	if _, err := here.account.CreateFilter(t.Context(), "", nil, account.NewToken()); err != nil {
		t.Fatal(err)
	}
	if !there.Simulations.IsApply() {
		t.Error("an apply is a plan in another Region")
	}
}

// What a session uses is refused in another Region, where this run has met it there.
func TestCheckRegion(t *testing.T) {
	t.Parallel()
	here, there := newRegions(t)
	NoteObject(there, "tmt-1")
	NoteObject(there, "tmf-1")
	NoteObject(here, "tmf-2")
	for id, want := range map[string]string{
		"tmf-1": "tmf-1 is in eu-west-1, and this object is in us-east-1. EC2 joins only objects of one Region. Write region = \"eu-west-1\" in this resource, or use a filter of us-east-1.",
		"tmf-2": "",
		"tmf-3": "", // of another configuration, or of nobody
	} {
		found := here.Rule(t.Context(), here.NewObjectID(nil), Object[mirror.Rule]{}, Object[mirror.Rule]{Noun: mirror.Rule{FilterID: id, Number: 1, Direction: mirror.Ingress}})
		var texts []string
		for _, f := range found {
			if f.Summary == "Objects of two Regions" {
				texts = append(texts, f.Detail)
			}
		}
		if got := strings.Join(texts, "\n"); got != want {
			t.Errorf("%s: got %q, want %q", id, got, want)
		}
	}
	session := Object[mirror.Session]{Noun: mirror.Session{TargetID: "tmt-1", FilterID: "tmf-1", InterfaceID: "eni-1", Number: 1}}
	var refused int
	for _, f := range here.Session(t.Context(), here.NewObjectID(nil), Object[mirror.Session]{}, session) {
		if f.Summary == "Objects of two Regions" {
			refused++
		}
	}
	if refused != 2 {
		t.Errorf("a session with filter and target of another Region: %d errors", refused)
	}
	session.Noun.ID = "tms-1" // it is there already, and a plan that changes nothing may be that of a destroy
	for _, f := range here.Session(t.Context(), "tms-1", session, session) {
		if f.Summary == "Objects of two Regions" {
			t.Errorf("a session that does not change: %s", f.Detail)
		}
	}
}

// A number that another object of the same configuration has is not one to import.
func TestNumberInUse_ofThisConfiguration(t *testing.T) {
	t.Parallel()
	here, _ := newRegions(t)
	NoteObject(here, "tms-own")
	NoteObject(here, "") // a session that is disabled
	for holder, isForeign := range map[string]bool{"tms-own": false, "tms-foreign": true} {
		f := &findings{Plan: here}
		f.warnNumberInUse("session_number", "Session number in use", "the sessions of eni-a", 1, Reference{mirror.KindSession, holder}, false)
		if len(f.all) != 1 || (f.all[0].Holder.ID == holder) != isForeign {
			t.Errorf("%s: %+v", holder, f.all)
		}
	}
	if here.run.regionOf("") != "" {
		t.Error("an object without an ID has a Region")
	}
}
