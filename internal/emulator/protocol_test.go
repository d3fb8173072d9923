package emulator_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

const form = "application/x-www-form-urlencoded"

func TestRequestForms(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	const describe = "Action=DescribeTrafficMirrorFilters&Version=2016-11-15"
	for _, test := range []struct {
		name                     string
		method, url, media, body string
		status                   int
		code                     string
	}{
		{"form", "POST", "/", form, describe, 200, ""},
		{"form with a charset", "POST", "/", form + "; charset=utf-8", describe, 200, ""},
		{"query", "GET", "/?" + describe, "", "", 200, ""},
		{"query sent with POST", "POST", "/?" + describe, "", "", 200, ""},
		{"parameters in both", "POST", "/?Version=2016-11-15", form, "Action=DescribeTrafficMirrorFilters", 200, ""},
		{"no path", "GET", "?" + describe, "", "", 200, ""},
		{"another path", "GET", "/ec2?" + describe, "", "", 404, "InvalidAction"},
		{"another method", "PUT", "/", form, describe, 405, "UnsupportedOperation"},
		{"JSON", "POST", "/", "application/json", `{"Action":"DescribeTrafficMirrorFilters"}`, 415, "UnsupportedProtocol"},
		{"no media type", "POST", "/", "", describe, 415, "UnsupportedProtocol"},
		{"nothing", "POST", "/", form, "", 400, "MissingAction"},
		{"empty action", "POST", "/", form, "Action=&Version=2016-11-15", 400, "MissingAction"},
		{"unknown action", "POST", "/", form, "Action=RunMachines&Version=2016-11-15", 400, "InvalidAction"},
		{"action in another case", "POST", "/", form, "Action=describetrafficmirrorfilters&Version=2016-11-15", 400, "InvalidAction"},
		{"no version", "POST", "/", form, "Action=DescribeTrafficMirrorFilters", 400, "MissingParameter"},
		{"another version", "POST", "/", form, "Action=DescribeTrafficMirrorFilters&Version=2014-06-15", 400, "NoSuchVersion"},
		{"A0016: parameter twice", "POST", "/", form, describe + "&MaxResults=5&MaxResults=6", 400, "MalformedQueryString"},
		{"parameter in query and form", "POST", "/?MaxResults=5", form, describe + "&MaxResults=5", 400, "MalformedQueryString"},
		{"broken escape", "POST", "/", form, describe + "&NextToken=%zz", 400, "MalformedQueryString"},
		{"semicolon", "POST", "/", form, describe + ";MaxResults=5", 400, "MalformedQueryString"},
		{"too large", "POST", "/", form, describe + "&NextToken=" + strings.Repeat("x", 1<<20), 413, "RequestEntityTooLarge"},
		{"control character", "POST", "/", form, describe + "&NextToken=%01", 400, "InvalidCharacter"},
		{"not UTF-8", "POST", "/", form, describe + "&NextToken=%ff", 400, "InvalidCharacter"},
		{"no character of XML", "POST", "/", form, describe + "&NextToken=%ef%bf%bf", 400, "InvalidCharacter"},
	} {
		r := httptest.NewRequest(test.method, "http://ec2.example/", strings.NewReader(test.body))
		u, err := url.Parse(test.url)
		if err != nil {
			t.Fatal(err)
		}
		r.URL.Path, r.URL.RawQuery = u.Path, u.RawQuery
		if test.media != "" {
			r.Header.Set("Content-Type", test.media)
		}
		got := send(t, e, r)
		if got.status != test.status || got.code() != test.code {
			t.Errorf("%s: got %d %q (%s), want %d %q", test.name, got.status, got.code(), got.message(), test.status, test.code)
		}
	}
}

