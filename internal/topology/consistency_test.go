package topology_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// network returns a topology with two VPCs, four subnets and more lists.
func network(lists string) string {
	return `{
  "vpcs": [
    {"id": "vpc-00000000000000001", "cidr_block": "10.0.0.0/16", "ipv6_cidr_block": "2001:db8:0:100::/56"},
    {"id": "vpc-00000000000000002", "cidr_block": "10.0.0.0/16"}
  ],
  "subnets": [
    {"id": "subnet-00000000000000001", "vpc_id": "vpc-00000000000000001", "cidr_block": "10.0.1.0/24", "ipv6_cidr_block": "2001:db8:0:101::/64", "availability_zone": "us-east-1a"},
    {"id": "subnet-00000000000000002", "vpc_id": "vpc-00000000000000001", "cidr_block": "10.0.2.0/24", "availability_zone": "us-east-1b"},
    {"id": "subnet-00000000000000003", "vpc_id": "vpc-00000000000000002", "cidr_block": "10.0.1.0/24", "availability_zone": "us-east-1a"},
    {"id": "subnet-00000000000000004", "vpc_id": "vpc-00000000000000001", "ipv6_native": true}
  ]` + lists + "}"
}

// interfacesIn returns a list of interfaces, each with the end of a subnet's ID and more
// keys.
func interfacesIn(list ...string) string {
	for i, text := range list {
		subnet, keys, _ := strings.Cut(text, " ")
		list[i] = fmt.Sprintf(`{"id": "eni-%017d", "subnet_id": "subnet-%017s", %s}`, i+1, subnet, keys)
	}
	return `, "network_interfaces": [` + strings.Join(list, ", ") + `]`
}

// What EC2 cannot have is refused, with the path of what is wrong.
func TestParseRefusesContradictions(t *testing.T) {
	t.Parallel()
	const (
		inside   = `"ip_address": "10.0.1.10", "subnet_id": "subnet-00000000000000001"`
		endpoint = `"id": "vpce-00000000000000001"`
		balancer = `"arn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/a/0123456789abcdef"`
		subnet   = `"id": "subnet-00000000000000001", "vpc_id": "vpc-00000000000000001"`
		other    = `"id": "subnet-00000000000000002", "vpc_id": "vpc-00000000000000001"`
		vpc      = `"vpcs": [{"id": "vpc-00000000000000001", "cidr_block": "10.0.0.0/16", "ipv6_cidr_block": "2001:db8::/56"}]`
		first    = `1 "private_ip_address": "10.0.1.10"`
	)
	for text, want := range map[string]string{
		`{"instances": [{"id": "i-00000000000000001", "state": "Running"}]}`: `instances[0].state is "Running": write one of pending, running, stopping, stopped, shutting-down, terminated`,

		`{` + vpc + `, "subnets": [{` + subnet + `, "cidr_block": "10.1.1.0/24"}]}`:                                  `subnets[0].cidr_block is 10.1.1.0/24, outside of 10.0.0.0/16, the block of its VPC: correct one of them, or write other blocks of the VPC in its additional_cidr_blocks`,
		`{` + vpc + `, "subnets": [{` + subnet + `, "cidr_block": "10.0.0.0/15"}]}`:                                  `subnets[0].cidr_block is 10.0.0.0/15, outside of 10.0.0.0/16`,
		`{` + vpc + `, "subnets": [{` + subnet + `, "cidr_block": "10.0.0.0/8"}]}`:                                   `subnets[0].cidr_block is 10.0.0.0/8, outside of 10.0.0.0/16`,
		`{` + vpc + `, "subnets": [{` + subnet + `, "ipv6_cidr_block": "2001:db8:1::/64"}]}`:                         `subnets[0].ipv6_cidr_block is 2001:db8:1::/64, outside of 2001:db8::/56`,
		`{"subnets": [{` + subnet + `, "cidr_block": "10.0.1.0/24", "ipv6_native": true}]}`:                          `subnets[0].cidr_block is 10.0.1.0/24, but ipv6_native says that the subnet has no IPv4: leave one of them out`,
		`{"subnets": [{` + subnet + `, "cidr_block": "10.0.1.0/24"}, {` + other + `, "cidr_block": "10.0.0.0/23"}]}`: `subnets[1].cidr_block is 10.0.0.0/23, which overlaps 10.0.1.0/24 of subnets[0].cidr_block: the subnets of a VPC have no address in common`,

		network(interfacesIn(first) + `, "load_balancers": [{` + balancer + `, "zones": [{` + inside + `}]}]`): `load_balancers[0].zones[0].ip_address is 10.0.1.10, as is network_interfaces[0].private_ip_address`,
		network(interfacesIn(first, first)): `network_interfaces[1].private_ip_address is 10.0.1.10, as is network_interfaces[0].private_ip_address: give each an address of its own`,
		network(interfacesIn(`1 "private_ip_address": "10.0.1.10", "private_ip_addresses": ["10.0.1.11", "10.0.1.11"]`)): `network_interfaces[0].private_ip_addresses[1] is 10.0.1.11, as is network_interfaces[0].private_ip_addresses[0]: give`,
		network(interfacesIn(`1 "ipv6_addresses": ["2001:db8:0:101::1", "2001:db8:0:101:0::1"]`)):                        `network_interfaces[0].ipv6_addresses[1] is 2001:db8:0:101::1, as is network_interfaces[0].ipv6_addresses[0]: give`,
		network(interfacesIn(first, `1 "ipv4_prefixes": ["10.0.1.0/28"]`)):                                               `network_interfaces[1].ipv4_prefixes[0] is 10.0.1.0/28, which overlaps 10.0.1.10 of network_interfaces[0].private_ip_address: give each addresses of its own`,
		network(interfacesIn(first) + `, "network_load_balancers": [{` + balancer + `, ` + inside + `}]`):                `network_load_balancers[0].ip_address is 10.0.1.10, as is network_interfaces[0].private_ip_address: give`,
		network(interfacesIn(first) + `, "gateway_load_balancer_endpoints": [{` + endpoint + `, ` + inside + `}]`):       `gateway_load_balancer_endpoints[0].ip_address is 10.0.1.10, as is network_interfaces[0].private_ip_address: give`,
		`{"network_interfaces": [{"id": "eni-00000000000000001", "subnet_id": "subnet-00000000000000001", "private_ip_address": "10.0.1.10"},
		  {"id": "eni-00000000000000002", "subnet_id": "subnet-00000000000000001", "private_ip_address": "10.0.1.10"}]}`: `network_interfaces[1].private_ip_address is 10.0.1.10, as is`,

		network(interfacesIn(`1 "private_ip_address": "10.0.2.10"`)):                                                                                     `network_interfaces[0].private_ip_address is 10.0.2.10, outside of 10.0.1.0/24, the block of subnet-00000000000000001: write an address of the subnet`,
		network(interfacesIn(`1 "ipv6_addresses": ["2001:db8::1"]`)):                                                                                     `network_interfaces[0].ipv6_addresses[0] is 2001:db8::1, outside of 2001:db8:0:101::/64`,
		network(interfacesIn(`1 "ipv4_prefixes": ["10.0.2.0/28"]`)):                                                                                      `network_interfaces[0].ipv4_prefixes[0] is 10.0.2.0/28, outside of 10.0.1.0/24`,
		network(interfacesIn(`1 "ipv6_prefixes": ["2001:db8::/80"]`)):                                                                                    `network_interfaces[0].ipv6_prefixes[0] is 2001:db8::/80, outside of 2001:db8:0:101::/64`,
		network(interfacesIn(`4 "private_ip_address": "10.0.4.10"`)):                                                                                     `network_interfaces[0].private_ip_address is 10.0.4.10, but subnet-00000000000000004 has no IPv4: leave it out`,
		network(`, "network_load_balancers": [{` + balancer + `, "subnet_id": "subnet-00000000000000002", "ip_address": "10.0.1.10"}]`):                  `network_load_balancers[0].ip_address is 10.0.1.10, outside of 10.0.2.0/24`,
		network(`, "gateway_load_balancer_endpoints": [{` + endpoint + `, "subnet_id": "subnet-00000000000000002", "vpc_id": "vpc-00000000000000002"}]`): `gateway_load_balancer_endpoints[0].vpc_id is vpc-00000000000000002, but its subnet is in vpc-00000000000000001: write the VPC of the subnet`,

		network(interfacesIn(`1 "instance_id": "i-00000000000000001"`, `2 "instance_id": "i-00000000000000001"`)): `network_interfaces[1].instance_id is i-00000000000000001: its subnet is in us-east-1b, and that of network_interfaces[0] of the same instance in us-east-1a: an instance has its interfaces in one Availability Zone`,
	} {
		_, err := topology.Parse([]byte(text))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s\n got  %v\n want %s", text, err, want)
		}
	}
}

