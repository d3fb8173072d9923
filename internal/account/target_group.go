package account

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// TargetGroups lists target groups of this account, in the order of their ARNs: those that exist
// of some ARNs, or all that Network and Gateway Load Balancers can use. Each has its targets with
// their health, its attributes and its tags. What the credentials may not read is unknown. If they
// may not list target groups at all, the error is one of IsDenied.
func (a *Account) TargetGroups(ctx context.Context, arns ...string) ([]mirror.TargetGroup, error) {
	r := balancingReader{a, true}
	all, err := r.groups(ctx, arns)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	named := make([]string, len(all))
	for i, g := range all {
		named[i] = g.ARN
	}
	tags, isGone, err := r.tagsByARN(ctx, named)
	all = slices.DeleteFunc(all, func(g mirror.TargetGroup) bool { return isGone(g.ARN) })
	for i, g := range all {
		all[i].Tags = tags[g.ARN]
	}
	return all, err
}

// GroupsFor lists the target groups to which a listener for copies of a load balancer can forward,
// without their targets.
func (a *Account) GroupsFor(ctx context.Context, lb mirror.LoadBalancer) ([]mirror.TargetGroup, error) {
	listed, err := ask(ctx, balancingReader{a, true}, "DescribeTargetGroups", "", listGroups)
	if err != nil {
		return nil, err
	}
	all := []mirror.TargetGroup{}
	for _, g := range listed {
		if lb.CanForward(g) {
			all = append(all, g)
		}
	}
	return all, nil
}

// groups lists target groups with their targets and attributes.
func (r balancingReader) groups(ctx context.Context, arns []string) ([]mirror.TargetGroup, error) {
	listed, err := ask(ctx, r, "DescribeTargetGroups", "", listGroups)
	if err != nil {
		return nil, err
	}
	all := []mirror.TargetGroup{}
	for _, g := range listed {
		if slices.Contains(arns, g.ARN) || len(arns) == 0 && slices.Contains(balancedProtocols, g.Protocol) {
			all = append(all, g)
		}
	}
	all, err = forEach(ctx, all, r.addTargets)
	if err != nil {
		return nil, err
	}
	all, err = forEach(ctx, all, r.addGroupAttributes)
	if err != nil {
		return nil, err
	}
	return all, r.addAddresses(ctx, all)
}

// balancedProtocols are the protocols of the target groups of Network and Gateway Load Balancers.
var balancedProtocols = []string{"TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC", "GENEVE"}

func listGroups(ctx context.Context, api *balancing) ([]mirror.TargetGroup, error) {
	all, err := allPages(ctx, func(ctx context.Context, marker *string) ([]mirror.TargetGroup, *string, error) {
		out, err := api.describeGroups(ctx, &elb.DescribeTargetGroupsInput{Marker: marker, PageSize: aws.Int32(balancingPage)})
		if err != nil {
			return nil, nil, err
		}
		some := make([]mirror.TargetGroup, len(out.TargetGroups))
		for i, g := range out.TargetGroups {
			some[i] = targetGroupOf(g)
		}
		return some, out.NextMarker, nil
	})
	sort.Slice(all, func(i, j int) bool { return all[i].ARN < all[j].ARN })
	return all, err
}

func targetGroupOf(g types.TargetGroup) mirror.TargetGroup {
	noun := mirror.TargetGroup{
		ARN: aws.ToString(g.TargetGroupArn), Name: aws.ToString(g.TargetGroupName), Protocol: string(g.Protocol), Port: int(aws.ToInt32(g.Port)),
		TargetType: string(g.TargetType), VPCID: aws.ToString(g.VpcId), IPAddressType: string(g.IpAddressType), LoadBalancers: g.LoadBalancerArns,
		HealthCheck: mirror.HealthCheck{
			Protocol: string(g.HealthCheckProtocol), Port: aws.ToString(g.HealthCheckPort), Path: aws.ToString(g.HealthCheckPath),
			IntervalSeconds: int(aws.ToInt32(g.HealthCheckIntervalSeconds)), TimeoutSeconds: int(aws.ToInt32(g.HealthCheckTimeoutSeconds)),
			HealthyThreshold: int(aws.ToInt32(g.HealthyThresholdCount)), UnhealthyThreshold: int(aws.ToInt32(g.UnhealthyThresholdCount)),
		},
	}
	if g.Matcher != nil {
		noun.HealthCheck.Matcher = aws.ToString(g.Matcher.HttpCode)
	}
	return noun
}

