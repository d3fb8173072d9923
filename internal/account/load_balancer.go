package account

import (
	"context"
	"net/netip"
	"slices"
	"sort"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// LoadBalancers lists Network and Gateway Load Balancers of this account with their listeners,
// attributes, zones and tags, in the order of their ARNs: those that exist of some ARNs, or all.
// What the credentials may not read is unknown: no listeners, no CrossZone, no tags. If they may
// not list load balancers at all, the error is one of IsDenied.
func (a *Account) LoadBalancers(ctx context.Context, arns ...string) ([]mirror.LoadBalancer, error) {
	r := balancingReader{a, true}
	all, err := r.balancers(ctx, arns)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	if err := r.addZoneInterfaces(ctx, all, nil); err != nil {
		return nil, err
	}
	if err := addListenerAttributes(ctx, r, all); err != nil {
		return nil, err
	}
	return r.addBalancerTags(ctx, all)
}

// balancers lists load balancers with their listeners and attributes.
func (r balancingReader) balancers(ctx context.Context, arns []string) ([]mirror.LoadBalancer, error) {
	listed, err := ask(ctx, r, "DescribeLoadBalancers", "", listBalancers)
	if err != nil {
		return nil, err
	}
	all := []mirror.LoadBalancer{}
	for _, lb := range listed {
		if len(arns) > 0 && !slices.Contains(arns, lb.ARN) {
			continue
		}
		lb.Zones, lb.SecurityGroups = slices.Clone(lb.Zones), slices.Clone(lb.SecurityGroups)
		all = append(all, lb)
	}
	all, err = forEach(ctx, all, r.addListeners)
	if err != nil {
		return nil, err
	}
	return forEach(ctx, all, r.addBalancerAttributes)
}

// listBalancers lists the load balancers that can receive copies, as DescribeLoadBalancers shows
// them.
func listBalancers(ctx context.Context, api *balancing) ([]mirror.LoadBalancer, error) {
	all, err := allPages(ctx, func(ctx context.Context, marker *string) ([]mirror.LoadBalancer, *string, error) {
		out, err := api.describeBalancers(ctx, &elb.DescribeLoadBalancersInput{Marker: marker, PageSize: aws.Int32(balancingPage)})
		if err != nil {
			return nil, nil, err
		}
		var some []mirror.LoadBalancer
		for _, lb := range out.LoadBalancers {
			if lb.Type == types.LoadBalancerTypeEnumNetwork || lb.Type == types.LoadBalancerTypeEnumGateway {
				some = append(some, loadBalancerOf(lb))
			}
		}
		return some, out.NextMarker, nil
	})
	sort.Slice(all, func(i, j int) bool { return all[i].ARN < all[j].ARN })
	return all, err
}

func loadBalancerOf(lb types.LoadBalancer) mirror.LoadBalancer {
	noun := mirror.LoadBalancer{
		ARN: aws.ToString(lb.LoadBalancerArn), Name: aws.ToString(lb.LoadBalancerName), Type: mirror.LoadBalancerType(lb.Type),
		Scheme: string(lb.Scheme), VPCID: aws.ToString(lb.VpcId), IPAddressType: string(lb.IpAddressType), SecurityGroups: lb.SecurityGroups,
	}
	if lb.State != nil {
		noun.State = string(lb.State.Code)
	}
	for _, z := range lb.AvailabilityZones {
		noun.Zones = append(noun.Zones, zoneOf(z))
	}
	sort.Slice(noun.Zones, func(i, j int) bool { return noun.Zones[i].SubnetID < noun.Zones[j].SubnetID })
	return noun
}

func zoneOf(z types.AvailabilityZone) mirror.LoadBalancerZone {
	noun := mirror.LoadBalancerZone{Zone: aws.ToString(z.ZoneName), SubnetID: aws.ToString(z.SubnetId)}
	for _, chosen := range z.LoadBalancerAddresses {
		noun.ChosenIPv4, _ = netip.ParseAddr(aws.ToString(chosen.PrivateIPv4Address))
		noun.ChosenIPv6, _ = netip.ParseAddr(aws.ToString(chosen.IPv6Address))
	}
	return noun
}

// addListeners adds the listeners.
func (r balancingReader) addListeners(ctx context.Context, lb *mirror.LoadBalancer) (partRead, error) {
	found, err := ask(ctx, r, "DescribeListeners", lb.ARN, func(ctx context.Context, api *balancing) ([]mirror.Listener, error) {
		return allPages(ctx, func(ctx context.Context, marker *string) ([]mirror.Listener, *string, error) {
			out, err := api.describeListeners(ctx, &elb.DescribeListenersInput{LoadBalancerArn: &lb.ARN, Marker: marker, PageSize: aws.Int32(balancingPage)})
			if err != nil {
				return nil, nil, err
			}
			some := make([]mirror.Listener, len(out.Listeners))
			for i, l := range out.Listeners {
				some[i] = listenerOf(l)
			}
			return some, out.NextMarker, nil
		})
	})
	if err == nil {
		lb.Listeners = slices.Clone(found)
	}
	return r.outcome(ctx, err, lb.ARN)
}

func listenerOf(l types.Listener) mirror.Listener {
	noun := mirror.Listener{
		ARN: aws.ToString(l.ListenerArn), Protocol: string(l.Protocol), Port: int(aws.ToInt32(l.Port)), SecurityPolicy: aws.ToString(l.SslPolicy),
	}
	if len(l.Certificates) > 0 {
		noun.Certificate = aws.ToString(l.Certificates[0].CertificateArn)
	}
	if len(l.AlpnPolicy) > 0 {
		noun.ALPN = l.AlpnPolicy[0]
	}
	add := func(arn *string) {
		if aws.ToString(arn) != "" && !slices.Contains(noun.TargetGroups, *arn) {
			noun.TargetGroups = append(noun.TargetGroups, *arn)
		}
	}
	for _, action := range l.DefaultActions {
		if action.ForwardConfig == nil || len(action.ForwardConfig.TargetGroups) == 0 {
			add(action.TargetGroupArn)
			continue
		}
		for _, g := range action.ForwardConfig.TargetGroups { // that of TargetGroupArn too, with its weight
			if g.Weight == nil || *g.Weight > 0 { // weight 0: it gets nothing
				add(g.TargetGroupArn)
			}
		}
	}
	return noun
}

// addListenerAttributes adds the attributes of the listeners, and drops listeners that are gone. Those of TLS have no attributes, and Elastic
// Load Balancing refuses the question (A0230). What it refuses for another reason is unknown too.
func addListenerAttributes(ctx context.Context, r balancingReader, all []mirror.LoadBalancer) error {
	var listeners []mirror.Listener
	for _, lb := range all {
		listeners = append(listeners, lb.Listeners...)
	}
	left, err := forEach(ctx, listeners, r.addAttributesOf)
	byARN := map[string]mirror.Listener{}
	for _, l := range left {
		byARN[l.ARN] = l
	}
	for i, lb := range all {
		all[i].Listeners = slices.DeleteFunc(lb.Listeners, func(l mirror.Listener) bool { return byARN[l.ARN].ARN == "" })
		for n, l := range all[i].Listeners {
			all[i].Listeners[n] = byARN[l.ARN]
		}
	}
	return err
}

func (r balancingReader) addAttributesOf(ctx context.Context, l *mirror.Listener) (partRead, error) {
	if l.Protocol == string(types.ProtocolEnumTls) {
		l.Attributes = map[string]string{}
		return partKnown, nil
	}
	found, err := ask(ctx, r, "DescribeListenerAttributes", l.ARN, func(ctx context.Context, api *balancing) (map[string]string, error) {
		out, err := api.describeListenerAttributes(ctx, &elb.DescribeListenerAttributesInput{ListenerArn: &l.ARN})
		if err != nil {
			return nil, err
		}
		some := map[string]string{}
		for _, a := range out.Attributes {
			some[aws.ToString(a.Key)] = aws.ToString(a.Value)
		}
		return some, nil
	})
	if err == nil {
		l.Attributes = changedAttributes(found, listenerDefaults)
	}
	is, failed := r.outcome(ctx, err, l.ARN)
	if failed != nil && Code(failed) != "" && IsAnswered(failed) {
		return partUnknown, nil
	}
	return is, failed
}

// listenerDefaults are the values of the attributes of a new listener
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ListenerAttribute.html).
var listenerDefaults = map[string][]string{
	"send_tcp_reset.on_idle_timeout.enabled": {"false"},
	"tcp.idle_timeout.seconds":               {"350"},
}

