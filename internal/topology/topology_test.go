package topology_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

const whole = `{
  "account_id": "210987654321",
  "vpcs": [{ "id": "vpc-00000000000000001", "cidr_block": "10.0.0.0/16", "ipv6_cidr_block": "2001:db8:0:100::/56" }],
  "subnets": [{ "id": "subnet-00000000000000001", "vpc_id": "vpc-00000000000000001", "cidr_block": "10.0.1.0/24", "availability_zone": "us-east-1a", "ipv6_native": false }],
  "instances": [{ "id": "i-00000000000000001", "instance_type": "m5.large", "state": "running", "image_id": "ami-00000000000000001",
    "availability_zone": "us-east-1a", "key_name": "operator", "iam_instance_profile": "arn:aws:iam::210987654321:instance-profile/web", "launch_time": "2026-04-01T12:00:00Z",
    "tags": { "Name": "web" } }],
  "network_interfaces": [{
    "id": "eni-00000000000000001", "subnet_id": "subnet-00000000000000001", "instance_id": "i-00000000000000001", "interface_type": "interface",
    "requester_managed": false, "requester_id": "", "mac_address": "02:00:00:00:00:01", "private_ip_address": "10.0.1.10",
    "private_ip_addresses": ["10.0.1.11"], "ipv6_addresses": ["2001:db8:0:100::10"], "mtu": 9001, "tags": { "Name": "web" }
  }],
  "network_load_balancers": [{
    "arn": "arn:aws:elasticloadbalancing:us-east-1:210987654321:loadbalancer/net/sensors/0123456789abcdef", "ip_address": "10.0.2.5",
    "udp_listeners": [4789], "appliances": [{ "ip_address": "10.0.3.1" }]
  }],
  "gateway_load_balancer_endpoints": [{ "id": "vpce-00000000000000001", "vpc_id": "vpc-00000000000000001", "ip_address": "10.0.2.9", "appliances": [{ "ip_address": "10.0.4.1" }] }],
  "shared_targets": [{ "id": "tmt-00000000000000001", "owner_id": "111122223333", "network_interface_id": "eni-00000000000000fff" }],
  "foreign_sessions": [{
    "id": "tms-00000000000000001", "owner_id": "111122223333", "network_interface_id": "eni-00000000000000ffe", "traffic_mirror_target_id": "tmt-00000000000000002",
    "traffic_mirror_filter_id": "tmf-00000000000000001", "session_number": 1, "virtual_network_id": 7, "packet_length": 100, "description": "theirs"
  }]
}`

