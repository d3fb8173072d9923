package emulator

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// loadFullBalancers loads the load balancers in full of a topology into the Region of their ARNs.
func loadFullBalancers(t *tx, f *topology.File) {
	for _, v := range f.LoadBalancers {
		if strings.Split(v.ARN, ":")[3] == t.region {
			loadFullBalancer(t, v)
		}
	}
}

// loadFullBalancer loads a load balancer in full. What it leaves out stays as it is, or is unknown.
func loadFullBalancer(t *tx, v mirror.LoadBalancer) {
	known, _ := loadBalancers.get(t, v.ARN)
	before := known
	wanted, listed := v.Listeners, v.Listeners != nil
	addTags(t, v.ARN, v.Tags)
	v.Tags, v.Listeners = nil, nil
	keepBalancer(&v, known.LoadBalancer)
	known.LoadBalancer, known.TargetGroups = v, nil
	known.complete()
	known.UnknownListeners = !listed && (before.ARN == "" || before.UnknownListeners)
	known.Zones = slices.Clone(known.Zones)
	for i := range known.Zones {
		placeZone(t, known, &known.Zones[i])
	}
	if len(known.Zones) > 0 && known.VPCID == "" {
		in, _ := subnets.get(t, known.Zones[0].SubnetID)
		known.VPCID = in.VPCID
	}
	for _, z := range before.Zones {
		stays := slices.ContainsFunc(known.Zones, func(now mirror.LoadBalancerZone) bool { return now.InterfaceID == z.InterfaceID })
		if !stays {
			interfaces.del(t, z.InterfaceID)
		}
	}
	loadBalancers.put(t, v.ARN, known)
	if listed {
		loadListeners(t, v.ARN, wanted)
	}
}

// keepBalancer takes what a topology leaves out of a load balancer from what is known of it.
func keepBalancer(v *mirror.LoadBalancer, known mirror.LoadBalancer) {
	v.Scheme, v.State, v.VPCID = cmp.Or(v.Scheme, known.Scheme), cmp.Or(v.State, known.State), cmp.Or(v.VPCID, known.VPCID)
	v.IPAddressType = cmp.Or(v.IPAddressType, known.IPAddressType)
	if v.CrossZone == nil {
		v.CrossZone = known.CrossZone
	}
	if v.Zones == nil {
		v.Zones = known.Zones
	}
	if v.SecurityGroups == nil {
		v.SecurityGroups = known.SecurityGroups
	}
	if v.Attributes == nil {
		v.Attributes = known.Attributes
	}
}

// complete adds what follows from the ARN, and what most load balancers have.
func (v *loadBalancer) complete() {
	v.Type = mirror.NetworkBalancer
	path, isNetwork := strings.CutPrefix(v.path(), balancerPrefixes[mirror.NetworkBalancer]+"/")
	if !isNetwork {
		v.Type = mirror.GatewayBalancer
		path = strings.TrimPrefix(path, balancerPrefixes[mirror.GatewayBalancer]+"/")
	}
	v.Name, _, _ = strings.Cut(path, "/")
	v.State, v.IPAddressType = cmp.Or(v.State, balancerActive), cmp.Or(v.IPAddressType, ipv4Only)
}

// placeZone completes a zone of a topology, and makes its network interface unless the topology has
// it. An address that neither has stays unknown.
func placeZone(t *tx, v loadBalancer, z *mirror.LoadBalancerZone) {
	given, _ := interfaces.get(t, z.InterfaceID)
	z.SubnetID = cmp.Or(z.SubnetID, given.SubnetID)
	if in, ok := subnets.get(t, z.SubnetID); ok && z.Zone == "" {
		z.Zone = in.zone(t)
	}
	z.Address = cmp.Or(z.Address, z.ChosenIPv4)
	z.InterfaceID = cmp.Or(z.InterfaceID, hiddenInterface(v.ARN+" "+z.SubnetID+z.Zone))
	if known, ok := interfaces.get(t, z.InterfaceID); ok {
		if !z.Address.IsValid() {
			z.Address = known.PrivateIPAddress
		}
		if known.PrivateIPAddress == z.Address {
			return
		}
	}
	made := mirror.Interface{ID: z.InterfaceID, SubnetID: z.SubnetID, PrivateIPAddress: z.Address}
	if z.ChosenIPv6.IsValid() {
		made.IPv6Addresses = []netip.Addr{z.ChosenIPv6}
	}
	putBalancerInterface(t, v, networkInterface{Interface: made, GroupIDs: groupList(v.SecurityGroups)})
}

// loadListeners loads the listeners of a load balancer. Those that a topology listed before, and this
// one does not, are removed, and so are others on the same port.
func loadListeners(t *tx, balancer string, wanted []mirror.Listener) {
	ports := map[int]bool{}
	for _, l := range wanted {
		ports[l.Port] = true
	}
	for _, id := range listenersByBalancer.idsBelow(t, balancer) {
		if known, _ := listeners.get(t, id); known.Listed || ports[known.Port] {
			delUnlessListed(t, id, balancer, wanted)
		}
	}
	for _, l := range wanted {
		l.ARN = listedARN(balancer, l)
		addTags(t, l.ARN, l.Tags)
		l.Tags = nil
		if l.Protocol == geneve {
			l.Protocol = ""
		}
		known, _ := listeners.get(t, l.ARN)
		if l.Attributes == nil {
			l.Attributes = known.Attributes
		}
		known.Listener, known.LoadBalancerARN, known.Listed, known.Weights = l, balancer, true, nil
		listeners.put(t, l.ARN, known)
	}
}

// listedARN returns the ARN of a listener of a topology, which may leave it out.
func listedARN(balancer string, l mirror.Listener) string {
	return cmp.Or(l.ARN, listenerARN(balancer, derivedID("", balancer+numberKey(l.Port))[1:]))
}

func delUnlessListed(t *tx, id, balancer string, wanted []mirror.Listener) {
	if !slices.ContainsFunc(wanted, func(l mirror.Listener) bool { return listedARN(balancer, l) == id }) {
		listeners.del(t, id)
	}
}
