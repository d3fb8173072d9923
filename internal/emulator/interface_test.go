package emulator_test

import (
	"path/filepath"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

func TestDescribeNetworkInterfaces(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	read := must(t, e, "DescribeNetworkInterfaces", "NetworkInterfaceId.1="+eni(3)).all("networkInterfaceSet/item")[0]
	for path, want := range map[string]string{
		"networkInterfaceId": eni(3), "subnetId": "subnet-00000000000000001", "vpcId": "vpc-00000000000000001", "availabilityZone": "us-east-1a",
		"ownerId": "123456789012", "requesterManaged": "false", "status": "in-use", "interfaceType": "interface", "privateIpAddress": "10.0.1.3",
		"privateIpAddressesSet/item/privateIpAddress": "10.0.1.3", "privateIpAddressesSet/item/primary": "true",
		"attachment/instanceId": instance(1), "attachment/status": "attached", "attachment/deviceIndex": "2", "attachment/networkCardIndex": "0",
		"attachment/attachTime": "2025-01-01T00:00:00.000Z", "attachment/deleteOnTermination": "false", "attachment/instanceOwnerId": "123456789012",
		"availabilityZoneId": "use1-az1", "operator/managed": "false", "privateDnsName": "",
	} {
		if got := read.text(path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if _, err := mirror.ParseMAC(read.text("macAddress")); err != nil {
		t.Error(err)
	}
	for _, test := range []struct {
		name, value string
		want        int
	}{
		{"network-interface-id", eni(3), 1},
		{"private-ip-address", "10.0.1.3", 1},
		{"addresses.private-ip-address", "10.0.1.1?", 10},
		{"mac-address", read.text("macAddress"), 1},
		{"subnet-id", "subnet-00000000000000006", 1},
		{"vpc-id", "vpc-00000000000000001", 30},
		{"interface-type", "network_load_balancer", 2},
		{"interface-type", "gateway_load_balancer_endpoint", 1},
		{"attachment.instance-id", instance(1), 20},
		{"attachment.instance-id", "i-none", 0},
		{"requester-managed", "true", 5},
		{"requester-id", "amazon-rds", 1},
		{"status", "available", 2},
		{"availability-zone", "us-east-1a", 30},
		{"availability-zone-id", "use1-az1", 30},
		{"availability-zone-id", "use1-az2", 0},
		{"addresses.primary", "true", 22},
		{"addresses.primary", "false", 0},
		{"attachment.status", "attached", 29},
		{"attachment.instance-owner-id", "123456789012", 24},
		{"attachment.instance-owner-id", "amazon-elb", 2},
		{"attachment.delete-on-termination", "false", 29},
		{"attachment.attach-time", "2025-01-01T*", 29}, // A0173
		{"attachment.device-index", "19", 1},
		{"operator.managed", "false", 31},
		{"operator.principal", "*", 0},
		{"association.public-ip", "*", 0},
		{"addresses.association.public-ip", "*", 0},
		{"private-dns-name", "*", 0},
		{"owner-id", "123456789012", 31},
	} {
		if got := len(must(t, e, "DescribeNetworkInterfaces", filterBy(test.name, test.value)).all("networkInterfaceSet/item")); got != test.want {
			t.Errorf("%s=%s: %d interfaces, want %d", test.name, test.value, got, test.want)
		}
	}
	refused(t, e, "DescribeNetworkInterfaces", "NetworkInterfaceId.1="+eniGone, "InvalidNetworkInterfaceID.NotFound")
	refused(t, e, "DescribeNetworkInterfaces", "IncludeManagedResources=true", "")
}

// The address behind a target can be found by the API alone.
func TestAddressesOfLoadBalancers(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	balancer := must(t, e, "DescribeNetworkInterfaces", filterBy("description", "ELB net/sensors/0123456789abcdef"))
	endpoint := must(t, e, "DescribeVpcEndpoints", "VpcEndpointId.1="+gatewayEndpoint).all("vpcEndpointSet/item")[0]
	if got := endpoint.text("vpcEndpointType"); got != "GatewayLoadBalancer" {
		t.Errorf("the endpoint's type is %q", got)
	}
	behind := must(t, e, "DescribeNetworkInterfaces", "NetworkInterfaceId.1="+endpoint.text("networkInterfaceIdSet/item"))
	for _, test := range []struct {
		root                       node
		kind, address, description string
	}{
		{balancer, "network_load_balancer", "10.0.2.5", "ELB net/sensors/0123456789abcdef"},
		{behind, "gateway_load_balancer_endpoint", "10.0.2.9", "VPC Endpoint Interface " + gatewayEndpoint},
	} {
		found := test.root.all("networkInterfaceSet/item")
		if len(found) != 1 {
			t.Fatalf("%s: %d interfaces, want 1", test.kind, len(found))
		}
		for path, want := range map[string]string{
			"interfaceType": test.kind, "privateIpAddress": test.address, "description": test.description, "requesterManaged": "true",
			"status": "in-use", "subnetId": "subnet-00000000000000001", "vpcId": "vpc-00000000000000001",
		} {
			if got := found[0].text(path); got != want {
				t.Errorf("%s: %s is %q, want %q", test.kind, path, got, want)
			}
		}
	}
	refused(t, e, "DescribeVpcEndpoints", "VpcEndpointId.1=vpce-0123456789abcdef0", "InvalidVpcEndpointId.NotFound")
	refused(t, e, "DescribeVpcEndpoints", filterBy("vpc-endpoint-type", "GatewayLoadBalancer", "vpc-id", "vpc-00000000000000001", "vpc-endpoint-state", "available"), "")
}

// Loading a topology adds and updates its objects. The same topology again changes
// nothing.
func TestTopologyReload(t *testing.T) {
	t.Parallel()
	o := emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: world()}
	o.Topology.NetworkInterfaces[0].Tags = map[string]string{"name": "web"}
	e := mustNew(t, o)
	must(t, e, "CreateTags", "ResourceId.1="+eni(1)+"&Tag.1.Key=name&Tag.1.Value=changed&Tag.2.Key=more")

	e = mustNew(t, o)
	if got := tagsOn(t, e, eni(1)); got != "more= name=changed" {
		t.Errorf("the same topology again: tags %q", got)
	}

	o.Topology.NetworkInterfaces = o.Topology.NetworkInterfaces[:1]
	o.Topology.NetworkInterfaces[0].Description = "new"
	e = mustNew(t, o)
	read := must(t, e, "DescribeNetworkInterfaces", "NetworkInterfaceId.1="+eni(1)+"&NetworkInterfaceId.2="+eni(2))
	if got := read.texts("networkInterfaceSet/item/description"); got[0] != "new" {
		t.Errorf("the interface that changed has the description %q", got[0])
	}
	if got := tagsOn(t, e, eni(1)); got != "more= name=web" {
		t.Errorf("a changed topology: tags %q", got)
	}

	o.Topology = nil
	must(t, mustNew(t, o), "DescribeNetworkInterfaces", "NetworkInterfaceId.1="+eni(2))
	o.Topology = world()
	o.Topology.AccountID = otherAccount
	o.Topology.SharedTargets = nil
	if _, err := emulator.New(o); err == nil {
		t.Error("a topology of another account was taken")
	}
}

// A topology does not have what only clients change. Loading one keeps it.
func TestTopologyLeavesAttributes(t *testing.T) {
	t.Parallel()
	const otherVPC, otherSubnet = "vpc-00000000000000002", "subnet-00000000000000002"
	o := emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: world()}
	e := mustNew(t, o)
	must(t, e, "ModifyVpcAttribute", "VpcId="+worldVPC+"&EnableDnsHostnames.Value=true")
	must(t, e, "ModifySubnetAttribute", "SubnetId="+worldSubnet+"&MapPublicIpOnLaunch.Value=true")
	must(t, e, "ModifyNetworkInterfaceAttribute", "NetworkInterfaceId="+eni(1)+"&SourceDestCheck.Value=false")

	o.Topology.VPCs = append(o.Topology.VPCs, topology.VPC{ID: otherVPC})
	o.Topology.Subnets = append(o.Topology.Subnets, topology.Subnet{ID: otherSubnet, VPCID: otherVPC})
	o.Topology.NetworkInterfaces[1].SubnetID = otherSubnet
	e = mustNew(t, o)
	if got := must(t, e, "DescribeVpcAttribute", "VpcId="+worldVPC+"&Attribute=enableDnsHostnames").text("enableDnsHostnames/value"); got != "true" {
		t.Errorf("the VPC's enableDnsHostnames is %q, want true still", got)
	}
	if got := describeSubnet(t, e, worldSubnet).text("mapPublicIpOnLaunch"); got != "true" {
		t.Errorf("the subnet's mapPublicIpOnLaunch is %q, want true still", got)
	}
	group := must(t, e, "DescribeSecurityGroups", filterBy("vpc-id", otherVPC)).text("securityGroupInfo/item/groupId")
	for _, test := range []struct{ id, path, want string }{
		{eni(1), "sourceDestCheck", "false"},
		{eni(1), "vpcId", worldVPC},
		{eni(2), "vpcId", otherVPC},
		{eni(2), "groupSet/item/groupId", group},
	} {
		if got := must(t, e, "DescribeNetworkInterfaces", "NetworkInterfaceId.1="+test.id).text("networkInterfaceSet/item/" + test.path); got != test.want {
			t.Errorf("%s of %s is %q, want %q", test.path, test.id, got, test.want)
		}
	}
}
