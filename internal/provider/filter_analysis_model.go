package provider

import (
	"reflect"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// givenFilterModel is a filter that a configuration gives: the ID of one in EC2, or its rules.
type givenFilterModel struct {
	ID              types.String `tfsdk:"traffic_mirror_filter_id"`
	NetworkServices types.Set    `tfsdk:"network_services"`
	IngressRules    types.Map    `tfsdk:"ingress_rules"`
	EgressRules     types.Map    `tfsdk:"egress_rules"`
}

// givenFilterAttributes are the attributes of a givenFilterModel.
func givenFilterAttributes() map[string]schema.Attribute {
	const instead = " Use it instead of `traffic_mirror_filter_id`. Default: none."
	rules := func(d mirror.Direction) schema.Attribute {
		return schema.MapNestedAttribute{
			Optional:            true,
			NestedObject:        schema.NestedAttributeObject{Attributes: ruleAttributes()},
			MarkdownDescription: "The " + string(d) + " rules of the filter by rule number, as in [`trafficmirror_filter`](../resources/filter.md)." + instead,
		}
	}
	return map[string]schema.Attribute{
		"traffic_mirror_filter_id": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "ID of a filter, `tmf-...`. Its rules are read from EC2. Set this, or the rules in place.",
		},
		"network_services": schema.SetAttribute{
			Optional:            true,
			ElementType:         types.StringType,
			MarkdownDescription: "The network services of the filter, such as `amazon-dns`." + instead,
		},
		check.RulesField(mirror.Ingress): rules(mirror.Ingress),
		check.RulesField(mirror.Egress):  rules(mirror.Egress),
	}
}

// rules returns the rule map of a direction.
func (m givenFilterModel) rules(d mirror.Direction) types.Map {
	if d == mirror.Egress {
		return m.EgressRules
	}
	return m.IngressRules
}

// expand returns the filter in place, and its problems. It has no rules if the filter is in
// EC2.
func (m givenFilterModel) expand() (mirror.Filter, mirror.Problems) {
	var r reader
	filter := mirror.Filter{ID: r.text("traffic_mirror_filter_id", m.ID)}
	inPlace := ""
	for _, one := range []struct {
		name  string
		value attr.Value
	}{{"network_services", m.NetworkServices}, {check.RulesField(mirror.Ingress), m.IngressRules}, {check.RulesField(mirror.Egress), m.EgressRules}} {
		if r.isKnown(one.name, one.value) {
			inPlace = one.name
		}
	}
	switch {
	case filter.ID != "" && inPlace != "":
		return filter, mirror.Problems{{
			Kind: mirror.Conflict, Field: inPlace, Wrong: "is set together with traffic_mirror_filter_id",
			Fix: "Set the ID of a filter in EC2, or its rules in place.",
		}}
	case filter.ID != "":
		return filter, mirror.KindFilter.Check("traffic_mirror_filter_id", filter.ID)
	case inPlace == "" && r.unknown == nil:
		return filter, mirror.Problems{{
			Kind: mirror.Missing, Field: "traffic_mirror_filter_id", Wrong: "is missing, and no rules are given in place",
			Fix: "Write the ID of a filter in EC2, or ingress_rules and egress_rules. The rules of a trafficmirror_filter are null if they are managed elsewhere: then write its ID.",
		}}
	}
	filter.NetworkServices = networkServices(m.NetworkServices)
	problems := filter.Validate()
	for _, d := range mirror.Directions {
		rules, found := expandRules(check.RulesField(d), d, m.rules(d))
		filter.Rules = append(filter.Rules, rules...)
		problems = append(problems, found...)
	}
	return filter, problems
}

// spaceModel is a space of packets.
type spaceModel struct {
	TrafficDirection     types.String  `tfsdk:"traffic_direction"`
	Protocol             protocolValue `tfsdk:"protocol"`
	SourceCIDRBlock      cidrValue     `tfsdk:"source_cidr_block"`
	DestinationCIDRBlock cidrValue     `tfsdk:"destination_cidr_block"`
	SourcePortRange      types.Object  `tfsdk:"source_port_range"`
	DestinationPortRange types.Object  `tfsdk:"destination_port_range"`
}

