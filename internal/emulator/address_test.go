package emulator_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

func TestCreateNetworkInterface_refused(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	_, s, prefix := dualStack(t, e)
	must(t, e, "CreateNetworkInterface", "SubnetId="+s+"&PrivateIpAddress=10.9.1.9&Ipv6Addresses.1.Ipv6Address="+prefix+"9")
	for _, test := range []struct{ parameters, code string }{
		// EC2 picks after the named addresses are taken, so that it cannot pick the same.
		{"PrivateIpAddress=10.9.1.4", ""},
		{"PrivateIpAddress=10.9.1.254", ""},
		{"PrivateIpAddress=10.9.1.5&Ipv6Addresses.1.Ipv6Address=" + prefix + "4", ""},
		{"InterfaceType=interface", ""},
		{"InterfaceType=efa", ""},
		{"InterfaceType=trunk", ""},
		{"InterfaceType=efa-only", ""},
		{"InterfaceType=efa-only&PrivateIpAddress=10.9.1.20", "InvalidParameterCombination"},
		{"InterfaceType=branch", "InvalidParameterValue"},
		{"InterfaceType=nat_gateway", "InvalidParameterValue"},
		{"InterfaceType=Interface", "InvalidParameterValue"},
		{"PrivateIpAddress=10.9.1.9", "InvalidIPAddress.InUse"},
		{"PrivateIpAddresses.1.PrivateIpAddress=10.9.1.9", "InvalidIPAddress.InUse"},
		{"Ipv6Addresses.1.Ipv6Address=" + prefix + "9", "InvalidIPAddress.InUse"},
		{"PrivateIpAddress=10.9.1.0", assumed("A0092", "InvalidParameterValue")},
		{"PrivateIpAddress=10.9.1.1", assumed("A0092", "InvalidParameterValue")},
		{"PrivateIpAddress=10.9.1.3", assumed("A0092", "InvalidParameterValue")},
		{"PrivateIpAddress=10.9.1.255", assumed("A0092", "InvalidParameterValue")},
		{"PrivateIpAddress=10.9.2.9", assumed("A0092", "InvalidParameterValue")},
		{"PrivateIpAddress=ten", "InvalidParameterValue"},
		{"PrivateIpAddress=" + prefix + "8", "InvalidParameterValue"},
		{"Ipv6Addresses.1.Ipv6Address=10.9.1.8", "InvalidParameterValue"},
		{"Ipv6Addresses.1.Ipv6Address=" + prefix + "3", "InvalidParameterValue"},
		{"Ipv6Addresses.1.Ipv6Address=" + lastOf(prefix), "InvalidParameterValue"},
		{"Ipv6Addresses.1.Ipv6Address=2001:db9::8", "InvalidParameterValue"},
		{"PrivateIpAddress=10.9.1.8&PrivateIpAddresses.1.PrivateIpAddress=10.9.1.8", "InvalidParameterValue"},
		{"PrivateIpAddresses.1.PrivateIpAddress=10.9.1.8&PrivateIpAddresses.2.PrivateIpAddress=10.9.1.8", "InvalidParameterValue"},
		{"PrivateIpAddress=10.9.1.8&PrivateIpAddresses.1.PrivateIpAddress=10.9.1.7&PrivateIpAddresses.1.Primary=true", "InvalidParameterCombination"},
		{"Ipv6Addresses.1.Ipv6Address=" + prefix + "8&Ipv6Addresses.2.Ipv6Address=" + prefix + "8", "InvalidParameterValue"},
		{"SecondaryPrivateIpAddressCount=1&PrivateIpAddresses.1.PrivateIpAddress=10.9.1.8", "InvalidParameterCombination"},
		{"SecondaryPrivateIpAddressCount=-1", "InvalidParameterValue"},
		{"Ipv6AddressCount=1&Ipv6Addresses.1.Ipv6Address=" + prefix + "8", "InvalidParameterCombination"},
		{"SecurityGroupId.1=sg-1", "InvalidGroupId.Malformed"},
		{"SecurityGroupId.1=sg-0123456789abcdef0", "InvalidGroup.NotFound"},
	} {
		refused(t, e, "CreateNetworkInterface", "SubnetId="+s+"&"+test.parameters, test.code)
	}
	refused(t, e, "CreateNetworkInterface", "SubnetId=subnet-0123456789abcdef0", "InvalidSubnetID.NotFound")
}

