package account

import (
	"context"
	"sort"
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

// NetworkInterfaces lists the network interfaces that match every condition, in the order of
// their IDs.
func (a *Account) NetworkInterfaces(ctx context.Context, where ...Where) ([]NetworkInterface, error) {
	var interfaces []NetworkInterface
	err := pages(func(token *string) (*string, error) {
		out, err := a.ec2.describeInterfaces(ctx, &ec2.DescribeNetworkInterfacesInput{Filters: filtersOf(where), NextToken: token}, a.options...)
		if err != nil {
			return nil, err
		}
		for _, i := range out.NetworkInterfaces {
			noun, err := networkInterfaceOf(i)
			if err != nil {
				return nil, err
			}
			interfaces = append(interfaces, noun)
		}
		return out.NextToken, nil
	})
	if err != nil {
		return nil, err
	}
	sort.Slice(interfaces, func(i, j int) bool { return interfaces[i].ID < interfaces[j].ID })
	return interfaces, nil
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

// Instances lists all instances, in the order of their IDs.
func (a *Account) Instances(ctx context.Context) ([]Instance, error) {
	var instances []Instance
	err := pages(func(token *string) (*string, error) {
		out, err := a.ec2.describeInstances(ctx, &ec2.DescribeInstancesInput{NextToken: token}, a.options...)
		if err != nil {
			return nil, err
		}
		for _, r := range out.Reservations {
			for _, i := range r.Instances {
				instances = append(instances, instanceOf(i))
			}
		}
		return out.NextToken, nil
	})
	if err != nil {
		return nil, err
	}
	sort.Slice(instances, func(i, j int) bool { return instances[i].ID < instances[j].ID })
	return instances, nil
}

// Subnets lists all subnets, in the order of their IDs.
func (a *Account) Subnets(ctx context.Context) ([]Subnet, error) {
	var subnets []Subnet
	err := pages(func(token *string) (*string, error) {
		out, err := a.ec2.describeSubnets(ctx, &ec2.DescribeSubnetsInput{NextToken: token}, a.options...)
		if err != nil {
			return nil, err
		}
		for _, s := range out.Subnets {
			subnets = append(subnets, subnetOf(s))
		}
		return out.NextToken, nil
	})
	if err != nil {
		return nil, err
	}
	sort.Slice(subnets, func(i, j int) bool { return subnets[i].ID < subnets[j].ID })
	return subnets, nil
}

// EndpointInterfaces returns the first network interface of each VPC endpoint that EC2 shows,
// by the ID of the endpoint.
func (a *Account) EndpointInterfaces(ctx context.Context, endpointIDs ...string) (map[string]string, error) {
	return a.endpointInterfaces(ctx, endpointIDs)
}