// addTargets adds the registered targets with their health, in the order of their IDs.
func (r balancingReader) addTargets(ctx context.Context, g *mirror.TargetGroup) (partRead, error) {
	found, err := ask(ctx, r, "DescribeTargetHealth", g.ARN, func(ctx context.Context, api *balancing) ([]mirror.RegisteredTarget, error) {
		out, err := api.describeHealth(ctx, &elb.DescribeTargetHealthInput{TargetGroupArn: &g.ARN})
		if err != nil {
			return nil, err
		}
		all := []mirror.RegisteredTarget{}
		for _, t := range out.TargetHealthDescriptions {
			all = append(all, registeredOf(t))
		}
		sort.Slice(all, func(i, j int) bool {
			if all[i].ID == all[j].ID {
				return all[i].Port < all[j].Port
			}
			return all[i].ID < all[j].ID
		})
		return all, nil
	})
	if err == nil {
		g.Targets = slices.Clone(found)
	}
	return r.outcome(ctx, err, g.ARN)
}

func registeredOf(t types.TargetHealthDescription) mirror.RegisteredTarget {
	var noun mirror.RegisteredTarget
	if t.Target != nil {
		noun.ID, noun.Zone, noun.Port = aws.ToString(t.Target.Id), aws.ToString(t.Target.AvailabilityZone), int(aws.ToInt32(t.Target.Port))
	}
	if h := t.TargetHealth; h != nil {
		noun.Health, noun.Reason, noun.Description = string(h.State), string(h.Reason), aws.ToString(h.Description)
	}
	noun.Address, _ = netip.ParseAddr(noun.ID) // not valid: an instance or a load balancer
	return noun
}

// addGroupAttributes adds the attributes.
func (r balancingReader) addGroupAttributes(ctx context.Context, g *mirror.TargetGroup) (partRead, error) {
	found, err := ask(ctx, r, "DescribeTargetGroupAttributes", g.ARN, func(ctx context.Context, api *balancing) (map[string]string, error) {
		out, err := api.describeGroupAttributes(ctx, &elb.DescribeTargetGroupAttributesInput{TargetGroupArn: &g.ARN})
		if err != nil {
			return nil, err
		}
		all := map[string]string{}
		for _, a := range out.Attributes {
			all[aws.ToString(a.Key)] = aws.ToString(a.Value)
		}
		return all, nil
	})
	if err != nil {
		return r.outcome(ctx, err, g.ARN)
	}
	g.CrossZone = cmp.Or(found[crossZone], mirror.UseBalancerCrossZone) // groups with the protocol GENEVE have no such attribute
	g.Attributes = changedAttributes(found, groupDefaults, defaultsOf(*g))
	return partKnown, nil
}

// The values of the attributes of a new target group
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html).
// One that a field has is here with every value. defaultsOf has the others.
var groupDefaults = map[string][]string{
	crossZone: mirror.CrossZones,

	"deregistration_delay.timeout_seconds":                                           {"300"},
	"proxy_protocol_v2.enabled":                                                      {"false"},
	"send_tcp_reset.on_deregistration.enabled":                                       {"false"},
	"send_tcp_reset.on_unhealthy.enabled":                                            {"false"},
	"stickiness.enabled":                                                             {"false"},
	"stickiness.type":                                                                {"source_ip", "source_ip_dest_ip_proto"},
	"target_failover.on_deregistration":                                              {"no_rebalance"},
	"target_failover.on_unhealthy":                                                   {"no_rebalance"},
	"target_group_health.dns_failover.minimum_healthy_targets.count":                 {"1"},
	"target_group_health.dns_failover.minimum_healthy_targets.percentage":            {"off"},
	"target_group_health.unhealthy_state_routing.minimum_healthy_targets.count":      {"1"},
	"target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": {"off"},
	"target_health_state.unhealthy.draining_interval_seconds":                        {"0"},
}

