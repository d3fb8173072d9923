package emulator

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

func needBalancerARN(q *query.Query) string {
	return needBalancingARN(q, "LoadBalancerArn", balancerResource)
}

// deleteLoadBalancer deletes a load balancer with its listeners and network interfaces. A target of
// Traffic Mirroring on it stays. One that does not exist is deleted already.
func deleteLoadBalancer(q *query.Query) operation {
	arn := needBalancerARN(q)
	return func(t *tx, _ *query.Writer) error {
		v, ok := loadBalancers.get(t, arn)
		switch {
		case !ok:
			return t.err
		case v.attribute(deletionProtection) == "true":
			return query.Refuse("OperationNotPermitted", "Load balancer '%s' cannot be deleted because deletion protection is enabled", arn)
		}
		for id, service := range endpointServices.all(t, "") {
			if slices.Contains(service.balancers(), arn) {
				return query.Refuse("ResourceInUse", "Load balancer '%s' cannot be deleted because it is currently associated with the endpoint service %s", arn, id)
			}
		}
		for _, id := range listenersByBalancer.idsBelow(t, arn) {
			listeners.del(t, id)
		}
		for _, z := range v.Zones {
			interfaces.del(t, z.InterfaceID)
		}
		loadBalancers.del(t, arn)
		return t.err
	}
}

// setSubnets puts a load balancer into other subnets. A Gateway Load Balancer leaves none.
func setSubnets(q *query.Query) operation {
	arn, zones := needBalancerARN(q), readZones(q)
	addressType := readOneOf(q, "IpAddressType", ipv4Only, dualStack)
	sourceNAT := readOneOf(q, "EnablePrefixForIpv6SourceNat", "on", "off")
	return func(t *tx, x *query.Writer) error {
		v, err := needBalancer(t, arn)
		if err != nil {
			return err
		}
		v.IPAddressType = cmp.Or(addressType, v.IPAddressType)
		v.SourceNAT = cmp.Or(sourceNAT, v.SourceNAT)
		if err := v.refuseZones(zones); err != nil {
			return err
		}
		if err := placeBalancer(t, &v, zones); err != nil {
			return err
		}
		if err := setAddressType(t, &v, zones); err != nil {
			return err
		}
		loadBalancers.put(t, arn, v)
		writeBalancerZones(x, v)
		x.Text("IpAddressType", v.IPAddressType)
		if v.Type == mirror.NetworkBalancer {
			x.Text("EnablePrefixForIpv6SourceNat", v.sourceNAT())
		}
		return t.err
	}
}

// refuseZones returns the error for subnets that the load balancer cannot change to.
func (v loadBalancer) refuseZones(zones []wantedZone) error {
	w := wantedBalancer{loadBalancer: v, zones: zones}
	if err := w.refuseKind(); err != nil {
		return err
	}
	for _, known := range v.Zones {
		i := slices.IndexFunc(zones, func(z wantedZone) bool { return z.subnetID == known.SubnetID })
		switch {
		case i < 0 && v.Type == mirror.GatewayBalancer:
			return query.Refuse("InvalidConfigurationRequest", "A Gateway Load Balancer cannot leave the subnet '%s'. Name all of its subnets.", known.SubnetID)
		case i >= 0 && zones[i].address.IsValid() && zones[i].address != known.Address:
			return query.Refuse("InvalidConfigurationRequest", "The address of a load balancer in the subnet '%s' cannot change. It is %s.", known.SubnetID, known.Address)
		}
	}
	return nil
}

