package emulator_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// A client builds a network, mirrors an interface of it, and takes all of it down.
func TestNetworkFromNothing(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	c, ctx := newClient(e), t.Context()
	network, err := c.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.9.0.0/16"), TagSpecifications: []types.TagSpecification{
		{ResourceType: types.ResourceTypeVpc, Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}},
	}})
	fatal(t, err)
	subnet, err := c.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: network.Vpc.VpcId, CidrBlock: aws.String("10.9.1.0/28"), AvailabilityZone: aws.String("us-east-1a")})
	fatal(t, err)
	if got := *subnet.Subnet.AvailableIpAddressCount; got != 11 {
		t.Errorf("%d addresses are free in a /28, want 11", got)
	}
	sink, err := c.CreateNetworkInterface(ctx, &ec2.CreateNetworkInterfaceInput{SubnetId: subnet.Subnet.SubnetId, PrivateIpAddress: aws.String("10.9.1.9")})
	fatal(t, err)
	source, err := c.CreateNetworkInterface(ctx, &ec2.CreateNetworkInterfaceInput{SubnetId: subnet.Subnet.SubnetId, Description: aws.String("source")})
	fatal(t, err)
	if got := *sink.NetworkInterface.PrivateIpAddress; got != "10.9.1.9" {
		t.Errorf("the address is %s, want the one asked for", got)
	}
	if got := source.NetworkInterface; *got.VpcId != *network.Vpc.VpcId || *got.AvailabilityZone != "us-east-1a" || got.Status != "available" || *got.Description != "source" {
		t.Errorf("the interface is %+v", got)
	}

	attached, err := c.AttachNetworkInterface(ctx, &ec2.AttachNetworkInterfaceInput{NetworkInterfaceId: source.NetworkInterface.NetworkInterfaceId, InstanceId: aws.String(instance(100)), DeviceIndex: aws.Int32(1)})
	fatal(t, err)
	target, err := c.CreateTrafficMirrorTarget(ctx, &ec2.CreateTrafficMirrorTargetInput{NetworkInterfaceId: sink.NetworkInterface.NetworkInterfaceId})
	fatal(t, err)
	filter, err := c.CreateTrafficMirrorFilter(ctx, &ec2.CreateTrafficMirrorFilterInput{})
	fatal(t, err)
	session, err := c.CreateTrafficMirrorSession(ctx, &ec2.CreateTrafficMirrorSessionInput{
		NetworkInterfaceId: source.NetworkInterface.NetworkInterfaceId, TrafficMirrorTargetId: target.TrafficMirrorTarget.TrafficMirrorTargetId,
		TrafficMirrorFilterId: filter.TrafficMirrorFilter.TrafficMirrorFilterId, SessionNumber: aws.Int32(1),
	})
	fatal(t, err)

	vpcID, subnetID, sourceID, sinkID := *network.Vpc.VpcId, *subnet.Subnet.SubnetId, *source.NetworkInterface.NetworkInterfaceId, *sink.NetworkInterface.NetworkInterfaceId
	refused(t, e, "DeleteVpc", "VpcId="+vpcID, "DependencyViolation")
	refused(t, e, "DeleteSubnet", "SubnetId="+subnetID, "DependencyViolation")
	refused(t, e, "DeleteNetworkInterface", "NetworkInterfaceId="+sourceID, "InvalidNetworkInterface.InUse")
	must(t, e, "DetachNetworkInterface", "AttachmentId="+*attached.AttachmentId)
	must(t, e, "DescribeTrafficMirrorSessions", "TrafficMirrorSessionId.1="+*session.TrafficMirrorSession.TrafficMirrorSessionId) // survives that
	must(t, e, "DeleteNetworkInterface", "NetworkInterfaceId="+sourceID)
	refused(t, e, "DescribeTrafficMirrorSessions", "TrafficMirrorSessionId.1="+*session.TrafficMirrorSession.TrafficMirrorSessionId, "InvalidTrafficMirrorSessionId.NotFound")
	// A target outlives its interface.
	must(t, e, "DeleteNetworkInterface", "NetworkInterfaceId="+sinkID)
	refused(t, e, "DeleteTrafficMirrorTarget", "TrafficMirrorTargetId="+*target.TrafficMirrorTarget.TrafficMirrorTargetId, assumed("A0062", ""))
	must(t, e, "DeleteSubnet", "SubnetId="+subnetID)
	must(t, e, "DeleteVpc", "VpcId="+vpcID)
	refused(t, e, "DescribeVpcs", "VpcId.1="+vpcID, "InvalidVpcID.NotFound")
	refused(t, e, "DescribeSubnets", "SubnetId.1="+subnetID, "InvalidSubnetID.NotFound")
	if left := tagsOn(t, e, vpcID); left != "" {
		t.Errorf("the VPC's tags are still there: %s", left)
	}
}

