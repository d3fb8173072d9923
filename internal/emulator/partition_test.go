package emulator_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// In the Regions of China and of GovCloud, ARNs and the names of endpoint services are
// those of their partition.
func TestPartitions(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]struct{ partition, service string }{
		"us-east-1":     {"aws", "com.amazonaws.vpce.us-east-1.vpce-svc-"},
		"cn-north-1":    {"aws-cn", "cn.com.amazonaws.vpce.cn-north-1.vpce-svc-"},
		"us-gov-west-1": {"aws-us-gov", "com.amazonaws.vpce.us-gov-west-1.vpce-svc-"},
	} {
		arn := "arn:" + want.partition + ":elasticloadbalancing:" + region + ":123456789012:loadbalancer/net/sensors/0123456789abcdef"
		file, err := topology.Parse([]byte(`{
  "vpcs": [{"id": "vpc-00000000000000001", "cidr_block": "10.0.0.0/16"}],
  "subnets": [{"id": "subnet-00000000000000001", "vpc_id": "vpc-00000000000000001", "cidr_block": "10.0.1.0/24", "availability_zone": "` + region + `a"}],
  "network_load_balancers": [{"arn": "` + arn + `"}]}`))
		fatal(t, err)
		c := newClient(newEmulator(t, func(o *emulator.Options) { o.Topology = file }), func(o *ec2.Options) { o.Region = region })
		subnets, err := c.DescribeSubnets(t.Context(), &ec2.DescribeSubnetsInput{})
		fatal(t, err)
		if got := aws.ToString(subnets.Subnets[0].SubnetArn); got != "arn:"+want.partition+":ec2:"+region+":123456789012:subnet/subnet-00000000000000001" {
			t.Errorf("%s: the ARN of a subnet is %s", region, got)
		}
		made, err := c.CreateVpcEndpoint(t.Context(), &ec2.CreateVpcEndpointInput{
			VpcId: aws.String("vpc-00000000000000001"), SubnetIds: []string{"subnet-00000000000000001"}, VpcEndpointType: "GatewayLoadBalancer",
			ServiceName: aws.String(want.service + "0123456789abcdef0"),
		})
		fatal(t, err)
		if got := aws.ToString(made.VpcEndpoint.ServiceName); !strings.HasPrefix(got, want.service) {
			t.Errorf("%s: the service of an endpoint is %s", region, got)
		}
		launched, err := c.RunInstances(t.Context(), &ec2.RunInstancesInput{
			ImageId: aws.String(anImage), MinCount: aws.Int32(1), MaxCount: aws.Int32(1), InstanceType: "m5.large", SubnetId: aws.String("subnet-00000000000000001"),
			IamInstanceProfile: &types.IamInstanceProfileSpecification{Name: aws.String("web")},
		})
		fatal(t, err)
		if got := aws.ToString(launched.Instances[0].IamInstanceProfile.Arn); got != "arn:"+want.partition+":iam::123456789012:instance-profile/web" {
			t.Errorf("%s: the ARN of an instance profile is %s", region, got)
		}
		target, err := c.CreateTrafficMirrorTarget(t.Context(), &ec2.CreateTrafficMirrorTargetInput{NetworkLoadBalancerArn: &arn})
		fatal(t, err)
		if got := aws.ToString(target.TrafficMirrorTarget.NetworkLoadBalancerArn); got != arn {
			t.Errorf("%s: the load balancer of a target is %s", region, got)
		}
	}
}
