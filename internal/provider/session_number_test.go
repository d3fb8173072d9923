package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
)

// Sessions take numbers that others give up in the same apply, and exchange them.
func TestAccSession_numbers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ from, to []int }{
		"a chain, and a new one":    {[]int{1, 2}, []int{2, 3, 1}},
		"two swap":                  {[]int{1, 2, 3}, []int{1, 3, 2}},
		"a circle":                  {[]int{1, 2, 3}, []int{2, 3, 1}},
		"one goes, the other moves": {[]int{1, 2}, []int{2}},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount(t)
			a.test(t, // which checks that the plan is empty afterwards
				resource.TestStep{Config: a.sessions(c.from...)},
				resource.TestStep{Config: a.sessions(c.to...)},
			)
		})
	}
}

// If fewer sessions change at a time than swap numbers, the first apply may fail. Its state
// then has the numbers of EC2, and the next apply finishes.
func TestAccSession_numbersNarrow(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		parallelism int
		from, to    []int
		cannotMeet  bool
	}{
		"two one by one":   {1, []int{1, 2}, []int{2, 1}, true},
		"three one by one": {1, []int{1, 2, 3}, []int{2, 3, 1}, true},
		"three two by two": {2, []int{1, 2, 3}, []int{2, 3, 1}, true},
	} {
		t.Run(name, func(t *testing.T) {
			if name != "two one by one" {
				sample.SkipUnless(t, 3)
			}
			space, ec2 := newWorkspace(t), newRelay(t)
			apply := fmt.Sprintf("apply -auto-approve -parallelism=%d", c.parallelism)
			space.write(t, endpointBlock(ec2.url)+numberedSessions(c.from...))
			space.run(t, apply)
			space.write(t, endpointBlock(ec2.url)+numberedSessions(c.to...))
			output, code := space.try(t, apply)
			if failed := code != 0; failed != c.cannotMeet || failed && !strings.Contains(words(output), "This session now has number 3276") {
				t.Fatalf("exit %d\n%s", code, output)
			}
			space.run(t, apply)
			space.planIsEmpty(t)
		})
	}
}

func numberedSessions(numbers ...int) string {
	text := fmt.Sprintf("resource \"trafficmirror_target\" \"x\" { network_interface_id = %q }\nresource \"trafficmirror_filter\" \"x\" {}\n", sensor)
	for i, n := range numbers {
		text += fmt.Sprintf(`
resource "trafficmirror_session" "s%d" {
  network_interface_id     = %q
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  session_number           = %d
}
`, i, source, n)
	}
	return text
}
