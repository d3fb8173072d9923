package account

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Subnet has the facts of a subnet that matter for its interfaces.
type Subnet struct {
	ID       string
	VPCID    string
	Zone     string // name of the Availability Zone
	OwnerID  string
	IPv6Only bool
	HasIPv6  bool // it has an IPv6 CIDR block
	Tags     map[string]string
}

// Subnet returns a subnet.
func (a *Account) Subnet(ctx context.Context, id string) (Subnet, error) {
	found, err := readOne[Subnet](ctx, a, subnetSource, id)
	return found.Noun, err
}

func subnetOf(s types.Subnet) Subnet {
	return Subnet{
		ID: aws.ToString(s.SubnetId), VPCID: aws.ToString(s.VpcId), Zone: aws.ToString(s.AvailabilityZone), OwnerID: aws.ToString(s.OwnerId),
		IPv6Only: aws.ToBool(s.Ipv6Native), HasIPv6: len(s.Ipv6CidrBlockAssociationSet) > 0, Tags: tagsOf(s.Tags),
	}
}

// Instance has the facts of an instance that matter for its interfaces.
type Instance struct {
	ID    string
	Type  string
	State string
	VPCID string
	Zone  string // name of the Availability Zone
	Tags  map[string]string
}

// Instance returns an instance.
func (a *Account) Instance(ctx context.Context, id string) (Instance, error) {
	found, err := readOne[Instance](ctx, a, instanceSource, id)
	return found.Noun, err
}

func instanceOf(i types.Instance) Instance {
	instance := Instance{ID: aws.ToString(i.InstanceId), Type: string(i.InstanceType), VPCID: aws.ToString(i.VpcId), Tags: tagsOf(i.Tags)}
	if i.State != nil {
		instance.State = string(i.State.Name)
	}
	if i.Placement != nil {
		instance.Zone = aws.ToString(i.Placement.AvailabilityZone)
	}
	return instance
}
