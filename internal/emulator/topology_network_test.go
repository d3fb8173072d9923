package emulator_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

const (
	fileVPC   = "vpc-000000000000000a1"
	filePeer  = "vpc-000000000000000a2"
	fileGroup = "sg-000000000000000a1"
	fileACL   = "acl-000000000000000a1"
	fileTable = "rtb-000000000000000a1"
	fileLink  = "pcx-000000000000000a1"
)

// networkFile is a topology with all that decides where packets can go.
const networkFile = `{
"vpcs": [{"id": "` + fileVPC + `", "cidr_block": "10.0.0.0/16"}, {"id": "` + filePeer + `", "cidr_block": "10.1.0.0/16"}],
"subnets": [
  {"id": "subnet-000000000000000a1", "vpc_id": "` + fileVPC + `", "cidr_block": "10.0.1.0/24"},
  {"id": "subnet-000000000000000a2", "vpc_id": "` + fileVPC + `", "cidr_block": "10.0.2.0/24"},
  {"id": "subnet-000000000000000a3", "vpc_id": "` + fileVPC + `", "cidr_block": "10.0.3.0/24"}
],
"instances": [{"id": "i-000000000000000a1", "state": "stopped"}],
"network_interfaces": [
  {"id": "eni-000000000000000a1", "subnet_id": "subnet-000000000000000a1", "instance_id": "i-000000000000000a1", "security_groups": ["sg-000000000000000a2"]},
  {"id": "eni-000000000000000a2", "subnet_id": "subnet-000000000000000a2"}
],
"security_groups": [
  {"id": "` + fileGroup + `", "vpc_id": "` + fileVPC + `", "name": "default", "description": "ours"},
  {"id": "sg-000000000000000a2", "vpc_id": "` + fileVPC + `", "name": "sensors", "description": "sensors", "tags": {"k": "v"}, "rules": [
    {"id": "sgr-000000000000000a1", "direction": "ingress", "protocol": 17, "from_port": 4789, "to_port": 4789, "cidr_block": "10.0.0.0/8", "description": "copies", "tags": {"rule": "1"}},
    {"direction": "ingress", "protocol": 6, "from_port": -1, "to_port": -1, "security_group_id": "` + fileGroup + `"},
    {"direction": "ingress", "protocol": 1, "from_port": 8, "to_port": -1, "security_group_id": "sg-000000000000000ff"},
    {"direction": "egress", "protocol": -1, "from_port": -1, "to_port": -1, "prefix_list_id": "pl-000000000000000a1"}
  ]}
],
"network_acls": [
  {"id": "` + fileACL + `", "vpc_id": "` + fileVPC + `", "default": true, "subnet_ids": ["subnet-000000000000000a3"], "entries": [
    {"rule_number": 32767, "egress": true, "protocol": -1, "cidr_block": "0.0.0.0/0", "from_port": -1, "to_port": -1},
    {"rule_number": 100, "egress": true, "allow": true, "protocol": -1, "cidr_block": "0.0.0.0/0", "from_port": -1, "to_port": -1}
  ]},
  {"id": "acl-000000000000000a2", "vpc_id": "` + fileVPC + `", "subnet_ids": ["subnet-000000000000000a1", "subnet-000000000000000a2"], "tags": {"k": "v"}, "entries": [
    {"rule_number": 20, "protocol": 17, "cidr_block": "10.0.0.0/8", "from_port": 4789, "to_port": 4789},
    {"rule_number": 10, "allow": true, "protocol": 1, "cidr_block": "10.0.0.0/8", "from_port": -1, "to_port": -1, "icmp_type": 8, "icmp_code": -1},
    {"rule_number": 30, "allow": true, "protocol": 6, "cidr_block": "::/0", "from_port": -1, "to_port": -1}
  ]}
],
"vpc_peering_connections": [{"id": "` + fileLink + `", "requester": {"vpc_id": "` + fileVPC + `"},
  "accepter": {"vpc_id": "vpc-000000000000000ff", "owner_id": "210987654321", "region": "eu-west-1", "cidr_blocks": ["10.7.0.0/16"]}, "state": "active", "tags": {"k": "v"}}],
"route_tables": [
  {"id": "` + fileTable + `", "vpc_id": "` + fileVPC + `", "main": true, "tags": {"k": "v"}, "routes": [
    {"destination_cidr_block": "10.0.0.0/16", "target": "local", "state": "active", "origin": "CreateRouteTable"},
    {"destination_cidr_block": "0.0.0.0/0", "target": "igw-000000000000000a1", "state": "active", "origin": "CreateRoute"},
    {"destination_cidr_block": "10.5.0.0/16", "target": "tgw-000000000000000a1", "state": "blackhole"}
  ]},
  {"id": "rtb-000000000000000a2", "vpc_id": "` + fileVPC + `", "subnet_ids": ["subnet-000000000000000a1"], "routes": [
    {"destination_cidr_block": "10.7.0.0/16", "target": "` + fileLink + `"},
    {"destination_cidr_block": "10.8.0.0/16", "target": "eni-000000000000000a1", "state": "active"},
    {"destination_prefix_list_id": "pl-000000000000000a1", "target": "vpce-000000000000000ff", "state": "active"},
    {"destination_cidr_block": "10.9.0.0/16", "target": "eni-000000000000000ff"}
  ]}
]}`

