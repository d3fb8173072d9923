package emulator_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

const balancingVersion = "2015-12-01"

// callBalancing sends an action of Elastic Load Balancing, as call does one of EC2.
func callBalancing(t testing.TB, h http.Handler, action, parameters string) reply {
	t.Helper()
	form := url.Values{"Action": {action}, "Version": {balancingVersion}}
	for part := range strings.SplitSeq(parameters, "&") {
		if name, value, ok := strings.Cut(part, "="); ok {
			form.Add(name, value)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	return send(t, h, r)
}

func mustBalancing(t testing.TB, h http.Handler, action, parameters string) node {
	t.Helper()
	got := callBalancing(t, h, action, parameters)
	if got.status != http.StatusOK {
		t.Fatalf("%s %s: %d %s: %s", action, parameters, got.status, got.root.text("Error/Code"), got.root.text("Error/Message"))
	}
	return got.root
}

// refusedBalancing sends an action that has to fail with the code, which can be one of assumed.
func refusedBalancing(t testing.TB, h http.Handler, action, parameters, code string) {
	t.Helper()
	code, _, _ = strings.Cut(code, " by ")
	got := callBalancing(t, h, action, parameters)
	if have := got.root.text("Error/Code"); have != code || got.status == http.StatusOK {
		t.Errorf("%s %s\n got %d %q: %s\nwant %q", action, parameters, got.status, have, got.root.text("Error/Message"), code)
	}
}

// Each API has its own envelopes. The version in a request chooses the API.
func TestBalancing_envelopes(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, func(o *emulator.Options) { o.RequestID = func() string { return "request-1" } })
	const header = `<?xml version="1.0" encoding="UTF-8"?>`
	for _, test := range []struct{ query, want string }{
		{
			"Action=DescribeTags&Version=2015-12-01&ResourceArns.member.1=" + loadBalancer,
			header + `<DescribeTagsResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"><DescribeTagsResult><TagDescriptions><member>` +
				`<ResourceArn>` + loadBalancer + `</ResourceArn><Tags></Tags></member></TagDescriptions></DescribeTagsResult>` +
				`<ResponseMetadata><RequestId>request-1</RequestId></ResponseMetadata></DescribeTagsResponse>`,
		},
		{
			"Action=DescribeTags&Version=2016-11-15",
			header + `<DescribeTagsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>request-1</requestId><tagSet></tagSet></DescribeTagsResponse>`,
		},
		{
			"Action=CreateLoadBalancers&Version=2015-12-01",
			header + `<ErrorResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"><Error><Type>Sender</Type><Code>InvalidAction</Code>` +
				`<Message>Could not find operation CreateLoadBalancers for version 2015-12-01</Message></Error><RequestId>request-1</RequestId></ErrorResponse>`,
		},
	} {
		w := httptest.NewRecorder()
		e.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/?"+test.query, nil))
		if got := w.Body.String(); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.query, got, test.want)
		}
	}
}

// What both APIs refuse is refused by Elastic Load Balancing with its own codes.
func TestBalancing_requests(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	for _, test := range []struct{ action, parameters, code string }{
		{"DescribeVpcs", "", "InvalidAction"},
		{"describeloadbalancers", "", "InvalidAction"},
		{"DescribeLoadBalancers", "DryRun=true", assumed("A0204", "ValidationError")},
		{"DescribeLoadBalancers", "Filter.1.Name=x", "ValidationError"},
		{"DescribeLoadBalancers", "Names=x", "ValidationError"},
		{"DescribeLoadBalancers", "PageSize=0", "ValidationError"},
		{"DescribeLoadBalancers", "PageSize=401", "ValidationError"},
		{"DescribeLoadBalancers", "PageSize=x", "ValidationError"},
		{"DescribeLoadBalancers", "Marker=x", "ValidationError"},
		{"CreateLoadBalancer", "", "ValidationError"},
		{"DescribeTags", "", "ValidationError"},
		{"DescribeTags", "ResourceArns.member.1=vpc-00000000000000001", "ValidationError"},
		{"CreateTags", "ResourceId.1=" + eni(1), "InvalidAction"},
	} {
		refusedBalancing(t, e, test.action, test.parameters, test.code)
	}
	if got := call(t, e, "DescribeLoadBalancers", ""); got.code() != "InvalidAction" {
		t.Errorf("EC2 answers DescribeLoadBalancers with %q", got.code())
	}
	if got := call(t, e, "CreateTags", "ResourceId.1="+loadBalancer+"&Tag.1.Key=k"); got.code() != "InvalidID" {
		t.Errorf("EC2 tags an ARN: %q", got.code())
	}
}