// EC2 takes any address of a block and answers with the first.
func TestBlocksHaveACanonicalForm(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	v := must(t, e, "CreateVpc", "CidrBlock=100.68.0.18/18").all("vpc")[0]
	if got := v.text("cidrBlock"); got != "100.68.0.0/18" {
		t.Errorf("the VPC has the block %s, want 100.68.0.0/18", got)
	}
	subnet := "VpcId=" + v.text("vpcId") + "&CidrBlock="
	if got := must(t, e, "CreateSubnet", subnet+"100.68.1.7/24").text("subnet/cidrBlock"); got != "100.68.1.0/24" {
		t.Errorf("the subnet has the block %s, want 100.68.1.0/24", got)
	}
	refused(t, e, "CreateSubnet", subnet+"100.68.1.0/24", "InvalidSubnet.Conflict")
}

func TestNetworkRefusals(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	v := must(t, e, "CreateVpc", "CidrBlock=10.9.0.0/16&AmazonProvidedIpv6CidrBlock=true").all("vpc")[0]
	id := v.text("vpcId")
	block := v.text("ipv6CidrBlockAssociationSet/item/ipv6CidrBlock")
	s := must(t, e, "CreateSubnet", "VpcId="+id+"&CidrBlock=10.9.1.0/24").text("subnet/subnetId")
	free := must(t, e, "CreateNetworkInterface", "SubnetId="+s+"&PrivateIpAddress=10.9.1.9").text("networkInterface/networkInterfaceId")
	for _, test := range []struct{ action, parameters, code string }{
		{"CreateVpc", "", "MissingParameter"},
		{"CreateVpc", "CidrBlock=10.0.0.0/8", "InvalidVpc.Range"},
		{"CreateVpc", "CidrBlock=10.0.0.0/29", "InvalidVpc.Range"},
		{"CreateVpc", "CidrBlock=2001:db8::/56", "InvalidVpc.Range"},
		{"CreateVpc", "CidrBlock=10.0.0.0/16&InstanceTenancy=none", "InvalidParameterValue"},
		{"ModifyVpcTenancy", "VpcId=" + id + "&InstanceTenancy=dedicated", "InvalidParameterValue"},
		{"DeleteVpc", "VpcId=vpc-0123456789abcdef0", "InvalidVpcID.NotFound"},
		{"DescribeVpcAttribute", "VpcId=" + id + "&Attribute=colour", "InvalidParameterValue"},
		{"DescribeVpcAttribute", "VpcId=" + id, "MissingParameter"},
		{"ModifyVpcAttribute", "VpcId=" + id, "InvalidParameterCombination"},
		{"CreateSubnet", "VpcId=" + id + "&CidrBlock=10.8.0.0/24", "InvalidSubnet.Range"},
		{"CreateSubnet", "VpcId=" + id + "&CidrBlock=10.9.1.128/25", "InvalidSubnet.Conflict"},
		{"CreateSubnet", "VpcId=" + id + "&CidrBlock=10.9.2.0/24&Ipv6CidrBlock=2001:db9::/64", "InvalidSubnet.Range"},
		{"CreateSubnet", "VpcId=" + id + "&Ipv6Native=true&CidrBlock=10.9.2.0/24", "MissingParameter"},
		{"CreateSubnet", "VpcId=" + id + "&Ipv6Native=true&CidrBlock=10.9.2.0/24&Ipv6CidrBlock=" + block[:len(block)-2] + "64", "InvalidParameterCombination"},
		{"CreateSubnet", "VpcId=" + id + "&Ipv6Native=true&Ipv6CidrBlock=" + block[:len(block)-2] + "64", ""},
		{"CreateSubnet", "VpcId=" + id + "&Ipv6Native=true", "MissingParameter"},
		{"CreateSubnet", "VpcId=" + id + "&Ipv6Native=true&Ipv6CidrBlock=" + block[:len(block)-2] + "62", "InvalidSubnet.Range"},
		{"CreateSubnet", "VpcId=" + id + "&Ipv6Native=true&Ipv6CidrBlock=" + block[:len(block)-2] + "64", "InvalidSubnet.Conflict"},
		{"CreateSubnet", "VpcId=vpc-0123456789abcdef0&CidrBlock=10.9.2.0/24", "InvalidVpcID.NotFound"},
		{"CreateSubnet", "VpcId=" + id + "&CidrBlock=10.9.2.0/24&AvailabilityZone=eu-west-1a", "InvalidParameterValue"},
		{"DeleteNetworkInterface", "NetworkInterfaceId=" + eniGone, "InvalidNetworkInterfaceID.NotFound"},
		{"DeleteNetworkInterface", "NetworkInterfaceId=" + eniRDS, "OperationNotPermitted"},
		{"AttachNetworkInterface", "NetworkInterfaceId=" + eni(1) + "&InstanceId=" + instance(1) + "&DeviceIndex=1", "InvalidNetworkInterface.InUse"},
		{"AttachNetworkInterface", "NetworkInterfaceId=" + eniRDS + "&InstanceId=" + instance(1) + "&DeviceIndex=1", "InvalidNetworkInterface.InUse"},
		{"AttachNetworkInterface", "NetworkInterfaceId=" + free + "&InstanceId=i-0123456789abcdef0&DeviceIndex=1", "InvalidInstanceID.NotFound"},
		{"AttachNetworkInterface", "NetworkInterfaceId=" + free + "&InstanceId=" + instance(1), "MissingParameter"},
		{"AttachNetworkInterface", "NetworkInterfaceId=" + free + "&InstanceId=" + instance(1) + "&DeviceIndex=-1", "InvalidParameterValue"},
		{"AttachNetworkInterface", "NetworkInterfaceId=" + free + "&InstanceId=" + instance(1) + "&DeviceIndex=0", assumed("A0096", "InvalidParameterValue")},
		{"AttachNetworkInterface", "NetworkInterfaceId=" + free + "&InstanceId=" + instance(1) + "&DeviceIndex=1&NetworkCardIndex=1", "InvalidParameterValue"},
		{"DetachNetworkInterface", "AttachmentId=eni-attach-1", "InvalidAttachmentID.NotFound"},
		{"ModifyNetworkInterfaceAttribute", "NetworkInterfaceId=" + eni(1), "InvalidParameterCombination"},
		{"ModifyNetworkInterfaceAttribute", "NetworkInterfaceId=" + eni(1) + "&Description.Value=a&SourceDestCheck.Value=false", "InvalidParameterCombination"},
		{"ModifyNetworkInterfaceAttribute", "NetworkInterfaceId=" + eni(1) + "&SecurityGroupId.1=default", "InvalidGroupId.Malformed"},
		{"ModifyNetworkInterfaceAttribute", "NetworkInterfaceId=" + eniRDS + "&Description.Value=a", "OperationNotPermitted"},
		{"DescribeInstances", "InstanceId.1=i-0123456789abcdef0", "InvalidInstanceID.NotFound"},
		{"DescribeInstanceTypes", "InstanceType.1=large", "InvalidInstanceType"},
	} {
		refused(t, e, test.action, test.parameters, test.code)
	}
}

