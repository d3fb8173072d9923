package simulation

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// selector is a Where that can be asked about packets. It allocates nothing.
type selector struct {
	direction           mirror.Direction // "": any
	isIP                bool             // fits only IP packets
	protocol            int              // -1: any, as the ports
	source, destination block
	sourcePort          int
	destinationPort     int
}

// block is the addresses of a prefix.
type block struct {
	kind   packet.Kind // IPv4 or IPv6; 0: any address
	prefix packet.Address
	mask   packet.Address
}

// compile returns the selector, or the problems because of which no packet can be selected.
func (w *Where) compile() (selector, mirror.Problems) {
	s := selector{direction: mirror.Direction(w.Direction), protocol: -1, sourcePort: -1, destinationPort: -1}
	var ps mirror.Problems
	if w.Direction != "" {
		ps = s.direction.Check("direction")
	}
	if w.Protocol != "" {
		protocol, problems := parseProtocol(w.Protocol)
		s.protocol, s.isIP = int(protocol), true
		ps = append(ps, problems...)
	}
	ps = append(ps, w.compileAddresses(&s)...)
	ps = append(ps, compilePort("source_port", w.SourcePort, &s.sourcePort)...)
	ps = append(ps, compilePort("destination_port", w.DestinationPort, &s.destinationPort)...)
	if ps == nil && s.protocol >= 0 && !mirror.Protocol(s.protocol).HasPorts() && (w.SourcePort != nil || w.DestinationPort != nil) {
		ps = mirror.Problems{{
			Kind: mirror.Conflict, Field: "protocol", With: []string{"source_port", "destination_port"},
			Wrong: fmt.Sprintf("is %q, which has no ports", w.Protocol), Fix: "Remove the ports, or write tcp or udp.",
		}}
	}
	s.isIP = s.isIP || s.source.kind != 0 || s.destination.kind != 0
	return s, ps
}

func (w *Where) compileAddresses(s *selector) mirror.Problems {
	var ps mirror.Problems
	for _, address := range []struct {
		field, text string
		to          *block
	}{{"source", w.Source, &s.source}, {"destination", w.Destination, &s.destination}} {
		if address.text == "" {
			continue
		}
		prefix, problems := parsePrefix(address.field, address.text)
		if problems == nil {
			*address.to = blockOf(prefix)
		}
		ps = append(ps, problems...)
	}
	if s.source.kind != 0 && s.destination.kind != 0 && s.source.kind != s.destination.kind {
		ps = append(ps, mirror.Problem{
			Kind: mirror.Conflict, Field: "destination", With: []string{"source"},
			Wrong: fmt.Sprintf("is %s, of another address family than source, %s", w.Destination, w.Source), Fix: "Write both as IPv4 or both as IPv6.",
		})
	}
	return ps
}

func compilePort(field string, value *int64, to *int) mirror.Problems {
	var port *uint16
	problems := parsePort(field, value, &port)
	if port != nil {
		*to = int(*port)
	}
	return problems
}

func blockOf(prefix netip.Prefix) block {
	addr := prefix.Addr()
	b := block{packet.IPv6, packet.AddressOf(addr), packet.Address{}}
	bits := prefix.Bits()
	if addr.Is4() {
		b.kind, bits = packet.IPv4, bits+96
	}
	b.mask = packet.Address{High: highBits(min(bits, 64)), Low: highBits(max(bits-64, 0))}
	return b
}

// highBits returns a number whose first n bits are set.
func highBits(n int) uint64 { return ^(^uint64(0) >> n) }

func (b *block) has(kind packet.Kind, a packet.Address) bool {
	return b.kind == 0 || b.kind == kind && a.High&b.mask.High == b.prefix.High&b.mask.High && a.Low&b.mask.Low == b.prefix.Low&b.mask.Low
}

// fits reports whether a packet is in the set.
func (s *selector) fits(p *Packet) bool {
	d := &p.Decoded
	switch {
	case s.direction != "" && s.direction != p.Verdict.Direction:
		return false
	case s.isIP && (!d.IsIP() || s.protocol >= 0 && s.protocol != int(d.Protocol)):
		return false
	case (s.sourcePort >= 0 || s.destinationPort >= 0) && !d.HasPorts:
		return false
	case s.sourcePort >= 0 && s.sourcePort != int(d.SourcePort), s.destinationPort >= 0 && s.destinationPort != int(d.DestinationPort):
		return false
	}
	return s.source.has(d.Kind, d.Source) && s.destination.has(d.Kind, d.Destination)
}

// String writes the set as a configuration does: "{ destination_port = 22 }".
func (w *Where) String() string {
	var fields []string
	for _, f := range []struct{ name, value string }{
		{"direction", w.Direction}, {"protocol", w.Protocol}, {"source", w.Source}, {"destination", w.Destination},
	} {
		if f.value != "" {
			fields = append(fields, f.name+" = "+literal(f.value))
		}
	}
	if w.SourcePort != nil {
		fields = append(fields, fmt.Sprintf("source_port = %d", *w.SourcePort))
	}
	if w.DestinationPort != nil {
		fields = append(fields, fmt.Sprintf("destination_port = %d", *w.DestinationPort))
	}
	if fields == nil {
		return "{}"
	}
	return "{ " + strings.Join(fields, ", ") + " }"
}
