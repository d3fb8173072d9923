package path_test

import (
	"net/netip"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/path"
)

// The world of the tests: a source in 10.0.1.0/24, what receives its copies in 10.0.2.0/24, and
// appliances in 10.0.3.0/24 and 10.0.4.0/24.
const (
	vpc          = "vpc-00000000000000001"
	sourceSubnet = "subnet-00000000000000001"
	targetSubnet = "subnet-00000000000000002"
	zoneASubnet  = "subnet-00000000000000003"
	zoneBSubnet  = "subnet-00000000000000004"

	sourceID = "eni-00000000000000001"
	targetID = "eni-00000000000000002"
	tmt      = "tmt-00000000000000001"
	vpce     = "vpce-00000000000000001"

	sourceGroup    = "sg-00000000000000001"
	targetGroup    = "sg-00000000000000002"
	applianceGroup = "sg-00000000000000003"
	targetRule     = "sgr-00000000000000002"
	applianceRule  = "sgr-00000000000000003"

	sourceACL = "acl-00000000000000001"
	otherACL  = "acl-00000000000000002"
	table     = "rtb-00000000000000001"
	pcx       = "pcx-00000000000000001"

	balancerARN = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/sensors/0123456789abcdef"
	gatewayARN  = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/gwy/sensors/0123456789abcdef"
	listenerARN = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/net/sensors/0123456789abcdef/0000000000000001"
	groupARN    = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/sensors/0123456789abcdef"
)

func addr(text string) netip.Addr     { return netip.MustParseAddr(text) }
func prefix(text string) netip.Prefix { return netip.MustParsePrefix(text) }
func ptr[T any](v T) *T               { return &v }

func node(id, subnet, zone, address, instance string, groups ...string) path.Node {
	n := path.Node{
		Interface: mirror.Interface{ID: id, SubnetID: subnet, Type: "interface", PrivateIPAddress: addr(address), InstanceID: instance},
		VPCID:     vpc, Zone: zone, GroupIDs: groups,
	}
	if instance != "" {
		n.InstanceState, n.InstanceType = "running", "m5.large"
	}
	return n
}

func entry(number int, egress, allow bool, protocol int, cidr string, ports ...int) mirror.NetworkACLEntry {
	e := mirror.NetworkACLEntry{Number: number, Egress: egress, Allow: allow, Protocol: protocol, CIDR: prefix(cidr), FromPort: mirror.AnyPort, ToPort: mirror.AnyPort}
	if ports != nil {
		e.FromPort, e.ToPort = ports[0], ports[len(ports)-1]
	}
	return e
}

// openACL allows everything.
func openACL(id string, subnets ...string) mirror.NetworkACL {
	return mirror.NetworkACL{ID: id, VPCID: vpc, Subnets: subnets, Entries: []mirror.NetworkACLEntry{
		entry(100, false, true, mirror.AllProtocols, "0.0.0.0/0"), entry(100, true, true, mirror.AllProtocols, "0.0.0.0/0"),
		entry(32767, false, false, mirror.AllProtocols, "0.0.0.0/0"), entry(32767, true, false, mirror.AllProtocols, "0.0.0.0/0"),
	}}
}

func ingress(id, cidr string, protocol int, ports ...int) mirror.SecurityGroupRule {
	r := mirror.SecurityGroupRule{ID: id, Direction: mirror.Ingress, Protocol: protocol, FromPort: mirror.AnyPort, ToPort: mirror.AnyPort, CIDR: prefix(cidr)}
	if ports != nil {
		r.FromPort, r.ToPort = ports[0], ports[len(ports)-1]
	}
	return r
}

func securityGroup(id string, rules ...mirror.SecurityGroupRule) mirror.SecurityGroup {
	return mirror.SecurityGroup{ID: id, VPCID: vpc, Rules: rules}
}

func network() path.Network {
	return path.Network{
		Groups: []mirror.SecurityGroup{
			securityGroup(sourceGroup),
			securityGroup(targetGroup, ingress("sgr-00000000000000009", "0.0.0.0/0", 6, 22), ingress(targetRule, "10.0.0.0/16", 17, 4789)),
			securityGroup(applianceGroup, ingress(applianceRule, "10.0.0.0/16", 17, 4789, 6081)),
		},
		ACLs: []mirror.NetworkACL{openACL(sourceACL, sourceSubnet), openACL(otherACL, targetSubnet, zoneASubnet, zoneBSubnet)},
		Tables: []mirror.RouteTable{{ID: table, VPCID: vpc, Main: true, Routes: []mirror.Route{
			{Destination: prefix("10.0.0.0/16"), Target: mirror.LocalRoute, State: mirror.ActiveRoute},
			{Destination: prefix("0.0.0.0/0"), Target: "igw-00000000000000001", State: mirror.ActiveRoute},
		}}},
	}
}

// toInterface is a world in which copies go to a network interface.
func toInterface() path.Facts {
	return path.Facts{
		To: tmt, Source: node(sourceID, sourceSubnet, "eu-west-1a", "10.0.1.10", "i-00000000000000001", sourceGroup),
		Target:    mirror.Target{ID: tmt, InterfaceID: targetID},
		Backing:   mirror.Endpoint{Type: mirror.NetworkInterface, Address: addr("10.0.2.10"), MTU: 9001},
		Receivers: []path.Node{node(targetID, targetSubnet, "eu-west-1a", "10.0.2.10", "i-00000000000000002", targetGroup)},
		Network:   network(),
	}
}