func TestEnvelopes(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, func(o *emulator.Options) {
		o.RequestID = func() string { return "request-1" }
		o.NewID = func(prefix string) string { return prefix + "00000000000000001" }
	})
	for _, test := range []struct{ action, want string }{
		{
			"CreateTrafficMirrorFilter",
			`<?xml version="1.0" encoding="UTF-8"?><CreateTrafficMirrorFilterResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">` +
				`<requestId>request-1</requestId><trafficMirrorFilter><trafficMirrorFilterId>tmf-00000000000000001</trafficMirrorFilterId>` +
				`<ingressFilterRuleSet></ingressFilterRuleSet><egressFilterRuleSet></egressFilterRuleSet><networkServiceSet></networkServiceSet>` +
				`<tagSet></tagSet></trafficMirrorFilter></CreateTrafficMirrorFilterResponse>`,
		},
		{
			"DeleteTrafficMirrorFilter",
			`<?xml version="1.0" encoding="UTF-8"?><Response><Errors><Error><Code>MissingParameter</Code>` +
				`<Message>The request must contain the parameter TrafficMirrorFilterId</Message></Error></Errors><RequestID>request-1</RequestID></Response>`,
		},
	} {
		r := httptest.NewRequest(http.MethodGet, "/?Version=2016-11-15&Action="+test.action, nil)
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		if got := w.Body.String(); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.action, got, test.want)
		}
		if got := w.Header().Get("Content-Type"); got != "text/xml;charset=UTF-8" {
			t.Errorf("%s: Content-Type is %q", test.action, got)
		}
		if got := w.Header().Get("X-Amzn-RequestId"); got != "request-1" {
			t.Errorf("%s: X-Amzn-RequestId is %q", test.action, got)
		}
	}
}

