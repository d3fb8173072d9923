package packet

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// TunnelProtocol is a protocol that carries a packet in a UDP packet.
type TunnelProtocol uint8

// The protocols that Unwrap reads.
const (
	VXLAN  TunnelProtocol = 1 + iota // RFC 7348
	GENEVE                           // RFC 8926
)

// String returns the name of the protocol.
func (p TunnelProtocol) String() string {
	switch p {
	case VXLAN:
		return "VXLAN"
	case GENEVE:
		return "GENEVE"
	}
	return fmt.Sprintf("TunnelProtocol(%d)", uint8(p))
}

// Tunnel is what a packet of a tunnel carries.
type Tunnel struct {
	Protocol TunnelProtocol
	VNI      uint32
	Inner    []byte         // a part of the Data of the outer packet; cut off if that is
	Link     LinkType       // of Inner: LinkEthernet, or LinkIPv4 or LinkIPv6 in GENEVE
	Options  []GENEVEOption // of GENEVE; their data are parts of Data
}

// ErrNoTunnel says that a packet does not carry another one: it is not UDP, or is
// sent to another port.
var ErrNoTunnel = errors.New("not a UDP packet to port 4789 (VXLAN) or 6081 (GENEVE)")

// errPart says that the rest of the datagram is in other packets.
var errPart = errors.New("a fragment: only a whole datagram can be unwrapped")

// Unwrap returns the packet in a VXLAN or GENEVE packet. The destination port says
// which protocol it is. The error is ErrNoTunnel itself if the packet is no packet
// of a tunnel. Any other error says what is wrong with the packet.
//
// Unwrap reads one level: the packet in the tunnel may be one of a tunnel again.
// Unwrap does not check UDP checksums. It allocates only for options.
func (p *Packet) Unwrap() (Tunnel, error) {
	if !p.IsIP() || p.Protocol != ProtocolUDP || !p.HasPorts || p.DestinationPort != VXLANPort && p.DestinationPort != GENEVEPort {
		return Tunnel{}, ErrNoTunnel
	}
	if p.Fragment != Whole {
		return Tunnel{}, errPart
	}
	b, err := datagram(p)
	if err != nil {
		return Tunnel{}, err
	}
	if p.DestinationPort == VXLANPort {
		return unwrapVXLAN(b)
	}
	return UnwrapGENEVE(b)
}

// datagram returns what is behind the UDP header.
func datagram(p *Packet) ([]byte, error) {
	b := p.Data[p.TransportOffset : p.IPOffset+p.IPLength]
	if len(b) < udpHeaderLength {
		return nil, errors.New("too short for a UDP header")
	}
	length := int(binary.BigEndian.Uint16(b[4:]))
	isCut := p.Cut && length > len(b)
	if length != len(b) && !isCut {
		return nil, fmt.Errorf("its UDP length is %d, and there are %d bytes", length, len(b))
	}
	return b[udpHeaderLength:], nil
}

func unwrapVXLAN(b []byte) (Tunnel, error) {
	if len(b) < VXLANHeaderLength {
		return Tunnel{}, errors.New("too short for a VXLAN header")
	}
	if b[0]&vxlanFlagVNI == 0 {
		return Tunnel{}, fmt.Errorf("its VXLAN flags are %#02x, without a VNI", b[0])
	}
	return Tunnel{Protocol: VXLAN, VNI: binary.BigEndian.Uint32(b[4:]) >> 8, Inner: b[VXLANHeaderLength:], Link: LinkEthernet}, nil
}

const (
	geneveControl     = 0x80   // in the second byte: a message between the ends of the tunnel
	etherTypeEthernet = 0x6558 // Transparent Ethernet Bridging
)

// IsGENEVE reports whether a datagram begins with a GENEVE header and not with one of VXLAN: where the
// one has the type of what it carries, the other has zeros.
func IsGENEVE(b []byte) bool {
	if len(b) < GENEVEHeaderLength || b[0]>>6 != 0 {
		return false
	}
	etherType := binary.BigEndian.Uint16(b[2:])
	return etherType == etherTypeEthernet || etherType == EtherTypeIPv4 || etherType == EtherTypeIPv6
}

// UnwrapGENEVE is Unwrap for a datagram that begins with a GENEVE header.
func UnwrapGENEVE(b []byte) (Tunnel, error) {
	if len(b) < GENEVEHeaderLength {
		return Tunnel{}, errors.New("too short for a GENEVE header")
	}
	header := GENEVEHeaderLength + int(b[0]&0x3f)*4
	switch {
	case b[0]>>6 != 0:
		return Tunnel{}, fmt.Errorf("version %d of GENEVE is not known, only 0", b[0]>>6)
	case b[1]&geneveControl != 0:
		return Tunnel{}, errors.New("a control packet of GENEVE")
	case len(b) < header:
		return Tunnel{}, errors.New("too short for its GENEVE options")
	}
	t := Tunnel{Protocol: GENEVE, VNI: binary.BigEndian.Uint32(b[4:]) >> 8, Inner: b[header:]}
	switch etherType := binary.BigEndian.Uint16(b[2:]); etherType {
	case etherTypeEthernet:
		t.Link = LinkEthernet
	case EtherTypeIPv4:
		t.Link = LinkIPv4
	case EtherTypeIPv6:
		t.Link = LinkIPv6
	default:
		return Tunnel{}, fmt.Errorf("its GENEVE header says protocol type %#04x, and only Ethernet (%#04x), IPv4 and IPv6 are read", etherType, etherTypeEthernet)
	}
	var err error
	t.Options, err = geneveOptions(b[GENEVEHeaderLength:header])
	return t, err
}

func geneveOptions(b []byte) ([]GENEVEOption, error) {
	var options []GENEVEOption
	for len(b) > 0 {
		end := 4 + int(b[3]&0x1f)*4
		if end > len(b) {
			return nil, errors.New("a GENEVE option ends behind the options")
		}
		options = append(options, GENEVEOption{Class: binary.BigEndian.Uint16(b), Type: b[2], Data: b[4:end]})
		b = b[end:]
	}
	return options, nil
}
