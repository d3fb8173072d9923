package emulator_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every assumption that the code cites is cited by a test, and the other way round.
func TestAssumptionsAreCited(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("*.go")
	fatal(t, err)
	number := regexp.MustCompile(`\bA00[0-9]{2}\b`)
	code, tests := map[string]bool{}, map[string]bool{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		fatal(t, err)
		cited := code
		if strings.HasSuffix(path, "_test.go") {
			cited = tests
		}
		for _, n := range number.FindAllString(string(text), -1) {
			cited[n] = true
		}
	}
	if len(code) < 20 {
		t.Fatalf("the code cites only %d assumptions", len(code))
	}
	for n := range code {
		if !tests[n] {
			t.Errorf("no test cites %s", n)
		}
	}
	for n := range tests {
		if !code[n] && n >= "A0010" { // those below stand in package mirror
			t.Errorf("no code cites %s", n)
		}
	}
}
