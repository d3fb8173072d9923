package emulator_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

// dualStack makes a VPC and a subnet in it with blocks of IPv4 and IPv6, and returns
// their IDs and the prefix of the IPv6 block, up to the host.
func dualStack(t *testing.T, e http.Handler) (vpc, subnet, prefix string) {
	t.Helper()
	v := must(t, e, "CreateVpc", "CidrBlock=10.9.0.0/16&AmazonProvidedIpv6CidrBlock=true").all("vpc")[0]
	prefix, _, _ = strings.Cut(v.text("ipv6CidrBlockAssociationSet/item/ipv6CidrBlock"), "/")
	vpc = v.text("vpcId")
	subnet = must(t, e, "CreateSubnet", "VpcId="+vpc+"&CidrBlock=10.9.1.0/24&Ipv6CidrBlock="+prefix+"/64").text("subnet/subnetId")
	return vpc, subnet, prefix
}

// withByte returns an IPv6 address with another byte at a place.
func withByte(address string, at int, value byte) string {
	a := netip.MustParseAddr(address).As16()
	a[at] = value
	return netip.AddrFrom16(a).String()
}

func describeSubnet(t *testing.T, e http.Handler, id string) node {
	t.Helper()
	return must(t, e, "DescribeSubnets", "SubnetId.1="+id).all("subnetSet/item")[0]
}

func TestModifySubnetAttribute(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	_, id, _ := dualStack(t, e)
	for _, test := range []struct{ change, path, before, after string }{
		{"MapPublicIpOnLaunch.Value=true", "mapPublicIpOnLaunch", "false", "true"},
		{"MapPublicIpOnLaunch.Value=false", "mapPublicIpOnLaunch", "true", "false"},
		{"AssignIpv6AddressOnCreation.Value=true", "assignIpv6AddressOnCreation", "false", "true"},
		{"EnableDns64.Value=true", "enableDns64", "false", "true"},
		{"PrivateDnsHostnameTypeOnLaunch=resource-name", "privateDnsNameOptionsOnLaunch/hostnameType", "ip-name", "resource-name"},
		{"EnableResourceNameDnsARecordOnLaunch.Value=true", "privateDnsNameOptionsOnLaunch/enableResourceNameDnsARecord", "false", "true"},
		{"EnableResourceNameDnsAAAARecordOnLaunch.Value=true", "privateDnsNameOptionsOnLaunch/enableResourceNameDnsAAAARecord", "false", "true"},
	} {
		before := describeSubnet(t, e, id).text(test.path)
		must(t, e, "ModifySubnetAttribute", "SubnetId="+id+"&"+test.change)
		if after := describeSubnet(t, e, id).text(test.path); before != test.before || after != test.after {
			t.Errorf("%s: %s was %q and is %q, want %q and %q", test.change, test.path, before, after, test.before, test.after)
		}
	}
	for _, test := range []struct{ name, value string }{{"enable-dns64", "true"}, {"map-public-ip-on-launch", "false"}} {
		got := must(t, e, "DescribeSubnets", filterBy(test.name, test.value)).texts("subnetSet/item/subnetId")
		if !strings.Contains(strings.Join(got, " "), id) {
			t.Errorf("the filter %s=%s finds %v, want %s among them", test.name, test.value, got, id)
		}
	}
}

func TestModifySubnetAttribute_refused(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	vpc, dual, prefix := dualStack(t, e)
	id := must(t, e, "CreateSubnet", "VpcId="+vpc+"&CidrBlock=10.9.2.0/24").text("subnet/subnetId")
	only := must(t, e, "CreateSubnet", "VpcId="+vpc+"&Ipv6Native=true&Ipv6CidrBlock="+withByte(prefix, 7, 1)+"/64")
	ipv6Only := only.text("subnet/subnetId")
	for _, test := range []struct{ subnet, change, code string }{
		{"subnet-0123456789abcdef0", "EnableDns64.Value=true", "InvalidSubnetID.NotFound"},
		{"eni-1", "EnableDns64.Value=true", "InvalidSubnetID.Malformed"},
		{id, "", "InvalidParameterCombination"},
		{id, "EnableDns64.Value=true&MapPublicIpOnLaunch.Value=true", assumed("A0093", "InvalidParameterCombination")},
		{id, "EnableDns64.Value=yes", "InvalidParameterValue"},
		{id, "PrivateDnsHostnameTypeOnLaunch=name", "InvalidParameterValue"},
		{id, "AssignIpv6AddressOnCreation.Value=true", assumed("A0093", "InvalidParameterValue")},
		{dual, "AssignIpv6AddressOnCreation.Value=true", ""},
		{ipv6Only, "PrivateDnsHostnameTypeOnLaunch=ip-name", "InvalidParameterValue"},
		{ipv6Only, "EnableResourceNameDnsARecordOnLaunch.Value=true", "InvalidParameterValue"},
		{ipv6Only, "EnableResourceNameDnsAAAARecordOnLaunch.Value=true", ""},
		{id, "MapCustomerOwnedIpOnLaunch.Value=true&CustomerOwnedIpv4Pool=ipv4pool-coip-1", "UnsupportedOperation"},
		{id, "EnableLniAtDeviceIndex=1", "UnsupportedOperation"},
	} {
		refused(t, e, "ModifySubnetAttribute", "SubnetId="+test.subnet+"&"+test.change, test.code)
	}
}

