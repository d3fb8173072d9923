package provider_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// A create is carried out and its answer is lost, and the next try gets the answer
// that EC2 does not know yet what the request refers to. The try after that must be the same
// request still: with another client token it would make a second object, or find
// the first in its way.
func TestAccLostAnswer(t *testing.T) {
	t.Parallel()
	inline := strings.Replace(oneOfEach, `network_services = ["amazon-dns"]`, `
  egress_rules = { "1" = { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" } }`, 1)
	for name, c := range map[string]struct{ config, action string }{
		"inline rule":              {inline, "CreateTrafficMirrorFilterRule"},
		"session":                  {inline, "CreateTrafficMirrorSession"},
		"session without a number": {strings.Replace(inline, "  session_number           = 1\n", "", 1), "CreateTrafficMirrorSession"},
	} {
		t.Run(name, func(t *testing.T) {
			space, ec2 := newWorkspace(t), newRelay(t)
			var tries atomic.Int32
			ec2.stepIn(steps{
				refuse: func(now change) string {
					if now.action == c.action && tries.Add(1) == 2 {
						return "InvalidTrafficMirrorFilterId.NotFound"
					}
					return ""
				},
				after: func(now change) {
					if now.action == c.action && tries.Load() == 1 {
						panic(http.ErrAbortHandler) // breaks the connection
					}
				},
			})
			space.write(t, endpointBlock(ec2.url)+c.config)
			space.run(t, "apply -auto-approve -parallelism=1")
			if tries.Load() < 3 {
				t.Errorf("there were %d tries", tries.Load())
			}
			ec2.has(t, 1, 1, 2, 1)
			space.planIsEmpty(t)
		})
	}
}
