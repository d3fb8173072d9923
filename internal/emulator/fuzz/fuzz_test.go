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
	newRule := "CreateTrafficMirrorFilterRule&TrafficDirection=ingress&RuleAction=accept&Protocol=17&TrafficMirrorFilterId=" + filter + anyCIDRs
	newSession := "CreateTrafficMirrorSession&NetworkInterfaceId=" + source + "&TrafficMirrorTargetId=" + target + "&TrafficMirrorFilterId=" + filter
	for _, action := range []string{
		"CreateTrafficMirrorFilter",
		"CreateTrafficMirrorTarget&NetworkInterfaceId=" + sink,
		newRule + "&RuleNumber=1&SourcePortRange.FromPort=1&SourcePortRange.ToPort=2",
		newSession + "&SessionNumber=1",
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
		"CreateSubnet&VpcId=vpc-00000000000000005&CidrBlock=10.9.1.0/24&Ipv6CidrBlock=2001:db8::/64",
		"CreateNetworkInterface&SubnetId=subnet-00000000000000006&PrivateIpAddress=10.9.1.9&SecurityGroupId.1=sg-1",
		"CreateTags&ResourceId.1=" + filter + "&Tag.1.Key=k&Tag.1.Value=%F0%9F%A6%8A",
		"DeleteTags&ResourceId.1=" + filter + "&Tag.1.Key=k",
		"DescribeTags&Filter.1.Name=resource-id&Filter.1.Value.1=" + filter,
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
			return // is no part of EC2 and speaks JSON
		}
		checkAnswer(t, answer(e, method, path, query, body, media, authorization))
	})
}
