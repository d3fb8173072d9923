package export_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/export"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/pseudonym"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

func newEmulator(t *testing.T, f *topology.File) *emulator.Emulator {
	t.Helper()
	e, err := emulator.New(emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: f})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// send sends an action, and returns the answer.
func send(t *testing.T, h http.Handler, action, parameters string) string {
	t.Helper()
	form := url.Values{"Action": {action}, "Version": {"2016-11-15"}}
	if slices.Contains(balancing, action) {
		form.Set("Version", "2015-12-01")
	}
	for part := range strings.SplitSeq(parameters, "&") {
		if name, value, ok := strings.Cut(part, "="); ok {
			form.Set(name, value)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("%s %s: %s", action, parameters, w.Body)
	}
	return w.Body.String()
}

// balancing are the actions of Elastic Load Balancing that the tests use.
var balancing = []string{"CreateLoadBalancer", "CreateTargetGroup", "CreateListener", "RegisterTargets", "DescribeLoadBalancers", "DescribeListeners", "DescribeTargetGroups", "DescribeTargetHealth", "ModifyListenerAttributes"}

// made sends a create, and returns the first text of an element of the answer.
func made(t *testing.T, h http.Handler, element, action, parameters string) string {
	t.Helper()
	answer := send(t, h, action, parameters)
	found := regexp.MustCompile(`<` + element + `>([^<]+)<`).FindStringSubmatch(answer)
	if found == nil {
		t.Fatalf("%s has no %s: %s", action, element, answer)
	}
	return found[1]
}

// lists has a prefix list, which no request can create.
func lists() *topology.File {
	return &topology.File{AccountID: topology.DefaultAccountID, PrefixLists: []mirror.PrefixList{{ID: "pl-0123456789abcdef0", Entries: []mirror.PrefixListEntry{{CIDR: netip.MustParsePrefix("10.40.8.0/24")}}}}}
}

// build makes a fleet behind a load balancer, and a session whose copies it receives.
func build(t *testing.T, e http.Handler) {
	t.Helper()
	vpc := made(t, e, "vpcId", "CreateVpc", "CidrBlock=10.40.0.0/16&AmazonProvidedIpv6CidrBlock=true&TagSpecification.1.ResourceType=vpc&TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value=acme-vpc")
	send(t, e, "ModifyVpcAttribute", "VpcId="+vpc+"&EnableDnsHostnames.Value=true")
	subnet := made(t, e, "subnetId", "CreateSubnet", "VpcId="+vpc+"&CidrBlock=10.40.1.0/24&AvailabilityZone=us-east-1b")
	send(t, e, "ModifySubnetAttribute", "SubnetId="+subnet+"&MapPublicIpOnLaunch.Value=true")
	group := made(t, e, "groupId", "CreateSecurityGroup", "GroupName=acme-sensors&GroupDescription=acme&VpcId="+vpc)
	send(t, e, "AuthorizeSecurityGroupIngress", "GroupId="+group+"&IpPermissions.1.IpProtocol=udp&IpPermissions.1.FromPort=4789&IpPermissions.1.ToPort=4789&IpPermissions.1.IpRanges.1.CidrIp=10.40.0.0/16&IpPermissions.1.IpRanges.1.Description=acme")
	send(t, e, "AuthorizeSecurityGroupIngress", "GroupId="+group+"&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=22&IpPermissions.1.ToPort=22&IpPermissions.1.PrefixListIds.1.PrefixListId=pl-0123456789abcdef0")
	launched := send(t, e, "RunInstances", "ImageId=ami-0123456789abcdef0&InstanceType=m5.large&MinCount=2&MaxCount=2&SubnetId="+subnet+"&SecurityGroupId.1="+group+"&KeyName=acme-key")
	instances := regexp.MustCompile(`<instanceId>(i-[0-9a-f]{17})<`).FindAllStringSubmatch(launched, -1)
	source := made(t, e, "networkInterfaceId", "CreateNetworkInterface", "SubnetId="+subnet+"&Description=acme-source&SecondaryPrivateIpAddressCount=1")
	send(t, e, "AttachNetworkInterface", "NetworkInterfaceId="+source+"&DeviceIndex=1&InstanceId="+instances[0][1])
	send(t, e, "ModifyNetworkInterfaceAttribute", "NetworkInterfaceId="+source+"&SourceDestCheck.Value=false")
	send(t, e, "StopInstances", "InstanceId.1="+instances[1][1])
	acl := made(t, e, "networkAclId", "CreateNetworkAcl", "VpcId="+vpc)
	send(t, e, "CreateNetworkAclEntry", "NetworkAclId="+acl+"&RuleNumber=100&Protocol=17&RuleAction=allow&Egress=false&CidrBlock=10.40.0.0/16&PortRange.From=4789&PortRange.To=4789")
	send(t, e, "ReplaceNetworkAclAssociation", "NetworkAclId="+acl+"&AssociationId="+made(t, e, "networkAclAssociationId", "DescribeNetworkAcls", "Filter.1.Name=association.subnet-id&Filter.1.Value.1="+subnet))
	table := made(t, e, "routeTableId", "CreateRouteTable", "VpcId="+vpc)
	main := made(t, e, "routeTableId", "CreateRouteTable", "VpcId="+vpc)
	send(t, e, "ReplaceRouteTableAssociation", "RouteTableId="+main+"&AssociationId="+made(t, e, "routeTableAssociationId", "DescribeRouteTables", "Filter.1.Name=association.main&Filter.1.Value.1=true&Filter.2.Name=vpc-id&Filter.2.Value.1="+vpc))
	gateway := made(t, e, "internetGatewayId", "CreateInternetGateway", "TagSpecification.1.ResourceType=internet-gateway&TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value=acme-gateway")
	send(t, e, "CreateInternetGateway", "")
	send(t, e, "AttachInternetGateway", "InternetGatewayId="+gateway+"&VpcId="+vpc)
	send(t, e, "AssociateRouteTable", "RouteTableId="+main+"&GatewayId="+gateway)
	send(t, e, "CreateRoute", "RouteTableId="+main+"&DestinationCidrBlock=0.0.0.0/0&GatewayId="+gateway)
	other := made(t, e, "vpcId", "CreateVpc", "CidrBlock=10.41.0.0/16")
	peering := made(t, e, "vpcPeeringConnectionId", "CreateVpcPeeringConnection", "VpcId="+vpc+"&PeerVpcId="+other)
	send(t, e, "AcceptVpcPeeringConnection", "VpcPeeringConnectionId="+peering)
	send(t, e, "ModifyVpcPeeringConnectionOptions", "VpcPeeringConnectionId="+peering+"&RequesterPeeringConnectionOptions.AllowDnsResolutionFromRemoteVpc=true")
	send(t, e, "MonitorInstances", "InstanceId.1="+instances[0][1])
	send(t, e, "ModifyInstanceMetadataOptions", "InstanceId="+instances[0][1]+"&HttpTokens=required&HttpPutResponseHopLimit=2")
	send(t, e, "AssociateRouteTable", "RouteTableId="+table+"&SubnetId="+subnet)
	send(t, e, "CreateRoute", "RouteTableId="+table+"&DestinationCidrBlock=10.90.0.0/16&NetworkInterfaceId="+source)

	balancer := made(t, e, "LoadBalancerArn", "CreateLoadBalancer", "Name=acme-fleet&Type=network&Scheme=internal&Subnets.member.1="+subnet)
	targets := made(t, e, "TargetGroupArn", "CreateTargetGroup", "Name=acme-group&Protocol=UDP&Port=4789&VpcId="+vpc+"&TargetType=instance")
	send(t, e, "RegisterTargets", "TargetGroupArn="+targets+"&Targets.member.1.Id="+instances[0][1])
	send(t, e, "CreateListener", "LoadBalancerArn="+balancer+"&Protocol=UDP&Port=4789&DefaultActions.member.1.Type=forward&DefaultActions.member.1.TargetGroupArn="+targets)

	tcp := made(t, e, "TargetGroupArn", "CreateTargetGroup", "Name=acme-tcp&Protocol=TCP&Port=443&VpcId="+vpc)
	_ = made(t, e, "ListenerArn", "CreateListener", "LoadBalancerArn="+balancer+"&Protocol=TLS&Port=443&DefaultActions.member.1.Type=forward&DefaultActions.member.1.TargetGroupArn="+tcp+
		"&Certificates.member.1.CertificateArn=arn:aws:acm:us-east-1:123456789012:certificate/acme&AlpnPolicy.member.1=HTTP2Preferred")
	plain := made(t, e, "ListenerArn", "CreateListener", "LoadBalancerArn="+balancer+"&Protocol=TCP&Port=80&DefaultActions.member.1.Type=forward&DefaultActions.member.1.TargetGroupArn="+tcp)
	send(t, e, "ModifyListenerAttributes", "ListenerArn="+plain+"&Attributes.member.1.Key=tcp.idle_timeout.seconds&Attributes.member.1.Value=400")
	send(t, e, "CreateTargetGroup", "Name=acme-geneve&Protocol=GENEVE&Port=6081&VpcId="+vpc)

	target := made(t, e, "trafficMirrorTargetId", "CreateTrafficMirrorTarget", "NetworkLoadBalancerArn="+balancer+"&Description=acme-target")
	filter := made(t, e, "trafficMirrorFilterId", "CreateTrafficMirrorFilter", "Description=acme-filter")
	rule := made(t, e, "trafficMirrorFilterRuleId", "CreateTrafficMirrorFilterRule", "TrafficMirrorFilterId="+filter+"&RuleNumber=10&TrafficDirection=ingress&RuleAction=accept&Protocol=6&SourceCidrBlock=10.40.0.0/17&DestinationCidrBlock=0.0.0.0/0&DestinationPortRange.FromPort=443&DestinationPortRange.ToPort=443")
	send(t, e, "CreateTags", "ResourceId.1="+rule+"&ResourceId.2="+filter+"&Tag.1.Key=team&Tag.1.Value=acme-team")
	send(t, e, "CreateTrafficMirrorSession", "NetworkInterfaceId="+source+"&TrafficMirrorTargetId="+target+"&TrafficMirrorFilterId="+filter+"&SessionNumber=3&Description=acme-session")
}

// accountOf returns the account of an embedded EC2 with Elastic Load Balancing.
func accountOf(h http.Handler) *account.Account {
	const endpoint = "http://ec2.emulator.invalid"
	return account.New(aws.Config{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""), HTTPClient: &http.Client{Transport: emulator.Transport(h)},
	}, account.Options{Endpoint: endpoint, BalancingEndpoint: endpoint})
}

