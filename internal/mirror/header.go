package mirror

import (
	"fmt"
	"net/netip"
)

// A Header has the fields of a packet that rules match.
type Header struct {
	Direction       Direction  `json:"traffic_direction"`
	Protocol        Protocol   `json:"protocol"`
	Source          netip.Addr `json:"source"`
	Destination     netip.Addr `json:"destination"`
	HasPorts        bool       `json:"-"` // a TCP or UDP packet without ports is a later fragment (assumption A0004)
	SourcePort      uint16     `json:"source_port"`
	DestinationPort uint16     `json:"destination_port"`
}

// IsLaterFragment reports whether the packet is a fragment after the first: TCP or UDP
// without ports.
func (h Header) IsLaterFragment() bool { return h.Protocol.HasPorts() && !h.HasPorts }

// String describes the packet without its direction: "tcp 10.1.2.3:50000 > 10.0.1.10:22".
func (h Header) String() string {
	if h.HasPorts {
		return fmt.Sprintf("%s %s > %s", h.Protocol, netip.AddrPortFrom(h.Source, h.SourcePort), netip.AddrPortFrom(h.Destination, h.DestinationPort))
	}
	text := fmt.Sprintf("%s %s > %s", h.Protocol, h.Source, h.Destination)
	if h.IsLaterFragment() {
		text += ", later fragment"
	}
	return text
}
