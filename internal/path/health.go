package path

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// healthHint returns why the health check of an appliance that gets copies cannot pass, as far as
// the security groups say so.
func healthHint(j *judge) string {
	for _, a := range j.serving() {
		if hint := healthHintOf(j, a); hint != "" {
			return hint
		}
	}
	return ""
}

// healthHintOf returns why the health check of an appliance cannot pass, as far as its security
// groups say so: the load balancer checks from the addresses of its nodes
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-health-checks.html).
func healthHintOf(j *judge, a Appliance) string {
	nodes := j.Receivers
	if j.Backing.Type == mirror.GatewayLoadBalancerEndpoint {
		nodes = j.Nodes
	}
	port := healthPort(j, a)
	if _, isUnread := j.Network.Unread[mirror.KindGroup]; isUnread || port == 0 || a.Node.ID == "" {
		return ""
	}
	a.Address = addressOf(j, a)
	for _, n := range nodes {
		f := flow{source: n.address(), destination: a.Address, port: port, isTCP: true}
		d := f.decide(j.Network, a.Node.GroupIDs, mirror.Ingress, membership{groups: balancerGroups(j, nodes)})
		if len(a.Node.GroupIDs) == 0 || !f.source.IsValid() || d.allowed || d.maybe != nil || d.absent != "" {
			continue
		}
		return fmt.Sprintf("Allow the health check: no inbound rule of %s, the security groups of %s, allows TCP port %d from %s.", strings.Join(a.Node.GroupIDs, ", "), a.Node.ID, port, f.source)
	}
	return ""
}

// healthPort returns the TCP port on which an appliance is checked, or 0 if it is not known.
func healthPort(j *judge, a Appliance) int {
	for _, g := range j.Backing.TargetGroups {
		if g.ARN != a.GroupARN {
			continue
		}
		if g.HealthCheck.Port == "traffic-port" {
			return a.Port
		}
		port, _ := strconv.Atoi(g.HealthCheck.Port)
		return port
	}
	return 0
}
