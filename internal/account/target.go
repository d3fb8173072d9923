package account

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Target returns a target that the account owns or that is shared with it.
func (a *Account) Target(ctx context.Context, id string) (Tagged[mirror.Target], error) {
	out, err := a.ec2.describeTargets(ctx, &ec2.DescribeTrafficMirrorTargetsInput{TrafficMirrorTargetIds: []string{id}}, a.options...)
	if err != nil && !IsNotFound(err) {
		return Tagged[mirror.Target]{}, err
	}
	var found types.TrafficMirrorTarget
	if err == nil {
		found, _ = withID(out.TrafficMirrorTargets, id, func(t types.TrafficMirrorTarget) *string { return t.TrafficMirrorTargetId })
	}
	target, exists := correctOne(a.written, id, targetOf(found), found.TrafficMirrorTargetId != nil)
	return tagged(a, mirror.KindTarget, id, target, found.Tags, exists)
}

// Targets lists the targets that match every condition, in the order of their IDs.
func (a *Account) Targets(ctx context.Context, where ...Where) ([]mirror.Target, error) {
	var targets []mirror.Target
	err := pages(func(token *string) (*string, error) {
		out, err := a.ec2.describeTargets(ctx, &ec2.DescribeTrafficMirrorTargetsInput{Filters: filtersOf(where), NextToken: token}, a.options...)
		if err != nil {
			return nil, err
		}
		for _, t := range out.TrafficMirrorTargets {
			targets = append(targets, targetOf(t))
		}
		return out.NextToken, nil
	})
	if err != nil {
		return nil, err
	}
	targets = correctAll(a.written, mirror.KindTarget, targets, targetID, func(t mirror.Target) bool {
		return matches(where, map[string]string{
			"traffic-mirror-target-id": t.ID, "network-interface-id": t.InterfaceID, "network-load-balancer-arn": t.LoadBalancerARN,
		})
	})
	slices.SortFunc(targets, func(x, y mirror.Target) int { return cmp.Compare(x.ID, y.ID) })
	return targets, nil
}

func targetID(t mirror.Target) string { return t.ID }

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
	a.written.set(mirror.KindTarget, created.Noun.ID, created.Noun)
	a.written.setTags(mirror.KindTarget, created.Noun.ID, created.Tags)
	return created, nil
}

// DeleteTarget deletes a target, which may be gone already. created is when it was
// created, as far as that is known.
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

// withID returns the item that has an ID.
func withID[Item any](items []Item, id string, idOf func(Item) *string) (Item, bool) {
	i := slices.IndexFunc(items, func(item Item) bool { return aws.ToString(idOf(item)) == id })
	if i < 0 {
		var none Item
		return none, false
	}
	return items[i], true
}

// tagged ends the read of one object.
func tagged[N any](a *Account, kind mirror.Kind, id string, noun N, tags []types.Tag, exists bool) (Tagged[N], error) {
	if !exists {
		return Tagged[N]{}, &NotFoundError{kind, id}
	}
	return Tagged[N]{noun, a.written.correctTags(id, tagsOf(tags))}, nil
}
