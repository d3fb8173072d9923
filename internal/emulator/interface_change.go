package emulator

import (
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// reservedAddresses are the first four and the last of a subnet
// (https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html).
const reservedAddresses = 5

func createInterface(q *query) operation {
	v := networkInterface{Interface: mirror.Interface{
		SubnetID: q.needID("SubnetId", mirror.KindSubnet), Description: q.str("Description"), Type: mirror.OrdinaryInterface,
	}}
	if kind := q.str("InterfaceType"); kind != "" && kind != mirror.OrdinaryInterface {
		v.Type = kind
	}
	v.PrivateIPAddress, v.PrivateIPAddresses = q.privateAddresses()
	for _, member := range q.members("Ipv6Addresses") {
		v.IPv6Addresses = append(v.IPv6Addresses, q.address(member+".Ipv6Address"))
	}
	v.GroupIDs = q.list("SecurityGroupId")
	tagged := q.tagSpecification(mirror.KindInterface)
	repeat := q.idempotency("CreateNetworkInterface")
	return func(t *tx, x *xmlWriter) error {
		exists := func(id string) bool { return interfaces.has(t, id) }
		id, err := repeat.once(t, exists, func() (string, error) {
			made, err := t.placeInterface(v)
			if err != nil {
				return "", err
			}
			t.putInterface(made)
			t.setTags(made.ID, tagged)
			return made.ID, nil
		})
		if err != nil {
			return err
		}
		x.opt("clientToken", repeat.token)
		made, _ := interfaces.get(t, id)
		x.in("networkInterface", func() { x.networkInterface(t, made) })
		return nil
	}
}

// privateAddresses reads the primary IPv4 address, which may be absent, and the
// others.
func (q *query) privateAddresses() (primary netip.Addr, others []netip.Addr) {
	if q.has("PrivateIpAddress") {
		primary = q.address("PrivateIpAddress")
	}
	for _, member := range q.members("PrivateIpAddresses") {
		address := q.address(member + ".PrivateIpAddress")
		if q.bool(member + ".Primary") {
			primary = address
			continue
		}
		others = append(others, address)
	}
	return primary, others
}

func (q *query) address(name string) netip.Addr {
	text := q.needStr(name)
	address, err := netip.ParseAddr(text)
	if err != nil || address.Zone() != "" {
		q.fail(invalidValue(name, text, "Write an IP address."))
	}
	return address
}

// placeInterface gives an interface an ID and an address of its subnet.
func (t *tx) placeInterface(v networkInterface) (networkInterface, error) {
	subnet, err := subnets.need(t, v.SubnetID)
	if err != nil {
		return v, err
	}
	for _, address := range append(v.privateAddresses(), v.IPv6Addresses...) {
		block := subnet.CIDRBlock
		if address.Is6() {
			block = subnet.IPv6CIDRBlock
		}
		if !block.IsValid() || !block.Contains(address) {
			return v, refuse("InvalidParameterValue", "The address %s does not fall within the subnet's address range", address)
		}
		if interfacesBySubnet.get(t, v.SubnetID, address.String()) != "" {
			return v, refuse("InvalidIPAddress.InUse", "The specified address is already in use: %s", address)
		}
	}
	if !v.PrivateIPAddress.IsValid() && subnet.CIDRBlock.IsValid() {
		if v.PrivateIPAddress, err = t.freeAddress(subnet); err != nil {
			return v, err
		}
	}
	v.ID, v.OwnerID = freshID(t, interfaces), t.account
	return v, nil
}

// freeAddress returns an address of a subnet that no interface has: the one after
// a random place.
func (t *tx) freeAddress(subnet topology.Subnet) (netip.Addr, error) {
	size := 1 << (32 - subnet.CIDRBlock.Bits())
	usable := size - reservedAddresses
	first := subnet.CIDRBlock.Addr().As4()
	start := t.draw(mirror.Range{Min: 0, Max: int64(usable - 1)})
	for i := range usable {
		n := uint32(4 + (start+i)%usable)
		base := uint32(first[0])<<24 | uint32(first[1])<<16 | uint32(first[2])<<8 | uint32(first[3])
		sum := base + n
		address := netip.AddrFrom4([4]byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)})
		if interfacesBySubnet.get(t, subnet.ID, address.String()) == "" {
			return address, nil
		}
	}
	return netip.Addr{}, refuse("InsufficientFreeAddressesInSubnet", "There are not enough free addresses in subnet '%s'", subnet.ID)
}

