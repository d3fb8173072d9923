package topology

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// checkFullBalancers checks the load balancers in full. A load balancer is in one of the two
// lists.
func checkFullBalancers(f *File) error {
	first := map[string]string{}
	for i, v := range f.NetworkLoadBalancers {
		first[v.ARN] = fmt.Sprintf("network_load_balancers[%d]", i)
	}
	for i, v := range f.LoadBalancers {
		at := fmt.Sprintf("load_balancers[%d]", i)
		if before, twice := first[v.ARN]; twice {
			return fmt.Errorf("%s.arn is that of %s too: write each load balancer once", at, before)
		}
		first[v.ARN] = at
		if err := checkBalancer(at, f.AccountID, v); err != nil {
			return err
		}
	}
	return nil
}

// balancerTypes are the types of load balancer by the part of an ARN before the name.
var balancerTypes = map[string]mirror.LoadBalancerType{"net": mirror.NetworkBalancer, "gwy": mirror.GatewayBalancer}

// A balancerName is what an ARN of a load balancer says.
type balancerName struct {
	kind mirror.LoadBalancerType
	name string
	path string // net/NAME/ID
}

func parseBalancerARN(arn string) balancerName {
	_, path, _ := strings.Cut(arn, ":loadbalancer/")
	parts := strings.Split(path, "/")
	if len(parts) != 3 {
		return balancerName{}
	}
	return balancerName{balancerTypes[parts[0]], parts[1], path}
}

func checkBalancer(at, accountID string, v mirror.LoadBalancer) error {
	said := parseBalancerARN(v.ARN)
	if err := mirror.CheckAnyLoadBalancerARN(at+".arn", v.ARN).Err(); err != nil {
		return err
	}
	switch {
	case said.kind == "":
		return fmt.Errorf("%s.arn is %q, of a load balancer that cannot receive copies: write only load balancers of the types network and gateway", at, v.ARN)
	case strings.Split(v.ARN, ":")[4] != accountID:
		return fmt.Errorf("%s.arn is %q, of another account than %s, which the file is for: write a load balancer of that account, or another account_id", at, v.ARN, accountID)
	case v.Type != "" && v.Type != said.kind:
		return fmt.Errorf("%s.type is %q: write %q as the ARN says, or leave it out", at, v.Type, said.kind)
	case v.Name != "" && v.Name != said.name:
		return fmt.Errorf("%s.name is %q: write %q as the ARN says, or leave it out", at, v.Name, said.name)
	case v.Attributes[crossZoneKey] != "":
		return fmt.Errorf("%s.attributes has %s: write it as cross_zone", at, crossZoneKey)
	}
	return cmp.Or(
		checkWord(at+".scheme", v.Scheme, "internal", "internet-facing"),
		checkWord(at+".ip_address_type", v.IPAddressType, "ipv4", "dualstack"),
		checkWord(at+".state", v.State, "active", "provisioning", "active_impaired", "failed"),
		checkReference(at+".vpc_id", mirror.KindVPC, v.VPCID),
		checkBalancerGroups(at, said.kind, v.SecurityGroups), checkBalancerZones(at, v), checkListeners(at, v), checkTagsAt(at+".tags", v.Tags),
	)
}

const crossZoneKey = "load_balancing.cross_zone.enabled"

// checkWord refuses a text that is not in a list. An empty one is unknown.
func checkWord(at, text string, words ...string) error {
	if text == "" || slices.Contains(words, text) {
		return nil
	}
	return fmt.Errorf("%s is %q: write one of %s", at, text, strings.Join(words, ", "))
}

func checkTagsAt(at string, tags map[string]string) error {
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		if key == "" {
			return fmt.Errorf("%s has an empty key: write a name", at)
		}
	}
	return nil
}

func checkBalancerGroups(at string, of mirror.LoadBalancerType, ids []string) error {
	if of == mirror.GatewayBalancer && len(ids) > 0 {
		return fmt.Errorf("%s.security_groups is there, and a Gateway Load Balancer has none: leave it out", at)
	}
	for i, id := range ids {
		if err := mirror.KindGroup.Check(fmt.Sprintf("%s.security_groups[%d]", at, i), id).Err(); err != nil {
			return err
		}
	}
	return nil
}

