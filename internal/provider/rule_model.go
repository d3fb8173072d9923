package provider

import (
	"net/netip"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// ruleModel is a rule in a configuration: in a map of a filter, in a separate rule, or in a
// simulation.
type ruleModel struct {
	RuleAction           types.String  `tfsdk:"rule_action"`
	Protocol             protocolValue `tfsdk:"protocol"`
	SourceCIDRBlock      cidrValue     `tfsdk:"source_cidr_block"`
	DestinationCIDRBlock cidrValue     `tfsdk:"destination_cidr_block"`
	SourcePortRange      types.Object  `tfsdk:"source_port_range"`
	DestinationPortRange types.Object  `tfsdk:"destination_port_range"`
	Description          types.String  `tfsdk:"description"`
}

var portRangeTypes = map[string]attr.Type{
	"from_port": numberType{},
	"to_port":   numberType{},
}

var ruleTypes = map[string]attr.Type{
	"rule_action":            types.StringType,
	"protocol":               protocolType{},
	"source_cidr_block":      cidrType{},
	"destination_cidr_block": cidrType{},
	"source_port_range":      types.ObjectType{AttrTypes: portRangeTypes},
	"destination_port_range": types.ObjectType{AttrTypes: portRangeTypes},
	"description":            types.StringType,
}

// ruleAttributes are the attributes of a rule in a map. All of them are optional for the
// framework: it would report a missing one at the key of the rule, and so crash the CLI
// (see attributePath). The check of the map reports missing attributes.
func ruleAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"rule_action": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Required. " + ruleActionText,
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
			MarkdownDescription: "Required. " + sourceCIDRText,
		},
		"destination_cidr_block": schema.StringAttribute{
			Optional:            true,
			CustomType:          cidrType{},
			PlanModifiers:       []planmodifier.String{keepEquivalent[cidrSemantics]{}},
			MarkdownDescription: "Required. " + destinationCIDRText,
		},
		"source_port_range":      portRangeAttribute("source"),
		"destination_port_range": portRangeAttribute("destination"),
		"description": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Description of the rule. Default: none.",
		},
	}
}

var (
	ruleActionText = "Action for a packet that matches this rule and no rule with a lower number: `accept` mirrors it, `reject` does not. " +
		"If a session does not mirror a packet, the next session of the interface is tried."
	protocolText = "Protocol to match: a name such as `tcp`, `udp`, `icmp` or `icmpv6`, or a number from 1 to " + strconv.FormatInt(mirror.Protocols.Max, 10) + ". " +
		"`6`, `\"6\"` and `\"tcp\"` are the same. Default: every protocol. The number 0 is refused, because provider `aws` takes it for every protocol: leave the argument out, or write `null`. For HOPOPT, write `hopopt`."
	sourceCIDRText = "IPv4 or IPv6 CIDR block of the source address. `0.0.0.0/0` matches every IPv4 packet and no IPv6 packet, " +
		"`::/0` matches every IPv6 packet and no IPv4 packet. An error if bits are set after the prefix length."
	destinationCIDRText = "CIDR block of the destination address, of the same family as `source_cidr_block`."
)

func portRangeAttribute(end string) schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "Port range of the " + end + ". Only with protocol `tcp` or `udp`. Default: every port. " +
			"Later fragments of a packet have no ports and match no port range.",
		Attributes: map[string]schema.Attribute{
			"from_port": schema.Int64Attribute{
				Optional:            true,
				CustomType:          numberType{},
				MarkdownDescription: "Required. Lowest port of the range, " + mirror.Ports.String() + ".",
			},
			"to_port": schema.Int64Attribute{
				Optional:            true,
				CustomType:          numberType{},
				MarkdownDescription: "Required. Highest port of the range, " + mirror.Ports.String() + ", at least `from_port`.",
			},
		},
	}
}

// expand returns the rule as a noun, and the problems of the values that are known. The
// noun is complete if the model is fully known and no problem is an error.
func (m ruleModel) expand(direction mirror.Direction, number int) (mirror.Rule, mirror.Problems) {
	var r reader
	rule := m.read(&r)
	rule.Direction, rule.Number = direction, number
	return rule, r.check(rule.Validate())
}

