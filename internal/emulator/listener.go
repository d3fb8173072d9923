package emulator

import (
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// listener is a listener with what Elastic Load Balancing describes and mirroring does not need.
type listener struct {
	mirror.Listener
	LoadBalancerARN string `json:"load_balancer_arn"`
}

// keysByGroup returns a key for each target group to which the listener sends packets.
func keysByGroup(_ *tx, id string, v listener) []key {
	var keys []key
	for _, group := range v.TargetGroups {
		keys = append(keys, key{group, id})
	}
	return keys
}

// listenerARN returns the ARN of a listener of a load balancer.
func listenerARN(balancer, id string) string {
	return strings.Replace(balancer, ":"+balancerResource+"/", ":listener/", 1) + "/" + id
}
