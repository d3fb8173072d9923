package emulator

import (
	"errors"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// registry lists every collection. What exists, what can have tags, who owns an
// object, what a dump has and which buckets a Region has all follow from it. An object
// comes after the objects that it refers to, so that a dump can be loaded in order.
var registry = []registered{
	vpcs, subnets, instances, interfaces, endpoints, loadBalancers, targets, filters, rules, sessions, tags, tokens, counts,
}

// The kinds of object. The codes are those that clients of EC2 compare with; for
// Traffic Mirroring they are not the documented ones (A0020). The codes for malformed
// IDs are formed like those of other kinds (A0021).
var (
	vpcs = &collection[vpc]{
		bucket:   "vpcs",
		kind:     kind{mirror.KindVPC, "InvalidVpcID.Malformed", "InvalidVpcID.NotFound", "vpc"},
		idOf:     func(v vpc) string { return v.ID },
		taggable: true,
	}

	subnets = &collection[subnet]{
		bucket:   "subnets",
		kind:     kind{mirror.KindSubnet, "InvalidSubnetID.Malformed", "InvalidSubnetID.NotFound", "subnet"},
		idOf:     func(v subnet) string { return v.ID },
		taggable: true,
	}

	instances = &collection[topology.Instance]{
		bucket:   "instances",
		kind:     kind{mirror.KindInstance, "InvalidInstanceID.Malformed", "InvalidInstanceID.NotFound", "instance"},
		idOf:     func(v topology.Instance) string { return v.ID },
		taggable: true,
	}

	interfaces = &collection[networkInterface]{
		bucket:   "interfaces",
		kind:     kind{mirror.KindInterface, "InvalidNetworkInterfaceId.Malformed", "InvalidNetworkInterfaceID.NotFound", "networkInterface"},
		idOf:     func(v networkInterface) string { return v.ID },
		owner:    func(v networkInterface) string { return v.OwnerID },
		taggable: true,
		indexes:  []indexOf[networkInterface]{{interfacesBySubnet, (*tx).keysBySubnet}},
	}

	endpoints = &collection[gatewayEndpoint]{
		bucket:   "endpoints",
		kind:     kind{mirror.KindEndpoint, "InvalidVpcEndpointId.Malformed", "InvalidVpcEndpointId.NotFound", "Vpc Endpoint"},
		idOf:     func(v gatewayEndpoint) string { return v.ID },
		taggable: true,
	}

	// loadBalancers are named by their ARN, and exist only by the topology.
	loadBalancers = &collection[topology.NetworkLoadBalancer]{
		bucket: "load_balancers",
		kind:   kind{malformed: "InvalidNetworkLoadBalancerArn.Malformed", notFound: "InvalidNetworkLoadBalancerArn.NotFound", noun: "Network Load Balancer"},
		idOf:   func(v topology.NetworkLoadBalancer) string { return v.ARN },
	}

	targets = &collection[mirror.Target]{
		bucket:   "targets",
		kind:     kind{mirror.KindTarget, "InvalidTrafficMirrorTargetId.Malformed", "InvalidTrafficMirrorTargetId.NotFound", "traffic mirror target"},
		idOf:     func(v mirror.Target) string { return v.ID },
		owner:    func(v mirror.Target) string { return v.OwnerID },
		taggable: true,
		counted:  true,
		indexes:  []indexOf[mirror.Target]{{targetsByBacking, (*tx).keysByBacking}},
		check:    func(_ *tx, v mirror.Target) error { return v.Validate().Err() },
	}

	filters = &collection[mirror.Filter]{
		bucket:   "filters",
		kind:     kind{mirror.KindFilter, "InvalidTrafficMirrorFilterId.Malformed", "InvalidTrafficMirrorFilterId.NotFound", "traffic mirror filter"},
		idOf:     func(v mirror.Filter) string { return v.ID },
		taggable: true,
		counted:  true,
		check:    func(_ *tx, v mirror.Filter) error { return v.Validate().Err() },
	}

	rules = &collection[mirror.Rule]{
		bucket:   "rules",
		kind:     kind{mirror.KindFilterRule, "InvalidTrafficMirrorFilterRuleId.Malformed", "InvalidTrafficMirrorFilterRuleId.NotFound", "traffic mirror filter rule"},
		idOf:     func(v mirror.Rule) string { return v.ID },
		taggable: true,
		indexes: []indexOf[mirror.Rule]{
			{rulesByFilter, func(_ *tx, _ string, v mirror.Rule) []key {
				return oneKey(v.FilterID, string(v.Direction), numberKey(v.Number))
			}},
		},
		check: (*tx).checkLoadedRule,
	}

	sessions = &collection[mirror.Session]{
		bucket:   "sessions",
		kind:     kind{mirror.KindSession, "InvalidTrafficMirrorSessionId.Malformed", "InvalidTrafficMirrorSessionId.NotFound", "traffic mirror session"},
		idOf:     func(v mirror.Session) string { return v.ID },
		owner:    func(v mirror.Session) string { return v.OwnerID },
		taggable: true,
		counted:  true,
		indexes: []indexOf[mirror.Session]{
			{sessionsByInterface, func(_ *tx, id string, v mirror.Session) []key { return oneKey(v.InterfaceID, numberKey(v.Number), id) }},
			{sessionsByTarget, func(_ *tx, id string, v mirror.Session) []key { return oneKey(v.TargetID, v.InterfaceID, id) }},
			{sessionsByFilter, func(_ *tx, id string, v mirror.Session) []key { return oneKey(v.FilterID, id) }},
			{sessionsByNetwork, (*tx).keysByNetwork},
		},
		check: (*tx).checkLoadedSession,
	}
)

// What is stored beside the objects.
var (
	tags   = &collection[map[string]string]{bucket: "tags"} // by the ID of the object
	tokens = &collection[clientToken]{                      // by action and token
		bucket:  "client_tokens",
		indexes: []indexOf[clientToken]{{tokensByAge, func(_ *tx, id string, v clientToken) []key { return oneKey(ageKey(v.Created), id) }}},
	}
	counts = &collection[int]{bucket: "counts", derived: true} // of this account's objects, by bucket
)

// The indexes, with the parts of their keys. Each leads to an ID.
var (
	rulesByFilter       = index{"rules_by_filter"}       // filter, direction, number
	sessionsByInterface = index{"sessions_by_interface"} // interface, number, session
	sessionsByTarget    = index{"sessions_by_target"}    // target, interface, session
	sessionsByFilter    = index{"sessions_by_filter"}    // filter, session
	sessionsByNetwork   = index{"sessions_by_network"}   // VNI, session
	targetsByBacking    = index{"targets_by_backing"}    // ID or ARN of the backing resource
	interfacesBySubnet  = index{"interfaces_by_subnet"}  // subnet, address
	tokensByAge         = index{"client_tokens_by_age"}  // time, action, token
)

func (t *tx) keysBySubnet(_ string, v networkInterface) []key {
	if v.SubnetID == "" {
		return nil
	}
	var keys []key
	for _, address := range v.addresses() {
		keys = append(keys, key{v.SubnetID, address.String()})
	}
	return keys
}

// keysByBacking returns keys only for targets of this account. Targets of other accounts
// can have the same backing resource.
func (t *tx) keysByBacking(_ string, v mirror.Target) []key {
	if v.OwnerID != t.account {
		return nil
	}
	return oneKey(v.Backing())
}

// keysByNetwork returns keys only for sessions of this account. Other accounts can use
// the same VNIs.
func (t *tx) keysByNetwork(id string, v mirror.Session) []key {
	if v.OwnerID != t.account || v.VirtualNetworkID == nil {
		return nil
	}
	return oneKey(numberKey(*v.VirtualNetworkID), id)
}

func (t *tx) checkLoadedRule(v mirror.Rule) error {
	if _, err := filters.need(t, v.FilterID); err != nil {
		return err
	}
	if err := t.checkRulePlace(v); err != nil {
		return err
	}
	return v.Validate().Err()
}

func (t *tx) checkLoadedSession(v mirror.Session) error {
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
	return t.checkSessionParts(v, v)
}
