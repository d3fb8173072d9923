package packet

import "encoding/binary"

// EtherTypes.
const (
	EtherTypeIPv4 = 0x0800
	EtherTypeARP  = 0x0806
	EtherTypeIPv6 = 0x86dd

	etherTypeCTag    = 0x8100 // IEEE 802.1Q
	etherTypeSTag    = 0x88a8 // IEEE 802.1ad
	etherTypeOldSTag = 0x9100 // QinQ before 802.1ad
	etherTypePPPoE   = 0x8864 // a PPPoE session (RFC 2516)
)

// IPv6 extension headers (RFC 8200, RFC 4302).
const (
	extensionHopByHop    = 0
	extensionRouting     = 43
	extensionFragment    = 44
	extensionAH          = 51
	noNextHeader         = 59
	extensionDestination = 60
)

// Decode reads a packet of the link type into p. It never fails: p.Kind says what
// could not be read. p refers to data.
func (p *Packet) Decode(data []byte, link LinkType) {
	*p = Packet{Data: data, Link: link}
	if link == LinkEthernet {
		p.decodeEthernet()
		return
	}
	decodeLink(p)
}

func (p *Packet) decodeEthernet() {
	b := p.Data
	p.linkLength = EthernetHeaderLength
	if len(b) < EthernetHeaderLength {
		p.Kind = CutOff
		return
	}
	p.HasMAC = true
	p.DestinationMAC = [6]byte(b[0:6])
	p.SourceMAC = [6]byte(b[6:12])
	p.decodeNetwork(binary.BigEndian.Uint16(b[12:]), EthernetHeaderLength)
}

// decodeNetwork reads what is behind a link header that ends at offset. The
// EtherType is that in the link header.
func (p *Packet) decodeNetwork(etherType uint16, offset int) {
	p.linkLength, p.outerEtherType = offset, etherType
	for etherType == etherTypeCTag || etherType == etherTypeSTag || etherType == etherTypeOldSTag {
		if len(p.Data) < offset+4 {
			p.Kind = CutOff
			return
		}
		etherType = binary.BigEndian.Uint16(p.Data[offset+2:])
		offset += 4
		p.Tags += 1 - p.Tags/255
	}
	if etherType == etherTypePPPoE {
		decodePPPoE(p, offset)
		return
	}
	decodeIP(p, etherType, offset)
}

func decodeIP(p *Packet, etherType uint16, offset int) {
	p.EtherType = etherType
	p.IPOffset = offset
	switch etherType {
	case EtherTypeIPv4:
		p.decodeIPv4(p.Data[offset:])
	case EtherTypeIPv6:
		p.decodeIPv6(p.Data[offset:])
	case EtherTypeARP:
		p.Kind = ARP
	default:
		p.Kind = NotIP
	}
}

func (p *Packet) decodeIPv4(b []byte) {
	if len(b) < ipv4HeaderLength {
		p.Kind = CutOff
		return
	}
	header := int(b[0]&0x0f) * 4
	total := int(binary.BigEndian.Uint16(b[2:]))
	if total == 0 {
		total = len(b) // segmentation offload: use the length of the frame (assumption A0116)
	}
	switch {
	case b[0]>>4 != 4 || header < ipv4HeaderLength || header > total:
		p.Kind = Unreadable
		return
	case header > len(b):
		p.Kind = CutOff
		return
	}
	p.Kind = IPv4
	p.Protocol = b[9]
	p.Source, p.Destination = address4(b[12:]), address4(b[16:])
	p.IPLength, p.Cut = min(total, len(b)), total > len(b)
	p.Fragment = fragment(binary.BigEndian.Uint16(b[6:])&0x1fff, b[6]&0x20 != 0)
	p.decodeTransport(header)
}

func (p *Packet) decodeIPv6(b []byte) {
	if len(b) < ipv6HeaderLength {
		p.Kind = CutOff
		return
	}
	if b[0]>>4 != 6 {
		p.Kind = Unreadable
		return
	}
	next := b[6]
	total := ipv6HeaderLength + int(binary.BigEndian.Uint16(b[4:]))
	if total == ipv6HeaderLength && next != noNextHeader {
		total = len(b) // a jumbogram (RFC 2675) or segmentation offload (assumption A0116)
	}
	p.Source, p.Destination = address16(b[8:]), address16(b[24:])
	p.IPLength, p.Cut = min(total, len(b)), total > len(b)
	p.Kind = IPv6
	p.decodeExtensions(b[:p.IPLength], next)
}

// decodeExtensions finds the protocol after the extension headers. Rules match
// that protocol (assumption A0115).
func (p *Packet) decodeExtensions(b []byte, next uint8) {
	offset := ipv6HeaderLength
	for isExtension(next) && p.Fragment != LaterFragment {
		length := extensionLength(b[offset:], next)
		if length == 0 {
			p.Kind = short(p)
			return
		}
		if next == extensionFragment {
			field := binary.BigEndian.Uint16(b[offset+2:])
			p.Fragment = fragment(field>>3, field&1 != 0)
		}
		p.Extended = true
		next = b[offset]
		offset += length
	}
	p.Protocol = next
	p.decodeTransport(offset)
}

// short is the kind of a packet that ends inside its extension headers.
func short(p *Packet) Kind {
	if p.Cut {
		return CutOff
	}
	return Unreadable
}

func isExtension(next uint8) bool {
	switch next {
	case extensionHopByHop, extensionRouting, extensionFragment, extensionAH, extensionDestination:
		return true
	}
	return false
}

// extensionLength returns the length of the extension header at the beginning of
// b, or 0 if b ends inside it.
func extensionLength(b []byte, kind uint8) int {
	if len(b) < 8 {
		return 0
	}
	length := 8
	switch kind {
	case extensionFragment:
	case extensionAH:
		length = (int(b[1]) + 2) * 4
	default:
		length = (int(b[1]) + 1) * 8
	}
	if length > len(b) {
		return 0
	}
	return length
}

func fragment(offset uint16, more bool) Fragment {
	switch {
	case offset != 0:
		return LaterFragment
	case more:
		return FirstFragment
	}
	return Whole
}

// decodeTransport reads the ports. header is the length of the IP headers in
// bytes.
func (p *Packet) decodeTransport(header int) {
	if p.Fragment == LaterFragment {
		return
	}
	p.TransportOffset = p.IPOffset + header
	if !hasPorts(p.Protocol) || p.IPLength < header+4 {
		return
	}
	b := p.Data[p.TransportOffset:]
	p.HasPorts = true
	p.SourcePort, p.DestinationPort = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
}
