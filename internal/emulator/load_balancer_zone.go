package emulator

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// placeBalancer puts a load balancer into subnets: into each one with a network interface of its own.
// It leaves those in which it is.
func placeBalancer(t *tx, v *loadBalancer, zones []wantedZone) error {
	vpcID, err := checkZones(t, *v, zones)
	if err != nil {
		return err
	}
	v.VPCID = vpcID
	if err := checkBalancerGroups(t, *v); err != nil {
		return err
	}
	before := v.Zones
	v.Zones = nil
	for _, wanted := range zones {
		i := slices.IndexFunc(before, func(z mirror.LoadBalancerZone) bool { return z.SubnetID == wanted.subnetID })
		if i >= 0 {
			v.Zones = append(v.Zones, before[i])
			continue
		}
		z, err := enterSubnet(t, *v, wanted)
		if err != nil {
			return err
		}
		v.Zones = append(v.Zones, z)
	}
	for _, z := range before {
		if !slices.Contains(v.Zones, z) {
			interfaces.del(t, z.InterfaceID)
		}
	}
	slices.SortFunc(v.Zones, func(a, b mirror.LoadBalancerZone) int { return strings.Compare(a.Zone+a.SubnetID, b.Zone+b.SubnetID) })
	return nil
}

// checkZones refuses subnets in which no load balancer can be together, and returns their VPC.
func checkZones(t *tx, v loadBalancer, zones []wantedZone) (vpcID string, err error) {
	vpcID = v.VPCID
	taken := map[string]string{}
	for _, z := range zones {
		in, ok := subnets.get(t, z.subnetID)
		switch first := taken[in.zone(t)]; {
		case !ok:
			return "", query.Refuse("SubnetNotFound", "The subnet ID '%s' does not exist", z.subnetID)
		case vpcID != "" && in.VPCID != vpcID:
			return "", query.Refuse("InvalidConfigurationRequest", "All subnets must belong to the same VPC: '%s' is in %s, not in %s", z.subnetID, in.VPCID, vpcID)
		case first != "":
			return "", query.Refuse("InvalidConfigurationRequest", "A load balancer cannot be attached to multiple subnets in the same Availability Zone: '%s' and '%s' are both in %s", first, z.subnetID, in.zone(t))
		case !in.CIDRBlock.IsValid():
			return "", query.Refuse("InvalidSubnet", "The subnet '%s' has no IPv4 addresses", z.subnetID)
		case v.IPAddressType == dualStack && !in.IPv6CIDRBlock.IsValid():
			return "", query.Refuse("InvalidSubnet", "The subnet '%s' has no IPv6 CIDR block, which the IP address type dualstack needs", z.subnetID)
		}
		taken[in.zone(t)], vpcID = z.subnetID, in.VPCID
	}
	return vpcID, t.err
}

// checkBalancerGroups refuses security groups that do not exist or are of another VPC.
func checkBalancerGroups(t *tx, v loadBalancer) error {
	for _, id := range v.SecurityGroups {
		group, ok := securityGroups.get(t, id)
		switch {
		case !ok:
			return query.Refuse("InvalidSecurityGroup", "The security group '%s' does not exist", id)
		case group.VPCID != v.VPCID:
			return query.Refuse("InvalidConfigurationRequest", "The security group '%s' is in %s, and the load balancer is in %s", id, group.VPCID, v.VPCID)
		}
	}
	return nil
}

// enterSubnet makes the network interface of a load balancer in a subnet. A Network Load Balancer
// needs some free addresses, unless the client chooses its address
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/availability-zones.html).
func enterSubnet(t *tx, v loadBalancer, wanted wantedZone) (mirror.LoadBalancerZone, error) {
	in, _ := subnets.get(t, wanted.subnetID) // checkZones has found it
	if v.Type == mirror.NetworkBalancer && !wanted.address.IsValid() && freeAddresses(t, in) < minFreeAddresses {
		return mirror.LoadBalancerZone{}, query.Refuse("InvalidSubnet", "Not enough IP space available in %s. ELB requires at least %d free IP addresses in each subnet.", in.ID, minFreeAddresses)
	}
	i, err := placeInterface(t, wantedInterface{networkInterface: networkInterface{
		Interface: mirror.Interface{SubnetID: in.ID, PrivateIPAddress: wanted.address}, GroupIDs: groupList(v.SecurityGroups),
	}})
	if err != nil {
		return mirror.LoadBalancerZone{}, err
	}
	putBalancerInterface(t, v, i)
	z := mirror.LoadBalancerZone{
		Zone: in.zone(t), SubnetID: in.ID, InterfaceID: i.ID, Address: i.PrivateIPAddress, ChosenIPv4: wanted.address, ChosenIPv6: wanted.ipv6,
	}
	return z, setBalancerIPv6(t, v, z, wanted.ipv6)
}

// groupList is not nil: an interface with a nil list gets the default group of its VPC.
func groupList(ids []string) []string { return append([]string{}, ids...) }

// interfaceTypes are the types of the network interfaces of load balancers
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterface.html).
var interfaceTypes = map[mirror.LoadBalancerType]string{
	mirror.NetworkBalancer: "network_load_balancer",
	mirror.GatewayBalancer: "gateway_load_balancer",
}

// putBalancerInterface stores an interface as one of a load balancer.
func putBalancerInterface(t *tx, v loadBalancer, i networkInterface) {
	i.Type, i.Description = interfaceTypes[v.Type], mirror.LoadBalancerInterfaceDescription(v.ARN)
	i.RequesterManaged, i.RequesterID = true, mirror.BalancingRequester
	i.AttachTime = v.Created
	putInterface(t, i)
}

// setBalancerIPv6 gives an interface an IPv6 address, or takes it away, as the IP address type of its
// load balancer says.
func setBalancerIPv6(t *tx, v loadBalancer, z mirror.LoadBalancerZone, wanted netip.Addr) error {
	i, ok := interfaces.get(t, z.InterfaceID)
	in, _ := subnets.get(t, z.SubnetID)
	switch {
	case !ok:
		return nil
	case v.IPAddressType != dualStack:
		i.IPv6Addresses = nil
	case len(i.IPv6Addresses) > 0 && !wanted.IsValid():
		return nil
	case wanted.IsValid():
		if err := checkAddresses(t, in, []netip.Addr{wanted}); err != nil {
			return err
		}
		i.IPv6Addresses = []netip.Addr{wanted}
	default:
		if _, err := addPicked(t, &i, in.IPv6CIDRBlock, 1); err != nil {
			return err
		}
	}
	putInterface(t, i)
	return nil
}
