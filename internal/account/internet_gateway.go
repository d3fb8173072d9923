package account

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

var internetGatewaySource = &source{
	kind: mirror.KindInternetGateway, idField: "internet-gateway-id",
	ask: func(ctx context.Context, api *operations, q question, options []func(*ec2.Options)) (answer, error) {
		out, err := api.describeInternetGateways(ctx, &ec2.DescribeInternetGatewaysInput{
			InternetGatewayIds: q.ids, Filters: q.filters(), NextToken: q.token, MaxResults: q.size(),
		}, options...)
		if err != nil {
			return answer{}, err
		}
		page := answer{next: out.NextToken}
		for _, g := range out.InternetGateways {
			page.add(g.InternetGatewayId, internetGatewayOf(g), nil, nil)
		}
		return page, nil
	},
	value: noCondition,
}

// InternetGateways lists all internet gateways, in the order of their IDs.
func (a *Account) InternetGateways(ctx context.Context) ([]mirror.InternetGateway, error) {
	return listAll[mirror.InternetGateway](ctx, a, internetGatewaySource)
}

// internetGatewayOf returns a gateway. EC2 shows a list of attachments, and a gateway has at most one.
func internetGatewayOf(g types.InternetGateway) mirror.InternetGateway {
	noun := mirror.InternetGateway{ID: aws.ToString(g.InternetGatewayId), Tags: tagsOf(g.Tags)}
	for _, attached := range g.Attachments {
		if attached.State != types.AttachmentStatusDetached {
			noun.VPCID = aws.ToString(attached.VpcId)
		}
	}
	return noun
}
