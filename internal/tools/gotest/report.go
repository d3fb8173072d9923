package main

import (
	"fmt"
	"io"
	"iter"
	"strings"
)

// event is one line of `go test -json`; see `go doc test2json`.
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
	Elapsed float64
}

// report collects the events of a run and prints a line per package, and all that a failed test said.
type report struct {
	out                     io.Writer
	passed, failed, skipped int
	packages                map[string]*packageRun
}

type packageRun struct {
	tests  map[string]*testRun
	order  []string
	output strings.Builder // of the package itself: a panic outside of a test, a missing TestMain exit
}

type testRun struct {
	action        string // pass, fail or skip; empty while the test runs
	output        strings.Builder
	hasSubtests   bool
	subtestFailed bool
}

func newReport(out io.Writer) *report {
	return &report{out: out, packages: map[string]*packageRun{}}
}

func (r *report) print(text string) { fmt.Fprint(r.out, text) }

func (r *report) add(e event) {
	if e.Action == "build-output" {
		r.print(e.Output)
		return
	}
	if e.Package == "" {
		return
	}
	p := r.packages[e.Package]
	if p == nil {
		p = &packageRun{tests: map[string]*testRun{}}
		r.packages[e.Package] = p
	}
	if e.Test == "" {
		r.addToPackage(p, e)
		return
	}
	t := p.tests[e.Test]
	if t == nil {
		t = &testRun{}
		p.tests[e.Test] = t
		p.order = append(p.order, e.Test)
		for parent := range p.parents(e.Test) {
			parent.hasSubtests = true
		}
	}
	switch e.Action {
	case "output":
		if !strings.HasPrefix(e.Output, "=== ") { // that it runs, pauses, goes on
			t.output.WriteString(e.Output)
		}
	case "pass", "fail", "skip":
		t.action = e.Action
	}
}

func (r *report) addToPackage(p *packageRun, e event) {
	switch e.Action {
	case "output":
		p.output.WriteString(e.Output)
	case "pass", "skip":
		r.finish(e, p, false)
	case "fail":
		r.finish(e, p, true)
	}
}

// finish counts the tests of a package that has ended. A test with subtests stands for them and is not counted beside them, unless it
// failed of itself. A test that never ended was stopped by a panic or a time-out, and failed.
func (r *report) finish(e event, p *packageRun, failed bool) {
	before, failedBefore := r.passed+r.failed+r.skipped, r.failed
	for _, name := range p.order {
		t := p.tests[name]
		if failed && t.action == "" {
			t.action = "fail"
		}
		if t.action == "fail" {
			for parent := range p.parents(name) {
				parent.subtestFailed = true
			}
		}
	}
	for _, name := range p.order {
		if t := p.tests[name]; !t.hasSubtests || t.action == "fail" && !t.subtestFailed {
			r.count(t)
		}
	}
	if failed && r.failed == failedBefore {
		r.failed++ // it did not build, or died outside of its tests
	}
	tests := r.passed + r.failed + r.skipped - before
	switch {
	case failed:
		r.print(p.output.String())
	case tests > 0:
		r.print(fmt.Sprintf("ok    %s: %d tests (%.1fs)\n", e.Package, tests, e.Elapsed))
	}
	delete(r.packages, e.Package)
}

func (r *report) count(t *testRun) {
	switch t.action {
	case "pass":
		r.passed++
	case "fail":
		r.failed++
		r.print(t.output.String())
	case "skip":
		r.skipped++
		r.print(t.output.String())
	}
}

// parents yields the tests that name is a subtest of. A part of a name may hold a slash itself, so not every prefix is a test.
func (p *packageRun) parents(name string) iter.Seq[*testRun] {
	return func(yield func(*testRun) bool) {
		for i := strings.LastIndexByte(name, '/'); i > 0; i = strings.LastIndexByte(name[:i], '/') {
			if t := p.tests[name[:i]]; t != nil && !yield(t) {
				return
			}
		}
	}
}

// close prints the closing line. Only this form is read by machines.
func (r *report) close() {
	fmt.Fprintf(r.out, "\n%d passed, %d failed, %d skipped\n", r.passed, r.failed, r.skipped)
}
