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

// Target returns a target that the account owns or that is shared with it.
func (a *Account) Target(ctx context.Context, id string) (Tagged[mirror.Target], error) {
	out, err := a.ec2.describeTargets(ctx, &ec2.DescribeTrafficMirrorTargetsInput{TrafficMirrorTargetIds: []string{id}}, a.options...)
	if err != nil {
		out = &ec2.DescribeTrafficMirrorTargetsOutput{}
	}
	return one(a, mirror.KindTarget, id, out.TrafficMirrorTargets, err, func(t types.TrafficMirrorTarget) (mirror.Target, string, []types.Tag, error) {
		return targetOf(t), aws.ToString(t.TrafficMirrorTargetId), t.Tags, nil
	})
}

// Targets lists the targets that match every condition, in the order of their IDs.
func (a *Account) Targets(ctx context.Context, where ...Where) ([]mirror.Target, error) {
	all, err := a.TaggedTargets(ctx, where...)
	return nouns(all), err
}

// TaggedTargets is Targets, with tags.
func (a *Account) TaggedTargets(ctx context.Context, where ...Where) ([]Tagged[mirror.Target], error) {
	var targets []mirror.Target
	tags := map[string][]types.Tag{}
	err := pages(func(token *string) (*string, error) {
		out, err := a.ec2.describeTargets(ctx, &ec2.DescribeTrafficMirrorTargetsInput{Filters: filtersOf(where), NextToken: token}, a.options...)
		if err != nil {
			return nil, err
		}
		for _, t := range out.TrafficMirrorTargets {
			targets = append(targets, targetOf(t))
			tags[aws.ToString(t.TrafficMirrorTargetId)] = t.Tags
		}
		return out.NextToken, nil
	})
	if err != nil {
		return nil, err
	}
	targets = correctAll(a.written, mirror.KindTarget, targets, func(t mirror.Target) string { return t.ID }, func(t mirror.Target) bool {
		return matches(where, map[string]string{
			"traffic-mirror-target-id": t.ID, "network-interface-id": t.InterfaceID, "network-load-balancer-arn": t.LoadBalancerARN,
		})
	})
	sort.Slice(targets, func(i, j int) bool { return targets[i].ID < targets[j].ID })
	return tagged(a, targets, tags, func(t mirror.Target) string { return t.ID }), nil
}

// CreateTarget creates a target.
func (a *Account) CreateTarget(ctx context.Context, target mirror.Target, tags map[string]string, token Token) (Tagged[mirror.Target], error) {
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
