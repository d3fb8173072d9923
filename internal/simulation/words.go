package simulation

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"unicode"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// PacketInWords is a packet that a person describes by its fields.
type PacketInWords struct {
	Name            string // not a number: numbers are the packets of the capture
	Direction       string
	Protocol        string // a number or a name
	Source          string // an IP address, as Destination
	Destination     string
	SourcePort      *int64 // nil: none, as DestinationPort
	DestinationPort *int64
	Length          int64 // bytes with the Ethernet header; 0: the headers and no payload
	LaterFragment   bool  // a fragment after the first: it has no ports
}

// Check returns the problems because of which the packet cannot be built.
func (w PacketInWords) Check() mirror.Problems {
	_, ps := w.parse()
	return ps
}

// CheckPackets returns an error that names each packet that cannot be built, or that the
// interface of the source can neither receive nor send.
func CheckPackets(source *dataplane.Source, packets []PacketInWords) error {
	var errs []error
	var decoded packet.Packet
	for _, words := range packets {
		if err := words.Decode(source, &decoded); err != nil {
			errs = append(errs, err)
		} else if problems := source.Impossible(&decoded, mirror.Direction(words.Direction)); problems != nil {
			errs = append(errs, fmt.Errorf("packet %q: %w", words.Name, problems))
		}
	}
	return errors.Join(errs...)
}

// Decode builds the packet as it passes the interface of the source.
func (w PacketInWords) Decode(source *dataplane.Source, into *packet.Packet) error {
	spec, problems := w.parse()
	if problems != nil {
		return fmt.Errorf("packet %q: %w", w.Name, problems)
	}
	frame, err := source.Build(spec, mirror.Direction(w.Direction))
	if err != nil {
		return fmt.Errorf("packet %q: %w", w.Name, err)
	}
	into.Decode(frame, packet.LinkEthernet)
	return nil
}

func (w PacketInWords) parse() (packet.Spec, mirror.Problems) {
	protocol, ps := parseProtocol(w.Protocol)
	spec := packet.Spec{Protocol: uint8(protocol), Length: int(w.Length), LaterFragment: w.LaterFragment}
	ps = append(ps, checkName(w.Name)...)
	ps = append(ps, mirror.Direction(w.Direction).Check("direction")...)
	ps = append(ps, parseAddress("source", w.Source, &spec.Source)...)
	ps = append(ps, parseAddress("destination", w.Destination, &spec.Destination)...)
	ps = append(ps, parsePort("source_port", w.SourcePort, &spec.SourcePort)...)
	ps = append(ps, parsePort("destination_port", w.DestinationPort, &spec.DestinationPort)...)
	if ps != nil {
		return spec, ps
	}
	_, err := packet.Build(spec)
	var wrong *packet.SpecError
	if errors.As(err, &wrong) {
		ps = mirror.Problems{{Kind: mirror.Invalid, Field: wrong.Field, Wrong: wrong.Wrong, Fix: wrong.Fix}}
	}
	return spec, ps
}

func parseProtocol(text string) (mirror.Protocol, mirror.Problems) {
	protocol, problems := mirror.ParseProtocol("protocol", text)
	if text == "" {
		problems = mirror.Problems{{Kind: mirror.Missing, Field: "protocol", Wrong: "is missing"}}
	}
	for i := range problems { // a packet has one protocol: it cannot leave it out, as a rule can
		problems[i].Fix = mirror.ProtocolFix(mirror.Protocols) + "."
	}
	return protocol, problems
}

var captureNumber = regexp.MustCompile(`^[1-9][0-9]*$`)

// IsCaptureNumber reports whether a name is the number of a packet of a capture.
func IsCaptureNumber(name string) bool { return captureNumber.MatchString(name) }

func checkName(name string) mirror.Problems {
	var wrong string
	switch {
	case strings.ContainsFunc(name, unicode.IsControl):
		wrong = fmt.Sprintf("is %q, which has a control character, for example a line break", name)
	case IsCaptureNumber(name):
		wrong = fmt.Sprintf("is %q, but a number means a packet of the capture", name)
	case name == "":
		wrong = "is empty"
	default:
		return nil
	}
	return mirror.Problems{{Kind: mirror.Invalid, Field: "name", Wrong: wrong, Fix: `Write a name such as "ssh from the office".`}}
}

// CheckAddress returns a problem unless the text is an IP address.
func CheckAddress(field, text string) mirror.Problems {
	return parseAddress(field, text, new(netip.Addr))
}

func parseAddress(field, text string, to *netip.Addr) mirror.Problems {
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return mirror.Problems{{
			Kind: mirror.Malformed, Field: field, Wrong: fmt.Sprintf("is %q, which is not an IP address", text),
			Fix: `Write an address such as "10.0.1.10" or "2001:db8::10".`,
		}}
	}
	*to = addr
	return nil
}

func parsePort(field string, value *int64, to **uint16) mirror.Problems {
	switch {
	case value == nil:
		return nil
	case !mirror.Ports.Contains(*value):
		return mirror.Problems{{
			Kind: mirror.Invalid, Field: field, Wrong: fmt.Sprintf("is %d", *value), Fix: "Write a whole number from " + mirror.Ports.String() + ".",
		}}
	}
	*to = new(uint16(*value))
	return nil
}
