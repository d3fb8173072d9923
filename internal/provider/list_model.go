package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// listModel is what a list block has in its block config.
type listModel struct {
	Region              types.String `tfsdk:"region"`
	NetworkInterfaceIDs types.List   `tfsdk:"network_interface_ids"`
	VPCIDs              types.List   `tfsdk:"vpc_ids"`
	TargetIDs           types.List   `tfsdk:"traffic_mirror_target_ids"`
	FilterIDs           types.List   `tfsdk:"traffic_mirror_filter_ids"`
	Tags                types.Map    `tfsdk:"tags"`
	Unmanaged           types.Bool   `tfsdk:"unmanaged"`
	ManagedByTag        types.Object `tfsdk:"managed_by_tag"`
	Idle                types.Bool   `tfsdk:"idle"`
}

// filterListModel is that of filters.
type filterListModel struct {
	listModel
	SeparateRules types.Bool `tfsdk:"separate_rules"`
}

// readListBlock reads the block config of a kind.
func readListBlock(ctx context.Context, kind mirror.Kind, config tfsdk.Config, diags *diag.Diagnostics) filterListModel {
	var m filterListModel
	if kind == mirror.KindFilter {
		diags.Append(config.Get(ctx, &m)...)
	} else {
		diags.Append(config.Get(ctx, &m.listModel)...)
	}
	return m
}

// query returns the conditions, and the problems of the values that are known.
func (m listModel) query() (inventory.Query, mirror.Problems) {
	var r reader
	isKnown := func(field string, value attr.Value) bool {
		if !isFullyKnown(value) {
			r.markUnknown(field)
			return false
		}
		return !value.IsNull()
	}
	ids := func(field string, list types.List) []string {
		if !isKnown(field, list) {
			return nil
		}
		return append([]string{}, texts(list)...) // empty is not nil: it admits nothing
	}
	q := inventory.Query{
		InterfaceIDs: ids("network_interface_ids", m.NetworkInterfaceIDs),
		VPCIDs:       ids("vpc_ids", m.VPCIDs),
		TargetIDs:    ids("traffic_mirror_target_ids", m.TargetIDs),
		FilterIDs:    ids("traffic_mirror_filter_ids", m.FilterIDs),
		Unmanaged:    isKnown("unmanaged", m.Unmanaged) && m.Unmanaged.ValueBool(),
		Idle:         isKnown("idle", m.Idle) && m.Idle.ValueBool(),
	}
	if isKnown("tags", m.Tags) {
		q.Tags = textMap(m.Tags)
		r.problems = append(r.problems, nullTags("tags", m.Tags)...)
	}
	if isKnown("managed_by_tag", m.ManagedByTag) {
		q.ManagedBy = managedBy(m.ManagedByTag)
	}
	return q, r.check(q.Validate())
}

func managedBy(tag types.Object) *inventory.Managed {
	key, _ := tag.Attributes()["key"].(types.String)
	value, _ := tag.Attributes()["value"].(types.String)
	return &inventory.Managed{TagKey: key.ValueString(), TagValue: value.ValueStringPointer()}
}

// listTexts words the pages of the kinds. users is what an object meets a condition on
// sessions by.
var listTexts = map[mirror.Kind]struct{ about, users, idle string }{
	mirror.KindTarget: {
		"Lists the traffic mirror targets that this account owns.", "Only targets that a session%s uses.", "Only targets that no session uses.",
	},
	mirror.KindFilter: {
		"Lists traffic mirror filters, with their rules.", "Only filters that a session%s uses.", "Only filters that no session uses.",
	},
	mirror.KindFilterRule: {
		"Lists the rules of traffic mirror filters, as separate resources. A filter whose rules you list here needs `separate_rules = true` in its own list.",
		"Only rules of filters that a session%s uses.", "Only rules of filters that no session uses.",
	},
	mirror.KindSession: {
		"Lists the traffic mirror sessions that this account owns.", "Only sessions%s.", "Only sessions that cost money and do nothing. What EC2 does not show is not counted.",
	},
}

// idleReasons are the reasons why a session does nothing.
func idleReasons() bulletList {
	var reasons bulletList
	for _, r := range inventory.IdleReasons {
		reasons = reasons.with(string(r.Reason), r.Meaning)
	}
	return reasons
}

const listText = " `terraform query -generate-config-out=FILE` (Terraform 1.14) writes `import` blocks and a configuration for them whose plan changes nothing.\n\n" +
	"An object is listed if it meets every condition. An empty list of IDs matches nothing. `limit` is beside `config` and not in it. Without it, Terraform shows at most 100 results."

// listAttributes are the arguments of the block. Both schema packages have the same
// attributes.
func listAttributes(kind mirror.Kind) map[string]schema.Attribute {
	words := listTexts[kind]
	ids := func(text string) schema.Attribute {
		return schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: text + " Default: any."}
	}
	flag := func(text string) schema.Attribute {
		return schema.BoolAttribute{Optional: true, MarkdownDescription: text + " Default: `false`."}
	}
	text := func(text string, required bool) schema.Attribute {
		return schema.StringAttribute{Optional: !required, Required: required, MarkdownDescription: text}
	}
	bySession := func(which string) string { return strings.Replace(words.users, "%s", which, 1) }
	attributes := map[string]schema.Attribute{
		"region":                    text(regionArgument.text, false),
		"network_interface_ids":     ids(bySession(" of these network interfaces")),
		"vpc_ids":                   ids(bySession(" of network interfaces in these VPCs")),
		"traffic_mirror_target_ids": ids(bySession(" with these targets")),
		"traffic_mirror_filter_ids": ids(bySession(" with these filters")),
		"tags":                      schema.MapAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Only objects with all of these tags. Default: any."},
		"unmanaged":                 flag("Only objects that no configuration manages: those without `managed_by_tag`, which is then required."),
		"managed_by_tag": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Tag that your configurations set on each of their objects, for example in `default_tags`. Default: none.",
			Attributes: map[string]schema.Attribute{
				"key":   text("Key of the tag.", true),
				"value": text("Value of the tag. Default: any value.", false),
			},
		},
		"idle": flag(words.idle),
	}
	switch kind {
	case mirror.KindSession:
		attributes["idle"] = schema.BoolAttribute{Optional: true, MarkdownDescription: words.idle + " Default: `false`. The reasons:" + string(idleReasons())}
	case mirror.KindTarget:
		attributes["traffic_mirror_target_ids"] = ids("Only these targets.")
	case mirror.KindFilter:
		attributes["traffic_mirror_filter_ids"] = ids("Only these filters.")
		attributes["separate_rules"] = flag("Whether to leave out `ingress_rules` and `egress_rules`, because you import the rules as `trafficmirror_filter_rule`.")
	case mirror.KindFilterRule:
		attributes["traffic_mirror_filter_ids"] = ids("Only rules of these filters.")
	}
	return attributes
}
