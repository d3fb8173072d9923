package emulator_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// otherVPC and otherSubnet are where the endpoints of the tests are: in another VPC than the
// appliances.
const (
	otherVPC    = "vpc-00000000000000009"
	otherSubnet = "subnet-00000000000000009"
)

// makeService makes an endpoint service, and returns its ID and its name.
func makeService(t testing.TB, h *emulator.Emulator, parameters string) (id, name string) {
	t.Helper()
	made := must(t, h, "CreateVpcEndpointServiceConfiguration", parameters).all("serviceConfiguration")[0]
	return made.text("serviceId"), made.text("serviceName")
}

func makeEndpoint(t testing.TB, h *emulator.Emulator, service string) string {
	t.Helper()
	return must(t, h, "CreateVpcEndpoint", "VpcEndpointType=GatewayLoadBalancer&ServiceName="+service+"&VpcId="+otherVPC+"&SubnetId.1="+otherSubnet).text("vpcEndpoint/vpcEndpointId")
}

// connection returns the state of the only connection that matches a filter.
func connection(t testing.TB, h *emulator.Emulator, filter string) string {
	t.Helper()
	return must(t, h, "DescribeVpcEndpointConnections", filter).text("vpcEndpointConnectionSet/item/vpcEndpointState")
}

// The SDK makes a service in front of a Gateway Load Balancer, an endpoint in another VPC that
// waits, accepts it, rejects it, and deletes the service when nothing is connected.
func TestEndpointService(t *testing.T) {
	t.Parallel()
	e := newAppliances(t)
	group := makeTargetGroup(t, e, "gwy", geneveGroup)
	balancer, _ := makeBalancer(t, e, "gateway", "gwlb", group, worldSubnet, subnetB)
	c := newClient(e)
	made, err := c.CreateVpcEndpointServiceConfiguration(t.Context(), &ec2.CreateVpcEndpointServiceConfigurationInput{
		GatewayLoadBalancerArns: []string{balancer},
		TagSpecifications:       []types.TagSpecification{{ResourceType: types.ResourceTypeVpcEndpointService, Tags: []types.Tag{{Key: new("k"), Value: new("v")}}}},
	})
	fatal(t, err)
	s := made.ServiceConfiguration
	if !*s.AcceptanceRequired || s.ServiceState != "Available" || s.ServiceType[0].ServiceType != "GatewayLoadBalancer" || *s.ServiceName != "com.amazonaws.vpce.us-east-1."+*s.ServiceId ||
		!slices.Equal(s.GatewayLoadBalancerArns, []string{balancer}) || !slices.Equal(s.AvailabilityZones, []string{zoneA, zoneB}) || !slices.Equal(s.AvailabilityZoneIds, []string{"use1-az1", "use1-az2"}) ||
		len(s.BaseEndpointDnsNames) > 0 || *s.Tags[0].Value != "v" || s.SupportedIpAddressTypes[0] != "ipv4" {
		t.Errorf("the service is %+v", s)
	}
	offer, err := c.DescribeVpcEndpointServices(t.Context(), &ec2.DescribeVpcEndpointServicesInput{ServiceNames: []string{*s.ServiceName}})
	fatal(t, err)
	if len(offer.ServiceDetails) != 1 || !slices.Equal(offer.ServiceNames, []string{*s.ServiceName}) || !*offer.ServiceDetails[0].AcceptanceRequired || *offer.ServiceDetails[0].Owner != "123456789012" {
		t.Errorf("the service as others see it is %+v", offer)
	}
	id := makeEndpoint(t, e, *s.ServiceName)
	state := func() string {
		read, err := c.DescribeVpcEndpoints(t.Context(), &ec2.DescribeVpcEndpointsInput{VpcEndpointIds: []string{id}})
		fatal(t, err)
		return string(read.VpcEndpoints[0].State)
	}
	filter := "Filter.1.Name=vpc-endpoint-id&Filter.1.Value.1=" + id
	if state() != "pendingAcceptance" || connection(t, e, filter) != "pendingAcceptance" {
		t.Errorf("the new endpoint is %s, and the connection %s; want pendingAcceptance", state(), connection(t, e, filter))
	}
	remove := func() []types.UnsuccessfulItem {
		read, err := c.DeleteVpcEndpointServiceConfigurations(t.Context(), &ec2.DeleteVpcEndpointServiceConfigurationsInput{ServiceIds: []string{*s.ServiceId}})
		fatal(t, err)
		return read.Unsuccessful
	}
	if failed := remove(); len(failed) != 1 || *failed[0].Error.Code != "ExistingVpcEndpointConnections" {
		t.Errorf("deleting a service with a connection: %+v", failed)
	}
	_, err = c.AcceptVpcEndpointConnections(t.Context(), &ec2.AcceptVpcEndpointConnectionsInput{ServiceId: s.ServiceId, VpcEndpointIds: []string{id}})
	fatal(t, err)
	if state() != "available" || connection(t, e, "Filter.1.Name=service-id&Filter.1.Value.1="+*s.ServiceId) != "available" {
		t.Errorf("after it was accepted, the endpoint is %s", state())
	}
	_, err = c.RejectVpcEndpointConnections(t.Context(), &ec2.RejectVpcEndpointConnectionsInput{ServiceId: s.ServiceId, VpcEndpointIds: []string{id}})
	fatal(t, err)
	if got := connection(t, e, "Filter.1.Name=vpc-endpoint-state&Filter.1.Value.1=rejected"); state() != "rejected" || got != "rejected" {
		t.Errorf("after it was rejected, the endpoint is %s (A0210)", state())
	}
	if failed := remove(); len(failed) > 0 {
		t.Errorf("deleting a service without connections: %+v", failed)
	}
	if failed := remove(); len(failed) != 1 || *failed[0].Error.Code != "InvalidVpcEndpointService.NotFound" {
		t.Errorf("deleting a service that is not there: %+v", failed)
	}
	refused(t, e, "DescribeVpcEndpointServiceConfigurations", "ServiceId.1="+*s.ServiceId, "InvalidVpcEndpointServiceId.NotFound")
	refused(t, e, "DescribeVpcEndpointServices", "ServiceName.1="+*s.ServiceName, "InvalidServiceName")
	if got := connection(t, e, filter); got != "" {
		t.Errorf("the deleted service has a connection that is %s", got)
	}
}

