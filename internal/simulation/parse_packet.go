package simulation

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// PacketForm shows how ParsePacket wants a packet to be written.
const PacketForm = `Write the protocol, the source and the destination, such as "tcp 10.1.2.3:50000 > 10.0.1.10:22", ` +
	`"icmp 10.0.0.1 > 10.0.0.2" or "udp [2001:db8::1]:5000 > [2001:db8::2]:53". "later fragment" and a length may follow: ", later fragment, 1500 bytes".`

// ParsePacket reads a packet as dataplane.Describe and mirror.Header write it: "tcp
// 10.1.2.3:50000 > 10.0.1.10:22, 1500 bytes". Its direction may come first. The text becomes
// the name of the packet. A packet without a direction needs one before it is built.
func ParsePacket(text string) (PacketInWords, mirror.Problems) {
	text = strings.TrimSpace(text)
	w := PacketInWords{Name: text}
	ends, options, _ := strings.Cut(text, ",")
	words := strings.SplitN(strings.TrimSpace(ends), " ", 2)
	if len(words) == 2 && slices.Contains(mirror.Directions, mirror.Direction(words[0])) {
		w.Direction = words[0]
		words = strings.SplitN(strings.TrimSpace(words[1]), " ", 2)
	}
	source, destination, isPair := strings.Cut(words[len(words)-1], ">")
	if len(words) != 2 || !isPair || strings.Contains(destination, ">") {
		return w, mirror.Problems{{Kind: mirror.Malformed, Wrong: fmt.Sprintf("%q is not a packet", text), Fix: PacketForm}}
	}
	w.Protocol = words[0]
	var ps [3]mirror.Problems
	w.Source, w.SourcePort, ps[0] = parseEnd("source", strings.TrimSpace(source))
	w.Destination, w.DestinationPort, ps[1] = parseEnd("destination", strings.TrimSpace(destination))
	ps[2] = w.parseOptions(options)
	if unread := slices.Concat(ps[:]...); unread != nil {
		return w, unread
	}
	whole := w
	if whole.Direction == "" {
		whole.Direction = string(mirror.Ingress)
	}
	return w, whole.missingPorts(whole.Check())
}

// parseEnd reads an address, with or without a port.
func parseEnd(field, text string) (addr string, port *int64, ps mirror.Problems) {
	addr, digits, hasPort := text, "", false
	switch inner, isBracketed := strings.CutPrefix(text, "["); {
	case isBracketed:
		var rest string
		addr, rest, _ = strings.Cut(inner, "]")
		digits, hasPort = strings.CutPrefix(rest, ":")
		if rest != "" && !hasPort {
			addr = text // which is then refused
		}
	case strings.Count(text, ":") == 1:
		addr, digits, hasPort = strings.Cut(text, ":")
	}
	if ps := CheckAddress(field, addr); ps != nil || !hasPort {
		return addr, nil, ps
	}
	n, err := strconv.ParseInt(digits, 10, 32)
	if err != nil || !mirror.Ports.Contains(n) {
		return addr, nil, mirror.Problems{{
			Kind: mirror.Malformed, Field: field + "_port", Wrong: "is " + strconv.Quote(digits), Fix: "Write a whole number from " + mirror.Ports.String() + ".",
		}}
	}
	return addr, &n, nil
}

// parseOptions reads what follows the addresses.
func (w *PacketInWords) parseOptions(text string) mirror.Problems {
	if text == "" {
		return nil
	}
	for option := range strings.SplitSeq(text, ",") {
		option = strings.TrimSpace(option)
		digits, isLength := strings.CutSuffix(option, " bytes")
		n, err := strconv.ParseInt(digits, 10, 32)
		switch {
		case option == "later fragment" && !w.LaterFragment:
			w.LaterFragment = true
		case isLength && err == nil && n > 0 && w.Length == 0:
			w.Length = n
		default:
			return mirror.Problems{{
				Kind: mirror.Malformed, Wrong: fmt.Sprintf("%q cannot be read after the addresses", option),
				Fix: `Write "later fragment" or a length such as "1500 bytes", each at most once.`,
			}}
		}
	}
	return nil
}

// missingPorts says how a port is written in words.
func (w PacketInWords) missingPorts(ps mirror.Problems) mirror.Problems {
	for i, p := range ps {
		addr := w.Source
		if p.Field == "destination_port" {
			addr = w.Destination
		}
		if isMissing := p.Wrong == "is missing" && strings.HasSuffix(p.Field, "_port"); !isMissing {
			continue
		}
		read, err := netip.ParseAddr(addr)
		if err == nil {
			ps[i].Fix = fmt.Sprintf("Write it behind the address, such as %q: a TCP or UDP packet has both ports, unless it is a later fragment.", netip.AddrPortFrom(read, 443))
		}
	}
	return ps
}
