package emulator

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// creationTypes are the types of interface that a client can create
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkInterface.html).
var creationTypes = []string{mirror.OrdinaryInterface, "efa", efaOnly, "trunk"}

// efaOnly is the type of interface that has no IP address.
const efaOnly = "efa-only"

// wantedInterface is an interface of a request: with addresses, or with the number of
// addresses that EC2 is to pick.
type wantedInterface struct {
	networkInterface
	secondary, ipv6 int
}

func createInterface(q *query.Query) operation {
	v := wantedInterface{networkInterface: networkInterface{Interface: mirror.Interface{
		SubnetID: subnets.needID(q, "SubnetId"), Description: q.Text("Description"),
		Type: cmp.Or(q.Text("InterfaceType"), mirror.OrdinaryInterface),
	}}}
	if !slices.Contains(creationTypes, v.Type) {
		q.Fail(query.InvalidValue("InterfaceType", v.Type, "Write one of "+strings.Join(creationTypes, ", ")+"."))
	}
	v.PrivateIPAddress, v.PrivateIPAddresses = readPrivateAddresses(q)
	v.secondary = readAddressCount(q, "SecondaryPrivateIpAddressCount", len(v.PrivateIPAddresses) > 0)
	for _, member := range q.Members("Ipv6Addresses") {
		v.IPv6Addresses = append(v.IPv6Addresses, readIPv6(q, member+".Ipv6Address"))
	}
	v.ipv6 = readAddressCount(q, "Ipv6AddressCount", len(v.IPv6Addresses) > 0)
	refuseTwice(q, slices.Concat([]netip.Addr{v.PrivateIPAddress}, v.PrivateIPAddresses, v.IPv6Addresses))
	if v.Type == efaOnly && (len(v.addresses()) > 0 || v.secondary+v.ipv6 > 0) {
		q.Fail(query.Refuse("InvalidParameterCombination", "A network interface of type %s has no IP addresses", efaOnly))
	}
	v.GroupIDs = readGroups(q)
	return interfaceDescriber.createOnce(q, "networkInterface", func(t *tx) (string, error) {
		placed, err := placeInterface(t, v)
		if err != nil {
			return "", err
		}
		putInterface(t, placed)
		return placed.ID, nil
	})
}

// deleteInterface deletes the sessions of the interface with it. A target on it stays,
// and no copy arrives there any more (A0062).
func deleteInterface(q *query.Query) operation {
	id := interfaces.needID(q, "NetworkInterfaceId")
	return func(t *tx, x *query.Writer) error {
		v, err := ownInterface(t, id)
		if err != nil {
			return err
		}
		if v.InstanceID != "" {
			return interfaceInUse(id)
		}
		for _, session := range sessionsByInterface.idsBelow(t, id) {
			sessions.del(t, session)
		}
		interfaces.del(t, id)
		x.Bool("return", true)
		return nil
	}
}

// ownInterface returns an interface that the client may change.
func ownInterface(t *tx, id string) (networkInterface, error) {
	v, err := interfaces.need(t, id)
	if err == nil && v.RequesterManaged {
		err = query.Refuse("OperationNotPermitted", "The network interface '%s' is managed by %s", id, v.RequesterID)
	}
	return v, err
}

func interfaceInUse(id string) error {
	return query.Refuse("InvalidNetworkInterface.InUse", "Network interface '%s' is currently in use.", id)
}

func attachInterface(q *query.Query) operation {
	id, instance := interfaces.needID(q, "NetworkInterfaceId"), instances.needID(q, "InstanceId")
	device := q.NeedInt("DeviceIndex")
	if device < 0 {
		q.Fail(query.InvalidValue("DeviceIndex", strconv.Itoa(device), "Write 0 or more."))
	}
	if card := q.Int("NetworkCardIndex"); card != nil && *card != 0 {
		q.Fail(query.InvalidValue("NetworkCardIndex", strconv.Itoa(*card), "The instances of the embedded EC2 have one network card, 0."))
	}
	return func(t *tx, x *query.Writer) error {
		v, err := interfaces.need(t, id)
		if err != nil {
			return err
		}
		if _, err := instances.need(t, instance); err != nil {
			return err
		}
		if v.InstanceID != "" || v.RequesterManaged {
			return interfaceInUse(id)
		}
		if err := checkDevice(t, instance, device); err != nil {
			return err
		}
		v.InstanceID, v.DeviceIndex = instance, device
		interfaces.put(t, id, v)
		x.Text("attachmentId", v.attachmentID())
		x.Int("networkCardIndex", 0)
		return nil
	}
}

// checkDevice refuses a device index that another interface of the instance has. The
// code is an assumption (A0096).
func checkDevice(t *tx, instance string, device int) error {
	for _, v := range interfaces.all(t, "") {
		if v.InstanceID == instance && v.DeviceIndex == device {
			return query.Refuse("InvalidParameterValue", "Instance '%s' already has an interface attached at device index '%d'.", instance, device)
		}
	}
	return nil
}

// detachInterface keeps the sessions of the interface, as EC2 documents.
func detachInterface(q *query.Query) operation {
	attachment := q.NeedText("AttachmentId")
	q.OptBool("Force")
	return func(t *tx, x *query.Writer) error {
		for id, v := range interfaces.all(t, "") {
			if v.attachmentID() != attachment {
				continue
			}
			v.InstanceID, v.DeviceIndex = "", 0
			interfaces.put(t, id, v)
			x.Bool("return", true)
			return nil
		}
		return query.Refuse("InvalidAttachmentID.NotFound", "The attachment '%s' does not exist", attachment)
	}
}

// modifyInterfaceAttribute changes one attribute. EC2 accepts no more in a request.
func modifyInterfaceAttribute(q *query.Query) operation {
	id := interfaces.needID(q, "NetworkInterfaceId")
	description, check, groups := q.OptText("Description.Value"), q.OptBool("SourceDestCheck.Value"), readGroups(q)
	changes := 0
	for _, given := range []bool{description != nil, check != nil, groups != nil} {
		if given {
			changes++
		}
	}
	needOneChange(q, changes)
	return func(t *tx, x *query.Writer) error {
		v, err := ownInterface(t, id)
		if err != nil {
			return err
		}
		replace(&v.Description, description)
		if check != nil {
			v.NoSourceCheck = !*check
		}
		if groups != nil {
			if err := checkGroups(t, v.VPCID, groups, errOtherNetwork); err != nil {
				return err
			}
			v.GroupIDs = groups
		}
		interfaces.put(t, id, v)
		x.Bool("return", true)
		return nil
	}
}
