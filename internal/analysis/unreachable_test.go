package analysis

import (
	"fmt"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

func TestUnreachable(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rules []mirror.Rule
		want  string
	}{
		"no rules":     {nil, "[]"},
		"both halves":  {[]mirror.Rule{rule(1, "accept", "0.0.0.0/1", "0.0.0.0/0", -1), rule(2, "reject", "128.0.0.0/1", "0.0.0.0/0", -1), rule(3, "accept", "10.0.0.0/8", "0.0.0.0/0", 6), rule(4, "accept", "0.0.0.0/0", "0.0.0.0/0", 6)}, "[3 by 1, 4 by 1 2]"},
		"one half":     {[]mirror.Rule{rule(1, "accept", "0.0.0.0/1", "0.0.0.0/0", -1), rule(2, "accept", "0.0.0.0/0", "0.0.0.0/0", -1)}, "[]"},
		"any order":    {[]mirror.Rule{rule(9, "accept", "10.0.0.0/8", "0.0.0.0/0", -1), rule(1, "reject", "0.0.0.0/0", "0.0.0.0/0", -1)}, "[9 by 1]"},
		"other family": {[]mirror.Rule{rule(1, "accept", "0.0.0.0/0", "0.0.0.0/0", -1), rule(2, "accept", "::/0", "::/0", -1)}, "[]"},
		"the fragments are left": {
			[]mirror.Rule{rule(1, "accept", "0.0.0.0/0", "0.0.0.0/0", 6, 0, 65535), rule(2, "reject", "0.0.0.0/0", "0.0.0.0/0", 6)}, "[]",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all, err := Unreachable(c.rules)
			if err != nil {
				t.Fatal(err)
			}
			got := "["
			for i, covered := range all {
				if i > 0 {
					got += ", "
				}
				got += fmt.Sprint(covered.Rule.Number, " by")
				for _, by := range covered.By {
					got += fmt.Sprint(" ", by.Number)
				}
			}
			if got += "]"; got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
