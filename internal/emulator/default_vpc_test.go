package emulator_test

import (
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// A default VPC comes with a default subnet in each zone, and can be there once.
func TestDefaultVPC(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	refused(t, e, "CreateDefaultSubnet", "AvailabilityZone=us-east-1a", "DefaultVpcDoesNotExist")
	v := must(t, e, "CreateDefaultVpc", "").all("vpc")[0]
	id := v.text("vpcId")
	if v.text("isDefault") != "true" || v.text("cidrBlock") != "172.31.0.0/16" {
		t.Errorf("the VPC is %v", v)
	}
	refused(t, e, "CreateDefaultVpc", "", "DefaultVpcAlreadyExists")
	for _, name := range []string{"is-default", "isDefault"} {
		if got := must(t, e, "DescribeVpcs", filterBy(name, "true")).texts("vpcSet/item/vpcId"); len(got) != 1 || got[0] != id {
			t.Errorf("%s=true finds %v, want %s", name, got, id)
		}
		if got := must(t, e, "DescribeVpcs", filterBy(name, "false")).texts("vpcSet/item/vpcId"); slices.Contains(got, id) {
			t.Errorf("%s=false finds the default VPC", name)
		}
	}
	if got := must(t, e, "DescribeVpcAttribute", "VpcId="+id+"&Attribute=enableDnsHostnames").text("enableDnsHostnames/value"); got != "true" {
		t.Errorf("a default VPC has DNS hostnames: %q", got)
	}
	of := must(t, e, "DescribeSubnets", filterBy("vpc-id", id, "default-for-az", "true"))
	blocks := of.texts("subnetSet/item/cidrBlock")
	slices.Sort(blocks)
	if want := []string{"172.31.0.0/20", "172.31.16.0/20", "172.31.32.0/20", "172.31.48.0/20", "172.31.64.0/20", "172.31.80.0/20"}; !slices.Equal(blocks, want) {
		t.Errorf("the default subnets have %v, want %v", blocks, want)
	}
	if public := of.texts("subnetSet/item/mapPublicIpOnLaunch"); slices.Contains(public, "false") {
		t.Errorf("mapPublicIpOnLaunch of the default subnets is %v", public)
	}
	taken := must(t, e, "DescribeSubnets", filterBy("defaultForAz", "true", "availabilityZone", "us-east-1b")).text("subnetSet/item/subnetId")
	must(t, e, "DeleteSubnet", "SubnetId="+taken)
	for _, test := range []struct{ parameters, code string }{
		{"AvailabilityZone=us-east-1a", "DefaultSubnetAlreadyExistsInAvailabilityZone"},
		{"", "MissingParameter"},
		{"AvailabilityZone=us-east-1b&AvailabilityZoneId=use1-az2", "InvalidParameterCombination"},
		{"AvailabilityZoneId=use1-az2&Ipv6Native=true", "InvalidSubnet.Conflict"}, // the VPC has no IPv6 block
		{"AvailabilityZoneId=use1-az2", ""},
		{"AvailabilityZoneId=use1-az2", "DefaultSubnetAlreadyExistsInAvailabilityZone"},
	} {
		refused(t, e, "CreateDefaultSubnet", test.parameters, test.code)
	}
	if got := must(t, e, "DescribeSubnets", filterBy("defaultForAz", "true", "availability-zone-id", "use1-az2")).text("subnetSet/item/cidrBlock"); got != "172.31.16.0/20" {
		t.Errorf("the new default subnet has %q, want the first free block", got)
	}
	must(t, e, "AssociateVpcCidrBlock", "VpcId="+id+"&AmazonProvidedIpv6CidrBlock=true")
	third := must(t, e, "DescribeSubnets", filterBy("default-for-az", "true", "availability-zone", "us-east-1c")).text("subnetSet/item/subnetId")
	must(t, e, "DeleteSubnet", "SubnetId="+third)
	only := must(t, e, "CreateDefaultSubnet", "AvailabilityZone=us-east-1c&Ipv6Native=true").all("subnet")[0]
	if only.text("ipv6Native") != "true" || !strings.HasSuffix(only.text("ipv6CidrBlockAssociationSet/item/ipv6CidrBlock"), "/64") || only.text("cidrBlock") != "" {
		t.Errorf("the IPv6-only default subnet is %v", only)
	}
}

// A topology file can say which VPC is the default one, and what has which tags.
func TestDefaultVPC_topology(t *testing.T) {
	t.Parallel()
	o := emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: world()}
	e := mustNew(t, o)
	made := must(t, e, "CreateDefaultVpc", "").text("vpc/vpcId")
	o.Topology.VPCs[0].Default, o.Topology.VPCs[0].Tags = true, map[string]string{"Name": "net"}
	o.Topology.Subnets[0].DefaultForAZ, o.Topology.Subnets[0].Tags = true, map[string]string{"Name": "a"}
	o.Topology.GatewayLoadBalancerEndpoints[0].Tags = map[string]string{"Name": "sensors"}
	const added = "vpc-00000000000000007"
	e = mustNew(t, o)
	if got := must(t, e, "DescribeVpcs", filterBy("isDefault", "true")).texts("vpcSet/item/vpcId"); !slices.Equal(got, []string{worldVPC}) {
		t.Errorf("the default VPCs are %v, want that of the file alone, and not %s", got, made)
	}
	if got := must(t, e, "DescribeSubnets", filterBy("default-for-az", "true", "availability-zone", "us-east-1a")).texts("subnetSet/item/subnetId"); !slices.Equal(got, []string{worldSubnet}) {
		t.Errorf("the default subnets of the zone are %v, want that of the file alone", got)
	}
	for id, want := range map[string]string{worldVPC: "Name=net", worldSubnet: "Name=a", gatewayEndpoint: "Name=sensors"} {
		if got := tagsOn(t, e, id); got != want {
			t.Errorf("%s has the tags %q, want %q", id, got, want)
		}
	}
	o.Topology.VPCs[0].Default = false
	o.Topology.VPCs = append(o.Topology.VPCs, topology.VPC{ID: added, CIDRBlock: netip.MustParsePrefix("10.7.0.0/16"), Default: true})
	e = mustNew(t, o)
	for id, want := range map[string]string{worldVPC: "false", added: "true"} {
		if got := must(t, e, "DescribeVpcAttribute", "VpcId="+id+"&Attribute=enableDnsHostnames").text("enableDnsHostnames/value"); got != want {
			t.Errorf("DNS hostnames of %s: %q, want %q: a default VPC comes with them", id, got, want)
		}
	}
}
