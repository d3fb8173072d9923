package planfile

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// iface returns what is known of the interface: by the user, by the topology, or by the file.
func (q *question) iface(id string) mirror.Interface {
	i, resolver := q.facts.topologyInterface(id)
	if i.ID == "" {
		i, resolver = q.fileInterface(id)
	}
	i.ID = id
	if !q.facts.MACAddress.IsZero() {
		i.MACAddress = q.facts.MACAddress
	}
	if q.facts.Addresses != nil {
		i.PrivateIPAddress, i.PrivateIPAddresses, i.IPv6Addresses, i.IPv4Prefixes, i.IPv6Prefixes = netip.Addr{}, nil, nil, nil, nil
		for _, a := range q.facts.Addresses {
			addAddress(&i, a)
		}
	}
	switch {
	case q.facts.Resolvers != nil:
		i.DNSResolverAddresses = q.facts.Resolvers
	case resolver.IsValid():
		i.DNSResolverAddresses = []netip.Addr{resolver}
	default:
		q.warning(fmt.Sprintf("the address of the DNS resolver in the VPC of %s is not known, so that DNS to it counts as other traffic", id),
			"Write --dns-resolver-address or --topology.")
	}
	for _, family := range []struct {
		name  string
		known bool
	}{
		{"IPv4", i.PrivateIPAddress.IsValid() || i.PrivateIPAddresses != nil || i.IPv4Prefixes != nil},
		{"IPv6", i.IPv6Addresses != nil || i.IPv6Prefixes != nil},
	} {
		if i.MACAddress.IsZero() && !family.known {
			q.warning(fmt.Sprintf("the %s addresses of %s are not known, so that the direction of an %[1]s packet is known only where the capture shows it", family.name, id),
				"Write --interface-address or --topology.")
		}
	}
	return i
}

func addAddress(i *mirror.Interface, a netip.Addr) {
	switch {
	case !a.Is4():
		i.IPv6Addresses = append(i.IPv6Addresses, a)
	case !i.PrivateIPAddress.IsValid():
		i.PrivateIPAddress = a
		fallthrough
	default:
		i.PrivateIPAddresses = append(i.PrivateIPAddresses, a)
	}
}

// topologyInterface returns an interface of the topology, and the resolver of its VPC. What
// the topology does not have of an interface that it has does not exist.
func (f Facts) topologyInterface(id string) (mirror.Interface, netip.Addr) {
	t := f.Topology
	if t == nil {
		return mirror.Interface{}, netip.Addr{}
	}
	at := slices.IndexFunc(t.NetworkInterfaces, func(i mirror.Interface) bool { return i.ID == id })
	if at < 0 {
		return mirror.Interface{}, netip.Addr{}
	}
	i := t.NetworkInterfaces[at]
	i.PrivateIPAddresses, i.IPv6Addresses = append([]netip.Addr{}, i.PrivateIPAddresses...), append([]netip.Addr{}, i.IPv6Addresses...)
	subnet := slices.IndexFunc(t.Subnets, func(s topology.Subnet) bool { return s.ID == i.SubnetID })
	if subnet < 0 {
		return i, netip.Addr{}
	}
	i.Zone = t.Subnets[subnet].AvailabilityZone
	vpc := slices.IndexFunc(t.VPCs, func(v topology.VPC) bool { return v.ID == t.Subnets[subnet].VPCID })
	if vpc < 0 {
		return i, netip.Addr{}
	}
	return i, resolverOf(t.VPCs[vpc].CIDRBlock)
}

// resolverOf returns the address of the Route 53 Resolver: the base of the VPC's primary IPv4
// CIDR block plus two
// (https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html).
func resolverOf(block netip.Prefix) netip.Addr {
	if !block.IsValid() || !block.Addr().Is4() {
		return netip.Addr{}
	}
	return block.Masked().Addr().Next().Next()
}

