package pseudonym

import "net/netip"

// An address is replaced bit by bit. Whether a bit is inverted depends on the bits before it, so
// that addresses that share a prefix share one afterwards, of the same length. No two addresses get
// the same replacement
// (https://doi.org/10.1109/ICNP.2002.1181415).
//
// Some bits are never inverted:
//
//	bits before a well-known block ends | the block is its own replacement, and private stays private
//	bits of a fixed block               | its addresses mean the same to everybody
//	zeros after the block of a VPC      | the resolver of the VPC stays its third address
//	the last eight                      | first and last addresses of subnets stay that
//
// Each other bit is inverted for half of the keys. If none of the first bits that may be inverted is,
// the last of these is inverted all the same, so that an address gets another one.

// leastBits is how many bits may be inverted before one has to be.
const leastBits = 4

// keptBits is how many bits at the end of an address stay.
const keptBits = 8

// fixed are blocks whose addresses stay: those of this host, of links, multicast, and those by which
// AWS serves an instance
// (https://www.iana.org/assignments/iana-ipv4-special-registry,
// https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html).
var fixed = parsed("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "::/8", "fd00:ec2::/32", "fe80::/10", "ff00::/8")

// classes are blocks that have a meaning as a whole: private addresses, shared ones, and those for
// documentation by IPv6.
var classes = parsed("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "2001:db8::/32")

func parsed(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}

// Address replaces an address.
func (m *Map) Address(a netip.Addr) netip.Addr {
	if !a.IsValid() || a.Is4In6() {
		return a
	}
	return m.inverted(a, a.BitLen())
}

// Prefix replaces a block by one of the same length.
func (m *Map) Prefix(p netip.Prefix) netip.Prefix {
	if !p.IsValid() {
		return p
	}
	return netip.PrefixFrom(m.inverted(p.Addr(), p.Bits()), p.Bits())
}

// inverted replaces the first bits of an address.
func (m *Map) inverted(a netip.Addr, bits int) netip.Addr {
	replaced := a.AsSlice()
	for i := range min(bits, a.BitLen()-keptBits) {
		node, err := a.Prefix(i)
		if err == nil && m.inverts(node) {
			replaced[i/8] ^= 0x80 >> (i % 8)
		}
	}
	after, _ := netip.AddrFromSlice(replaced)
	return after
}

// inverts reports whether the bit after a prefix is inverted.
func (m *Map) inverts(node netip.Prefix) bool {
	inverts, known := m.flips[node]
	if !known {
		inverts = m.decide(node)
		m.flips[node] = inverts
	}
	return inverts
}

func (m *Map) decide(node netip.Prefix) bool {
	if !isFree(node) {
		return false
	}
	for _, block := range m.vpcs {
		if node.Bits() >= block.Bits() && node.Addr() == block.Masked().Addr() {
			return false
		}
	}
	return m.sum("bit", node.String())[0]&1 == 1 || stays(m, node)
}

// stays reports whether so many bits before a node may be inverted, and none is, that an address
// could get itself as its replacement.
func stays(m *Map, node netip.Prefix) bool {
	for bits := node.Bits() - 1; bits >= 0; bits-- {
		before, err := node.Addr().Prefix(bits)
		if err != nil || !isFree(before) {
			return node.Bits()-bits >= leastBits
		}
		if m.inverts(before) {
			return false
		}
	}
	return node.Bits() >= leastBits
}

// isFree reports whether the bit after a prefix may be inverted for all files.
func isFree(node netip.Prefix) bool {
	for _, block := range fixed {
		if block.Overlaps(node) {
			return false
		}
	}
	for _, block := range classes {
		if block.Bits() > node.Bits() && block.Overlaps(node) {
			return false
		}
	}
	return true
}
