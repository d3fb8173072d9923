package analysis

import (
	"cmp"
	"encoding/binary"
	"net/netip"
)

// A number is a value of a field of a packet: an address, a kind or a port.
type number struct{ high, low uint64 }

func small(n int) number { return number{low: uint64(n)} }

func (n number) compare(o number) int {
	return cmp.Or(cmp.Compare(n.high, o.high), cmp.Compare(n.low, o.low))
}

func (n number) next() number {
	if n.low++; n.low == 0 {
		n.high++
	}
	return n
}

func (n number) previous() number {
	if n.low == 0 {
		n.high--
	}
	n.low--
	return n
}

func addressNumber(a netip.Addr) number {
	if a.Is4() {
		b := a.As4()
		return number{low: uint64(binary.BigEndian.Uint32(b[:]))}
	}
	b := a.As16()
	return number{binary.BigEndian.Uint64(b[:]), binary.BigEndian.Uint64(b[8:])}
}

func (n number) address(is4 bool) netip.Addr {
	if is4 {
		return netip.AddrFrom4([4]byte{byte(n.low >> 24), byte(n.low >> 16), byte(n.low >> 8), byte(n.low)})
	}
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], n.high)
	binary.BigEndian.PutUint64(b[8:], n.low)
	return netip.AddrFrom16(b)
}

// An interval is closed.
type interval struct{ first, last number }

func (i interval) contains(n number) bool { return i.first.compare(n) <= 0 && n.compare(i.last) <= 0 }

func (i interval) meets(o interval) bool {
	return i.first.compare(o.last) <= 0 && o.first.compare(i.last) <= 0
}

func (i interval) covers(o interval) bool {
	return i.first.compare(o.first) <= 0 && o.last.compare(i.last) <= 0
}

// within cuts off what is outside of o. The intervals meet.
func (i interval) within(o interval) interval {
	if i.first.compare(o.first) < 0 {
		i.first = o.first
	}
	if i.last.compare(o.last) > 0 {
		i.last = o.last
	}
	return i
}

// prefixInterval returns the addresses of a prefix.
func prefixInterval(p netip.Prefix) interval {
	first := addressNumber(p.Masked().Addr())
	last, free := first, p.Addr().BitLen()-p.Bits()
	switch {
	case free > 64:
		last.high |= 1<<(free-64) - 1
		last.low = ^uint64(0)
	case free == 64:
		last.low = ^uint64(0)
	default:
		last.low |= 1<<free - 1
	}
	return interval{first, last}
}