// fileInterface returns what the file has of an interface, and the resolver of its VPC.
func (q *question) fileInterface(id string) (mirror.Interface, netip.Addr) {
	for _, o := range slices.Concat(q.file.objects, q.file.data) {
		if o.isDeleted || !slices.Contains(interfaceKinds, o.place.kind) {
			continue
		}
		if own, err := q.idOf(o); err == nil && own == id && (o.place.kind != instanceKind || !q.file.hasInterface(id)) {
			i := interfaceOf(o)
			i.Zone = q.file.zoneOf(o)
			return i, q.file.resolver(o)
		}
	}
	return mirror.Interface{}, netip.Addr{}
}

// hasInterface reports whether the file has the interface itself, and not only the instance
// that it is attached to.
func (f *File) hasInterface(id string) bool {
	return slices.ContainsFunc(slices.Concat(f.objects, f.data), func(o *object) bool {
		return !o.isDeleted && o.place.kind == interfaceKinds[0] && o.name() == id
	})
}

// interfaceOf reads an aws_network_interface, a resource or a data source, or the primary interface
// of an aws_instance. A list that is unknown stays nil.
func interfaceOf(o *object) mirror.Interface {
	i := mirror.Interface{PrivateIPAddresses: o.addresses("private_ips"), IPv6Addresses: o.addresses("ipv6_addresses")}
	i.PrivateIPAddress, _ = netip.ParseAddr(o.knownText("private_ip"))
	if o.place.kind == instanceKind {
		i.PrivateIPAddresses = o.addresses("secondary_private_ips")
	}
	if !i.PrivateIPAddress.IsValid() && len(i.PrivateIPAddresses) == 1 {
		i.PrivateIPAddress = i.PrivateIPAddresses[0]
	}
	i.MACAddress, _ = mirror.ParseMAC(o.knownText("mac_address"))
	if check, err := o.value("source_dest_check"); err == nil {
		if on, isBool := check.(bool); isBool {
			i.SourceDestCheck = &on
		}
	}
	i.IPv4Prefixes, i.IPv6Prefixes = o.prefixes("ipv4_prefixes"), o.prefixes("ipv6_prefixes")
	return i
}

// texts returns a list of texts; nil if it is null or not fully known.
func (o *object) texts(name string) []string {
	value, err := o.value(name)
	list, isList := value.([]any)
	if err != nil || !isList {
		return nil
	}
	texts := []string{}
	for _, element := range list {
		if text, isText := element.(string); isText {
			texts = append(texts, text)
		}
	}
	return texts
}

func (o *object) addresses(name string) []netip.Addr {
	texts := o.texts(name)
	if texts == nil {
		return nil
	}
	addresses := []netip.Addr{}
	for _, text := range texts {
		if address, err := netip.ParseAddr(text); err == nil {
			addresses = append(addresses, address)
		}
	}
	return addresses
}

func (o *object) prefixes(name string) []netip.Prefix {
	var prefixes []netip.Prefix
	for _, text := range o.texts(name) {
		if prefix, err := netip.ParsePrefix(text); err == nil {
			prefixes = append(prefixes, prefix)
		}
	}
	return prefixes
}

// resolver follows an interface or an instance to its subnet and its VPC.
func (f *File) resolver(o *object) netip.Addr {
	subnet, found := f.follow(o, "subnet_id", subnetKinds)
	if !found {
		return netip.Addr{}
	}
	vpc, found := f.follow(subnet, "vpc_id", vpcKinds)
	if !found {
		return netip.Addr{}
	}
	block, _ := netip.ParsePrefix(vpc.knownText("cidr_block"))
	return resolverOf(block)
}

// follow returns the object that an argument refers to, if that is certain.
func (f *File) follow(o *object, argument string, kinds []string) (*object, bool) {
	quiet := &question{file: f}
	id, err := quiet.reference(o, argument, kinds)
	if err != nil || quiet.warnings != nil {
		return nil, false
	}
	found, err := f.byReference(id, kinds)
	return found, err == nil
}