// What a client does not name, EC2 picks: addresses of the subnet that nothing else
// has, and the security group that comes with the VPC.
func TestCreateNetworkInterface_picks(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	vpc, s, prefix := dualStack(t, e)
	group := must(t, e, "DescribeSecurityGroups", filterBy("vpc-id", vpc)).text("securityGroupInfo/item/groupId")
	for _, test := range []struct {
		parameters  string
		ipv4, ipv6  int
		description string
	}{
		{"PrivateIpAddress=10.9.1.6&PrivateIpAddresses.1.PrivateIpAddress=10.9.1.8&PrivateIpAddresses.2.PrivateIpAddress=10.9.1.7&Ipv6Addresses.1.Ipv6Address=" + prefix + "8", 3, 1, "all of them named"},
		{"", 1, 0, "nothing asked for"},
		{"SecondaryPrivateIpAddressCount=3", 4, 0, "a number of IPv4 addresses"},
		{"Ipv6AddressCount=2", 1, 2, "a number of IPv6 addresses"},
		{"InterfaceType=efa-only", 0, 0, "an interface without addresses"},
	} {
		made := must(t, e, "CreateNetworkInterface", "SubnetId="+s+"&"+test.parameters).all("networkInterface")[0]
		four, six := made.texts("privateIpAddressesSet/item/privateIpAddress"), made.texts("ipv6AddressesSet/item/ipv6Address")
		if len(four) != test.ipv4 || len(six) != test.ipv6 {
			t.Errorf("%s: the addresses are %v and %v, want %d and %d", test.description, four, six, test.ipv4, test.ipv6)
		}
		for _, text := range slices.Concat(four, six) {
			if a := netip.MustParseAddr(text); !netip.MustParsePrefix("10.9.1.0/24").Contains(a) && !netip.MustParsePrefix(prefix+"/64").Contains(a) {
				t.Errorf("%s: %s is not in the subnet", test.description, a)
			}
		}
		if got := made.text("groupSet/item/groupId"); got != group {
			t.Errorf("%s: the security group is %q, want %s", test.description, got, group)
		}
	}
	if got := describeSubnet(t, e, s).text("availableIpAddressCount"); got != "242" {
		t.Errorf("%s addresses are free of 251 after 9 were taken, want 242", got)
	}
}

// lastOf returns the last address of the /64 that begins with the prefix.
func lastOf(prefix string) string {
	for at := 8; at < 16; at++ {
		prefix = withByte(prefix, at, 0xff)
	}
	return prefix
}

func addressesOf(t *testing.T, e http.Handler, id string) string {
	t.Helper()
	read := must(t, e, "DescribeNetworkInterfaces", "NetworkInterfaceId.1="+id).all("networkInterfaceSet/item")[0]
	return strings.Join(slices.Concat(read.texts("privateIpAddressesSet/item/privateIpAddress"), read.texts("ipv6AddressesSet/item/ipv6Address")), " ")
}

