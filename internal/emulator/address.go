package emulator

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// reservedAddresses are the first four and the last of a subnet's block, be it of
// IPv4 or IPv6 (https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html).
const (
	reservedFirst     = 4
	reservedAddresses = reservedFirst + 1
)

// isReserved reports whether EC2 reserves an address of a block.
func isReserved(block netip.Prefix, a netip.Addr) bool {
	if !block.Contains(a.Next()) { // the zero address follows the last that there is
		return true
	}
	for range reservedFirst {
		a = a.Prev()
		if !block.Contains(a) {
			return true
		}
	}
	return false
}

// blockOf returns the block of a subnet that must contain an address.
func (v subnet) blockOf(a netip.Addr) netip.Prefix {
	if a.Is4() {
		return v.CIDRBlock
	}
	return v.IPv6CIDRBlock
}

// checkAddresses refuses addresses that no interface in a subnet can get. The codes are
// those that clients report (A0092).
func checkAddresses(t *tx, in subnet, addresses []netip.Addr) error {
	for _, a := range addresses {
		block := in.blockOf(a)
		switch {
		case !block.IsValid() || !block.Contains(a):
			return query.Refuse("InvalidParameterValue", "Address %s does not fall within the subnet's address range", a)
		case isReserved(block, a):
			return query.Refuse("InvalidParameterValue", "Address %s is in subnet's reserved address range", a)
		case interfacesBySubnet.get(t, in.ID, a.String()) != "":
			return query.Refuse("InvalidIPAddress.InUse", "The specified address is already in use: %s", a)
		}
	}
	return nil
}

// pickAddress returns a free address of a block of a subnet that is not in the list. It
// takes the first one from a random position on.
func pickAddress(t *tx, in subnet, block netip.Prefix, but []netip.Addr) (netip.Addr, error) {
	// The first 65,536 addresses of an IPv6 block are more than a subnet has interfaces.
	usable := max(0, 1<<min(block.Addr().BitLen()-block.Bits(), 16)-reservedAddresses)
	start := t.draw(mirror.Range{Min: 0, Max: int64(max(0, usable-1))})
	for i := range usable {
		a := addressAt(block, reservedFirst+(start+i)%usable)
		if interfacesBySubnet.get(t, in.ID, a.String()) == "" && !slices.Contains(but, a) {
			return a, nil
		}
	}
	return netip.Addr{}, query.Refuse(insufficientAddresses, "There are not enough free addresses in subnet '%s'", in.ID)
}

// addressAt returns the n-th address of a block, counted from 0.
func addressAt(block netip.Prefix, n int) netip.Addr {
	bytes := block.Masked().Addr().AsSlice()
	last := bytes[len(bytes)-4:]
	binary.BigEndian.PutUint32(last, binary.BigEndian.Uint32(last)+uint32(n))
	a, _ := netip.AddrFromSlice(bytes)
	return a
}

// placeInterface gives an interface an ID and the addresses that the request leaves to
// EC2.
func placeInterface(t *tx, v wantedInterface) (networkInterface, error) {
	in, err := subnets.need(t, v.SubnetID)
	if err != nil {
		return v.networkInterface, err
	}
	if err := checkAddresses(t, in, v.addresses()); err != nil {
		return v.networkInterface, err
	}
	placed := v.networkInterface
	placed.ID, placed.OwnerID, placed.VPCID = interfaces.freshID(t), t.account, in.VPCID
	if placed.GroupIDs, err = groupsFor(t, in.VPCID, placed.GroupIDs); err != nil {
		return placed, err
	}
	if placed.Type == efaOnly {
		return placed, nil
	}
	if !placed.PrivateIPAddress.IsValid() && in.CIDRBlock.IsValid() {
		if placed.PrivateIPAddress, err = pickAddress(t, in, in.CIDRBlock, placed.addresses()); err != nil {
			return placed, err
		}
	}
	if v.ipv6 == 0 && len(placed.IPv6Addresses) == 0 && in.assignsIPv6() && in.IPv6CIDRBlock.IsValid() {
		v.ipv6 = 1
	}
	if _, err = addPicked(t, &placed, in.CIDRBlock, v.secondary); err == nil {
		_, err = addPicked(t, &placed, in.IPv6CIDRBlock, v.ipv6)
	}
	return placed, err
}

// addPicked adds n addresses of a block to an interface, and returns them.
func addPicked(t *tx, v *networkInterface, block netip.Prefix, n int) ([]netip.Addr, error) {
	in, _ := subnets.get(t, v.SubnetID)
	if n > 0 && !block.IsValid() {
		return nil, query.Refuse("InvalidParameterValue", "Subnet '%s' has no block to take such addresses from", v.SubnetID)
	}
	var picked []netip.Addr
	for range n {
		a, err := pickAddress(t, in, block, v.addresses())
		if err != nil {
			return nil, err
		}
		picked = append(picked, a)
		v.add(a)
	}
	return picked, nil
}

// add adds a secondary address.
func (v *networkInterface) add(a netip.Addr) {
	if a.Is4() {
		v.PrivateIPAddresses = append(slices.Clip(v.PrivateIPAddresses), a)
		return
	}
	v.IPv6Addresses = append(slices.Clip(v.IPv6Addresses), a)
}

// readPrivateAddresses reads the primary IPv4 address, which is optional, and the
// others.
func readPrivateAddresses(q *query.Query) (primary netip.Addr, others []netip.Addr) {
	if q.Has("PrivateIpAddress") {
		primary = readIPv4(q, "PrivateIpAddress")
	}
	for _, member := range q.Members("PrivateIpAddresses") {
		address := readIPv4(q, member+".PrivateIpAddress")
		switch {
		case !q.Bool(member + ".Primary"):
			others = append(others, address)
		case primary.IsValid():
			q.Fail(query.Refuse("InvalidParameterCombination", "%s.Primary is a second primary address. A network interface has one.", member))
		default:
			primary = address
		}
	}
	return primary, others
}

func readIPv4(q *query.Query, name string) netip.Addr {
	return readAddress(q, name, netip.Addr.Is4, "Write an IPv4 address.")
}

func readIPv6(q *query.Query, name string) netip.Addr {
	return readAddress(q, name, netip.Addr.Is6, "Write an IPv6 address.")
}

func readAddress(q *query.Query, name string, family func(netip.Addr) bool, fix string) netip.Addr {
	text := q.NeedText(name)
	address, err := netip.ParseAddr(text)
	if err != nil || address.Zone() != "" || !family(address) {
		q.Fail(query.InvalidValue(name, text, fix))
	}
	return address
}

// refuseTwice refuses a request that has an address more than once.
func refuseTwice(q *query.Query, addresses []netip.Addr) {
	for i, a := range addresses {
		if slices.Contains(addresses[:i], a) {
			q.Fail(query.Refuse("InvalidParameterValue", "Address %s is in the request more than once", a))
		}
	}
}

// maxAddressCount is more than an interface of any instance type can have
// (https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-types.html).
const maxAddressCount = 100

// readAddressCount reads how many addresses EC2 is to pick. A request has either this
// number or addresses.
func readAddressCount(q *query.Query, name string, named bool) int {
	n := q.Int(name)
	switch {
	case n == nil:
		return 0
	case named:
		q.Fail(query.Refuse("InvalidParameterCombination", "%s cannot be used with addresses. Leave one of them out.", name))
	case *n < 0 || *n > maxAddressCount:
		q.Fail(query.InvalidValue(name, strconv.Itoa(*n), "Write a number from 0 to "+strconv.Itoa(maxAddressCount)+"."))
	}
	return *n
}
