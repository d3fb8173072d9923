package provider_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

// The guard is asked before a session moves to another target, and never when one
// is destroyed.
func TestAccSession_guard(t *testing.T) {
	a := newAccount(t)
	config := func(guard, target string) string {
		return strings.Replace(a.sessionConfig(`
  traffic_mirror_target_id = trafficmirror_target.`+target+`.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id`), `"us-east-1"`, `"us-east-1"
  guard = { target_owner_ids = ["`+guard+`"] }`, 1)
	}
	refused := regexp.MustCompile(`The guard refuses the target`)
	a.test(t,
		resource.TestStep{Config: config("111122223333", "x"), ExpectError: refused}, // after the target was made
		resource.TestStep{Config: config("123456789012", "x")},
		resource.TestStep{Config: config("111122223333", "nlb"), ExpectError: refused, PlanOnly: true},
		resource.TestStep{Config: config("111122223333", "x")},
	)
}
