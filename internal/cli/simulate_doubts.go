package cli

import (
	"fmt"
	"io"
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

const dnsPort = 53

// doubts is a simulation.Splitter that counts packets about which the configuration is probably
// wrong.
type doubts struct {
	iface mirror.Interface

	// dns counts packets of DNS to or from a private address. Rules decided about them, because
	// the resolvers of the VPC are not known.
	dns int64
}

func newDoubts(source *dataplane.Source) *doubts {
	return &doubts{iface: dataplane.FactsOf(source).Interface}
}

// Take implements simulation.Sink.
func (d *doubts) Take(p *simulation.Packet) error {
	switch p.Verdict.Reason {
	case dataplane.RuleAccepts, dataplane.RuleRejects, dataplane.NoRule:
		if d.mayBeAmazonDNS(&p.Decoded) {
			d.dns++
		}
	}
	return nil
}

func (d *doubts) mayBeAmazonDNS(p *packet.Packet) bool {
	switch {
	case d.iface.DNSResolverAddresses != nil || !p.HasPorts:
		return false
	case p.DestinationPort == dnsPort:
		return d.mayBeResolver(p.DestinationAddr())
	case p.SourcePort == dnsPort:
		return d.mayBeResolver(p.SourceAddr())
	}
	return false
}

// mayBeResolver reports whether an address can be that of the Route 53 Resolver in a VPC.
func (d *doubts) mayBeResolver(a netip.Addr) bool {
	return a.IsPrivate() && a != d.iface.PrivateIPAddress && !slices.Contains(d.iface.PrivateIPAddresses, a) && !slices.Contains(d.iface.IPv6Addresses, a)
}

// Close implements simulation.Sink.
func (d *doubts) Close() error { return nil }

// Split implements simulation.Splitter.
func (d *doubts) Split() simulation.Splitter { return &doubts{iface: d.iface} }

// Join implements simulation.Splitter.
func (d *doubts) Join(part simulation.Splitter) error {
	d.dns += part.(*doubts).dns
	return nil
}

// warn says what is probably wrong in the file that describes the interface.
func (d *doubts) warn(to io.Writer, file string, s dataplane.Summary) {
	if unknown := s.NotMirrored[dataplane.DirectionUnknown]; 2*unknown > s.Packets {
		fmt.Fprintf(to, "Warning: %s: %s of %s packets are neither from nor to the addresses of the interface, so that nothing is known about them. "+
			"Correct the addresses, or use a capture of this interface.\n", file, wording.Grouped(unknown), wording.Grouped(s.Packets))
	}
	if d.dns > 0 {
		fmt.Fprintf(to, "Warning: %s: rules decided about %s of DNS to or from a private address, because interface.dns_resolver_addresses is missing. "+
			"Write the addresses of the VPC's resolver, or [] if the interface does not use it.\n", file, wording.Count(d.dns, "packet"))
	}
}
