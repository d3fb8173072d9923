package capture

import (
	"math"
	"unicode/utf8"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

const optionComment = 1 // opt_comment

// original is a packet as it is in the file.
type original struct {
	kind  uint32 // of the block; 0: the file is classic pcap
	block []byte // the whole block; valid until the next packet is read, as data
	data  []byte
	wire  int
	ticks uint64 // the time, in units of the interface
}

// append appends the block of the packet, with another direction and one more comment. A nil
// comment adds none.
func (o *original) append(b []byte, order byteOrder, heading packet.Heading, comment []byte) []byte {
	at := len(b)
	var options []byte
	switch {
	case o.kind != blockPacket && o.kind != blockEnhancedPacket:
		b = appendPacket(b, order, 0, o.ticks, o.wire, o.data)
	case comment == nil && heading == packet.HeadingUnknown:
		return append(b, o.block...)
	default: // the headers of both blocks have the same length
		end := enhancedHeaderLength + (len(o.data)+3)&^3
		b, options = append(b, o.block[:end]...), o.block[end:len(o.block)-4]
	}
	return closeBlock(appendOptions(b, order, options, heading, comment), at, order)
}

// appendPacket appends an enhanced packet block up to its options.
func appendPacket(b []byte, order byteOrder, on uint32, ticks uint64, wire int, data []byte) []byte {
	b = order.AppendUint32(b, blockEnhancedPacket)
	b = order.AppendUint32(b, 0)
	b = order.AppendUint32(b, on)
	b = order.AppendUint32(b, uint32(ticks>>32))
	b = order.AppendUint32(b, uint32(ticks))
	b = order.AppendUint32(b, uint32(len(data)))
	b = order.AppendUint32(b, uint32(wire))
	return pad(append(b, data...), len(data))
}

// appendOptions appends the options of a packet, with another direction and one more comment.
func appendOptions(b []byte, order byteOrder, options []byte, heading packet.Heading, comment []byte) []byte {
	bits := directionBits(heading)
	hasFlags := bits == 0
	for len(options) > 0 && order.Uint16(options) != optionEnd {
		length := 4 + (int(order.Uint16(options[2:]))+3)&^3
		at := len(b) + 4
		b = append(b, options[:length]...)
		if order.Uint16(options) == optionFlags && bits != 0 {
			hasFlags = true
			order.PutUint32(b[at:], order.Uint32(b[at:])&^3|bits)
		}
		options = options[length:]
	}
	if !hasFlags {
		b = order.AppendUint16(b, optionFlags)
		b = order.AppendUint16(b, 4)
		b = order.AppendUint32(b, bits)
	}
	if comment != nil {
		b = appendOption(b, order, optionComment, fitting(comment))
	}
	return order.AppendUint32(b, optionEnd)
}

// directionBits returns the direction as epb_flags has it; 0: it is not known.
func directionBits(heading packet.Heading) uint32 {
	switch heading {
	case packet.Inbound:
		return 1
	case packet.Outbound:
		return 2
	}
	return 0
}

// fitting cuts a text to the longest value of an option.
func fitting(text []byte) []byte {
	n := math.MaxUint16
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}
