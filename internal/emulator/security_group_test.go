package emulator_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

const (
	otherGroupVPC = "vpc-00000000000000002"
	goneGroup     = "sg-0123456789abcdef0"
	goneGroupRule = "sgr-0123456789abcdef0"
)

// withOtherVPC adds a VPC with a subnet and with IPv6 to the topology.
func withOtherVPC(o *emulator.Options) {
	o.Topology.VPCs = append(o.Topology.VPCs, topology.VPC{ID: otherGroupVPC})
	o.Topology.Subnets = append(o.Topology.Subnets, topology.Subnet{ID: "subnet-00000000000000002", VPCID: otherGroupVPC})
}

func makeGroup(t testing.TB, h http.Handler, vpc, name string) string {
	t.Helper()
	return must(t, h, "CreateSecurityGroup", "GroupDescription=d&VpcId="+vpc+"&GroupName="+name).text("groupId")
}

func defaultGroupOf(t testing.TB, h http.Handler, vpc string) node {
	t.Helper()
	return must(t, h, "DescribeSecurityGroups", filterBy("vpc-id", vpc, "group-name", "default")).all("securityGroupInfo/item")[0]
}

// ipRange is a permission for addresses.
func ipRange(protocol string, from, to int, block string) string {
	ranges := "IpRanges.1.CidrIp="
	if strings.Contains(block, ":") {
		ranges = "Ipv6Ranges.1.CidrIpv6="
	}
	return fmt.Sprintf("&IpPermissions.1.IpProtocol=%s&IpPermissions.1.FromPort=%d&IpPermissions.1.ToPort=%d&IpPermissions.1.%s%s", protocol, from, to, ranges, block)
}

func fromGroup(group string) string {
	return "&IpPermissions.1.IpProtocol=-1&IpPermissions.1.Groups.1.GroupId=" + group
}

// permissionsOf returns the permissions of a group: protocol, ports and peers.
func permissionsOf(group node, set string) []string {
	var all []string
	for _, p := range group.all(set + "/item") {
		peers := slices.Concat(p.texts("groups/item/groupId"), p.texts("ipRanges/item/cidrIp"), p.texts("ipv6Ranges/item/cidrIpv6"))
		all = append(all, fmt.Sprintf("%s %s-%s %s", p.text("ipProtocol"), p.text("fromPort"), p.text("toPort"), strings.Join(peers, ",")))
	}
	return all
}

func describeGroup(t testing.TB, h http.Handler, id string) node {
	t.Helper()
	return must(t, h, "DescribeSecurityGroups", "GroupId.1="+id).all("securityGroupInfo/item")[0]
}

func wantPermissions(t *testing.T, group node, set string, want ...string) {
	t.Helper()
	if got := permissionsOf(group, set); !slices.Equal(got, want) {
		t.Errorf("%s of %s are %q, want %q", set, group.text("groupId"), got, want)
	}
}