// In an IPv6-only subnet, each interface gets an IPv6 address and none of IPv4, and
// cannot be mirrored.
func TestIPv6OnlySubnet(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	v := must(t, e, "CreateVpc", "CidrBlock=10.9.0.0/16&AmazonProvidedIpv6CidrBlock=true").all("vpc")[0]
	block := strings.TrimSuffix(v.text("ipv6CidrBlockAssociationSet/item/ipv6CidrBlock"), "56") + "64"
	s := must(t, e, "CreateSubnet", "VpcId="+v.text("vpcId")+"&Ipv6Native=true&Ipv6CidrBlock="+block).all("subnet")[0]
	id := s.text("subnetId")
	for path, want := range map[string]string{
		"ipv6Native": "true", "cidrBlock": "", "availableIpAddressCount": "0",
		"assignIpv6AddressOnCreation": "true", "privateDnsNameOptionsOnLaunch/hostnameType": "resource-name",
	} {
		if got := s.text(path); got != want {
			t.Errorf("the subnet's %s is %q, want %q (A0094)", path, got, want)
		}
	}
	source := must(t, e, "CreateNetworkInterface", "SubnetId="+id).text("networkInterface/networkInterfaceId")
	read := must(t, e, "DescribeNetworkInterfaces", "NetworkInterfaceId.1="+source).all("networkInterfaceSet/item")[0]
	if got := read.text("ipv6Native"); got != "true" {
		t.Errorf("the interface's ipv6Native is %q", got)
	}
	if got := read.text("privateIpAddress") + read.text("privateIpAddressesSet/item/privateIpAddress"); got != "" {
		t.Errorf("the interface has the IPv4 address %s", got)
	}
	if got := read.text("ipv6AddressesSet/item/ipv6Address"); got == "" || got != read.text("ipv6Address") {
		t.Errorf("the interface has the IPv6 address %q, and %q", got, read.text("ipv6Address"))
	}
	ordinary := must(t, e, "DescribeNetworkInterfaces", "NetworkInterfaceId.1="+eni(1)).text("networkInterfaceSet/item/ipv6Native")
	if ordinary != "false" {
		t.Errorf("ipv6Native of an interface with IPv4 is %q", ordinary)
	}
	refused(t, e, "CreateNetworkInterface", "SubnetId="+id+"&PrivateIpAddress=10.9.1.9", "InvalidParameterValue")
	refused(t, e, "CreateNetworkInterface", "SubnetId="+id+"&SecondaryPrivateIpAddressCount=1", "InvalidParameterValue")
	target, filter := makeTarget(t, e, "NetworkInterfaceId="+eni(2)), makeFilter(t, e, "")
	refused(t, e, "CreateTrafficMirrorSession", sessionOn(source, target, filter, 1), "NetworkInterfaceNotSupported")
}