func TestParameters(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	f := makeFilter(t, e, "")
	target := makeTarget(t, e, "NetworkInterfaceId="+eni(1))
	rule := "TrafficMirrorFilterId=" + f + "&TrafficDirection=ingress&RuleAction=accept" + anyCIDRs
	session := "NetworkInterfaceId=" + eni(2) + "&TrafficMirrorTargetId=" + target + "&TrafficMirrorFilterId=" + f
	for _, test := range []struct{ action, parameters, code string }{
		{"CreateTrafficMirrorFilter", "Descriptions=x", "UnknownParameter"},
		{"CreateTrafficMirrorFilter", "description=x", "UnknownParameter"},
		{"CreateTrafficMirrorFilter", "AddNetworkService.1=amazon-dns", "UnknownParameter"},
		// Only creates have a client token.
		{"DeleteTrafficMirrorFilter", "TrafficMirrorFilterId=" + f + "&ClientToken=x", "UnknownParameter"},
		{"DescribeTrafficMirrorSessions", "ClientToken=x", "UnknownParameter"},
		{"ModifyTrafficMirrorFilterNetworkServices", "TrafficMirrorFilterId=" + f + "&ClientToken=x", "UnknownParameter"},
		{"ModifyTrafficMirrorFilterRule", "TrafficMirrorFilterRuleId=" + goneRule + "&ClientToken=x", "UnknownParameter"},
		{"ModifyTrafficMirrorSession", "TrafficMirrorSessionId=" + goneSession + "&ClientToken=x", "UnknownParameter"},
		// Of a target and a filter nothing can be modified.
		{"ModifyTrafficMirrorTarget", "TrafficMirrorTargetId=" + target, "InvalidAction"},
		{"ModifyTrafficMirrorFilter", "TrafficMirrorFilterId=" + f, "InvalidAction"},
		{"DescribeTrafficMirrorFilters", "TrafficMirrorFilterId=" + f, "UnknownParameter"},
		{"DescribeTrafficMirrorFilters", "TrafficMirrorFilterId.0=" + f, assumed("A0015", "UnknownParameter")},
		{"DescribeTrafficMirrorFilters", "TrafficMirrorFilterId.01=" + f, assumed("A0015", "UnknownParameter")},
		{"DescribeTrafficMirrorFilters", "TrafficMirrorFilterId.x=" + f, "UnknownParameter"},
		{"DescribeTrafficMirrorFilters", "TrafficMirrorFilterId.1.Id=" + f, "UnknownParameter"},
		{"DescribeTrafficMirrorFilters", "TrafficMirrorFilterId.3=" + f + "&TrafficMirrorFilterId.700=" + f, assumed("A0015", "")},
		{"DescribeTrafficMirrorFilters", "Filter.1.Names=description&Filter.1.Value.1=x", "MissingParameter"},
		{"DeleteTrafficMirrorFilter", "", "MissingParameter"},
		{"DeleteTrafficMirrorFilter", "TrafficMirrorFilterId=", assumed("A0014", "MissingParameter")},
		{"DeleteTrafficMirrorFilter", "TrafficMirrorFilterId=tmt-0123456789abcdef0", assumed("A0021", "InvalidTrafficMirrorFilterId.Malformed")},
		{"DeleteTrafficMirrorTarget", "TrafficMirrorTargetId=x", "InvalidTrafficMirrorTargetId.Malformed"},
		{"DeleteTrafficMirrorSession", "TrafficMirrorSessionId=tms-", "InvalidTrafficMirrorSessionId.Malformed"},
		{"DeleteTrafficMirrorFilterRule", "TrafficMirrorFilterRuleId=tmf-0123456789abcdef0", "InvalidTrafficMirrorFilterRuleId.Malformed"},
		{"CreateTrafficMirrorTarget", "NetworkInterfaceId=eni-1", "InvalidNetworkInterfaceId.Malformed"},
		{"CreateTrafficMirrorTarget", "GatewayLoadBalancerEndpointId=vpce-1", "InvalidVpcEndpointId.Malformed"},
		{"CreateTrafficMirrorTarget", "NetworkLoadBalancerArn=sensors", "InvalidNetworkLoadBalancerArn.Malformed"},
		{"DeleteTrafficMirrorFilter", "TrafficMirrorFilterId=" + goneFilter, assumed("A0020", "InvalidTrafficMirrorFilterId.NotFound")},
		{"DeleteTrafficMirrorTarget", "TrafficMirrorTargetId=" + goneTarget, assumed("A0020", "InvalidTrafficMirrorTargetId.NotFound")},
		{"DeleteTrafficMirrorSession", "TrafficMirrorSessionId=" + goneSession, assumed("A0020", "InvalidTrafficMirrorSessionId.NotFound")},
		{"DeleteTrafficMirrorFilterRule", "TrafficMirrorFilterRuleId=" + goneRule, assumed("A0020", "InvalidTrafficMirrorFilterRuleId.NotFound")},
		{"CreateTrafficMirrorFilterRule", rule, "MissingParameter"},
		{"CreateTrafficMirrorFilterRule", rule + "&RuleNumber=", assumed("A0014", "MissingParameter")},
		{"CreateTrafficMirrorFilterRule", rule + "&RuleNumber=ten", "InvalidParameterValue"},
		{"CreateTrafficMirrorFilterRule", rule + "&RuleNumber=1.5", "InvalidParameterValue"},
		{"CreateTrafficMirrorFilterRule", rule + "&RuleNumber=99999999999999999999", "InvalidParameterValue"},
		{"CreateTrafficMirrorSession", session, "MissingParameter"},
		{"CreateTrafficMirrorSession", session + "&SessionNumber=", assumed("A0014", "MissingParameter")},
		{"AttachNetworkInterface", "NetworkInterfaceId=" + eni(1) + "&InstanceId=" + instance(1) + "&DeviceIndex=", assumed("A0014", "MissingParameter")},
		{"CreateTrafficMirrorSession", session + "&SessionNumber=1&PacketLength=abc", "InvalidParameterValue"},
		{"CreateTrafficMirrorFilter", "DryRun=yes", "InvalidParameterValue"},
		{"CreateTrafficMirrorFilter", "DryRun=", "InvalidParameterValue"},
		{"CreateTrafficMirrorFilter", "DryRun=false", ""},
	} {
		refused(t, e, test.action, test.parameters, test.code)
	}
}