// whatFileHas wants an emulator to describe what networkFile has.
func whatFileHas(t *testing.T, e *emulator.Emulator) {
	t.Helper()
	groups := must(t, e, "DescribeSecurityGroups", filterBy("vpc-id", fileVPC))
	if got := groups.texts("securityGroupInfo/item/groupName"); !slices.Equal(got, []string{"default", "sensors"}) {
		t.Errorf("the groups are %q", got)
	}
	wantPermissions(t, describeGroup(t, e, fileGroup), "ipPermissions")
	sensors := describeGroup(t, e, "sg-000000000000000a2")
	wantPermissions(t, sensors, "ipPermissions", "icmp 8--1 sg-000000000000000ff", "tcp 0-65535 "+fileGroup, "udp 4789-4789 10.0.0.0/8")
	if got := sensors.text("ipPermissionsEgress/item/prefixListIds/item/prefixListId"); got != "pl-000000000000000a1" {
		t.Errorf("the prefix list is %q", got)
	}
	rule := must(t, e, "DescribeSecurityGroupRules", "SecurityGroupRuleId.1=sgr-000000000000000a1").all("securityGroupRuleSet/item")[0]
	if rule.text("description") != "copies" || rule.text("tagSet/item/key") != "rule" {
		t.Errorf("the rule is %v", rule)
	}
	for id, want := range map[string]string{"eni-000000000000000a1": "sg-000000000000000a2", "eni-000000000000000a2": fileGroup} {
		if got := must(t, e, "DescribeNetworkInterfaces", "NetworkInterfaceId.1="+id).text("networkInterfaceSet/item/groupSet/item/groupId"); got != want {
			t.Errorf("%s has the group %s, want %s", id, got, want)
		}
	}

	if acls := must(t, e, "DescribeNetworkAcls", filterBy("vpc-id", fileVPC)).texts("networkAclSet/item/default"); !slices.Equal(acls, []string{"true", "false"}) {
		t.Errorf("the ACLs are default: %q", acls)
	}
	wantEntries(t, aclByID(t, e, fileACL), "out 100 allow -1 0.0.0.0/0", denyOut, denyIn)
	other := aclByID(t, e, "acl-000000000000000a2")
	wantEntries(t, other, denyOut, "in 10 allow 1 10.0.0.0/8 type 8 code -1", "in 20 deny 17 10.0.0.0/8 4789-4789", "in 30 allow 6 ::/0 0-65535", denyIn)
	if got := other.texts("associationSet/item/subnetId"); !slices.Equal(got, []string{"subnet-000000000000000a1", "subnet-000000000000000a2"}) || other.text("tagSet/item/value") != "v" {
		t.Errorf("the ACL is for %q", got)
	}

	if tables := must(t, e, "DescribeRouteTables", filterBy("vpc-id", fileVPC)).texts("routeTableSet/item/routeTableId"); !slices.Equal(tables, []string{fileTable, "rtb-000000000000000a2"}) {
		t.Errorf("the tables are %q", tables)
	}
	main := tableByID(t, e, fileTable)
	wantRoutes(t, main, "10.0.0.0/16 gatewayId=local active", "0.0.0.0/0 gatewayId=igw-000000000000000a1 active", "10.5.0.0/16 transitGatewayId=tgw-000000000000000a1 blackhole")
	if main.text("associationSet/item/main") != "true" {
		t.Errorf("%s is not the main one", fileTable)
	}
	apart := tableByID(t, e, "rtb-000000000000000a2")
	wantRoutes(t, apart, "10.0.0.0/16 gatewayId=local active", "10.7.0.0/16 vpcPeeringConnectionId="+fileLink+" active",
		"10.8.0.0/16 networkInterfaceId=eni-000000000000000a1 instanceId=i-000000000000000a1 blackhole", "pl-000000000000000a1 gatewayId=vpce-000000000000000ff active",
		"10.9.0.0/16 networkInterfaceId=eni-000000000000000ff active")
	if got := apart.texts("associationSet/item/subnetId"); !slices.Equal(got, []string{"subnet-000000000000000a1"}) {
		t.Errorf("the table is for %q", got)
	}
	link := peeringByID(t, e, fileLink)
	for path, want := range map[string]string{
		"status/code": "active", "requesterVpcInfo/ownerId": "123456789012", "requesterVpcInfo/cidrBlock": "10.0.0.0/16", "accepterVpcInfo/region": "eu-west-1",
		"accepterVpcInfo/cidrBlock": "10.7.0.0/16", "accepterVpcInfo/ownerId": otherAccount, "tagSet/item/value": "v",
	} {
		if got := link.text(path); got != want {
			t.Errorf("%s of the connection is %q, want %q", path, got, want)
		}
	}
}

