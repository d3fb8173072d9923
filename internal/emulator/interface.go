package emulator

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// networkInterface is an interface with the fields that EC2 describes and mirroring
// does not need.
type networkInterface struct {
	mirror.Interface
	VPCID         string   `json:"vpc_id,omitempty"`
	GroupIDs      []string `json:"security_group_ids,omitempty"`
	NoSourceCheck bool     `json:"disable_source_dest_check,omitempty"`

	// Of the attachment to an instance.
	DeviceIndex         int       `json:"device_index,omitempty"`
	AttachTime          time.Time `json:"attach_time,omitzero"`
	DeleteOnTermination bool      `json:"delete_on_termination,omitempty"`
}

var interfaceDescriber = describer[networkInterface]{
	of:      interfaces,
	set:     "networkInterfaceSet",
	ids:     "NetworkInterfaceId",
	idField: "network-interface-id",
	fields: []field[networkInterface]{
		{"description", func(_ *tx, v networkInterface) []string { return oneValue(v.Description) }},
		{"subnet-id", func(_ *tx, v networkInterface) []string { return oneValue(v.SubnetID) }},
		{"vpc-id", func(_ *tx, v networkInterface) []string { return oneValue(v.VPCID) }},
		{"availability-zone", func(t *tx, v networkInterface) []string { return oneValue(zoneOf(t, v)) }},
		{"interface-type", func(_ *tx, v networkInterface) []string { return oneValue(v.Type) }},
		{"owner-id", func(_ *tx, v networkInterface) []string { return oneValue(v.OwnerID) }},
		{"requester-id", func(_ *tx, v networkInterface) []string { return oneValue(v.RequesterID) }},
		{"requester-managed", func(_ *tx, v networkInterface) []string { return flagText(v.RequesterManaged) }},
		{"status", func(_ *tx, v networkInterface) []string { return oneValue(v.status()) }},
		{"mac-address", func(_ *tx, v networkInterface) []string { return oneValue(v.MACAddress.String()) }},
		{"private-ip-address", func(_ *tx, v networkInterface) []string { return addressTexts(v.privateAddresses()) }},
		{"addresses.private-ip-address", func(_ *tx, v networkInterface) []string { return addressTexts(v.privateAddresses()) }},
		{"group-id", func(_ *tx, v networkInterface) []string { return v.GroupIDs }},
		{"group-name", func(t *tx, v networkInterface) []string { return groupNames(t, v.GroupIDs) }},
		{"source-dest-check", func(_ *tx, v networkInterface) []string { return flagText(!v.NoSourceCheck) }},
		{"ipv6-addresses.ipv6-address", func(_ *tx, v networkInterface) []string { return addressTexts(v.IPv6Addresses) }},
		{"attachment.instance-id", func(_ *tx, v networkInterface) []string { return oneValue(v.InstanceID) }},
		{"attachment.device-index", func(_ *tx, v networkInterface) []string { return v.deviceText() }},
		{"attachment.attachment-id", func(_ *tx, v networkInterface) []string { return oneValue(v.attachmentID()) }},
	},
	write: func(t *tx, x *query.Writer, id string, v networkInterface) { writeInterface(x, t, v) },
}

// privateAddresses returns the IPv4 addresses, the primary one first.
func (v networkInterface) privateAddresses() []netip.Addr {
	var all []netip.Addr
	for _, a := range append([]netip.Addr{v.PrivateIPAddress}, v.PrivateIPAddresses...) {
		if a.IsValid() && !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	return all
}

// addresses returns the IPv4 and the IPv6 addresses.
func (v networkInterface) addresses() []netip.Addr {
	return append(v.privateAddresses(), v.IPv6Addresses...)
}

func addressTexts(addresses []netip.Addr) []string {
	var list []string
	for _, a := range addresses {
		list = append(list, a.String())
	}
	return list
}

// status is "in-use" for an interface that is attached. One that a requester manages is
// attached to a resource of the requester.
func (v networkInterface) status() string {
	if v.InstanceID != "" || v.RequesterManaged {
		return "in-use"
	}
	return "available"
}

func (v networkInterface) deviceText() []string {
	if v.InstanceID == "" {
		return nil
	}
	return oneValue(strconv.Itoa(v.DeviceIndex))
}

func (v networkInterface) attachmentID() string {
	if v.InstanceID == "" {
		return ""
	}
	return "eni-attach-" + strings.TrimPrefix(v.ID, mirror.KindInterface.Prefix)
}

// isIPv6Only reports whether the interface is in an IPv6-only subnet, and so has no
// IPv4 address.
func isIPv6Only(t *tx, v networkInterface) bool {
	in, _ := subnets.get(t, v.SubnetID)
	return in.IPv6Native
}

func zoneOf(t *tx, v networkInterface) string {
	in, _ := subnets.get(t, v.SubnetID)
	return in.AvailabilityZone
}

func writeInterface(x *query.Writer, t *tx, v networkInterface) {
	x.Text("networkInterfaceId", v.ID)
	x.OptText("subnetId", v.SubnetID)
	x.OptText("vpcId", v.VPCID)
	x.OptText("availabilityZone", zoneOf(t, v))
	x.Text("description", v.Description)
	x.Text("ownerId", v.OwnerID)
	x.OptText("requesterId", v.RequesterID)
	x.Bool("requesterManaged", v.RequesterManaged)
	x.Bool("ipv6Native", isIPv6Only(t, v))
	x.Text("status", v.status())
	x.Text("macAddress", v.MACAddress.String())
	x.Bool("sourceDestCheck", !v.NoSourceCheck)
	writeGroupSet(x, t, v.GroupIDs)
	writeAttachment(x, v)
	writeTagSet(x, tagsOf(t, v.ID))
	private := v.privateAddresses()
	if len(private) > 0 {
		x.Text("privateIpAddress", private[0].String())
	}
	x.In("privateIpAddressesSet", func() {
		for i, a := range private {
			x.In("item", func() {
				x.Text("privateIpAddress", a.String())
				x.Bool("primary", i == 0)
			})
		}
	})
	if len(v.IPv6Addresses) > 0 {
		x.Text("ipv6Address", v.IPv6Addresses[0].String())
	}
	x.In("ipv6AddressesSet", func() {
		for _, a := range v.IPv6Addresses {
			x.In("item", func() { x.Text("ipv6Address", a.String()) })
		}
	})
	writePrefixes(x, "ipv4PrefixSet", "ipv4Prefix", v.IPv4Prefixes)
	writePrefixes(x, "ipv6PrefixSet", "ipv6Prefix", v.IPv6Prefixes)
	x.Text("interfaceType", v.Type)
}

func writePrefixes(x *query.Writer, set, name string, prefixes []netip.Prefix) {
	x.In(set, func() {
		for _, p := range prefixes {
			x.In("item", func() { x.Text(name, p.String()) })
		}
	})
}

func writeAttachment(x *query.Writer, v networkInterface) {
	if v.InstanceID == "" {
		return
	}
	x.In("attachment", func() {
		x.Text("attachmentId", v.attachmentID())
		x.Text("instanceId", v.InstanceID)
		x.Text("instanceOwnerId", v.OwnerID)
		x.Int("deviceIndex", v.DeviceIndex)
		x.Int("networkCardIndex", 0)
		x.Text("status", "attached")
		x.Bool("deleteOnTermination", false)
	})
}
