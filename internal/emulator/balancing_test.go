package emulator_test

import (
	"context"
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

// newBalancing returns the SDK's client of Elastic Load Balancing for a handler in this process.
func newBalancing(h http.Handler, change ...func(*elb.Options)) *elb.Client {
	o := elb.Options{
		Region:       "us-east-1",
		BaseEndpoint: aws.String("http://elb.example"),
		HTTPClient:   &http.Client{Transport: emulator.Transport(h)},
		Credentials:  secretKeys("AKIDEXAMPLE", "secret"),
		Retryer:      aws.NopRetryer{},
	}
	for _, f := range change {
		f(&o)
	}
	return elb.New(o)
}

// subnetOfWorld is the subnet of world with IPv4 addresses.
const subnetOfWorld = "subnet-00000000000000001"

func networkBalancer(name string) *elb.CreateLoadBalancerInput {
	return &elb.CreateLoadBalancerInput{
		Name: new(name), Type: elbtypes.LoadBalancerTypeEnumNetwork, Scheme: elbtypes.LoadBalancerSchemeEnumInternal, Subnets: []string{subnetOfWorld},
	}
}

// The SDK's client of Elastic Load Balancing reads what it has created, on the handler that also answers for EC2. A0203: it is
// active at once. A0206: it needs no internet gateway, and has names of the right form.
func TestLoadBalancer_create(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	c := newBalancing(newEmulator(t, func(o *emulator.Options) { o.Now = func() time.Time { return now } }))
	in := networkBalancer("fleet")
	in.Scheme = elbtypes.LoadBalancerSchemeEnumInternetFacing
	made, err := c.CreateLoadBalancer(t.Context(), in)
	fatal(t, err)
	read, err := c.DescribeLoadBalancers(t.Context(), &elb.DescribeLoadBalancersInput{LoadBalancerArns: []string{*made.LoadBalancers[0].LoadBalancerArn}})
	fatal(t, err)
	got := read.LoadBalancers[0]
	if got.State.Code != elbtypes.LoadBalancerStateEnumActive || !got.CreatedTime.Equal(now) {
		t.Errorf("A0203: got %+v of %s", got.State, got.CreatedTime)
	}
	id := regexp.MustCompile(`^arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/fleet/([0-9a-f]{16})$`).FindStringSubmatch(*got.LoadBalancerArn)
	if id == nil || *got.DNSName != "fleet-"+id[1]+".elb.us-east-1.amazonaws.com" || !regexp.MustCompile(`^Z[0-9A-Z]{13}$`).MatchString(*got.CanonicalHostedZoneId) {
		t.Errorf("A0206: got %s, %s, %s", *got.LoadBalancerArn, *got.DNSName, *got.CanonicalHostedZoneId)
	}
}

func secretKeys(access, secret string) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: access, SecretAccessKey: secret}, nil
	})
}
