package emulator

import (
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A topology file names in not_read the lists that an export could not read. It is unknown what else
// the account has there. So the embedded EC2 answers as the account did: the credentials may not
// describe such a list. That stays so when a client makes an object of the list: only a request that names
// objects that are here is answered. What each VPC comes with does not count: in the account, it can be
// otherwise.

// unread has the keys of lists of topology files that could not be read.
var unread = &collection[bool]{traits: traits{bucket: "not_read"}}

// unreadList says which actions show the objects of some lists, and how requests name the objects.
type unreadList struct {
	keys    []string
	actions []string
	named   []naming
	isMade  func(t *tx, id string) bool // reports whether an object comes with a VPC; nil: none does
}

// naming is a parameter that names objects, and the filter that does so. filter is "" for Elastic Load Balancing, which has none.
type naming struct {
	parameter, filter string
	of                registered
}

var unreadLists = []unreadList{
	{[]string{"vpcs"}, []string{"DescribeVpcs", "DescribeVpcAttribute"}, []naming{{"VpcId", "vpc-id", vpcs}}, nil},
	{[]string{"subnets"}, []string{"DescribeSubnets"}, []naming{{"SubnetId", "subnet-id", subnets}}, nil},
	{
		[]string{"instances"},
		[]string{"DescribeInstances", "DescribeInstanceAttribute", "DescribeInstanceStatus"},
		[]naming{{"InstanceId", "instance-id", instances}}, nil,
	},
	{
		[]string{"network_interfaces"},
		[]string{"DescribeNetworkInterfaces", "DescribeNetworkInterfaceAttribute"},
		[]naming{{"NetworkInterfaceId", "network-interface-id", interfaces}}, nil,
	},
	{
		[]string{"security_groups"},
		[]string{"DescribeSecurityGroups", "DescribeSecurityGroupRules"},
		[]naming{{"GroupId", "group-id", securityGroups}, {"SecurityGroupRuleId", "security-group-rule-id", groupRules}},
		func(t *tx, id string) bool {
			v, _ := securityGroups.get(t, id)
			return id == derivedID(mirror.KindGroup.Prefix, v.VPCID)
		},
	},
	{
		[]string{"network_acls"},
		[]string{"DescribeNetworkAcls"},
		[]naming{{"NetworkAclId", "network-acl-id", networkACLs}},
		func(t *tx, id string) bool {
			v, _ := networkACLs.get(t, id)
			return id == derivedID(mirror.KindNetworkACL.Prefix, v.VPCID)
		},
	},
	{[]string{"internet_gateways"}, []string{"DescribeInternetGateways"}, []naming{{"InternetGatewayId", "internet-gateway-id", internetGateways}}, nil},
	{
		[]string{"route_tables"},
		[]string{"DescribeRouteTables"},
		[]naming{{"RouteTableId", "route-table-id", routeTables}},
		func(t *tx, id string) bool {
			v, _ := routeTables.get(t, id)
			return id == derivedID(mirror.KindRouteTable.Prefix, v.VPCID)
		},
	},
	{
		[]string{"prefix_lists"},
		[]string{"DescribeManagedPrefixLists", "GetManagedPrefixListEntries"},
		[]naming{{"PrefixListId", "prefix-list-id", prefixLists}}, nil,
	},
	{
		[]string{"vpc_peering_connections"},
		[]string{"DescribeVpcPeeringConnections"},
		[]naming{{"VpcPeeringConnectionId", "vpc-peering-connection-id", peerings}}, nil,
	},
	{[]string{"gateway_load_balancer_endpoints"}, []string{"DescribeVpcEndpoints"}, []naming{{"VpcEndpointId", "vpc-endpoint-id", endpoints}}, nil},
	{
		[]string{"vpc_endpoint_services"},
		[]string{"DescribeVpcEndpointServiceConfigurations", "DescribeVpcEndpointServicePermissions"},
		[]naming{{"ServiceId", "service-id", endpointServices}}, nil,
	},
	{
		[]string{"load_balancers", "network_load_balancers"},
		[]string{"DescribeLoadBalancers", "DescribeLoadBalancerAttributes", "DescribeListeners", "DescribeListenerAttributes"},
		[]naming{{"LoadBalancerArns", "", loadBalancers}, {"LoadBalancerArn", "", loadBalancers}, {"ListenerArns", "", listeners}, {"ListenerArn", "", listeners}}, nil,
	},
	{
		[]string{"target_groups"},
		[]string{"DescribeTargetGroups", "DescribeTargetGroupAttributes", "DescribeTargetHealth"},
		[]naming{{"TargetGroupArns", "", targetGroups}, {"TargetGroupArn", "", targetGroups}}, nil,
	},
	{
		[]string{"traffic_mirror_targets", "shared_targets"},
		[]string{"DescribeTrafficMirrorTargets"},
		[]naming{{"TrafficMirrorTargetId", "traffic-mirror-target-id", targets}}, nil,
	},
	{
		[]string{"traffic_mirror_filters"},
		[]string{"DescribeTrafficMirrorFilters", "DescribeTrafficMirrorFilterRules"},
		[]naming{{"TrafficMirrorFilterId", "traffic-mirror-filter-id", filters}, {"TrafficMirrorFilterRuleId", "traffic-mirror-filter-rule-id", rules}}, nil,
	},
	{
		[]string{"traffic_mirror_sessions", "foreign_sessions"},
		[]string{"DescribeTrafficMirrorSessions"},
		[]naming{{"TrafficMirrorSessionId", "traffic-mirror-session-id", sessions}}, nil,
	},
}

// refuseUnread refuses a request for a list that nobody could read, unless it names objects that are here.
func refuseUnread(t *tx, req *query.Request) error {
	i := slices.IndexFunc(unreadLists, func(l unreadList) bool { return slices.Contains(l.actions, req.Action) })
	if i < 0 {
		return nil
	}
	l := unreadLists[i]
	keys := slices.DeleteFunc(slices.Clone(l.keys), func(key string) bool { return !unread.has(t, key) })
	isKnown := func(n naming) bool {
		ids := idsNamed(req.Parameters, n)
		return len(ids) > 0 && !slices.ContainsFunc(ids, func(id string) bool { return !n.of.has(t, id) || l.isMade != nil && l.isMade(t, id) })
	}
	if len(keys) == 0 || slices.ContainsFunc(l.named, isKnown) {
		return nil
	}
	return query.Refuse("UnauthorizedOperation",
		"You are not authorized to perform this operation. The topology file has %s in not_read: what else the account has there is unknown. A request by ID is answered for what is here.",
		strings.Join(keys, " and "))
}

// idsNamed returns what a request names by a parameter, which can be a list, or else by a filter.
func idsNamed(parameters map[string]string, n naming) []string {
	ids := valuesBelow(parameters, n.parameter+".")
	if id, given := parameters[n.parameter]; given {
		ids = append(ids, id)
	}
	for name, value := range parameters {
		if of, isName := strings.CutSuffix(name, ".Name"); ids == nil && isName && n.filter != "" && value == n.filter {
			return valuesBelow(parameters, of+".Value.")
		}
	}
	return ids
}

func valuesBelow(parameters map[string]string, prefix string) []string {
	var values []string
	for name, value := range parameters {
		if strings.HasPrefix(name, prefix) {
			values = append(values, value)
		}
	}
	return values
}

// loadUnread takes over which lists a topology could not read. One that has objects of a list, and does not name it, has
// read it.
func loadUnread(t *tx, notRead, has []string) {
	for _, key := range has {
		if unread.has(t, key) {
			unread.del(t, key)
		}
	}
	for _, key := range notRead {
		unread.put(t, key, true)
	}
}
