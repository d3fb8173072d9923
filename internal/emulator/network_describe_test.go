package emulator_test

import (
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// Each documented filter of VPCs, subnets and endpoints is accepted, and finds what has the
// value.
func TestNetworkFilters(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	vpc, subnet, prefix := dualStack(t, e)
	ofVPC := must(t, e, "DescribeVpcs", "VpcId.1="+vpc).all("vpcSet/item")[0]
	ofSubnet := describeSubnet(t, e, subnet)
	for _, test := range []struct{ action, name, value, path, want string }{
		{"DescribeVpcs", "cidr", "10.9.0.0/16", "vpcSet/item/vpcId", vpc},
		{"DescribeVpcs", "cidr-block-association.state", "associated", "vpcSet/item/vpcId", vpc},
		{"DescribeVpcs", "dhcp-options-id", ofVPC.text("dhcpOptionsId"), "vpcSet/item/vpcId", vpc},
		{"DescribeVpcs", "ipv6-cidr-block-association.ipv6-pool", "Amazon", "vpcSet/item/vpcId", vpc},
		{"DescribeVpcs", "ipv6-cidr-block-association.state", "associated", "vpcSet/item/vpcId", vpc},
		{"DescribeVpcs", "is-default", "true", "vpcSet/item/vpcId", ""},
		{"DescribeSubnets", "availabilityZone", "us-east-1a", "subnetSet/item/subnetId", subnet},
		{"DescribeSubnets", "availability-zone-id", "use1-az1", "subnetSet/item/subnetId", subnet},
		{"DescribeSubnets", "availabilityZoneId", "use1-az1", "subnetSet/item/subnetId", subnet},
		{"DescribeSubnets", "available-ip-address-count", "251", "subnetSet/item/subnetId", subnet},
		{"DescribeSubnets", "cidr", "10.9.1.0/24", "subnetSet/item/subnetId", subnet},
		{"DescribeSubnets", "cidrBlock", "10.9.1.0/24", "subnetSet/item/subnetId", subnet},
		{"DescribeSubnets", "customer-owned-ipv4-pool", "*", "subnetSet/item/subnetId", ""},
		{"DescribeSubnets", "enable-lni-at-device-index", "*", "subnetSet/item/subnetId", ""},
		{"DescribeSubnets", "ipv6-cidr-block-association.state", "associated", "subnetSet/item/subnetId", subnet},
		{"DescribeSubnets", "ipv6-cidr-block-association.ipv6-cidr-block", prefix + "/64", "subnetSet/item/subnetId", subnet},
		{"DescribeSubnets", "map-customer-owned-ip-on-launch", "false", "subnetSet/item/subnetId", subnet},
		{"DescribeSubnets", "outpost-arn", "*", "subnetSet/item/subnetId", ""},
		{"DescribeSubnets", "private-dns-name-options-on-launch.hostname-type", "ip-name", "subnetSet/item/subnetId", subnet},
		{"DescribeSubnets", "private-dns-name-options-on-launch.enable-resource-name-dns-a-record", "false", "subnetSet/item/subnetId", subnet},
		{"DescribeSubnets", "private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record", "false", "subnetSet/item/subnetId", subnet},
		{"DescribeSubnets", "subnet-arn", ofSubnet.text("subnetArn"), "subnetSet/item/subnetId", subnet},
		{"DescribeSubnets", "default-for-az", "true", "subnetSet/item/subnetId", ""},
		{"DescribeVpcEndpoints", "service-region", "us-east-1", "vpcEndpointSet/item/vpcEndpointId", gatewayEndpoint},
	} {
		narrowed := filterBy("vpc-id", vpc, test.name, test.value)
		if test.action == "DescribeVpcEndpoints" {
			narrowed = filterBy(test.name, test.value)
		}
		if got := must(t, e, test.action, narrowed).text(test.path); got != test.want {
			t.Errorf("%s by %s=%s finds %q, want %q", test.action, test.name, test.value, got, test.want)
		}
		if got := must(t, e, test.action, filterBy(test.name, "other")).text(test.path); got != "" {
			t.Errorf("%s by %s=other finds %q", test.action, test.name, got)
		}
	}
	for path, want := range map[string]string{
		"availabilityZoneId": "use1-az1", "subnetArn": "arn:aws:ec2:us-east-1:123456789012:subnet/" + subnet,
		"blockPublicAccessStates/internetGatewayBlockMode": "off", "availableIpAddressCount": "251",
		"ipv6CidrBlockAssociationSet/item/ipSource": "amazon", "ipv6CidrBlockAssociationSet/item/ipv6AddressAttribute": "public",
	} {
		if got := ofSubnet.text(path); got != want {
			t.Errorf("%s of the subnet is %q, want %q", path, got, want)
		}
	}
	for path, want := range map[string]string{
		"isDefault": "false", "blockPublicAccessStates/internetGatewayBlockMode": "off", "ipv6CidrBlockAssociationSet/item/ipv6Pool": "Amazon",
		"ipv6CidrBlockAssociationSet/item/ipSource": "amazon",
	} {
		if got := ofVPC.text(path); got != want {
			t.Errorf("%s of the VPC is %q, want %q", path, got, want)
		}
	}
}

// The zone of a new subnet has a name or an ID.
func TestCreateSubnet_zones(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	vpc := must(t, e, "CreateVpc", "CidrBlock=10.9.0.0/16").text("vpc/vpcId")
	at := "VpcId=" + vpc + "&CidrBlock=10.9.1.0/24&"
	for _, test := range []struct{ zone, code string }{
		{"AvailabilityZone=us-east-1b&AvailabilityZoneId=use1-az2", "InvalidParameterCombination"},
		{"AvailabilityZoneId=euw1-az1", "InvalidParameterValue"},
		{"AvailabilityZone=eu-west-1a", "InvalidParameterValue"},
	} {
		refused(t, e, "CreateSubnet", at+test.zone, test.code)
	}
	if got := must(t, e, "CreateSubnet", at+"AvailabilityZoneId=use1-az3").text("subnet/availabilityZone"); got != "us-east-1c" {
		t.Errorf("the zone is %q, want us-east-1c", got)
	}
}

// An endpoint has the time when it was made, and the sets that its type leaves empty.
func TestEndpointFields(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.March, 4, 5, 6, 7, 0, time.UTC)
	e := newEmulator(t, func(o *emulator.Options) { o.Now = func() time.Time { return now } })
	made := must(t, e, "CreateVpcEndpoint", toBalancer+"&ServiceRegion=us-east-1").all("vpcEndpoint")[0]
	if got := made.text("creationTimestamp"); got != "2026-03-04T05:06:07.000Z" {
		t.Errorf("the endpoint was made at %q", got)
	}
	for _, set := range []string{"routeTableIdSet", "groupSet", "dnsEntrySet"} {
		if got := made.all(set); len(got) != 1 || len(got[0].Nodes) > 0 {
			t.Errorf("%s is %v, want it empty", set, got)
		}
	}
	if got := must(t, e, "DescribeVpcEndpoints", "VpcEndpointId.1="+gatewayEndpoint).text("vpcEndpointSet/item/creationTimestamp"); got != "2025-01-01T00:00:00.000Z" {
		t.Errorf("the endpoint of the topology was made at %q (A0173)", got)
	}
	refused(t, e, "CreateVpcEndpoint", toBalancer+"&ServiceRegion=eu-west-1", "InvalidParameter")
}

// A subnet of a topology file without a zone is in the first one of the Region.
func TestSubnetWithoutZone(t *testing.T) {
	t.Parallel()
	e := mustNew(t, emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: &topology.File{
		AccountID: topology.DefaultAccountID,
		Subnets:   []topology.Subnet{{ID: worldSubnet, CIDRBlock: netip.MustParsePrefix("10.0.1.0/24")}},
	}})
	if got := must(t, e, "DescribeSubnets", filterBy("availability-zone", "us-east-1a")).text("subnetSet/item/availabilityZoneId"); got != "use1-az1" {
		t.Errorf("the ID of its zone is %q (A0097)", got)
	}
}
