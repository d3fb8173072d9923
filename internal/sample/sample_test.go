package sample_test

import (
	"fmt"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
)

// A named test stands for a test with a name.
type named struct {
	testing.TB
	name string
}

func (n named) Name() string { return n.name }

// A day has about one test in so many, another day has others, and a seed repeats a day.
func TestHas(t *testing.T) {
	t.Setenv("TRAFFICMIRROR_LONG", "")
	days := map[string]int{}
	for seed := range 30 {
		t.Setenv("TRAFFICMIRROR_SEED", fmt.Sprint(seed))
		drawn := ""
		for n := range 200 {
			test := named{t, fmt.Sprint("TestX/", n)}
			first, again := sample.Has(test, 10), sample.Has(test, 10)
			if first != again {
				t.Error("the same seed draws another sample")
			}
			if first {
				drawn += fmt.Sprintln(n)
				days[fmt.Sprint(n)]++
			}
		}
		if days[drawn]++; days[drawn] > 1 {
			t.Error("two days have the same sample")
		}
	}
	if tests := len(days) - 30; tests < 160 {
		t.Errorf("30 days run %d of 200 tests", tests)
	}
	t.Setenv("TRAFFICMIRROR_LONG", "1")
	if !sample.Has(named{t, "TestX/1"}, 1<<62) {
		t.Error("a test is left out of all")
	}
}

// In so many days each part has one turn, and a seed repeats a day.
func TestIsTurn(t *testing.T) {
	t.Setenv("TRAFFICMIRROR_LONG", "")
	turns := map[int]int{}
	for seed := range 7 {
		t.Setenv("TRAFFICMIRROR_SEED", fmt.Sprint(20000+seed))
		for part := range 100 {
			if sample.IsTurn(t, part, 7) {
				turns[part]++
			}
		}
	}
	for part := range 100 {
		if turns[part] != 1 {
			t.Errorf("part %d has %d turns in seven days", part, turns[part])
		}
	}
	t.Setenv("TRAFFICMIRROR_LONG", "1")
	if !sample.IsTurn(t, 1, 7) || !sample.IsTurn(t, 2, 7) {
		t.Error("a part is left out of all")
	}
}
