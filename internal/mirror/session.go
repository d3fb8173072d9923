package mirror

import "fmt"

// Session connects a source interface to a filter and a target.
type Session struct {
	ID               string `json:"id,omitempty"`
	OwnerID          string `json:"owner_id,omitempty"`
	InterfaceID      string `json:"network_interface_id,omitempty"`
	TargetID         string `json:"traffic_mirror_target_id,omitempty"`
	FilterID         string `json:"traffic_mirror_filter_id,omitempty"`
	Number           int    `json:"session_number"`               // unique on its interface; the lowest is tried first
	PacketLength     *int   `json:"packet_length,omitempty"`      // bytes copied after the VXLAN header; nil: all
	VirtualNetworkID *int   `json:"virtual_network_id,omitempty"` // nil: EC2 picks one
	Description      string `json:"description,omitempty"`
}

// Validate checks the session.
func (s Session) Validate() Problems {
	ps := KindInterface.Check("network_interface_id", s.InterfaceID)
	ps = append(ps, KindTarget.Check("traffic_mirror_target_id", s.TargetID)...)
	ps = append(ps, KindFilter.Check("traffic_mirror_filter_id", s.FilterID)...)
	return append(ps, s.ValidateSettings()...)
}

// ValidateSettings checks the fields of the session except the IDs of its interface,
// filter and target.
func (s Session) ValidateSettings() Problems {
	ps := SessionNumbers.Check("session_number", int64(s.Number))
	if s.PacketLength != nil {
		ps = append(ps, checkPacketLength(*s.PacketLength)...)
	}
	if s.VirtualNetworkID != nil {
		ps = append(ps, VirtualNetworkIDs.Check("virtual_network_id", int64(*s.VirtualNetworkID))...)
	}
	return append(ps, checkText("description", s.Description)...)
}

func checkPacketLength(n int) Problems {
	ps := PacketLengths.Check("packet_length", int64(n))
	warning := func(least int, headers string) Problems {
		return Problems{{
			Kind: Warning, Field: "packet_length",
			Wrong: fmt.Sprintf("is %d, which is too short for %s: AWS documents a minimum of %d bytes for IPv4 and %d for IPv6", n, headers, MinPacketLengthIPv4, MinPacketLengthIPv6),
			Fix:   fmt.Sprintf("Write at least %d.", least),
		}}
	}
	switch {
	case ps != nil:
		return ps
	case n < MinPacketLengthIPv4:
		return warning(MinPacketLengthIPv4, "the Ethernet and IP headers and one byte more")
	case n < MinPacketLengthIPv6:
		return warning(MinPacketLengthIPv6, "the Ethernet and IPv6 headers and one byte more")
	}
	return nil
}
