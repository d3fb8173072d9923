package emulator_test

import (
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// unreadActions has an action that shows each list of a topology file.
var unreadActions = map[string]string{
	"vpcs":                            "DescribeVpcs",
	"subnets":                         "DescribeSubnets",
	"instances":                       "DescribeInstances",
	"network_interfaces":              "DescribeNetworkInterfaces",
	"security_groups":                 "DescribeSecurityGroupRules",
	"network_acls":                    "DescribeNetworkAcls",
	"route_tables":                    "DescribeRouteTables",
	"internet_gateways":               "DescribeInternetGateways",
	"vpc_peering_connections":         "DescribeVpcPeeringConnections",
	"prefix_lists":                    "DescribeManagedPrefixLists",
	"gateway_load_balancer_endpoints": "DescribeVpcEndpoints",
	"vpc_endpoint_services":           "DescribeVpcEndpointServiceConfigurations",
	"load_balancers":                  "DescribeLoadBalancers",
	"network_load_balancers":          "DescribeLoadBalancers",
	"target_groups":                   "DescribeTargetGroups",
	"shared_targets":                  "DescribeTrafficMirrorTargets",
	"traffic_mirror_targets":          "DescribeTrafficMirrorTargets",
	"traffic_mirror_filters":          "DescribeTrafficMirrorFilters",
	"foreign_sessions":                "DescribeTrafficMirrorSessions",
	"traffic_mirror_sessions":         "DescribeTrafficMirrorSessions",
}

// answerOf returns the status, the code and the message of an answer.
func answerOf(t *testing.T, e *emulator.Emulator, action string) (status int, code, message string) {
	t.Helper()
	if strings.Contains(action, "LoadBalancers") || strings.Contains(action, "TargetGroups") {
		got := callBalancing(t, e, action, "")
		return got.status, got.root.text("Error/Code"), got.root.text("Error/Message")
	}
	got := call(t, e, action, "")
	return got.status, got.code(), got.message()
}

// What an export could not read is not answered as if it were empty, or as AWS makes it.
func TestNotRead_refused(t *testing.T) {
	t.Parallel()
	for _, list := range topology.Lists() {
		action := unreadActions[list]
		file, err := topology.Parse([]byte(`{"not_read": ["` + list + `"]}`))
		if err != nil {
			t.Fatal(err)
		}
		if list != "vpcs" { // which comes with a security group, a network ACL and a route table
			file.VPCs = []topology.VPC{{ID: worldVPC, CIDRBlock: world().VPCs[0].CIDRBlock}}
		}
		e := mustNew(t, emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: file})
		want := "UnauthorizedOperation"
		if strings.Contains(action, "LoadBalancers") || strings.Contains(action, "TargetGroups") {
			want = "AccessDenied"
		}
		if status, code, message := answerOf(t, e, action); status != http.StatusForbidden || code != want || !strings.Contains(message, list+" in not_read") {
			t.Errorf("%s: status %d, %s: %s", list, status, code, message)
		}
		for _, other := range unreadActions {
			if status, _, message := answerOf(t, e, other); other != action && status != http.StatusOK {
				t.Errorf("%s is in not_read: %s: %s", list, other, message)
			}
		}
	}
}

