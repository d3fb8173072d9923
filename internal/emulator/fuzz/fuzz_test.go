// Package fuzz_test has the fuzz targets of the emulator. Fuzzing instruments everything
// that a test imports. The other tests import the EC2 client of the SDK, which takes
// minutes to build with instruments, so that these are a package of their own.
package fuzz_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

const (
	formType     = "application/x-www-form-urlencoded"
	anAction     = "Version=2016-11-15&Action="
	loadBalancer = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/sensors/0123456789abcdef"
	anyCIDRs     = "&SourceCidrBlock=0.0.0.0/0&DestinationCidrBlock=0.0.0.0/0"
)

// id returns what the emulators of this package call the nth object of a kind.
func id(kind mirror.Kind, n int) string { return fmt.Sprintf("%s%017x", kind.Prefix, n) }

// newEmulator returns an emulator with some interfaces, whose tag has a value of
// some length. It numbers what it makes, whatever its kind.
func newEmulator(tb testing.TB, path string, interfaces, tagLength int) *emulator.Emulator {
	tb.Helper()
	world := &topology.File{
		Instances:                    []topology.Instance{{ID: id(mirror.KindInstance, 1), InstanceType: "m5.large"}},
		NetworkLoadBalancers:         []topology.NetworkLoadBalancer{{ARN: loadBalancer}},
		GatewayLoadBalancerEndpoints: []topology.GatewayLoadBalancerEndpoint{{ID: id(mirror.KindEndpoint, 1)}},
	}
	for n := 1; n <= interfaces; n++ {
		world.NetworkInterfaces = append(world.NetworkInterfaces, mirror.Interface{ID: id(mirror.KindInterface, n), Tags: map[string]string{"key": strings.Repeat("v", tagLength)}})
	}
	made := 0
	e, err := emulator.New(emulator.Options{Path: path, Topology: world, NewID: func(prefix string) string {
		made++
		return fmt.Sprintf("%s%017x", prefix, made)
	}})
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

// memory returns a folder for the files of a fuzz target, where the system has one
// in memory: a disk that has to keep each write would be most of the time.
func memory(tb testing.TB) string {
	tb.Helper()
	folder, err := os.MkdirTemp("/dev/shm", "fuzz") //nolint:usetesting // TempDir takes no folder
	if err != nil {
		return tb.TempDir()
	}
	tb.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			tb.Error(err)
		}
	})
	return folder
}

// post sends an action that has to succeed.
func post(tb testing.TB, e *emulator.Emulator, action string) {
	tb.Helper()
	if w := answer(e, http.MethodPost, "/", "", anAction+action, formType, ""); w.Code != http.StatusOK {
		tb.Fatalf("%s: %s", action, w.Body)
	}
}

func answer(e *emulator.Emulator, method, path, query, body, media, authorization string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Method, r.URL.Path, r.URL.RawQuery = method, path, query
	r.Header.Set("Content-Type", media)
	r.Header.Set("Authorization", authorization)
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	return w
}

// checkAnswer wants well-formed XML and no server error.
func checkAnswer(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	if w.Code >= http.StatusInternalServerError {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	for d := xml.NewDecoder(bytes.NewReader(w.Body.Bytes())); ; {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, w.Body)
		}
	}
}