// A service that does not ask for acceptance, and one that is changed to ask for it.
func TestEndpointService_acceptance(t *testing.T) {
	t.Parallel()
	e := newAppliances(t)
	balancer, _ := makeBalancer(t, e, "gateway", "gwlb", makeTargetGroup(t, e, "gwy", geneveGroup), worldSubnet)
	spare, _ := makeBalancer(t, e, "gateway", "second", makeTargetGroup(t, e, "second", geneveGroup), subnetB)
	id, name := makeService(t, e, "AcceptanceRequired=false&GatewayLoadBalancerArn.1="+balancer)
	first := makeEndpoint(t, e, name)
	must(t, e, "ModifyVpcEndpointServiceConfiguration", "ServiceId="+id+"&AcceptanceRequired=true&AddGatewayLoadBalancerArn.1="+spare)
	second := makeEndpoint(t, e, name)
	for endpoint, want := range map[string]string{first: "available", second: "pendingAcceptance"} {
		if got := connection(t, e, "Filter.1.Name=vpc-endpoint-id&Filter.1.Value.1="+endpoint); got != want {
			t.Errorf("the endpoint is %s, want %s", got, want)
		}
	}
	read := must(t, e, "DescribeVpcEndpointServiceConfigurations", "Filter.1.Name=service-name&Filter.1.Value.1="+name).all("serviceConfigurationSet/item")[0]
	if got := read.texts("gatewayLoadBalancerArnSet/item"); !slices.Equal(got, []string{balancer, spare}) || read.text("acceptanceRequired") != "true" {
		t.Errorf("the changed service has %q and %s", got, read.text("acceptanceRequired"))
	}
	failed := must(t, e, "AcceptVpcEndpointConnections", "ServiceId="+id+"&VpcEndpointId.1="+gatewayEndpoint).texts("unsuccessful/item/error/code")
	if !slices.Equal(failed, []string{"InvalidVpcEndpoint.NotFound"}) {
		t.Errorf("accepting an endpoint of another service: %q", failed)
	}
	if got := must(t, e, "DescribeVpcEndpointConnections", "MaxResults=5").texts("vpcEndpointConnectionSet/item/vpcEndpointId"); len(got) != 2 {
		t.Errorf("the connections are %q, want those of the service", got)
	}
}

