package topology_test

import (
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// What decides where packets go is refused, with its path, where EC2 cannot have it.
func TestParseRefusesNetworkParts(t *testing.T) {
	t.Parallel()
	const (
		in    = `"vpc_id": "vpc-00000000000000001"`
		group = `"id": "sg-00000000000000001", ` + in
		acl   = `"id": "acl-00000000000000001", ` + in
		table = `"id": "rtb-00000000000000001", ` + in
		link  = `"id": "pcx-00000000000000001", "requester": {` + in + `}`
		same  = `{"id": "sgr-00000000000000001", "direction": "ingress", "protocol": -1, "cidr_block": "10.0.0.0/8"}`
		every = `"from_port": -1, "to_port": -1`
	)
	groups := func(text string) string { return network(`, "security_groups": [` + text + `]`) }
	rules := func(text string) string { return groups(`{` + group + `, "rules": [` + text + `]}`) }
	acls := func(text string) string { return network(`, "network_acls": [` + text + `]`) }
	entries := func(text string) string { return acls(`{` + acl + `, "entries": [` + text + `]}`) }
	tables := func(text string) string { return network(`, "route_tables": [` + text + `]`) }
	routes := func(text string) string { return tables(`{` + table + `, "routes": [` + text + `]}`) }
	links := func(text string) string { return network(`, "vpc_peering_connections": [` + text + `]`) }
	for text, want := range map[string]string{
		groups(`{"id": "sg-00000000000000001"}`):                                                                                `security_groups[0].vpc_id is missing`,
		groups(`{"id": "sg-1", ` + in + `}`):                                                                                    `security_groups[0].id is "sg-1"`,
		groups(`{"id": "sg-00000000000000001", "vpc_id": "vpc-00000000000000009"}`):                                             `security_groups[0].vpc_id is vpc-00000000000000009, which vpcs does not have: add it there`,
		groups(`{` + group + `, "owner_id": "1"}`):                                                                              `security_groups[0].owner_id is "1": write the twelve digits of an account`,
		groups(`{` + group + `}, {` + group + `}`):                                                                              `security_groups[1].id is "sg-00000000000000001", as is security_groups[0].id`,
		groups(`{` + group + `, "name": "a"}, {"id": "sg-00000000000000002", ` + in + `, "name": "A"}`):                         `security_groups[1].name is "A", as is that of security_groups[0] in the same VPC`,
		groups(`{` + group + `, "rules": [` + same + `]}, {"id": "sg-00000000000000002", ` + in + `, "rules": [` + same + `]}`): `security_groups[1].rules[0].id is "sgr-00000000000000001", as is security_groups[0].rules[0]`,
		routes(`{"destination_cidr_block": "0.0.0.0/0", "target": "garbage"}`):                                                  `route_tables[0].routes[0].target is "garbage": write "local", or the ID of`,
		routes(`{"destination_cidr_block": "0.0.0.0/0", "target": "Local"}`):                                                    `route_tables[0].routes[0].target is "Local"`,
		rules(`{"direction": "in", "protocol": -1, "cidr_block": "0.0.0.0/0"}`):                                                 `security_groups[0].rules[0].direction is "in": write ingress or egress`,
		rules(`{"direction": "ingress", "protocol": -1}`):                                                                       `security_groups[0].rules[0] has 0 of cidr_block, security_group_id and prefix_list_id: write one`,
		rules(`{"direction": "ingress", "protocol": -1, "cidr_block": "0.0.0.0/0", "prefix_list_id": "pl-1"}`):                  `security_groups[0].rules[0] has 2 of cidr_block`,
		rules(`{"direction": "ingress", "protocol": -1, "cidr_block": "10.0.0.1/8"}`):                                           `security_groups[0].rules[0].cidr_block is 10.0.0.1/8, which has bits set after the prefix length: write 10.0.0.0/8`,
		rules(`{"direction": "ingress", "protocol": 256, "cidr_block": "10.0.0.0/8"}`):                                          `security_groups[0].rules[0].protocol is 256`,
		rules(`{"direction": "ingress", "protocol": 6, "from_port": 2, "to_port": 1, "cidr_block": "10.0.0.0/8"}`):              `security_groups[0].rules[0] has the ports 2 to 1: write from_port and to_port from`,
		rules(`{"direction": "ingress", "protocol": -1, "security_group_id": "g"}`):                                             `security_groups[0].rules[0].security_group_id is "g"`,
		rules(`{"id": "sgr-00000000000000001", "direction": "ingress", "protocol": -1, "cidr_block": "10.0.0.0/8"}, ` +
			`{"id": "sgr-00000000000000001", "direction": "ingress", "protocol": -1, "cidr_block": "11.0.0.0/8"}`): `security_groups[0].rules[1].id is "sgr-00000000000000001", as is security_groups[0].rules[0]`,
		network(interfacesIn(`1 "security_groups": ["sg"]`)):                                                              `network_interfaces[0].security_groups[0] is "sg"`,
		network(interfacesIn(`3 "security_groups": ["sg-00000000000000001"]`) + `, "security_groups": [{` + group + `}]`): `network_interfaces[0].security_groups[0] is sg-00000000000000001 of vpc-00000000000000001, and the subnet of the interface is in vpc-00000000000000002: write a group of that VPC`,

		acls(`{"id": "acl-00000000000000001"}`): `network_acls[0].vpc_id is missing`,
		acls(`{` + acl + `, "default": true}, {"id": "acl-00000000000000002", ` + in + `, "default": true}`):                                                                    `network_acls[1].default is true for vpc-00000000000000001, as is network_acls[0].default: a VPC has one`,
		acls(`{` + acl + `, "subnet_ids": ["subnet-00000000000000009"]}`):                                                                                                       `network_acls[0].subnet_ids[0] is subnet-00000000000000009, which subnets does not have: add it there`,
		acls(`{` + acl + `, "subnet_ids": ["subnet-00000000000000003"]}`):                                                                                                       `network_acls[0].subnet_ids[0] is subnet-00000000000000003, which is in vpc-00000000000000002, and not in vpc-00000000000000001`,
		acls(`{` + acl + `, "subnet_ids": ["subnet-00000000000000001"]}, {"id": "acl-00000000000000002", ` + in + `, "subnet_ids": ["subnet-00000000000000001"]}`):              `network_acls[1].subnet_ids[0] is subnet-00000000000000001, as is network_acls[0].subnet_ids[0]: a subnet has one`,
		entries(`{"rule_number": 0, "protocol": -1, "cidr_block": "0.0.0.0/0", ` + every + `}`):                                                                                 `network_acls[0].entries[0].rule_number is 0: write a number from 1 to 32766`,
		entries(`{"rule_number": 1, "protocol": -1, ` + every + `}`):                                                                                                            `network_acls[0].entries[0].cidr_block is missing`,
		entries(`{"rule_number": 1, "protocol": -1, "cidr_block": "10.0.0.1/8", ` + every + `}`):                                                                                `network_acls[0].entries[0].cidr_block is 10.0.0.1/8, which has bits set`,
		entries(`{"rule_number": 32767, "allow": true, "protocol": -1, "cidr_block": "0.0.0.0/0", ` + every + `}`):                                                              `network_acls[0].entries[0] is the last entry, 32767, which denies everything`,
		entries(`{"rule_number": 1, "protocol": 17, "cidr_block": "10.0.0.0/8", "from_port": 1, "to_port": 65536}`):                                                             `network_acls[0].entries[0] has the ports 1 to 65536`,
		entries(`{"rule_number": 1, "protocol": 1, "cidr_block": "10.0.0.0/8", ` + every + `, "icmp_type": 256}`):                                                               `network_acls[0].entries[0].icmp_type is 256: write 0 to 255, or -1 for every one`,
		entries(`{"rule_number": 1, "protocol": -1, "cidr_block": "10.0.0.0/8", ` + every + `}, {"rule_number": 1, "protocol": -1, "cidr_block": "11.0.0.0/8", ` + every + `}`): `network_acls[0].entries[1].rule_number is 1, as is that of network_acls[0].entries[0] in the same direction`,

		tables(`{` + table + `, "main": true}, {"id": "rtb-00000000000000002", ` + in + `, "main": true}`):                                   `route_tables[1].main is true for vpc-00000000000000001, as is route_tables[0].main: a VPC has one`,
		tables(`{` + table + `, "subnet_ids": ["s"]}`):                                                                                       `route_tables[0].subnet_ids[0] is "s"`,
		routes(`{"target": "local"}`):                                                                                                        `route_tables[0].routes[0]: write one of destination_cidr_block and destination_prefix_list_id`,
		routes(`{"destination_cidr_block": "10.0.0.0/16"}`):                                                                                  `route_tables[0].routes[0].target is missing: write "local", or the ID of a gateway`,
		routes(`{"destination_cidr_block": "10.0.0.1/16", "target": "local"}`):                                                               `route_tables[0].routes[0].destination_cidr_block is 10.0.0.1/16, which has bits set`,
		routes(`{"destination_cidr_block": "10.0.0.0/16", "target": "local", "state": "gone"}`):                                              `route_tables[0].routes[0].state is "gone": write active or blackhole`,
		routes(`{"destination_cidr_block": "10.0.0.0/16", "target": "local"}, {"destination_cidr_block": "10.0.0.0/16", "target": "tgw-1"}`): `route_tables[0].routes[1] has the destination of route_tables[0].routes[0]`,

		links(`{` + link + `}`): `vpc_peering_connections[0].accepter.vpc_id is missing`,
		links(`{` + link + `, "accepter": {` + in + `, "owner_id": "1"}}`):               `vpc_peering_connections[0].accepter.owner_id is "1"`,
		links(`{` + link + `, "accepter": {` + in + `}, "state": "on"}`):                 `vpc_peering_connections[0].state is "on": write one of initiating-request`,
		links(`{` + link + `, "accepter": {` + in + `, "cidr_blocks": ["10.0.0.1/8"]}}`): `vpc_peering_connections[0].accepter.cidr_blocks[0] is 10.0.0.1/8`,
		links(`{` + link + `, "accepter": {` + in + `}, "status": "active"}`):            `vpc_peering_connections[0].status is not a known key`,
	} {
		if _, err := topology.Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\ngot  %v\nwant %s", text[strings.LastIndex(text, `"ipv6_native"`):], err, want)
		}
	}
}

