package emulator_test

import (
	"net/http"
	"strings"
	"testing"
)

const (
	endpointService = "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0"
	worldVPC        = "vpc-00000000000000001"
	worldSubnet     = "subnet-00000000000000001"
	toBalancer      = "VpcEndpointType=GatewayLoadBalancer&ServiceName=" + endpointService + "&VpcId=" + worldVPC + "&SubnetId.1=" + worldSubnet
)

// A client makes a Gateway Load Balancer endpoint, mirrors to it, and deletes it:
// target and session stay, and lead nowhere until the session gets another target.
func TestGatewayEndpointFromNothing(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	made := must(t, e, "CreateVpcEndpoint", toBalancer+"&TagSpecification.1.ResourceType=vpc-endpoint&TagSpecification.1.Tag.1.Key=k&TagSpecification.1.Tag.1.Value=v").all("vpcEndpoint")[0]
	id, hidden := made.text("vpcEndpointId"), made.text("networkInterfaceIdSet/item")
	for path, want := range map[string]string{
		"vpcEndpointType": "GatewayLoadBalancer", "state": "available", "serviceName": endpointService, "vpcId": worldVPC,
		"subnetIdSet/item": worldSubnet, "ownerId": "123456789012", "requesterManaged": "false", "tagSet/item/value": "v",
	} {
		if got := made.text(path); got != want {
			t.Errorf("the endpoint's %s is %q, want %q", path, got, want)
		}
	}
	behind := must(t, e, "DescribeNetworkInterfaces", "NetworkInterfaceId.1="+hidden).all("networkInterfaceSet/item")[0]
	for path, want := range map[string]string{
		"interfaceType": "gateway_load_balancer_endpoint", "requesterManaged": "true", "status": "in-use", "subnetId": worldSubnet,
		"description": "VPC Endpoint Interface " + id,
	} {
		if got := behind.text(path); got != want {
			t.Errorf("the interface's %s is %q, want %q", path, got, want)
		}
	}
	if address := behind.text("privateIpAddress"); !strings.HasPrefix(address, "10.0.1.") {
		t.Errorf("the interface has the address %q, want one of the subnet", address)
	}
	refused(t, e, "DeleteNetworkInterface", "NetworkInterfaceId="+hidden, "OperationNotPermitted")
	refused(t, e, "DeleteSubnet", "SubnetId="+worldSubnet, "DependencyViolation")

	target, spare, filter := makeTarget(t, e, "GatewayLoadBalancerEndpointId="+id), makeTarget(t, e, "NetworkInterfaceId="+eni(2)), makeFilter(t, e, "")
	session := makeSession(t, e, sessionOn(eni(1), target, filter, 1)).text("trafficMirrorSessionId")
	if failed := must(t, e, "DeleteVpcEndpoints", "VpcEndpointId.1="+id).all("unsuccessful/item"); len(failed) > 0 {
		t.Errorf("the endpoint could not be deleted: %v", failed)
	}
	refused(t, e, "DescribeVpcEndpoints", "VpcEndpointId.1="+id, "InvalidVpcEndpointId.NotFound")
	refused(t, e, "DescribeNetworkInterfaces", "NetworkInterfaceId.1="+hidden, "InvalidNetworkInterfaceID.NotFound")
	if left := tagsOn(t, e, id); left != "" {
		t.Errorf("the endpoint's tags are still there: %s", left)
	}
	repoint(t, e, session, target, spare)
}

// repoint checks that a session is still on a target that leads nowhere, and
// that it can be moved to another one, after which the first can be deleted.
func repoint(t *testing.T, e http.Handler, session, from, to string) {
	t.Helper()
	on := func() string {
		return must(t, e, "DescribeTrafficMirrorSessions", "TrafficMirrorSessionId.1="+session).text("trafficMirrorSessionSet/item/trafficMirrorTargetId")
	}
	must(t, e, "DescribeTrafficMirrorTargets", "TrafficMirrorTargetId.1="+from)
	if got := on(); got != from {
		t.Errorf("the session is on %q, want %s still (A0062)", got, from)
	}
	refused(t, e, "DeleteTrafficMirrorTarget", "TrafficMirrorTargetId="+from, "TrafficMirrorTargetInUseException")
	must(t, e, "ModifyTrafficMirrorSession", "TrafficMirrorSessionId="+session+"&TrafficMirrorTargetId="+to)
	if got := on(); got != to {
		t.Errorf("the session is on %q after it was moved, want %s", got, to)
	}
	must(t, e, "DeleteTrafficMirrorTarget", "TrafficMirrorTargetId="+from)
}

