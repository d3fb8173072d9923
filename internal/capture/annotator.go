package capture

import (
	"encoding/binary"
	"errors"
	"io"
	"math"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// A Copied is a Source whose file an Annotator can copy. A Reader is one.
type Copied interface {
	Source

	// CopyTo makes the source pass everything that it reads to the copy. It is called before
	// Next.
	CopyTo(*Annotator)
}

// An Annotator copies a capture file to pcapng, uncompressed, while a Reader reads it, and adds a
// comment and a direction to each packet.
//
// Everything else of a pcapng file stays as it is: sections with their byte order, interfaces,
// options, times, and blocks that have no packet. Only the length of a section is not stated any
// more. A simple packet block has no options, so it becomes an enhanced packet block, with the
// time stamp 0. A classic pcap file becomes one section with one interface, which has the unit,
// the limit and the link type of the file.
type Annotator struct {
	pieces
	order      byteOrder // of the section; nil: nothing was written
	interfaces uint32    // of the section

	// The block that the reader is reading. It is not complete until commit.
	opened  int // where it begins in the buffer; -1: none
	left    int // how many of its bytes are still added; the others are left out
	tooLong bool

	last    original // the packet that was read last
	hasLast bool     // it is not written yet
	own     uint32   // the interface of packets that the file does not have
	hasOwn  bool     // that interface is described
	leftOut LeftOut
}

// LeftOut counts what an annotated copy lacks. Only files with very long blocks have such parts.
type LeftOut struct {
	Blocks   int64 // without a packet, and longer than MaxCopied
	Comments int64 // of packets whose blocks are too long for another option
}

// MaxCopied is the maximum length of a block without a packet that an Annotator copies: it keeps
// such a block in memory until it has read the end. Wireshark reads longer ones, up to 134,348,832
// bytes (MAX_BLOCK_SIZE in its wiretap/pcapng.c; 16 MiB in early versions).
const MaxCopied = 16 << 20

// ownInterface is the name of the interface of packets that the file does not have.
const ownInterface = "packets in words"

// NewAnnotator returns a copy that is written by a goroutine, if there is more than one
// processor. Close ends the goroutine.
func NewAnnotator(out io.Writer) *Annotator {
	a := &Annotator{pieces: newPieces(out), opened: -1}
	a.inBackground()
	return a
}

// LeftOut counts what the copy lacks.
func (a *Annotator) LeftOut() LeftOut { return a.leftOut }

// begin writes a section with an interface.
func (a *Annotator) begin(d description) {
	a.order, a.interfaces = binary.LittleEndian, 1
	a.buf = d.append(appendSection(a.buf, a.order), a.order)
}

// openBlock begins a block of the file that has no packet.
func (a *Annotator) openBlock(length uint32) {
	a.opened, a.left, a.tooLong = len(a.buf), int(length), length > MaxCopied
	if a.tooLong {
		a.left = sectionLength - 4 // a section has to stay, without its options
	}
}

// add appends bytes of the block.
func (a *Annotator) add(b []byte) {
	b = b[:min(len(b), a.left)]
	a.buf = append(a.buf, b...)
	a.left -= len(b)
}

// commit ends the block.
func (a *Annotator) commit() {
	block := a.buf[a.opened:]
	isSection := binary.LittleEndian.Uint32(block) == blockSection
	if isSection {
		a.order, a.interfaces, a.hasOwn = orderOf(block), 0, false
		a.order.PutUint64(block[16:], math.MaxUint64) // its length changes
	}
	switch {
	case a.tooLong && isSection:
		a.buf = closeBlock(a.buf, a.opened, a.order)
	case a.tooLong:
		a.leftOut.Blocks++
		a.buf = a.buf[:a.opened]
	case a.order.Uint32(block) == blockInterface:
		a.interfaces++
	}
	a.opened = -1
	if a.writeFull() != nil { // the next packet returns the error
		a.buf = a.buf[:0]
	}
}

func orderOf(section []byte) byteOrder {
	if binary.LittleEndian.Uint32(section[8:]) == sectionMagic {
		return binary.LittleEndian
	}
	return binary.BigEndian
}

// rollback removes a block that turned out to be damaged.
func (a *Annotator) rollback() {
	if a.opened >= 0 {
		a.buf, a.opened = a.buf[:a.opened], -1
	}
}

// take gets a block that was read at once. rec is its packet, if it has one.
func (a *Annotator) take(kind uint32, block []byte, rec *Record) {
	if kind == blockInterface {
		a.openBlock(uint32(len(block)))
		a.add(block)
		a.commit()
		return
	}
	a.hold(original{kind: kind, block: block, data: rec.Data, wire: rec.Wire})
}

// hold keeps a packet until its comment is known.
func (a *Annotator) hold(o original) { a.last, a.hasLast = o, true }

// release writes the last packet without a comment if nobody has written it with one.
func (a *Annotator) release() {
	if a.hasLast {
		_ = a.annotate(packet.HeadingUnknown, nil) // the next packet returns the error
	}
}

var errNoPacket = errors.New("the copy has no packet to annotate")

// Annotate writes the packet that was read last, with a comment after those that it has. A
// heading other than Inbound and Outbound leaves the direction as it is.
func (a *Annotator) Annotate(heading packet.Heading, comment []byte) error {
	if !a.hasLast {
		return errNoPacket
	}
	return a.annotate(heading, comment)
}

// annotate is Annotate. A nil comment adds none.
func (a *Annotator) annotate(heading packet.Heading, comment []byte) error {
	a.hasLast = false
	if a.err != nil {
		return a.err
	}
	at := len(a.buf)
	a.buf = a.last.append(a.buf, a.order, heading, comment)
	if len(a.buf)-at > maxBlock {
		a.buf = a.last.append(a.buf[:at], a.order, packet.HeadingUnknown, nil)
		a.leftOut.Comments++
	}
	return a.writeFull()
}

// Append writes an Ethernet packet that the file does not have, without a time. Such packets
// have an interface of their own, in the last section.
func (a *Annotator) Append(heading packet.Heading, comment, data []byte) error {
	if a.err != nil {
		return a.err
	}
	if !a.hasOwn {
		a.describeOwn()
	}
	at := len(a.buf)
	b := appendPacket(a.buf, a.order, a.own, 0, len(data), data)
	a.buf = closeBlock(appendOptions(b, a.order, nil, heading, comment), at, a.order)
	return a.writeFull()
}

// describeOwn begins the interface of packets that the file does not have.
func (a *Annotator) describeOwn() {
	if a.order == nil || a.interfaces == maxInterfaces {
		if a.order == nil {
			a.order = binary.LittleEndian
		}
		a.buf, a.interfaces = appendSection(a.buf, a.order), 0
	}
	a.own, a.hasOwn = a.interfaces, true
	a.interfaces++
	a.buf = description{link: packet.LinkEthernet, snap: MaxCaptured, name: ownInterface, resolution: nanosecondResolution}.append(a.buf, a.order)
}

// Close writes everything that is not written yet. It does not close the io.Writer below.
func (a *Annotator) Close() error {
	if a.order == nil { // nothing was read
		a.order = binary.LittleEndian
		a.buf = appendSection(a.buf, a.order)
	}
	return a.pieces.Close()
}
