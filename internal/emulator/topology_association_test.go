package emulator_test

import (
	"maps"
	"path/filepath"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// associationsOf returns what is associated with route tables and network ACLs, by the ID of the association.
func associationsOf(t *testing.T, e *emulator.Emulator) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, table := range must(t, e, "DescribeRouteTables", "").all("routeTableSet/item") {
		for _, a := range table.all("associationSet/item") {
			of := a.text("subnetId") + a.text("gatewayId")
			if a.text("main") == "true" {
				of = table.text("vpcId")
			}
			all[a.text("routeTableAssociationId")] = of + " " + table.text("routeTableId")
		}
	}
	for _, acl := range must(t, e, "DescribeNetworkAcls", "").all("networkAclSet/item") {
		for _, a := range acl.all("associationSet/item") {
			all[a.text("networkAclAssociationId")] = a.text("subnetId") + " " + acl.text("networkAclId")
		}
	}
	return all
}

// associated is a VPC with two subnets and a gateway. The route table that the VPC comes with is in it too.
func associated(computed string) *topology.File {
	const subnetA, subnetB, gateway, table = "subnet-000000000000000a1", "subnet-000000000000000a2", "igw-000000000000000a1", "rtb-fffffffffffffffff"
	return &topology.File{
		AccountID:        "123456789012",
		VPCs:             []topology.VPC{{ID: fileVPC, CIDRBlock: world().VPCs[0].CIDRBlock}},
		Subnets:          []topology.Subnet{{ID: subnetA, VPCID: fileVPC}, {ID: subnetB, VPCID: fileVPC}},
		InternetGateways: []mirror.InternetGateway{{ID: gateway, VPCID: fileVPC, Tags: map[string]string{"k": "v"}}, {ID: "igw-000000000000000a2"}},
		NetworkACLs: []mirror.NetworkACL{
			{ID: "acl-000000000000000a1", VPCID: fileVPC, Default: true, Subnets: []string{subnetA}, Associations: map[string]string{subnetA: "aclassoc-000000000000000a1"}},
			{ID: "acl-000000000000000a2", VPCID: fileVPC, Subnets: []string{subnetB}, Associations: map[string]string{subnetB: "aclassoc-000000000000000a2"}},
		},
		RouteTables: []mirror.RouteTable{
			{ID: computed, VPCID: fileVPC, Subnets: []string{subnetA}, Associations: map[string]string{subnetA: "rtbassoc-000000000000000a1"}},
			{
				ID: table, VPCID: fileVPC, Main: true, Gateways: []string{gateway},
				Associations: map[string]string{gateway: "rtbassoc-000000000000000a2", fileVPC: "rtbassoc-000000000000000a3"},
			},
		},
	}
}

// Associations have the IDs of the file, with a subnet, a gateway or a VPC. They stay when the file is loaded again with other
// tags.
func TestTopology_associations(t *testing.T) {
	t.Parallel()
	bare := newEmulator(t, func(o *emulator.Options) {
		o.Topology = &topology.File{AccountID: "123456789012", VPCs: associated("").VPCs}
	})
	computed := must(t, bare, "DescribeRouteTables", filterBy("vpc-id", fileVPC)).text("routeTableSet/item/routeTableId")
	want := map[string]string{
		"aclassoc-000000000000000a1": "subnet-000000000000000a1 acl-000000000000000a1",
		"aclassoc-000000000000000a2": "subnet-000000000000000a2 acl-000000000000000a2",
		"rtbassoc-000000000000000a1": "subnet-000000000000000a1 " + computed,
		"rtbassoc-000000000000000a2": "igw-000000000000000a1 rtb-fffffffffffffffff",
		"rtbassoc-000000000000000a3": fileVPC + " rtb-fffffffffffffffff",
	}
	path := filepath.Join(t.TempDir(), "ec2.db")
	for _, name := range []string{"first", "second"} {
		file := associated(computed)
		file.VPCs[0].Tags = map[string]string{"Name": name}
		e := mustNew(t, emulator.Options{Path: path, Topology: file})
		must(t, e, "CreateTrafficMirrorFilter", "") // stores the topology
		if got := associationsOf(t, e); !maps.Equal(got, want) {
			t.Errorf("%s: the associations are %v, want %v", name, got, want)
		}
		gateways := must(t, e, "DescribeInternetGateways", "")
		if got := gateways.text("internetGatewaySet/item/attachmentSet/item/vpcId"); got != fileVPC {
			t.Errorf("%s: the gateway is attached to %q", name, got)
		}
	}
}

// A gateway of the file takes the place of the one that a client has attached to the VPC.
func TestTopology_gatewayReplaces(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ec2.db")
	before := mustNew(t, emulator.Options{Path: path, Topology: &topology.File{AccountID: "123456789012", VPCs: associated("").VPCs}})
	id := must(t, before, "CreateInternetGateway", "").text("internetGateway/internetGatewayId")
	must(t, before, "AttachInternetGateway", "InternetGatewayId="+id+"&VpcId="+fileVPC)
	after := mustNew(t, emulator.Options{Path: path, Topology: associated("rtb-000000000000000a1")})
	for gateway, want := range map[string]string{id: "", "igw-000000000000000a1": fileVPC, "igw-000000000000000a2": ""} {
		if got := must(t, after, "DescribeInternetGateways", "InternetGatewayId.1="+gateway).text("internetGatewaySet/item/attachmentSet/item/vpcId"); got != want {
			t.Errorf("%s is attached to %q, want %q", gateway, got, want)
		}
	}
}
