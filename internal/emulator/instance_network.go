package emulator

import (
	"cmp"
	"net/netip"
	"slices"
	"sort"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// launchInterface is an interface of a launch: a new one, or one that exists.
type launchInterface struct {
	wantedInterface
	existing   string   // its ID; "": a new one
	groupNames []string // of security groups of the default VPC
}

// readNetwork reads the interfaces of a launch. They are described one by one, or the
// request itself has the subnet, the addresses and the security groups of the only one.
func readNetwork(q *query.Query, most int) []launchInterface {
	members := q.Members("NetworkInterface")
	if len(members) == 0 {
		return []launchInterface{readOnly(q, most)}
	}
	for _, both := range []struct{ parameter, noun string }{
		{"SubnetId", "subnet ID"}, {"SecurityGroupId", "security groups"}, {"SecurityGroup", "security groups"},
		{"PrivateIpAddress", "private IP address"}, {"Ipv6AddressCount", "IPv6 addresses"}, {"Ipv6Address", "IPv6 addresses"},
	} {
		if q.HasBelow(both.parameter) {
			q.Fail(query.Refuse("InvalidParameterCombination", "Network interfaces and an instance-level %s may not be specified on the same request", both.noun))
		}
	}
	var list []launchInterface
	for _, member := range members {
		v := readLaunchInterface(q, member+".", most)
		if slices.ContainsFunc(list, func(other launchInterface) bool { return other.DeviceIndex == v.DeviceIndex }) {
			q.Fail(query.Refuse("InvalidParameterValue", "The device index %d is in the request more than once", v.DeviceIndex))
		}
		if v.existing != "" && slices.ContainsFunc(list, func(other launchInterface) bool { return other.existing == v.existing }) {
			q.Fail(query.Refuse("InvalidParameterValue", "The network interface %s is in the request more than once", v.existing))
		}
		list = append(list, v)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].DeviceIndex < list[j].DeviceIndex })
	if list[0].DeviceIndex != 0 {
		q.Fail(query.Refuse("InvalidParameterValue", "The request has no network interface with the device index 0"))
	}
	return list
}

// readOnly reads an interface that the request itself describes. Security groups by name
// are only for a default VPC
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html).
func readOnly(q *query.Query, most int) launchInterface {
	v := launchInterface{wantedInterface: readAddressed(q, "")}
	v.IPv6Addresses = readIPv6Addresses(q, "Ipv6Address")
	v.ipv6 = readAddressCount(q, "Ipv6AddressCount", len(v.IPv6Addresses) > 0)
	v.SubnetID, v.GroupIDs, v.DeleteOnTermination = subnets.readID(q, "SubnetId"), readGroups(q), true
	switch names := q.List("SecurityGroup"); {
	case len(names) == 0:
	case v.SubnetID != "":
		q.Fail(query.Refuse("InvalidParameterCombination", "The parameter groupName cannot be used with the parameter subnet"))
	default:
		v.groupNames = names
	}
	refuseManyAddresses(q, v, most)
	return v
}

// readAddressed reads the addresses of a new interface that have the same parameters
// everywhere.
func readAddressed(q *query.Query, prefix string) wantedInterface {
	v := wantedInterface{networkInterface: networkInterface{Interface: mirror.Interface{Type: mirror.OrdinaryInterface}}}
	if q.Has(prefix + "PrivateIpAddress") {
		v.PrivateIPAddress = readIPv4(q, prefix+"PrivateIpAddress")
	}
	return v
}

func readIPv6Addresses(q *query.Query, list string) []netip.Addr {
	var addresses []netip.Addr
	for _, member := range q.Members(list) {
		addresses = append(addresses, readIPv6(q, member+".Ipv6Address"))
	}
	return addresses
}

// refuseManyAddresses refuses addresses for more than one instance.
func refuseManyAddresses(q *query.Query, v launchInterface, most int) {
	if most > 1 && (len(v.addresses()) > 0 || v.existing != "") {
		q.Fail(query.Refuse("InvalidParameterCombination", "An address or a network interface cannot be given to more than one instance. Write 1 for MaxCount."))
	}
}

// readLaunchInterface reads an interface that has a description of its own. A new one is
// deleted with its instance unless the request says otherwise; one that exists stays (A0154).
func readLaunchInterface(q *query.Query, prefix string, most int) launchInterface {
	v := launchInterface{wantedInterface: readAddressed(q, prefix), existing: interfaces.readID(q, prefix+"NetworkInterfaceId")}
	v.DeviceIndex = q.NeedInt(prefix + "DeviceIndex")
	if v.DeviceIndex < 0 {
		q.Fail(query.InvalidValue(prefix+"DeviceIndex", strconv.Itoa(v.DeviceIndex), "Write 0 or more."))
	}
	if card := q.Int(prefix + "NetworkCardIndex"); card != nil && *card != 0 {
		q.Fail(query.InvalidValue(prefix+"NetworkCardIndex", strconv.Itoa(*card), "The instances of the embedded EC2 have one network card, 0."))
	}
	if q.Bool(prefix + "AssociatePublicIpAddress") {
		q.Fail(query.Refuse("UnsupportedOperation", "The embedded EC2 has no public IP addresses. Leave out AssociatePublicIpAddress."))
	}
	v.SubnetID, v.Description = subnets.readID(q, prefix+"SubnetId"), q.Text(prefix+"Description")
	v.Type = cmp.Or(readChoice(q, prefix+"InterfaceType", creationTypes...), mirror.OrdinaryInterface)
	v.GroupIDs = securityGroups.readIDs(q, prefix+"SecurityGroupId")
	for _, member := range q.Members(prefix + "PrivateIpAddresses") {
		a := readIPv4(q, member+".PrivateIpAddress")
		switch {
		case !q.Bool(member + ".Primary"):
			v.PrivateIPAddresses = append(v.PrivateIPAddresses, a)
		case v.PrivateIPAddress.IsValid():
			q.Fail(query.Refuse("InvalidParameterCombination", "%s.Primary is a second primary address. A network interface has one.", member))
		default:
			v.PrivateIPAddress = a
		}
	}
	v.secondary = readAddressCount(q, prefix+"SecondaryPrivateIpAddressCount", len(v.PrivateIPAddresses) > 0)
	v.IPv6Addresses = readIPv6Addresses(q, prefix+"Ipv6Addresses")
	v.ipv6 = readAddressCount(q, prefix+"Ipv6AddressCount", len(v.IPv6Addresses) > 0)
	refuseTwice(q, slices.Concat([]netip.Addr{v.PrivateIPAddress}, v.PrivateIPAddresses, v.IPv6Addresses))
	goes := q.OptBool(prefix + "DeleteOnTermination")
	v.DeleteOnTermination = v.existing == ""
	replace(&v.DeleteOnTermination, goes)
	v.refuseExisting(q)
	refuseManyAddresses(q, v, most)
	return v
}

