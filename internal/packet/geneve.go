package packet

import "encoding/binary"

// GENEVE (RFC 8926).
const (
	GENEVEPort         = 6081
	GENEVEHeaderLength = 8 // without options
)

// GENEVEOption is one option of a GENEVE header. The length of its data is a
// multiple of 4.
type GENEVEOption struct {
	Class uint16
	Type  uint8
	Data  []byte
}

// AppendGENEVE appends a GENEVE header with VNI 0 to b. The packet after it has
// the EtherType.
func AppendGENEVE(b []byte, etherType uint16, options ...GENEVEOption) []byte {
	length := 0
	for _, o := range options {
		length += 4 + len(o.Data)
	}
	b = append(b, byte(length/4), 0)
	b = binary.BigEndian.AppendUint16(b, etherType)
	b = append(b, 0, 0, 0, 0)
	for _, o := range options {
		b = binary.BigEndian.AppendUint16(b, o.Class)
		b = append(b, o.Type, byte(len(o.Data)/4))
		b = append(b, o.Data...)
	}
	return b
}
