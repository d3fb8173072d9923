package topology_test

import (
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// The parts of a file with objects of Traffic Mirroring.
const (
	oneTarget  = `"traffic_mirror_targets": [{"id": "tmt-00000000000000001", "network_interface_id": "eni-00000000000000001", "tags": {"Name": "sensor"}}]`
	oneFilter  = `"traffic_mirror_filters": [{"id": "tmf-00000000000000001", "rules": [` + oneRule + `], "rule_tags": {"tmfr-00000000000000001": {"team": "net"}}}]`
	oneRule    = `{"id": "tmfr-00000000000000001", "traffic_direction": "ingress", "rule_number": 100, "rule_action": "accept", "source_cidr_block": "0.0.0.0/0", "destination_cidr_block": "10.0.0.0/8"}`
	oneSession = `{"id": "tms-00000000000000001", "network_interface_id": "eni-00000000000000002", "traffic_mirror_target_id": "tmt-00000000000000001",
		"traffic_mirror_filter_id": "tmf-00000000000000001", "session_number": 1, "virtual_network_id": 7, "packet_length": 100, "description": "web"}`
)

func TestParse_mirror(t *testing.T) {
	t.Parallel()
	f, err := topology.Parse([]byte(`{"region": "eu-west-1", "not_read": ["load_balancers"], ` + oneTarget + `, ` + oneFilter + `, "traffic_mirror_sessions": [` + oneSession + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	if f.Region != "eu-west-1" || f.Targets[0].InterfaceID != "eni-00000000000000001" || f.Targets[0].Tags["Name"] != "sensor" {
		t.Errorf("the target reads as %+v in %q", f.Targets[0], f.Region)
	}
	if r := f.Filters[0].Rules[0]; r.Number != 100 || f.Filters[0].RuleTags[r.ID]["team"] != "net" {
		t.Errorf("the filter reads as %+v", f.Filters[0])
	}
	if s := f.Sessions[0]; s.Number != 1 || *s.VirtualNetworkID != 7 || *s.PacketLength != 100 || s.Description != "web" {
		t.Errorf("the session reads as %+v", s)
	}
}

func TestParseRefuses_mirror(t *testing.T) {
	t.Parallel()
	session := func(old, now string) string {
		return `{` + oneTarget + `, ` + oneFilter + `, "traffic_mirror_sessions": [` + strings.Replace(oneSession, old, now, 1) + `]}`
	}
	filter := func(old, now string) string { return `{` + strings.Replace(oneFilter, old, now, 1) + `}` }
	for text, want := range map[string]string{
		`{"region": "Ireland"}`:                         `region is "Ireland": write the name of a Region, such as eu-west-1, or leave it out`,
		`{"not_read": ["account_id"]}`:                  `not_read[0] is "account_id": write the key of a list of this file, such as load_balancers`,
		`{"traffic_mirror_targets": [{"id": "tmt-1"}]}`: `traffic_mirror_targets[0].id is "tmt-1". Write the ID of a traffic mirror target: "tmt-" and 17 hexadecimal digits.`,
		`{"traffic_mirror_targets": [{"id": "tmt-00000000000000001", "owner_id": "111122223333", "network_interface_id": "eni-00000000000000001"}]}`:                                                       `traffic_mirror_targets[0].owner_id is "111122223333": write objects of other accounts in shared_targets`,
		`{"traffic_mirror_targets": [{"id": "tmt-00000000000000001"}]}`:                                                                                                                                    `traffic_mirror_targets[0] the target has no network interface, load balancer or endpoint. Set exactly one of network_interface_id, network_load_balancer_arn and gateway_load_balancer_endpoint_id.`,
		`{"traffic_mirror_targets": [{"id": "tmt-00000000000000001", "network_interface_id": "eni-00000000000000001"}, {"id": "tmt-00000000000000002", "network_interface_id": "eni-00000000000000001"}]}`: `traffic_mirror_targets[1] is on eni-00000000000000001, as is traffic_mirror_targets[0]: nothing backs two targets`,

		`{"shared_targets": [{"id": "tmt-00000000000000001", "owner_id": "111122223333", "network_interface_id": "eni-00000000000000009"}], ` + oneTarget + `}`: `traffic_mirror_targets[0].id is "tmt-00000000000000001", as is shared_targets[0].id: give each an ID of its own`,

		filter(`"rule_number": 100`, `"rule_number": 0`):                                                          `traffic_mirror_filters[0].rules[0 ingress].rule_number is 0. Write a whole number from 1 to 32766.`,
		filter(oneRule, oneRule+`, `+oneRule):                                                                     `traffic_mirror_filters[0].rules[100 ingress].rule_number is used twice in direction ingress. Give each rule of a direction its own number.`,
		filter(`{"id": "tmfr-00000000000000001", `, `{`):                                                          `traffic_mirror_filters[0].rules[0].id is missing. Write the ID of a traffic mirror filter rule: "tmfr-" and 17 hexadecimal digits.`,
		filter(`"rule_tags": {"tmfr-00000000000000001"`, `"rule_tags": {"tmfr-00000000000000002"`):                `traffic_mirror_filters[0].rule_tags["tmfr-00000000000000002"] is of no rule of the filter: write the ID of one of its rules`,
		filter(oneRule, oneRule+`, `+strings.Replace(oneRule, "100", "200", 1)):                                   `traffic_mirror_filters[0].rules[1].id is "tmfr-00000000000000001", as is traffic_mirror_filters[0].rules[0].id: give each an ID of its own`,
		filter(`"traffic_direction"`, `"traffic_mirror_filter_id": "tmf-00000000000000002", "traffic_direction"`): `traffic_mirror_filters[0].rules[0].traffic_mirror_filter_id is tmf-00000000000000002, and the rule is in tmf-00000000000000001: leave it out`,

		session(`"virtual_network_id": 7, `, ``):                                                                              `traffic_mirror_sessions[0].virtual_network_id is missing: write a whole number from 1 to 16777215`,
		session(`"tmt-00000000000000001"`, `"tmt-00000000000000002"`):                                                         `traffic_mirror_sessions[0].traffic_mirror_target_id is tmt-00000000000000002, which is not in this file: write the target in traffic_mirror_targets or shared_targets`,
		session(`"tmf-00000000000000001"`, `"tmf-00000000000000002"`):                                                         `traffic_mirror_sessions[0].traffic_mirror_filter_id is tmf-00000000000000002, which is not in this file: write the filter in traffic_mirror_filters`,
		session(`"session_number": 1`, `"owner_id": "111122223333", "session_number": 1`):                                     `traffic_mirror_sessions[0].owner_id is "111122223333": write objects of other accounts in foreign_sessions`,
		session(oneSession, oneSession+`, `+strings.Replace(oneSession, "tms-00000000000000001", "tms-00000000000000002", 1)): `traffic_mirror_sessions[1].session_number is 1, as is that of traffic_mirror_sessions[0] on the same interface: give each a number of its own`,

		`{"vpcs": [{"id": "vpc-00000000000000001", "additional_cidr_blocks": ["10.1.0.1/16"]}]}`: `vpcs[0].additional_cidr_blocks[0] is 10.1.0.1/16, which has bits set after the prefix length: write 10.1.0.0/16`,
		`{"subnets": [{"id": "subnet-00000000000000001", "owner_id": "1"}]}`:                     `subnets[0].owner_id is "1". Write the 12 digits of an AWS account ID.`,
	} {
		_, err := topology.Parse([]byte(text))
		if err == nil || err.Error() != want {
			t.Errorf("%s\n got  %v\n want %s", text, err, want)
		}
	}
}

// A subnet can be in any block of its VPC.
func TestParse_additionalBlocks(t *testing.T) {
	t.Parallel()
	const text = `{"vpcs": [{"id": "vpc-00000000000000001", "cidr_block": "10.0.0.0/16", "additional_cidr_blocks": ["10.1.0.0/16"]}],
		"subnets": [{"id": "subnet-00000000000000001", "vpc_id": "vpc-00000000000000001", "cidr_block": "10.1.1.0/24"}]}`
	if _, err := topology.Parse([]byte(text)); err != nil {
		t.Error(err)
	}
}