// spaceAttributes are the attributes of a spaceModel. All of them are optional, also for the
// framework, so that a space can be an element of a map (see ruleAttributes).
func spaceAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"traffic_direction": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "`ingress` or `egress`, seen from the mirror source. Default: both.",
		},
		"protocol": schema.StringAttribute{
			Optional:            true,
			CustomType:          protocolType{},
			PlanModifiers:       []planmodifier.String{keepEquivalent[protocolSemantics]{}},
			MarkdownDescription: protocolText,
		},
		"source_cidr_block": schema.StringAttribute{
			Optional:            true,
			CustomType:          cidrType{},
			PlanModifiers:       []planmodifier.String{keepEquivalent[cidrSemantics]{}},
			MarkdownDescription: "IPv4 or IPv6 CIDR block of the source address. Default: every address, IPv4 and IPv6.",
		},
		"destination_cidr_block": schema.StringAttribute{
			Optional:            true,
			CustomType:          cidrType{},
			PlanModifiers:       []planmodifier.String{keepEquivalent[cidrSemantics]{}},
			MarkdownDescription: "IPv4 or IPv6 CIDR block of the destination address. Default: every address, IPv4 and IPv6.",
		},
		"source_port_range":      portRangeAttribute("source"),
		"destination_port_range": portRangeAttribute("destination"),
	}
}

// expand returns the space, and the problems of the values that are known.
func (m spaceModel) expand() (mirror.Space, mirror.Problems) {
	var r reader
	space := mirror.Space{
		Direction:        mirror.Direction(r.text("traffic_direction", m.TrafficDirection)),
		Protocol:         r.protocol("protocol", m.Protocol),
		SourceCIDR:       r.prefix("source_cidr_block", m.SourceCIDRBlock),
		DestinationCIDR:  r.prefix("destination_cidr_block", m.DestinationCIDRBlock),
		SourcePorts:      r.ports("source_port_range", m.SourcePortRange),
		DestinationPorts: r.ports("destination_port_range", m.DestinationPortRange),
	}
	return space, r.check(space.Validate())
}

// resultAttributes describes the fields of a type of package analysis as attributes.
func resultAttributes(of reflect.Type) map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{}
	for _, f := range analysis.Fields(of) {
		doc := f.Doc
		if f.Values != nil {
			doc = strings.TrimSuffix(doc, ".") + ": `" + strings.Join(f.Values, "`, `") + "`."
		}
		attributes[f.Name] = resultAttribute(f.Type, doc)
	}
	return attributes
}

func resultAttribute(of reflect.Type, doc string) schema.Attribute {
	switch of.Kind() {
	case reflect.Pointer:
		return resultAttribute(of.Elem(), doc)
	case reflect.Struct:
		return schema.SingleNestedAttribute{Computed: true, MarkdownDescription: doc, Attributes: resultAttributes(of)}
	case reflect.Bool:
		return schema.BoolAttribute{Computed: true, MarkdownDescription: doc}
	case reflect.Int:
		return schema.Int64Attribute{Computed: true, MarkdownDescription: doc}
	case reflect.Slice:
		if of.Elem().Kind() == reflect.Struct {
			return schema.ListNestedAttribute{
				Computed: true, MarkdownDescription: doc, NestedObject: schema.NestedAttributeObject{Attributes: resultAttributes(of.Elem())},
			}
		}
		return schema.ListAttribute{Computed: true, MarkdownDescription: doc, ElementType: resultAttribute(of.Elem(), "").GetType()}
	}
	return schema.StringAttribute{Computed: true, MarkdownDescription: doc}
}

// resultValue returns a value of package analysis as the value of its attribute, which is of
// the type.
func resultValue(v reflect.Value, of attr.Type) attr.Value {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nullOf(of)
		}
		return resultValue(v.Elem(), of)
	case reflect.Struct:
		kinds, values := of.(types.ObjectType).AttrTypes, map[string]attr.Value{}
		for _, f := range analysis.Fields(v.Type()) {
			values[f.Name] = resultValue(v.FieldByIndex(f.Index), kinds[f.Name])
		}
		return types.ObjectValueMust(kinds, values)
	case reflect.Slice:
		if v.IsNil() {
			return nullOf(of)
		}
		kind, elements := of.(types.ListType).ElemType, make([]attr.Value, v.Len())
		for i := range elements {
			elements[i] = resultValue(v.Index(i), kind)
		}
		return types.ListValueMust(kind, elements)
	case reflect.Bool:
		return types.BoolValue(v.Bool())
	case reflect.Int:
		return types.Int64Value(v.Int())
	}
	return types.StringValue(v.String())
}

// nullOf returns null of a type.
func nullOf(of attr.Type) attr.Value {
	switch of := of.(type) {
	case types.ObjectType:
		return types.ObjectNull(of.AttrTypes)
	case types.ListType:
		return types.ListNull(of.ElemType)
	}
	switch of {
	case types.BoolType:
		return types.BoolNull()
	case types.Int64Type:
		return types.Int64Null()
	}
	return types.StringNull()
}