// The last entries of a network ACL, every port, and targets of any kind are accepted, as
// they are in the answers of EC2.
func TestParseNetworkParts(t *testing.T) {
	t.Parallel()
	f, err := topology.Parse([]byte(network(`, "network_acls": [{"id": "acl-00000000000000001", "vpc_id": "vpc-00000000000000001", "entries": [
		{"rule_number": 32767, "protocol": -1, "cidr_block": "0.0.0.0/0", "from_port": -1, "to_port": -1},
		{"rule_number": 32768, "protocol": -1, "cidr_block": "::/0", "from_port": -1, "to_port": -1},
		{"rule_number": 1, "protocol": 6, "cidr_block": "::/0", "from_port": -1, "to_port": -1}
	]}], "route_tables": [{"id": "rtb-00000000000000001", "vpc_id": "vpc-00000000000000001", "routes": [
		{"destination_cidr_block": "10.0.0.0/16", "target": "local"}, {"destination_prefix_list_id": "pl-1", "target": "vpce-1"},
		{"destination_cidr_block": "0.0.0.0/0", "target": "arn:aws:networkmanager::123456789012:core-network/core-network-0123456789abcdef0"}
	]}]`)))
	if err != nil || len(f.NetworkACLs[0].Entries) != 3 || len(f.RouteTables[0].Routes) != 3 {
		t.Errorf("got %v and %v", f, err)
	}
}
