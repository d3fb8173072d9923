package mirror

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
)

// Interface is a network interface, with the fields that a source or a target needs. An
// interface that a person attaches to an instance has the Type "interface".
type Interface struct {
	ID                   string            `json:"id"`
	OwnerID              string            `json:"owner_id,omitempty"`
	SubnetID             string            `json:"subnet_id,omitempty"`
	InstanceID           string            `json:"instance_id,omitempty"`
	DeviceIndex          *int              `json:"device_index,omitempty"` // of the attachment to the instance; nil: unknown
	Type                 string            `json:"interface_type,omitempty"`
	Description          string            `json:"description,omitempty"`
	RequesterManaged     bool              `json:"requester_managed,omitempty"`
	RequesterID          string            `json:"requester_id,omitempty"`
	MACAddress           MAC               `json:"mac_address,omitzero"`
	PrivateIPAddress     netip.Addr        `json:"private_ip_address,omitzero"` // the primary one
	PrivateIPAddresses   []netip.Addr      `json:"private_ip_addresses,omitempty"`
	IPv6Addresses        []netip.Addr      `json:"ipv6_addresses,omitempty"`
	IPv4Prefixes         []netip.Prefix    `json:"ipv4_prefixes,omitempty"` // delegated: all their addresses are the interface's
	IPv6Prefixes         []netip.Prefix    `json:"ipv6_prefixes,omitempty"`
	SourceDestCheck      *bool             `json:"source_dest_check,omitempty"`      // nil: on
	DNSResolverAddresses []netip.Addr      `json:"dns_resolver_addresses,omitempty"` // of its VPC: Amazon DNS, in addition to the link-local addresses
	SecurityGroups       []string          `json:"security_groups,omitempty"`        // their IDs; nil: unknown
	MTU                  int               `json:"mtu,omitempty"`                    // 0: unknown
	Tags                 map[string]string `json:"tags,omitempty"`
}

// ChecksSourceDest reports whether EC2 checks that the interface is the source or the
// destination of its packets.
func (i Interface) ChecksSourceDest() bool { return i.SourceDestCheck == nil || *i.SourceDestCheck }

// IsForeign reports whether the interface and its subnet are known to belong to other accounts
// than this one. Only the owner of one of them can mirror the interface.
func (i Interface) IsForeign(account, subnetOwner string) bool {
	isOther := func(owner string) bool { return owner != "" && owner != account }
	return account != "" && isOther(i.OwnerID) && (i.SubnetID == "" || isOther(subnetOwner))
}

// MAC is an Ethernet address.
type MAC [6]byte

// ParseMAC reads six pairs of hexadecimal digits with colons or hyphens between
// them.
func ParseMAC(text string) (MAC, error) {
	var m MAC
	digits := strings.NewReplacer(":", "", "-", "").Replace(text)
	if len(text) != 17 || len(digits) != 12 {
		return m, fmt.Errorf("%q is not a MAC address such as \"02:00:00:00:00:01\"", text)
	}
	if _, err := hex.Decode(m[:], []byte(digits)); err != nil {
		return m, fmt.Errorf("%q is not a MAC address such as \"02:00:00:00:00:01\"", text)
	}
	return m, nil
}

// IsZero reports whether the address is unknown.
func (m MAC) IsZero() bool { return m == MAC{} }

// String returns the address in lower case with colons.
func (m MAC) String() string {
	return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5])
}

// MarshalText implements encoding.TextMarshaler.
func (m MAC) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *MAC) UnmarshalText(text []byte) (err error) {
	*m, err = ParseMAC(string(text))
	return err
}