// read exports an account.
func read(t *testing.T, h http.Handler) (f *topology.File, text string, notes []string) {
	t.Helper()
	f, notes, err := export.Read(t.Context(), accountOf(h), "")
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := topology.Encode(f)
	if err != nil {
		t.Fatal(err)
	}
	return f, string(encoded), notes
}

func load(t *testing.T, text string) *emulator.Emulator {
	t.Helper()
	f, err := topology.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return newEmulator(t, f)
}

// described are the actions whose answers a loaded topology gives as the account does.
var described = []string{
	"DescribeVpcs", "DescribeSubnets", "DescribeSecurityGroups", "DescribeSecurityGroupRules", "DescribeNetworkAcls", "DescribeInternetGateways", "DescribeRouteTables", "DescribeNetworkInterfaces", "DescribeVpcPeeringConnections",
	"DescribeTrafficMirrorTargets", "DescribeTrafficMirrorFilters", "DescribeTrafficMirrorFilterRules", "DescribeTrafficMirrorSessions", "DescribeTags",
	"DescribeLoadBalancers", "DescribeTargetGroups", "DescribeManagedPrefixLists",
}

// ofRequest are the parts of answers that a topology file does not have.
var ofRequest = regexp.MustCompile(`<(requestId|RequestId|attachTime|CreatedTime|deleteOnTermination)>[^<]*<`)

