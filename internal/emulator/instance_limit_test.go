package emulator_test

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// A launch names each interface once, has no more interfaces than its type takes, and no
// more parts than a request makes.
func TestRunInstances_tooMany(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	own := must(t, e, "CreateNetworkInterface", "SubnetId="+worldSubnet).text("networkInterface/networkInterfaceId")
	launch := func(count int, typeName string) string {
		return fmt.Sprintf("ImageId=%s&MinCount=%d&MaxCount=%d&InstanceType=%s", anImage, count, count, typeName)
	}
	twice := "&NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.NetworkInterfaceId=" + own + "&NetworkInterface.2.DeviceIndex=1&NetworkInterface.2.NetworkInterfaceId=" + own
	several := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "&NetworkInterface.%d.DeviceIndex=%d&NetworkInterface.%d.SubnetId=%s", i+1, i, i+1, worldSubnet)
		}
		return b.String()
	}
	refused(t, e, "RunInstances", launch(1, "m5.large")+twice, "InvalidParameterValue")
	refused(t, e, "RunInstances", launch(1, "t3.micro")+several(3), assumed("A0158", "AttachmentLimitExceeded"))
	refused(t, e, "RunInstances", launch(100, "m5.24xlarge")+several(11), assumed("A0155", "InstanceLimitExceeded"))
	id := must(t, e, "RunInstances", launch(1, "t3.micro")+several(2)).text("instancesSet/item/instanceId")
	refused(t, e, "AttachNetworkInterface", "InstanceId="+id+"&DeviceIndex=2&NetworkInterfaceId="+own, assumed("A0158", "AttachmentLimitExceeded"))
	must(t, e, "TerminateInstances", "InstanceId.1="+id)
	refused(t, e, "MonitorInstances", "InstanceId.1="+id, "IncorrectInstanceState")
	credits := must(t, e, "ModifyInstanceCreditSpecification", "InstanceCreditSpecification.1.CpuCredits=standard&InstanceCreditSpecification.1.InstanceId="+id)
	if got := credits.text("unsuccessfulInstanceCreditSpecificationSet/item/error/code"); got != "IncorrectInstanceState" {
		t.Errorf("the credits of a terminated instance: %q", got)
	}
	refused(t, e, "ModifyInstanceCreditSpecification", "InstanceCreditSpecification.1.InstanceId="+instance(100), "MissingParameter")
}

// A launch names security groups of the default VPC by name.
func TestRunInstances_groupNames(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	home := must(t, e, "CreateDefaultVpc", "").text("vpc/vpcId")
	group := makeGroup(t, e, home, "sensors")
	id := must(t, e, "RunInstances", oneLaunch+"&SecurityGroup.1=sensors&SecurityGroup.2=default").text("instancesSet/item/instanceId")
	v := describeOne(t, e, id)
	if got := v.texts("groupSet/item/groupId"); len(got) != 2 || !slices.Contains(got, group) {
		t.Errorf("the groups are %v", got)
	}
	refused(t, e, "RunInstances", oneLaunch+"&SecurityGroup.1=others", "InvalidGroup.NotFound")
}

// When a topology brings another default VPC, the subnets of the former one are no default
// subnets any more.
func TestDefaultVPC_replaced(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ec2.db")
	must(t, mustNew(t, emulator.Options{Path: path}), "CreateDefaultVpc", "")
	e := mustNew(t, emulator.Options{Path: path, Topology: &topology.File{
		VPCs: []topology.VPC{{ID: "vpc-00000000000000009", CIDRBlock: netip.MustParsePrefix("10.9.0.0/16"), Default: true}},
	}})
	refused(t, e, "RunInstances", oneLaunch, "MissingInput")
	must(t, e, "CreateDefaultSubnet", "AvailabilityZone=us-east-1a")
	got := describeOne(t, e, must(t, e, "RunInstances", oneLaunch).text("instancesSet/item/instanceId"))
	wantTexts(t, got, map[string]string{"vpcId": "vpc-00000000000000009"})
}

// A zone has the name of its Region and one letter.
func TestCreateSubnet_zoneNames(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	for _, name := range []string{"us-east-1", "us-east-1z", "us-east-1-bos-1a", "eu-west-1a"} {
		refused(t, e, "CreateSubnet", "VpcId="+worldVPC+"&CidrBlock=10.0.200.0/24&AvailabilityZone="+name, "InvalidParameterValue")
	}
}

