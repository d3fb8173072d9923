package emulator

import (
	"net/netip"
	"slices"
	"strconv"
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

	PrimaryIPv6 bool      `json:"primary_ipv6,omitempty"` // the first IPv6 address is the primary one
	Tracking    *tracking `json:"connection_tracking,omitempty"`
}

// interfaceDescriber has all documented filters. Nothing here has a public address, so
// that the filters about one match nothing
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaces.html).
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
		{"addresses.primary", func(_ *tx, v networkInterface) []string { return v.primaryTexts() }},
		{"addresses.association.owner-id", noInterfaceValue},
		{"addresses.association.public-ip", noInterfaceValue},
		{"association.allocation-id", noInterfaceValue},
		{"association.association-id", noInterfaceValue},
		{"association.ip-owner-id", noInterfaceValue},
		{"association.public-dns-name", noInterfaceValue},
		{"association.public-ip", noInterfaceValue},
		{"attachment.attach-time", func(t *tx, v networkInterface) []string { return v.ofAttachment(timeText(attachTimeOf(t, v))) }},
		{"attachment.attachment-id", func(_ *tx, v networkInterface) []string { return oneValue(v.attachmentID()) }},
		{"attachment.delete-on-termination", func(_ *tx, v networkInterface) []string {
			return v.ofAttachment(strconv.FormatBool(v.DeleteOnTermination))
		}},
		{"attachment.device-index", func(_ *tx, v networkInterface) []string { return v.ofAttachment(strconv.Itoa(v.deviceIndex())) }},
		{"attachment.instance-id", func(_ *tx, v networkInterface) []string { return oneValue(v.InstanceID) }},
		{"attachment.instance-owner-id", func(_ *tx, v networkInterface) []string { return v.ofAttachment(v.attachmentOwner()) }},
		{"attachment.status", func(_ *tx, v networkInterface) []string { return v.ofAttachment("attached") }},
		{"availability-zone-id", func(t *tx, v networkInterface) []string { return oneValue(zoneIDOf(zoneOf(t, v))) }},
		{"operator.managed", func(*tx, networkInterface) []string { return flagText(false) }},
		{"operator.principal", noInterfaceValue},
		{"private-dns-name", func(t *tx, v networkInterface) []string { return oneValue(interfaceHostname(t, v, v.PrivateIPAddress)) }},
	},
	finders: map[string]func(*tx, string) []string{
		"attachment.instance-id": idsIn(interfacesByInstance),
	},
	write: func(t *tx, x *query.Writer, id string, v networkInterface) { writeInterface(x, t, v) },
}

func noInterfaceValue(*tx, networkInterface) []string { return nil }

// describeInterfaces accepts IncludeManagedResources, which changes nothing: no interface
// here is hidden.
func describeInterfaces(q *query.Query) operation {
	q.OptBool("IncludeManagedResources")
	return interfaceDescriber.describe(q)
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

// primaryTexts says of each IPv4 address whether it is the primary one.
func (v networkInterface) primaryTexts() []string {
	var list []string
	for i := range v.privateAddresses() {
		list = append(list, strconv.FormatBool(i == 0))
	}
	return list
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

// status is "in-use" for an interface that is attached.
func (v networkInterface) status() string {
	if v.isAttached() {
		return "in-use"
	}
	return "available"
}

// isIPv6Only reports whether the interface is in an IPv6-only subnet, and so has no
// IPv4 address.
func isIPv6Only(t *tx, v networkInterface) bool {
	in, _ := subnets.get(t, v.SubnetID)
	return in.IPv6Native
}

// zoneOf returns the Availability Zone of an interface, "" if its subnet is unknown.
func zoneOf(t *tx, v networkInterface) string {
	in, ok := subnets.get(t, v.SubnetID)
	if !ok {
		return ""
	}
	return in.zone(t)
}

func writeInterface(x *query.Writer, t *tx, v networkInterface) {
	x.Text("networkInterfaceId", v.ID)
	x.OptText("subnetId", v.SubnetID)
	x.OptText("vpcId", v.VPCID)
	zone := zoneOf(t, v)
	x.OptText("availabilityZone", zone)
	x.OptText("availabilityZoneId", zoneIDOf(zone))
	x.Text("description", v.Description)
	x.Text("ownerId", v.OwnerID)
	x.OptText("requesterId", v.RequesterID)
	x.Bool("requesterManaged", v.RequesterManaged)
	x.Bool("ipv6Native", isIPv6Only(t, v))
	x.Text("status", v.status())
	x.Text("macAddress", v.MACAddress.String())
	x.Bool("sourceDestCheck", !v.NoSourceCheck)
	writeGroupSet(x, t, v.GroupIDs)
	writeAttachment(x, t, v)
	writeTagSet(x, tagsOf(t, v.ID))
	private := v.privateAddresses()
	if len(private) > 0 {
		x.Text("privateIpAddress", private[0].String())
		x.OptText("privateDnsName", interfaceHostname(t, v, private[0]))
	}
	x.In("privateIpAddressesSet", func() {
		for i, a := range private {
			x.In("item", func() {
				x.Text("privateIpAddress", a.String())
				x.OptText("privateDnsName", interfaceHostname(t, v, a))
				x.Bool("primary", i == 0)
			})
		}
	})
	if len(v.IPv6Addresses) > 0 {
		x.Text("ipv6Address", v.IPv6Addresses[0].String())
	}
	writeIPv6Addresses(x, v)
	writePrefixes(x, "ipv4PrefixSet", "ipv4Prefix", v.IPv4Prefixes)
	writePrefixes(x, "ipv6PrefixSet", "ipv6Prefix", v.IPv6Prefixes)
	x.Text("interfaceType", v.Type)
	writeTracking(x, v.Tracking)
	x.In("operator", func() { x.Bool("managed", false) })
}

func writeIPv6Addresses(x *query.Writer, v networkInterface) {
	x.In("ipv6AddressesSet", func() {
		for i, a := range v.IPv6Addresses {
			x.In("item", func() {
				x.Text("ipv6Address", a.String())
				x.Bool("isPrimaryIpv6", isPrimaryIPv6(v, i))
			})
		}
	})
}

// isPrimaryIPv6 reports whether the IPv6 address at a position is the primary one.
func isPrimaryIPv6(v networkInterface, position int) bool { return v.PrimaryIPv6 && position == 0 }

func writePrefixes(x *query.Writer, set, name string, prefixes []netip.Prefix) {
	x.In(set, func() {
		for _, p := range prefixes {
			x.In("item", func() { x.Text(name, p.String()) })
		}
	})
}
