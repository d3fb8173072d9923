package emulator_test

import (
	"context"
	"net/http"
	"testing"

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

// The SDK's client of Elastic Load Balancing reads what it has created, on the handler that also answers for EC2.
func TestLoadBalancer_create(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	c := newBalancing(e)
	made, err := c.CreateLoadBalancer(t.Context(), networkBalancer("fleet"))
	fatal(t, err)
	arn := made.LoadBalancers[0].LoadBalancerArn
	read, err := c.DescribeLoadBalancers(t.Context(), &elb.DescribeLoadBalancersInput{LoadBalancerArns: []string{*arn}})
	fatal(t, err)
	if len(read.LoadBalancers) != 1 || *read.LoadBalancers[0].LoadBalancerName != "fleet" || read.LoadBalancers[0].State.Code != elbtypes.LoadBalancerStateEnumActive {
		t.Errorf("got %+v", read.LoadBalancers)
	}
}

func secretKeys(access, secret string) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: access, SecretAccessKey: secret}, nil
	})
}
