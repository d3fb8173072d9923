package emulator_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

// The VPCs of an older store get their default resources, whatever the first request is.
func TestOldStore_defaults(t *testing.T) {
	t.Parallel()
	for _, first := range []string{"DescribeSecurityGroups", "CreateTrafficMirrorFilter"} {
		e := mustNew(t, emulator.Options{Path: oldStore(t)})
		must(t, e, first, "")
		for _, vpc := range must(t, e, "DescribeVpcs", "").texts("vpcSet/item/vpcId") {
			own := defaultGroupOf(t, e, vpc)
			wantPermissions(t, own, "ipPermissions", "-1 - "+own.text("groupId"))
			for _, kind := range []struct{ action, set string }{{"DescribeNetworkAcls", "networkAclSet"}, {"DescribeRouteTables", "routeTableSet"}} {
				if found := must(t, e, kind.action, filterBy("vpc-id", vpc)).all(kind.set + "/item"); len(found) != 1 {
					t.Errorf("%s: %s has %d, want 1", kind.action, vpc, len(found))
				}
			}
		}
	}
}

// A dump from before there were security groups is loaded. Its VPCs get their default
// resources. An interface keeps a group that does not exist, which nobody else can name.
func TestLoadOlderDump(t *testing.T) {
	t.Parallel()
	const older = `{"format": "terraform-provider-trafficmirror emulator", "version": "1", "account": "123456789012", "regions": {"us-east-1": {
"vpcs": {"vpc-00000000000000001": {"id": "vpc-00000000000000001", "cidr_block": "10.0.0.0/16"}},
"interfaces": {"eni-00000000000000001": {"id": "eni-00000000000000001", "owner_id": "123456789012", "interface_type": "interface",
	"vpc_id": "vpc-00000000000000001", "security_group_ids": ["` + goneGroup + `"]}}}}}`
	e := emptyEmulator(t)
	fatal(t, e.Load(t.Context(), strings.NewReader(older)))
	read := must(t, e, "DescribeNetworkInterfaces", filterBy("group-id", goneGroup)).all("networkInterfaceSet/item")
	if len(read) != 1 || len(read[0].all("groupSet/item/groupName")) > 0 {
		t.Errorf("the interface of the group that does not exist is %v, want it with a group without a name (%s)", read, "A0091")
	}
	own := defaultGroupOf(t, e, worldVPC).text("groupId")
	if want := "sg-0e1fa723ea2839c9a"; own != want {
		t.Errorf("the default group is %s, want %s, as before groups were stored", own, want)
	}
	refused(t, e, "ModifyNetworkInterfaceAttribute", "NetworkInterfaceId="+eni(1)+"&SecurityGroupId.1="+goneGroup, "InvalidGroup.NotFound")
	must(t, e, "ModifyNetworkInterfaceAttribute", "NetworkInterfaceId="+eni(1)+"&SecurityGroupId.1="+own)
}

// What a client made of the default group stays when the store is dumped and loaded.
func TestDefaultGroupStaysChanged(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	id := defaultGroupOf(t, e, worldVPC).text("groupId")
	must(t, e, "RevokeSecurityGroupIngress", "GroupId="+id+fromGroup(id))
	made := makeGroup(t, e, worldVPC, "g")
	must(t, e, "AuthorizeSecurityGroupIngress", "GroupId="+made+fromGroup(id))
	other := emptyEmulator(t)
	fatal(t, other.Load(t.Context(), strings.NewReader(dumpOf(t, e))))
	wantPermissions(t, describeGroup(t, other, id), "ipPermissions")
	wantPermissions(t, describeGroup(t, other, made), "ipPermissions", "-1 - "+id)
	refused(t, other, "CreateSecurityGroup", "GroupDescription=d&GroupName=G&VpcId="+worldVPC, "InvalidGroup.Duplicate")
}