// An instance without an interface is in the zone that the topology gives it, and keeps the
// time at which its interfaces were attached.
func TestAttachments_topology(t *testing.T) {
	t.Parallel()
	file, err := topology.Parse([]byte(`{
  "vpcs": [{"id": "vpc-00000000000000001", "cidr_block": "10.0.0.0/16"}],
  "subnets": [{"id": "subnet-00000000000000001", "vpc_id": "vpc-00000000000000001", "cidr_block": "10.0.1.0/24", "availability_zone": "us-east-1a"}],
  "instances": [{"id": "i-00000000000000001", "availability_zone": "us-east-1b"}, {"id": "i-00000000000000002"}],
  "network_interfaces": [{"id": "eni-00000000000000002", "subnet_id": "subnet-00000000000000001", "instance_id": "i-00000000000000002"}],
  "gateway_load_balancer_endpoints": [{"id": "vpce-00000000000000001", "vpc_id": "vpc-00000000000000009"}]
}`))
	fatal(t, err)
	e := newEmulator(t, func(o *emulator.Options) { o.Topology = file })
	free := must(t, e, "CreateNetworkInterface", "SubnetId=subnet-00000000000000001").text("networkInterface/networkInterfaceId")
	refused(t, e, "AttachNetworkInterface", "InstanceId=i-00000000000000001&DeviceIndex=1&NetworkInterfaceId="+free, assumed("A0171", "InvalidParameterCombination"))
	attached := func() string { return describeInterface(t, e, "eni-00000000000000002").text("attachment/attachTime") }
	before := attached()
	must(t, e, "StopInstances", "InstanceId.1=i-00000000000000002")
	must(t, e, "StartInstances", "InstanceId.1=i-00000000000000002")
	if after := attached(); after != before || before != "2025-01-01T00:00:00.000Z" {
		t.Errorf("attached at %s, after a stop and a start at %s (A0150)", before, after)
	}
}

// A VPC that an endpoint is in is not deleted, also if the endpoint is in no subnet.
func TestDeleteVPC_endpoint(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, func(o *emulator.Options) {
		o.Topology = &topology.File{
			VPCs:                         []topology.VPC{{ID: "vpc-00000000000000009", CIDRBlock: netip.MustParsePrefix("10.9.0.0/16")}},
			GatewayLoadBalancerEndpoints: []topology.GatewayLoadBalancerEndpoint{{ID: "vpce-00000000000000009", VPCID: "vpc-00000000000000009"}},
		}
	})
	refused(t, e, "DeleteVpc", "VpcId=vpc-00000000000000009", "DependencyViolation")
}

// A primary IPv6 address that a topology takes away is primary no more, and leaves the
// interface usable.
func TestPrimaryIPv6_topology(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ec2.db")
	load := func(addresses string) *topology.File {
		file, err := topology.Parse([]byte(`{"network_interfaces": [{"id": "eni-00000000000000001", "private_ip_addresses": ["10.0.1.9", "10.0.1.10"], "ipv6_addresses": [` + addresses + `]}]}`))
		fatal(t, err)
		return file
	}
	e := mustNew(t, emulator.Options{Path: path, Topology: load(`"2001:db8::1"`)})
	must(t, e, "ModifyNetworkInterfaceAttribute", "NetworkInterfaceId=eni-00000000000000001&EnablePrimaryIpv6=true")
	e = mustNew(t, emulator.Options{Path: path, Topology: load("")})
	refused(t, e, "UnassignIpv6Addresses", "NetworkInterfaceId=eni-00000000000000001&Ipv6Addresses.1=2001:db8::1", "InvalidParameterValue")
	e = mustNew(t, emulator.Options{Path: path, Topology: load(`"2001:db8::2"`)})
	if got := describeInterface(t, e, "eni-00000000000000001").text("ipv6AddressesSet/item/isPrimaryIpv6"); got != "false" {
		t.Errorf("another address is primary: %s", got)
	}
	refused(t, e, "AssignIpv6Addresses", "NetworkInterfaceId=eni-00000000000000001&AllowReassignment=true&Ipv6Addresses.1=2001:db8::3", "UnknownParameter")
}
