package topology_test

import (
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// What a target group or an endpoint service cannot be is refused, with the path of what is
// wrong.
func TestParseTargetGroups(t *testing.T) {
	t.Parallel()
	const (
		arn      = `"arn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/fleet/0123456789abcdef"`
		instance = `"id": "i-00000000000000001"`
		service  = `"id": "vpce-svc-00000000000000001"`
		endpoint = `"id": "vpce-00000000000000001"`
		gateway  = `"arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/gwy/a/0123456789abcdef"`
		network  = `"arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/a/0123456789abcdef"`
		named    = `"service_name": "com.amazonaws.vpce.us-east-1.vpce-svc-00000000000000001"`
	)
	group := func(keys string) string { return `{"target_groups": [{` + arn + keys + `}]}` }
	target := func(keys string) string { return group(`, "targets": [{` + keys + `}]`) }
	services := func(keys string) string { return `{"vpc_endpoint_services": [{` + service + keys + `}]}` }
	endpoints := func(keys string) string { return `{"gateway_load_balancer_endpoints": [{` + endpoint + keys + `}]}` }
	for text, want := range map[string]string{
		group(``): "",
		group(`, "name": "fleet", "protocol": "UDP", "port": 4789, "target_type": "instance", "vpc_id": "vpc-00000000000000001", "ip_address_type": "ipv4", "cross_zone": "true", "targets": [{` + instance + `, "health": "unhealthy", "reason": "Target.Timeout"}]`): "",

		`{"target_groups": [{}]}`:                            `target_groups[0].arn is ""`,
		`{"target_groups": [{"arn": "fleet"}]}`:              `target_groups[0].arn is "fleet": write the ARN of a target group`,
		`{"target_groups": [{` + arn + `}, {` + arn + `}]}`:  `target_groups[1].arn is that of target_groups[0] too`,
		group(`, "name": "other"`):                           `target_groups[0].name is "other", and the arn has "fleet"`,
		group(`, "protocol": "udp"`):                         `target_groups[0].protocol is "udp": write one of TCP, UDP`,
		group(`, "port": 70000`):                             `target_groups[0].port is 70000: write a port from 1 to 65535`,
		group(`, "protocol": "GENEVE", "port": 80`):          `target_groups[0].port is 80: the protocol GENEVE has port 6081`,
		group(`, "target_type": "pod"`):                      `target_groups[0].target_type is "pod": write one of instance, ip, alb`,
		group(`, "vpc_id": "vpc-1"`):                         `target_groups[0].vpc_id is "vpc-1"`,
		group(`, "ip_address_type": "dual"`):                 `target_groups[0].ip_address_type is "dual": write one of ipv4, ipv6`,
		group(`, "cross_zone": "yes"`):                       `target_groups[0].cross_zone is "yes": write one of true, false`,
		group(`, "health_check": {"protocol": "UDP"}`):       `target_groups[0].health_check.protocol is "UDP": write one of TCP, HTTP, HTTPS`,
		group(`, "health_check": {"port": "x"}`):             `target_groups[0].health_check.port is "x": write a port from 1 to 65535, or traffic-port`,
		group(`, "health_check": {"interval_seconds": 1}`):   `target_groups[0].health_check.interval_seconds is 1: write a number from 5 to 300`,
		group(`, "health_check": {"healthy_threshold": 11}`): `target_groups[0].health_check.healthy_threshold is 11: write a number from 2 to 10`,

		target(``):                                                            `target_groups[0].targets[0].id is ""`,
		target(`"id": "web"`):                                                 `target_groups[0].targets[0].id is "web": write the ID of an instance or an IP address`,
		target(instance + `, "port": -1`):                                     `target_groups[0].targets[0].port is -1: write a port`,
		target(instance + `, "health": "sick"`):                               `target_groups[0].targets[0].health is "sick": write one of initial, healthy`,
		target(instance + `, "reason": "Target.Timeout"`):                     `target_groups[0].targets[0].health is missing: it has the reason "Target.Timeout"`,
		target(instance + `, "network_interface_id": "eni-1"`):                `target_groups[0].targets[0].network_interface_id is "eni-1"`,
		target(`"id": "10.0.1.1", "ip_address": "10.0.1.2"`):                  `target_groups[0].targets[0].ip_address is 10.0.1.2, and the id is 10.0.1.1`,
		target(instance + `}, {` + instance):                                  `target_groups[0].targets[1].id is "i-00000000000000001", as is target_groups[0].targets[0].id`,
		target(instance + `, "port": 1}, {` + instance + `, "port": 2`):       "",
		group(`, "target_type": "ip", "targets": [{` + instance + `}]`):       `target_groups[0].targets[0].id is "i-00000000000000001": write an IP address`,
		group(`, "target_type": "instance", "targets": [{"id": "10.0.1.1"}]`): `target_groups[0].targets[0].id is "10.0.1.1"`,

		services(`, "gateway_load_balancer_arns": [` + gateway + `]`):                                                  "",
		`{"vpc_endpoint_services": [{"id": "vpce-1"}]}`:                                                                `vpc_endpoint_services[0].id is "vpce-1"`,
		services(`}, {` + service):                                                                                     `vpc_endpoint_services[1].id is "vpce-svc-00000000000000001", as is vpc_endpoint_services[0].id`,
		services(`, "state": "available"`):                                                                             `vpc_endpoint_services[0].state is "available": write one of Pending, Available`,
		services(`, "name": "com.amazonaws.vpce.us-east-1.vpce-svc-00000000000000002"`):                                `vpc_endpoint_services[0].name is "com.amazonaws.vpce.us-east-1.vpce-svc-00000000000000002": write com.amazonaws.vpce.REGION.vpce-svc-00000000000000001`,
		services(`, "gateway_load_balancer_arns": [` + network + `]`):                                                  `vpc_endpoint_services[0].gateway_load_balancer_arns[0] is "arn:aws`,
		services(`, "network_load_balancer_arns": [` + gateway + `]`):                                                  `vpc_endpoint_services[0].network_load_balancer_arns[0] is "arn:aws`,
		services(`, "network_load_balancer_arns": [` + network + `], "gateway_load_balancer_arns": [` + gateway + `]`): `vpc_endpoint_services[0].network_load_balancer_arns: a service has load balancers of one type`,

		endpoints(`, ` + named + `, "state": "pendingAcceptance"`): "",
		endpoints(`, "state": "waiting"`):                          `gateway_load_balancer_endpoints[0].state is "waiting": write one of pendingAcceptance`,
		endpoints(`, "service_name": "vpce-svc-1"`):                `gateway_load_balancer_endpoints[0].service_name is "vpce-svc-1": write the name of an endpoint service`,
		endpoints(`, ` + named + `, "appliances": []`):             "",
		`{"vpc_endpoint_services": [{` + service + `, "gateway_load_balancer_arns": [` + gateway + `]}], "gateway_load_balancer_endpoints": [{` + endpoint + `, ` + named + `, "appliances": []}]}`: `gateway_load_balancer_endpoints[0].appliances: vpc_endpoint_services[0] leads to Gateway Load Balancers`,
	} {
		_, err := topology.Parse([]byte(text))
		if got := errorText(err); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s\n got %q\nwant %q", text, got, want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
