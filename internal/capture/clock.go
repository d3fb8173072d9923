package capture

import "math/bits"

// clock is the unit of time of a pcapng interface.
type clock struct {
	multiply, divide uint64 // of a decimal unit: the factor and the divisor that give nanoseconds
	shift            uint8  // of a binary unit of 2^-shift seconds; divide is then 0
}

// newClock reads the option if_tsresol: a negative power of 10, or of 2 if the
// most significant bit is set.
func newClock(resolution uint8) clock {
	switch power := resolution & 0x7f; {
	case resolution&0x80 != 0:
		return clock{shift: power}
	case power <= 9:
		return clock{multiply: power10(9 - power), divide: 1}
	case power <= 9+19:
		return clock{multiply: 1, divide: power10(power - 9)}
	}
	return clock{divide: 1} // the unit is so small that 64 bits of it are less than a nanosecond
}

func power10(n uint8) uint64 {
	p := uint64(1)
	for range n {
		p *= 10
	}
	return p
}

// nanoseconds converts a time. A time after some 292 years does not fit and wraps
// around.
func (c clock) nanoseconds(ticks uint64) int64 {
	if c.divide != 0 {
		return int64(ticks * c.multiply / c.divide)
	}
	if c.shift >= 64 {
		high, _ := bits.Mul64(ticks, 1e9)
		return int64(high >> (c.shift - 64))
	}
	high, low := bits.Mul64(ticks&(1<<c.shift-1), 1e9)
	return int64(ticks>>c.shift)*1e9 + int64(low>>c.shift|high<<(64-c.shift))
}
