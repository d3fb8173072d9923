package provider

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

func tagsAttribute() schema.Attribute {
	return schema.MapAttribute{
		Optional:    true,
		ElementType: types.StringType,
		MarkdownDescription: "Tags, at most 50: keys of 1 to 128 characters that do not begin with `aws:`, values of at most 256 characters. " +
			"None if left out.",
	}
}

// checkTags checks the tags that are known.
func checkTags(tags types.Map) mirror.Problems {
	known := map[string]string{}
	for key, element := range tags.Elements() {
		known[key] = element.(types.String).ValueString()
	}
	return mirror.ValidateTags(known)
}

// tagRequest asks for tags on an object that is created.
func tagRequest(kind mirror.Kind, tags map[string]string) []ec2types.TagSpecification {
	if len(tags) == 0 {
		return nil
	}
	return []ec2types.TagSpecification{{ResourceType: ec2types.ResourceType(kind.Resource), Tags: tagList(tags)}}
}

// tagList sorts by key, so that equal tags make equal requests.
func tagList(tags map[string]string) []ec2types.Tag {
	list := make([]ec2types.Tag, 0, len(tags))
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, ec2types.Tag{Key: aws.String(key), Value: aws.String(tags[key])})
	}
	return list
}

// retag makes the tags of an object those that are wanted. It adds first: a
// policy that demands a tag is satisfied throughout.
func (c *Client) retag(ctx context.Context, id string, present, wanted map[string]string) error {
	changed, gone := map[string]string{}, []ec2types.Tag(nil)
	for key, value := range wanted {
		if old, found := present[key]; !found || old != value {
			changed[key] = value
		}
	}
	for _, key := range slices.Sorted(maps.Keys(present)) {
		if _, kept := wanted[key]; !kept {
			gone = append(gone, ec2types.Tag{Key: aws.String(key)})
		}
	}
	if len(changed) > 0 {
		if _, err := c.createTags(ctx, &ec2.CreateTagsInput{Resources: []string{id}, Tags: tagList(changed)}); err != nil {
			return err
		}
	}
	if len(gone) > 0 {
		_, err := c.deleteTags(ctx, &ec2.DeleteTagsInput{Resources: []string{id}, Tags: gone})
		return err
	}
	return nil
}

// flattenTags returns the tags of an object. An empty map that was written as
// such stays one.
func flattenTags(tags map[string]string, prior types.Map) types.Map {
	if len(tags) == 0 && prior.IsNull() {
		return types.MapNull(types.StringType)
	}
	elements := make(map[string]attr.Value, len(tags))
	for key, value := range tags {
		elements[key] = types.StringValue(value)
	}
	return types.MapValueMust(types.StringType, elements)
}