// A group has everything that it was created with, lets its members send to everybody,
// and is gone when it is deleted.
func TestSecurityGroup(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	made := must(t, e, "CreateSecurityGroup", "GroupName=sensors&GroupDescription=of the sensors&VpcId="+worldVPC+
		"&TagSpecification.1.ResourceType=security-group&TagSpecification.1.Tag.1.Key=k&TagSpecification.1.Tag.1.Value=v")
	id := made.text("groupId")
	read := describeGroup(t, e, id)
	for path, want := range map[string]string{
		"groupId": id, "groupName": "sensors", "groupDescription": "of the sensors", "vpcId": worldVPC, "ownerId": topology.DefaultAccountID,
		"tagSet/item/value": "v", "securityGroupArn": "arn:aws:ec2:us-east-1:123456789012:security-group/" + id,
	} {
		if got := read.text(path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if got := made.text("securityGroupArn"); got != read.text("securityGroupArn") {
		t.Errorf("the create answers with the ARN %q", got)
	}
	wantPermissions(t, read, "ipPermissions")
	wantPermissions(t, read, "ipPermissionsEgress", "-1 - 0.0.0.0/0")
	must(t, e, "DeleteSecurityGroup", "GroupId="+id)
	refused(t, e, "DescribeSecurityGroups", "GroupId.1="+id, "InvalidGroup.NotFound")
	if left := must(t, e, "DescribeSecurityGroupRules", filterBy("group-id", id)).all("securityGroupRuleSet/item"); len(left) > 0 {
		t.Errorf("the rules of the deleted group are still there: %v", left)
	}
}

// What EC2 refuses about the groups themselves.
func TestSecurityGroup_refused(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, withOtherVPC)
	id := makeGroup(t, e, worldVPC, "Sensors")
	own := defaultGroupOf(t, e, worldVPC).text("groupId")
	create := "GroupDescription=d&VpcId=" + worldVPC + "&GroupName="
	for _, test := range []struct{ action, parameters, code string }{
		{"CreateSecurityGroup", create + "sensors", "InvalidGroup.Duplicate"},
		{"CreateSecurityGroup", create + "default", "InvalidGroup.Reserved"},
		{"CreateSecurityGroup", create + "sg-1", "InvalidParameterValue"},
		{"CreateSecurityGroup", create + "a|b", "InvalidParameterValue"},
		{"CreateSecurityGroup", create + strings.Repeat("a", 256), "InvalidParameterValue"},
		{"CreateSecurityGroup", create + strings.Repeat("a", 255), ""},
		{"CreateSecurityGroup", create, "MissingParameter"},
		{"CreateSecurityGroup", "GroupName=a&VpcId=" + worldVPC, "MissingParameter"},
		{"CreateSecurityGroup", "GroupName=a&GroupDescription=ż&VpcId=" + worldVPC, "InvalidParameterValue"},
		{"CreateSecurityGroup", "GroupName=a&GroupDescription=d&VpcId=vpc-0123456789abcdef0", "InvalidVpcID.NotFound"},
		{"CreateSecurityGroup", "GroupName=a&GroupDescription=d", "VPCIdNotSpecified"},
		{"CreateSecurityGroup", "GroupDescription=d&GroupName=sensors&VpcId=" + otherGroupVPC, ""}, // names are of a VPC
		{"DeleteSecurityGroup", "", "MissingParameter"},
		{"DeleteSecurityGroup", "GroupId=" + goneGroup, "InvalidGroup.NotFound"},
		{"DeleteSecurityGroup", "GroupId=sg-1", "InvalidGroupId.Malformed"},
		{"DeleteSecurityGroup", "GroupName=Sensors", "InvalidGroup.NotFound"},
		{"DeleteSecurityGroup", "GroupName=Sensors&GroupId=" + id, "InvalidParameterCombination"},
		{"DeleteSecurityGroup", "GroupId=" + own, "CannotDelete"},
		{"DescribeSecurityGroups", "GroupId.1=" + goneGroup, "InvalidGroup.NotFound"},
		{"DescribeSecurityGroups", "GroupName.1=Sensors", "InvalidGroup.NotFound"}, // of the default VPC
		{"DescribeSecurityGroups", filterBy("colour", "red"), "InvalidParameterValue"},
		{"CreateTags", "ResourceId.1=" + goneGroupRule + "&Tag.1.Key=k", "InvalidSecurityGroupRuleId.NotFound"},
	} {
		refused(t, e, test.action, test.parameters, test.code)
	}
}

// A group stays as long as an interface or a rule of another group needs it, and keeps
// its VPC.
func TestSecurityGroup_inUse(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	vpc := must(t, e, "CreateVpc", "CidrBlock=10.9.0.0/16").text("vpc/vpcId")
	subnet := must(t, e, "CreateSubnet", "VpcId="+vpc+"&CidrBlock=10.9.1.0/24").text("subnet/subnetId")
	used, other := makeGroup(t, e, vpc, "used"), makeGroup(t, e, vpc, "other")
	interfaceID := must(t, e, "CreateNetworkInterface", "SubnetId="+subnet+"&SecurityGroupId.1="+used).text("networkInterface/networkInterfaceId")
	must(t, e, "AuthorizeSecurityGroupIngress", "GroupId="+other+fromGroup(used))
	must(t, e, "AuthorizeSecurityGroupIngress", "GroupId="+used+fromGroup(used)) // does not matter
	for _, step := range []struct{ action, parameters, code string }{
		{"DeleteSecurityGroup", "GroupId=" + used, "DependencyViolation"},
		{"DeleteNetworkInterface", "NetworkInterfaceId=" + interfaceID, ""},
		{"DeleteSubnet", "SubnetId=" + subnet, ""},
		{"DeleteSecurityGroup", "GroupId=" + used, "DependencyViolation"},
		{"DeleteVpc", "VpcId=" + vpc, "DependencyViolation"},
		{"DeleteSecurityGroup", "GroupId=" + other, ""},
		{"DeleteSecurityGroup", "GroupId=" + used, ""},
		{"DeleteVpc", "VpcId=" + vpc, ""},
	} {
		refused(t, e, step.action, step.parameters, step.code)
	}
	for _, action := range []struct{ name, set string }{
		{"DescribeSecurityGroups", "securityGroupInfo"}, {"DescribeNetworkAcls", "networkAclSet"}, {"DescribeRouteTables", "routeTableSet"},
	} {
		if left := must(t, e, action.name, filterBy("vpc-id", vpc)).all(action.set + "/item"); len(left) > 0 {
			t.Errorf("%s: the deleted VPC left %v", action.name, left)
		}
	}
}

// The default group lets its members receive from each other, and send to everybody. A
// client can change that. A VPC that gets an IPv6 block lets them send by IPv6 too, if
// nobody has changed what they can send.
func TestDefaultSecurityGroup(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	vpc := must(t, e, "CreateVpc", "CidrBlock=10.9.0.0/16").text("vpc/vpcId")
	own := defaultGroupOf(t, e, vpc)
	id := own.text("groupId")
	wantPermissions(t, own, "ipPermissions", "-1 - "+id)
	wantPermissions(t, own, "ipPermissionsEgress", "-1 - 0.0.0.0/0")
	if got := own.text("groupDescription"); got != "default VPC security group" {
		t.Errorf("its description is %q", got)
	}
	must(t, e, "AssociateVpcCidrBlock", "AmazonProvidedIpv6CidrBlock=true&VpcId="+vpc)
	if got := permissionsOf(describeGroup(t, e, id), "ipPermissionsEgress"); !slices.Equal(got, []string{"-1 - 0.0.0.0/0,::/0"}) {
		t.Errorf("with an IPv6 block of the VPC its members can send %q, want everything (%s)", got, "A0165")
	}
	must(t, e, "RevokeSecurityGroupIngress", "GroupId="+id+fromGroup(id))
	must(t, e, "RevokeSecurityGroupEgress", "GroupId="+id+ipRange("-1", 0, 0, "0.0.0.0/0"))
	wantPermissions(t, describeGroup(t, e, id), "ipPermissions")
	wantPermissions(t, describeGroup(t, e, id), "ipPermissionsEgress", "-1 - ::/0")

	changed := must(t, e, "CreateVpc", "CidrBlock=10.8.0.0/16").text("vpc/vpcId")
	id = defaultGroupOf(t, e, changed).text("groupId")
	must(t, e, "AuthorizeSecurityGroupEgress", "GroupId="+id+ipRange("tcp", 1, 1, "10.0.0.0/8"))
	must(t, e, "AssociateVpcCidrBlock", "AmazonProvidedIpv6CidrBlock=true&VpcId="+changed)
	wantPermissions(t, describeGroup(t, e, id), "ipPermissionsEgress", "-1 - 0.0.0.0/0", "tcp 1-1 10.0.0.0/8")

	dual := must(t, e, "CreateVpc", "CidrBlock=10.7.0.0/16&AmazonProvidedIpv6CidrBlock=true").text("vpc/vpcId")
	wantPermissions(t, defaultGroupOf(t, e, dual), "ipPermissionsEgress", "-1 - 0.0.0.0/0,::/0")
	wantPermissions(t, describeGroup(t, e, makeGroup(t, e, dual, "new")), "ipPermissionsEgress", "-1 - 0.0.0.0/0,::/0")
}

// The security groups of an interface exist, and are of its VPC.
func TestSecurityGroupsOfInterfaces(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, withOtherVPC)
	own, foreign := makeGroup(t, e, worldVPC, "own"), makeGroup(t, e, otherGroupVPC, "foreign")
	six := ""
	for n := range 6 {
		six += fmt.Sprintf("&SecurityGroupId.%d=%s", n+1, makeGroup(t, e, worldVPC, fmt.Sprint("g", n)))
	}
	create, modify := "SubnetId="+worldSubnet+"&SecurityGroupId.1=", "NetworkInterfaceId="+eni(1)+"&SecurityGroupId.1="
	for _, test := range []struct{ action, parameters, code string }{
		{"CreateNetworkInterface", create + own, ""},
		{"CreateNetworkInterface", create + goneGroup, "InvalidGroup.NotFound"},
		{"CreateNetworkInterface", create + foreign, assumed("A0160", "InvalidParameter")},
		{"CreateNetworkInterface", "SubnetId=" + worldSubnet + six, "SecurityGroupsPerInterfaceLimitExceeded"},
		{"ModifyNetworkInterfaceAttribute", modify + own, ""},
		{"ModifyNetworkInterfaceAttribute", modify + goneGroup, "InvalidGroup.NotFound"},
		{"ModifyNetworkInterfaceAttribute", modify + foreign, assumed("A0160", "InvalidGroup.NotFound")},
		{"ModifyNetworkInterfaceAttribute", "NetworkInterfaceId=" + eni(1) + six, "SecurityGroupsPerInterfaceLimitExceeded"},
	} {
		refused(t, e, test.action, test.parameters, test.code)
	}
	for _, filter := range []string{filterBy("group-id", own), filterBy("group-name", "own")} {
		found := must(t, e, "DescribeNetworkInterfaces", filter).all("networkInterfaceSet/item")
		if len(found) != 2 || found[0].text("groupSet/item/groupName") != "own" || found[0].text("groupSet/item/groupId") != own {
			t.Errorf("%s finds %v, want the two interfaces of the group", filter, found)
		}
	}
}