func (m ruleModel) read(r *reader) mirror.Rule {
	return mirror.Rule{
		Action:           mirror.Action(r.text("rule_action", m.RuleAction)),
		Protocol:         r.protocol("protocol", m.Protocol),
		SourceCIDR:       r.prefix("source_cidr_block", m.SourceCIDRBlock),
		DestinationCIDR:  r.prefix("destination_cidr_block", m.DestinationCIDRBlock),
		SourcePorts:      r.ports("source_port_range", m.SourcePortRange),
		DestinationPorts: r.ports("destination_port_range", m.DestinationPortRange),
		Description:      m.Description.ValueString(),
	}
}

func (r *reader) protocol(field string, value protocolValue) *mirror.Protocol {
	if !r.isKnown(field, value) {
		return nil
	}
	protocol, problems := mirror.ParseRuleProtocol(field, value.ValueString())
	if problems != nil {
		r.fail(field, problems)
		return nil
	}
	return &protocol
}

func (r *reader) prefix(field string, value cidrValue) netip.Prefix {
	if !r.isKnown(field, value) {
		return netip.Prefix{}
	}
	prefix, problems := mirror.ParseCIDR(field, value.ValueString())
	if problems != nil {
		r.fail(field, problems)
	}
	return prefix
}

func (r *reader) ports(field string, value types.Object) *mirror.PortRange {
	if !r.isKnown(field, value) {
		return nil
	}
	end := func(name string) int {
		port, _ := value.Attributes()[name].(numberValue)
		return r.number(field+"."+name, port, mirror.Ports)
	}
	return &mirror.PortRange{From: end("from_port"), To: end("to_port")}
}

// flattenRule returns a rule as a model. EC2 does not distinguish an empty description from
// none, so the model keeps the prior one of the two.
func flattenRule(rule mirror.Rule, prior ruleModel) ruleModel {
	m := ruleModel{
		RuleAction:           types.StringValue(string(rule.Action)),
		SourceCIDRBlock:      newEquivalentString[cidrSemantics](rule.SourceCIDR.String()),
		DestinationCIDRBlock: newEquivalentString[cidrSemantics](rule.DestinationCIDR.String()),
		SourcePortRange:      flattenPorts(rule.SourcePorts),
		DestinationPortRange: flattenPorts(rule.DestinationPorts),
		Description:          flattenText(rule.Description, prior.Description),
	}
	if rule.Protocol != nil {
		m.Protocol = newEquivalentString[protocolSemantics](rule.Protocol.String())
	}
	return m
}

func flattenPorts(ports *mirror.PortRange) types.Object {
	if ports == nil {
		return types.ObjectNull(portRangeTypes)
	}
	return types.ObjectValueMust(portRangeTypes, map[string]attr.Value{
		"from_port": knownNumber(ports.From),
		"to_port":   knownNumber(ports.To),
	})
}

// flattenText returns a text. EC2 leaves out an empty text: then the result is null, or ""
// if the prior value is "".
func flattenText(text string, prior types.String) types.String {
	if text == "" && (prior.IsNull() || prior.ValueString() != "") {
		return types.StringNull()
	}
	return types.StringValue(text)
}

func (m ruleModel) object() types.Object {
	return types.ObjectValueMust(ruleTypes, map[string]attr.Value{
		"rule_action":            m.RuleAction,
		"protocol":               m.Protocol,
		"source_cidr_block":      m.SourceCIDRBlock,
		"destination_cidr_block": m.DestinationCIDRBlock,
		"source_port_range":      m.SourcePortRange,
		"destination_port_range": m.DestinationPortRange,
		"description":            m.Description,
	})
}

// ruleOf is the inverse of object.
func ruleOf(o types.Object) ruleModel {
	values := o.Attributes()
	return ruleModel{
		RuleAction:           values["rule_action"].(types.String),
		Protocol:             values["protocol"].(protocolValue),
		SourceCIDRBlock:      values["source_cidr_block"].(cidrValue),
		DestinationCIDRBlock: values["destination_cidr_block"].(cidrValue),
		SourcePortRange:      values["source_port_range"].(types.Object),
		DestinationPortRange: values["destination_port_range"].(types.Object),
		Description:          values["description"].(types.String),
	}
}