// An IPv6 block can be added to a VPC and a subnet, and removed unless something uses
// it.
func TestIPv6BlocksComeAndGo(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	vpc := must(t, e, "CreateVpc", "CidrBlock=10.9.0.0/16&InstanceTenancy=dedicated").text("vpc/vpcId")
	must(t, e, "ModifyVpcTenancy", "VpcId="+vpc+"&InstanceTenancy=default")
	subnet := must(t, e, "CreateSubnet", "VpcId="+vpc+"&CidrBlock=10.9.1.0/24").text("subnet/subnetId")
	primary := must(t, e, "DescribeVpcs", "VpcId.1="+vpc).text("vpcSet/item/cidrBlockAssociationSet/item/associationId")
	given := must(t, e, "AssociateVpcCidrBlock", "VpcId="+vpc+"&AmazonProvidedIpv6CidrBlock=true").all("ipv6CidrBlockAssociation")[0]
	prefix := strings.TrimSuffix(given.text("ipv6CidrBlock"), "/56")
	if got := must(t, e, "DescribeVpcs", filterBy("ipv6-cidr-block-association.association-id", given.text("associationId"))).text("vpcSet/item/instanceTenancy"); got != "default" {
		t.Errorf("the VPC that has the block has the tenancy %q, want default", got)
	}
	taken := must(t, e, "AssociateSubnetCidrBlock", "SubnetId="+subnet+"&Ipv6CidrBlock="+prefix+"/64").text("ipv6CidrBlockAssociation/associationId")
	if got := must(t, e, "DescribeSubnets", filterBy("ipv6-cidr-block-association.association-id", taken)).text("subnetSet/item/subnetId"); got != subnet {
		t.Errorf("the block is that of %q, want %s", got, subnet)
	}
	must(t, e, "ModifySubnetAttribute", "SubnetId="+subnet+"&AssignIpv6AddressOnCreation.Value=true")
	made := must(t, e, "CreateNetworkInterface", "SubnetId="+subnet).all("networkInterface")[0]
	user, address := made.text("networkInterfaceId"), made.text("ipv6AddressesSet/item/ipv6Address")
	for _, step := range []struct{ action, parameters, code string }{
		{"AssociateVpcCidrBlock", "VpcId=" + vpc + "&AmazonProvidedIpv6CidrBlock=true", "CidrLimitExceeded"},
		{"AssociateVpcCidrBlock", "VpcId=" + vpc + "&CidrBlock=10.10.0.0/16", "UnsupportedOperation"},
		{"AssociateVpcCidrBlock", "VpcId=vpc-0123456789abcdef0&AmazonProvidedIpv6CidrBlock=true", "InvalidVpcID.NotFound"},
		{"AssociateSubnetCidrBlock", "SubnetId=" + subnet + "&Ipv6CidrBlock=" + prefix + "/64", "CidrLimitExceeded"},
		{"AssociateSubnetCidrBlock", "SubnetId=" + subnet + "&Ipv6CidrBlock=10.9.1.0/24", "InvalidSubnet.Range"},
		{"AssociateSubnetCidrBlock", "SubnetId=" + subnet, "MissingParameter"},
		{"DisassociateVpcCidrBlock", "AssociationId=" + primary, "OperationNotPermitted"},
		{"DisassociateVpcCidrBlock", "AssociationId=vpc-cidr-assoc-0", "InvalidVpcCidrBlockAssociationID.NotFound"},
		{"DisassociateSubnetCidrBlock", "AssociationId=subnet-cidr-assoc-0", "InvalidSubnetCidrBlockAssociationID.NotFound"},
		// A subnet uses the block of the VPC, and what is assigned that of the subnet.
		{"DisassociateVpcCidrBlock", "AssociationId=" + given.text("associationId"), assumed("A0095", "InvalidCidrBlock.InUse")},
		{"DisassociateSubnetCidrBlock", "AssociationId=" + taken, assumed("A0095", "InvalidCidrBlock.InUse")},
		{"ModifySubnetAttribute", "SubnetId=" + subnet + "&AssignIpv6AddressOnCreation.Value=false", ""},
		{"DisassociateSubnetCidrBlock", "AssociationId=" + taken, "InvalidCidrBlock.InUse"},
		{"UnassignIpv6Addresses", "NetworkInterfaceId=" + user + "&Ipv6Addresses.1=" + address, ""},
		{"ModifySubnetAttribute", "SubnetId=" + subnet + "&AssignIpv6AddressOnCreation.Value=true", ""},
		{"DisassociateSubnetCidrBlock", "AssociationId=" + taken, "InvalidCidrBlock.InUse"},
		{"ModifySubnetAttribute", "SubnetId=" + subnet + "&AssignIpv6AddressOnCreation.Value=false", ""},
		{"DisassociateSubnetCidrBlock", "AssociationId=" + taken, ""},
		{"DisassociateSubnetCidrBlock", "AssociationId=" + taken, "InvalidSubnetCidrBlockAssociationID.NotFound"},
		{"DisassociateVpcCidrBlock", "AssociationId=" + given.text("associationId"), ""},
	} {
		refused(t, e, step.action, step.parameters, step.code)
	}
	if got := must(t, e, "DescribeVpcs", "VpcId.1="+vpc).texts("vpcSet/item/ipv6CidrBlockAssociationSet/item/ipv6CidrBlock"); len(got) > 0 {
		t.Errorf("the VPC still has %v", got)
	}
}
