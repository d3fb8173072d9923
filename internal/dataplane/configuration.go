package dataplane

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Configuration identifies everything on which verdicts depend, apart from the packets. A text in
// it is a digest of a part. Descriptions, tags and IDs of sessions, targets and filters are not in
// it.
type Configuration struct {
	Direction              mirror.Direction       `json:"direction"` // that was given for all packets; "": each packet shows its own
	RejectStops            bool                   `json:"reject_stops"`
	EncapsulationAllowance int                    `json:"encapsulation_allowance"`
	Interface              string                 `json:"interface"`
	Sessions               []SessionConfiguration `json:"sessions"` // by session number
}

// SessionConfiguration identifies a session.
type SessionConfiguration struct {
	SessionNumber    int    `json:"session_number"`
	PacketLength     *int   `json:"packet_length"`      // nil: not set
	VirtualNetworkID int    `json:"virtual_network_id"` // as in the copies
	Target           string `json:"target"`
	AmazonDNS        bool   `json:"amazon_dns"` // a network service of the filter
	IngressRules     string `json:"ingress_rules"`
	EgressRules      string `json:"egress_rules"`
}

// Configuration returns the configuration of a run whose packets all have the direction, or show
// their own if it is "".
func (s *Source) Configuration(direction mirror.Direction) Configuration {
	i := s.own.iface
	c := Configuration{
		Direction: direction, RejectStops: s.options.RejectStops, EncapsulationAllowance: s.options.EncapsulationAllowance,
		Interface: digest(func(w io.Writer) {
			// A list that is nil is unknown, and differs from an empty one.
			fmt.Fprintf(w, "%s %s %s %#v %t", i.ID, i.MACAddress, i.PrivateIPAddress, []bool{
				i.PrivateIPAddresses == nil, i.IPv6Addresses == nil, i.IPv4Prefixes == nil, i.IPv6Prefixes == nil,
			}, i.ChecksSourceDest())
			fmt.Fprint(w, i.PrivateIPAddresses, i.IPv6Addresses, i.IPv4Prefixes, i.IPv6Prefixes, i.DNSResolverAddresses)
		}),
		Sessions: []SessionConfiguration{},
	}
	for n, given := range s.given {
		t := given.Target
		c.Sessions = append(c.Sessions, SessionConfiguration{
			SessionNumber: given.Number, PacketLength: given.PacketLength, VirtualNetworkID: int(s.sessions[n].vni),
			Target: digest(func(w io.Writer) {
				fmt.Fprint(w, t.Type, t.Address, t.MTU, " ", t.State, t.Gone, t.UDPListeners == nil, t.Appliances == nil, t.UDPListeners, t.Appliances, " ",
					s.sessions[n].lost, s.sessions[n].unknown, s.sessions[n].target.Appliances)
				if c := &s.sessions[n]; len(c.ports) > 0 || c.sticky {
					fmt.Fprint(w, " ", c.ports, c.sticky)
				}
			}),
			AmazonDNS:    s.sessions[n].dns,
			IngressRules: digest(given.writeRules(mirror.Ingress)),
			EgressRules:  digest(given.writeRules(mirror.Egress)),
		})
	}
	return c
}

// writeRules writes what the rules of a direction match and do.
func (s *Session) writeRules(direction mirror.Direction) func(io.Writer) {
	return func(w io.Writer) {
		for _, r := range s.Filter.InDirection(direction) {
			fmt.Fprint(w, r.Number, " ", r.Action, " ", r.SourceCIDR.Masked(), " ", r.DestinationCIDR.Masked())
			if r.Protocol != nil {
				fmt.Fprint(w, " protocol ", int(*r.Protocol))
			}
			if p := r.SourcePorts; p != nil {
				fmt.Fprint(w, " from ", p.From, "-", p.To)
			}
			if p := r.DestinationPorts; p != nil {
				fmt.Fprint(w, " to ", p.From, "-", p.To)
			}
			fmt.Fprintln(w)
		}
	}
}

// digest returns the first half of the SHA-256 of what is written, in hexadecimal.
func digest(write func(io.Writer)) string {
	hash := sha256.New()
	write(hash)
	return hex.EncodeToString(hash.Sum(nil)[:sha256.Size/2])
}

// Difference says what differs in another configuration, or returns "". "It" is the other: "it has
// other ingress rules in session 1".
func (c Configuration) Difference(other Configuration) string {
	switch {
	case c.Direction != other.Direction:
		return fmt.Sprintf("its direction is %q in place of %q", other.Direction, c.Direction)
	case c.RejectStops != other.RejectStops:
		return fmt.Sprintf("its --reject-stops is %t in place of %t", other.RejectStops, c.RejectStops)
	case c.EncapsulationAllowance != other.EncapsulationAllowance:
		return fmt.Sprintf("its --encapsulation-allowance is %d in place of %d", other.EncapsulationAllowance, c.EncapsulationAllowance)
	case c.Interface != other.Interface:
		return "it is of another interface, or knows other addresses of it. Summaries are of one interface; flow tables of several can be merged"
	}
	for i := range max(len(c.Sessions), len(other.Sessions)) {
		switch {
		case i == len(other.Sessions):
			return fmt.Sprintf("it lacks session %d", c.Sessions[i].SessionNumber)
		case i == len(c.Sessions):
			return fmt.Sprintf("it also has session %d", other.Sessions[i].SessionNumber)
		}
		if difference := c.Sessions[i].difference(other.Sessions[i]); difference != "" {
			return difference
		}
	}
	return ""
}

func (s SessionConfiguration) difference(other SessionConfiguration) string {
	in := func(what string) string { return fmt.Sprintf("it has %s in session %d", what, s.SessionNumber) }
	switch {
	case s.SessionNumber != other.SessionNumber:
		return fmt.Sprintf("it has session %d in place of session %d", other.SessionNumber, s.SessionNumber)
	case s.VirtualNetworkID != other.VirtualNetworkID:
		return in(fmt.Sprintf("the virtual network ID %d in place of %d", other.VirtualNetworkID, s.VirtualNetworkID))
	case textOf(s.PacketLength) != textOf(other.PacketLength):
		return in(fmt.Sprintf("%s as packet length in place of %s", textOf(other.PacketLength), textOf(s.PacketLength)))
	case s.Target != other.Target:
		return in("another target, or knows other facts of it,")
	case s.AmazonDNS != other.AmazonDNS:
		return in("other network services")
	case s.IngressRules != other.IngressRules:
		return in("other ingress rules")
	case s.EgressRules != other.EgressRules:
		return in("other egress rules")
	}
	return ""
}

func textOf(length *int) string {
	if length == nil {
		return "none"
	}
	return fmt.Sprint(*length)
}