func TestEndpointService_refusals(t *testing.T) {
	t.Parallel()
	e := newAppliances(t)
	balancer, _ := makeBalancer(t, e, "gateway", "gwlb", makeTargetGroup(t, e, "gwy", geneveGroup), worldSubnet)
	id, name := makeService(t, e, "GatewayLoadBalancerArn.1="+balancer)
	_, interfaces := makeService(t, e, "NetworkLoadBalancerArn.1="+loadBalancer)
	for _, test := range []struct{ parameters, code string }{
		{"", assumed("A0210", "InvalidParameter")},
		{"GatewayLoadBalancerArn.1=" + balancer + "&NetworkLoadBalancerArn.1=" + loadBalancer, "InvalidParameter"},
		{"GatewayLoadBalancerArn.1=" + loadBalancer, "InvalidParameter"},
		{"NetworkLoadBalancerArn.1=" + balancer, "InvalidParameter"},
		{"GatewayLoadBalancerArn.1=" + strings.Replace(balancer, "/gwlb/", "/other/", 1), "InvalidParameter"},
		{"GatewayLoadBalancerArn.1=" + balancer + "&PrivateDnsName=a.example.com", "UnsupportedOperation"},
		{"GatewayLoadBalancerArn.1=" + balancer + "&SupportedRegion.1=eu-west-1", "UnsupportedOperation"},
		{"GatewayLoadBalancerArn.1=" + balancer + "&SupportedIpAddressType.1=ipv5", "InvalidParameterValue"},
		{"GatewayLoadBalancerArn.1=" + balancer + "&SupportedIpAddressType.1=ipv6&SupportedRegion.1=us-east-1&ClientToken=a", ""},
		{"GatewayLoadBalancerArn.1=" + balancer + "&ClientToken=a", "IdempotentParameterMismatch"},
	} {
		refused(t, e, "CreateVpcEndpointServiceConfiguration", test.parameters, test.code)
	}
	for _, action := range []string{"ModifyVpcEndpointServiceConfiguration", "DescribeVpcEndpointServicePermissions", "ModifyVpcEndpointServicePermissions"} {
		refused(t, e, action, "", "MissingParameter")
		refused(t, e, action, "ServiceId=vpce-1", "InvalidVpcEndpointServiceId.Malformed")
		refused(t, e, action, "ServiceId=vpce-svc-00000000000000fff", "InvalidVpcEndpointServiceId.NotFound")
	}
	refused(t, e, "ModifyVpcEndpointServiceConfiguration", "ServiceId="+id+"&RemoveGatewayLoadBalancerArn.1="+balancer, "InvalidParameter")
	for _, action := range []string{"AcceptVpcEndpointConnections", "RejectVpcEndpointConnections"} {
		refused(t, e, action, "ServiceId="+id, "MissingParameter")
		refused(t, e, action, "ServiceId=vpce-svc-00000000000000fff&VpcEndpointId.1="+gatewayEndpoint, "InvalidVpcEndpointServiceId.NotFound")
	}
	refused(t, e, "DeleteVpcEndpointServiceConfigurations", "", "MissingParameter")
	refused(t, e, "DescribeVpcEndpointConnections", "Filter.1.Name=color&Filter.1.Value.1=red", "InvalidParameterValue")
	refused(t, e, "DescribeVpcEndpointServices", "ServiceName.1=com.amazonaws.us-east-1.s3", "InvalidServiceName")

	const endpoint = "VpcEndpointType=GatewayLoadBalancer&VpcId=" + worldVPC + "&ServiceName="
	refused(t, e, "CreateVpcEndpoint", endpoint+interfaces+"&SubnetId.1="+worldSubnet, "InvalidParameter")
	refused(t, e, "CreateVpcEndpoint", endpoint+name+"&SubnetId.1="+subnetB, "InvalidParameter") // no load balancer in this zone
	refused(t, e, "CreateVpcEndpoint", endpoint+name+"&SubnetId.1="+worldSubnet, "")
}

func TestEndpointService_permissions(t *testing.T) {
	t.Parallel()
	e := newAppliances(t)
	balancer, _ := makeBalancer(t, e, "gateway", "gwlb", makeTargetGroup(t, e, "gwy", geneveGroup), worldSubnet)
	id, _ := makeService(t, e, "GatewayLoadBalancerArn.1="+balancer)
	const root, role = "arn:aws:iam::210987654321:root", "arn:aws:iam::210987654321:role/reader"
	change := "ServiceId=" + id + "&AddAllowedPrincipals.1=" + root + "&AddAllowedPrincipals.2=" + role + "&AddAllowedPrincipals.3=*"
	if got := must(t, e, "ModifyVpcEndpointServicePermissions", change).texts("addedPrincipalSet/item/principal"); len(got) != 3 {
		t.Errorf("added are %q", got)
	}
	must(t, e, "ModifyVpcEndpointServicePermissions", "ServiceId="+id+"&AddAllowedPrincipals.1="+root+"&RemoveAllowedPrincipals.1=*")
	read := must(t, e, "DescribeVpcEndpointServicePermissions", "ServiceId="+id)
	if got := read.texts("allowedPrincipals/item/principal"); !slices.Equal(got, []string{role, root}) {
		t.Errorf("allowed are %q", got)
	}
	if got := must(t, e, "DescribeVpcEndpointServicePermissions", "ServiceId="+id+"&Filter.1.Name=principal-type&Filter.1.Value.1=Account").texts("allowedPrincipals/item/principal"); !slices.Equal(got, []string{root}) {
		t.Errorf("allowed accounts are %q", got)
	}
	refused(t, e, "ModifyVpcEndpointServicePermissions", "ServiceId="+id+"&AddAllowedPrincipals.1=somebody", "InvalidPrincipal")
}