// An account that is exported and loaded into another embedded EC2 is the same: clients get the same
// answers, and the export of the second is that of the first.
func TestRead_roundTrip(t *testing.T) {
	t.Parallel()
	first := newEmulator(t, lists())
	build(t, first)
	_, text, notes := read(t, first)
	if notes != nil {
		t.Errorf("the export has the notes %q", notes)
	}
	second := load(t, text)
	_, again, _ := read(t, second)
	if again != text {
		t.Errorf("the export of the loaded file is another one:\n%s", difference(text, again))
	}
	for _, action := range described {
		want, got := send(t, first, action, ""), send(t, second, action, "")
		want, got = ofRequest.ReplaceAllString(want, "<$1><"), ofRequest.ReplaceAllString(got, "<$1><")
		if got != want {
			t.Errorf("%s: %s", action, difference(strings.ReplaceAll(want, "<", "\n<"), strings.ReplaceAll(got, "<", "\n<")))
		}
	}
	for _, part := range []string{`"detailed_monitoring": true`, `"http_tokens": "required"`, `"http_put_response_hop_limit": 2`, `"tcp.idle_timeout.seconds": "400"`, `"alpn_policy": "HTTP2Preferred"`} {
		if !strings.Contains(text, part) {
			t.Errorf("the export lacks %s", part)
		}
	}
	if len(text) < 4000 || !strings.Contains(text, `"acme-team"`) || !strings.Contains(text, `"session_number": 3`) {
		t.Errorf("the export lacks something:\n%s", text)
	}
}