// checkBalancerZones checks the zones. A load balancer has one subnet in each.
func checkBalancerZones(at string, v mirror.LoadBalancer) error {
	zones, subnets := map[string]string{}, map[string]string{}
	for i, z := range v.Zones {
		place := fmt.Sprintf("%s.zones[%d]", at, i)
		err := cmp.Or(
			checkReference(place+".subnet_id", mirror.KindSubnet, z.SubnetID),
			checkReference(place+".network_interface_id", mirror.KindInterface, z.InterfaceID),
			checkFamily(place+".ip_address", z.Address, true),
			checkFamily(place+".private_ipv4_address", z.ChosenIPv4, true),
			checkFamily(place+".ipv6_address", z.ChosenIPv6, false),
		)
		switch {
		case err != nil:
			return err
		case z.SubnetID == "" && z.Zone == "" && z.InterfaceID == "":
			return fmt.Errorf("%s is empty: write its subnet_id", place)
		case z.ChosenIPv4.IsValid() && z.Address.IsValid() && z.ChosenIPv4 != z.Address:
			return fmt.Errorf("%s.private_ipv4_address is %s, and ip_address is %s: write the same, or leave one out", place, z.ChosenIPv4, z.Address)
		case z.Zone != "" && zones[z.Zone] != "":
			return fmt.Errorf("%s.availability_zone is %q, as is %s: a load balancer has one subnet in each Availability Zone", place, z.Zone, zones[z.Zone])
		case z.SubnetID != "" && subnets[z.SubnetID] != "":
			return fmt.Errorf("%s.subnet_id is %q, as is %s: write each subnet once", place, z.SubnetID, subnets[z.SubnetID])
		}
		zones[z.Zone], subnets[z.SubnetID] = place, place
	}
	return nil
}

// listenerProtocols are the protocols of listeners of Network Load Balancers.
var listenerProtocols = []string{"TCP", "TLS", "UDP", "TCP_UDP"}

func checkListeners(at string, v mirror.LoadBalancer) error {
	said := parseBalancerARN(v.ARN)
	taken, arns := map[int]string{}, map[string]string{}
	for i, l := range v.Listeners {
		place := fmt.Sprintf("%s.listeners[%d]", at, i)
		switch {
		case l.ARN != "" && !strings.Contains(l.ARN, ":listener/"+said.path+"/"):
			return fmt.Errorf("%s.arn is %q: write an ARN of a listener of %s, or leave it out", place, l.ARN, v.ARN)
		case arns[l.ARN] != "" && l.ARN != "":
			return fmt.Errorf("%s.arn is %q, as is %s: give each an ARN of its own", place, l.ARN, arns[l.ARN])
		case taken[l.Port] != "":
			return fmt.Errorf("%s.port is %d, as is %s: a load balancer has one listener on each port", place, l.Port, taken[l.Port])
		}
		taken[l.Port], arns[l.ARN] = place, place
		if err := cmp.Or(checkListenerPort(place, said.kind, l), checkTagsAt(place+".tags", l.Tags)); err != nil {
			return err
		}
		for j, group := range l.TargetGroups {
			if !strings.Contains(group, ":targetgroup/") {
				return fmt.Errorf("%s.target_groups[%d] is %q: write the ARN of a target group", place, j, group)
			}
		}
	}
	return nil
}

// checkListenerPort checks the protocol and the port. A listener of a Gateway Load Balancer takes
// every packet.
func checkListenerPort(at string, of mirror.LoadBalancerType, l mirror.Listener) error {
	switch {
	case of == mirror.GatewayBalancer && l.Protocol != "" && l.Protocol != "GENEVE":
		return fmt.Errorf("%s.protocol is %q, of a Gateway Load Balancer: leave it out", at, l.Protocol)
	case of == mirror.GatewayBalancer && l.Port != 0:
		return fmt.Errorf("%s.port is %d, of a Gateway Load Balancer: leave it out", at, l.Port)
	case of == mirror.GatewayBalancer:
		return nil
	case !slices.Contains(listenerProtocols, l.Protocol):
		return fmt.Errorf("%s.protocol is %q: write one of %s", at, l.Protocol, strings.Join(listenerProtocols, ", "))
	case !mirror.Ports.Contains(int64(l.Port)) || l.Port == 0:
		return fmt.Errorf("%s.port is %d: write a port from 1 to 65535", at, l.Port)
	}
	return nil
}
