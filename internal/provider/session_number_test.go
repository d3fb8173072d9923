package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

// Sessions take numbers that others give up in the same apply, and exchange them.
func TestAccSession_numbers(t *testing.T) {
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
