package emulator

import (
	"errors"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// registry lists every collection. What exists, what can have tags, who owns an
// object, what a dump has and which buckets a Region has all follow from it. An object
// comes after the objects that it refers to, so that a dump can be loaded in order.
var registry = []registered{
	vpcs, subnets, prefixLists, securityGroups, groupRules, networkACLs, internetGateways, routeTables, peerings, instances, volumes, interfaces, targetGroups,
	loadBalancers, listeners, endpointServices, endpoints, targets, filters, rules, sessions, tags, tokens, counts, unread,
}

// The kinds of object. The codes are those that clients of EC2 compare with; for
// Traffic Mirroring they are not the documented ones (A0020). The codes for malformed
// IDs are formed like those of other kinds (A0021).
var (
	vpcs = &collection[vpc]{
		traits: traits{
			bucket:   "vpcs",
			kind:     kind{mirror.KindVPC, "InvalidVpcID.Malformed", "InvalidVpcID.NotFound", "vpc"},
			taggable: true,
		},
		idOf:    func(v vpc) string { return v.ID },
		owner:   func(v vpc) string { return v.OwnerID },
		indexes: []indexOf[vpc]{{vpcsByMainAssociation, func(_ *tx, _ string, v vpc) []key { return oneKey(v.mainAssociation()) }}},
	}

	subnets = &collection[subnet]{
		traits: traits{
			bucket:   "subnets",
			kind:     kind{mirror.KindSubnet, "InvalidSubnetID.Malformed", "InvalidSubnetID.NotFound", "subnet"},
			taggable: true,
		},
		idOf:  func(v subnet) string { return v.ID },
		owner: func(v subnet) string { return v.OwnerID },
		indexes: []indexOf[subnet]{
			{subnetsByVPC, func(_ *tx, id string, v subnet) []key { return oneKey(v.VPCID, id) }},
			{subnetsByACL, keysByACL}, {subnetsByRouteTable, keysByRouteTable}, {subnetsByAssociation, keysByAssociation},
		},
	}

	securityGroups = &collection[securityGroup]{
		traits: traits{
			bucket:   "security_groups",
			kind:     kind{mirror.KindGroup, "InvalidGroupId.Malformed", "InvalidGroup.NotFound", "security group"},
			taggable: true,
		},
		idOf:    func(v securityGroup) string { return v.ID },
		owner:   func(v securityGroup) string { return v.OwnerID },
		indexes: []indexOf[securityGroup]{{groupsByName, func(_ *tx, _ string, v securityGroup) []key { return oneKey(v.nameKey()...) }}},
		check:   checkLoadedGroup,
	}

	groupRules = &collection[groupRule]{
		traits: traits{
			bucket:   "security_group_rules",
			kind:     kind{mirror.KindGroupRule, "InvalidSecurityGroupRuleId.Malformed", "InvalidSecurityGroupRuleId.NotFound", "security group rule"},
			taggable: true,
		},
		idOf: func(v groupRule) string { return v.ID },
		indexes: []indexOf[groupRule]{
			{groupRulesByGroup, func(_ *tx, _ string, v groupRule) []key { return oneKey(v.place()...) }},
			{groupRulesByReference, keysByReference},
		},
		check: checkLoadedGroupRule,
	}

	instances = &collection[instance]{
		traits: traits{
			bucket:   "instances",
			kind:     kind{mirror.KindInstance, "InvalidInstanceID.Malformed", "InvalidInstanceID.NotFound", "instance"},
			taggable: true,
		},
		idOf:    func(v instance) string { return v.ID },
		gone:    isForgotten,
		indexes: []indexOf[instance]{{instancesByReservation, keysByReservation}, {instancesByEnd, keysByEnd}},
	}

	volumes = &collection[volume]{
		traits: traits{
			bucket:   "volumes",
			kind:     kind{mirror.KindVolume, "InvalidVolumeID.Malformed", "InvalidVolume.NotFound", "volume"},
			taggable: true,
		},
		idOf:    func(v volume) string { return v.ID },
		indexes: []indexOf[volume]{{volumesByInstance, keysOfVolume}},
	}

	interfaces = &collection[networkInterface]{
		traits: traits{
			bucket:   "interfaces",
			kind:     kind{mirror.KindInterface, "InvalidNetworkInterfaceId.Malformed", "InvalidNetworkInterfaceID.NotFound", "networkInterface"},
			taggable: true,
		},
		idOf:    func(v networkInterface) string { return v.ID },
		owner:   func(v networkInterface) string { return v.OwnerID },
		indexes: []indexOf[networkInterface]{{interfacesBySubnet, keysBySubnet}, {interfacesByPrefix, keysByPrefix}, {interfacesByInstance, keysByInstance}},
	}

	endpoints = &collection[gatewayEndpoint]{
		traits: traits{
			bucket:   "endpoints",
			kind:     kind{mirror.KindEndpoint, "InvalidVpcEndpointId.Malformed", "InvalidVpcEndpointId.NotFound", "Vpc Endpoint"},
			taggable: true,
		},
		idOf: func(v gatewayEndpoint) string { return v.ID },
	}

	// The codes of load balancers are those of EC2, where a target names one.
	loadBalancers = &collection[loadBalancer]{
		traits: traits{
			bucket: "load_balancers",
			kind:   kind{malformed: "InvalidNetworkLoadBalancerArn.Malformed", notFound: "InvalidNetworkLoadBalancerArn.NotFound", noun: "Network Load Balancer"},
			byARN:  true,
		},
		idOf: func(v loadBalancer) string { return v.ARN },
		indexes: []indexOf[loadBalancer]{
			{balancersByName, func(_ *tx, id string, v loadBalancer) []key { return oneKey(v.Name, id) }},
			{balancersByGroup, func(_ *tx, id string, v loadBalancer) []key { return keysOfGroups(v.TargetGroups, id) }},
		},
	}

	targetGroups = &collection[targetGroup]{
		traits:  traits{bucket: "target_groups", byARN: true},
		idOf:    func(v targetGroup) string { return v.ARN },
		indexes: []indexOf[targetGroup]{{targetGroupsByName, func(_ *tx, id string, v targetGroup) []key { return oneKey(v.Name, id) }}},
	}

	listeners = &collection[listener]{
		traits: traits{bucket: "listeners", byARN: true},
		idOf:   func(v listener) string { return v.ARN },
		indexes: []indexOf[listener]{
			{listenersByBalancer, func(_ *tx, id string, v listener) []key { return oneKey(v.LoadBalancerARN, id) }},
			{listenersByGroup, func(_ *tx, id string, v listener) []key { return keysOfGroups(v.TargetGroups, id) }},
		},
		check: func(t *tx, v listener) error { _, err := needBalancer(t, v.LoadBalancerARN); return err },
	}

	endpointServices = &collection[endpointService]{
		traits: traits{
			bucket:   "endpoint_services",
			kind:     kind{mirror.KindEndpointService, "InvalidVpcEndpointServiceId.Malformed", "InvalidVpcEndpointServiceId.NotFound", "VpcEndpointService"},
			taggable: true,
		},
		idOf: func(v endpointService) string { return v.ID },
	}

	targets = &collection[mirror.Target]{
		traits: traits{
			bucket:   "targets",
			kind:     kind{mirror.KindTarget, "InvalidTrafficMirrorTargetId.Malformed", "InvalidTrafficMirrorTargetId.NotFound", "traffic mirror target"},
			taggable: true,
			counted:  true,
		},
		idOf:    func(v mirror.Target) string { return v.ID },
		owner:   func(v mirror.Target) string { return v.OwnerID },
		indexes: []indexOf[mirror.Target]{{targetsByBacking, keysByBacking}},
		check:   func(_ *tx, v mirror.Target) error { return v.Validate().Err() },
	}

	filters = &collection[mirror.Filter]{
		traits: traits{
			bucket:   "filters",
			kind:     kind{mirror.KindFilter, "InvalidTrafficMirrorFilterId.Malformed", "InvalidTrafficMirrorFilterId.NotFound", "traffic mirror filter"},
			taggable: true,
			counted:  true,
		},
		idOf:  func(v mirror.Filter) string { return v.ID },
		check: func(_ *tx, v mirror.Filter) error { return v.Validate().Err() },
	}

	rules = &collection[mirror.Rule]{
		traits: traits{
			bucket:   "rules",
			kind:     kind{mirror.KindFilterRule, "InvalidTrafficMirrorFilterRuleId.Malformed", "InvalidTrafficMirrorFilterRuleId.NotFound", "traffic mirror filter rule"},
			taggable: true,
		},
		idOf: func(v mirror.Rule) string { return v.ID },
		indexes: []indexOf[mirror.Rule]{
			{rulesByFilter, func(_ *tx, _ string, v mirror.Rule) []key {
				return oneKey(v.FilterID, string(v.Direction), numberKey(v.Number))
			}},
		},
		check: checkLoadedRule,
	}

	sessions = &collection[mirror.Session]{
		traits: traits{
			bucket:   "sessions",
			kind:     kind{mirror.KindSession, "InvalidTrafficMirrorSessionId.Malformed", "InvalidTrafficMirrorSessionId.NotFound", "traffic mirror session"},
			taggable: true,
			counted:  true,
		},
		idOf:  func(v mirror.Session) string { return v.ID },
		owner: func(v mirror.Session) string { return v.OwnerID },
		indexes: []indexOf[mirror.Session]{
			{sessionsByInterface, func(_ *tx, id string, v mirror.Session) []key { return oneKey(v.InterfaceID, numberKey(v.Number), id) }},
			{sessionsByTarget, func(_ *tx, id string, v mirror.Session) []key { return oneKey(v.TargetID, v.InterfaceID, id) }},
			{sessionsByFilter, func(_ *tx, id string, v mirror.Session) []key { return oneKey(v.FilterID, id) }},
			{sessionsByNetwork, keysByNetwork},
		},
		check: checkLoadedSession,
	}
)

// What is stored in addition to the objects.
var (
	tags   = &collection[map[string]string]{traits: traits{bucket: "tags"}} // by the ID of the object
	tokens = &collection[clientToken]{                                      // by action and token
		traits: traits{
			bucket: "client_tokens",
		},
		indexes: []indexOf[clientToken]{{tokensByAge, func(_ *tx, id string, v clientToken) []key { return oneKey(ageKey(v.Created), id) }}},
	}
	counts = &collection[int]{traits: traits{bucket: "counts", derived: true}} // of this account's objects, by bucket
)

// The indexes, with the parts of their keys. Each leads to an ID.
var (
	rulesByFilter          = index{"rules_by_filter"}          // filter, direction, number
	sessionsByInterface    = index{"sessions_by_interface"}    // interface, number, session
	sessionsByTarget       = index{"sessions_by_target"}       // target, interface, session
	sessionsByFilter       = index{"sessions_by_filter"}       // filter, session
	sessionsByNetwork      = index{"sessions_by_network"}      // VNI, session
	targetsByBacking       = index{"targets_by_backing"}       // ID or ARN of the backing resource
	interfacesBySubnet     = index{"interfaces_by_subnet"}     // subnet, address
	interfacesByPrefix     = index{"interfaces_by_prefix"}     // subnet, delegated prefix
	interfacesByInstance   = index{"interfaces_by_instance"}   // instance, device index, interface
	instancesByReservation = index{"instances_by_reservation"} // reservation, instance
	instancesByEnd         = index{"instances_by_end"}         // time, instance
	volumesByInstance      = index{"volumes_by_instance"}      // instance, device, volume
	tokensByAge            = index{"client_tokens_by_age"}     // time, action, token
	subnetsByVPC           = index{"subnets_by_vpc"}           // VPC, subnet

	balancersByName     = index{"load_balancers_by_name"}     // name, load balancer
	balancersByGroup    = index{"load_balancers_by_group"}    // target group of a short form, load balancer
	targetGroupsByName  = index{"target_groups_by_name"}      // name, target group
	listenersByBalancer = index{"listeners_by_load_balancer"} // load balancer, listener
	listenersByGroup    = index{"listeners_by_target_group"}  // target group, listener

	groupsByName          = index{"security_groups_by_name"}           // VPC, name in lower case
	groupRulesByGroup     = index{"security_group_rules_by_group"}     // group, direction, what the rule allows
	groupRulesByReference = index{"security_group_rules_by_reference"} // the group that the rule refers to, rule

	aclsByVPC             = index{"network_acls_by_vpc"}        // VPC, network ACL
	routeTablesByVPC      = index{"route_tables_by_vpc"}        // VPC, route table
	gatewaysByVPC         = index{"internet_gateways_by_vpc"}   // VPC, gateway
	peeringsByVPC         = index{"peering_connections_by_vpc"} // VPC, connection
	subnetsByACL          = index{"subnets_by_network_acl"}     // network ACL, or the VPC for the default one; subnet, association
	subnetsByRouteTable   = index{"subnets_by_route_table"}     // route table, subnet, association
	gatewaysByRouteTable  = index{"gateways_by_route_table"}    // route table, gateway, association
	subnetsByAssociation  = index{"subnets_by_association"}     // association with a network ACL or a route table
	gatewaysByAssociation = index{"gateways_by_association"}    // association with a route table
	vpcsByMainAssociation = index{"vpcs_by_main_association"}   // association of the main route table
)

func keysBySubnet(t *tx, _ string, v networkInterface) []key {
	if v.SubnetID == "" {
		return nil
	}
	var keys []key
	for _, address := range v.addresses() {
		keys = append(keys, key{v.SubnetID, address.String()})
	}
	return keys
}

func keysByPrefix(_ *tx, _ string, v networkInterface) []key {
	if v.SubnetID == "" {
		return nil
	}
	var keys []key
	for _, block := range slices.Concat(v.IPv4Prefixes, v.IPv6Prefixes) {
		keys = append(keys, key{v.SubnetID, block.String()})
	}
	return keys
}

// keysByBacking returns keys only for targets of this account. Targets of other accounts
// can have the same backing resource.
func keysByBacking(t *tx, _ string, v mirror.Target) []key {
	if v.OwnerID != t.account {
		return nil
	}
	return oneKey(v.Backing())
}

// keysByNetwork returns keys only for sessions of this account. Other accounts can use
// the same VNIs.
func keysByNetwork(t *tx, id string, v mirror.Session) []key {
	if v.OwnerID != t.account || v.VirtualNetworkID == nil {
		return nil
	}
	return oneKey(numberKey(*v.VirtualNetworkID), id)
}

func checkLoadedRule(t *tx, v mirror.Rule) error {
	if _, err := filters.need(t, v.FilterID); err != nil {
		return err
	}
	if err := checkRulePlace(t, v); err != nil {
		return err
	}
	return v.Validate().Err()
}

func checkLoadedSession(t *tx, v mirror.Session) error {
	if v.VirtualNetworkID == nil {
		return errors.New("it has no virtual_network_id")
	}
	if err := v.Validate().Err(); err != nil {
		return err
	}
	if v.OwnerID != t.account {
		_, err := targets.need(t, v.TargetID)
		return err
	}
	// Compared with itself, it has not changed: only the objects that it refers to are
	// checked.
	return checkSessionParts(t, v, v)
}
