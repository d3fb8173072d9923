package emulator

import (
	"cmp"
	"net/netip"
	"slices"
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
	v.PrimaryIPv6 = q.Bool("EnablePrimaryIpv6")
	for _, member := range q.Members("Ipv6Addresses") {
		at := len(v.IPv6Addresses)
		if q.Bool(member + ".IsPrimaryIpv6") {
			at, v.PrimaryIPv6 = 0, true
		}
		v.IPv6Addresses = slices.Insert(v.IPv6Addresses, at, readIPv6(q, member+".Ipv6Address"))
	}
	v.ipv6 = readAddressCount(q, "Ipv6AddressCount", len(v.IPv6Addresses) > 0)
	refuseTwice(q, slices.Concat([]netip.Addr{v.PrivateIPAddress}, v.PrivateIPAddresses, v.IPv6Addresses))
	if v.Type == efaOnly && (len(v.addresses()) > 0 || v.secondary+v.ipv6 > 0) {
		q.Fail(query.Refuse("InvalidParameterCombination", "A network interface of type %s has no IP addresses", efaOnly))
	}
	v.GroupIDs = readGroups(q)
	v.Tracking = readTracking(q)
	if q.HasBelow("Operator") {
		q.Fail(query.Refuse("UnsupportedOperation", "The embedded EC2 has no network interfaces that a service provider manages. Leave out Operator."))
	}
	return interfaceDescriber.createOnce(q, "networkInterface", func(t *tx) (string, error) {
		placed, err := placeInterface(t, v)
		if err == nil {
			err = placed.checkPrimaryIPv6()
		}
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
