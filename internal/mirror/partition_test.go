package mirror_test

import (
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

func TestPartitionOf(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"us-east-1": "aws", "eu-west-1": "aws", "mx-central-1": "aws", "xx-new-1": "aws", "": "aws",
		"cn-north-1": "aws-cn", "cn-northwest-1": "aws-cn", "us-gov-west-1": "aws-us-gov", "us-gov-east-1": "aws-us-gov",
		"eusc-de-east-1": "aws-eusc", "us-iso-east-1": "aws-iso", "us-isob-east-1": "aws-iso-b", "eu-isoe-west-1": "aws-iso-e", "us-isof-south-1": "aws-iso-f",
	} {
		if got := mirror.PartitionOf(region); got != want {
			t.Errorf("%q is in %q, want %q", region, got, want)
		}
		arn := mirror.KindTarget.ARN(mirror.PartitionOf(region), region, "123456789012", "tmt-00000000000000001")
		if want := "arn:" + want + ":ec2:" + region + ":123456789012:traffic-mirror-target/tmt-00000000000000001"; arn != want {
			t.Errorf("the ARN is %s, want %s", arn, want)
		}
		if region == "" {
			continue
		}
		balancer := "arn:" + want + ":elasticloadbalancing:" + region + ":123456789012:loadbalancer/net/sensors/0123456789abcdef"
		if ps := mirror.CheckLoadBalancerARN("arn", balancer); ps != nil {
			t.Errorf("%s: %v", balancer, ps)
		}
	}
	if got := mirror.EndpointServicePrefix("cn-north-1"); got != "cn.com.amazonaws.vpce.cn-north-1.vpce-svc-" {
		t.Errorf("in China: %s", got)
	}
	if got := mirror.EndpointServicePrefix("us-gov-west-1"); got != "com.amazonaws.vpce.us-gov-west-1.vpce-svc-" {
		t.Errorf("in GovCloud: %s", got)
	}
}