// deleteInterface deletes the sessions of the interface with it. A target on it
// stays, and leads nowhere (A0062).
func deleteInterface(q *query) operation {
	id := q.needID("NetworkInterfaceId", mirror.KindInterface)
	return func(t *tx, x *xmlWriter) error {
		v, err := interfaces.need(t, id)
		if err != nil {
			return err
		}
		switch {
		case v.RequesterManaged:
			return refuse("OperationNotPermitted", "The network interface '%s' is managed by %s", id, v.RequesterID)
		case v.InstanceID != "":
			return refuse("InvalidNetworkInterface.InUse", "Network interface '%s' is currently in use.", id)
		}
		var gone []mirror.Session
		for _, session := range sessionsByInterface.below(t, id) {
			if s, ok := sessions.get(t, session); ok {
				gone = append(gone, s)
			}
		}
		for _, s := range gone {
			t.dropSession(s)
		}
		t.removeInterface(v)
		t.setTags(id, nil)
		x.flag("return", true)
		return nil
	}
}

func (t *tx) removeInterface(v networkInterface) {
	interfaces.del(t, v.ID)
	for _, address := range append(v.privateAddresses(), v.IPv6Addresses...) {
		interfacesBySubnet.unset(t, v.SubnetID, address.String())
	}
}

func attachInterface(q *query) operation {
	id, instance := q.needID("NetworkInterfaceId", mirror.KindInterface), q.needID("InstanceId", mirror.KindInstance)
	device := q.needInt("DeviceIndex")
	q.int("NetworkCardIndex")
	return func(t *tx, x *xmlWriter) error {
		v, err := interfaces.need(t, id)
		if err != nil {
			return err
		}
		if _, err := instances.need(t, instance); err != nil {
			return err
		}
		if v.InstanceID != "" || v.RequesterManaged {
			return refuse("InvalidNetworkInterface.InUse", "Network interface '%s' is currently in use.", id)
		}
		v.InstanceID, v.DeviceIndex = instance, device
		interfaces.put(t, id, v)
		x.text("attachmentId", v.attachmentID())
		x.num("networkCardIndex", 0)
		return nil
	}
}

// detachInterface ends no session: they stay, as EC2 documents.
func detachInterface(q *query) operation {
	attachment := q.needStr("AttachmentId")
	q.optBool("Force")
	return func(t *tx, x *xmlWriter) error {
		for id := range interfaces.idsAfter(t, "") {
			v, _ := interfaces.get(t, id)
			if v.attachmentID() != attachment {
				continue
			}
			v.InstanceID, v.DeviceIndex = "", 0
			interfaces.put(t, id, v)
			x.flag("return", true)
			return nil
		}
		return refuse("InvalidAttachmentID.NotFound", "The attachment '%s' does not exist", attachment)
	}
}

// modifyInterfaceAttribute changes one attribute, as EC2 demands.
func modifyInterfaceAttribute(q *query) operation {
	id := q.needID("NetworkInterfaceId", mirror.KindInterface)
	description, check, groups := q.optStr("Description.Value"), q.optBool("SourceDestCheck.Value"), q.list("SecurityGroupId")
	given := []bool{description != nil, check != nil, groups != nil}
	if i := slices.Index(given, true); i < 0 || slices.Contains(given[i+1:], true) {
		q.fail(refuse("InvalidParameterCombination", "The request has to change exactly one attribute"))
	}
	return func(t *tx, x *xmlWriter) error {
		v, err := interfaces.need(t, id)
		if err != nil {
			return err
		}
		replace(&v.Description, description)
		if check != nil {
			v.NoSourceCheck = !*check
		}
		if groups != nil {
			v.GroupIDs = groups
		}
		interfaces.put(t, id, v)
		x.flag("return", true)
		return nil
	}
}
