package account

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

var targetSource = &source{
	kind: mirror.KindTarget, idField: ofTarget, isOwn: true,
	ask: func(ctx context.Context, api *operations, q question, options []func(*ec2.Options)) (answer, error) {
		out, err := api.describeTargets(ctx, &ec2.DescribeTrafficMirrorTargetsInput{
			TrafficMirrorTargetIds: q.ids, Filters: q.filters(), NextToken: q.token, MaxResults: q.size(),
		}, options...)
		if err != nil {
			return answer{}, err
		}
		page := answer{next: out.NextToken}
		for _, t := range out.TrafficMirrorTargets {
			page.add(t.TrafficMirrorTargetId, targetOf(t), t.Tags, nil)
		}
		return page, nil
	},
	value: func(noun any, condition string) (string, bool) {
		t, _ := noun.(mirror.Target)
		switch condition {
		case onInterface:
			return t.InterfaceID, true
		case onLoadBalancer:
			return t.LoadBalancerARN, true
		}
		return "", false
	},
}

// Target returns a target that the account owns or that is shared with it.
func (a *Account) Target(ctx context.Context, id string) (Tagged[mirror.Target], error) {
	return readOne[mirror.Target](ctx, a, targetSource, id)
}

// Targets lists the targets that match every condition, in the order of their IDs.
func (a *Account) Targets(ctx context.Context, where ...Where) ([]mirror.Target, error) {
	all, err := a.TaggedTargets(ctx, where...)
	return nouns(all), err
}

// TaggedTargets is Targets, with tags.
func (a *Account) TaggedTargets(ctx context.Context, where ...Where) ([]Tagged[mirror.Target], error) {
	all, err := readAll(ctx, a, targetSource, where)
	return taggedOf[mirror.Target](a, all), err
}

// CreateTarget creates a target.
func (a *Account) CreateTarget(ctx context.Context, target mirror.Target, tags map[string]string, token Token) (Tagged[mirror.Target], error) {
	a.beginWrite()
	out, err := a.ec2.createTarget(ctx, &ec2.CreateTrafficMirrorTargetInput{
		ClientToken:                   aws.String(string(token)),
		NetworkInterfaceId:            textRequest(target.InterfaceID),
		NetworkLoadBalancerArn:        textRequest(target.LoadBalancerARN),
		GatewayLoadBalancerEndpointId: textRequest(target.GatewayLoadBalancerEndpointID),
		Description:                   textRequest(target.Description),
		TagSpecifications:             tagRequest(mirror.KindTarget, tags),
	}, a.options...)
	if err != nil {
		return Tagged[mirror.Target]{}, err
	}
	created := Tagged[mirror.Target]{targetOf(*out.TrafficMirrorTarget), tagsOf(out.TrafficMirrorTarget.Tags)}
	a.written.create(mirror.KindTarget, created.Noun.ID, created.Noun, created.Tags)
	return created, nil
}

// DeleteTarget deletes a target, which may be gone already. created is when it was
// created, or the zero time if that is not known.
func (a *Account) DeleteTarget(ctx context.Context, id string, created time.Time) error {
	return a.deleteObject(ctx, mirror.KindTarget, id, created, func() error {
		_, err := a.ec2.deleteTarget(ctx, &ec2.DeleteTrafficMirrorTargetInput{TrafficMirrorTargetId: &id}, a.options...)
		return err
	})
}

func targetOf(t types.TrafficMirrorTarget) mirror.Target {
	return mirror.Target{
		ID:                            aws.ToString(t.TrafficMirrorTargetId),
		OwnerID:                       aws.ToString(t.OwnerId),
		InterfaceID:                   aws.ToString(t.NetworkInterfaceId),
		LoadBalancerARN:               aws.ToString(t.NetworkLoadBalancerArn),
		GatewayLoadBalancerEndpointID: aws.ToString(t.GatewayLoadBalancerEndpointId),
		Description:                   aws.ToString(t.Description),
	}
}