// Any request gets well-formed XML, and no server error.
func FuzzRequest(f *testing.F) {
	e := newEmulator(f, filepath.Join(memory(f), "ec2.db"), 80, 50)
	source, sink := id(mirror.KindInterface, 1), id(mirror.KindInterface, 20)
	filter, target, rule, session := id(mirror.KindFilter, 1), id(mirror.KindTarget, 2), id(mirror.KindFilterRule, 3), id(mirror.KindSession, 4)
	vpc, group, groupRule := id(mirror.KindVPC, 5), id(mirror.KindGroup, 6), id(mirror.KindGroupRule, 8)
	const permission = "&IpPermissions.1.IpProtocol=udp&IpPermissions.1.FromPort=4789&IpPermissions.1.ToPort=4790&IpPermissions.1.IpRanges.1.CidrIp=10.1.2.3/8&IpPermissions.1.IpRanges.1.Description=d"
	newRule := "CreateTrafficMirrorFilterRule&TrafficDirection=ingress&RuleAction=accept&Protocol=17&TrafficMirrorFilterId=" + filter + anyCIDRs
	newSession := "CreateTrafficMirrorSession&NetworkInterfaceId=" + source + "&TrafficMirrorTargetId=" + target + "&TrafficMirrorFilterId=" + filter
	machine := id(mirror.KindInstance, 1)
	launch := "RunInstances&ImageId=ami-00000000000000001&InstanceType=m5.large&MinCount=1&MaxCount=1"
	for _, action := range []string{
		"CreateTrafficMirrorFilter",
		"CreateTrafficMirrorTarget&NetworkInterfaceId=" + sink,
		newRule + "&RuleNumber=1&SourcePortRange.FromPort=1&SourcePortRange.ToPort=2",
		newSession + "&SessionNumber=1",
		"CreateVpc&CidrBlock=10.8.0.0/16",
		"CreateSecurityGroup&GroupName=fuzzed&GroupDescription=d&VpcId=" + vpc,
		"AuthorizeSecurityGroupIngress&GroupId=" + group + permission,
	} {
		post(f, e, action)
	}
	for _, query := range []string{
		"CreateTrafficMirrorFilter&Description=d&ClientToken=t&TagSpecification.1.ResourceType=traffic-mirror-filter" +
			"&TagSpecification.1.Tag.1.Key=k&TagSpecification.1.Tag.1.Value=<%26>",
		"CreateTrafficMirrorTarget&NetworkInterfaceId=" + id(mirror.KindInterface, 2) + "&Description=d",
		"CreateTrafficMirrorTarget&NetworkLoadBalancerArn=" + loadBalancer,
		"CreateTrafficMirrorTarget&GatewayLoadBalancerEndpointId=" + id(mirror.KindEndpoint, 1),
		newRule + "&RuleNumber=2",
		newSession + "&SessionNumber=2&PacketLength=100&VirtualNetworkId=7",
		"ModifyTrafficMirrorFilterNetworkServices&TrafficMirrorFilterId=" + filter + "&AddNetworkService.1=amazon-dns",
		"ModifyTrafficMirrorFilterRule&TrafficMirrorFilterRuleId=" + rule + "&RuleNumber=3&RemoveField.1=description",
		"ModifyTrafficMirrorSession&TrafficMirrorSessionId=" + session + "&SessionNumber=9&RemoveField.1=virtual-network-id",
		"DeleteTrafficMirrorFilterRule&TrafficMirrorFilterRuleId=" + id(mirror.KindFilterRule, 999),
		"DeleteTrafficMirrorFilter&TrafficMirrorFilterId=" + filter,
		"DeleteTrafficMirrorTarget&TrafficMirrorTargetId=" + target,
		"DeleteTrafficMirrorSession&TrafficMirrorSessionId=" + id(mirror.KindSession, 999),
		"DescribeTrafficMirrorFilters&MaxResults=5&Filter.1.Name=description&Filter.1.Value.1=*%3F%5C&NextToken=abc",
		"DescribeTrafficMirrorFilterRules&TrafficMirrorFilterId=" + filter + "&TrafficMirrorFilterRuleId.1=" + rule,
		"DescribeTrafficMirrorSessions&Filter.1.Name=tag:k&Filter.1.Value.1=v",
		"DescribeTrafficMirrorTargets&DryRun=true",
		"DescribeNetworkInterfaces&Filter.1.Name=vpc-id&Filter.1.Value.1=v",
		"DescribeVpcEndpoints&VpcEndpointId.1=" + id(mirror.KindEndpoint, 1),
		"CreateVpc&CidrBlock=10.9.0.0/16&AmazonProvidedIpv6CidrBlock=true",
		"CreateSubnet&VpcId=" + vpc + "&CidrBlock=10.8.1.0/24&Ipv6CidrBlock=2001:db8::/64",
		"CreateNetworkInterface&SubnetId=subnet-00000000000000006&PrivateIpAddress=10.9.1.9&SecurityGroupId.1=sg-1",
		"CreateSecurityGroup&GroupName=g&GroupDescription=d&VpcId=" + vpc,
		"DeleteSecurityGroup&GroupId=" + group,
		"DescribeSecurityGroups&Filter.1.Name=ip-permission.cidr&Filter.1.Value.1=10.*&GroupId.1=" + group,
		"DescribeSecurityGroupRules&Filter.1.Name=group-id&Filter.1.Value.1=" + group,
		"AuthorizeSecurityGroupIngress&GroupId=" + group + permission + "&TagSpecification.1.ResourceType=security-group-rule&TagSpecification.1.Tag.1.Key=k",
		"AuthorizeSecurityGroupIngress&GroupId=" + group + "&IpProtocol=icmp&FromPort=8&ToPort=-1&CidrIp=0.0.0.0/0",
		"AuthorizeSecurityGroupEgress&GroupId=" + group + "&IpPermissions.1.IpProtocol=58&IpPermissions.1.Groups.1.GroupId=" + group + "&IpPermissions.1.Ipv6Ranges.1.CidrIpv6=::/0",
		"RevokeSecurityGroupIngress&GroupId=" + group + permission,
		"RevokeSecurityGroupIngress&GroupId=" + group + "&SecurityGroupRuleId.1=" + id(mirror.KindGroupRule, 1),
		"RevokeSecurityGroupEgress&GroupId=" + group + "&IpPermissions.1.IpProtocol=-1&IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0/0",
		"ModifySecurityGroupRules&GroupId=" + group + "&SecurityGroupRule.1.SecurityGroupRuleId=" + groupRule +
			"&SecurityGroupRule.1.SecurityGroupRule.IpProtocol=-1&SecurityGroupRule.1.SecurityGroupRule.CidrIpv4=0.0.0.0/0&SecurityGroupRule.1.SecurityGroupRule.Description=d",
		"UpdateSecurityGroupRuleDescriptionsIngress&GroupId=" + group + permission,
		"UpdateSecurityGroupRuleDescriptionsEgress&GroupId=" + group + "&SecurityGroupRuleDescription.1.SecurityGroupRuleId=" + groupRule,
		"DescribeNetworkAcls&Filter.1.Name=association.subnet-id&Filter.1.Value.1=*",
		"DescribeRouteTables&Filter.1.Name=route.gateway-id&Filter.1.Value.1=local",
		"CreateTags&ResourceId.1=" + filter + "&Tag.1.Key=k&Tag.1.Value=%F0%9F%A6%8A",
		"DeleteTags&ResourceId.1=" + filter + "&Tag.1.Key=k",
		"DescribeTags&Filter.1.Name=resource-id&Filter.1.Value.1=" + filter,
		"DescribeRouteTables&MaxResults=100", "DescribeVpcEndpoints&MaxResults=5000",
		"CreateTrafficMirrorSession&SessionNumber=", "AttachNetworkInterface&DeviceIndex=",
		"DescribeTags&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A/20260401/eu-west-1/ec2/aws4_request&X-Amz-Date=20260401T120000Z&X-Amz-Expires=604800&X-Amz-SignedHeaders=host&X-Amz-Signature=0",
		launch + "&SubnetId=subnet-00000000000000006&KeyName=k&UserData=aGVsbG8=&ClientToken=t&TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=k",
		launch + "&NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.NetworkInterfaceId=" + id(mirror.KindInterface, 3) + "&BlockDeviceMapping.1.DeviceName=/dev/sdf&BlockDeviceMapping.1.Ebs.VolumeSize=5",
		"DescribeInstances&InstanceId.1=" + machine,
		"DescribeInstances&Filter.1.Name=network-interface.addresses.private-ip-address&Filter.1.Value.1=10.*&MaxResults=5",
		"DescribeInstanceStatus&IncludeAllInstances=true&Filter.1.Name=instance-state-code&Filter.1.Value.1=16",
		"DescribeInstanceAttribute&Attribute=userData&InstanceId=" + machine,
		"DescribeInstanceCreditSpecifications&InstanceId.1=" + machine,
		"DescribeImages&ImageId.1=ami-00000000000000001",
		"DescribeVolumes&Filter.1.Name=attachment.instance-id&Filter.1.Value.1=" + machine,
		"ModifyInstanceAttribute&InstanceId=" + machine + "&InstanceType.Value=m5.xlarge",
		"ModifyInstanceAttribute&InstanceId=" + machine + "&Attribute=disableApiStop&Value=true",
		"ModifyInstanceMetadataOptions&InstanceId=" + machine + "&HttpTokens=required&HttpPutResponseHopLimit=2",
		"ModifyInstanceCreditSpecification&InstanceCreditSpecification.1.InstanceId=" + machine + "&InstanceCreditSpecification.1.CpuCredits=standard",
		"ModifyPrivateDnsNameOptions&InstanceId=" + machine + "&PrivateDnsHostnameType=ip-name",
		"MonitorInstances&InstanceId.1=" + machine,
		"StopInstances&InstanceId.1=" + machine,
		"StartInstances&InstanceId.1=" + machine,
		"RebootInstances&InstanceId.1=" + machine,
		"TerminateInstances&InstanceId.1=" + id(mirror.KindInstance, 999),
		"DeleteVolume&VolumeId=vol-00000000000000001",
		"DescribeInstanceTypes&InstanceType.1=m5.large&InstanceType.2=m99.metal-48xl&IncludeUnsupportedInRegion=true",
		"DescribeInstanceTypes&MaxResults=5&Filter.1.Name=vcpu-info.valid-cores&Filter.1.Value.1=2&Filter.2.Name=instance-type&Filter.2.Value.1=g*.%3Fxlarge&NextToken=abc",
		"DescribeInstanceTypeOfferings&LocationType=availability-zone-id&MaxResults=5&Filter.1.Name=location&Filter.1.Value.1=use1-az1",
		"DescribeRegions&AllRegions=true&RegionName.1=eu-west-1&Filter.1.Name=endpoint&Filter.1.Value.1=ec2.*",
		"DescribeAvailabilityZones&AllAvailabilityZones=true&ZoneName.1=us-east-1a&ZoneId.1=use1-az1&Filter.1.Name=group-long-name&Filter.1.Value.1=*",
		"%zz", "&&&;", "\xff", "",
	} {
		f.Add("POST", "/", "", anAction+query, formType, "")
		f.Add("GET", "/", anAction+query, "", "", "AWS4-HMAC-SHA256 Credential=A/20260401/eu-west-1/ec2/aws4_request, SignedHeaders=host, Signature=0")
	}
	f.Fuzz(func(t *testing.T, method, path, query, body, media, authorization string) {
		if strings.HasPrefix(path, "/_emulator/") {
			return // is FuzzControl's
		}
		checkAnswer(t, answer(e, method, path, query, body, media, authorization))
	})
}

