//go:build unix

package main

import (
	"fmt"
	"regexp"
	"time"
)

// line is one world that is planned against EC2's token buckets, with latency.
type line struct {
	world
	once bool // one round is enough
	aws  bool // hashicorp/aws is measured too
	// The targets, 0: none.
	describes, callsPerKind int
	ratio                   float64
	peak                    int64 // MiB
}

// The targets are those of internal/tools/bench/README.md.
var lines = []line{
	{world: world{name: "1,000 filters", regions: 1, filters: 1000, managed: []string{kindFilter}}, aws: true, describes: 5, ratio: 1.5, peak: 80},
	{world: world{name: "300 filters with 10 separate rules", regions: 1, filters: 300, rules: 3000, managed: []string{kindFilter, kindRule}}},
	{world: world{name: "2,000 sessions", regions: 1, filters: 20, targets: 20, sessions: 2000, managed: []string{kindFilter, kindTarget, kindSession}}},
	{
		world: world{name: "10,000 sessions", regions: 1, filters: 100, targets: 100, sessions: 10_000, managed: []string{kindFilter, kindTarget, kindSession}},
		once:  true, callsPerKind: 12, peak: 400,
	},
	{world: world{name: "17 Regions, 510 filters and sessions", regions: 17, filters: 510, targets: 17, sessions: 510, managed: []string{kindFilter, kindSession}}, peak: 400},
}

// lineResult is what the rounds of a line took.
type lineResult struct {
	plans, unrefreshed []measurement
	floors             []measurement
}

func (b *bench) measurePlans(chosen *regexp.Regexp) error {
	headed := false
	for _, l := range lines {
		if !chosen.MatchString(l.name) {
			continue
		}
		if !headed {
			fmt.Fprintf(b.out, "\nplans against EC2's token buckets, with 30 ms of latency\n%-52s %9s %9s %9s %15s %7s %14s %9s\n",
				"", "describes", "throttled", "wall", "-refresh=false", "ratio", "terraform_data", "peak")
			headed = true
		}
		if err := b.measureLine(l); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) measureLine(l line) error {
	contestants := b.contestants
	if aws := b.aws(); aws != nil && !l.aws {
		contestants = contestants[:len(contestants)-1]
	}
	results := make([]lineResult, len(contestants))
	settings := make([]setting, len(contestants))
	for i, c := range contestants {
		var err error
		if settings[i], err = b.prepare(l.world, c); err != nil {
			return err
		}
	}
	bottom, err := b.prepareFloor(l.name, l.objects())
	if err != nil {
		return err
	}
	rounds := b.rounds
	if l.once {
		rounds = 1
	}
	for range rounds {
		for i := range settings {
			if err := b.round(settings[i], bottom, &results[i]); err != nil {
				return err
			}
		}
	}
	for i, c := range contestants {
		b.report(l, c, results[i])
	}
	return nil
}

// prepareFloor makes a setting with as many objects of Terraform's own.
func (b *bench) prepareFloor(name string, objects int) (setting, error) {
	return b.prepare(world{name: name, regions: 1, floors: objects, managed: []string{kindFloor}}, &b.bottom)
}

// round measures the plans whose ratio is asked for directly one after another.
func (b *bench) round(s, bottom setting, to *lineResult) error {
	plan, err := b.plan(s, true)
	if err != nil {
		return err
	}
	unrefreshed, err := b.plan(s, true, "-refresh=false")
	if err != nil {
		return err
	}
	floor, err := b.plan(bottom, true)
	to.plans, to.unrefreshed, to.floors = append(to.plans, plan), append(to.unrefreshed, unrefreshed), append(to.floors, floor)
	return err
}

func wallOf(m measurement) time.Duration { return m.wall }

func (b *bench) report(l line, c *contestant, r lineResult) {
	var ratios []float64
	for i := range r.plans {
		ratios = append(ratios, r.plans[i].wall.Seconds()/r.unrefreshed[i].wall.Seconds())
	}
	all := medianOf(r.plans, func(m measurement) int { all, _, _ := m.describes(); return all })
	most := medianOf(r.plans, func(m measurement) int { _, most, _ := m.describes(); return most })
	throttled := medianOf(r.plans, func(m measurement) int { _, _, throttled := m.describes(); return throttled })
	processes := medianOf(r.plans, func(m measurement) int { return m.processes })
	peak := medianOf(r.plans, func(m measurement) int64 { return m.peak }) >> 20
	name := l.name
	if c.name != "" {
		name += ", " + c.name
	}
	fmt.Fprintf(b.out, "%-52s %9d %9d %8.2fs %14.2fs %6.2fx %13.2fs %5d MiB\n", name, all, throttled,
		medianOf(r.plans, wallOf).Seconds(), medianOf(r.unrefreshed, wallOf).Seconds(), median(ratios), medianOf(r.floors, wallOf).Seconds(), peak)
	fmt.Fprintf(b.out, "    %s; %d processes; CPU: provider %.2fs, Terraform %.2fs, EC2 %.2fs\n", r.plans[0].actions(), processes,
		medianOf(r.plans, func(m measurement) time.Duration { return m.provider }).Seconds(),
		medianOf(r.plans, func(m measurement) time.Duration { return m.terraform }).Seconds(),
		medianOf(r.plans, func(m measurement) time.Duration { return m.emulator }).Seconds())
	if c != b.own() {
		return
	}
	b.hold(l.name+": describes", float64(all), "", float64(l.describes))
	b.hold(l.name+": calls of one action", float64(most), "", float64(l.callsPerKind))
	b.targets = append(b.targets, target{name: l.name + ": throttled calls", value: float64(throttled)})
	b.hold(l.name+": a plan against one with -refresh=false", median(ratios), "x", l.ratio)
	b.hold(l.name+": peak of memory", float64(peak), " MiB", float64(l.peak))
	if l.regions > 1 {
		b.hold(l.name+": processes", float64(processes), "", 1)
	}
}