// A page has as many objects as asked for, and its marker leads to the rest and to no other request.
func TestBalancing_pages(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	c := newBalancing(e)
	for _, name := range []string{"one", "two", "three"} {
		_, err := c.CreateLoadBalancer(t.Context(), networkBalancer(name))
		fatal(t, err)
	}
	var sizes []int
	var marker *string
	pages := elb.NewDescribeLoadBalancersPaginator(c, &elb.DescribeLoadBalancersInput{PageSize: new(int32(2))})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		fatal(t, err)
		if marker == nil {
			marker = page.NextMarker
		}
		sizes = append(sizes, len(page.LoadBalancers))
	}
	if len(sizes) != 3 || sizes[0] != 2 || sizes[1] != 2 || sizes[2] != 1 { // two are of the topology
		t.Fatalf("the pages have %v load balancers", sizes)
	}
	refusedBalancing(t, e, "DescribeTargetGroups", "Marker="+*marker, "ValidationError")
}

// Faults, counts and signatures work for both APIs. A name that both have is that of EC2, unless
// elasticloadbalancing: is before it.
func TestBalancing_control(t *testing.T) {
	t.Parallel()
	faults, err := emulator.ParseFaults("CreateLoadBalancer:500:n=1,elasticloadbalancing:DescribeTags:UnauthorizedOperation,elasticloadbalancing:DescribeLoadBalancers:RequestLimitExceeded:n=1,elasticloadbalancing:CreateListener:503:n=1")
	fatal(t, err)
	e := newEmulator(t, func(o *emulator.Options) { o.Faults = faults })
	refusedBalancing(t, e, "CreateLoadBalancer", "", "InternalFailure")
	refusedBalancing(t, e, "DescribeTags", "ResourceArns.member.1="+loadBalancer, "AccessDenied")
	refusedBalancing(t, e, "DescribeLoadBalancers", "", "ThrottlingException")
	refusedBalancing(t, e, "CreateListener", "", "ServiceUnavailable")
	must(t, e, "DescribeTags", "")
	mustBalancing(t, e, "DescribeLoadBalancers", "")
	calls := e.Calls()
	if calls["elasticloadbalancing:DescribeTags"].Count != 1 || calls["DescribeTags"].Count != 1 || calls["DescribeLoadBalancers"].Count != 2 {
		t.Errorf("the calls are %v", calls)
	}
	for _, wrong := range []string{"elasticloadbalancing:DescribeVpcs:500", "elasticloadbalancing:500", "elasticloadbalancing:DescribeTags"} {
		if _, err := emulator.ParseFaults(wrong); err == nil {
			t.Errorf("%s is read", wrong)
		}
	}
}

// A signature must be for the API of the version.
func TestBalancing_signatures(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, func(o *emulator.Options) { o.AccessKey, o.SecretKey = "AKIDEXAMPLE", "secret" })
	_, err := newBalancing(e).DescribeLoadBalancers(t.Context(), nil)
	fatal(t, err)
	for _, test := range []struct{ key, code string }{{"AKIDEXAMPLE", "SignatureDoesNotMatch"}, {"AKIDOTHER", "InvalidClientTokenId"}} {
		c := newBalancing(e, func(o *elb.Options) { o.Credentials = secretKeys(test.key, "other") })
		_, err := c.DescribeLoadBalancers(t.Context(), nil)
		if got := codeOf(t, err); got != test.code {
			t.Errorf("%s: %q, want %q", test.key, got, test.code)
		}
	}
	refusedBalancing(t, e, "DescribeLoadBalancers", "", "MissingAuthenticationToken")
}

// All reads share one bucket, and changes have none.
func TestBalancing_throttle(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	e := newEmulator(t, func(o *emulator.Options) { o.Throttle, o.Now = true, func() time.Time { return now } })
	for range 20 {
		mustBalancing(t, e, "DescribeLoadBalancers", "")
		mustBalancing(t, e, "DescribeTags", "ResourceArns.member.1="+loadBalancer)
		mustBalancing(t, e, "AddTags", "ResourceArns.member.1="+loadBalancer+"&Tags.member.1.Key=k")
	}
	refusedBalancing(t, e, "DescribeTargetGroups", "", "ThrottlingException")
	now = now.Add(100 * time.Millisecond)
	mustBalancing(t, e, "DescribeTargetGroups", "")
	must(t, e, "DescribeTags", "")
}
