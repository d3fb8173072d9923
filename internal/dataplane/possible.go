package dataplane

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// impossibility is why an interface cannot have received or sent a packet
// (assumption A0130).
type impossibility uint8

const (
	fromItself         impossibility = iota + 1 // received from one of its own addresses
	foreignSource                               // sent from an address that it does not have
	foreignDestination                          // received, and meant for another address
)

// ownership is what decides whether a packet is possible: whether all addresses of
// a family are known, and whether EC2 checks sources and destinations.
type ownership struct{ ipv4, ipv6, checks bool }

// ownershipOf reads what is known of an interface. A list that is nil is unknown, and
// one that is empty says that there are none. If no address at all is known, nothing
// can be checked.
func ownershipOf(i mirror.Interface) ownership {
	ipv4 := i.PrivateIPAddress.IsValid() || i.PrivateIPAddresses != nil || i.IPv4Prefixes != nil
	ipv6 := i.IPv6Addresses != nil || i.IPv6Prefixes != nil
	known := i.PrivateIPAddress.IsValid() || len(i.PrivateIPAddresses)+len(i.IPv4Prefixes)+len(i.IPv6Addresses)+len(i.IPv6Prefixes) > 0
	return ownership{ipv4: known && ipv4, ipv6: known && ipv6, checks: i.ChecksSourceDest()}
}

func (o ownership) isKnown(kind packet.Kind) bool {
	if kind == packet.IPv4 {
		return o.ipv4
	}
	return o.ipv6
}

// impossible returns why the interface cannot have received or sent the packet, or 0.
// A direction that was found by addresses is always possible, so that only a stated
// one is asked about.
func (s *Source) impossible(p *packet.Packet, d mirror.Direction) impossibility {
	if !p.IsIP() || !s.ownership.isKnown(p.Kind) {
		return 0
	}
	ingress := d == mirror.Ingress
	switch {
	case ingress && s.own.has(p.Kind, p.Source):
		return fromItself
	case !s.ownership.checks:
		return 0
	case ingress && !s.own.has(p.Kind, p.Destination) && !passesCheck(p.DestinationAddr()):
		return foreignDestination
	case !ingress && !s.own.has(p.Kind, p.Source) && !passesCheck(p.SourceAddr()):
		return foreignSource
	}
	return 0
}

// passesCheck reports whether the source/destination check lets an address pass that
// EC2 has not given to the interface: one of many hosts, the link-local one that each
// interface with IPv6 has, and that of a host without an address.
func passesCheck(a netip.Addr) bool {
	return a.IsMulticast() || a == broadcast || a.Is6() && a.IsLinkLocalUnicast() || a.IsUnspecified()
}

var broadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// Impossible returns a problem if the interface cannot have received or sent the
// packet in this direction. The field is that of a packet in words.
func (s *Source) Impossible(p *packet.Packet, d mirror.Direction) mirror.Problems {
	problem := mirror.Problem{Kind: mirror.Invalid, Field: "source", With: []string{"direction", "destination"}}
	switch s.impossible(p, d) {
	case fromItself:
		problem.Wrong = fmt.Sprintf("is %s, which is an address of %s: it cannot receive a packet from itself", p.SourceAddr(), s.name())
		problem.Fix = `Write direction = "egress" if the interface sends the packet, or write the address of the sender as source.`
	case foreignSource:
		problem.Wrong = fmt.Sprintf("is %s, %s: its source/destination check is on, so that it sends nothing from another address", p.SourceAddr(), s.notOwned(p))
		problem.Fix = `Write an address of the interface as source, write direction = "ingress" if the interface receives the packet, or turn its source/destination check off.`
	case foreignDestination:
		problem.Field, problem.With[1] = "destination", "source"
		problem.Wrong = fmt.Sprintf("is %s, %s: its source/destination check is on, so that it receives nothing for another address", p.DestinationAddr(), s.notOwned(p))
		problem.Fix = "Write an address of the interface as destination (its private address instead of a public one), " +
			`write direction = "egress" if the interface sends the packet, or turn its source/destination check off.`
	default:
		return nil
	}
	return mirror.Problems{problem}
}

// name returns the ID of the interface for a message.
func (s *Source) name() string {
	if s.iface.ID == "" {
		return "the interface"
	}
	return s.iface.ID
}

// notOwned says that an address is not one of the interface, and which are.
func (s *Source) notOwned(p *packet.Packet) string {
	const most = 4
	version := "IPv4"
	if p.Kind == packet.IPv6 {
		version = "IPv6"
	}
	own := s.ownTexts(p.Kind)
	switch {
	case len(own) == 0:
		return fmt.Sprintf("and %s has no %s address", s.name(), version)
	case len(own) > most:
		own = append(own[:most], fmt.Sprintf("%d more", len(own)-most))
	}
	return fmt.Sprintf("which is not an address of %s (%s)", s.name(), strings.Join(own, ", "))
}

// ownTexts returns the addresses and the prefixes of the interface, each once.
func (s *Source) ownTexts(kind packet.Kind) []string {
	addresses, prefixes := append([]netip.Addr{s.iface.PrivateIPAddress}, s.iface.PrivateIPAddresses...), s.iface.IPv4Prefixes
	if kind == packet.IPv6 {
		addresses, prefixes = s.iface.IPv6Addresses, s.iface.IPv6Prefixes
	}
	var texts []string
	add := func(text string, isValid bool) {
		if isValid && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	for _, a := range addresses {
		add(a.String(), a.IsValid())
	}
	for _, prefix := range prefixes {
		add(prefix.String(), prefix.IsValid())
	}
	return texts
}