// A control path answers each request without a failure of its own, and does nothing for a
// web page or for another host, whatever the headers are.
func FuzzControl(f *testing.F) {
	e, err := emulator.New(emulator.Options{Path: filepath.Join(memory(f), "ec2.db"), Hosts: []string{"emulator"}})
	if err != nil {
		f.Fatal(err)
	}
	const local, remote, page = "127.0.0.1:1", "192.0.2.1:1", "http://evil.test"
	for _, seed := range [][7]string{
		{"GET", "health", "", local, "localhost:4566", "", ""},
		{"HEAD", "health", "", remote, "192.0.2.7:4566", "", ""},
		{"POST", "reset", "", local, "[::1]:4566", "", ""},
		{"POST", "reset", "", remote, "emulator", "", ""},
		{"POST", "reset", "", local, "127.0.0.1:4566", page, "cross-site"},
		{"GET", "calls", "", local, "evil.test", page, "same-origin"},
		{"PUT", "faults", "*:500:n=1", local, "127.0.0.1", "http://127.0.0.1", "same-origin"},
		{"PUT", "topology", `{"vpcs": [{"id": "vpc-00000000000000001"}]}`, local, "localhost", "", "none"},
		{"DELETE", "calls", "", "", "", "null", ""},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3], seed[4], seed[5], seed[6])
	}
	f.Fuzz(func(t *testing.T, method, path, body, from, host, origin, site string) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Method, r.URL.Path, r.RemoteAddr, r.Host = method, "/_emulator/"+path, from, host
		r.Header.Set("Origin", origin)
		r.Header.Set("Sec-Fetch-Site", site)
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		if w.Code >= http.StatusInternalServerError {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
		if w.Code >= http.StatusMultipleChoices {
			return
		}
		if origin == page || site == "cross-site" || site == "same-site" || host == "evil.test" {
			t.Errorf("a page of %q (%s) at %q gets %d", origin, site, host, w.Code)
		}
		if caller, err := netip.ParseAddrPort(from); path != "health" && (err != nil || !caller.Addr().Unmap().IsLoopback()) {
			t.Errorf("%q gets %s %s: %d", from, method, path, w.Code)
		}
	})
}
