package analysis

import (
	"math/rand/v2"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Two rules have a class in common, or one that only the first has, exactly if there is a
// packet that both match, or only the first.
func TestClasses(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		rules := append(randomRules(random), randomRules(random)...)
		sets, ok := Classes(rules)
		if !ok || len(sets) != len(rules) {
			t.Fatalf("%d sets for %d rules", len(sets), len(rules))
		}
		for i, a := range rules {
			for j, b := range rules {
				common, only := false, false
				for word := range sets[i] {
					common = common || sets[i][word]&sets[j][word] != 0
					only = only || sets[i][word]&^sets[j][word] != 0
				}
				first, second := [][]mirror.Rule{{accepting(a)}}, [][]mirror.Rule{{accepting(b)}}
				if want := MayExist(append(first, second...), nil); common != want {
					t.Errorf("%v and %v have a class in common: %v, want %v", a, b, common, want)
				}
				if want := MayExist(first, second); only != want {
					t.Errorf("%v has a class that %v has not: %v, want %v", a, b, only, want)
				}
			}
		}
	}
}

// accepting returns the rule with the action accept.
func accepting(r mirror.Rule) mirror.Rule {
	r.Action = mirror.Accept
	return r
}
