package packet

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// VXLAN (RFC 7348).
const (
	VXLANPort         = 4789
	VXLANHeaderLength = 8
	vxlanFlagVNI      = 0x08
)

// AppendVXLAN appends a VXLAN header to b.
func AppendVXLAN(b []byte, vni uint32) []byte {
	b = append(b, vxlanFlagVNI, 0, 0, 0)
	return binary.BigEndian.AppendUint32(b, vni<<8)
}

// Decapsulate returns the VNI of a VXLAN packet and the frame in it. The frame is
// a part of p.Data.
func Decapsulate(p *Packet) (vni uint32, inner []byte, err error) {
	switch {
	case !p.IsIP() || p.Protocol != ProtocolUDP || !p.HasPorts:
		return 0, nil, errors.New("not a UDP packet")
	case p.Fragment != Whole:
		return 0, nil, errors.New("a fragment")
	case p.DestinationPort != VXLANPort:
		return 0, nil, fmt.Errorf("sent to UDP port %d, not to %d", p.DestinationPort, VXLANPort)
	}
	b := p.Data[p.TransportOffset : p.IPOffset+p.IPLength]
	if len(b) < udpHeaderLength+VXLANHeaderLength {
		return 0, nil, errors.New("too short for a VXLAN header")
	}
	if length := int(binary.BigEndian.Uint16(b[4:])); length != len(b) {
		return 0, nil, fmt.Errorf("its UDP length is %d, and there are %d bytes", length, len(b))
	}
	b = b[udpHeaderLength:]
	if b[0]&vxlanFlagVNI == 0 {
		return 0, nil, fmt.Errorf("its VXLAN flags are %#02x, without a VNI", b[0])
	}
	return binary.BigEndian.Uint32(b[4:]) >> 8, b[VXLANHeaderLength:], nil
}