func TestNetworkAttributes(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	id := must(t, e, "CreateVpc", "CidrBlock=10.9.0.0/16").text("vpc/vpcId")
	for _, step := range []struct{ change, attribute, want string }{
		{"", "enableDnsSupport", "true"},
		{"", "enableDnsHostnames", "false"},
		{"EnableDnsSupport.Value=false", "enableDnsSupport", "false"},
		{"EnableDnsHostnames.Value=true", "enableDnsHostnames", "true"},
		{"EnableNetworkAddressUsageMetrics.Value=true", "enableNetworkAddressUsageMetrics", "true"},
	} {
		if step.change != "" {
			must(t, e, "ModifyVpcAttribute", "VpcId="+id+"&"+step.change)
		}
		if got := must(t, e, "DescribeVpcAttribute", "VpcId="+id+"&Attribute="+step.attribute).text(step.attribute + "/value"); got != step.want {
			t.Errorf("after %q: %s is %q, want %q", step.change, step.attribute, got, step.want)
		}
	}
	group := makeGroup(t, e, "vpc-00000000000000001", "sensors")
	must(t, e, "ModifyNetworkInterfaceAttribute", "NetworkInterfaceId="+eni(1)+"&SourceDestCheck.Value=false")
	must(t, e, "ModifyNetworkInterfaceAttribute", "NetworkInterfaceId="+eni(1)+"&Description.Value=d")
	must(t, e, "ModifyNetworkInterfaceAttribute", "NetworkInterfaceId="+eni(1)+"&SecurityGroupId.1="+group)
	read := must(t, e, "DescribeNetworkInterfaces", "NetworkInterfaceId.1="+eni(1)).all("networkInterfaceSet/item")[0]
	for path, want := range map[string]string{"sourceDestCheck": "false", "description": "d", "groupSet/item/groupId": group, "groupSet/item/groupName": "sensors"} {
		if got := read.text(path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	for _, test := range []struct{ action, set string }{
		{"DescribeSecurityGroups", "securityGroupInfo"}, {"DescribeNetworkAcls", "networkAclSet"}, {"DescribeRouteTables", "routeTableSet"},
	} {
		if got := must(t, e, test.action, filterBy("vpc-id", id)).text(test.set + "/item/vpcId"); got != id {
			t.Errorf("%s: %q, want the one of the VPC", test.action, got)
		}
	}
	types := must(t, e, "DescribeInstances", "InstanceId.1="+instance(101))
	if got := types.text("reservationSet/item/instancesSet/item/instanceType"); got != "t2.micro" {
		t.Errorf("the instance's type is %q", got)
	}
	must(t, e, "DescribeInstanceTypes", "InstanceType.1=m5.large")
}

// A subnet gives each interface an address of its own until there is none.
func TestSubnetRunsOut(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	id := must(t, e, "CreateVpc", "CidrBlock=10.9.0.0/16").text("vpc/vpcId")
	s := must(t, e, "CreateSubnet", "VpcId="+id+"&CidrBlock=10.9.1.0/28").text("subnet/subnetId")
	seen := map[string]bool{}
	for range 11 {
		seen[must(t, e, "CreateNetworkInterface", "SubnetId="+s).text("networkInterface/privateIpAddress")] = true
	}
	if len(seen) != 11 || seen["10.9.1.0"] || seen["10.9.1.3"] || seen["10.9.1.15"] {
		t.Errorf("the addresses are %v, want 11 without the reserved ones", fmt.Sprint(seen))
	}
	refused(t, e, "CreateNetworkInterface", "SubnetId="+s, "InsufficientFreeAddressesInSubnet")
}

// A target outlives its interface, and so do the sessions on it, which can be moved
// to another one.
func TestSessionOutlivesTargetInterface(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	sink := must(t, e, "CreateNetworkInterface", "SubnetId="+worldSubnet).text("networkInterface/networkInterfaceId")
	target, spare, filter := makeTarget(t, e, "NetworkInterfaceId="+sink), makeTarget(t, e, "NetworkInterfaceId="+eni(2)), makeFilter(t, e, "")
	session := makeSession(t, e, sessionOn(eni(1), target, filter, 1)).text("trafficMirrorSessionId")
	must(t, e, "DeleteNetworkInterface", "NetworkInterfaceId="+sink)
	repoint(t, e, session, target, spare)
}

// An interface is attached at one place of an instance, and free again when it is
// detached.
func TestAttachments(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	create := func() string {
		return must(t, e, "CreateNetworkInterface", "SubnetId="+worldSubnet).text("networkInterface/networkInterfaceId")
	}
	a, b := create(), create()
	at := func(id string, device int) string {
		return fmt.Sprintf("NetworkInterfaceId=%s&InstanceId=%s&DeviceIndex=%d", id, instance(100), device)
	}
	attachment := must(t, e, "AttachNetworkInterface", at(a, 1)).text("attachmentId")
	for _, step := range []struct{ action, parameters, code string }{
		{"AttachNetworkInterface", at(a, 2), "InvalidNetworkInterface.InUse"},
		{"AttachNetworkInterface", at(b, 1), assumed("A0096", "InvalidParameterValue")},
		{"AttachNetworkInterface", at(b, 2), ""},
		{"DeleteNetworkInterface", "NetworkInterfaceId=" + a, "InvalidNetworkInterface.InUse"},
	} {
		refused(t, e, step.action, step.parameters, step.code)
	}
	for _, test := range []struct{ name, value string }{
		{"attachment.attachment-id", attachment}, {"attachment.device-index", "1"},
	} {
		found := must(t, e, "DescribeNetworkInterfaces", filterBy(test.name, test.value, "attachment.instance-id", instance(100))).all("networkInterfaceSet/item")
		if len(found) != 1 || found[0].text("networkInterfaceId") != a || found[0].text("attachment/deviceIndex") != "1" || found[0].text("status") != "in-use" {
			t.Errorf("%s=%s finds %v, want %s alone, in use at 1", test.name, test.value, found, a)
		}
	}
	must(t, e, "DetachNetworkInterface", "AttachmentId="+attachment)
	read := must(t, e, "DescribeNetworkInterfaces", "NetworkInterfaceId.1="+a).all("networkInterfaceSet/item")[0]
	if read.text("status") != "available" || len(read.all("attachment")) > 0 {
		t.Errorf("the detached interface is %v", read)
	}
	refused(t, e, "DetachNetworkInterface", "AttachmentId="+attachment, "InvalidAttachmentID.NotFound")
	must(t, e, "AttachNetworkInterface", at(a, 1))
}
