package dataplane

import (
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// linkLocalServices are those of package mirror, with a reason for each.
var linkLocalServices = func() (services []linkLocal) {
	reasons := map[mirror.InstanceService]Reason{
		mirror.InstanceMetadata: InstanceMetadata, mirror.AmazonTimeService: AmazonTimeService, mirror.WindowsActivation: WindowsActivation,
	}
	for _, s := range mirror.LinkLocalServices {
		services = append(services, linkLocal{s.Address, reasons[s.Service]})
	}
	return services
}()

type linkLocal struct {
	addr   netip.Addr
	reason Reason
}

// All link-local services are in these two ranges. So nearly every packet needs
// only one comparison.
const (
	linkLocal4 = 169<<24 | 254<<16 | 169<<8 // 169.254.169.0/24
	linkLocal6 = 0xfd00_0ec2 << 32          // fd00:ec2::/64
)

func isLinkLocal(p *packet.Packet) bool {
	if p.Kind == packet.IPv4 {
		return p.Source.Low&^0xff == linkLocal4 || p.Destination.Low&^0xff == linkLocal4
	}
	return p.Source.High == linkLocal6 || p.Destination.High == linkLocal6
}

// neverMirrored returns why EC2 never mirrors the packet, or 0
// (https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-network-limitations.html).
func neverMirrored(p *packet.Packet) Reason {
	switch {
	case p.Kind == packet.ARP:
		return ARP
	case !p.IsIP():
		return 0
	case isDHCP(p):
		return DHCP
	case isLinkLocal(p):
		return linkLocalService(p)
	}
	return 0
}

func isDHCP(p *packet.Packet) bool {
	if p.Protocol != packet.ProtocolUDP || !p.HasPorts {
		return false
	}
	server, client := uint16(mirror.DHCPServerPort), uint16(mirror.DHCPClientPort)
	if p.Kind == packet.IPv6 {
		server, client = mirror.DHCPv6ServerPort, mirror.DHCPv6ClientPort
	}
	return (p.SourcePort == server || p.SourcePort == client) &&
		(p.DestinationPort == server || p.DestinationPort == client)
}

func linkLocalService(p *packet.Packet) Reason {
	source, destination := p.SourceAddr(), p.DestinationAddr()
	for _, s := range linkLocalServices {
		if s.addr == source || s.addr == destination {
			return s.reason
		}
	}
	return 0
}

// AWS names NTP and Windows activation, but does not document how it recognizes
// them.
func neverAssumption(r Reason) Assumption {
	if r == AmazonTimeService || r == WindowsActivation {
		return neverMirroredByAddress
	}
	return 0
}

// isAmazonDNS reports whether the packet goes to or comes from port 53 of the
// Route 53 Resolver, which has these addresses.
func (s *addressSet) isAmazonDNS(p *packet.Packet) bool {
	const domain = mirror.DNSPort
	if !p.HasPorts || (p.SourcePort != domain && p.DestinationPort != domain) {
		return false
	}
	return p.DestinationPort == domain && s.has(p.Kind, p.Destination) ||
		p.SourcePort == domain && s.has(p.Kind, p.Source)
}

// addressSet is a set of a few addresses and prefixes. IPv4 addresses have only the low
// half.
type addressSet struct {
	ipv4                 []uint64
	ipv6                 []packet.Address
	prefixes4, prefixes6 []addressPrefix
}

type addressPrefix struct{ address, mask packet.Address }

func (s *addressSet) add(addrs ...netip.Addr) {
	for _, a := range addrs {
		switch {
		case !a.IsValid():
		case a.Is4() && !slices.Contains(s.ipv4, packet.AddressOf(a).Low):
			s.ipv4 = append(s.ipv4, packet.AddressOf(a).Low)
		case a.Is6():
			s.ipv6 = append(s.ipv6, packet.AddressOf(a))
		}
	}
}

func (s *addressSet) addPrefixes(prefixes ...netip.Prefix) {
	for _, p := range prefixes {
		address := packet.AddressOf(p.Addr())
		switch {
		case !p.IsValid():
		case p.Addr().Is4():
			s.prefixes4 = append(s.prefixes4, addressPrefix{address, packet.Address{Low: uint64(mask4(p.Bits()))}})
		default:
			s.prefixes6 = append(s.prefixes6, addressPrefix{address, mask6(p.Bits())})
		}
	}
}

func (s *addressSet) has(kind packet.Kind, a packet.Address) bool {
	if kind == packet.IPv4 {
		return slices.Contains(s.ipv4, a.Low) || len(s.prefixes4) > 0 && hasPrefix(s.prefixes4, a)
	}
	return slices.Contains(s.ipv6, a) || len(s.prefixes6) > 0 && hasPrefix(s.prefixes6, a)
}

func hasPrefix(prefixes []addressPrefix, a packet.Address) bool {
	return slices.ContainsFunc(prefixes, func(p addressPrefix) bool {
		return (p.address.High^a.High)&p.mask.High|(p.address.Low^a.Low)&p.mask.Low == 0
	})
}