// Addresses can be added to an interface and removed. The primary one stays.
func TestAddressesComeAndGo(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	_, s, prefix := dualStack(t, e)
	create := func(parameters string) string {
		return must(t, e, "CreateNetworkInterface", "SubnetId="+s+"&"+parameters).text("networkInterface/networkInterfaceId")
	}
	id, other := create("PrivateIpAddress=10.9.1.10"), create("PrivateIpAddress=10.9.1.20&PrivateIpAddresses.1.PrivateIpAddress=10.9.1.21")
	at := func(who, parameters string) string { return "NetworkInterfaceId=" + who + "&" + parameters }
	for _, step := range []struct{ action, parameters, code, addresses string }{
		{"AssignPrivateIpAddresses", at(id, "PrivateIpAddress.1=10.9.1.11&PrivateIpAddress.2=10.9.1.12"), "", "10.9.1.10 10.9.1.11 10.9.1.12"},
		{"UnassignPrivateIpAddresses", at(id, "PrivateIpAddress.1=10.9.1.11"), "", "10.9.1.10 10.9.1.12"},
		{"AssignIpv6Addresses", at(id, "Ipv6Addresses.1="+prefix+"9"), "", "10.9.1.10 10.9.1.12 " + prefix + "9"},
		{"UnassignIpv6Addresses", at(id, "Ipv6Addresses.1="+prefix+"9"), "", "10.9.1.10 10.9.1.12"},
		{"UnassignPrivateIpAddresses", at(id, "PrivateIpAddress.1=10.9.1.10"), "InvalidParameterValue", "10.9.1.10 10.9.1.12"},
		{"UnassignPrivateIpAddresses", at(id, "PrivateIpAddress.1=10.9.1.12&PrivateIpAddress.2=10.9.1.13"), "InvalidParameterValue", "10.9.1.10 10.9.1.12"},
		{"UnassignPrivateIpAddresses", at(id, ""), "MissingParameter", "10.9.1.10 10.9.1.12"},
		{"AssignPrivateIpAddresses", at(id, ""), "MissingParameter", "10.9.1.10 10.9.1.12"},
		{"AssignPrivateIpAddresses", at(id, "PrivateIpAddress.1=10.9.1.12"), "InvalidIPAddress.InUse", "10.9.1.10 10.9.1.12"},
		{"AssignPrivateIpAddresses", at(id, "PrivateIpAddress.1=10.9.1.21"), "InvalidIPAddress.InUse", "10.9.1.10 10.9.1.12"},
		{"AssignPrivateIpAddresses", at(id, "PrivateIpAddress.1=10.9.1.20&AllowReassignment=true"), "InvalidIPAddress.InUse", "10.9.1.10 10.9.1.12"},
		{"AssignPrivateIpAddresses", at(id, "PrivateIpAddress.1=10.9.1.21&AllowReassignment=true"), "", "10.9.1.10 10.9.1.12 10.9.1.21"},
		{"AssignPrivateIpAddresses", at(id, "PrivateIpAddress.1=10.9.1.255"), "InvalidParameterValue", "10.9.1.10 10.9.1.12 10.9.1.21"},
		{"AssignPrivateIpAddresses", at(id, "PrivateIpAddress.1=10.9.1.30&PrivateIpAddress.2=10.9.1.30"), "InvalidParameterValue", "10.9.1.10 10.9.1.12 10.9.1.21"},
		{"AssignPrivateIpAddresses", at(id, "PrivateIpAddress.1=10.9.1.30&SecondaryPrivateIpAddressCount=1"), "InvalidParameterCombination", "10.9.1.10 10.9.1.12 10.9.1.21"},
		{"AssignPrivateIpAddresses", at(eniGone, "SecondaryPrivateIpAddressCount=1"), "InvalidNetworkInterfaceID.NotFound", "10.9.1.10 10.9.1.12 10.9.1.21"},
		{"AssignPrivateIpAddresses", at(eniRDS, "SecondaryPrivateIpAddressCount=1"), "OperationNotPermitted", "10.9.1.10 10.9.1.12 10.9.1.21"},
		{"AssignIpv6Addresses", at(eni(1), "Ipv6AddressCount=1"), "InvalidParameterValue", "10.9.1.10 10.9.1.12 10.9.1.21"},
	} {
		refused(t, e, step.action, step.parameters, step.code)
		if got := addressesOf(t, e, id); got != step.addresses {
			t.Errorf("after %s %s the addresses are %s, want %s", step.action, step.parameters, got, step.addresses)
		}
	}
	if got := addressesOf(t, e, other); got != "10.9.1.20" {
		t.Errorf("the interface whose secondary address was reassigned has %s", got)
	}
	// What was unassigned is free again.
	must(t, e, "CreateNetworkInterface", "SubnetId="+s+"&PrivateIpAddress=10.9.1.11")
	must(t, e, "CreateNetworkInterface", fmt.Sprintf("SubnetId=%s&Ipv6Addresses.1.Ipv6Address=%s9", s, prefix))
	picked := must(t, e, "AssignPrivateIpAddresses", at(id, "SecondaryPrivateIpAddressCount=2")).texts("assignedPrivateIpAddressesSet/item/privateIpAddress")
	if got, want := addressesOf(t, e, id), "10.9.1.10 10.9.1.12 10.9.1.21 "+strings.Join(picked, " "); len(picked) != 2 || got != want {
		t.Errorf("the addresses are %s, want %s", got, want)
	}
	six := must(t, e, "AssignIpv6Addresses", at(id, "Ipv6AddressCount=1")).texts("assignedIpv6Addresses/item")
	if got := addressesOf(t, e, id); len(six) != 1 || !strings.HasSuffix(got, " "+six[0]) {
		t.Errorf("the addresses are %s, want %v at the end", got, six)
	}
}

// What a requester manages keeps its addresses, also the secondary ones.
func TestReassignmentFromARequester(t *testing.T) {
	t.Parallel()
	managed, own := eni(210), eni(211)
	e := newEmulator(t, func(o *emulator.Options) {
		o.Topology.NetworkInterfaces = append(o.Topology.NetworkInterfaces,
			mirror.Interface{
				ID: managed, SubnetID: worldSubnet, RequesterManaged: true, RequesterID: "amazon-rds",
				PrivateIPAddress: netip.MustParseAddr("10.0.1.210"), PrivateIPAddresses: []netip.Addr{netip.MustParseAddr("10.0.1.212")},
			},
			mirror.Interface{ID: own, SubnetID: worldSubnet, PrivateIPAddress: netip.MustParseAddr("10.0.1.211")},
		)
	})
	refused(t, e, "AssignPrivateIpAddresses", "NetworkInterfaceId="+own+"&AllowReassignment=true&PrivateIpAddress.1=10.0.1.212", "InvalidIPAddress.InUse")
	if got := addressesOf(t, e, managed); got != "10.0.1.210 10.0.1.212" {
		t.Errorf("the interface that a requester manages has %s", got)
	}
}
