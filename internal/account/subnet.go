package account

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Subnet has the facts of a subnet that matter for its interfaces.
type Subnet struct {
	OwnerID  string
	IPv6Only bool
}

// Subnet returns a subnet.
func (a *Account) Subnet(ctx context.Context, id string) (Subnet, error) {
	out, err := a.ec2.describeSubnets(ctx, &ec2.DescribeSubnetsInput{SubnetIds: []string{id}}, a.options...)
	if err != nil {
		return Subnet{}, err
	}
	for _, s := range out.Subnets {
		if aws.ToString(s.SubnetId) == id {
			return Subnet{aws.ToString(s.OwnerId), aws.ToBool(s.Ipv6Native)}, nil
		}
	}
	return Subnet{}, &NotFoundError{mirror.KindSubnet, id}
}

// InstanceType returns the type of an instance.
func (a *Account) InstanceType(ctx context.Context, id string) (string, error) {
	out, err := a.ec2.describeInstances(ctx, &ec2.DescribeInstancesInput{InstanceIds: []string{id}}, a.options...)
	if err != nil {
		return "", err
	}
	for _, r := range out.Reservations {
		for _, i := range r.Instances {
			if aws.ToString(i.InstanceId) == id {
				return string(i.InstanceType), nil
			}
		}
	}
	return "", &NotFoundError{mirror.KindInstance, id}
}
