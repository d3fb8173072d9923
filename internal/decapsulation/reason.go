package decapsulation

// Reason is why a packet is no copy. 0 means that it is one.
type Reason uint8

// The reasons.
const (
	NotIP Reason = iota + 1
	CutOff
	NotUDP
	Fragment
	OtherPort
	TooShort
	BadLength
	BadFlags
	BadGENEVE
	NoVXLAN
	OtherVNI

	reasonCount
)

// Reasons lists every Reason.
var Reasons = func() []Reason {
	all := make([]Reason, 0, reasonCount-1)
	for r := NotIP; r < reasonCount; r++ {
		all = append(all, r)
	}
	return all
}()

var reasons = [...]struct{ name, sentence string }{
	NotIP:     {"not_ip", "The packet is neither IPv4 nor IPv6, or its headers contradict themselves."},
	CutOff:    {"cut_off", "The capture ends before the VXLAN header, or has a link type that is not read."},
	NotUDP:    {"not_udp", "The packet is not UDP."},
	Fragment:  {"fragment", "The packet is a fragment of a UDP packet. Only whole packets are decapsulated."},
	OtherPort: {"other_port", "The packet goes to another UDP port than that of VXLAN or GENEVE."},
	TooShort:  {"too_short", "The packet ends before the end of the VXLAN or GENEVE header."},
	BadLength: {"bad_length", "The UDP length is not that of the packet."},
	BadFlags:  {"vxlan_flags", "The VXLAN flags say that there is no VNI."},
	BadGENEVE: {"geneve_header", "The GENEVE header is not of version 0, is a control packet, or has options or a protocol that cannot be read."},
	NoVXLAN:   {"no_vxlan", "GENEVE does not carry VXLAN, so that it is not a copy of a Gateway Load Balancer."},
	OtherVNI:  {"other_vni", "The VNI is not one of those that were asked for."},
}

// String returns the name of the reason.
func (r Reason) String() string { return reasons[r].name }

// Sentence explains the reason.
func (r Reason) Sentence() string { return reasons[r].sentence }

// MarshalText implements encoding.TextMarshaler.
func (r Reason) MarshalText() ([]byte, error) { return []byte(r.String()), nil }
