package planfile_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/planfile"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// A load balancer that a topology has in full, as an export writes it, has the address, the listeners
// and the appliances of the short form. Both types lead to the targets that get packets.
func TestMirror_fullLoadBalancer(t *testing.T) {
	t.Parallel()
	const groups = `"target_groups": [{ "arn": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/sensors/0123456789abcdef", "targets": [
		{ "id": "i-0fedcba9876543210", "port": 4789 }, { "id": "10.9.0.2", "port": 4789 }, { "id": "10.9.0.3", "port": 4789, "health": "unhealthy" } ] }]`
	const listener = `"target_groups": ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/sensors/0123456789abcdef"] }] }]`
	const network = `"load_balancers": [{ "arn": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/sensors/0123456789abcdef", "cross_zone": true,
		"zones": [{ "subnet_id": "subnet-0123456789abcdef9", "ip_address": "10.9.0.5" }], "listeners": [{ "protocol": "UDP", "port": 4789, ` + listener
	const gateway = `"load_balancers": [{ "arn": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/gwy/sensors/0123456789abcdef", "cross_zone": true,
		"zones": [{ "subnet_id": "subnet-0123456789abcdef9", "ip_address": "10.9.0.5" }], "listeners": [{ ` + listener + `,
		"vpc_endpoint_services": [{ "id": "vpce-svc-0123456789abcdef0", "name": "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0",
			"gateway_load_balancer_arns": ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/gwy/sensors/0123456789abcdef"] }],
		"gateway_load_balancer_endpoints": [{ "id": "vpce-0123456789abcdef0", "vpc_id": "vpc-0123456789abcdef9", "subnet_id": "subnet-0123456789abcdef9", "ip_address": "10.9.0.6",
			"service_name": "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0" }]`
	for _, c := range []struct{ backing, more, address string }{
		{`"network_load_balancer_arn": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/sensors/0123456789abcdef"`, network, "10.9.0.5"},
		{`"gateway_load_balancer_endpoint_id": "vpce-0123456789abcdef0"`, gateway, "10.9.0.6"},
	} {
		world, err := topology.Parse([]byte(`{
			"vpcs": [{ "id": "vpc-0123456789abcdef9", "cidr_block": "10.9.0.0/16" }],
			"subnets": [{ "id": "subnet-0123456789abcdef9", "vpc_id": "vpc-0123456789abcdef9", "cidr_block": "10.9.0.0/24" }],
			"instances": [{ "id": "i-0fedcba9876543210", "instance_type": "m5.large" }],
			"network_interfaces": [{ "id": "eni-0fedcba9876543210", "subnet_id": "subnet-0123456789abcdef9", "instance_id": "i-0fedcba9876543210", "private_ip_address": "10.9.0.1" }],
			"shared_targets": [{ "id": "tmt-00e858c5801a61431", "owner_id": "210987654321", ` + c.backing + ` }], ` + groups + ", " + c.more + "}"))
		if err != nil {
			t.Fatal(err)
		}
		f := parse(t, "change-plan.json", `"id": "tmt-00e858c5801a61431"`, `"id": "tmt-00000000000000001"`)
		e := mirrorOf(t, f, "", planfile.Facts{Topology: world}).Sessions[0].Target
		want := []netip.Addr{netip.MustParseAddr("10.9.0.1"), netip.MustParseAddr("10.9.0.2")}
		if e.Address.String() != c.address || !slices.Equal(e.Appliances, want) {
			t.Errorf("%s: %s, appliances %v", e.Type, e.Address, e.Appliances)
		}
		if e.Type == mirror.NetworkLoadBalancer && !slices.Equal(e.UDPListeners, []int{4789}) {
			t.Errorf("listeners %v", e.UDPListeners)
		}
	}
}