// difference returns the first lines in which two texts differ.
func difference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return fmt.Sprintf("line %d\nwant %s\n got %s", i+1, strings.Join(w[max(0, i-6):min(i+5, len(w))], "\n     "), strings.Join(g[max(0, i-6):min(i+5, len(g))], "\n     "))
		}
	}
	return fmt.Sprintf("%d lines, and not %d", len(g), len(w))
}

// The anonymised export of an account loads, exports the same again, and has no name.
func TestRead_anonymized(t *testing.T) {
	t.Parallel()
	first := newEmulator(t, lists())
	build(t, first)
	f, original, _ := read(t, first)
	encoded, err := topology.Encode(pseudonym.New([]byte("a key"), f).File(f))
	if err != nil {
		t.Fatal(err)
	}
	text := string(encoded)
	for _, name := range append(regexp.MustCompile(`[a-z]+-[0-9a-f]{17}`).FindAllString(original, -1), "acme", "10.40.", f.AccountID) {
		if strings.Contains(text, name) {
			t.Errorf("%s is still there", name)
		}
	}
	_, again, _ := read(t, load(t, text))
	if again != text {
		t.Errorf("the export of the loaded file is another one: %s", difference(text, again))
	}
}

// A list that the credentials may not read is not written as empty.
func TestRead_denied(t *testing.T) {
	t.Parallel()
	first := newEmulator(t, lists())
	build(t, first)
	made(t, first, "serviceId", "CreateVpcEndpointServiceConfiguration", "GatewayLoadBalancerArn.1="+made(t, first, "LoadBalancerArn", "CreateLoadBalancer", "Name=acme-gateway&Type=gateway&Subnets.member.1="+
		made(t, first, "subnetId", "DescribeSubnets", "")))
	for action, want := range map[string][]string{
		"DescribeNetworkAcls":              {"network_acls"},
		"DescribeVpcs":                     {"internet_gateways", "network_acls", "route_tables", "security_groups", "vpcs"},
		"DescribeRouteTables":              {"route_tables"},
		"DescribeSubnets":                  {"network_acls", "route_tables", "subnets"},
		"DescribeInstances":                {"instances"},
		"DescribeSecurityGroups":           {"security_groups"},
		"DescribeVpcEndpoints":             {"gateway_load_balancer_endpoints"},
		"DescribeVpcPeeringConnections":    {"vpc_peering_connections"},
		"DescribeTrafficMirrorFilters":     {"traffic_mirror_filters", "traffic_mirror_sessions"},
		"DescribeTargetGroups":             {"target_groups"},
		"DescribeTrafficMirrorTargets":     {"shared_targets", "traffic_mirror_sessions", "traffic_mirror_targets"},
		"DescribeTrafficMirrorSessions":    {"foreign_sessions", "traffic_mirror_sessions"},
		"DescribeNetworkInterfaces":        {"network_interfaces"},
		"GetManagedPrefixListEntries":      {"prefix_lists"},
		"DescribeTrafficMirrorFilterRules": nil,

		"DescribeListeners":                     {"load_balancers"},
		"DescribeListenerAttributes":            {"load_balancers"},
		"DescribeLoadBalancers":                 {"load_balancers"},
		"DescribeLoadBalancerAttributes":        {"load_balancers"},
		"elasticloadbalancing:DescribeTags":     {"load_balancers", "target_groups"},
		"DescribeTargetHealth":                  {"target_groups"},
		"DescribeTargetGroupAttributes":         {"target_groups"},
		"DescribeVpcEndpointServicePermissions": {"vpc_endpoint_services"},
		"DescribeSecurityGroupRules":            {"security_groups"},
	} {
		f, notes, err := export.Read(t.Context(), accountOf(without(first, action)), "123456789012")
		if err != nil {
			t.Errorf("%s: %v", action, err)
			continue
		}
		unknown := func(f *topology.File) []string {
			if slices.Contains(ofParts, action) {
				return f.PartlyRead
			}
			return f.NotRead
		}
		if !slices.Equal(unknown(f), want) || len(f.NotRead)+len(f.PartlyRead) != len(want) || len(notes) == 0 {
			t.Errorf("without %s, not_read is %v and partly_read %v, want %v in one of them; notes %q", action, f.NotRead, f.PartlyRead, want, notes)
		}
		// What was not read is unknown on the embedded EC2 too, and so in the export of it.
		text, err := topology.Encode(f)
		if err != nil {
			t.Fatal(err)
		}
		again, _, err := export.Read(t.Context(), accountOf(load(t, string(text))), "123456789012")
		if err != nil {
			t.Errorf("without %s, the copy: %v", action, err)
			continue
		}
		for _, list := range want {
			if !slices.Contains(notKept, action) && !slices.Contains(unknown(again), list) {
				t.Errorf("without %s, the copy has %v: it lacks %s", action, unknown(again), list)
			}
		}
	}
}

