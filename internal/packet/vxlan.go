package packet

import "encoding/binary"

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