// refuseExisting refuses properties for an interface that exists and has its own.
func (v launchInterface) refuseExisting(q *query.Query) {
	switch {
	case v.existing == "":
	case v.DeleteOnTermination:
		q.Fail(query.Refuse("InvalidParameterCombination", "A network interface may not specify a network interface ID and delete on termination as true"))
	case v.SubnetID != "" || v.Description != "" || v.GroupIDs != nil || len(v.addresses()) > 0 || v.secondary+v.ipv6 > 0:
		q.Fail(query.Refuse("InvalidParameterCombination", "A network interface may not specify both a network interface ID and a subnet, addresses, security groups or a description"))
	}
}

// checkZone refuses interfaces in different Availability Zones, and a placement in another
// one (A0154).
func (l launch) checkZone(t *tx) error {
	name := l.AvailabilityZone
	for n, v := range l.network {
		in, err := v.subnet(t)
		if err != nil {
			return err
		}
		switch {
		case n > 0 && in.zone(t) != name:
			return query.Refuse("InvalidParameterCombination", "You may not attach a network interface to an instance if they are not in the same availability zone")
		case name != "" && in.zone(t) != name:
			return query.Refuse("InvalidParameterValue", "Value (%s) for parameter availabilityZone is invalid. Subnet '%s' is in the availability zone %s", name, in.ID, in.zone(t))
		}
		name = in.zone(t)
	}
	return nil
}

// subnet returns the subnet of an interface, and refuses one that cannot be attached.
func (v launchInterface) subnet(t *tx) (subnet, error) {
	if v.existing != "" {
		i, err := ownInterface(t, v.existing)
		if err != nil {
			return subnet{}, err
		}
		if i.InstanceID != "" {
			return subnet{}, interfaceInUse(i.ID)
		}
		return subnets.need(t, i.SubnetID)
	}
	return subnets.need(t, v.SubnetID)
}

// inDefaultSubnets returns the interfaces of a launch, those without a subnet in a default
// subnet. The codes are those of support threads (A0154).
func (l launch) inDefaultSubnets(t *tx) ([]launchInterface, error) {
	network := slices.Clone(l.network)
	for n, v := range network {
		if v.existing != "" || v.SubnetID != "" {
			continue
		}
		home := defaultVPC(t)
		if home == "" {
			return nil, query.Refuse("VPCIdNotSpecified", "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.")
		}
		groups, err := groupsNamed(t, v.groupNames)
		if err != nil {
			return nil, err
		}
		network[n].GroupIDs = append(slices.Clip(v.GroupIDs), groups...)
		names := oneValue(l.AvailabilityZone)
		for _, z := range zones(t) {
			if l.AvailabilityZone == "" {
				names = append(names, z.name())
			}
		}
		for _, name := range names {
			network[n].SubnetID = cmp.Or(network[n].SubnetID, defaultSubnet(t, name))
		}
		if network[n].SubnetID == "" {
			return nil, query.Refuse("MissingInput", "No subnets found for the default VPC '%s'. Please specify a subnet.", home)
		}
	}
	return network, nil
}

// groupsNamed returns the IDs of security groups of the default VPC.
func groupsNamed(t *tx, names []string) ([]string, error) {
	var ids []string
	for _, name := range names {
		group, err := groupRef{name: name}.need(t)
		if err != nil {
			return nil, err
		}
		ids = append(ids, group.ID)
	}
	return ids, nil
}

// attachLaunched makes and attaches the interfaces of an instance, and returns the subnet
// of the primary one. If it fails, it takes back what it made.
func attachLaunched(t *tx, instanceID string, network []launchInterface, tagged map[string]string) (subnet, error) {
	var primary networkInterface
	var made []string
	for n, wanted := range network {
		v, err := wanted.interfaceFor(t)
		if err != nil {
			for _, id := range made {
				interfaces.del(t, id)
			}
			return subnet{}, err
		}
		v.InstanceID, v.DeviceIndex, v.AttachTime, v.DeleteOnTermination = instanceID, wanted.DeviceIndex, t.now.UTC(), wanted.DeleteOnTermination
		putInterface(t, v)
		if wanted.existing == "" {
			setTags(t, v.ID, tagged)
			made = append(made, v.ID)
		}
		if n == 0 {
			primary = v
		}
	}
	in, _ := subnets.get(t, primary.SubnetID)
	return in, nil
}

func (v launchInterface) interfaceFor(t *tx) (networkInterface, error) {
	if v.existing != "" {
		return ownInterface(t, v.existing)
	}
	return placeInterface(t, v.wantedInterface)
}