// A description that is empty is one that is not given.
func TestEmptyDescription_A0014(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	made := must(t, e, "CreateTrafficMirrorFilter", "Description=").all("trafficMirrorFilter")[0]
	if got := made.all("description"); len(got) != 0 {
		t.Errorf("the answer has a description: %v", got)
	}
}

func TestDryRun(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	for _, test := range []struct {
		action, parameters string
		status             int
		code               string
	}{
		{"CreateTrafficMirrorFilter", "", 412, "DryRunOperation"},
		{"DescribeTrafficMirrorFilters", "", 412, "DryRunOperation"},
		// Parameters are checked first, and nothing is looked up.
		{"CreateTrafficMirrorFilter", "Descriptions=x", 400, "UnknownParameter"},
		{"DeleteTrafficMirrorFilter", "TrafficMirrorFilterId=" + goneFilter, 412, "DryRunOperation"},
		{"ModifyTrafficMirrorFilterRule", "TrafficMirrorFilterRuleId=" + goneRule + "&RuleNumber=0", 400, "InvalidParameterValue"},
	} {
		got := call(t, e, test.action, test.parameters+"&DryRun=true")
		if got.status != test.status || got.code() != test.code {
			t.Errorf("%s %s: got %d %q, want %d (A0012) %q (A0010)", test.action, test.parameters, got.status, got.code(), test.status, test.code)
		}
	}
	if made := must(t, e, "DescribeTrafficMirrorFilters", "").all("trafficMirrorFilterSet/item"); len(made) > 0 {
		t.Error("a dry run made something")
	}
}

// A text is described as it was sent, with all characters that are special in XML or in
// a form.
func TestTextsComeBack(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	for _, text := range []string{
		`<a href="x">&amp;</a>`, `quotes ' and "`, "tab\tnewline\nreturn\r\r\n", "  leading and trailing  ", "]]>", "<!-- -->", "%41 + plus",
		"zażółć 日本語 🦊 \U0010FFFD", "\u00a0\u2028\u0085", "{\"json\": [1]}",
	} {
		escaped := url.QueryEscape(text)
		id := makeFilter(t, e, "")
		r := httptest.NewRequest(http.MethodGet, fmt.Sprintf("/?Version=2016-11-15&Action=CreateTags&ResourceId.1=%s&Tag.1.Key=k%s&Tag.1.Value=%s", id, escaped, escaped), nil)
		if got := send(t, e, r); got.code() != "" {
			t.Fatalf("%q: %s", text, got.message())
		}
		read := must(t, e, "DescribeTags", "Filter.1.Name=resource-id&Filter.1.Value.1="+id)
		if got := read.text("tagSet/item/value"); got != text {
			t.Errorf("value: got %q, want %q", got, text)
		}
		if got := read.text("tagSet/item/key"); got != "k"+text {
			t.Errorf("key: got %q, want %q", got, "k"+text)
		}
	}
}

func TestRegionsAreApart(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	for region, header := range map[string]string{
		"eu-west-1": "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/ec2/aws4_request, SignedHeaders=host, Signature=00",
		"us-east-1": "",
	} {
		for _, action := range []string{"CreateTrafficMirrorFilter", "DescribeTrafficMirrorFilters"} {
			r := httptest.NewRequest(http.MethodGet, "/?Version=2016-11-15&Action="+action, nil)
			r.Header.Set("Authorization", header)
			got := send(t, e, r)
			if got.code() != "" {
				t.Fatalf("%s: %s", region, got.message())
			}
			if n := len(got.root.all("trafficMirrorFilterSet/item")); action[0] == 'D' && n != 1 {
				t.Errorf("%s has %d filters, want its own 1 (A0017)", region, n)
			}
		}
	}
}
