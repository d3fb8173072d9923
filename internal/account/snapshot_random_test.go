package account_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
)

// A drifting account changes by hand while it is read.
type drifting struct {
	*lab
	byHand *account.Account
	random *rand.Rand

	mu      sync.Mutex
	present []*drifter
	all     map[string]*drifter // by filter ID
}

// A drifter is a filter with all that it has been.
type drifter struct {
	now      mirror.Filter
	been     []string
	isOld    bool // it was there before the reads began
	isStable bool // it was not deleted
}

func (d *drifter) note() { d.been = append(d.been, textOf(d.now)) }

// textOf is what a test compares of a filter.
func textOf(f mirror.Filter) string {
	text := f.ID + f.Description + fmt.Sprint(f.NetworkServices)
	rules := slices.Clone(f.Rules)
	slices.SortFunc(rules, func(a, b mirror.Rule) int { return a.Number - b.Number })
	for _, r := range rules {
		text += fmt.Sprint(" ", r.ID, r.Number)
	}
	return text
}

// change makes one change by hand.
func (d *drifting) change(ctx context.Context) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.random.IntN(len(d.present) + 2)
	if n >= len(d.present) {
		f, err := d.byHand.CreateFilter(ctx, "", nil, account.NewToken())
		if err != nil {
			d.t.Error(err)
			return
		}
		made := &drifter{now: f.Noun, isStable: true}
		made.note()
		d.present, d.all[f.Noun.ID] = append(d.present, made), made
		return
	}
	of := d.present[n]
	var err error
	switch d.random.IntN(4) {
	case 0:
		if len(d.present) < 8 {
			return
		}
		err = d.byHand.DeleteFilter(ctx, of.now.ID, time.Time{})
		of.isStable, d.present = false, slices.Delete(d.present, n, n+1)
	case 1:
		wanted := []mirror.NetworkService{mirror.AmazonDNS}
		if of.now.NetworkServices != nil {
			wanted = nil
		}
		err = d.byHand.ModifyServices(ctx, of.now, wanted)
		of.now.NetworkServices = wanted
	case 2:
		if len(of.now.Rules) > 0 {
			err = d.byHand.DeleteRule(ctx, of.now.Rules[0].ID, time.Time{})
			of.now.Rules = of.now.Rules[1:]
		}
	case 3:
		if len(of.now.Rules) < 5 {
			var rule account.Tagged[mirror.Rule]
			rule, err = d.byHand.CreateRule(ctx, ingress(of.now.ID, d.freeNumber(of.now.Rules)), nil, account.NewToken())
			of.now.Rules = append(slices.Clone(of.now.Rules), rule.Noun)
		}
	}
	if err != nil {
		d.t.Error(err)
	}
	of.note()
}

// freeNumber draws a number that none of the rules has.
func (d *drifting) freeNumber(rules []mirror.Rule) int {
	for {
		n := 1 + d.random.IntN(30000)
		if !slices.ContainsFunc(rules, func(r mirror.Rule) bool { return r.Number == n }) {
			return n
		}
	}
}

// The reads of a plan show each object as it was at some time during the plan, while others
// change the account between its pages. A later plan shows what single reads show.
func TestSnapshot_drift(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			d := &drifting{lab: newLab(t), random: rand.New(rand.NewPCG(sample.Seed(t), seed)), all: map[string]*drifter{}}
			d.byHand = d.open()
			for range 40 {
				d.change(ctx)
			}
			for _, f := range d.present {
				f.isOld, f.been = true, f.been[len(f.been)-1:]
			}
			for id, f := range d.all {
				if !f.isOld {
					delete(d.all, id)
				}
			}
			d.pageSize = 5
			d.before = func(_ *http.Request, action string) {
				if action == describeFilters || action == describeRules {
					d.change(ctx)
				}
			}
			a := d.open()
			d.readAll(ctx, a)
			d.set(func() { d.before = nil })
			d.compare(ctx)
		})
	}
}

// readAll reads everything that there was, at once and twice.
func (d *drifting) readAll(ctx context.Context, a *account.Account) {
	var old []*drifter
	for _, f := range d.all {
		old = append(old, f)
	}
	reads := make([]account.Tagged[mirror.Filter], 2*len(old))
	errs := make([]error, len(reads))
	lists := make([][]mirror.Filter, 4)
	atOnce(len(reads)+len(lists), func(i int) {
		var err error
		if i < len(reads) {
			reads[i], errs[i] = refreshed(ctx, a, a.Filter, old[i%len(old)].now.ID)
		} else if lists[i-len(reads)], err = a.Filters(ctx); err != nil {
			d.t.Error(err)
		}
	})
	for i, got := range reads {
		of := old[i%len(old)]
		switch {
		case account.IsNotFound(errs[i]) && !of.isStable:
		case errs[i] != nil:
			d.t.Errorf("%s: %v", of.now.ID, errs[i])
		case !slices.Contains(of.been, textOf(got.Noun)):
			d.t.Errorf("got %s, want one of %q", textOf(got.Noun), of.been)
		}
	}
	for _, list := range lists {
		seen := map[string]bool{}
		for _, f := range list {
			switch of := d.all[f.ID]; {
			case of == nil:
				d.t.Errorf("%s was not there", f.ID)
			case seen[f.ID]:
				d.t.Errorf("%s is listed twice", f.ID)
			case !slices.Contains(of.been, textOf(f)):
				d.t.Errorf("listed %s, want one of %q", textOf(f), of.been)
			}
			seen[f.ID] = true
		}
		for id, of := range d.all {
			if of.isOld && of.isStable && !seen[id] {
				d.t.Errorf("%s is not listed", id)
			}
		}
	}
}

// compare compares the reads of a plan with single reads, while nothing changes.
func (d *drifting) compare(ctx context.Context) {
	plan := d.open()
	d.options.ReadEach = true
	each := d.open()
	for id, of := range d.all {
		one, oneErr := refreshed(ctx, each, each.Filter, id)
		got, err := refreshed(ctx, plan, plan.Filter, id)
		if textOf(got.Noun) != textOf(one.Noun) || account.IsNotFound(err) != account.IsNotFound(oneErr) || of.isStable != (err == nil) {
			d.t.Errorf("got %s, %v, want %s, %v", textOf(got.Noun), err, textOf(one.Noun), oneErr)
		}
		for _, r := range one.Noun.Rules {
			single, rule := must(each.Rule(ctx, r.ID))(d.t), must(plan.Rule(ctx, r.ID))(d.t)
			if fmt.Sprint(single) != fmt.Sprint(rule) {
				d.t.Errorf("got %v, want %v", rule, single)
			}
		}
	}
	if got, want := must(plan.TaggedFilters(ctx))(d.t), must(each.TaggedFilters(ctx))(d.t); fmt.Sprint(got) != fmt.Sprint(want) {
		d.t.Errorf("got %v, want %v", got, want)
	}
}

// What the snapshots of 10,000 sessions on as many interfaces take of memory.
func BenchmarkSnapshot_memory(b *testing.B) {
	l := newFakeLab(&testing.T{}, fakeSessions(10_000), fakeInterfaces(10_000), fakeFilters(100, 10, ""))
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		a := l.open().Fresh()
		for _, list := range []func() error{
			func() error { _, err := a.Sessions(b.Context()); return err },
			func() error { _, err := a.Interfaces(b.Context()); return err },
			func() error { _, err := a.Filters(b.Context()); return err },
		} {
			if err := list(); err != nil {
				b.Fatal(err)
			}
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB")
		if _, err := a.Sessions(b.Context()); err != nil { // keeps the snapshots
			b.Fatal(err)
		}
	}
}