// A dump is refused if its security groups or their rules cannot be.
func TestLoadRefusesGroups(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	id := makeGroup(t, e, worldVPC, "sensors")
	must(t, e, "AuthorizeSecurityGroupIngress", "GroupId="+id+ipRange("tcp", 1, 2, "10.0.0.0/8"))
	must(t, e, "AuthorizeSecurityGroupIngress", "GroupId="+id+ipRange("tcp", 1, 2, "9.0.0.0/8"))
	whole := dumpOf(t, e)
	for name, change := range map[string][2]string{
		"a group of no VPC":        {`"vpc_id":"` + worldVPC + `","name":"sensors"`, `"vpc_id":"vpc-0123456789abcdef0","name":"sensors"`},
		"a second default group":   {`"name":"sensors"`, `"name":"default"`},
		"a protocol":               {`"protocol":"tcp"`, `"protocol":"6"`},
		"ports":                    {`"from_port":1`, `"from_port":3`},
		"no peer":                  {`,"cidr_block":"10.0.0.0/8"`, ``},
		"two rules of one content": {`"cidr_block":"10.0.0.0/8"`, `"cidr_block":"9.0.0.0/8"`},
		"a direction":              {`"direction":"ingress","protocol":"tcp"`, `"direction":"in","protocol":"tcp"`},
	} {
		text := strings.Replace(whole, change[0], change[1], 1)
		if text == whole {
			t.Fatalf("%s: the test changes nothing in %s", name, whole)
		}
		if err := emptyEmulator(t).Load(t.Context(), strings.NewReader(text)); err == nil {
			t.Errorf("%s: was loaded", name)
		}
	}
}

func describeACL(t *testing.T, e *emulator.Emulator, vpc string) node {
	t.Helper()
	return must(t, e, "DescribeNetworkAcls", filterBy("vpc-id", vpc)).all("networkAclSet/item")[0]
}

func describeRoutes(t *testing.T, e *emulator.Emulator, vpc string) node {
	t.Helper()
	return must(t, e, "DescribeRouteTables", filterBy("vpc-id", vpc)).all("routeTableSet/item")[0]
}

// The default network ACL lets everything through, by IPv6 where the VPC has it, and is
// associated with each subnet.
func TestNetworkACL(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	vpc := must(t, e, "CreateVpc", "CidrBlock=10.9.0.0/16").text("vpc/vpcId")
	a := must(t, e, "CreateSubnet", "VpcId="+vpc+"&CidrBlock=10.9.1.0/24").text("subnet/subnetId")
	b := must(t, e, "CreateSubnet", "VpcId="+vpc+"&CidrBlock=10.9.2.0/24").text("subnet/subnetId")
	entries := func() []string {
		var all []string
		for _, entry := range describeACL(t, e, vpc).all("entrySet/item") {
			direction := map[string]string{"true": "out", "false": "in"}[entry.text("egress")]
			all = append(all, strings.Join([]string{direction, entry.text("ruleNumber"), entry.text("ruleAction"), entry.text("protocol"), entry.text("cidrBlock") + entry.text("ipv6CidrBlock")}, " "))
		}
		return all
	}
	ipv4 := []string{"out 100 allow -1 0.0.0.0/0", "out 32767 deny -1 0.0.0.0/0", "in 100 allow -1 0.0.0.0/0", "in 32767 deny -1 0.0.0.0/0"}
	if got := entries(); !slices.Equal(got, ipv4) {
		t.Errorf("the entries are %q, want %q", got, ipv4)
	}
	must(t, e, "AssociateVpcCidrBlock", "AmazonProvidedIpv6CidrBlock=true&VpcId="+vpc)
	both := []string{ipv4[0], "out 101 allow -1 ::/0", ipv4[1], "out 32768 deny -1 ::/0", ipv4[2], "in 101 allow -1 ::/0", ipv4[3], "in 32768 deny -1 ::/0"}
	if got := entries(); !slices.Equal(got, both) {
		t.Errorf("with IPv6 the entries are %q, want %q", got, both)
	}
	acl := describeACL(t, e, vpc)
	id := acl.text("networkAclId")
	subnets := acl.texts("associationSet/item/subnetId")
	slices.Sort(subnets)
	want := []string{a, b}
	slices.Sort(want)
	if !slices.Equal(subnets, want) || acl.text("default") != "true" || acl.text("ownerId") != "123456789012" {
		t.Errorf("it is associated with %q, want %q", subnets, want)
	}
	must(t, e, "DeleteSubnet", "SubnetId="+b)
	if got := describeACL(t, e, vpc).texts("associationSet/item/subnetId"); !slices.Equal(got, []string{a}) {
		t.Errorf("it is associated with %q, want %q", got, a)
	}
	must(t, e, "CreateTags", "ResourceId.1="+id+"&Tag.1.Key=k&Tag.1.Value=v")
	association := describeACL(t, e, vpc).text("associationSet/item/networkAclAssociationId")
	wantFilters(t, e, "DescribeNetworkAcls", "networkAclSet/item/networkAclId", id, map[string]string{
		"association.association-id": association, "association.network-acl-id": id, "association.subnet-id": a, "default": "true", "entry.cidr": "0.0.0.0/0",
		"entry.egress": "true", "entry.ipv6-cidr": "::/0", "entry.protocol": "-1", "entry.rule-action": "deny", "entry.rule-number": "32768",
		"network-acl-id": id, "owner-id": "123456789012", "vpc-id": vpc, "tag:k": "v", "tag-key": "k",
	}, "entry.icmp.code", "entry.icmp.type", "entry.port-range.from", "entry.port-range.to")
	refused(t, e, "DescribeNetworkAcls", "NetworkAclId.1="+id, "")
	refused(t, e, "DescribeNetworkAcls", "NetworkAclId.1=acl-0123456789abcdef0", "InvalidNetworkAclID.NotFound")
	refused(t, e, "DescribeNetworkAcls", "NetworkAclId.1=rtb-0123456789abcdef0", "InvalidNetworkAclId.Malformed")
	refused(t, e, "DescribeNetworkAcls", filterBy("colour", "red"), "InvalidParameterValue")
}

