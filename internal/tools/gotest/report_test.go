package main

import (
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	tests := map[string]struct {
		events string
		counts string
		shows  []string
		hides  []string
	}{
		"no tests": {
			events: `{"Action":"skip","Package":"p"}`,
			counts: "0 passed, 0 failed, 0 skipped",
		},
		"a test with subtests stands for them": {
			events: `
				{"Action":"run","Package":"p","Test":"TestA"}
				{"Action":"run","Package":"p","Test":"TestA/10.0.0.0/8"}
				{"Action":"output","Package":"p","Test":"TestA/10.0.0.0/8","Output":"chatter\n"}
				{"Action":"pass","Package":"p","Test":"TestA/10.0.0.0/8"}
				{"Action":"run","Package":"p","Test":"TestA/b"}
				{"Action":"output","Package":"p","Test":"TestA/b","Output":"not today\n"}
				{"Action":"skip","Package":"p","Test":"TestA/b"}
				{"Action":"pass","Package":"p","Test":"TestA"}
				{"Action":"pass","Package":"p","Elapsed":1.5}`,
			counts: "1 passed, 0 failed, 1 skipped",
			shows:  []string{"ok    p: 2 tests (1.5s)", "not today"},
			hides:  []string{"chatter"},
		},
		"a failed subtest counts once": {
			events: `
				{"Action":"run","Package":"p","Test":"TestA"}
				{"Action":"run","Package":"p","Test":"TestA/a"}
				{"Action":"output","Package":"p","Test":"TestA/a","Output":"=== RUN   TestA/a\\n"}
				{"Action":"output","Package":"p","Test":"TestA/a","Output":"got 1, want 2\n"}
				{"Action":"fail","Package":"p","Test":"TestA/a"}
				{"Action":"fail","Package":"p","Test":"TestA"}
				{"Action":"fail","Package":"p"}`,
			counts: "0 passed, 1 failed, 0 skipped",
			shows:  []string{"got 1, want 2"},
			hides:  []string{"=== RUN"},
		},
		"a parent that fails of itself counts": {
			events: `
				{"Action":"run","Package":"p","Test":"TestA"}
				{"Action":"run","Package":"p","Test":"TestA/a"}
				{"Action":"pass","Package":"p","Test":"TestA/a"}
				{"Action":"fail","Package":"p","Test":"TestA"}
				{"Action":"fail","Package":"p"}`,
			counts: "1 passed, 1 failed, 0 skipped",
		},
		"a test that never ended failed": {
			events: `
				{"Action":"run","Package":"p","Test":"TestA"}
				{"Action":"output","Package":"p","Test":"TestA","Output":"panic: test timed out\n"}
				{"Action":"fail","Package":"p"}`,
			counts: "0 passed, 1 failed, 0 skipped",
			shows:  []string{"panic: test timed out"},
		},
		"a package that does not build failed": {
			events: `
				{"ImportPath":"p","Action":"build-output","Output":"p.go:1:1: expected 'package'\n"}
				{"ImportPath":"p","Action":"build-fail"}
				{"Action":"output","Package":"p","Output":"FAIL p [build failed]\n"}
				{"Action":"fail","Package":"p","FailedBuild":"p"}`,
			counts: "0 passed, 1 failed, 0 skipped",
			shows:  []string{"expected 'package'", "[build failed]"},
		},
		"a line that is no event is shown": {
			events: "flag provided but not defined: -x\n",
			counts: "0 passed, 0 failed, 0 skipped",
			shows:  []string{"flag provided but not defined: -x"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			r := newReport(&out)
			if err := read(strings.NewReader(strings.TrimSpace(tt.events)), r); err != nil {
				t.Fatal(err)
			}
			r.close()
			got := out.String()
			if !strings.HasSuffix(got, "\n"+tt.counts+"\n") {
				t.Errorf("closing line is not %q:\n%s", tt.counts, got)
			}
			for _, text := range tt.shows {
				if !strings.Contains(got, text) {
					t.Errorf("does not show %q:\n%s", text, got)
				}
			}
			for _, text := range tt.hides {
				if strings.Contains(got, text) {
					t.Errorf("shows %q:\n%s", text, got)
				}
			}
		})
	}
}
