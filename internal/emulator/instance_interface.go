package emulator

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// instanceInterfaceFields are the filters of DescribeInstances on the interfaces of an
// instance that DescribeNetworkInterfaces does not have under the same name. An instance
// meets the filter if one of its interfaces does.
var instanceInterfaceFields = []field[networkInterface]{
	{"addresses.private-dns-name", func(t *tx, v networkInterface) []string {
		var list []string
		for _, a := range v.privateAddresses() {
			list = append(list, oneValue(interfaceHostname(t, v, a))...)
		}
		return list
	}},
	{"attachment.network-card-index", func(*tx, networkInterface) []string { return oneValue("0") }},
	{"group-name", func(t *tx, v networkInterface) []string { return groupNames(t, v.GroupIDs) }},
	{"ipv4-prefixes.ipv4-prefix", func(_ *tx, v networkInterface) []string { return prefixTexts(v.IPv4Prefixes) }},
	{"ipv6-address", func(_ *tx, v networkInterface) []string { return addressTexts(v.IPv6Addresses) }},
	{"ipv6-addresses.is-primary-ipv6", func(_ *tx, v networkInterface) []string {
		var list []string
		for i := range v.IPv6Addresses {
			list = append(list, strconv.FormatBool(isPrimaryIPv6(v, i)))
		}
		return list
	}},
	{"ipv6-native", func(t *tx, v networkInterface) []string { return flagText(isIPv6Only(t, v)) }},
	{"ipv6-prefixes.ipv6-prefix", func(_ *tx, v networkInterface) []string { return prefixTexts(v.IPv6Prefixes) }},
	{"network-interface-id", func(_ *tx, v networkInterface) []string { return oneValue(v.ID) }},
	{"tag-key", func(t *tx, v networkInterface) []string { return tagKeys(t, v.ID) }},
	{"tag-value", func(t *tx, v networkInterface) []string { return tagValues(t, v.ID) }},
}

// interfaceFilters are the names of the filters of DescribeInstances on interfaces,
// without their prefix. Nothing here has an association: there are no public addresses.
// Nor are there Outposts and operators.
var interfaceFilters = strings.Fields(`
	addresses.association.allocation-id addresses.association.association-id addresses.association.carrier-ip
	addresses.association.customer-owned-ip addresses.association.ip-owner-id addresses.association.public-dns-name
	addresses.association.public-ip addresses.primary addresses.private-dns-name addresses.private-ip-address
	association.allocation-id association.association-id association.carrier-ip association.customer-owned-ip
	association.ip-owner-id association.public-dns-name association.public-ip attachment.attach-time
	attachment.attachment-id attachment.delete-on-termination attachment.device-index attachment.instance-id
	attachment.instance-owner-id attachment.network-card-index attachment.status availability-zone
	deny-all-igw-traffic description group-id group-name ipv4-prefixes.ipv4-prefix ipv6-address
	ipv6-addresses.ipv6-address ipv6-addresses.is-primary-ipv6 ipv6-native ipv6-prefixes.ipv6-prefix mac-address
	network-interface-id operator.managed operator.principal outpost-arn owner-id private-dns-name
	private-ip-address public-dns-name requester-id requester-managed status source-dest-check subnet-id tag-key
	tag-value vpc-id`)

// interfaceFilterFields returns the filters on interfaces, with their prefix. A filter that
// DescribeNetworkInterfaces has too means the same there.
func interfaceFilterFields() []field[instance] {
	var fields []field[instance]
	for _, name := range interfaceFilters {
		fields = append(fields, field[instance]{"network-interface." + name, func(t *tx, v instance) []string {
			var values []string
			for _, i := range interfacesOf(t, v.ID) {
				own := valuesOf(t, instanceInterfaceFields, name, i)
				if own == nil {
					own = valuesOf(t, interfaceDescriber.fields, name, i)
				}
				values = append(values, own...)
			}
			return values
		}})
	}
	return fields
}

// writeInstanceInterface writes an interface as a part of its instance
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceNetworkInterface.html).
func writeInstanceInterface(x *query.Writer, t *tx, v networkInterface) {
	x.Text("networkInterfaceId", v.ID)
	x.OptText("subnetId", v.SubnetID)
	x.OptText("vpcId", v.VPCID)
	x.Text("description", v.Description)
	x.Text("ownerId", v.OwnerID)
	x.Text("status", v.status())
	x.Text("macAddress", v.MACAddress.String())
	private := v.privateAddresses()
	if len(private) > 0 {
		x.Text("privateIpAddress", private[0].String())
		x.OptText("privateDnsName", interfaceHostname(t, v, private[0]))
	}
	x.Bool("sourceDestCheck", !v.NoSourceCheck)
	writeGroupSet(x, t, v.GroupIDs)
	x.In("attachment", func() {
		x.Text("attachmentId", v.attachmentID())
		x.Int("deviceIndex", v.DeviceIndex)
		x.Text("status", "attached")
		x.Text("attachTime", timeText(attachTimeOf(t, v)))
		x.Bool("deleteOnTermination", v.DeleteOnTermination)
		x.Int("networkCardIndex", 0)
	})
	x.In("privateIpAddressesSet", func() {
		for i, a := range private {
			x.In("item", func() {
				x.Text("privateIpAddress", a.String())
				x.OptText("privateDnsName", interfaceHostname(t, v, a))
				x.Bool("primary", i == 0)
			})
		}
	})
	writeIPv6Addresses(x, v)
	writePrefixes(x, "ipv4PrefixSet", "ipv4Prefix", v.IPv4Prefixes)
	writePrefixes(x, "ipv6PrefixSet", "ipv6Prefix", v.IPv6Prefixes)
	x.Text("interfaceType", v.Type)
	x.In("operator", func() { x.Bool("managed", false) })
}

func prefixTexts(prefixes []netip.Prefix) []string {
	var list []string
	for _, p := range prefixes {
		list = append(list, p.String())
	}
	return list
}