// What EC2 can have, and what may be so because the file leaves something out, is read.
func TestParseAcceptsWhatIsPossible(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"one address in two VPCs":             network(interfacesIn(`1 "private_ip_address": "10.0.1.10"`, `3 "private_ip_address": "10.0.1.10"`)),
		"an instance in two VPCs":             network(interfacesIn(`1 "instance_id": "i-00000000000000001"`, `3 "instance_id": "i-00000000000000001"`)),
		"an interface without a subnet":       `{"network_interfaces": [{"id": "eni-00000000000000001", "private_ip_address": "10.0.1.10"}, {"id": "eni-00000000000000002", "private_ip_address": "10.0.1.10"}]}`,
		"a subnet that is not in the file":    network(interfacesIn(`9 "private_ip_address": "192.168.1.1"`)),
		"an IPv6 address, a block of it not":  network(interfacesIn(`2 "ipv6_addresses": ["2001:db8:0:102::1"]`)),
		"one MAC address twice":               network(interfacesIn(`1 "mac_address": "02:00:00:00:00:01"`, `1 "mac_address": "02:00:00:00:00:01"`)),
		"a subnet of a VPC without its block": `{"vpcs": [{"id": "vpc-00000000000000001"}], "subnets": [{"id": "subnet-00000000000000001", "vpc_id": "vpc-00000000000000001", "cidr_block": "10.1.0.0/24"}]}`,
		"the primary address in the list":     network(interfacesIn(`1 "private_ip_address": "10.0.1.10", "private_ip_addresses": ["10.0.1.10", "10.0.1.11"]`)),
		"addresses beside a prefix":           network(interfacesIn(`1 "private_ip_address": "10.0.1.10", "private_ip_addresses": ["10.0.1.11"], "ipv4_prefixes": ["10.0.1.16/28"]`)),
	} {
		if _, err := topology.Parse([]byte(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, state := range topology.InstanceStates {
		if _, err := topology.Parse([]byte(`{"instances": [{"id": "i-00000000000000001", "state": "` + state + `"}]}`)); err != nil {
			t.Error(err)
		}
	}
}

// The example of the quick start is a topology.
func TestExample(t *testing.T) {
	t.Parallel()
	if _, err := topology.Load(t.Context(), "../../examples/quickstart/topology.json"); err != nil {
		t.Error(err)
	}
}