func TestGatewayEndpointRefusals(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	other := must(t, e, "CreateVpc", "CidrBlock=10.9.0.0/16").text("vpc/vpcId")
	without := func(name string) string {
		var kept []string
		for part := range strings.SplitSeq(toBalancer, "&") {
			if !strings.HasPrefix(part, name) {
				kept = append(kept, part)
			}
		}
		return strings.Join(kept, "&") + "&"
	}
	for _, test := range []struct{ parameters, code string }{
		{without("VpcEndpointType"), "UnsupportedOperation"}, // the default is Gateway
		{without("VpcEndpointType") + "VpcEndpointType=Interface", "UnsupportedOperation"},
		{without("VpcId"), "MissingParameter"},
		{without("VpcId") + "VpcId=vpc-0123456789abcdef0", "InvalidVpcID.NotFound"},
		{without("VpcId") + "VpcId=" + other, "InvalidParameter"},
		{without("SubnetId"), "InvalidParameter"},
		{toBalancer + "&SubnetId.2=subnet-00000000000000006", "InvalidParameter"},
		{without("SubnetId") + "SubnetId.1=subnet-0123456789abcdef0", "InvalidSubnetID.NotFound"},
		{without("SubnetId") + "SubnetId.1=subnet-00000000000000006", "InvalidParameter"},
		{without("ServiceName"), "MissingParameter"},
		// Whatever has the name of an endpoint service of the Region is one.
		{without("ServiceName") + "ServiceName=com.amazonaws.us-east-1.s3", "InvalidServiceName"},
		{without("ServiceName") + "ServiceName=com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0", "InvalidServiceName"},
		{without("ServiceName") + "ServiceName=com.amazonaws.vpce.us-east-1.vpce-svc-1", "InvalidServiceName"},
		{without("ServiceName") + "ServiceName=com.amazonaws.vpce.us-east-1.vpce-svc-fedcba98765432100", assumed("A0090", "")},
		{toBalancer + "&RouteTableId.1=rtb-1", "InvalidParameter"},
		{toBalancer + "&SecurityGroupId.1=sg-1", "InvalidParameter"},
		{toBalancer + "&PolicyDocument={}", "InvalidParameter"},
		{toBalancer + "&PrivateDnsEnabled=true", "InvalidParameter"},
		{toBalancer + "&PrivateDnsEnabled=false&IpAddressType=ipv4", ""},
		{toBalancer + "&IpAddressType=dualstack", "UnsupportedOperation"},
		{toBalancer + "&ClientToken=a", ""},
		{toBalancer + "&ClientToken=a&PrivateDnsEnabled=false", "IdempotentParameterMismatch"},
	} {
		refused(t, e, "CreateVpcEndpoint", test.parameters, test.code)
	}
	refused(t, e, "DeleteVpcEndpoints", "", "MissingParameter")
	refused(t, e, "DeleteVpcEndpoints", "VpcEndpointId.1=vpc-1", "InvalidVpcEndpointId.Malformed")
	failed := must(t, e, "DeleteVpcEndpoints", "VpcEndpointId.1="+gatewayEndpoint+"&VpcEndpointId.2=vpce-0123456789abcdef0").all("unsuccessful/item")
	if len(failed) != 1 || failed[0].text("resourceId") != "vpce-0123456789abcdef0" || failed[0].text("error/code") != "InvalidVpcEndpoint.NotFound" {
		t.Errorf("deleting one endpoint that is there and one that is not: %v", failed)
	}
	refused(t, e, "DescribeVpcEndpoints", "VpcEndpointId.1="+gatewayEndpoint, "InvalidVpcEndpointId.NotFound")
	if got := must(t, e, "DescribePrefixLists", filterBy("prefix-list-name", endpointService)).all("prefixListSet/item"); len(got) > 0 {
		t.Errorf("there are %d prefix lists, want none", len(got))
	}
	refused(t, e, "DescribePrefixLists", "PrefixListId.1=pl-1", "InvalidPrefixListId.NotFound")
}
