package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

func tagsAttribute() schema.Attribute {
	return schema.MapAttribute{
		Optional:    true,
		ElementType: types.StringType,
		MarkdownDescription: fmt.Sprintf("Tags, at most %d together with the provider's `default_tags`, over which they win: keys of 1 to %d characters that do not begin with `%s`, values of at most %d characters. ",
			mirror.MaxTags, mirror.MaxTagKeyLength, mirror.ReservedTagPrefix, mirror.MaxTagValueLength) +
			"None if left out.",
	}
}

func tagsAllAttribute() schema.Attribute {
	return schema.MapAttribute{
		Computed:            true,
		ElementType:         types.StringType,
		MarkdownDescription: "All tags of the object, those of the provider's `default_tags` included and those of its `ignore_tags` left out.",
	}
}

// checkTags checks the tags that are known.
func checkTags(tags types.Map) mirror.Problems {
	known := map[string]string{}
	var problems mirror.Problems
	for _, key := range slices.Sorted(maps.Keys(tags.Elements())) {
		value := tags.Elements()[key].(types.String)
		known[key] = value.ValueString()
		if value.IsNull() {
			problems = append(problems, mirror.Problem{
				Kind: mirror.Missing, Field: fmt.Sprintf("tags[%q]", key), Wrong: "is null", Fix: "Write a text, \"\" for none, or leave the key out.",
			})
		}
	}
	return append(problems, mirror.ValidateTags(known)...)
}

// A tagPolicy is what the provider block says about tags.
type tagPolicy struct {
	defaults        types.Map // null, or unknown as a whole or in part
	ignoredKeys     []string
	ignoredPrefixes []string
}

// all returns the tags that an object with these tags of its own shall have.
func (p tagPolicy) all(own types.Map) types.Map {
	if own.IsUnknown() || p.defaults.IsUnknown() {
		return types.MapUnknown(types.StringType)
	}
	all := map[string]attr.Value{}
	maps.Copy(all, p.defaults.Elements())
	maps.Copy(all, own.Elements())
	return types.MapValueMust(types.StringType, all)
}

// ignores reports whether a tag is left alone that the configuration does not set.
func (p tagPolicy) ignores(key string) bool {
	hasPrefix := func(prefix string) bool { return strings.HasPrefix(key, prefix) }
	return mirror.IsReservedTag(key) || slices.Contains(p.ignoredKeys, key) || slices.ContainsFunc(p.ignoredPrefixes, hasPrefix)
}

// flatten splits the tags of an object into its own and all of them. A default tag
// is one of its own only where it was one before; before an import, nothing is
// known of that, and its value must tell.
func (p tagPolicy) flatten(present map[string]string, own, all types.Map) (types.Map, types.Map) {
	owns, everything := map[string]attr.Value{}, map[string]attr.Value{}
	for key, text := range present {
		value := types.StringValue(text)
		_, wasOwn := own.Elements()[key]
		byDefault, isDefault := p.defaults.Elements()[key]
		if p.ignores(key) && !wasOwn && !isDefault {
			continue
		}
		everything[key] = value
		if wasOwn || !isDefault || all.IsNull() && !value.Equal(byDefault) {
			owns[key] = value
		}
	}
	tagsAll := types.MapValueMust(types.StringType, everything)
	if len(owns) == 0 && own.IsNull() {
		return types.MapNull(types.StringType), tagsAll
	}
	return types.MapValueMust(types.StringType, owns), tagsAll
}