// setAddressType gives the network interfaces of a load balancer the addresses of its IP address
// type. With dualstack, UDP needs source NAT with a prefix
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-listeners.html).
func setAddressType(t *tx, v *loadBalancer, zones []wantedZone) error {
	if _, err := checkZones(t, *v, zones); err != nil {
		return err
	}
	for _, id := range listenersByBalancer.idsBelow(t, v.ARN) {
		l, _ := listeners.get(t, id)
		if err := v.refuseDatagrams(l.Protocol); err != nil {
			return err
		}
	}
	v.Zones = slices.Clone(v.Zones)
	for n, z := range v.Zones {
		i := slices.IndexFunc(zones, func(w wantedZone) bool { return w.subnetID == z.SubnetID })
		if err := setBalancerIPv6(t, *v, z, zones[i].ipv6); err != nil {
			return err
		}
		switch chosen := &v.Zones[n].ChosenIPv6; {
		case v.IPAddressType != dualStack:
			*chosen = netip.Addr{}
		case zones[i].ipv6.IsValid():
			*chosen = zones[i].ipv6
		}
	}
	return nil
}

// refuseDatagrams returns the error for a listener of a protocol that the IP address type excludes.
func (v loadBalancer) refuseDatagrams(protocol string) error {
	if v.IPAddressType == dualStack && v.sourceNAT() == "off" && (protocol == "UDP" || protocol == "TCP_UDP") {
		return query.Refuse("InvalidConfigurationRequest", "A load balancer with the IP address type dualstack can have a listener with the protocol %s only if EnablePrefixForIpv6SourceNat is on", protocol)
	}
	return nil
}

func setIPAddressType(q *query.Query) operation {
	arn := needBalancerARN(q)
	q.NeedText("IpAddressType")
	addressType := readOneOf(q, "IpAddressType", ipv4Only, dualStack)
	return func(t *tx, x *query.Writer) error {
		v, err := needBalancer(t, arn)
		if err != nil {
			return err
		}
		v.IPAddressType = addressType
		var zones []wantedZone
		for _, z := range v.Zones {
			zones = append(zones, wantedZone{subnetID: z.SubnetID})
		}
		if err := setAddressType(t, &v, zones); err != nil {
			return err
		}
		loadBalancers.put(t, arn, v)
		x.Text("IpAddressType", v.IPAddressType)
		return t.err
	}
}

// setSecurityGroups replaces the security groups of a Network Load Balancer that was created with
// some
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html).
func setSecurityGroups(q *query.Query) operation {
	arn, groups := needBalancerARN(q), readSecurityGroups(q)
	rules := readOneOf(q, "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic", "on", "off")
	return func(t *tx, x *query.Writer) error {
		v, err := needBalancer(t, arn)
		if err != nil {
			return err
		}
		switch {
		case v.Type == mirror.GatewayBalancer:
			return query.Refuse("InvalidConfigurationRequest", "SetSecurityGroups is not supported for load balancers with type 'gateway'")
		case len(v.SecurityGroups) == 0:
			return query.Refuse("InvalidConfigurationRequest", "The load balancer was created without security groups, and cannot have any")
		case len(groups) == 0:
			return query.Refuse("InvalidConfigurationRequest", "You cannot remove all security groups of the load balancer. Name at least one.")
		}
		v.SecurityGroups, v.PrivateLinkRules = groups, cmp.Or(rules, v.PrivateLinkRules)
		if err := checkBalancerGroups(t, v); err != nil {
			return err
		}
		for _, z := range v.Zones {
			i, _ := interfaces.get(t, z.InterfaceID)
			i.GroupIDs = groups
			putInterface(t, i)
		}
		loadBalancers.put(t, arn, v)
		x.Texts("SecurityGroupIds", groups)
		x.Text("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic", v.privateLinkRules())
		return t.err
	}
}

// describeCapacity answers that no capacity is reserved.
func describeCapacity(q *query.Query) operation {
	arn := needBalancerARN(q)
	return func(t *tx, x *query.Writer) error {
		v, err := needBalancer(t, arn)
		switch {
		case err != nil:
			return err
		case v.Type == mirror.GatewayBalancer:
			return query.Refuse("OperationNotPermitted", "Capacity reservation is not supported for load balancers with type 'gateway'")
		}
		x.In("CapacityReservationState", func() {})
		return nil
	}
}
