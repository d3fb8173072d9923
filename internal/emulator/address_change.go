package emulator

import (
	"maps"
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// addressKind is what differs between the actions for IPv4 and for IPv6 addresses.
type addressKind struct {
	list  string // the parameter
	count string // the parameter
	read  func(*query.Query, string) netip.Addr
	block func(subnet) netip.Prefix
	moves bool // from another interface, if the request allows it
}

var (
	privateKind = addressKind{"PrivateIpAddress", "SecondaryPrivateIpAddressCount", readIPv4, func(v subnet) netip.Prefix { return v.CIDRBlock }, true}
	ipv6Kind    = addressKind{"Ipv6Addresses", "Ipv6AddressCount", readIPv6, func(v subnet) netip.Prefix { return v.IPv6CIDRBlock }, false}
)

func (k addressKind) addresses(q *query.Query) []netip.Addr {
	var list []netip.Addr
	for _, member := range q.Members(k.list) {
		list = append(list, k.read(q, member))
	}
	refuseTwice(q, list)
	return list
}

// writeAddresses writes which addresses an interface got or lost.
type writeAddresses func(x *query.Writer, id string, list []netip.Addr)

// assign returns an operation that adds the addresses of a request, or the number of
// addresses that it asks for.
func (k addressKind) assign(q *query.Query, write writeAddresses) operation {
	id := interfaces.needID(q, "NetworkInterfaceId")
	list := k.addresses(q)
	n := readAddressCount(q, k.count, len(list) > 0)
	if len(list) == 0 && n == 0 {
		q.Fail(query.Missing(k.list + ".1 or " + k.count))
	}
	move := k.moves && q.Bool("AllowReassignment")
	return func(t *tx, x *query.Writer) error {
		v, err := ownInterface(t, id)
		if err != nil {
			return err
		}
		in, err := subnets.need(t, v.SubnetID)
		if err != nil {
			return err
		}
		if move {
			release(t, in, list)
			v, _ = interfaces.get(t, id) // it may have been its own
		}
		if err := checkAddresses(t, in, list); err != nil {
			return err
		}
		for _, a := range list {
			v.add(a)
		}
		picked, err := addPicked(t, &v, k.block(in), n)
		if err != nil {
			return err
		}
		putInterface(t, v)
		write(x, id, append(list, picked...))
		return nil
	}
}

// release removes secondary addresses from the interfaces that have them. It leaves
// primary addresses where they are. Each interface is stored once.
func release(t *tx, in subnet, list []netip.Addr) {
	taken := map[string][]netip.Addr{}
	for _, a := range list {
		if id := interfacesBySubnet.get(t, in.ID, a.String()); id != "" {
			taken[id] = append(taken[id], a)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(taken)) {
		v, ok := interfaces.get(t, id)
		if !ok || v.RequesterManaged {
			continue
		}
		for _, a := range taken[id] {
			v.remove(a)
		}
		putInterface(t, v)
	}
}

func (v *networkInterface) remove(a netip.Addr) {
	other := func(b netip.Addr) bool { return a == b }
	v.PrivateIPAddresses = slices.DeleteFunc(slices.Clone(v.PrivateIPAddresses), other)
	v.IPv6Addresses = slices.DeleteFunc(slices.Clone(v.IPv6Addresses), other)
}

// unassign returns an operation that removes secondary addresses.
func (k addressKind) unassign(q *query.Query, write writeAddresses) operation {
	id := interfaces.needID(q, "NetworkInterfaceId")
	list := k.addresses(q)
	if len(list) == 0 {
		q.Fail(query.Missing(k.list + ".1"))
	}
	return func(t *tx, x *query.Writer) error {
		v, err := ownInterface(t, id)
		if err != nil {
			return err
		}
		for _, a := range list {
			switch {
			case isPrimaryIPv6(v, slices.Index(v.IPv6Addresses, a)):
				return query.Refuse("InvalidParameterValue", "Address %s is the primary IPv6 address of '%s' and cannot be unassigned", a, id)
			case a == v.PrivateIPAddress:
				return query.Refuse("InvalidParameterValue", "Address %s is the primary address of '%s' and cannot be unassigned", a, id)
			case !slices.Contains(v.addresses(), a):
				return query.Refuse("InvalidParameterValue", "Some of the specified addresses are not assigned to interface %s: %s", id, a)
			}
		}
		for _, a := range list {
			v.remove(a)
		}
		putInterface(t, v)
		write(x, id, list)
		return nil
	}
}

func assignPrivateAddresses(q *query.Query) operation {
	return privateKind.assign(q, func(x *query.Writer, id string, list []netip.Addr) {
		x.Text("networkInterfaceId", id)
		x.In("assignedPrivateIpAddressesSet", func() {
			for _, a := range list {
				x.In("item", func() { x.Text("privateIpAddress", a.String()) })
			}
		})
	})
}

func unassignPrivateAddresses(q *query.Query) operation {
	return privateKind.unassign(q, func(x *query.Writer, _ string, _ []netip.Addr) { x.Bool("return", true) })
}

func assignIPv6Addresses(q *query.Query) operation {
	return ipv6Kind.assign(q, ipv6List("assignedIpv6Addresses"))
}

func unassignIPv6Addresses(q *query.Query) operation {
	return ipv6Kind.unassign(q, ipv6List("unassignedIpv6Addresses"))
}

func ipv6List(set string) writeAddresses {
	return func(x *query.Writer, id string, list []netip.Addr) {
		x.Text("networkInterfaceId", id)
		x.In(set, func() {
			for _, a := range list {
				x.Text("item", a.String())
			}
		})
	}
}