// ofParts are actions that show a part of objects that another action lists.
var ofParts = []string{
	"DescribeListeners", "DescribeListenerAttributes", "DescribeLoadBalancerAttributes", "elasticloadbalancing:DescribeTags", "DescribeTargetHealth",
	"DescribeTargetGroupAttributes", "DescribeVpcEndpointServicePermissions", "DescribeSecurityGroupRules",
}

// notKept are actions whose answers a topology file cannot have as unknown: no tags, no principals and the
// default are the same there as what could not be read.
var notKept = []string{"elasticloadbalancing:DescribeTags", "DescribeListenerAttributes", "DescribeTargetGroupAttributes", "DescribeVpcEndpointServicePermissions", "DescribeSecurityGroupRules"}

// without refuses an action, of EC2 unless it begins with elasticloadbalancing.
func without(h http.Handler, action string) http.Handler {
	const refusal = `<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors><RequestID>r</RequestID></Response>`
	const balancingRefusal = `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error><RequestId>r</RequestId></ErrorResponse>`
	name, isOfBalancing := strings.CutPrefix(action, "elasticloadbalancing:")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ofBalancing := r.FormValue("Version") == "2015-12-01"
		if r.FormValue("Action") != name || name == "DescribeTags" && ofBalancing != isOfBalancing {
			h.ServeHTTP(w, again(r))
			return
		}
		w.WriteHeader(http.StatusForbidden)
		text := refusal
		if ofBalancing {
			text = balancingRefusal
		}
		_, _ = w.Write([]byte(text))
	})
}

// again returns a request whose form was read, as it was.
func again(r *http.Request) *http.Request {
	sent := httptest.NewRequestWithContext(r.Context(), http.MethodPost, "/", strings.NewReader(r.PostForm.Encode()))
	sent.Header = r.Header.Clone()
	return sent
}
