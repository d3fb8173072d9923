package provider_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
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
	t.Parallel()
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

// Whatever goes wrong on the way, rules get their numbers in one apply.
func TestAccFilterRule_renumberFaults(t *testing.T) {
	t.Parallel()
	for _, fault := range []string{"RequestLimitExceeded:p=0.3", "cut-before:p=0.3", "cut-after:p=0.3", "stale=500ms:p=0.5"} {
		t.Run(fault, func(t *testing.T) {
			if !strings.HasPrefix(fault, "cut-after") {
				sample.SkipUnless(t, 3)
			}
			a := faulty(t, "*:"+fault, 7)
			a.test(t,
				resource.TestStep{PreConfig: a.off, Config: a.block + separate(1, 2, 3, 4, 5)},
				resource.TestStep{PreConfig: a.on, Config: a.block + separate(5, 4, 3, 1, 2), Check: func(s *terraform.State) error {
					a.off()
					return a.hasRules(filterX, "ingress 5 accept", "ingress 4 reject", "ingress 3 accept", "ingress 1 reject", "ingress 2 accept")(s)
				}},
			)
		})
	}
}

// With fewer rules at a time than exchange numbers, an apply fails exactly when it has not
// finished. Its state then has what EC2 has, and the next apply finishes. Whether rules
// meet that have to is up to Terraform, but for those cases in which they cannot.
func TestAccFilterRule_renumberNarrow(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		parallelism int
		from, to    []int
		cannotMeet  bool
	}{
		"two one by one":     {1, []int{1, 2}, []int{2, 1}, true},
		"three two by two":   {2, []int{1, 2, 3}, []int{2, 3, 1}, true},
		"ten two by two":     {2, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, []int{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, false},
		"a chain one by one": {1, []int{1, 2, 3}, []int{2, 3, 4}, false},
		"shift down by twos": {2, []int{11, 12, 13, 14}, []int{10, 11, 12, 13}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if name != "two one by one" {
				sample.SkipUnless(t, 3)
			}
			space, a := newWorkspace(t), faulty(t, "", 0)
			apply := fmt.Sprintf("apply -auto-approve -parallelism=%d", c.parallelism)
			space.write(t, a.block+separate(c.from...))
			space.run(t, apply)
			space.write(t, a.block+separate(c.to...))
			output, code := space.try(t, apply)
			many := strings.Contains(words(output), "at least 10 trafficmirror_filter_rule of tmf-")
			if want := len(c.to) >= 10; many != want {
				t.Errorf("warned of many rules: %v, want %v\n%s", many, want, output)
			}
			if code == 0 && c.cannotMeet {
				t.Errorf("rules that cannot meet have exchanged numbers:\n%s", output)
			}
			if _, left := space.try(t, "plan -detailed-exitcode"); (code == 0) != (left == 0) {
				t.Errorf("the apply has ended with exit code %d, and a plan after it with %d:\n%s", code, left, output)
			}
			for _, part := range []string{"did not free it while this rule was waiting", "ingress_rules and egress_rules of their trafficmirror_filter"} {
				if code != 0 && !strings.Contains(words(output), part) {
					t.Errorf("want %q in\n%s", part, output)
				}
			}
			if drift := space.run(t, "plan -refresh-only"); regexp.MustCompile(`trafficmirror_filter_rule\.\w+ has changed`).MatchString(drift) {
				t.Errorf("the state does not tell what EC2 has:\n%s", drift)
			}
			t.Logf("%d gave up, %d calls", strings.Count(output, "Error: "), a.emulator.Calls()["ModifyTrafficMirrorFilterRule"].Count)
			space.run(t, apply)
			space.planIsEmpty(t)
		})
	}
}

// A rule is deleted, another one takes its number, and one that is created takes the
// number of that.
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
