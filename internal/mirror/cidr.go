package mirror

import (
	"fmt"
	"net/netip"
)

// ParseCIDR reads an IPv4 or IPv6 prefix. It accepts host bits: the check of the rule
// reports them.
func ParseCIDR(field, text string) (netip.Prefix, Problems) {
	prefix, err := netip.ParsePrefix(text)
	// netip keeps ::ffff:10.0.0.0/104 as IPv6; no packet carries such an address.
	if err == nil && !prefix.Addr().Is4In6() {
		return prefix, nil
	}
	if text == "" {
		return netip.Prefix{}, missingCIDR(field)
	}
	fix := `Write a prefix such as "10.0.0.0/8" or "2001:db8::/32".`
	if addr, err := netip.ParseAddr(text); err == nil && !addr.Is4In6() && addr.Zone() == "" {
		fix = fmt.Sprintf(`Write "%s/%d" for this one address.`, addr, addr.BitLen())
	}
	return netip.Prefix{}, Problems{{Kind: Malformed, Field: field, Wrong: fmt.Sprintf("is %q, which is not a CIDR block", text), Fix: fix}}
}

func missingCIDR(field string) Problems {
	return Problems{{
		Kind: Missing, Field: field, Wrong: "is missing",
		Fix: `Write a prefix, "0.0.0.0/0" for every IPv4 address or "::/0" for every IPv6 address.`,
	}}
}

func checkCIDR(field string, prefix netip.Prefix) Problems {
	switch {
	case !prefix.IsValid():
		return missingCIDR(field)
	case prefix != prefix.Masked():
		return Problems{{
			Kind: Invalid, Field: field, Wrong: fmt.Sprintf("is %q, which has bits set after the prefix length", prefix),
			Fix: fmt.Sprintf("Write %q.", prefix.Masked()),
		}}
	}
	return nil
}
