package account

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Resolver returns the address of the Route 53 Resolver in the VPC of a network
// interface: the base of the VPC's primary IPv4 CIDR block plus two
// (https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html). It is
// invalid if the VPC has no such block, or if the interface is in no VPC, which is possible
// only in the embedded EC2.
func (a *Account) Resolver(ctx context.Context, interfaceID string) (netip.Addr, error) {
	found, err := readOne[NetworkInterface](ctx, a, interfaceSource, interfaceID)
	if err != nil || found.Noun.VPCID == "" {
		return netip.Addr{}, err
	}
	of, err := readOne[vpc](ctx, a, vpcSource, found.Noun.VPCID)
	return of.Noun.resolver, err
}

// Resolvers returns the addresses that Resolver returns for all VPCs of the account that have one,
// by the ID of the VPC.
func (a *Account) Resolvers(ctx context.Context) (map[string]netip.Addr, error) {
	all, err := readAll(ctx, a, vpcSource, nil)
	resolvers := map[string]netip.Addr{}
	for _, v := range all {
		if of, _ := v.noun.(vpc); of.resolver.IsValid() {
			resolvers[v.id] = of.resolver
		}
	}
	return resolvers, err
}

// vpc has the facts of a VPC that matter for its interfaces.
type vpc struct{ resolver netip.Addr } // invalid: it has no IPv4 CIDR block

var vpcSource = &source{
	kind: mirror.KindVPC, idField: "vpc-id",
	ask: func(ctx context.Context, api *operations, q question, options []func(*ec2.Options)) (answer, error) {
		out, err := api.describeVPCs(ctx, &ec2.DescribeVpcsInput{
			VpcIds: q.ids, Filters: q.filters(), NextToken: q.token, MaxResults: q.size(),
		}, options...)
		if err != nil {
			return answer{}, err
		}
		page := answer{next: out.NextToken}
		for _, v := range out.Vpcs {
			noun, err := vpcOf(v)
			page.add(v.VpcId, noun, nil, err)
		}
		return page, nil
	},
	value: func(any, string) (string, bool) { return "", false },
}

func vpcOf(v types.Vpc) (vpc, error) {
	if aws.ToString(v.CidrBlock) == "" {
		return vpc{}, nil
	}
	block, err := netip.ParsePrefix(aws.ToString(v.CidrBlock))
	if err != nil {
		return vpc{}, fmt.Errorf("VPC %s: %w", aws.ToString(v.VpcId), err)
	}
	return vpc{block.Masked().Addr().Next().Next()}, nil
}
