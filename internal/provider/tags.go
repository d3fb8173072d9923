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
		MarkdownDescription: fmt.Sprintf("Tags, at most %d together with the provider's `default_tags`. They override `default_tags`. A key has 1 to %d characters and does not begin with `%s`. A value has at most %d characters. ",
			mirror.MaxTags, mirror.MaxTagKeyLength, mirror.ReservedTagPrefix, mirror.MaxTagValueLength) +
			"Default: none.",
	}
}

func tagsAllAttribute() schema.Attribute {
	return schema.MapAttribute{
		Computed:            true,
		ElementType:         types.StringType,
		MarkdownDescription: "All tags of the object, including the provider's `default_tags` and without its `ignore_tags`.",
	}
}

// checkTags checks the known tags.
func checkTags(tags types.Map) mirror.Problems {
	known := map[string]string{}
	for key, value := range tags.Elements() {
		known[key] = value.(types.String).ValueString()
	}
	return append(nullTags(tags), mirror.ValidateTags(known)...)
}

// nullTags returns the problems of tags whose value is null.
func nullTags(tags types.Map) mirror.Problems {
	var problems mirror.Problems
	for _, key := range slices.Sorted(maps.Keys(tags.Elements())) {
		if tags.Elements()[key].IsNull() {
			problems = append(problems, mirror.Problem{
				Kind: mirror.Missing, Field: fmt.Sprintf("tags[%q]", key), Wrong: "is null", Fix: "Write a string (\"\" for an empty value), or remove the key.",
			})
		}
	}
	return problems
}

// A tagPolicy has the settings of the provider block about tags.
type tagPolicy struct {
	defaults        types.Map // may be null, unknown or partly unknown
	ignoredKeys     []string
	ignoredPrefixes []string
}

// all returns all wanted tags of an object: its own tags and the default tags.
func (p tagPolicy) all(own types.Map) types.Map {
	if own.IsUnknown() || p.defaults.IsUnknown() {
		return types.MapUnknown(types.StringType)
	}
	all := map[string]attr.Value{}
	maps.Copy(all, p.defaults.Elements())
	maps.Copy(all, own.Elements())
	return types.MapValueMust(types.StringType, all)
}

// ignores reports whether a tag is ignored if the configuration does not set it.
func (p tagPolicy) ignores(key string) bool {
	hasPrefix := func(prefix string) bool { return strings.HasPrefix(key, prefix) }
	return mirror.IsReservedTag(key) || slices.Contains(p.ignoredKeys, key) || slices.ContainsFunc(p.ignoredPrefixes, hasPrefix)
}

// flatten splits the tags of an object into its own tags and all tags. A tag with the key
// of a default tag, now or before, is an own tag only if it was one before. After an import
// that is not known: then it is an own tag if its value differs from the default.
func (p tagPolicy) flatten(present map[string]string, own, all types.Map) (types.Map, types.Map) {
	owns, everything := map[string]attr.Value{}, map[string]attr.Value{}
	for key, text := range present {
		value := types.StringValue(text)
		_, wasOwn := own.Elements()[key]
		_, wasThere := all.Elements()[key]
		byDefault, isDefault := p.defaults.Elements()[key]
		isDefault = isDefault || p.defaults.IsUnknown() && wasThere
		if p.ignores(key) && !wasOwn && !isDefault {
			continue
		}
		everything[key] = value
		if wasOwn || !isDefault && !wasThere || all.IsNull() && !value.Equal(byDefault) {
			owns[key] = value
		}
	}
	tagsAll := types.MapValueMust(types.StringType, everything)
	if len(owns) == 0 && own.IsNull() {
		return types.MapNull(types.StringType), tagsAll
	}
	return types.MapValueMust(types.StringType, owns), tagsAll
}
