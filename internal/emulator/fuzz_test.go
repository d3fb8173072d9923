package emulator_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

// Any request gets well-formed XML, and no server error.
func FuzzRequest(f *testing.F) {
	e := mustNew(f, emulator.Options{Path: filepath.Join(f.TempDir(), "ec2.db"), Topology: world()})
	filter, target := makeFilter(f, e, ""), makeTarget(f, e, "NetworkInterfaceId="+eni(20))
	rule := makeRule(f, e, filter, 1, "Protocol=6&SourcePortRange.FromPort=1&SourcePortRange.ToPort=2")
	session := makeSession(f, e, sessionOn(eni(1), target, filter, 1)).text("trafficMirrorSessionId")
	specified := "&TagSpecification.1.ResourceType=traffic-mirror-filter&TagSpecification.1.Tag.1.Key=k&TagSpecification.1.Tag.1.Value=<&>"
	for _, query := range []string{
		"CreateTrafficMirrorFilter&Description=d&ClientToken=t" + specified,
		"CreateTrafficMirrorTarget&NetworkInterfaceId=" + eni(2) + "&Description=d",
		"CreateTrafficMirrorTarget&NetworkLoadBalancerArn=" + loadBalancer,
		"CreateTrafficMirrorTarget&GatewayLoadBalancerEndpointId=" + gatewayEndpoint,
		"CreateTrafficMirrorFilterRule&TrafficMirrorFilterId=" + filter + "&RuleNumber=2&TrafficDirection=egress&RuleAction=reject&Protocol=17" + anyCIDRs,
		"CreateTrafficMirrorSession&" + sessionOn(eni(1), target, filter, 2) + "&PacketLength=100&VirtualNetworkId=7",
		"ModifyTrafficMirrorFilterNetworkServices&TrafficMirrorFilterId=" + filter + "&AddNetworkService.1=amazon-dns",
		"ModifyTrafficMirrorFilterRule&TrafficMirrorFilterRuleId=" + rule + "&RuleNumber=3&RemoveField.1=description",
		"ModifyTrafficMirrorSession&TrafficMirrorSessionId=" + session + "&SessionNumber=9&RemoveField.1=virtual-network-id",
		"DeleteTrafficMirrorFilterRule&TrafficMirrorFilterRuleId=" + goneRule,
		"DeleteTrafficMirrorFilter&TrafficMirrorFilterId=" + filter,
		"DeleteTrafficMirrorTarget&TrafficMirrorTargetId=" + target,
		"DeleteTrafficMirrorSession&TrafficMirrorSessionId=" + goneSession,
		"DescribeTrafficMirrorFilters&MaxResults=5&Filter.1.Name=description&Filter.1.Value.1=*%3F%5C&NextToken=abc",
		"DescribeTrafficMirrorFilterRules&TrafficMirrorFilterId=" + filter + "&TrafficMirrorFilterRuleId.1=" + rule,
		"DescribeTrafficMirrorSessions&Filter.1.Name=tag:k&Filter.1.Value.1=v",
		"DescribeTrafficMirrorTargets&DryRun=true",
		"DescribeNetworkInterfaces&Filter.1.Name=vpc-id&Filter.1.Value.1=v",
		"DescribeVpcEndpoints&VpcEndpointId.1=" + gatewayEndpoint,
		"CreateTags&ResourceId.1=" + filter + "&Tag.1.Key=k&Tag.1.Value=%F0%9F%A6%8A",
		"DeleteTags&ResourceId.1=" + filter + "&Tag.1.Key=k",
		"DescribeTags&Filter.1.Name=resource-id&Filter.1.Value.1=" + filter,
		"%zz", "&&&;", "\xff", "",
	} {
		all := "Version=2016-11-15&Action=" + query
		f.Add("POST", "/", "", all, "application/x-www-form-urlencoded", "")
		f.Add("GET", "/", all, "", "", "AWS4-HMAC-SHA256 Credential=A/20260401/eu-west-1/ec2/aws4_request, SignedHeaders=host, Signature=0")
	}
	f.Fuzz(func(t *testing.T, method, path, query, body, media, authorization string) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Method, r.URL.Path, r.URL.RawQuery = method, path, query
		r.Header.Set("Content-Type", media)
		r.Header.Set("Authorization", authorization)
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
		checkWellFormed(t, w.Body.Bytes())
	})
}

func checkWellFormed(t *testing.T, text []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(text))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
	}
}
