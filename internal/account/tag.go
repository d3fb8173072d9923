package account

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Retag changes the tags of an object to the wanted ones. It adds before it removes, so that
// a policy that requires a tag is met at all times.
func (a *Account) Retag(ctx context.Context, kind mirror.Kind, id string, present, wanted map[string]string) error {
	changed, removed := TagChanges(present, wanted)
	if err := a.SetTags(ctx, kind, id, changed); err != nil {
		return err
	}
	return a.RemoveTags(ctx, kind, id, removed)
}

// TagChanges returns the tags to set, and the keys of those to remove in the order of
// the alphabet.
func TagChanges(present, wanted map[string]string) (changed map[string]string, removed []string) {
	changed = map[string]string{}
	for key, value := range wanted {
		if old, found := present[key]; !found || value != old {
			changed[key] = value
		}
	}
	for _, key := range slices.Sorted(maps.Keys(present)) {
		if _, kept := wanted[key]; !kept {
			removed = append(removed, key)
		}
	}
	return changed, removed
}

// SetTags sets tags of an object. Without tags it makes no call.
func (a *Account) SetTags(ctx context.Context, kind mirror.Kind, id string, tags map[string]string) error {
	if len(tags) == 0 {
		return nil
	}
	a.beginWrite()
	err := a.untilVisible(ctx, func() error {
		_, err := a.ec2.createTags(ctx, &ec2.CreateTagsInput{Resources: []string{id}, Tags: tagList(tags)}, a.options...)
		return err
	}, id)
	if err == nil {
		a.written.setTags(kind, id, tags)
	}
	return err
}

// RemoveTags removes tags of an object. Without tags it makes no call.
func (a *Account) RemoveTags(ctx context.Context, kind mirror.Kind, id string, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	tags := make([]types.Tag, len(keys))
	for i, key := range keys {
		tags[i] = types.Tag{Key: aws.String(key)}
	}
	a.beginWrite()
	_, err := a.ec2.deleteTags(ctx, &ec2.DeleteTagsInput{Resources: []string{id}, Tags: tags}, a.options...)
	if err == nil {
		a.written.removeTags(kind, id, keys)
	}
	return err
}

// tagRequest asks for tags on an object that is created.
func tagRequest(kind mirror.Kind, tags map[string]string) []types.TagSpecification {
	if len(tags) == 0 {
		return nil
	}
	return []types.TagSpecification{{ResourceType: types.ResourceType(kind.Resource), Tags: tagList(tags)}}
}

// tagList sorts by key, so that equal tags make equal requests.
func tagList(tags map[string]string) []types.Tag {
	list := make([]types.Tag, 0, len(tags))
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, types.Tag{Key: aws.String(key), Value: aws.String(tags[key])})
	}
	return list
}

// tagsOf returns tags as a map, never nil.
func tagsOf(tags []types.Tag) map[string]string {
	m := make(map[string]string, len(tags))
	for _, t := range tags {
		m[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return m
}
