package mirror

import "net/netip"

// The ports of DHCP (RFC 2131, RFC 8415). A DHCP packet is UDP, and both of its ports are
// among those of its address family.
const (
	DHCPServerPort   = 67
	DHCPClientPort   = 68
	DHCPv6ClientPort = 546
	DHCPv6ServerPort = 547
)

// An InstanceService is a service that EC2 has at link-local addresses of each instance.
type InstanceService string

// The services of an instance whose traffic EC2 never mirrors.
const (
	InstanceMetadata  InstanceService = "instance metadata"
	AmazonTimeService InstanceService = "Amazon Time Sync Service"
	WindowsActivation InstanceService = "Windows activation"
)

// A LinkLocalService is an address of a service whose traffic EC2 never mirrors.
type LinkLocalService struct {
	Address netip.Addr
	Service InstanceService
}

// LinkLocalServices lists the addresses whose traffic EC2 never mirrors, in either direction
// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html#link-local-addresses).
// They are in 169.254.169.0/24 and fd00:ec2::/64.
var LinkLocalServices = []LinkLocalService{
	{netip.MustParseAddr("169.254.169.254"), InstanceMetadata},
	{netip.MustParseAddr("fd00:ec2::254"), InstanceMetadata},
	{netip.MustParseAddr("169.254.169.123"), AmazonTimeService},
	{netip.MustParseAddr("fd00:ec2::123"), AmazonTimeService},
	{netip.MustParseAddr("169.254.169.250"), WindowsActivation},
	{netip.MustParseAddr("169.254.169.251"), WindowsActivation},
}

// NeverMirrored returns the IP packets that EC2 never mirrors
// (https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-network-limitations.html).
// ARP, which it does not mirror either, is not IP.
func NeverMirrored() []Space {
	dhcp := func(every netip.Prefix, from, to int) Space {
		ports := &PortRange{From: from, To: to}
		return Space{Protocol: new(UDP), SourceCIDR: every, DestinationCIDR: every, SourcePorts: ports, DestinationPorts: ports}
	}
	spaces := []Space{
		dhcp(EveryIPv4, DHCPServerPort, DHCPClientPort), dhcp(EveryIPv6, DHCPv6ClientPort, DHCPv6ServerPort),
	}
	for _, s := range LinkLocalServices {
		only := netip.PrefixFrom(s.Address, s.Address.BitLen())
		spaces = append(spaces, Space{SourceCIDR: only}, Space{DestinationCIDR: only})
	}
	return spaces
}

// LinkLocalResolvers are the addresses of the Route 53 Resolver that every VPC has
// (https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html). A VPC has
// another one, which depends on its CIDR block.
var LinkLocalResolvers = []netip.Addr{netip.MustParseAddr("169.254.169.253"), netip.MustParseAddr("fd00:ec2::253")}

// DNSPort is the port of a DNS server (RFC 1035).
const DNSPort = 53

// AmazonDNSTraffic returns the packets to and from the DNS port of resolvers. The network
// service AmazonDNS of a filter decides about them, not its rules.
func AmazonDNSTraffic(resolvers ...netip.Addr) []Space {
	var spaces []Space
	port := &PortRange{From: DNSPort, To: DNSPort}
	for _, r := range resolvers {
		only := netip.PrefixFrom(r, r.BitLen())
		for _, p := range []Protocol{TCP, UDP} {
			spaces = append(spaces,
				Space{Protocol: new(p), DestinationCIDR: only, DestinationPorts: port}, Space{Protocol: new(p), SourceCIDR: only, SourcePorts: port})
		}
	}
	return spaces
}
