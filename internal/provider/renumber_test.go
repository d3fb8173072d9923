package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
)

// separate configures rules of their own with their numbers.
func separate(numbers ...int) string {
	text := `
resource "trafficmirror_filter" "x" {}`
	for i, n := range numbers {
		text += fmt.Sprintf(`
resource "trafficmirror_filter_rule" "r%[1]d" {
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  traffic_direction        = "ingress"
  rule_number              = %[2]d
  rule_action              = %[1]d %% 2 == 0 ? "accept" : "reject"
  source_cidr_block        = "10.${floor(%[1]d / 2)}.0.0/16"
  destination_cidr_block   = "0.0.0.0/0"
}`, i, n)
	}
	return text
}

// inline configures the same rules in the map of their filter.
func inline(numbers ...int) string {
	var rules []string
	for i, n := range numbers {
		rules = append(rules, fmt.Sprintf(`"%d" = { rule_action = %[2]d %% 2 == 0 ? "accept" : "reject", source_cidr_block = "10.${floor(%[2]d / 2)}.0.0/16", destination_cidr_block = "0.0.0.0/0" }`, n, i))
	}
	return fmt.Sprintf("\nresource \"trafficmirror_filter\" \"x\" {\n  ingress_rules = {\n    %s\n  }\n}", strings.Join(rules, "\n    "))
}

// Rules that exchange numbers do so in one apply, with a known number of calls: for
// inline rules one each, for rules of their own one more for each circle.
func TestAccFilterRule_renumber(t *testing.T) {
	up, down := []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, []int{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}
	for name, c := range map[string]struct {
		config   func(...int) string
		from, to []int
		calls    int
	}{
		"ten inline reversed":   {inline, up, down, 10},
		"ten separate reversed": {separate, up, down, 15},
		"two swap":              {separate, []int{1, 2}, []int{2, 1}, 3},
		"a chain":               {separate, []int{1, 2, 3}, []int{2, 3, 4}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			a := faulty(t, "", 0)
			var want []string
			for i, n := range c.to {
				want = append(want, fmt.Sprintf("ingress %d %s", n, []string{"accept", "reject"}[i%2]))
			}
			a.test(t,
				resource.TestStep{Config: a.block + c.config(c.from...)},
				resource.TestStep{Config: a.block + c.config(c.to...), Check: resource.ComposeTestCheckFunc(
					a.hasRules(filterX, want...),
					func(*terraform.State) error {
						if got := a.emulator.Calls()["ModifyTrafficMirrorFilterRule"].Count; got != c.calls {
							return fmt.Errorf("%d calls, want %d", got, c.calls)
						}
						return nil
					},
				)},
			)
		})
	}
}

// A rule is deleted, another takes its number, and a third one, which is created,
// that of the second.
func TestAccFilterRule_renumberAcross(t *testing.T) {
	a := newAccount(t)
	a.test(t,
		resource.TestStep{Config: a.config("%s", strings.ReplaceAll(separate(1, 2), "r1", "gone"))},
		resource.TestStep{
			Config: a.config("%s", separate(2, 1)),
			Check:  a.hasRules(filterX, "ingress 2 accept", "ingress 1 reject"),
		},
	)
}
