package account

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// NetworkInterface is a network interface with the facts by which a selection finds it.
type NetworkInterface struct {
	mirror.Interface
	VPCID            string
	Zone             string // name of the Availability Zone
	GroupIDs         []string
	Status           string    // "available", "in-use" and so on
	AttachmentStatus string    // "attached", "detaching" and so on; empty: it has no attachment
	Attached         time.Time // zero: it has no attachment, or EC2 does not show when
	IsPrimary        bool      // it is the primary network interface of its instance
}

var interfaceSource = &source{
	kind: mirror.KindInterface, idField: onInterface,
	ask: func(ctx context.Context, api *operations, q question, options []func(*ec2.Options)) (answer, error) {
		out, err := api.describeInterfaces(ctx, &ec2.DescribeNetworkInterfacesInput{
			NetworkInterfaceIds: q.ids, Filters: q.filters(), NextToken: q.token, MaxResults: q.size(),
		}, options...)
		if err != nil {
			return answer{}, err
		}
		page := answer{next: out.NextToken}
		for _, i := range out.NetworkInterfaces {
			noun, err := networkInterfaceOf(i)
			page.add(i.NetworkInterfaceId, noun, nil, err)
		}
		return page, nil
	},
	value: func(noun any, condition string) (string, bool) {
		i, _ := noun.(NetworkInterface)
		return i.Description, condition == withDescription
	},
}

// NetworkInterfaces lists the network interfaces that match every condition, in the order of
// their IDs.
func (a *Account) NetworkInterfaces(ctx context.Context, where ...Where) ([]NetworkInterface, error) {
	return listAll[NetworkInterface](ctx, a, interfaceSource, where...)
}

func networkInterfaceOf(i types.NetworkInterface) (NetworkInterface, error) {
	noun, err := interfaceOf(i)
	if err != nil {
		return NetworkInterface{}, err
	}
	all := NetworkInterface{Interface: noun, VPCID: aws.ToString(i.VpcId), Zone: aws.ToString(i.AvailabilityZone), Status: string(i.Status)}
	for _, g := range i.Groups {
		all.GroupIDs = append(all.GroupIDs, aws.ToString(g.GroupId))
	}
	if i.Attachment != nil {
		all.AttachmentStatus = string(i.Attachment.Status)
		all.Attached = aws.ToTime(i.Attachment.AttachTime)
		// An instance with several network cards can have an interface with index 0 on each.
		all.IsPrimary = noun.InstanceID != "" && i.Attachment.DeviceIndex != nil && *i.Attachment.DeviceIndex == 0 && aws.ToInt32(i.Attachment.NetworkCardIndex) == 0
	}
	return all, nil
}

var instanceSource = &source{
	kind: mirror.KindInstance, idField: "instance-id",
	ask: func(ctx context.Context, api *operations, q question, options []func(*ec2.Options)) (answer, error) {
		out, err := api.describeInstances(ctx, &ec2.DescribeInstancesInput{
			InstanceIds: q.ids, Filters: q.filters(), NextToken: q.token, MaxResults: q.size(),
		}, options...)
		if err != nil {
			return answer{}, err
		}
		page := answer{next: out.NextToken}
		for _, r := range out.Reservations {
			for _, i := range r.Instances {
				page.add(i.InstanceId, instanceOf(i), nil, nil)
			}
		}
		return page, nil
	},
	value: noCondition,
}

// Instances lists all instances, in the order of their IDs.
func (a *Account) Instances(ctx context.Context) ([]Instance, error) {
	return listAll[Instance](ctx, a, instanceSource)
}

var subnetSource = &source{
	kind: mirror.KindSubnet, idField: "subnet-id",
	ask: func(ctx context.Context, api *operations, q question, options []func(*ec2.Options)) (answer, error) {
		out, err := api.describeSubnets(ctx, &ec2.DescribeSubnetsInput{
			SubnetIds: q.ids, Filters: q.filters(), NextToken: q.token, MaxResults: q.size(),
		}, options...)
		if err != nil {
			return answer{}, err
		}
		page := answer{next: out.NextToken}
		for _, s := range out.Subnets {
			noun, err := subnetOf(s)
			page.add(s.SubnetId, noun, nil, err)
		}
		return page, nil
	},
	value: noCondition,
}

// Subnets lists all subnets, in the order of their IDs.
func (a *Account) Subnets(ctx context.Context) ([]Subnet, error) {
	return listAll[Subnet](ctx, a, subnetSource)
}

// EndpointInterfaces returns the first network interface of each VPC endpoint that EC2 shows,
// by the ID of the endpoint.
func (a *Account) EndpointInterfaces(ctx context.Context, endpointIDs ...string) (map[string]string, error) {
	shown, err := a.shownEndpoints(ctx, endpointIDs)
	interfaces := map[string]string{}
	for id, e := range shown {
		if e.interfaceID() != "" {
			interfaces[id] = e.interfaceID()
		}
	}
	return interfaces, err
}
