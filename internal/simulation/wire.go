package simulation

import (
	"encoding/binary"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// WireLength returns the length that the frame of a packet had on the wire, with an Ethernet header
// instead of another link header. It is longer than the frame of Decoded if the capture has cut the
// packet. The length is at least that if isKnown is false: then the IP header counts more bytes than
// the capture says the packet had. That is so for a copy that a session has cut, and in captures
// that do not keep the length of a packet that they cut.
func (p *Packet) WireLength() (length int64, isKnown bool) {
	more := 0
	if p.Record != nil {
		more = max(p.Record.Wire-len(p.Record.Data), 0)
	}
	return int64(p.Decoded.FrameLength()) + int64(more), missing(&p.Decoded) <= more
}

// missing returns how many bytes a packet lacks of those that its IP header counts.
func missing(p *packet.Packet) int {
	if !p.IsIP() || !p.Cut {
		return 0
	}
	header := p.Data[p.IPOffset:]
	total := int(binary.BigEndian.Uint16(header[2:]))
	if p.Kind == packet.IPv6 {
		total = ipv6HeaderLength + int(binary.BigEndian.Uint16(header[4:]))
	}
	return total - p.IPLength
}

const ipv6HeaderLength = 40
