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

// VPC has the facts of a VPC that matter for its interfaces.
type VPC struct {
	ID        string
	OwnerID   string
	IsDefault bool
	CIDRs     []netip.Prefix // IPv4 blocks, the primary one first, then IPv6 blocks
	Tags      map[string]string

	Tenancy      string // of its instances: default or dedicated
	ProvidedIPv6 bool   // Amazon chose its IPv6 block

	resolver netip.Addr // not valid: it has no IPv4 CIDR block
}

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
	value: noCondition,
}

// VPCs lists all VPCs, in the order of their IDs.
func (a *Account) VPCs(ctx context.Context) ([]VPC, error) {
	return listAll[VPC](ctx, a, vpcSource)
}

func vpcOf(v types.Vpc) (VPC, error) {
	noun := VPC{ID: aws.ToString(v.VpcId), OwnerID: aws.ToString(v.OwnerId), IsDefault: aws.ToBool(v.IsDefault), Tags: tagsOf(v.Tags), Tenancy: string(v.InstanceTenancy)}
	blocks := []*string{v.CidrBlock}
	for _, b := range v.CidrBlockAssociationSet {
		if isAssociated(b.CidrBlockState) && aws.ToString(b.CidrBlock) != aws.ToString(v.CidrBlock) {
			blocks = append(blocks, b.CidrBlock)
		}
	}
	for _, b := range v.Ipv6CidrBlockAssociationSet {
		if isAssociated(b.Ipv6CidrBlockState) {
			blocks = append(blocks, b.Ipv6CidrBlock)
			noun.ProvidedIPv6 = noun.ProvidedIPv6 || aws.ToString(b.Ipv6Pool) == amazonPool
		}
	}
	var err error
	if noun.CIDRs, err = prefixesOf(blocks...); err != nil {
		return VPC{}, fmt.Errorf("VPC %s: %w", noun.ID, err)
	}
	if len(noun.CIDRs) > 0 && noun.CIDRs[0].Addr().Is4() {
		noun.resolver = noun.CIDRs[0].Masked().Addr().Next().Next()
	}
	return noun, nil
}

// amazonPool is the pool of the IPv6 blocks that Amazon chooses
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcIpv6CidrBlockAssociation.html).
const amazonPool = "Amazon"

// VPCAttributes are the attributes of a VPC that its listing does not show.
type VPCAttributes struct{ DNSHostnames, DNSSupport bool }

// VPCAttributes returns the attributes of a VPC.
func (a *Account) VPCAttributes(ctx context.Context, id string) (VPCAttributes, error) {
	ask := func(name types.VpcAttributeName) (*ec2.DescribeVpcAttributeOutput, error) {
		return a.ec2.describeVPCAttribute(ctx, &ec2.DescribeVpcAttributeInput{VpcId: &id, Attribute: name}, a.options...)
	}
	hostnames, err := ask(types.VpcAttributeNameEnableDnsHostnames)
	if err != nil {
		return VPCAttributes{}, err
	}
	support, err := ask(types.VpcAttributeNameEnableDnsSupport)
	if err != nil {
		return VPCAttributes{}, err
	}
	isOn := func(v *types.AttributeBooleanValue) bool { return v != nil && aws.ToBool(v.Value) }
	return VPCAttributes{DNSHostnames: isOn(hostnames.EnableDnsHostnames), DNSSupport: isOn(support.EnableDnsSupport)}, nil
}

// isAssociated reports whether a block is one of the VPC now. A block without a state is.
func isAssociated(state *types.VpcCidrBlockState) bool {
	return state == nil || state.State == "" || state.State == types.VpcCidrBlockStateCodeAssociated
}

// prefixesOf reads CIDR blocks, and leaves out those that are not there.
func prefixesOf(texts ...*string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, text := range texts {
		if aws.ToString(text) == "" {
			continue
		}
		var err error
		if all, err = appendPrefix(all, text); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// noCondition is the value of a source that knows no conditions but IDs.
func noCondition(any, string) (string, bool) { return "", false }

// listAll lists all objects of a kind, in the order of their IDs.
func listAll[N any](ctx context.Context, a *Account, s *source, where ...Where) ([]N, error) {
	all, err := readAll(ctx, a, s, where)
	return nouns(taggedOf[N](a, all)), err
}