// A topology file can have security groups, network ACLs, route tables and peering
// connections. They take the place of what a VPC comes with. Loading them again changes
// nothing, and a dump has them.
func TestTopology_network(t *testing.T) {
	t.Parallel()
	f, err := topology.Parse([]byte(networkFile))
	fatal(t, err)
	path := t.TempDir() + "/ec2.db"
	e := mustNew(t, emulator.Options{Path: path, Topology: f})
	whatFileHas(t, e)
	write := func(e *emulator.Emulator) {
		must(t, e, "CreateTags", "ResourceId.1="+fileLink+"&Tag.1.Key=k&Tag.1.Value=v")
	}
	write(e) // so that the file is loaded into the store
	whatFileHas(t, e)
	before := dumpOf(t, e)
	f.Instances[0].Tags = map[string]string{"Name": "again"}
	again := mustNew(t, emulator.Options{Path: path, Topology: f})
	write(again)
	whatFileHas(t, again)
	lines := func(dump string) []string {
		all := strings.Split(strings.ReplaceAll(dump, ",\n", "\n"), "\n")
		return slices.DeleteFunc(all, func(line string) bool {
			return strings.Contains(line, `"again"`) || strings.HasPrefix(line, `"topology"`) || strings.HasPrefix(line, `"tags"`)
		})
	}
	if after := dumpOf(t, again); !slices.Equal(lines(after), lines(before)) {
		t.Errorf("loading again made\n%s\nof\n%s", after, before)
	}
	loaded := emptyEmulator(t)
	fatal(t, loaded.Load(t.Context(), strings.NewReader(before)))
	whatFileHas(t, loaded)
}

// What a client makes stays beside the content of a file that is loaded into the store, and
// the VPC that has it can be deleted in the end.
func TestTopology_networkReplaces(t *testing.T) {
	t.Parallel()
	without, _, _ := strings.Cut(networkFile, `,
"security_groups"`)
	bare, err := topology.Parse([]byte(without + "}"))
	fatal(t, err)
	bare.NetworkInterfaces[0].SecurityGroups = nil
	whole, err := topology.Parse([]byte(networkFile))
	fatal(t, err)
	path := t.TempDir() + "/ec2.db"
	e := mustNew(t, emulator.Options{Path: path, Topology: bare})
	computed := defaultGroupOf(t, e, fileVPC).text("groupId")
	group := makeGroup(t, e, fileVPC, "made")
	must(t, e, "AuthorizeSecurityGroupIngress", "GroupId="+group+fromGroup(computed))
	table := makeTable(t, e, fileVPC)
	must(t, e, "AssociateRouteTable", "RouteTableId="+table+"&SubnetId=subnet-000000000000000a3")
	with := mustNew(t, emulator.Options{Path: path, Topology: whole})
	wantPermissions(t, describeGroup(t, with, group), "ipPermissions", "-1 - "+fileGroup)
	refused(t, with, "DescribeSecurityGroups", "GroupId.1="+computed, "InvalidGroup.NotFound")
	if got := tableByID(t, with, table).texts("associationSet/item/subnetId"); !slices.Equal(got, []string{"subnet-000000000000000a3"}) {
		t.Errorf("the table of a client has %q", got)
	}
	if got := must(t, with, "DescribeNetworkInterfaces", "NetworkInterfaceId.1=eni-000000000000000a2").text("networkInterfaceSet/item/groupSet/item/groupId"); got != fileGroup {
		t.Errorf("an interface of the default group has %s, want %s", got, fileGroup)
	}
}

