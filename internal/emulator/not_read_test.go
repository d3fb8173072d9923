package emulator_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
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

// They are answered from the first object on that a client makes, also in a dump.
func TestNotRead_made(t *testing.T) {
	t.Parallel()
	file := world()
	file.NotRead = []string{"network_acls", "route_tables", "security_groups", "traffic_mirror_filters"}
	first := newEmulator(t, func(o *emulator.Options) { o.Topology = file })
	actions := []string{"DescribeNetworkAcls", "DescribeRouteTables", "DescribeSecurityGroups", "DescribeTrafficMirrorFilters"}
	for i, create := range []string{"CreateNetworkAcl VpcId=" + worldVPC, "CreateRouteTable VpcId=" + worldVPC, "CreateSecurityGroup GroupName=a&GroupDescription=a&VpcId=" + worldVPC, "CreateTrafficMirrorFilter "} {
		copied := emptyEmulator(t)
		fatal(t, copied.Load(t.Context(), strings.NewReader(dumpOf(t, first))))
		for _, e := range []*emulator.Emulator{first, copied} {
			if e == copied && i == 0 {
				continue // nothing was written yet, also not the topology
			}
			refused(t, e, actions[i], "", "UnauthorizedOperation")
			action, parameters, _ := strings.Cut(create, " ")
			must(t, e, action, parameters)
			must(t, e, actions[i], "")
		}
	}
}
