package capture

import (
	"encoding/binary"
	"io"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// byteOrder reads and writes numbers in one of the two byte orders.
type byteOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

const (
	optionName      = 2  // if_name
	optionFCSLength = 13 // if_fcslen

	nanosecondResolution = 9 // the value of if_tsresol for units of 10^-9 seconds

	enhancedHeaderLength = 28 // of an enhanced packet block, before the packet
)

// NewPcapngWriter returns a writer of a pcapng file for packets of the link type.
func NewPcapngWriter(out io.Writer, link packet.LinkType) *Writer {
	return Pcapng.NewWriter(out, link)
}

// appendSection appends a section header block. The length of the section is not stated.
func appendSection(b []byte, order byteOrder) []byte {
	at := len(b)
	b = order.AppendUint32(b, blockSection)
	b = order.AppendUint32(b, 0)
	b = order.AppendUint32(b, sectionMagic)
	b = order.AppendUint16(b, 1)
	b = order.AppendUint16(b, 0)
	b = order.AppendUint64(b, ^uint64(0))
	return closeBlock(b, at, order)
}

// description is the content of an interface description block.
type description struct {
	link       packet.LinkType
	snap       uint32 // 0: no limit
	name       string // "": none
	resolution uint8  // if_tsresol
	fcs        uint8  // bytes of the frame check sequence after each packet; 0: none
}

// append appends the block.
func (d description) append(b []byte, order byteOrder) []byte {
	at := len(b)
	b = order.AppendUint32(b, blockInterface)
	b = order.AppendUint32(b, 0)
	b = order.AppendUint16(b, uint16(d.link))
	b = order.AppendUint16(b, 0)
	b = order.AppendUint32(b, d.snap)
	if d.name != "" {
		b = appendOption(b, order, optionName, []byte(d.name))
	}
	b = appendOption(b, order, optionResolving, []byte{d.resolution})
	if d.fcs != 0 {
		b = appendOption(b, order, optionFCSLength, []byte{d.fcs})
	}
	return closeBlock(order.AppendUint32(b, optionEnd), at, order)
}

// appendOption appends an option with its padding.
func appendOption(b []byte, order byteOrder, code uint16, value []byte) []byte {
	b = order.AppendUint16(b, code)
	b = order.AppendUint16(b, uint16(len(value)))
	return pad(append(b, value...), len(value))
}

// pad appends the zeros that follow n bytes in a block.
func pad(b []byte, n int) []byte { return append(b, make([]byte, -n&3)...) }

// closeBlock writes the length of the block that begins at an index, at its beginning
// and at its end.
func closeBlock(b []byte, at int, order byteOrder) []byte {
	length := uint32(len(b) - at + 4)
	order.PutUint32(b[at+4:], length)
	return order.AppendUint32(b, length)
}

// closeEnhanced completes an enhanced packet block of interface 0. It begins at an index,
// with room for its header, and ends with a packet of the length.
func closeEnhanced(b []byte, at int, ticks uint64, length int) []byte {
	order := binary.LittleEndian
	order.PutUint32(b[at:], blockEnhancedPacket)
	order.PutUint32(b[at+8:], 0)
	order.PutUint32(b[at+12:], uint32(ticks>>32))
	order.PutUint32(b[at+16:], uint32(ticks))
	order.PutUint32(b[at+20:], uint32(length))
	order.PutUint32(b[at+24:], uint32(length))
	b = pad(b, length)
	total := uint32(len(b) - at + 4)
	order.PutUint32(b[at+4:], total)
	return order.AppendUint32(b, total)
}
