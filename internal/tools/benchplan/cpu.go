//go:build unix

package main

import (
	"fmt"
	"regexp"
	"time"
)

// few and many are the numbers of objects between which the slope is taken.
const (
	few  = 100
	many = 1000
)

// slope is the CPU time of one object more.
type slope struct{ provider, terraform, fixed float64 } // in milliseconds

func (s slope) all() float64 { return s.provider + s.terraform }

// slopeWorld has n objects of one kind, and what they refer to outside of the
// configuration.
func slopeWorld(kind string, n int) world {
	w := world{name: fmt.Sprintf("CPU of %d %ss", n, kind), regions: 1, filters: n, managed: []string{kind}}
	switch kind {
	case kindRule:
		w.rules, w.filters = n, n/rulesPerFilter
	case kindSession:
		w.sessions, w.filters, w.targets = n, 10, 10
	}
	return w
}

func (b *bench) measureCPU(chosen *regexp.Regexp) error {
	headed := false
	for _, kind := range []string{kindFilter, kindRule, kindSession} {
		name := "CPU per object: " + kind + "s"
		if !chosen.MatchString(name) {
			continue
		}
		if !headed {
			fmt.Fprintf(b.out, "\nCPU of a plan per object, the slope between %d and %d, without latency\n%-52s %12s %12s %12s %12s\n", few, many, "", "provider", "Terraform", "all", "of none")
			headed = true
		}
		if err := b.measureSlopes(name, kind); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) measureSlopes(name, kind string) error {
	var pairs [][2]setting
	for _, c := range b.contestants {
		var pair [2]setting
		for i, n := range []int{few, many} {
			var err error
			if pair[i], err = b.prepare(slopeWorld(kind, n), c); err != nil {
				return err
			}
		}
		pairs = append(pairs, pair)
	}
	var bottom [2]setting
	for i, n := range []int{few, many} {
		var err error
		if bottom[i], err = b.prepareFloor(fmt.Sprintf("CPU of %d terraform_data", n), n); err != nil {
			return err
		}
	}
	pairs = append(pairs, bottom)
	slopes := make([][]slope, len(pairs))
	for range b.rounds {
		for i, pair := range pairs {
			s, err := b.slope(pair)
			if err != nil {
				return err
			}
			slopes[i] = append(slopes[i], s)
		}
	}
	b.reportSlopes(name, slopes)
	return nil
}

func (b *bench) slope(pair [2]setting) (slope, error) {
	var took [2]measurement
	for i, s := range pair {
		var err error
		if took[i], err = b.plan(s, false); err != nil {
			return slope{}, err
		}
	}
	per := func(of func(measurement) time.Duration) float64 {
		return float64((of(took[1]) - of(took[0])).Microseconds()) / 1000 / (many - few)
	}
	s := slope{
		provider:  per(func(m measurement) time.Duration { return m.provider }),
		terraform: per(func(m measurement) time.Duration { return m.terraform }),
	}
	s.fixed = float64((took[0].provider+took[0].terraform).Microseconds())/1000 - few*s.all()
	return s, nil
}

// reportSlopes has those of terraform_data last.
func (b *bench) reportSlopes(name string, slopes [][]slope) {
	for i, all := range slopes {
		who := "terraform_data"
		if i < len(b.contestants) {
			who = b.contestants[i].name
		}
		label := name
		if who != "" {
			label += ", " + who
		}
		fmt.Fprintf(b.out, "%-52s %9.2f ms %9.2f ms %9.2f ms %9.0f ms\n", label, medianSlope(all, func(s slope) float64 { return s.provider }),
			medianSlope(all, func(s slope) float64 { return s.terraform }), medianSlope(all, slope.all), medianSlope(all, func(s slope) float64 { return s.fixed }))
	}
	b.hold(name+": the provider", medianSlope(slopes[0], func(s slope) float64 { return s.provider }), " ms", 3)
	for i, c := range b.contestants[1:] {
		var ratios []float64
		for round, s := range slopes[0] {
			ratios = append(ratios, s.all()/slopes[i+1][round].all())
		}
		b.targets = append(b.targets, target{name: name + ": all, against " + c.name, value: median(ratios), unit: "x", most: map[bool]float64{true: 1}[c == b.aws()], open: c != b.aws()})
	}
}

func medianSlope(all []slope, of func(slope) float64) float64 {
	var values []float64
	for _, s := range all {
		values = append(values, of(s))
	}
	return median(values)
}
