// Package decapsulation turns copies back into the frames that the interface of the
// mirror source saw. Copies are VXLAN. Behind a Gateway Load Balancer they are VXLAN in
// GENEVE.
//
//	d := decapsulation.New(decapsulation.Options{})
//	for each record of a capture {
//		copied, reason := d.Decapsulate(&record)
//	}
//
// It opens no files and no sockets. It does not know the sessions: package verification
// compares copies with what sessions should do.
//
// https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-packet-formats.html
package decapsulation

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// Options say what is a copy.
type Options struct {
	Ports []uint16 // UDP ports of VXLAN; nil: 4789
	VNIs  []uint32 // nil: all
}

// A Copy is a copy of a packet, without the headers around it.
type Copy struct {
	VNI             uint32
	Source, Target  netip.Addr // of the IP header before VXLAN; not valid: unknown
	IsThroughGENEVE bool
	Frame           []byte // as far as it was captured; valid as long as the record
	Length          int    // of the frame in the copy; more than that of Frame if the capture of the copy is cut
}

// Decapsulator takes copies apart. It is not safe for concurrent use.
type Decapsulator struct {
	options Options
	p       packet.Packet
}

// New returns a decapsulator.
func New(options Options) *Decapsulator {
	if len(options.Ports) == 0 {
		options.Ports = []uint16{packet.VXLANPort}
	}
	return &Decapsulator{options: options}
}

// Lengths of headers in bytes.
const (
	udpHeaderLength = 8
	tunnelLength    = udpHeaderLength + packet.VXLANHeaderLength
)

// Decapsulate returns the copy in a packet, or why it has none. The reason is then not 0.
func (d *Decapsulator) Decapsulate(record *capture.Record) (Copy, Reason) {
	record.Decode(&d.p)
	return d.decapsulate()
}

func (d *Decapsulator) decapsulate() (Copy, Reason) {
	if reason := d.notUDP(); reason != 0 {
		return Copy{}, reason
	}
	if d.p.DestinationPort == packet.GENEVEPort && !d.isVXLAN() {
		tunnel, err := d.p.Unwrap()
		if err != nil {
			return Copy{}, d.broken(packet.GENEVEHeaderLength)
		}
		return d.inGENEVE(tunnel)
	}
	if !d.isVXLAN() {
		return Copy{}, OtherPort
	}
	return d.unwrap()
}

// inGENEVE returns the copy in a GENEVE tunnel. There it is VXLAN over UDP over IP.
func (d *Decapsulator) inGENEVE(tunnel packet.Tunnel) (Copy, Reason) {
	d.p.Decode(tunnel.Inner, tunnel.Link)
	if d.notUDP() != 0 || !d.isVXLAN() {
		return Copy{}, NoVXLAN
	}
	copied, reason := d.unwrap()
	copied.IsThroughGENEVE = true
	return copied, reason
}

// notUDP returns why the packet is no whole UDP packet, or 0.
func (d *Decapsulator) notUDP() Reason {
	switch p := &d.p; {
	case p.Kind == packet.UnknownLink || p.Kind == packet.CutOff:
		return CutOff
	case !p.IsIP():
		return NotIP
	case p.Protocol != packet.ProtocolUDP:
		return NotUDP
	case p.Fragment != packet.Whole:
		return Fragment
	case !p.HasPorts && p.Cut:
		return CutOff
	case !p.HasPorts:
		return TooShort
	}
	return 0
}

func (d *Decapsulator) isVXLAN() bool { return slices.Contains(d.options.Ports, d.p.DestinationPort) }

// unwrap reads the VXLAN header of the packet.
func (d *Decapsulator) unwrap() (Copy, Reason) {
	d.p.DestinationPort = packet.VXLANPort // the port that Unwrap knows
	tunnel, err := d.p.Unwrap()
	if err != nil {
		return Copy{}, d.broken(packet.VXLANHeaderLength)
	}
	if !d.wants(tunnel.VNI) {
		return Copy{}, OtherVNI
	}
	length := int(binary.BigEndian.Uint16(d.p.Data[d.p.TransportOffset+4:])) - tunnelLength
	return Copy{VNI: tunnel.VNI, Source: d.p.SourceAddr(), Target: d.p.DestinationAddr(), Frame: tunnel.Inner, Length: max(length, len(tunnel.Inner))}, 0
}

func (d *Decapsulator) wants(vni uint32) bool {
	return d.options.VNIs == nil || slices.Contains(d.options.VNIs, vni)
}

// broken returns why the tunnel headers of the packet could not be read.
func (d *Decapsulator) broken(header int) Reason {
	b := d.p.Data[d.p.TransportOffset : d.p.IPOffset+d.p.IPLength]
	switch {
	case len(b) < udpHeaderLength+header && d.p.Cut:
		return CutOff
	case len(b) < udpHeaderLength+header:
		return TooShort
	case header == packet.GENEVEHeaderLength && d.p.DestinationPort == packet.GENEVEPort:
		return BadGENEVE
	case int(binary.BigEndian.Uint16(b[4:])) != len(b) && !d.p.Cut:
		return BadLength
	}
	return BadFlags
}

// DecapsulateDatagram returns the copy in a UDP datagram that a socket has received. The
// datagram begins with the VXLAN header, or with the GENEVE header. Target is the socket.
func (d *Decapsulator) DecapsulateDatagram(datagram []byte, source netip.Addr, target netip.AddrPort) (Copy, Reason) {
	const flagVNI = 0x08
	switch {
	case target.Port() == packet.GENEVEPort || packet.IsGENEVE(datagram):
		return d.geneveDatagram(datagram)
	case len(datagram) < packet.VXLANHeaderLength:
		return Copy{}, TooShort
	case datagram[0]&flagVNI == 0:
		return Copy{}, BadFlags
	}
	vni := binary.BigEndian.Uint32(datagram[4:]) >> 8
	if !d.wants(vni) {
		return Copy{}, OtherVNI
	}
	frame := datagram[packet.VXLANHeaderLength:]
	return Copy{VNI: vni, Source: source.Unmap(), Target: target.Addr().Unmap(), Frame: frame, Length: len(frame)}, 0
}

func (d *Decapsulator) geneveDatagram(datagram []byte) (Copy, Reason) {
	if len(datagram) < packet.GENEVEHeaderLength {
		return Copy{}, TooShort
	}
	tunnel, err := packet.UnwrapGENEVE(datagram)
	if err != nil {
		return Copy{}, BadGENEVE
	}
	return d.inGENEVE(tunnel)
}