// The store of an older program, in which the default network ACL and the main route table
// are computed, gets no second ones when a client changes them.
func TestOldStore_network(t *testing.T) {
	t.Parallel()
	path := oldStore(t)
	e := mustNew(t, emulator.Options{Path: path})
	vpc := must(t, e, "DescribeVpcs", "").text("vpcSet/item/vpcId")
	id := describeACL(t, e, vpc).text("networkAclId")
	must(t, e, "DeleteNetworkAclEntry", entry(id, 100, false, ""))
	must(t, e, "CreateRoute", "RouteTableId="+describeRoutes(t, e, vpc).text("routeTableId")+"&DestinationCidrBlock=0.0.0.0/0&NatGatewayId=nat-0123456789abcdef0")
	again := mustNew(t, emulator.Options{Path: path})
	wantEntries(t, describeACL(t, again, vpc), "out 100 allow -1 0.0.0.0/0", denyOut, denyIn)
	if got := describeRoutes(t, again, vpc).texts("routeSet/item/natGatewayId"); len(got) != 1 {
		t.Errorf("the route is %q", got)
	}
	for _, subnet := range must(t, again, "DescribeSubnets", filterBy("vpc-id", vpc)).texts("subnetSet/item/subnetId") {
		if found := must(t, again, "DescribeNetworkAcls", filterBy("association.subnet-id", subnet)).texts("networkAclSet/item/networkAclId"); !slices.Equal(found, []string{id}) {
			t.Errorf("%s has the ACLs %q, want %s", subnet, found, id)
		}
	}
}

// Each block of a VPC has a local route, and takes part in what two VPCs can have in common.
func TestTopology_additionalBlocks(t *testing.T) {
	t.Parallel()
	f := &topology.File{AccountID: topology.DefaultAccountID, VPCs: []topology.VPC{
		{ID: "vpc-00000000000000001", CIDRBlock: netip.MustParsePrefix("10.0.0.0/16"), AdditionalBlocks: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}},
		{ID: "vpc-00000000000000002", CIDRBlock: netip.MustParsePrefix("10.1.0.0/16")},
	}}
	f.RouteTables = []mirror.RouteTable{{ID: "rtb-00000000000000001", VPCID: "vpc-00000000000000001", Routes: []mirror.Route{{Destination: netip.MustParsePrefix("10.1.0.0/16"), Target: "local"}}}}
	e := newEmulator(t, func(o *emulator.Options) { o.Topology = f })
	for _, table := range must(t, e, "DescribeRouteTables", "Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-00000000000000001").all("routeTableSet/item") {
		if got := table.texts("routeSet/item/destinationCidrBlock"); !slices.Equal(got, []string{"10.0.0.0/16", "10.1.0.0/16"}) {
			t.Errorf("the routes of %s are %q", table.text("routeTableId"), got)
		}
	}
	if got := call(t, e, "DeleteRoute", "RouteTableId=rtb-00000000000000001&DestinationCidrBlock=10.1.0.0/16"); got.code() == "" {
		t.Error("a local route can be deleted")
	}
	if got := must(t, e, "CreateVpcPeeringConnection", "VpcId=vpc-00000000000000001&PeerVpcId=vpc-00000000000000002").text("vpcPeeringConnection/status/code"); got != "failed" {
		t.Errorf("VPCs with one block in common: the connection is %q", got)
	}
}
