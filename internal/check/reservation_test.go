package check

import (
	"strconv"
	"testing"
)

// Rules swap numbers if one takes the number of another.
func TestReservations_moveRule(t *testing.T) {
	t.Parallel()
	type shift struct {
		filter   string
		from, to int
	}
	for name, c := range map[string]struct {
		shifts []shift
		want   []int // after each
	}{
		"to what is free":      {[]shift{{"f", 1, 11}, {"f", 2, 12}, {"f", 3, 13}}, []int{0, 0, 0}},
		"a swap":               {[]shift{{"f", 1, 2}, {"f", 2, 1}}, []int{0, 2}},
		"a chain":              {[]shift{{"f", 1, 2}, {"f", 2, 3}, {"f", 3, 4}}, []int{0, 2, 3}},
		"of different filters": {[]shift{{"f", 1, 2}, {"g", 2, 1}}, []int{0, 0}},
		"one filter at a time": {[]shift{{"f", 1, 2}, {"f", 2, 3}, {"f", 3, 4}, {"g", 1, 2}, {"g", 2, 1}}, []int{0, 2, 3, 0, 2}},
		"planned twice":        {[]shift{{"f", 1, 2}, {"f", 1, 2}, {"f", 2, 1}}, []int{0, 0, 2}},
	} {
		var all reservations
		for i, s := range c.shifts {
			place := func(n int) string { return withNumber(ruleDirection(s.filter, "ingress"), n) }
			if got := all.moveRule(s.filter+strconv.Itoa(s.from), s.filter, plannedMove{place(s.from), place(s.to)}); got != c.want[i] {
				t.Errorf("%s: %d after %v, want %d", name, got, s, c.want[i])
			}
		}
	}
}

func TestReservations_warnOnce(t *testing.T) {
	t.Parallel()
	var all reservations
	for i, want := range []bool{true, false, false} {
		if got := all.warnOnce("f"); got != want {
			t.Errorf("%t the %d. time", got, i+1)
		}
	}
	if !all.warnOnce("g") {
		t.Error("a warning about one filter silences that about another")
	}
}

// Two new objects may be one that is planned twice if no argument that both know differs.
func TestReservations_mayBeOne(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		one, other map[string]string
		want       bool
	}{
		"the same":               {map[string]string{"number": "1"}, map[string]string{"number": "1"}, true},
		"another value":          {map[string]string{"number": "1"}, map[string]string{"number": "2"}, false},
		"known later":            {map[string]string{"number": "1"}, map[string]string{"number": "1", "filter": "tmf-1"}, true},
		"nothing is known of it": {nil, map[string]string{"number": "1"}, false},
	} {
		var all reservations
		one, other := all.newObjectID(c.one), all.newObjectID(c.other)
		if got := all.mayBeOne(one, other); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
		if all.mayBeOne(one, "tmf-1") {
			t.Errorf("%s: an existing object passes for a new one", name)
		}
	}
}
