package provider

import (
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
)

// selectionTexts describe the conditions of a selection of network interfaces, by
// inventory.SelectionFields.
var selectionTexts = map[string]string{
	"network_interface_ids":    "IDs of network interfaces, `eni-...`.",
	"vpc_ids":                  "IDs of VPCs, `vpc-...`.",
	"subnet_ids":               "IDs of subnets, `subnet-...`.",
	"security_group_ids":       "IDs of security groups, `sg-...`. An interface matches if it has one of them.",
	"instance_ids":             "IDs of EC2 instances, `i-...`. The interfaces that are attached to them match.",
	"auto_scaling_group_names": "Names of Auto Scaling groups. The interfaces of their instances match. The instances are found by the tag `" + inventory.AutoScalingGroupTag + "`, which Amazon EC2 Auto Scaling sets.",
	"load_balancer_arns": "ARNs of load balancers. The interfaces of the load balancers themselves match, which are found by their description. The instances behind a load balancer do not match: EC2 does not know them. " +
		"Select them by the Auto Scaling group, the security group or the tags that they have in common.",
	"tags":          "List of maps of tags of the interface. An interface matches a map if it has all of its tags, and matches the list if it matches one of the maps: `[{ role = \"web\", env = \"prod\" }, { role = \"api\" }]`.",
	"instance_tags": "The same as `tags`, for the tags of the instance that the interface is attached to.",
}

// selectionAttributes are the arguments of a selection of network interfaces.
func selectionAttributes() map[string]schema.Attribute {
	attributes := conditionAttributes()
	attributes["exclude"] = schema.ListNestedAttribute{
		Optional:     true,
		NestedObject: schema.NestedAttributeObject{Attributes: conditionAttributes()},
		MarkdownDescription: "Exclusions: network interfaces that one of them matches are left out. An exclusion has the same arguments as the selection, and an interface must match all of them. " +
			"So `[{ tags = [{ mirror = \"no\" }] }, { subnet_ids = [\"subnet-...\"] }]` leaves out the interfaces with the tag and those in the subnet. Default: none.",
	}
	return attributes
}

func conditionAttributes() map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{
		"all": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "`true` selects every network interface of the Region. Set this, or at least one condition. Default: `false`.",
		},
		"interfaces": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Which interfaces to take: `all`, `attached` (those that are attached to an instance), or `primary` (the primary interface of each instance). Default: `all`, so that no traffic is missed. " +
				"AWS charges for a session on an interface that is attached to nothing, too.",
		},
	}
	for _, name := range inventory.SelectionFields {
		text := selectionTexts[name] + " Default: any."
		if name == "tags" || name == "instance_tags" {
			attributes[name] = schema.ListAttribute{Optional: true, ElementType: types.MapType{ElemType: types.StringType}, MarkdownDescription: text}
			continue
		}
		attributes[name] = schema.SetAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: text}
	}
	return attributes
}

// A selectionReader reads the arguments of a selection of network interfaces. What is not known
// yet is marked as unknown.
type selectionReader struct{ *reader }

func (r selectionReader) selection(attributes map[string]attr.Value) inventory.Selection {
	s := r.conditions("", attributes)
	exclude := attributes["exclude"].(types.List)
	if !r.isKnown("exclude", exclude) {
		return s
	}
	for i, element := range exclude.Elements() {
		field := fmt.Sprintf("exclude[%d]", i)
		excluded := inventory.Selection{}
		if r.isKnown(field, element) {
			excluded = r.conditions(field+".", element.(types.Object).Attributes())
		}
		s.Exclude = append(s.Exclude, excluded)
	}
	return s
}

// conditions reads a selection without its exclusions. within is before the names of its
// fields.
func (r selectionReader) conditions(within string, attributes map[string]attr.Value) inventory.Selection {
	texts := func(name string) []string { return r.texts(within+name, attributes[name].(types.Set)) }
	all := attributes["all"].(types.Bool)
	r.isKnown(within+"all", all)
	return inventory.Selection{
		All:                   all.ValueBool(),
		InterfaceIDs:          texts("network_interface_ids"),
		VPCIDs:                texts("vpc_ids"),
		SubnetIDs:             texts("subnet_ids"),
		SecurityGroupIDs:      texts("security_group_ids"),
		InstanceIDs:           texts("instance_ids"),
		AutoScalingGroupNames: texts("auto_scaling_group_names"),
		LoadBalancerARNs:      texts("load_balancer_arns"),
		Tags:                  r.tagMaps(within+"tags", attributes["tags"].(types.List)),
		InstanceTags:          r.tagMaps(within+"instance_tags", attributes["instance_tags"].(types.List)),
		Interfaces:            inventory.Interfaces(r.text(within+"interfaces", attributes["interfaces"].(types.String))),
	}
}

// texts reads a set of texts: nil if it is not set, and not nil if it is empty.
func (r selectionReader) texts(field string, value types.Set) []string {
	if !r.isKnown(field, value) {
		return nil
	}
	texts := []string{}
	for i, element := range value.Elements() {
		texts = append(texts, r.text(fmt.Sprintf("%s[%d]", field, i), element.(types.String)))
	}
	return texts
}

// tagMaps reads a list of maps of tags: nil if it is not set, and not nil if it is empty.
func (r selectionReader) tagMaps(field string, value types.List) []map[string]string {
	if !r.isKnown(field, value) {
		return nil
	}
	all := []map[string]string{}
	for i, element := range value.Elements() {
		all = append(all, r.tagMap(fmt.Sprintf("%s[%d]", field, i), element.(types.Map)))
	}
	return all
}

// tagMap reads a map of tags: nil if it is not set, and not nil if it is empty.
func (r selectionReader) tagMap(field string, value types.Map) map[string]string {
	if !r.isKnown(field, value) {
		return nil
	}
	tags := map[string]string{}
	r.problems = append(r.problems, nullTags(field, value)...)
	for key, element := range value.Elements() {
		tags[key] = r.text(fmt.Sprintf("%s[%q]", field, key), element.(types.String))
	}
	return tags
}

// withSelection adds the arguments of a selection to attributes of a data source.
func withSelection(attributes map[string]schema.Attribute) map[string]schema.Attribute {
	maps.Copy(attributes, selectionAttributes())
	return attributes
}
