package capture

import (
	"encoding/binary"
	"fmt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// Block types of pcapng. The type of a section is the same in both byte orders.
const (
	blockInterface      = 1
	blockPacket         = 2 // obsolete
	blockSimplePacket   = 3
	blockEnhancedPacket = 6
	blockSection        = 0x0a0d0d0a
)

// Options of pcapng.
const (
	optionEnd       = 0
	optionFlags     = 2 // epb_flags, and pack_flags of the obsolete block
	optionResolving = 9 // if_tsresol
	optionOffset    = 14
)

const (
	sectionMagic  = 0x1a2b3c4d
	sectionLength = 28 // of a section header block without options

	defaultResolution = 6 // the value of if_tsresol if an interface does not state it: microseconds

	// maxBlock is the maximum length of a block that is read. Blocks that are
	// skipped may be longer. It leaves room for many options after the largest
	// packet.
	maxBlock = windowSize

	maxInterfaces = 1 << 16 // so that a damaged file cannot use up the memory
)

// pcapng reads the pcapng format, which consists of blocks.
type pcapng struct {
	window     *window
	at         *int64 // offset of the current block, for errors
	order      byteOrder
	interfaces []recorder // of the section
	copied     *Annotator // nil: no copy is written
}

// recorder is an interface that packets were captured on.
type recorder struct {
	link   packet.LinkType
	snap   uint32 // 0: no limit
	offset int64  // seconds to add to each time
	clock  clock
}

func (f *pcapng) next(rec *Record) error {
	for {
		*f.at = f.window.offset
		b, err := f.window.peek(4)
		if err != nil {
			return err
		}
		kind := f.order.Uint32(b)
		if kind == blockSection {
			if err := f.section(); err != nil {
				return ends(err)
			}
			continue
		}
		delivered, err := f.block(kind, rec)
		if err != nil || delivered {
			return ends(err)
		}
	}
}

// checkHeader checks the section header block that begins the file. The first record is read
// from its beginning.
func (f *pcapng) checkHeader() error {
	if err := f.checkSection(); err != nil {
		return err
	}
	length, err := f.length(sectionLength)
	if err != nil || length > windowSize {
		return err
	}
	b, err := f.window.peek(int(length))
	if err != nil {
		return err
	}
	return f.checkTrailer(b[length-4:], length)
}

// section reads a section header block. The window begins with its type.
func (f *pcapng) section() error {
	if err := f.checkSection(); err != nil {
		return err
	}
	f.interfaces = f.interfaces[:0]
	return f.skipBlock(sectionLength)
}

// checkSection reads the byte order and the version of the section at the beginning of the
// window.
func (f *pcapng) checkSection() error {
	b, err := f.window.peek(24)
	if err != nil {
		return err
	}
	switch uint32(sectionMagic) {
	case binary.LittleEndian.Uint32(b[8:]):
		f.order = binary.LittleEndian
	case binary.BigEndian.Uint32(b[8:]):
		f.order = binary.BigEndian
	default:
		return fmt.Errorf("a section begins with the byte order mark % x", b[8:12])
	}
	if major := f.order.Uint16(b[12:]); major != 1 {
		return fmt.Errorf("version %d.%d of the pcapng format is not known, only 1.0", major, f.order.Uint16(b[14:]))
	}
	return nil
}

// length reads and checks the length of the block at the beginning of the window.
func (f *pcapng) length(least uint32) (uint32, error) {
	b, err := f.window.peek(8)
	if err != nil {
		return 0, err
	}
	length := f.order.Uint32(b[4:])
	if length < least || length%4 != 0 {
		return 0, fmt.Errorf("its block says that it is %d bytes long", length)
	}
	return length, nil
}

// skipBlock moves on by a block, also by one that does not fit into the window.
func (f *pcapng) skipBlock(least uint32) error {
	length, err := f.length(least)
	if err != nil {
		return err
	}
	if f.copied != nil {
		f.copied.openBlock(length)
	}
	for rest := int64(length) - 4; rest > 0; {
		b, err := f.window.peek(int(min(rest, windowSize)))
		if err != nil {
			return ends(err)
		}
		rest -= int64(len(b))
		f.take(b)
	}
	b, err := f.window.peek(4)
	if err != nil {
		return err
	}
	if err := f.checkTrailer(b, length); err != nil {
		return err
	}
	f.take(b)
	if f.copied != nil {
		f.copied.commit()
	}
	return nil
}

// take moves on by the bytes at the beginning of the window, which a copy gets too.
func (f *pcapng) take(b []byte) {
	if f.copied != nil {
		f.copied.add(b)
	}
	f.window.take(len(b))
}

func (f *pcapng) checkTrailer(b []byte, length uint32) error {
	if again := f.order.Uint32(b); again != length {
		return fmt.Errorf("its block says at the beginning that it is %d bytes long, and at the end %d", length, again)
	}
	return nil
}

// block reads a block of any other type, and reports whether it was a record.
func (f *pcapng) block(kind uint32, rec *Record) (delivered bool, err error) {
	least := leastLength(kind)
	if least == 0 {
		return false, f.skipBlock(12)
	}
	whole, err := f.whole(least)
	if err != nil {
		return false, err
	}
	body := whole[8 : len(whole)-4]
	switch kind {
	case blockInterface:
		err = f.describe(body)
	case blockSimplePacket:
		err = f.simple(body, rec)
	case blockPacket:
		err = f.enhanced(uint32(f.order.Uint16(body)), body, rec)
	default:
		err = f.enhanced(f.order.Uint32(body), body, rec)
	}
	if f.copied != nil && err == nil {
		f.copied.take(kind, whole, rec)
	}
	return kind != blockInterface, err
}

// leastLength returns the minimum length of a block of the type, without data and
// options. It returns 0 for a block that is skipped.
func leastLength(kind uint32) uint32 {
	switch kind {
	case blockInterface:
		return 20
	case blockSimplePacket:
		return 16
	case blockPacket, blockEnhancedPacket:
		return 32
	}
	return 0
}

// whole takes a whole block.
func (f *pcapng) whole(least uint32) ([]byte, error) {
	length, err := f.length(least)
	if err != nil {
		return nil, err
	}
	if length > maxBlock {
		return nil, fmt.Errorf("its block is %d bytes long, above %d", length, maxBlock)
	}
	b, err := f.window.peek(int(length))
	if err != nil {
		return nil, err
	}
	if err := f.checkTrailer(b[length-4:], length); err != nil {
		return nil, err
	}
	f.window.take(int(length))
	return b, nil
}

func (f *pcapng) describe(body []byte) error {
	if len(f.interfaces) == maxInterfaces {
		return fmt.Errorf("the section has more than %d interfaces", maxInterfaces)
	}
	r := recorder{link: packet.LinkType(f.order.Uint16(body)), snap: f.order.Uint32(body[4:]), clock: newClock(defaultResolution)}
	err := f.options(body[8:], func(code uint16, value []byte) error {
		switch {
		case code == optionResolving && len(value) == 1:
			r.clock = newClock(value[0])
		case code == optionOffset && len(value) == 8:
			r.offset = int64(f.order.Uint64(value))
		case code == optionResolving || code == optionOffset:
			return fmt.Errorf("its option %d is %d bytes long", code, len(value))
		}
		return nil
	})
	f.interfaces = append(f.interfaces, r)
	return err
}

// options calls each for every option in b. The length of b is a multiple of 4.
func (f *pcapng) options(b []byte, each func(code uint16, value []byte) error) error {
	for len(b) > 0 {
		code, length := f.order.Uint16(b), int(f.order.Uint16(b[2:]))
		padded := (length + 3) &^ 3
		switch {
		case code == optionEnd:
			return nil
		case 4+padded > len(b):
			return fmt.Errorf("its option %d ends behind its block", code)
		}
		if err := each(code, b[4:4+length]); err != nil {
			return err
		}
		b = b[4+padded:]
	}
	return nil
}

func (f *pcapng) interfaceAt(i uint32) (*recorder, error) {
	if uint64(i) >= uint64(len(f.interfaces)) {
		return nil, fmt.Errorf("it names interface %d, and the section has described %d", i, len(f.interfaces))
	}
	return &f.interfaces[i], nil
}

// simple reads a simple packet block. It belongs to the first interface. Its
// captured length is not in the block: it follows from the limit of the
// interface.
func (f *pcapng) simple(body []byte, rec *Record) error {
	on, err := f.interfaceAt(0)
	if err != nil {
		return err
	}
	wire := f.order.Uint32(body)
	captured := wire
	if on.snap != 0 {
		captured = min(captured, on.snap)
	}
	data, _, err := cut(body[4:], captured)
	*rec = Record{Data: data, Wire: int(wire), Link: on.link}
	return err
}

// enhanced reads an enhanced packet block, or an obsolete packet block. They
// differ only in the width of the interface number.
func (f *pcapng) enhanced(index uint32, body []byte, rec *Record) error {
	on, err := f.interfaceAt(index)
	if err != nil {
		return err
	}
	ticks := uint64(f.order.Uint32(body[4:]))<<32 | uint64(f.order.Uint32(body[8:]))
	captured, wire := f.order.Uint32(body[12:]), f.order.Uint32(body[16:])
	data, options, err := cut(body[20:], captured)
	if err != nil {
		return err
	}
	*rec = Record{Data: data, Wire: int(max(wire, captured)), Link: on.link, Nanoseconds: on.offset*1e9 + on.clock.nanoseconds(ticks)}
	return f.options(options, func(code uint16, value []byte) error {
		if code == optionFlags && len(value) != 4 {
			return fmt.Errorf("its option epb_flags is %d bytes long", len(value))
		}
		if code == optionFlags {
			rec.Heading = heading(f.order.Uint32(value))
		}
		return nil
	})
}

// cut divides the bytes after the header of a packet block into data and options.
func cut(b []byte, captured uint32) (data, options []byte, err error) {
	if err := checkLength(captured); err != nil {
		return nil, nil, err
	}
	padded := (int(captured) + 3) &^ 3
	if padded > len(b) {
		return nil, nil, fmt.Errorf("its captured length is %d, and its block holds %d bytes", captured, len(b))
	}
	return b[:captured], b[padded:], nil
}

func heading(flags uint32) packet.Heading {
	switch flags & 3 {
	case 1:
		return packet.Inbound
	case 2:
		return packet.Outbound
	}
	return packet.HeadingUnknown
}