// They stay unknown when a client makes an object of the list: only a request for that object is answered. The same
// holds for a dump.
func TestNotRead_made(t *testing.T) {
	t.Parallel()
	file := world()
	file.NotRead = []string{"network_acls", "route_tables", "security_groups", "traffic_mirror_filters", "internet_gateways"}
	first := newEmulator(t, func(o *emulator.Options) { o.Topology = file })
	objects := map[string]string{} // by the action that shows them and the path of their IDs
	for _, c := range []struct{ create, element, describe, path string }{
		{"CreateNetworkAcl VpcId=" + worldVPC, "networkAcl/networkAclId", "DescribeNetworkAcls NetworkAclId.1=", "networkAclSet/item/networkAclId"},
		{"CreateRouteTable VpcId=" + worldVPC, "routeTable/routeTableId", "DescribeRouteTables RouteTableId.1=", "routeTableSet/item/routeTableId"},
		{"CreateSecurityGroup GroupName=a&GroupDescription=a&VpcId=" + worldVPC, "groupId", "DescribeSecurityGroups GroupId.1=", "securityGroupInfo/item/groupId"},
		{"CreateTrafficMirrorFilter ", "trafficMirrorFilter/trafficMirrorFilterId", "DescribeTrafficMirrorFilters TrafficMirrorFilterId.1=", "trafficMirrorFilterSet/item/trafficMirrorFilterId"},
		{"CreateInternetGateway ", "internetGateway/internetGatewayId", "DescribeInternetGateways InternetGatewayId.1=", "internetGatewaySet/item/internetGatewayId"},
	} {
		action, parameters, _ := strings.Cut(c.create, " ")
		objects[c.describe+" "+c.path] = must(t, first, action, parameters).text(c.element)
	}
	copied := emptyEmulator(t)
	fatal(t, copied.Load(t.Context(), strings.NewReader(dumpOf(t, first))))
	for _, e := range []*emulator.Emulator{first, copied} {
		group := ""
		for of, id := range objects {
			words := strings.Split(of, " ")
			action, parameter := words[0], words[1]
			refused(t, e, action, "", "UnauthorizedOperation")
			refused(t, e, action, filterBy("tag:Name", "a"), "UnauthorizedOperation")
			refused(t, e, action, parameter+id[:len(id)-3]+"fff", "UnauthorizedOperation")
			if got := must(t, e, action, parameter+id).texts(words[2]); !slices.Equal(got, []string{id}) {
				t.Errorf("%s %s answers %q", action, id, got)
			}
			if strings.HasPrefix(id, "sg-") {
				group = id
			}
		}
		must(t, e, "DescribeSecurityGroupRules", filterBy("group-id", group))
		refused(t, e, "DescribeSecurityGroupRules", filterBy("group-id", group)+"&Filter.1.Value.2=sg-00000000000000fff", "UnauthorizedOperation")
	}
}

// What a VPC comes with is not what the account has: it stays unknown by its ID too.
func TestNotRead_comesWithVPC(t *testing.T) {
	t.Parallel()
	file := world()
	open := newEmulator(t, func(o *emulator.Options) { o.Topology = world() })
	file.NotRead = []string{"network_acls", "route_tables", "security_groups"}
	e := newEmulator(t, func(o *emulator.Options) { o.Topology = file })
	for action, c := range map[string][2]string{
		"DescribeNetworkAcls":    {"networkAclSet/item/networkAclId", "NetworkAclId.1="},
		"DescribeRouteTables":    {"routeTableSet/item/routeTableId", "RouteTableId.1="},
		"DescribeSecurityGroups": {"securityGroupInfo/item/groupId", "GroupId.1="},
	} {
		for _, id := range must(t, open, action, "").texts(c[0]) {
			refused(t, e, action, c[1]+id, "UnauthorizedOperation")
		}
	}
}

// A later topology file that has objects of a list, and does not name it in not_read, has read it.
func TestNotRead_readLater(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ec2.db")
	first, second := world(), world()
	first.NotRead = []string{"network_acls", "route_tables"}
	second.NetworkACLs = []mirror.NetworkACL{{ID: "acl-00000000000000001", VPCID: worldVPC}}
	before := mustNew(t, emulator.Options{Path: path, Topology: first})
	must(t, before, "CreateTrafficMirrorFilter", "")
	refused(t, before, "DescribeNetworkAcls", "", "UnauthorizedOperation")
	after := mustNew(t, emulator.Options{Path: path, Topology: second})
	must(t, after, "DescribeNetworkAcls", "")
	refused(t, after, "DescribeRouteTables", "", "UnauthorizedOperation")
}
