package emulator_test

import (
	"strings"
	"testing"
)

// An attribute is modified and described one at a time.
func TestInterfaceAttributes(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	id := "NetworkInterfaceId=" + eni(2)
	attachment := describeInterface(t, e, eni(2)).text("attachment/attachmentId")
	other := describeInterface(t, e, eni(3)).text("attachment/attachmentId")
	for _, test := range []struct{ change, attribute, path, want string }{
		{"Description.Value=tap", "description", "description/value", "tap"},
		{"SourceDestCheck.Value=false", "sourceDestCheck", "sourceDestCheck/value", "false"},
		{"Attachment.AttachmentId=" + attachment + "&Attachment.DeleteOnTermination=true", "attachment", "attachment/deleteOnTermination", "true"},
		{"AssociatePublicIpAddress=false", "associatePublicIpAddress", "associatePublicIpAddress", "false"},
	} {
		must(t, e, "ModifyNetworkInterfaceAttribute", id+"&"+test.change)
		got := must(t, e, "DescribeNetworkInterfaceAttribute", id+"&Attribute="+test.attribute)
		if got.text(test.path) != test.want || got.text("networkInterfaceId") != eni(2) {
			t.Errorf("after %s, %s is %q, want %q", test.change, test.path, got.text(test.path), test.want)
		}
	}
	if got := must(t, e, "DescribeNetworkInterfaceAttribute", id+"&Attribute=groupSet").text("groupSet/item/groupId"); got == "" {
		t.Error("the interface has no security group")
	}
	if got := must(t, e, "DescribeNetworkInterfaces", filterBy("attachment.delete-on-termination", "true")).text("networkInterfaceSet/item/networkInterfaceId"); got != eni(2) {
		t.Errorf("%q goes with its instance, want %s", got, eni(2))
	}
	for _, test := range []struct{ action, parameters, code string }{
		{"ModifyNetworkInterfaceAttribute", "AssociatePublicIpAddress=true", "UnsupportedOperation"},
		{"ModifyNetworkInterfaceAttribute", "EnaSrdSpecification.EnaSrdEnabled=true", "UnsupportedOperation"},
		{"ModifyNetworkInterfaceAttribute", "Attachment.AttachmentId=" + attachment + "&Attachment.DeleteOnTermination=true&Attachment.DefaultEnaQueueCount=true", "UnsupportedOperation"},
		{"ModifyNetworkInterfaceAttribute", "AssociatedSubnetId.1=" + worldSubnet, "UnsupportedOperation"},
		{"ModifyNetworkInterfaceAttribute", "Attachment.AttachmentId=" + other + "&Attachment.DeleteOnTermination=true", "InvalidAttachmentID.NotFound"},
		{"ModifyNetworkInterfaceAttribute", "Attachment.DeleteOnTermination=true", "MissingParameter"},
		{"ModifyNetworkInterfaceAttribute", "Attachment.AttachmentId=" + attachment, "MissingParameter"},
		{"ModifyNetworkInterfaceAttribute", "Description.Value=a&Attachment.AttachmentId=" + attachment + "&Attachment.DeleteOnTermination=true", "InvalidParameterCombination"},
		{"ModifyNetworkInterfaceAttribute", "EnablePrimaryIpv6=true", assumed("A0174", "InvalidParameterValue")},
		{"ModifyNetworkInterfaceAttribute", "ConnectionTrackingSpecification.UdpTimeout=61", "InvalidParameterValue"},
		{"DescribeNetworkInterfaceAttribute", "", "MissingParameter"},
		{"DescribeNetworkInterfaceAttribute", "Attribute=status", "InvalidParameterValue"},
		{"CreateNetworkInterface", "SubnetId=" + worldSubnet + "&Operator.Principal=x", "UnsupportedOperation"},
		{"CreateNetworkInterface", "SubnetId=" + worldSubnet + "&EnablePrimaryIpv6=true", assumed("A0174", "InvalidParameterValue")},
	} {
		parameters := test.parameters
		if test.action != "CreateNetworkInterface" {
			parameters = id + "&" + parameters
		}
		refused(t, e, test.action, parameters, test.code)
	}
	refused(t, e, "DescribeNetworkInterfaceAttribute", "NetworkInterfaceId="+eniGone+"&Attribute=attachment", "InvalidNetworkInterfaceID.NotFound")
}

