package emulator

import (
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A topology file names in not_read the lists that an export could not read. It is unknown what
// the account has there. So the embedded EC2 answers as the account did: the credentials may not
// describe such a list. It answers as soon as a client or another file has made an object of the
// list. What each VPC comes with does not count: in the account, it can be otherwise.

// unread has the keys of lists of topology files that could not be read.
var unread = &collection[bool]{traits: traits{bucket: "not_read"}}

// unreadList says which actions show the objects of some lists.
type unreadList struct {
	keys    []string
	actions []string
	exist   func(*tx) bool // reports whether there are objects
}

var unreadLists = []unreadList{
	{[]string{"vpcs"}, []string{"DescribeVpcs", "DescribeVpcAttribute"}, anyOf(vpcs, nil)},
	{[]string{"subnets"}, []string{"DescribeSubnets"}, anyOf(subnets, nil)},
	{[]string{"instances"}, []string{"DescribeInstances", "DescribeInstanceAttribute", "DescribeInstanceStatus"}, anyOf(instances, nil)},
	{
		[]string{"network_interfaces"},
		[]string{"DescribeNetworkInterfaces", "DescribeNetworkInterfaceAttribute"},
		anyOf(interfaces, func(v networkInterface) bool { return v.RequesterManaged }),
	},
	{
		[]string{"security_groups"},
		[]string{"DescribeSecurityGroups", "DescribeSecurityGroupRules"},
		anyOf(securityGroups, func(v securityGroup) bool { return v.ID == derivedID(mirror.KindGroup.Prefix, v.VPCID) }),
	},
	{
		[]string{"network_acls"},
		[]string{"DescribeNetworkAcls"},
		anyOf(networkACLs, func(v networkACL) bool { return v.ID == derivedID(mirror.KindNetworkACL.Prefix, v.VPCID) }),
	},
	{
		[]string{"route_tables"},
		[]string{"DescribeRouteTables"},
		anyOf(routeTables, func(v routeTable) bool { return v.ID == derivedID(mirror.KindRouteTable.Prefix, v.VPCID) }),
	},
	{[]string{"prefix_lists"}, []string{"DescribeManagedPrefixLists", "GetManagedPrefixListEntries"}, anyOf(prefixLists, nil)},
	{[]string{"vpc_peering_connections"}, []string{"DescribeVpcPeeringConnections"}, anyOf(peerings, nil)},
	{[]string{"gateway_load_balancer_endpoints"}, []string{"DescribeVpcEndpoints"}, anyOf(endpoints, nil)},
	{
		[]string{"vpc_endpoint_services"},
		[]string{"DescribeVpcEndpointServiceConfigurations", "DescribeVpcEndpointServicePermissions"},
		anyOf(endpointServices, nil),
	},
	{
		[]string{"load_balancers", "network_load_balancers"},
		[]string{"DescribeLoadBalancers", "DescribeLoadBalancerAttributes", "DescribeListeners"},
		anyOf(loadBalancers, nil),
	},
	{[]string{"target_groups"}, []string{"DescribeTargetGroups", "DescribeTargetGroupAttributes", "DescribeTargetHealth"}, anyOf(targetGroups, nil)},
	{[]string{"traffic_mirror_targets", "shared_targets"}, []string{"DescribeTrafficMirrorTargets"}, anyOf(targets, nil)},
	{[]string{"traffic_mirror_filters"}, []string{"DescribeTrafficMirrorFilters", "DescribeTrafficMirrorFilterRules"}, anyOf(filters, nil)},
	{[]string{"traffic_mirror_sessions", "foreign_sessions"}, []string{"DescribeTrafficMirrorSessions"}, anyOf(sessions, nil)},
}

// anyOf returns a function that reports whether there are objects that do not come with others.
func anyOf[T any](c *collection[T], comesWithOthers func(T) bool) func(*tx) bool {
	return func(t *tx) bool {
		for _, v := range c.all(t, "") {
			if comesWithOthers == nil || !comesWithOthers(v) {
				return true
			}
		}
		return false
	}
}

// refuseUnread refuses an action that would show a list that nobody could read.
func refuseUnread(t *tx, action string) error {
	i := slices.IndexFunc(unreadLists, func(l unreadList) bool { return slices.Contains(l.actions, action) })
	if i < 0 {
		return nil
	}
	l := unreadLists[i]
	named := slices.DeleteFunc(slices.Clone(l.keys), func(key string) bool { return !unread.has(t, key) })
	if len(named) == 0 || l.exist(t) {
		return nil
	}
	return query.Refuse("UnauthorizedOperation",
		"You are not authorized to perform this operation. The topology file has %s in not_read: what the account has there is unknown.", strings.Join(named, " and "))
}
