package account

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

var endpointServiceSource = &source{
	kind: mirror.KindEndpointService, idField: "service-id",
	ask: func(ctx context.Context, api *operations, q question, options []func(*ec2.Options)) (answer, error) {
		out, err := api.describeServices(ctx, &ec2.DescribeVpcEndpointServiceConfigurationsInput{
			ServiceIds: q.ids, Filters: q.filters(), NextToken: q.token, MaxResults: q.size(),
		}, options...)
		if err != nil {
			return answer{}, err
		}
		page := answer{next: out.NextToken}
		for _, s := range out.ServiceConfigurations {
			page.add(s.ServiceId, endpointServiceOf(s), nil, nil)
		}
		return page, nil
	},
	value: noCondition,
}

// EndpointServices lists the VPC endpoint services of this account with the principals that may
// use them, in the order of their IDs. If the credentials may not read the principals, they
// are nil, and otherwise not. A service that is deleted meanwhile is not there.
func (a *Account) EndpointServices(ctx context.Context) ([]mirror.EndpointService, error) {
	all, err := listAll[mirror.EndpointService](ctx, a, endpointServiceSource)
	if err != nil {
		return nil, err
	}
	var left []mirror.EndpointService
	for i, service := range all {
		service.AllowedPrincipals, err = a.allowedPrincipals(ctx, service.ID)
		switch {
		case IsDenied(err):
			return append(left, all[i:]...), nil
		case IsNotFound(err):
			continue
		case err != nil:
			return nil, err
		}
		left = append(left, service)
	}
	return left, nil
}

// allowedPrincipals returns the ARNs of the principals that may use an endpoint service.
func (a *Account) allowedPrincipals(ctx context.Context, service string) ([]string, error) {
	arns := []string{}
	for in := (&ec2.DescribeVpcEndpointServicePermissionsInput{ServiceId: &service}); ; {
		out, err := a.ec2.describeServicePermissions(ctx, in, a.options...)
		if err != nil {
			return nil, err
		}
		for _, p := range out.AllowedPrincipals {
			arns = append(arns, aws.ToString(p.Principal))
		}
		if in.NextToken = out.NextToken; aws.ToString(in.NextToken) == "" {
			slices.Sort(arns)
			return arns, nil
		}
	}
}

func endpointServiceOf(s types.ServiceConfiguration) mirror.EndpointService {
	return mirror.EndpointService{
		ID: aws.ToString(s.ServiceId), Name: aws.ToString(s.ServiceName), State: knownState(string(s.ServiceState), mirror.ServiceStates), AcceptanceRequired: aws.ToBool(s.AcceptanceRequired),
		GatewayBalancers: s.GatewayLoadBalancerArns, NetworkBalancers: s.NetworkLoadBalancerArns, Tags: tagsOf(s.Tags),
	}
}