// Of a load balancer that a topology has in full, only appliances that can get packets count. Their zone
// has a node, their instance runs, and their address is of the group's IP version.
func TestMirror_fullLoadBalancerZones(t *testing.T) {
	t.Parallel()
	const arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:"
	for name, test := range map[string]struct{ replaced, by, want string }{
		"all":             {"", "", "[10.9.0.1 10.9.1.1 10.9.1.2]"},
		"one zone":        {`, { "subnet_id": "subnet-0123456789abcdef8" }`, "", "[10.9.0.1]"},
		"zones not known": {`, "availability_zone": "eu-west-1b"`, "", "[10.9.0.1 10.9.1.1 10.9.1.2]"},
		"stopped":         {`"state": "running"`, `"state": "stopped"`, "[10.9.1.1 10.9.1.2]"},
		"address of a stopped one": {`"target_type": "instance",
				"targets": [{ "id": "i-0fedcba9876543210" }`, `"vpc_id": "vpc-0123456789abcdef9", "targets": [{ "id": "10.9.0.1", "health": "healthy" }`, "[10.9.1.1 10.9.1.2]"},
		"IPv6": {`"target_type": "instance"`, `"ip_address_type": "ipv6"`, "[]"},
	} {
		text := `{
			"vpcs": [{ "id": "vpc-0123456789abcdef9", "cidr_block": "10.9.0.0/16" }],
			"subnets": [{ "id": "subnet-0123456789abcdef9", "vpc_id": "vpc-0123456789abcdef9", "cidr_block": "10.9.0.0/24", "availability_zone": "eu-west-1a" },
				{ "id": "subnet-0123456789abcdef8", "vpc_id": "vpc-0123456789abcdef9", "cidr_block": "10.9.1.0/24", "availability_zone": "eu-west-1b" }],
			"instances": [{ "id": "i-0fedcba9876543210", "state": "running" }, { "id": "i-0fedcba9876543211" }, { "id": "i-0fedcba9876543212" }],
			"network_interfaces": [{ "id": "eni-0fedcba9876543210", "subnet_id": "subnet-0123456789abcdef9", "instance_id": "i-0fedcba9876543210", "private_ip_address": "10.9.0.1" },
				{ "id": "eni-0fedcba9876543211", "subnet_id": "subnet-0123456789abcdef8", "instance_id": "i-0fedcba9876543211", "private_ip_address": "10.9.1.1" },
				{ "id": "eni-0fedcba9876543212", "subnet_id": "subnet-0123456789abcdef8", "instance_id": "i-0fedcba9876543212", "private_ip_address": "10.9.1.2" }],
			"target_groups": [{ "arn": "` + arn + `targetgroup/sensors/0123456789abcdef", "target_type": "instance",
				"targets": [{ "id": "i-0fedcba9876543210" }, { "id": "i-0fedcba9876543211" }, { "id": "i-0fedcba9876543212" }] }],
			"load_balancers": [{ "arn": "` + arn + `loadbalancer/net/sensors/0123456789abcdef", "cross_zone": true,
				"zones": [{ "subnet_id": "subnet-0123456789abcdef9" }, { "subnet_id": "subnet-0123456789abcdef8" }],
				"listeners": [{ "protocol": "UDP", "port": 4789, "target_groups": ["` + arn + `targetgroup/sensors/0123456789abcdef"] }] }],
			"shared_targets": [{ "id": "tmt-00e858c5801a61431", "owner_id": "210987654321", "network_load_balancer_arn": "` + arn + `loadbalancer/net/sensors/0123456789abcdef" }] }`
		changed := strings.Replace(text, test.replaced, test.by, 1)
		if strings.Contains(test.by, "10.9.0.1") {
			changed = strings.Replace(changed, `"running"`, `"stopped"`, 1)
		}
		world, err := topology.Parse([]byte(changed))
		if err != nil || changed == text && test.replaced != "" {
			t.Fatal(name, err)
		}
		f := parse(t, "change-plan.json", `"id": "tmt-00e858c5801a61431"`, `"id": "tmt-00000000000000001"`)
		e := mirrorOf(t, f, "", planfile.Facts{Topology: world}).Sessions[0].Target
		got := fmt.Sprint(e.Appliances)
		if got != test.want || e.TargetGroups[0].CrossZone != "use_load_balancer_configuration" {
			t.Errorf("%s: the appliances are %s, not %s; cross-zone %q", name, got, test.want, e.TargetGroups[0].CrossZone)
		}
	}
}
