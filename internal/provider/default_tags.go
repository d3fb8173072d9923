package provider

import (
	"context"
	"maps"
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The environment variables of provider "aws" that add to the blocks.
const (
	defaultTagsEnv     = "TF_AWS_DEFAULT_TAGS_"
	ignoredKeysEnv     = "TF_AWS_IGNORE_TAGS_KEYS"
	ignoredPrefixesEnv = "TF_AWS_IGNORE_TAGS_KEY_PREFIXES"
)

// checkDefaultTags checks the known default tags. The path of a problem ends at the map,
// as for every map whose keys the user chooses (see attributePath).
func checkDefaultTags(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) {
	at := path.Root("default_tags").AtListIndex(0).AtName("tags")
	var tags types.Map
	diags.Append(config.GetAttribute(ctx, at, &tags)...)
	for _, p := range checkTags(tags) {
		reportAt(diags, at, "Invalid default tags", p)
	}
}

// tagPolicy returns the settings of the blocks default_tags and ignore_tags and of the
// environment.
func (m providerModel) tagPolicy() tagPolicy {
	policy := tagPolicy{
		ignoredKeys:     listed(ignoredKeysEnv),
		ignoredPrefixes: listed(ignoredPrefixesEnv),
	}
	for _, block := range m.IgnoreTags {
		policy.ignoredKeys = append(policy.ignoredKeys, texts(block.Keys)...)
		policy.ignoredPrefixes = append(policy.ignoredPrefixes, texts(block.KeyPrefixes)...)
	}
	defaults := map[string]attr.Value{}
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		if key, found := strings.CutPrefix(name, defaultTagsEnv); found && key != "" {
			defaults[key] = types.StringValue(value)
		}
	}
	for _, block := range m.DefaultTags.Elements() {
		tags, isKnown := block.(types.Object).Attributes()["tags"].(types.Map)
		if !isKnown || tags.IsUnknown() {
			policy.defaults = types.MapUnknown(types.StringType)
			return policy
		}
		maps.Copy(defaults, tags.Elements())
	}
	policy.defaults = types.MapValueMust(types.StringType, defaults)
	return policy
}

func listed(variable string) []string {
	var values []string
	for value := range strings.SplitSeq(os.Getenv(variable), ",") {
		if value = strings.TrimSpace(value); value != "" {
			values = append(values, value)
		}
	}
	return values
}