// defaultsOf returns the defaults that depend on the protocol and the targets.
func defaultsOf(g mirror.TargetGroup) map[string][]string {
	isUDP := g.Protocol == "UDP" || g.Protocol == "TCP_UDP"
	isByAddress := g.TargetType == string(types.TargetTypeEnumIp)
	return map[string][]string{
		"deregistration_delay.connection_termination.enabled":          {strconv.FormatBool(isUDP)},
		"preserve_client_ip.enabled":                                   {strconv.FormatBool(isUDP || !isByAddress)},
		"target_health_state.unhealthy.connection_termination.enabled": {strconv.FormatBool(!isUDP)},
	}
}

// addAddresses adds the addresses, interfaces and zones of registered targets, as far as EC2
// shows them.
func (r balancingReader) addAddresses(ctx context.Context, all []mirror.TargetGroup) error {
	var ids, addresses []string
	for _, g := range all {
		for _, t := range g.Targets {
			switch {
			case mirror.KindInstance.Is(t.ID):
				ids = append(ids, t.ID)
			case t.Address.Is4():
				addresses = append(addresses, t.ID)
			}
		}
	}
	instances, err := instancesByID(ctx, r, ids)
	if err != nil {
		return err
	}
	interfaces, err := interfacesOn(ctx, r, addresses)
	if err != nil {
		return err
	}
	for _, g := range all {
		for n := range g.Targets {
			t := &g.Targets[n]
			if i, isShown := instances[t.ID]; isShown && g.IPAddressType != string(types.TargetGroupIpAddressTypeEnumIpv6) {
				t.Address, t.InterfaceID = i.PrivateAddress, i.InterfaceID
				t.Zone = cmp.Or(t.Zone, i.Zone)
			}
			if i, isShown := interfaces[g.VPCID+" "+t.ID]; isShown {
				t.InterfaceID, t.Zone = i.ID, cmp.Or(t.Zone, i.Zone)
			}
		}
	}
	return nil
}

// instancesByID returns the instances that EC2 shows of some IDs.
func instancesByID(ctx context.Context, r balancingReader, ids []string) (map[string]Instance, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := listAll[Instance](ctx, r.Account, instanceSource, Where{instanceSource.idField, ids})
	if err != nil {
		return nil, unlessRefused(err)
	}
	all := map[string]Instance{}
	for _, i := range found {
		all[i.ID] = i
	}
	return all, nil
}

// interfacesOn returns the network interfaces that have some private IPv4 addresses, by the ID of
// the VPC and the address.
func interfacesOn(ctx context.Context, r balancingReader, addresses []string) (map[string]NetworkInterface, error) {
	if len(addresses) == 0 {
		return nil, nil
	}
	slices.Sort(addresses)
	addresses = slices.Compact(addresses)
	found, err := ask(ctx, r, "addresses", strings.Join(addresses, " "), func(ctx context.Context, _ *balancing) ([]NetworkInterface, error) {
		unshared := *r.Account
		unshared.options, unshared.watches = nil, nil
		return unshared.NetworkInterfaces(ctx, Where{"addresses.private-ip-address", addresses})
	})
	if r.isUnknown(ctx, err) || err != nil && unlessRefused(err) == nil {
		return nil, nil
	}
	all := map[string]NetworkInterface{}
	for _, i := range found {
		for _, address := range i.PrivateIPAddresses {
			all[i.VPCID+" "+address.String()] = i
		}
	}
	return all, err
}