// The main route table has the local routes to the blocks of the VPC.
func TestRouteTable(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	made := must(t, e, "CreateVpc", "CidrBlock=10.9.0.0/16&AmazonProvidedIpv6CidrBlock=true").all("vpc")[0]
	vpc, block := made.text("vpcId"), made.text("ipv6CidrBlockAssociationSet/item/ipv6CidrBlock")
	routes := describeRoutes(t, e, vpc)
	id, association := routes.text("routeTableId"), routes.text("associationSet/item/routeTableAssociationId")
	for path, want := range map[string][]string{
		"routeSet/item/destinationCidrBlock":         {"10.9.0.0/16"},
		"routeSet/item/destinationIpv6CidrBlock":     {block},
		"routeSet/item/gatewayId":                    {"local", "local"},
		"routeSet/item/state":                        {"active", "active"},
		"routeSet/item/origin":                       {"CreateRouteTable", "CreateRouteTable"},
		"associationSet/item/main":                   {"true"},
		"associationSet/item/routeTableId":           {id},
		"associationSet/item/associationState/state": {"associated"},
		"ownerId": {"123456789012"},
	} {
		if got := routes.texts(path); !slices.Equal(got, want) {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	must(t, e, "CreateTags", "ResourceId.1="+id+"&Tag.1.Key=k&Tag.1.Value=v")
	wantFilters(t, e, "DescribeRouteTables", "routeTableSet/item/routeTableId", id, map[string]string{
		"association.main": "true", "association.route-table-association-id": association, "association.route-table-id": id, "owner-id": "123456789012",
		"route-table-id": id, "route.destination-cidr-block": "10.9.0.0/16", "route.destination-ipv6-cidr-block": block, "route.gateway-id": "local",
		"route.origin": "CreateRouteTable", "route.state": "active", "vpc-id": vpc, "tag:k": "v", "tag-key": "k",
	}, "association.gateway-id", "association.subnet-id", "route.destination-prefix-list-id", "route.egress-only-internet-gateway-id", "route.instance-id",
		"route.nat-gateway-id", "route.transit-gateway-id", "route.vpc-peering-connection-id")
	refused(t, e, "DescribeRouteTables", "RouteTableId.1="+id, "")
	refused(t, e, "DescribeRouteTables", "RouteTableId.1=rtb-0123456789abcdef0", "InvalidRouteTableID.NotFound")
	refused(t, e, "DescribeRouteTables", "RouteTableId.1=acl-0123456789abcdef0", "InvalidRouteTableId.Malformed")
	refused(t, e, "DescribeRouteTables", filterBy("colour", "red"), "InvalidParameterValue")
}

// wantFilters wants each filter to find the object by its value and not by another one.
// The filters in none find nothing at all.
func wantFilters(t *testing.T, e *emulator.Emulator, action, path, id string, values map[string]string, none ...string) {
	t.Helper()
	for name, value := range values {
		if found := must(t, e, action, filterBy(name, value)).texts(path); !slices.Contains(found, id) {
			t.Errorf("%s %s=%s finds %q, want %s", action, name, value, found, id)
		}
		if found := must(t, e, action, filterBy(name, value+"x")).texts(path); len(found) > 0 {
			t.Errorf("%s %s=%sx finds %q, want none", action, name, value, found)
		}
	}
	for _, name := range none {
		if found := must(t, e, action, filterBy(name, "*")).texts(path); len(found) > 0 {
			t.Errorf("%s %s=* finds %q, want none", action, name, found)
		}
	}
}
