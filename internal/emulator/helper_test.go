package emulator_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/smithy-go"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// The objects in the topology of the tests, in addition to the numbered interfaces 1 to 20,
// which are ordinary ones.
const (
	loadBalancer      = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/sensors/0123456789abcdef"
	otherLoadBalancer = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/spare/fedcba9876543210"
	farLoadBalancer   = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/far/0123456789abcdef"
	gatewayEndpoint   = "vpce-00000000000000001"
	sharedTarget      = "tmt-0000000000000000f"
	otherAccount      = "210987654321"
	goneFilter        = "tmf-0123456789abcdef0"
	goneTarget        = "tmt-0123456789abcdef0"
	goneSession       = "tms-0123456789abcdef0"
	goneRule          = "tmfr-0123456789abcdef0"
)

func eni(n int) string { return fmt.Sprintf("eni-%017x", n) }

func instance(n int) string { return fmt.Sprintf("i-%017x", n) }

// Interfaces with something about them.
var (
	eniLargeTarget = eni(100) // on an instance type that takes 100 sources
	eniOldFamily   = eni(101) // on a t2.micro
	eniOldMetal    = eni(102) // on an m6i.metal
	eniRDS         = eni(103)
	eniLambda      = eni(104)
	eniGateway     = eni(105) // of type nat_gateway
	eniIPv6Only    = eni(106)
	eniMetal       = eni(107) // on an m5.metal
	eniGone        = eni(999)
)

func world() *topology.File {
	f := &topology.File{
		AccountID: topology.DefaultAccountID,
		VPCs:      []topology.VPC{{ID: "vpc-00000000000000001", CIDRBlock: netip.MustParsePrefix("10.0.0.0/16")}},
		Subnets: []topology.Subnet{
			{ID: "subnet-00000000000000001", VPCID: "vpc-00000000000000001", CIDRBlock: netip.MustParsePrefix("10.0.1.0/24"), AvailabilityZone: "us-east-1a"},
			{ID: "subnet-00000000000000006", VPCID: "vpc-00000000000000001", IPv6Native: true},
		},
		Instances: []topology.Instance{
			{ID: instance(1), InstanceType: "m5.large"},
			{ID: instance(100), InstanceType: "c5.18xlarge"},
			{ID: instance(101), InstanceType: "t2.micro"},
			{ID: instance(102), InstanceType: "m6i.metal"},
			{ID: instance(107), InstanceType: "m5.metal"},
		},
		NetworkLoadBalancers: []topology.NetworkLoadBalancer{
			{ARN: loadBalancer, SubnetID: "subnet-00000000000000001", IPAddress: netip.MustParseAddr("10.0.2.5"), UDPListeners: []int{4789}},
			{ARN: otherLoadBalancer},
			{ARN: farLoadBalancer},
		},
		GatewayLoadBalancerEndpoints: []topology.GatewayLoadBalancerEndpoint{
			{ID: gatewayEndpoint, VPCID: "vpc-00000000000000001", SubnetID: "subnet-00000000000000001", IPAddress: netip.MustParseAddr("10.0.2.9")},
		},
		SharedTargets: []mirror.Target{{ID: sharedTarget, OwnerID: otherAccount, InterfaceID: eni(255)}},
	}
	add := func(v mirror.Interface) {
		if v.SubnetID == "" {
			v.SubnetID = "subnet-00000000000000001"
		}
		f.NetworkInterfaces = append(f.NetworkInterfaces, v)
	}
	for n := 1; n <= 20; n++ {
		add(mirror.Interface{ID: eni(n), InstanceID: instance(1), PrivateIPAddress: netip.AddrFrom4([4]byte{10, 0, 1, byte(n)})})
	}
	add(mirror.Interface{ID: eniLargeTarget, InstanceID: instance(100)})
	add(mirror.Interface{ID: eniOldFamily, InstanceID: instance(101)})
	add(mirror.Interface{ID: eniOldMetal, InstanceID: instance(102)})
	add(mirror.Interface{ID: eniMetal, InstanceID: instance(107)})
	add(mirror.Interface{ID: eniRDS, RequesterManaged: true, RequesterID: "amazon-rds"})
	add(mirror.Interface{ID: eniLambda, RequesterManaged: true, RequesterID: "awslambda"})
	add(mirror.Interface{ID: eniGateway, Type: "nat_gateway"})
	add(mirror.Interface{ID: eniIPv6Only, SubnetID: "subnet-00000000000000006"})
	return f
}

// newEmulator returns an emulator of world on a store of its own.
func newEmulator(t testing.TB, change ...func(*emulator.Options)) *emulator.Emulator {
	t.Helper()
	o := emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: world()}
	for _, f := range change {
		f(&o)
	}
	return mustNew(t, o)
}