func TestParse(t *testing.T) {
	t.Parallel()
	f, err := topology.Parse([]byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	eni := f.NetworkInterfaces[0]
	if eni.MACAddress.String() != "02:00:00:00:00:01" || eni.PrivateIPAddress.String() != "10.0.1.10" || eni.Tags["Name"] != "web" {
		t.Errorf("the interface reads as %+v", eni)
	}
	if got := f.GatewayLoadBalancerEndpoints[0].Appliances[0].IPAddress.String(); got != "10.0.4.1" {
		t.Errorf("the appliance is %s", got)
	}
}

func TestParseFillsIn(t *testing.T) {
	t.Parallel()
	f, err := topology.Parse([]byte(`{"network_interfaces": [{"id": "eni-00000000000000001"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if f.AccountID != "123456789012" || f.NetworkInterfaces[0].Type != "interface" {
		t.Errorf("got account %q and interface type %q", f.AccountID, f.NetworkInterfaces[0].Type)
	}
}

// Editors on Windows write a byte order mark.
func TestParse_byteOrderMark(t *testing.T) {
	t.Parallel()
	if _, err := topology.Parse([]byte("\uFEFF" + whole)); err != nil {
		t.Error(err)
	}
	if _, err := topology.ParseMirror([]byte("\uFEFF" + topology.MirrorExample)); err != nil {
		t.Error(err)
	}
	if _, err := topology.ParseMirror([]byte(topology.MirrorExample + topology.MirrorExample)); err == nil {
		t.Error("two values are read as a mirror.json")
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	const (
		eni = `"id": "eni-00000000000000001"`
		nlb = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/sensors/0123456789abcdef"
	)
	const session = `"id": "tms-00000000000000001", "owner_id": "111122223333", "network_interface_id": "eni-00000000000000001", ` +
		`"traffic_mirror_target_id": "tmt-00000000000000001", "traffic_mirror_filter_id": "tmf-00000000000000001"`
	for text, want := range map[string]string{
		"":                             "is empty: write at least {}",
		"{\n\n\"vpcs\": [,]}":          "line 3 is not JSON: invalid character ',' looking for beginning of value",
		`{"vpcs": [`:                   "line 1 is not JSON: the text ends in the middle of a value",
		`{} {}`:                        "line 1 is not JSON: there is more text after the end of the value",
		"{\n\"account_id\": \"\xE9\"}": "line 2 is not UTF-8: save the text in this encoding",
		`[]`:                           "the value is not an object: write { ... }",
		`{"vpcs": {}}`:                 "vpcs is not a list: write [ ... ]",
		`{"subnets": [1]}`:             "subnets[0] is not an object: write { ... }",
		`{"vpcs": null}`:               "vpcs is null: leave it out instead",
		`{"VPCs": []}`:                 "VPCs is not a known key: write one of account_id, foreign_sessions, gateway_load_balancer_endpoints, instances, internet_gateways, load_balancers, network_acls, network_interfaces, network_load_balancers, not_read, partly_read, prefix_lists, region, route_tables, security_groups, shared_targets, subnets, target_groups, traffic_mirror_filters, traffic_mirror_sessions, traffic_mirror_targets, vpc_endpoint_services, vpc_peering_connections, vpcs",
		`{"vpcs": [], "vpcs": []}`:     "vpcs is there twice",
		`{"network_interfaces": [{` + eni + `}, {` + eni + `}]}`:                            `network_interfaces[1].id is "eni-00000000000000001", as is network_interfaces[0].id: give each an ID of its own`,
		`{"network_interfaces": [{` + eni + `, "mtu": "9001"}]}`:                            `network_interfaces[0].mtu is "9001": write a whole number`,
		`{"network_interfaces": [{` + eni + `, "mtu": 1.5}]}`:                               `network_interfaces[0].mtu is 1.5: write a whole number`,
		`{"network_interfaces": [{` + eni + `, "requester_managed": "no"}]}`:                `network_interfaces[0].requester_managed is "no": write true or false`,
		`{"network_interfaces": [{` + eni + `, "mac_address": 2}]}`:                         `network_interfaces[0].mac_address is 2: write a string`,
		`{"network_interfaces": [{` + eni + `, "mac_address": "02:00"}]}`:                   `network_interfaces[0].mac_address: "02:00" is not a MAC address such as "02:00:00:00:00:01"`,
		`{"network_interfaces": [{` + eni + `, "private_ip_address": "10.0.0.300"}]}`:       `network_interfaces[0].private_ip_address: ParseAddr("10.0.0.300"): IPv4 field has value >255`,
		`{"network_interfaces": [{` + eni + `, "tags": {"a": 1}}]}`:                         `network_interfaces[0].tags["a"] is 1: write a string`,
		`{"network_interfaces": [{` + eni + `, "tags": {"a": "", "a": ""}}]}`:               `network_interfaces[0].tags["a"] is there twice`,
		`{"network_interfaces": [{` + eni + `, "private_ip_address": "::ffff:10.0.1.10"}]}`: `network_interfaces[0].private_ip_address is ::ffff:10.0.1.10: write an IPv4 address such as 10.0.1.10`,
		`{"network_interfaces": [{` + eni + `, "ipv6_addresses": ["10.0.1.10"]}]}`:          `network_interfaces[0].ipv6_addresses[0] is 10.0.1.10: write an IPv6 address such as 2001:db8::10`,
		`{"network_interfaces": [{"id": "eni-1"}]}`:                                         `network_interfaces[0].id is "eni-1". Write the ID of a network interface: "eni-" and 17 hexadecimal digits.`,
		`{"instances": [{}]}`: `instances[0].id is missing. Write the ID of an EC2 instance: "i-" and 17 hexadecimal digits.`,
		`{"instances": [{"id": "i-00000000000000001", "image_id": "ubuntu"}]}`:                                                                                                                       `instances[0].image_id is "ubuntu". Write the ID of an Amazon Machine Image: "ami-" and 17 hexadecimal digits.`,
		`{"instances": [{"id": "i-00000000000000001", "iam_instance_profile": "web"}]}`:                                                                                                              `instances[0].iam_instance_profile is "web": write the ARN of an instance profile`,
		`{"instances": [{"id": "i-00000000000000001", "launch_time": "now"}]}`:                                                                                                                       `instances[0].launch_time: parsing time "now" as "2006-01-02T15:04:05Z07:00": cannot parse "now" as "2006"`,
		`{"instances": [{"id": "i-00000000000000001", "launch_time": 1}]}`:                                                                                                                           `instances[0].launch_time: Time.UnmarshalJSON: input is not a JSON string`,
		`{"vpcs": [{"id": "vpc-00000000000000001", "default": true}, {"id": "vpc-00000000000000002", "default": true}]}`:                                                                             "vpcs[1].default is true, as is vpcs[0].default: a Region has one default VPC",
		`{"subnets": [{"id": "subnet-00000000000000001", "default_for_az": true}, {"id": "subnet-00000000000000002", "default_for_az": true}]}`:                                                      "subnets[1].default_for_az is true, as is subnets[0].default_for_az: an Availability Zone has one default subnet",
		`{"vpcs": [{"id": "vpc-00000000000000001"}], "subnets": [{"id": "subnet-00000000000000001", "vpc_id": "vpc-00000000000000001", "default_for_az": true}]}`:                                    "subnets[0].default_for_az is true, and vpc-00000000000000001 is not the default VPC: set its default to true",
		`{"network_interfaces": [{` + eni + `, "device_index": 0}]}`:                                                                                                                                 "network_interfaces[0].device_index is 0, and the interface has no instance_id: write both or neither",
		`{"network_interfaces": [{` + eni + `, "instance_id": "i-00000000000000001", "device_index": -1}]}`:                                                                                          "network_interfaces[0].device_index is -1: write 0 or more",
		`{"network_interfaces": [{` + eni + `, "instance_id": "i-00000000000000001", "device_index": 1}, {"id": "eni-00000000000000002", "instance_id": "i-00000000000000001", "device_index": 1}]}`: "network_interfaces[1].device_index is 1, as is network_interfaces[0].device_index on the same instance: give each interface a place of its own",
		`{"account_id": "1234"}`:                     `account_id is "1234": write twelve digits`,
		`{"network_load_balancers": [{"arn": "x"}]}`: `network_load_balancers[0].arn is "x", which is not the ARN of a load balancer. Write the ARN of a Network Load Balancer, "arn:aws:elasticloadbalancing:REGION:ACCOUNT:loadbalancer/net/NAME/ID".`,
		`{"shared_targets": [{"id": "tmt-00000000000000001", "owner_id": "123456789012"}]}`:   `shared_targets[0].owner_id is "123456789012": write the twelve digits of another account`,
		`{"shared_targets": [{"id": "tmt-00000000000000001", "owner_id": "111122223333"}]}`:   `shared_targets[0]: the target has no network interface, load balancer or endpoint. Set exactly one of network_interface_id, network_load_balancer_arn and gateway_load_balancer_endpoint_id.`,
		`{"foreign_sessions": [{"id": "tms-00000000000000001", "owner_id": "123456789012"}]}`: `foreign_sessions[0].owner_id is "123456789012": write the twelve digits of another account`,
		`{"foreign_sessions": [{` + session + `, "session_number": 0}]}`:                      `foreign_sessions[0]: session_number is 0. Write a whole number from 1 to 32766.`,
		`{"foreign_sessions": [{` + session + `, "session_number": 1}]}`:                      `foreign_sessions[0].virtual_network_id is missing: write a whole number from 1 to 16777215`,
		`{"network_interfaces": [{` + eni + `, "mtu": -1}]}`:                                  `network_interfaces[0].mtu is -1: write bytes, 68 or more, 9001 for jumbo frames`,
		`{"network_interfaces": [{` + eni + `, "mtu": 67}]}`:                                  `network_interfaces[0].mtu is 67: write bytes, 68 or more, 9001 for jumbo frames`,
		`{"network_interfaces": [{` + eni + `, "ipv4_prefixes": ["10.0.1.17/28"]}]}`:          `network_interfaces[0].ipv4_prefixes[0] is 10.0.1.17/28, which has bits set after the prefix length. Write 10.0.1.16/28.`,
		`{"network_interfaces": [{` + eni + `, "ipv6_prefixes": ["10.0.1.16/28"]}]}`:          `network_interfaces[0].ipv6_prefixes[0] is 10.0.1.16/28, of the other address family. Write IPv4 in ipv4_prefixes and IPv6 in ipv6_prefixes.`,
		`{"network_interfaces": [{` + eni + `, "private_ip_address": ""}]}`:                   `network_interfaces[0].private_ip_address is empty: leave it out instead`,
		`{"network_interfaces": [{` + eni + `, "ipv6_addresses": [""]}]}`:                     `network_interfaces[0].ipv6_addresses[0] is empty: leave it out instead`,
		`{"network_interfaces": [{` + eni + `, "subnet_id": "web"}]}`:                         `network_interfaces[0].subnet_id is "web". Write the ID of a subnet: "subnet-" and 17 hexadecimal digits.`,
		`{"vpcs": [{"id": "vpc-00000000000000001", "cidr_block": "10.0.0.1/16"}]}`:            `vpcs[0].cidr_block is 10.0.0.1/16, which has bits set after the prefix length: write 10.0.0.0/16`,
		`{"vpcs": [{"id": "vpc-00000000000000001", "cidr_block": "2001:db8::/56"}]}`:          `vpcs[0].cidr_block is 2001:db8::/56, of the other address family: write it as cidr_block for IPv4 and as ipv6_cidr_block for IPv6`,
		`{"network_load_balancers": [{"arn": "` + nlb + `"}, {"arn": "` + nlb + `"}]}`:        `network_load_balancers[1].arn is that of network_load_balancers[0] too: write each load balancer once`,
	} {
		_, err := topology.Parse([]byte(text))
		if err == nil || err.Error() != want {
			t.Errorf("%s\n got  %v\n want %s", text, err, want)
		}
	}
}

func TestLoadNamesTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "topology.json")
	if _, err := topology.Load(t.Context(), path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("a missing file: %v", err)
	}
	if _, err := topology.Load(t.Context(), t.TempDir()); err == nil || !strings.HasSuffix(err.Error(), "is a folder: write the path of a file") {
		t.Errorf("a folder: %v", err)
	}
	if err := os.WriteFile(path, []byte(`{"vpc": []}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := topology.Load(t.Context(), path); err == nil || !strings.HasPrefix(err.Error(), "topology "+path+": vpc is not a known key") {
		t.Errorf("an unknown key: %v", err)
	}
}
