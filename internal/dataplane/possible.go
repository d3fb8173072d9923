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

// ownership is the addresses of an interface, and what decides whether a packet is
// possible: whether all addresses of a family are known, and whether EC2 checks sources
// and destinations.
type ownership struct {
	addressSet
	iface                    mirror.Interface // for messages
	knowsIPv4, knowsIPv6     bool
	checksSourceDestinations bool
}

// ownershipOf reads what is known of an interface. A list that is nil is unknown, and
// one that is empty says that there are none. If no address at all is known, nothing
// can be checked.
func ownershipOf(i mirror.Interface) ownership {
	o := ownership{iface: i, checksSourceDestinations: i.ChecksSourceDest()}
	o.add(i.PrivateIPAddress)
	o.add(i.PrivateIPAddresses...)
	o.add(i.IPv6Addresses...)
	o.addPrefixes(i.IPv4Prefixes...)
	o.addPrefixes(i.IPv6Prefixes...)
	hasAny := len(o.ipv4)+len(o.ipv6)+len(o.prefixes4)+len(o.prefixes6) > 0
	o.knowsIPv4 = hasAny && (i.PrivateIPAddress.IsValid() || i.PrivateIPAddresses != nil || i.IPv4Prefixes != nil)
	o.knowsIPv6 = hasAny && (i.IPv6Addresses != nil || i.IPv6Prefixes != nil)
	return o
}

// impossible returns why the interface cannot have received or sent the packet, or 0.
// A direction that was found by addresses is always possible, so that only a stated
// one is asked about.
func (o *ownership) impossible(p *packet.Packet, d mirror.Direction) impossibility {
	if p.Kind == packet.IPv4 && !o.knowsIPv4 || p.Kind == packet.IPv6 && !o.knowsIPv6 || !p.IsIP() {
		return 0
	}
	isReceived := d == mirror.Ingress
	switch {
	case isReceived && o.has(p.Kind, p.Source):
		return fromItself
	case !o.checksSourceDestinations:
		return 0
	case isReceived && !o.has(p.Kind, p.Destination) && !passesCheck(p.DestinationAddr()):
		return foreignDestination
	case !isReceived && !o.has(p.Kind, p.Source) && !passesCheck(p.SourceAddr()):
		return foreignSource
	}
	return 0
}

// passesCheck reports whether the source/destination check lets an address pass that
// EC2 has not given to the interface. It lets the address of many hosts pass, the
// link-local one of an interface with IPv6, and that of a host without an address.
func passesCheck(a netip.Addr) bool {
	return a.IsMulticast() || a == broadcast || a.Is6() && a.IsLinkLocalUnicast() || a.IsUnspecified()
}

var broadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// Impossible returns a problem if the interface cannot have received or sent the
// packet in this direction. The field is that of a packet in words.
func (s *Source) Impossible(p *packet.Packet, d mirror.Direction) mirror.Problems {
	return s.own.problems(p, d)
}

func (o *ownership) problems(p *packet.Packet, d mirror.Direction) mirror.Problems {
	problem := mirror.Problem{Kind: mirror.Invalid, Field: "source", With: []string{"direction", "destination"}}
	switch o.impossible(p, d) {
	case fromItself:
		problem.Wrong = fmt.Sprintf("is %s, which is an address of %s: it cannot receive a packet from itself", p.SourceAddr(), o.name())
		problem.Fix = `Write direction = "egress" if the interface sends the packet, or write the address of the sender as source.`
	case foreignSource:
		problem.Wrong = fmt.Sprintf("is %s, %s: its source/destination check is on, so that it sends nothing from another address", p.SourceAddr(), o.notOwned(p))
		problem.Fix = `Write an address of the interface as source, write direction = "ingress" if the interface receives the packet, or turn its source/destination check off.`
	case foreignDestination:
		problem.Field, problem.With[1] = "destination", "source"
		problem.Wrong = fmt.Sprintf("is %s, %s: its source/destination check is on, so that it receives nothing for another address", p.DestinationAddr(), o.notOwned(p))
		problem.Fix = "Write an address of the interface as destination (its private address instead of a public one), " +
			`write direction = "egress" if the interface sends the packet, or turn its source/destination check off.`
	default:
		return nil
	}
	return mirror.Problems{problem}
}

// name returns the ID of the interface for a message.
func (o *ownership) name() string {
	if o.iface.ID == "" {
		return "the interface"
	}
	return o.iface.ID
}

// notOwned says that an address is not one of the interface, and which are.
func (o *ownership) notOwned(p *packet.Packet) string {
	const most = 4
	version := "IPv4"
	if p.Kind == packet.IPv6 {
		version = "IPv6"
	}
	own := o.texts(p.Kind)
	switch {
	case len(own) == 0:
		return fmt.Sprintf("and %s has no %s address", o.name(), version)
	case len(own) > most:
		own = append(own[:most], fmt.Sprintf("%d more", len(own)-most))
	}
	return fmt.Sprintf("which is not an address of %s (%s)", o.name(), strings.Join(own, ", "))
}

// texts returns the addresses and the prefixes of the interface, each once.
func (o *ownership) texts(kind packet.Kind) []string {
	addresses, prefixes := append([]netip.Addr{o.iface.PrivateIPAddress}, o.iface.PrivateIPAddresses...), o.iface.IPv4Prefixes
	if kind == packet.IPv6 {
		addresses, prefixes = o.iface.IPv6Addresses, o.iface.IPv6Prefixes
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