// Each documented filter finds the group by what it has, and not by something else.
func TestSecurityGroupFilters(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	id, peer := makeGroup(t, e, worldVPC, "sensors"), makeGroup(t, e, worldVPC, "sources")
	must(t, e, "CreateTags", "ResourceId.1="+id+"&Tag.1.Key=k&Tag.1.Value=v")
	for _, permission := range []string{ipRange("udp", 4789, 4790, "10.0.0.0/8"), ipRange("icmp", 8, 0, "2001:db8::/32"), fromGroup(peer)} {
		must(t, e, "AuthorizeSecurityGroupIngress", "GroupId="+id+permission)
		must(t, e, "AuthorizeSecurityGroupEgress", "GroupId="+id+permission)
	}
	for name, value := range map[string]string{
		"description": "d", "group-id": id, "group-name": "sensors", "owner-id": topology.DefaultAccountID, "vpc-id": worldVPC, "tag:k": "v", "tag-key": "k",
		"ip-permission.cidr": "10.0.0.0/8", "ip-permission.from-port": "4789", "ip-permission.to-port": "4790", "ip-permission.group-id": peer,
		"ip-permission.group-name": "sources", "ip-permission.ipv6-cidr": "2001:db8::/32", "ip-permission.protocol": "udp", "ip-permission.user-id": topology.DefaultAccountID,
	} {
		names := []string{name}
		if strings.HasPrefix(name, "ip-permission.") {
			names = append(names, "egress."+name)
		}
		for _, name := range names {
			for _, test := range []struct {
				value string
				found bool
			}{{value, true}, {value + "x", false}} {
				found := must(t, e, "DescribeSecurityGroups", filterBy(name, test.value)).texts("securityGroupInfo/item/groupId")
				if slices.Contains(found, id) != test.found {
					t.Errorf("%s=%s finds %q; want %s: %t", name, test.value, found, id, test.found)
				}
			}
		}
	}
	for _, name := range []string{"ip-permission.prefix-list-id", "egress.ip-permission.prefix-list-id"} {
		if found := must(t, e, "DescribeSecurityGroups", filterBy(name, "*")).texts("securityGroupInfo/item/groupId"); len(found) > 0 {
			t.Errorf("%s finds %q, want none: there are no prefix lists", name, found)
		}
	}
}

// A listing of groups has pages.
func TestSecurityGroupPages(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	for n := range 11 {
		makeGroup(t, e, worldVPC, fmt.Sprint("g", n))
	}
	seen, token := map[string]bool{}, ""
	for pages := 1; ; pages++ {
		page := must(t, e, "DescribeSecurityGroups", "MaxResults=5"+token)
		for _, id := range page.texts("securityGroupInfo/item/groupId") {
			seen[id] = true
		}
		next := page.text("nextToken")
		if next == "" {
			if len(seen) != 12 || pages != 3 {
				t.Errorf("%d groups on %d pages, want 12 on 3", len(seen), pages)
			}
			return
		}
		token = "&NextToken=" + next
	}
}