// fleet is the part of a world that is behind a load balancer.
func fleet(f *path.Facts, lb mirror.LoadBalancer, group mirror.TargetGroup) {
	f.Appliances = nil
	f.Backing.UDPListeners, f.Backing.Appliances, f.Backing.TargetGroups, f.Backing.LoadBalancer = nil, nil, nil, nil
	f.Backing.SetLoadBalancer(lb, []mirror.TargetGroup{group})
	nodes := map[string]path.Node{
		"10.0.3.10": node("eni-00000000000000003", zoneASubnet, "eu-west-1a", "10.0.3.10", "i-00000000000000003", applianceGroup),
		"10.0.4.10": node("eni-00000000000000004", zoneBSubnet, "eu-west-1b", "10.0.4.10", "i-00000000000000004", applianceGroup),
	}
	for _, t := range group.Targets {
		f.Appliances = append(f.Appliances, path.Appliance{RegisteredTarget: t, GroupARN: group.ARN, Node: nodes[t.Address.String()]})
	}
}

func balancer() (mirror.LoadBalancer, mirror.TargetGroup) {
	return mirror.LoadBalancer{
			ARN: balancerARN, Type: mirror.NetworkBalancer, State: "active", VPCID: vpc, CrossZone: ptr(true),
			Zones:     []mirror.LoadBalancerZone{{Zone: "eu-west-1a", SubnetID: zoneASubnet}, {Zone: "eu-west-1b", SubnetID: zoneBSubnet}},
			Listeners: []mirror.Listener{{ARN: listenerARN, Protocol: "UDP", Port: 4789, TargetGroups: []string{groupARN}}},
		}, mirror.TargetGroup{
			CrossZone: mirror.UseBalancerCrossZone, ARN: groupARN, Protocol: "UDP", Port: 4789, TargetType: "instance", VPCID: vpc,
			Targets: []mirror.RegisteredTarget{
				{ID: "i-00000000000000003", Address: addr("10.0.3.10"), Zone: "eu-west-1a", Port: 4789, Health: mirror.TargetHealthy},
				{ID: "i-00000000000000004", Address: addr("10.0.4.10"), Zone: "eu-west-1b", Port: 4789, Health: mirror.TargetHealthy},
			},
		}
}

// toBalancer is a world in which copies go to a Network Load Balancer.
func toBalancer() path.Facts {
	f := toInterface()
	f.Target = mirror.Target{ID: tmt, LoadBalancerARN: balancerARN}
	f.Backing = mirror.Endpoint{Type: mirror.NetworkLoadBalancer, Address: addr("10.0.3.5")}
	f.Receivers = []path.Node{
		node("eni-00000000000000005", zoneASubnet, "eu-west-1a", "10.0.3.5", ""), node("eni-00000000000000006", zoneBSubnet, "eu-west-1b", "10.0.4.5", ""),
	}
	fleet(&f, first(balancer()), second(balancer()))
	return f
}

func first[A, B any](a A, _ B) A  { return a }
func second[A, B any](_ A, b B) B { return b }

// toGateway is a world in which copies go to a Gateway Load Balancer endpoint.
func toGateway() path.Facts {
	f := toInterface()
	f.Target = mirror.Target{ID: tmt, GatewayLoadBalancerEndpointID: vpce}
	f.Backing = mirror.Endpoint{Type: mirror.GatewayLoadBalancerEndpoint, Address: addr("10.0.2.9"), State: "available", Zone: "eu-west-1a"}
	f.Receivers = []path.Node{node("eni-00000000000000007", targetSubnet, "eu-west-1a", "10.0.2.9", "")}
	f.Service = &mirror.EndpointService{ID: "vpce-svc-00000000000000001", GatewayBalancers: []string{gatewayARN}}
	f.Nodes = []path.Node{node("eni-00000000000000008", zoneASubnet, "eu-west-1a", "10.0.3.7", ""), node("eni-00000000000000009", zoneBSubnet, "eu-west-1b", "10.0.4.7", "")}
	lb, group := balancer()
	lb.ARN, lb.Type, lb.Listeners = gatewayARN, mirror.GatewayBalancer, []mirror.Listener{{ARN: listenerARN, TargetGroups: []string{groupARN}}}
	group.Protocol, group.Port = "GENEVE", 6081
	for i := range group.Targets {
		group.Targets[i].Port = 6081
	}
	fleet(&f, lb, group)
	return f
}

// peered is a world in which the target is in another VPC.
func peered() path.Facts {
	f := toInterface()
	f.Receivers[0].VPCID, f.Receivers[0].PrivateIPAddress, f.Backing.Address = "vpc-00000000000000002", addr("10.9.2.10"), addr("10.9.2.10")
	f.Network.Tables[0].Routes = append(f.Network.Tables[0].Routes, mirror.Route{Destination: prefix("10.9.0.0/16"), Target: pcx, State: mirror.ActiveRoute})
	f.Network.Peerings = []mirror.PeeringConnection{{ID: pcx, State: "active", Requester: mirror.PeeredVPC{VPCID: vpc}, Accepter: mirror.PeeredVPC{VPCID: "vpc-00000000000000002"}}}
	return f
}
