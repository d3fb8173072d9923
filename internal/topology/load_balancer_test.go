package topology_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// Each wrong value of a load balancer is refused with its path, and with what to write.
func TestParse_loadBalancers(t *testing.T) {
	t.Parallel()
	const (
		prefix   = "arn:aws:elasticloadbalancing:us-east-1:123456789012:"
		arn      = `"arn": "` + prefix + `loadbalancer/net/fleet/0123456789abcdef"`
		gwy      = `"arn": "` + prefix + `loadbalancer/gwy/fleet/0123456789abcdef"`
		listener = prefix + `listener/net/fleet/0123456789abcdef/0123456789abcdef`
		udp      = `"protocol": "UDP", "port": 4789`
	)
	for _, test := range []struct{ text, want string }{
		{arn + `, "zones": [{"subnet_id": "subnet-00000000000000001"}], "listeners": [{` + udp + `}], "cross_zone": false`, ""},
		{gwy + `, "listeners": [{"target_groups": ["` + prefix + `targetgroup/a/0123456789abcdef"]}]`, ""},
		{`"arn": "x"`, "load_balancers[0].arn"},
		{`"arn": "` + prefix + `loadbalancer/app/fleet/0123456789abcdef"`, "write only load balancers of the types network and gateway"},
		{arn + `, "type": "gateway"`, `load_balancers[0].type is "gateway": write "network"`},
		{arn + `, "name": "x"`, `write "fleet"`},
		{arn + `, "scheme": "public"`, "write one of internal, internet-facing"},
		{arn + `, "ip_address_type": "ipv6"`, "write one of ipv4, dualstack"},
		{arn + `, "state": "x"`, "load_balancers[0].state"},
		{arn + `, "vpc_id": "x"`, "load_balancers[0].vpc_id"},
		{arn + `, "attributes": {"load_balancing.cross_zone.enabled": "true"}`, "write it as cross_zone"},
		{arn + `, "security_groups": ["x"]`, "load_balancers[0].security_groups[0]"},
		{gwy + `, "security_groups": ["sg-00000000000000001"]`, "leave it out"},
		{arn + `, "zones": [{}]`, "write its subnet_id"},
		{arn + `, "zones": [{"subnet_id": "x"}]`, "zones[0].subnet_id"},
		{arn + `, "zones": [{"subnet_id": "subnet-00000000000000001", "ip_address": "2001:db8::1"}]`, "zones[0].ip_address"},
		{arn + `, "zones": [{"subnet_id": "subnet-00000000000000001", "private_ipv4_address": "2001:db8::1"}]`, "zones[0].private_ipv4_address"},
		{arn + `, "zones": [{"subnet_id": "subnet-00000000000000001", "ipv6_address": "10.0.1.1"}]`, "zones[0].ipv6_address"},
		{arn + `, "zones": [{"subnet_id": "subnet-00000000000000001", "ip_address": "10.0.1.1", "private_ipv4_address": "10.0.1.2"}]`, "write the same"},
		{arn + `, "zones": [{"subnet_id": "subnet-00000000000000001"}, {"subnet_id": "subnet-00000000000000001"}]`, "write each subnet once"},
		{arn + `, "zones": [{"availability_zone": "us-east-1a"}, {"availability_zone": "us-east-1a"}]`, "one subnet in each Availability Zone"},
		{arn + `, "listeners": [{"port": 4789}]`, "write one of TCP, TLS, UDP, TCP_UDP"},
		{arn + `, "listeners": [{"protocol": "UDP"}]`, "write a port from 1 to 65535"},
		{arn + `, "listeners": [{` + udp + `}, {` + udp + `}]`, "one listener on each port"},
		{arn + `, "listeners": [{` + udp + `, "arn": "` + listener + `"}, {"protocol": "TCP", "port": 443, "arn": "` + listener + `"}]`, "load_balancers[0].listeners[1].arn is"},
		{`"arn": "arn:aws:elasticloadbalancing:us-east-1:999999999999:loadbalancer/net/fleet/0123456789abcdef"`, "of another account than 123456789012"},
		{arn + `, "listeners": [{` + udp + `, "arn": "x"}]`, "write an ARN of a listener of"},
		{arn + `, "listeners": [{` + udp + `, "target_groups": ["x"]}]`, "write the ARN of a target group"},
		{arn + `, "listeners": [{` + udp + `, "tags": {"": "x"}}]`, "write a name"},
		{gwy + `, "listeners": [{` + udp + `}]`, "leave it out"},
		{arn + `}, {` + arn, "load_balancers[1].arn is that of load_balancers[0] too"},
		{arn + `}], "network_load_balancers": [{` + arn, "load_balancers[0].arn is that of network_load_balancers[0] too"},
		{arn + `, "subnet_id": "x"`, "is not a known key"},
	} {
		_, err := topology.Parse([]byte(fmt.Sprintf(`{"load_balancers": [{%s}]}`, test.text)))
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: %v", test.text, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: %v, want %q", test.text, err, test.want)
		}
	}
}
