package provider

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// The maps of assertions.
const (
	neverMirror  = "never_mirror"
	alwaysMirror = "always_mirror"
)

var spaceTypes = map[string]attr.Type{
	"traffic_direction":      types.StringType,
	"protocol":               protocolType{},
	"source_cidr_block":      cidrType{},
	"destination_cidr_block": cidrType{},
	"source_port_range":      types.ObjectType{AttrTypes: portRangeTypes},
	"destination_port_range": types.ObjectType{AttrTypes: portRangeTypes},
}

var assertionTypes = map[string]attr.Type{
	neverMirror:  types.MapType{ElemType: types.ObjectType{AttrTypes: spaceTypes}},
	alwaysMirror: types.MapType{ElemType: types.ObjectType{AttrTypes: spaceTypes}},
}

func assertionsAttribute() schema.Attribute {
	spaces := func(text string) schema.Attribute {
		return schema.MapNestedAttribute{
			Optional:            true,
			NestedObject:        schema.NestedAttributeObject{Attributes: spaceAttributes()},
			MarkdownDescription: text + " Keyed by a name for messages. Each value is a set of packets; what is left out means all: `{}` is every packet of both directions, IPv4 and IPv6. Default: none.",
		}
	}
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "What must be true of every packet of a set, not of a sample. A plan proves it, or refuses the change and shows a packet that breaks it and the rule that decides about this packet. " +
			"An assertion that is broken without a change of the filter is a warning. With `trafficmirror_filter_rule` it is a warning too, because the plan may still change other rules. " +
			"Assertions are only in the state: EC2 does not know them. See [What a plan checks](../guides/plan.md#assertions). Default: none.",
		Attributes: map[string]schema.Attribute{
			neverMirror:  spaces("Packets that the filter never mirrors."),
			alwaysMirror: spaces("Packets that the filter always mirrors. Packets that EC2 never mirrors (DHCP, instance metadata, Amazon Time Sync Service, Windows activation) do not count."),
		},
	}
}

// expandAssertions returns the assertions of a filter, and the problems of the values that are
// known. known is whether it is known which assertions there are.
func expandAssertions(value types.Object) (all []check.Assertion, known bool, problems mirror.Problems) {
	known = !value.IsUnknown()
	if values := value.Attributes(); known && !value.IsNull() && values[neverMirror].IsNull() && values[alwaysMirror].IsNull() {
		problems = mirror.Problems{{
			Kind: mirror.Missing, Field: check.AssertionsField, Wrong: "sets neither never_mirror nor always_mirror",
			Fix: "Set one of them, or leave assertions out. Check the spelling: Terraform ignores an unknown name here without a message.",
		}}
	}
	for _, kind := range []string{neverMirror, alwaysMirror} {
		spaces, isMap := value.Attributes()[kind].(types.Map)
		if !isMap {
			continue
		}
		known = known && !spaces.IsUnknown()
		elements := spaces.Elements()
		for _, name := range slices.Sorted(maps.Keys(elements)) {
			a, found := expandAssertion(kind, name, elements[name].(types.Object))
			problems = append(problems, found.Below(check.AssertionsField+"."+a.Name)...)
			all = append(all, a)
		}
	}
	return all, known, problems
}

func expandAssertion(kind, name string, element types.Object) (check.Assertion, mirror.Problems) {
	a := check.Assertion{Name: fmt.Sprintf("%s[%q]", kind, name), Never: kind == neverMirror}
	switch {
	case element.IsNull():
		return a, mirror.Problems{{Kind: mirror.Missing, Wrong: "is null", Fix: "Write a set of packets, such as { protocol = \"tcp\" }, or leave the name out."}}
	case element.IsUnknown():
		return a, nil
	}
	space, problems := spaceOf(element).expand()
	a.Space, a.IsKnown = space, isFullyKnown(element) && problems.Err() == nil
	return a, problems
}

func spaceOf(o types.Object) spaceModel {
	values := o.Attributes()
	return spaceModel{
		TrafficDirection:     values["traffic_direction"].(types.String),
		Protocol:             values["protocol"].(protocolValue),
		SourceCIDRBlock:      values["source_cidr_block"].(cidrValue),
		DestinationCIDRBlock: values["destination_cidr_block"].(cidrValue),
		SourcePortRange:      values["source_port_range"].(types.Object),
		DestinationPortRange: values["destination_port_range"].(types.Object),
	}
}

// assertionsOf returns assertions as a value of the state. The zero value has no types.
func assertionsOf(prior types.Object) types.Object {
	if prior.IsNull() {
		return types.ObjectNull(assertionTypes)
	}
	return prior
}