// The principals of a topology are in any order, some of them twice. Pages have each once.
func TestEndpointService_pagesOfPrincipals(t *testing.T) {
	t.Parallel()
	const service = "vpce-svc-00000000000000001"
	f := applianceWorld()
	v := mirror.EndpointService{ID: service}
	for n := 8; n > 0; n-- {
		v.AllowedPrincipals = append(v.AllowedPrincipals, fmt.Sprintf("arn:aws:iam::21098765432%d:root", n))
	}
	want := slices.Sorted(slices.Values(v.AllowedPrincipals))
	v.AllowedPrincipals = append(v.AllowedPrincipals, v.AllowedPrincipals[0])
	f.EndpointServices = []mirror.EndpointService{v}
	e := newAppliances(t, func(o *emulator.Options) { o.Topology = f })
	var got []string
	for token, isFirst := "", true; isFirst || token != ""; isFirst = false {
		page := must(t, e, "DescribeVpcEndpointServicePermissions", "ServiceId="+service+"&MaxResults=5&NextToken="+token)
		got, token = append(got, page.texts("allowedPrincipals/item/principal")...), page.text("nextToken")
	}
	if !slices.Equal(got, want) {
		t.Errorf("the pages have %q, not %q", got, want)
	}
}

// A topology has services, and endpoints that lead to them in a state.
func TestEndpointService_topology(t *testing.T) {
	t.Parallel()
	const (
		service = "vpce-svc-00000000000000001"
		far     = "vpce-svc-00000000000000002"
		waiting = "vpce-00000000000000011"
		gwlb    = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/gwy/gwlb/0123456789abcdef"
	)
	f := applianceWorld()
	f.LoadBalancers = []mirror.LoadBalancer{{ARN: gwlb, Type: mirror.GatewayBalancer, VPCID: worldVPC, Zones: []mirror.LoadBalancerZone{{Zone: zoneA, SubnetID: worldSubnet}}}}
	f.EndpointServices = []mirror.EndpointService{
		{ID: service, AcceptanceRequired: true, GatewayBalancers: []string{gwlb}, Tags: map[string]string{"k": "v"}},
		{ID: far, Name: "com.amazonaws.vpce.eu-west-1." + far},
	}
	f.GatewayLoadBalancerEndpoints = append(f.GatewayLoadBalancerEndpoints, topology.GatewayLoadBalancerEndpoint{
		ID: waiting, VPCID: otherVPC, SubnetID: otherSubnet, IPAddress: netip.MustParseAddr("10.9.1.50"), ServiceName: "com.amazonaws.vpce.us-east-1." + service, State: "pendingAcceptance",
	})
	e := newAppliances(t, func(o *emulator.Options) { o.Topology = f })
	read := must(t, e, "DescribeVpcEndpointServiceConfigurations", "")
	if got := read.texts("serviceConfigurationSet/item/serviceId"); !slices.Equal(got, []string{service}) {
		t.Fatalf("the services of the Region are %q", got)
	}
	if got := read.text("serviceConfigurationSet/item/tagSet/item/value"); got != "v" {
		t.Errorf("the tag is %q", got)
	}
	if got := connection(t, e, ""); got != "pendingAcceptance" {
		t.Errorf("the connection is %q", got)
	}
	must(t, e, "AcceptVpcEndpointConnections", "ServiceId="+service+"&VpcEndpointId.1="+waiting)
	if got := must(t, e, "DescribeVpcEndpoints", "Filter.1.Name=vpc-endpoint-state&Filter.1.Value.1=available&Filter.2.Name=service-name&Filter.2.Value.1=com.amazonaws.vpce.us-east-1."+service).text("vpcEndpointSet/item/vpcEndpointId"); got != waiting {
		t.Errorf("the available endpoint of the service is %q", got)
	}
}
