//go:build unix

package main

import "fmt"

// target is a figure, and the most that it may be.
type target struct {
	name  string
	value float64
	unit  string
	most  float64
	open  bool // it may be anything
}

// hold keeps a figure for the last table, unless it has no target.
func (b *bench) hold(name string, value float64, unit string, most float64) {
	if most > 0 {
		b.targets = append(b.targets, target{name: name, value: value, unit: unit, most: most})
	}
}

func (b *bench) printTargets() {
	fmt.Fprintf(b.out, "\n%-76s %12s  %s\n", "", "measured", "target")
	for _, t := range b.targets {
		verdict := ""
		if !t.open {
			verdict = fmt.Sprintf("at most %g%s, met", t.most, t.unit)
			if t.value > t.most {
				verdict = fmt.Sprintf("at most %g%s, missed", t.most, t.unit)
			}
		}
		fmt.Fprintf(b.out, "%-76s %12s  %s\n", t.name, fmt.Sprintf("%.4g%s", t.value, t.unit), verdict)
	}
	for _, what := range b.missing {
		fmt.Fprintf(b.out, "left out: %s\n", what)
	}
}