// crossZone is the attribute of load balancers and of target groups.
const crossZone = "load_balancing.cross_zone.enabled"

// addBalancerAttributes adds the attributes.
func (r balancingReader) addBalancerAttributes(ctx context.Context, lb *mirror.LoadBalancer) (partRead, error) {
	found, err := ask(ctx, r, "DescribeLoadBalancerAttributes", lb.ARN, func(ctx context.Context, api *balancing) (map[string]string, error) {
		out, err := api.describeBalancerAttributes(ctx, &elb.DescribeLoadBalancerAttributesInput{LoadBalancerArn: &lb.ARN})
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
		return r.outcome(ctx, err, lb.ARN)
	}
	if on, invalid := strconv.ParseBool(found[crossZone]); invalid == nil {
		lb.CrossZone = &on
	}
	lb.Attributes = changedAttributes(found, balancerDefaults, map[string][]string{
		"ipv6.deny_all_igw_traffic": {strconv.FormatBool(lb.Scheme == string(types.LoadBalancerSchemeEnumInternal))},
	})
	return partKnown, nil
}

// balancerDefaults are the values of the attributes of a new load balancer
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html).
// One that a field has is here with every value.
var balancerDefaults = map[string][]string{
	crossZone: {"true", "false"},

	"access_logs.s3.enabled":                 {"false"},
	"deletion_protection.enabled":            {"false"},
	"dns_record.client_routing_policy":       {"any_availability_zone"},
	"secondary_ips.auto_assigned.per_subnet": {"0"},
	"zonal_shift.config.enabled":             {"false"},
}