// The timeouts of connections are those that a client has set.
func TestConnectionTracking(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	const timeouts = "ConnectionTrackingSpecification.TcpEstablishedTimeout=350&ConnectionTrackingSpecification.UdpTimeout=45"
	id := must(t, e, "CreateNetworkInterface", "SubnetId="+worldSubnet+"&"+timeouts).text("networkInterface/networkInterfaceId")
	read := describeInterface(t, e, id)
	for path, want := range map[string]string{"tcpEstablishedTimeout": "350", "udpTimeout": "45", "udpStreamTimeout": ""} {
		if got := read.text("connectionTrackingConfiguration/" + path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	must(t, e, "ModifyNetworkInterfaceAttribute", "NetworkInterfaceId="+id+"&ConnectionTrackingSpecification.UdpStreamTimeout=60")
	if got := describeInterface(t, e, id).text("connectionTrackingConfiguration/udpStreamTimeout"); got != "60" {
		t.Errorf("the timeout of streams is %q", got)
	}
	if got := describeInterface(t, e, eni(1)).all("connectionTrackingConfiguration"); len(got) > 0 {
		t.Error("an interface with the timeouts of EC2 has some of its own")
	}
}

// The first IPv6 address becomes the primary one, and stays so until the interface is
// detached.
func TestPrimaryIPv6(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	_, subnet, prefix := dualStack(t, e)
	id := must(t, e, "CreateNetworkInterface", "SubnetId="+subnet+"&Ipv6Addresses.1.Ipv6Address="+prefix+"a&Ipv6Addresses.2.Ipv6Address="+prefix+"b").text("networkInterface/networkInterfaceId")
	primaries := func() []string {
		return describeInterface(t, e, id).texts("ipv6AddressesSet/item/isPrimaryIpv6")
	}
	if got := primaries(); got[0] != "false" || got[1] != "false" {
		t.Errorf("at first the addresses are primary: %v", got)
	}
	must(t, e, "ModifyNetworkInterfaceAttribute", "NetworkInterfaceId="+id+"&EnablePrimaryIpv6=true")
	if got := primaries(); got[0] != "true" || got[1] != "false" {
		t.Errorf("then they are primary: %v", got)
	}
	refused(t, e, "ModifyNetworkInterfaceAttribute", "NetworkInterfaceId="+id+"&EnablePrimaryIpv6=false", assumed("A0174", "InvalidParameterValue"))
	refused(t, e, "UnassignIpv6Addresses", "NetworkInterfaceId="+id+"&Ipv6Addresses.1="+prefix+"a", assumed("A0174", "InvalidParameterValue"))
	must(t, e, "UnassignIpv6Addresses", "NetworkInterfaceId="+id+"&Ipv6Addresses.1="+prefix+"b")
	attached := must(t, e, "AttachNetworkInterface", attachTo(id, 100, 1)).text("attachmentId")
	of := must(t, e, "DescribeInstances", filterBy("network-interface.network-interface-id", id, "network-interface.ipv6-addresses.is-primary-ipv6", "true"))
	if got := of.text("reservationSet/item/instancesSet/item/networkInterfaceSet/item/ipv6AddressesSet/item/isPrimaryIpv6"); !strings.Contains(got, "true") {
		t.Errorf("the instance shows %q", got)
	}
	must(t, e, "DetachNetworkInterface", "AttachmentId="+attached)
	if got := primaries(); got[0] != "false" {
		t.Errorf("after it was detached, the address is primary: %v", got)
	}
	made := must(t, e, "CreateNetworkInterface", "SubnetId="+subnet+"&Ipv6AddressCount=1&EnablePrimaryIpv6=true").text("networkInterface/ipv6AddressesSet/item/isPrimaryIpv6")
	if made != "true" {
		t.Errorf("the address of a new interface is primary: %q", made)
	}
	named := must(t, e, "CreateNetworkInterface", "SubnetId="+subnet+"&Ipv6Addresses.1.Ipv6Address="+prefix+"c&Ipv6Addresses.2.Ipv6Address="+prefix+"d&Ipv6Addresses.2.IsPrimaryIpv6=true").all("networkInterface")[0]
	if named.text("ipv6Address") != prefix+"d" || named.texts("ipv6AddressesSet/item/isPrimaryIpv6")[0] != "true" {
		t.Errorf("the interface is %v, want %sd as its primary address", named, prefix)
	}
}

// The private hostname of an interface follows from its address and its Region. Its VPC
// must have DNS hostnames.
func TestPrivateDNSNames(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	must(t, e, "ModifyVpcAttribute", "VpcId="+worldVPC+"&EnableDnsHostnames.Value=true")
	read := describeInterface(t, e, eni(3))
	for path, want := range map[string]string{"privateDnsName": "ip-10-0-1-3.ec2.internal", "privateIpAddressesSet/item/privateDnsName": "ip-10-0-1-3.ec2.internal"} {
		if got := read.text(path); got != want {
			t.Errorf("%s is %q, want %q (A0175)", path, got, want)
		}
	}
	found := must(t, e, "DescribeNetworkInterfaces", filterBy("private-dns-name", "ip-10-0-1-3.ec2.internal")).texts("networkInterfaceSet/item/networkInterfaceId")
	if len(found) != 1 || found[0] != eni(3) {
		t.Errorf("the hostname finds %v", found)
	}
}
