package mirror

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// anything is every protocol or every address in the text of a space.
const anything = "any"

const spaceFix = `Write a space such as "ingress tcp 10.0.0.0/8 > any:22": a direction or none, a protocol, the source and the destination, each with ports or none.`

// ParseSpace reads a space as Space.String writes it, such as
//
//	ingress tcp 10.0.0.0/8 > any:22
//	udp [2001:db8::/32]:1024-65535 > any:443
//	any any > any
//
// Without a direction, it has both. A CIDR block of IPv6 with ports is in brackets.
func ParseSpace(text string) (Space, Problems) {
	words := strings.Fields(text)
	var s Space
	if len(words) > 0 && slices.Contains(Directions, Direction(words[0])) {
		s.Direction, words = Direction(words[0]), words[1:]
	}
	if len(words) != 4 || words[2] != ">" {
		return Space{}, Problems{{Kind: Malformed, Wrong: fmt.Sprintf("is %q", text) + misses(words), Fix: spaceFix}}
	}
	ps := s.parseProtocol(words[0])
	var more Problems
	s.SourceCIDR, s.SourcePorts, more = parseEnd("source", words[1])
	ps = append(ps, more...)
	s.DestinationCIDR, s.DestinationPorts, more = parseEnd("destination", words[3])
	if ps = append(ps, more...); ps == nil {
		ps = s.Validate()
	}
	if ps != nil {
		return Space{}, ps
	}
	return s, nil
}

// misses says what is wrong with the words of a space after its direction, if that is clear.
func misses(words []string) string {
	arrows := 0
	for _, w := range words {
		arrows += strings.Count(w, ">")
	}
	switch at := slices.Index(words, ">"); {
	case arrows == 0:
		return `, without ">" between the source and the destination`
	case arrows == 1 && at < 0:
		return `, without a space on each side of ">"`
	case arrows == 1 && at == 3:
		return fmt.Sprintf(", and %q is not a direction", words[0])
	case arrows == 1 && at == 1:
		return ", without a protocol or without a source"
	case arrows == 1 && at == len(words)-1:
		return ", without a destination"
	}
	return ""
}

func (s *Space) parseProtocol(text string) Problems {
	if text == anything {
		return nil
	}
	protocol, ps := ParseProtocol("protocol", text)
	for i := range ps {
		ps[i].Fix = ProtocolFix(Protocols) + `, or "any" for every protocol.`
	}
	s.Protocol = &protocol
	return ps
}

// parseEnd reads a CIDR block or "any", with ports after a colon or none. field begins the
// names of its arguments.
func parseEnd(field, text string) (cidr netip.Prefix, ports *PortRange, ps Problems) {
	address, suffix, hasPorts := text, "", false
	switch end := strings.Index(text, "]"); {
	case strings.HasPrefix(text, "[") && end > 0:
		address, suffix = text[1:end], text[end+1:]
		if suffix, hasPorts = strings.CutPrefix(suffix, ":"); !hasPorts && suffix != "" {
			return netip.Prefix{}, nil, Problems{{
				Kind: Malformed, Field: field + "_port_range", Wrong: fmt.Sprintf("is %q after the bracket", suffix),
				Fix: fmt.Sprintf(`Write a colon and ports, such as "[%s]:443".`, address),
			}}
		}
	case strings.Count(text, ":") == 1: // IPv6 has more colons
		address, suffix, hasPorts = strings.Cut(text, ":")
	}
	if address != anything {
		cidr, ps = parseBlock(field+"_cidr_block", address)
	}
	if hasPorts {
		var more Problems
		ports, more = parsePorts(field+"_port_range", suffix)
		ps = append(ps, more...)
	}
	return cidr, ports, ps
}

// parseBlock is ParseCIDR with the fixes of a space.
func parseBlock(field, text string) (netip.Prefix, Problems) {
	cidr, ps := ParseCIDR(field, text)
	before, after, isBlock := strings.Cut(text, "/")
	bits, ports, hasPorts := strings.Cut(after, ":")
	switch {
	case ps == nil:
	case text == "":
		ps[0].Fix = `Write a prefix, or "any" for every address.`
	case isBlock && hasPorts && strings.Contains(before, ":"):
		ps[0].Fix = fmt.Sprintf(`Write "[%s/%s]:%s": a CIDR block of IPv6 with ports is in brackets.`, before, bits, ports)
	default:
		ps[0].Fix = strings.TrimSuffix(ps[0].Fix, ".") + `, or "any" for every address.`
	}
	return cidr, ps
}

// parsePorts reads "443" or "1024-65535".
func parsePorts(field, text string) (*PortRange, Problems) {
	first, last, isRange := strings.Cut(text, "-")
	if !isRange {
		last = first
	}
	from, wrong := strconv.ParseUint(first, 10, 16)
	to, alsoWrong := strconv.ParseUint(last, 10, 16)
	if wrong != nil || alsoWrong != nil {
		return nil, Problems{{
			Kind: Malformed, Field: field, Wrong: fmt.Sprintf("is %q", text),
			Fix: fmt.Sprintf(`Write a port from %s such as "443", or a range such as "1024-65535".`, Ports),
		}}
	}
	return &PortRange{From: int(from), To: int(to)}, nil
}