// changedAttributes returns the attributes that have not their default value: an empty map if none has
// another one. An attribute with an empty value is not set.
func changedAttributes(all map[string]string, defaults ...map[string][]string) map[string]string {
	changed := map[string]string{}
	for key, value := range all {
		isDefault := slices.ContainsFunc(defaults, func(some map[string][]string) bool { return slices.Contains(some[key], value) })
		if value == "" || isDefault {
			continue
		}
		changed[key] = value
	}
	return changed
}

// addZoneInterfaces adds the network interface of each zone, as far as EC2 shows it. known are
// interfaces that were read before.
func (r balancingReader) addZoneInterfaces(ctx context.Context, all []mirror.LoadBalancer, known []mirror.Interface) error {
	var unread []string
	for _, lb := range all {
		description := mirror.LoadBalancerInterfaceDescription(lb.ARN)
		if !slices.ContainsFunc(known, func(i mirror.Interface) bool { return i.Description == description }) {
			unread = append(unread, description)
		}
	}
	if len(unread) > 0 {
		read, err := r.Interfaces(ctx, Where{withDescription, unread})
		if err = unlessRefused(err); err != nil {
			return err
		}
		known = slices.Concat(known, read)
	}
	for i := range all {
		addZones(&all[i], known)
	}
	return nil
}

// addZones adds to each zone of a load balancer its interface among others.
func addZones(lb *mirror.LoadBalancer, interfaces []mirror.Interface) {
	description := mirror.LoadBalancerInterfaceDescription(lb.ARN)
	for n := range lb.Zones {
		z := &lb.Zones[n]
		at := slices.IndexFunc(interfaces, func(i mirror.Interface) bool { return i.Description == description && i.SubnetID == z.SubnetID })
		if at >= 0 {
			z.InterfaceID, z.Address = interfaces[at].ID, addressOf(interfaces[at])
		}
	}
}

// addBalancerTags adds the tags of load balancers and their listeners. It drops those that are gone.
func (r balancingReader) addBalancerTags(ctx context.Context, all []mirror.LoadBalancer) ([]mirror.LoadBalancer, error) {
	var arns []string
	for _, lb := range all {
		arns = append(arns, lb.ARN)
		for _, l := range lb.Listeners {
			arns = append(arns, l.ARN)
		}
	}
	tags, isGone, err := r.tagsByARN(ctx, arns)
	all = slices.DeleteFunc(all, func(lb mirror.LoadBalancer) bool { return isGone(lb.ARN) })
	for i, lb := range all {
		all[i].Tags = tags[lb.ARN]
		all[i].Listeners = slices.DeleteFunc(lb.Listeners, func(l mirror.Listener) bool { return isGone(l.ARN) })
		for n, l := range all[i].Listeners {
			all[i].Listeners[n].Tags = tags[l.ARN]
		}
	}
	return all, err
}
