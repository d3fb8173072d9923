package account

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Resolver returns the address of the Route 53 Resolver in the VPC of a network
// interface: the base of the VPC's primary IPv4 CIDR block plus two
// (https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html). It is
// invalid if the VPC has no such block, or if the interface is in no VPC, which is possible
// only in the embedded EC2.
func (a *Account) Resolver(ctx context.Context, interfaceID string) (netip.Addr, error) {
	out, err := a.ec2.describeInterfaces(ctx, &ec2.DescribeNetworkInterfacesInput{NetworkInterfaceIds: []string{interfaceID}}, a.options...)
	if err != nil {
		return netip.Addr{}, err
	}
	for _, i := range out.NetworkInterfaces {
		if aws.ToString(i.NetworkInterfaceId) == interfaceID {
			return a.resolverOf(ctx, aws.ToString(i.VpcId))
		}
	}
	return netip.Addr{}, &NotFoundError{mirror.KindInterface, interfaceID}
}

func (a *Account) resolverOf(ctx context.Context, vpcID string) (netip.Addr, error) {
	if vpcID == "" {
		return netip.Addr{}, nil
	}
	out, err := a.ec2.describeVPCs(ctx, &ec2.DescribeVpcsInput{VpcIds: []string{vpcID}}, a.options...)
	if err != nil {
		return netip.Addr{}, err
	}
	for _, v := range out.Vpcs {
		if aws.ToString(v.VpcId) != vpcID {
			continue
		}
		if aws.ToString(v.CidrBlock) == "" {
			return netip.Addr{}, nil
		}
		block, err := netip.ParsePrefix(aws.ToString(v.CidrBlock))
		if err != nil {
			return netip.Addr{}, fmt.Errorf("VPC %s: %w", vpcID, err)
		}
		return block.Masked().Addr().Next().Next(), nil
	}
	return netip.Addr{}, &NotFoundError{mirror.KindVPC, vpcID}
}
