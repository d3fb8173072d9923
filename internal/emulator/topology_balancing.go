package emulator

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// loadBalancing loads the load balancers, target groups and endpoint services of a topology.
func loadBalancing(t *tx, f *topology.File) {
	loadTargetGroups(t, f)
	loadFullBalancers(t, f)
	loadEndpointServices(t, f)
}

// loadLoadBalancer loads the short form of a load balancer.
func loadLoadBalancer(t *tx, v topology.NetworkLoadBalancer) {
	putShortForm(t, loadBalancer{
		LoadBalancer: mirror.LoadBalancer{ARN: v.ARN}, SubnetID: v.SubnetID, IPAddress: v.IPAddress,
		UDPListeners: v.UDPListeners, Appliances: v.Appliances,
	})
}

// rewriteShortForms rewrites the load balancers that a program before has stored in their short form.
func rewriteShortForms(t *tx) {
	var old []loadBalancer
	for _, v := range loadBalancers.all(t, "") {
		if v.Type == "" {
			old = append(old, v)
		}
	}
	for _, v := range old {
		putShortForm(t, v)
	}
}

// putShortForm stores the load balancer, the listeners and the target group that a short form
// stands for.
func putShortForm(t *tx, v loadBalancer) {
	known, _ := loadBalancers.get(t, v.ARN)
	known.SubnetID, known.IPAddress, known.UDPListeners, known.Appliances = "", netip.Addr{}, nil, nil
	name, _, _ := strings.Cut(strings.TrimPrefix(v.path(), "net/"), "/")
	known.ARN, known.Name, known.Type, known.State = v.ARN, name, mirror.NetworkBalancer, balancerActive
	known.IPAddressType = ipv4Only
	in, _ := subnets.get(t, v.SubnetID)
	known.VPCID = in.VPCID
	z := mirror.LoadBalancerZone{SubnetID: v.SubnetID, InterfaceID: hiddenInterface(v.ARN), Address: v.IPAddress}
	if v.SubnetID != "" {
		z.Zone = in.zone(t)
	}
	known.Zones = []mirror.LoadBalancerZone{z}
	known.UnknownListeners = v.UDPListeners == nil
	group := putShortGroup(t, v, known)
	known.TargetGroups = nil
	if len(v.UDPListeners) == 0 {
		known.TargetGroups = []string{group}
	}
	loadBalancers.put(t, v.ARN, known)
	if v.UDPListeners != nil {
		var wanted []mirror.Listener
		for _, port := range v.UDPListeners {
			wanted = append(wanted, mirror.Listener{Protocol: onUDP, Port: port, TargetGroups: []string{group}})
		}
		loadListeners(t, v.ARN, wanted)
	}
	i := networkInterface{Interface: mirror.Interface{ID: z.InterfaceID, SubnetID: v.SubnetID, PrivateIPAddress: v.IPAddress}}
	putBalancerInterface(t, known, i)
}

// putShortGroup stores the target group that has the appliances of a short form, and returns its ARN.
func putShortGroup(t *tx, v, known loadBalancer) string {
	port := mirror.CopyPort
	if len(v.UDPListeners) > 0 && !slices.Contains(v.UDPListeners, port) {
		port = v.UDPListeners[0]
	}
	id := derivedID("", v.ARN)[1:]
	name := "topology-" + id
	group := targetGroup{TargetGroup: mirror.TargetGroup{
		ARN:  balancingARN(t, groupResource+"/"+name+"/"+id),
		Name: name, Protocol: "UDP", Port: port, TargetType: "ip", VPCID: known.VPCID, IPAddressType: ipv4Only,
		HealthCheck: mirror.HealthCheck{
			Protocol: "TCP", Port: "traffic-port", IntervalSeconds: 30, TimeoutSeconds: 10, HealthyThreshold: 5, UnhealthyThreshold: 2,
		},
	}}
	if v.Appliances != nil {
		group.Targets = []mirror.RegisteredTarget{}
	}
	for _, a := range v.Appliances {
		group.Targets = append(group.Targets, mirror.RegisteredTarget{ID: a.IPAddress.String(), Address: a.IPAddress, Zone: everyZone, Port: port, Health: mirror.TargetHealthy})
	}
	targetGroups.put(t, group.ARN, group)
	return group.ARN
}