func mustNew(t testing.TB, o emulator.Options) *emulator.Emulator {
	t.Helper()
	e, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// inGoroutine returns a testing.TB for a goroutine that is not the test's: Fatal ends that
// goroutine, and fails the test.
func inGoroutine(t testing.TB) testing.TB { return goroutineTB{t} }

type goroutineTB struct{ testing.TB }

func (t goroutineTB) Fatal(args ...any) {
	t.Helper()
	t.Error(args...)
	runtime.Goexit()
}

func (t goroutineTB) Fatalf(format string, args ...any) {
	t.Helper()
	t.Errorf(format, args...)
	runtime.Goexit()
}

// newClient returns the SDK's client of a handler in this process.
func newClient(h http.Handler, change ...func(*ec2.Options)) *ec2.Client {
	o := ec2.Options{
		Region:       "us-east-1",
		BaseEndpoint: aws.String("http://ec2.example"),
		HTTPClient:   &http.Client{Transport: emulator.Transport(h)},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret"}, nil
		}),
		RetryMaxAttempts: 1,
	}
	return ec2.New(o, change...)
}

// codeOf returns the code of an error that the SDK returned, "" for none.
func codeOf(t testing.TB, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		t.Fatalf("the error has no code: %v", err)
	}
	return api.ErrorCode()
}

// reply is an answer of the emulator, as a tree.
type reply struct {
	status int
	root   node
}

type node struct {
	XMLName xml.Name
	Nodes   []node `xml:",any"`
	Text    string `xml:",chardata"`
}

func (n node) all(path string) []node {
	name, rest, deeper := strings.Cut(path, "/")
	var found []node
	for _, child := range n.Nodes {
		switch {
		case child.XMLName.Local != name:
		case deeper:
			found = append(found, child.all(rest)...)
		default:
			found = append(found, child)
		}
	}
	return found
}

func (n node) texts(path string) []string {
	var texts []string
	for _, found := range n.all(path) {
		texts = append(texts, found.Text)
	}
	return texts
}

// text returns the text of the only element at the path, "" if there is none.
func (n node) text(path string) string {
	texts := n.texts(path)
	if len(texts) > 1 {
		return fmt.Sprintf("%d elements", len(texts))
	}
	return strings.Join(texts, "")
}

func (r reply) code() string { return r.root.text("Errors/Error/Code") }

func (r reply) message() string { return r.root.text("Errors/Error/Message") }

// call sends an action with parameters as a query: "A=b&C=d". Values are not
// escaped, so that they cannot have & or =.
func call(t testing.TB, h http.Handler, action, parameters string) reply {
	t.Helper()
	form := url.Values{"Action": {action}, "Version": {"2016-11-15"}}
	for part := range strings.SplitSeq(parameters, "&") {
		if name, value, ok := strings.Cut(part, "="); ok {
			form.Add(name, value)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	return send(t, h, r)
}

func send(t testing.TB, h http.Handler, r *http.Request) reply {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return readReply(t, w.Result())
}

func readReply(t testing.TB, response *http.Response) reply {
	t.Helper()
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	got := reply{status: response.StatusCode}
	if err := xml.NewDecoder(bytes.NewReader(body)).Decode(&got.root); err != nil {
		t.Fatalf("the answer is not XML: %v\n%s", err, body)
	}
	return got
}

// must sends an action that has to succeed.
func must(t testing.TB, h http.Handler, action, parameters string) node {
	t.Helper()
	got := call(t, h, action, parameters)
	if got.status != http.StatusOK {
		t.Fatalf("%s %s: %s: %s", action, parameters, got.code(), got.message())
	}
	return got.root
}

// refused sends an action that has to fail with the code, or to succeed if it is "".
func refused(t testing.TB, h http.Handler, action, parameters, code string) {
	t.Helper()
	want, assumption, _ := strings.Cut(code, " by ")
	if got := call(t, h, action, parameters); got.code() != want {
		t.Errorf("%s %s\n got %d %q: %s\nwant %q %s", action, parameters, got.status, got.code(), got.message(), want, assumption)
	}
}

// assumed is a code for refused that rests on an assumption of docs/guides/assumptions.md.
func assumed(number, code string) string { return code + " by " + number }

// The creates of the tests return the ID of what they made.

func makeTarget(t testing.TB, h http.Handler, parameters string) string {
	t.Helper()
	return must(t, h, "CreateTrafficMirrorTarget", parameters).text("trafficMirrorTarget/trafficMirrorTargetId")
}

func makeFilter(t testing.TB, h http.Handler, parameters string) string {
	t.Helper()
	return must(t, h, "CreateTrafficMirrorFilter", parameters).text("trafficMirrorFilter/trafficMirrorFilterId")
}

const anyCIDRs = "&SourceCidrBlock=0.0.0.0/0&DestinationCidrBlock=0.0.0.0/0"

func makeRule(t testing.TB, h http.Handler, filter string, number int, parameters string) string {
	t.Helper()
	all := fmt.Sprintf("TrafficMirrorFilterId=%s&RuleNumber=%d&TrafficDirection=ingress&RuleAction=accept%s&%s", filter, number, anyCIDRs, parameters)
	return must(t, h, "CreateTrafficMirrorFilterRule", all).text("trafficMirrorFilterRule/trafficMirrorFilterRuleId")
}

func sessionOn(source, target, filter string, number int) string {
	return fmt.Sprintf("NetworkInterfaceId=%s&TrafficMirrorTargetId=%s&TrafficMirrorFilterId=%s&SessionNumber=%d", source, target, filter, number)
}

func makeSession(t testing.TB, h http.Handler, parameters string) node {
	t.Helper()
	return must(t, h, "CreateTrafficMirrorSession", parameters).all("trafficMirrorSession")[0]
}
