package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// The kinds of objects that data sources read. A column has the name and the value of the
// attribute of the resource.

var targetSource = objectKind{
	kind: mirror.KindTarget, name: "target",
	text: sourceTexts("target", "", "This account owns them, or they are shared with it."),
	arguments: []sourceArgument{
		{name: "type", check: func(field, text string) mirror.Problems { return mirror.TargetType(text).Check(field) }},
		{name: "network_interface_id", check: mirror.KindInterface.Check},
		{name: "network_load_balancer_arn", check: mirror.CheckLoadBalancerARN},
		{name: "gateway_load_balancer_endpoint_id", check: mirror.KindEndpoint.Check},
		{name: "owner_id", check: mirror.CheckAccountID},
		{name: "description"},
	},
	columns: func() []column {
		return append(commonColumns(mirror.KindTarget, "target"),
			ownerColumn("target"),
			textColumn("type", fmt.Sprintf("Type of the backing resource: `%s`, `%s` or `%s`.", mirror.NetworkInterface, mirror.NetworkLoadBalancer, mirror.GatewayLoadBalancerEndpoint)),
			textColumn("network_interface_id", "ID of the network interface that receives the copies, `eni-...`. Null for the other types."),
			textColumn("network_load_balancer_arn", "ARN of the Network Load Balancer that receives the copies. Null for the other types."),
			textColumn("gateway_load_balancer_endpoint_id", "ID of the Gateway Load Balancer endpoint that receives the copies, `vpce-...`. Null for the other types."),
		)
	},
	list: func(ctx context.Context, a *account.Account, id string) ([]sourceObject, error) {
		all, err := readObjects(ctx, id, a.Target, a.TaggedTargets)
		return rowsOf(all, func(t mirror.Target) sourceObject {
			return sourceObject{id: t.ID, values: map[string]attr.Value{
				"arn":                               types.StringValue(a.ARN(mirror.KindTarget, t.OwnerID, t.ID)),
				"owner_id":                          types.StringValue(t.OwnerID),
				"type":                              types.StringValue(string(t.Type())),
				"network_interface_id":              flattenText(t.InterfaceID, types.StringNull()),
				"network_load_balancer_arn":         flattenText(t.LoadBalancerARN, types.StringNull()),
				"gateway_load_balancer_endpoint_id": flattenText(t.GatewayLoadBalancerEndpointID, types.StringNull()),
				"description":                       flattenText(t.Description, types.StringNull()),
			}}
		}), err
	},
}

var filterSource = objectKind{
	kind: mirror.KindFilter, name: "filter",
	text: sourceTexts("filter", "Its rules have the form of the maps of [`trafficmirror_filter`](../resources/filter.md), so that a simulation takes `filter = data.trafficmirror_filter.x`, and the functions take `data.trafficmirror_filter.x`.", "Each has its rules."),
	arguments: []sourceArgument{
		{name: "network_services", check: func(field, text string) mirror.Problems { return mirror.NetworkService(text).Check(field) }},
		{name: "description"},
	},
	columns: func() []column {
		columns := append(commonColumns(mirror.KindFilter, "filter"),
			column{name: "network_services", of: types.SetType{ElemType: types.StringType},
				text: "Services whose traffic is mirrored whatever the rules are: `" + string(mirror.AmazonDNS) + "`. Null if there is none.", argument: "exactly these. `[]` selects filters without any."})
		for _, d := range mirror.Directions {
			columns = append(columns, objects(check.RulesField(d), "The "+string(d)+" rules by rule number. `{}` if there is none.", mapOf, ruleColumns()))
		}
		return columns
	},
	list: func(ctx context.Context, a *account.Account, id string) ([]sourceObject, error) {
		all, err := readObjects(ctx, id, a.Filter, a.TaggedFilters)
		return rowsOf(all, func(f mirror.Filter) sourceObject {
			return sourceObject{id: f.ID, values: map[string]attr.Value{
				"arn":              types.StringValue(a.ARN(mirror.KindFilter, "", f.ID)),
				"description":      flattenText(f.Description, types.StringNull()),
				"network_services": flattenServices(f.NetworkServices, types.SetNull(types.StringType)),
			}, rest: func(values map[string]attr.Value) {
				for _, d := range mirror.Directions {
					values[check.RulesField(d)] = flattenRules(f.InDirection(d), types.MapNull(ruleMapType.ElemType))
				}
			}, pending: func(p *check.Plan) []string { return check.Pending(p, f) }}
		}), err
	},
}

var filterRuleSource = objectKind{
	kind: mirror.KindFilterRule, name: "filter_rule",
	text: map[bool]string{false: manyText("filter rule", "filter_rule", "")},
	arguments: []sourceArgument{
		{
			name: "traffic_mirror_filter_ids", of: "traffic_mirror_filter_id", check: mirror.KindFilter.Check,
			text: "IDs of filters, `tmf-...`: only the rules of these filters. `[]` selects no rule. Default: every filter.",
		},
		{name: "traffic_direction", check: func(field, text string) mirror.Problems { return mirror.Direction(text).Check(field) }},
		{name: "rule_action", check: func(field, text string) mirror.Problems { return mirror.Action(text).Check(field) }},
	},
	columns: func() []column {
		columns := append(commonColumns(mirror.KindFilterRule, "rule"),
			textColumn("traffic_mirror_filter_id", "ID of the filter that has the rule, `tmf-...`."),
			textColumn("traffic_direction", "Direction of the packets, seen from the mirror source: `ingress` or `egress`."),
			numberColumn("rule_number", "Number of the rule, "+mirror.RuleNumbers.String()+". The rule with the lowest number is tried first."))
		for _, c := range ruleColumns() {
			if c.name != "description" {
				columns = append(columns, c)
			}
		}
		return columns
	},
	list: func(ctx context.Context, a *account.Account, _ string) ([]sourceObject, error) {
		all, err := a.TaggedRules(ctx)
		return rowsOf(all, func(r mirror.Rule) sourceObject {
			values := flattenRule(r, ruleModel{}).object().Attributes()
			values["arn"] = types.StringValue(a.ARN(mirror.KindFilterRule, "", r.ID))
			values["traffic_mirror_filter_id"] = types.StringValue(r.FilterID)
			values["traffic_direction"] = types.StringValue(string(r.Direction))
			values["rule_number"] = knownNumber(r.Number)
			return sourceObject{id: r.ID, values: values}
		}), err
	},
}

var sessionSource = objectKind{
	kind: mirror.KindSession, name: "session",
	text: sourceTexts("session", "", ""),
	arguments: []sourceArgument{
		{name: "network_interface_id", check: mirror.KindInterface.Check},
		{name: "session_number", within: mirror.SessionNumbers},
		{name: "traffic_mirror_target_id", check: mirror.KindTarget.Check},
		{name: "traffic_mirror_filter_id", check: mirror.KindFilter.Check},
		{name: "virtual_network_id", within: mirror.VirtualNetworkIDs},
		{name: "owner_id", check: mirror.CheckAccountID},
		{name: "description"},
	},
	columns: func() []column {
		return append(commonColumns(mirror.KindSession, "session"),
			ownerColumn("session"),
			textColumn("network_interface_id", "ID of the network interface that is mirrored, `eni-...`."),
			textColumn("traffic_mirror_target_id", "ID of the target, `tmt-...`."),
			textColumn("traffic_mirror_filter_id", "ID of the filter, `tmf-...`."),
			numberColumn("session_number", "Number of the session, "+mirror.SessionNumbers.String()+". The session of an interface with the lowest number is tried first."),
			numberColumn("packet_length", "Bytes of each packet that are copied, counted from its Ethernet header, "+mirror.PacketLengths.String()+". Null: whole packets."),
			numberColumn("virtual_network_id", "VXLAN network identifier (VNI) of the copies, "+mirror.VirtualNetworkIDs.String()+"."),
		)
	},
	list: func(ctx context.Context, a *account.Account, id string) ([]sourceObject, error) {
		all, err := readObjects(ctx, id, a.Session, a.TaggedSessions)
		return rowsOf(all, func(s mirror.Session) sourceObject {
			return sourceObject{id: s.ID, values: map[string]attr.Value{
				"arn":                      types.StringValue(a.ARN(mirror.KindSession, s.OwnerID, s.ID)),
				"owner_id":                 types.StringValue(s.OwnerID),
				"network_interface_id":     types.StringValue(s.InterfaceID),
				"traffic_mirror_target_id": types.StringValue(s.TargetID),
				"traffic_mirror_filter_id": types.StringValue(s.FilterID),
				"session_number":           knownNumber(s.Number),
				"packet_length":            flattenNumber(s.PacketLength),
				"virtual_network_id":       flattenNumber(s.VirtualNetworkID),
				"description":              flattenText(s.Description, types.StringNull()),
			}}
		}), err
	},
}

// readObjects returns the object with an ID, or all objects.
func readObjects[N any](ctx context.Context, id string, one func(context.Context, string) (account.Tagged[N], error),
	all func(context.Context, ...account.Where) ([]account.Tagged[N], error),
) ([]account.Tagged[N], error) {
	if id == "" {
		return all(ctx)
	}
	found, err := one(ctx, id)
	if err != nil {
		return nil, err
	}
	return []account.Tagged[N]{found}, nil
}

// rowsOf makes rows of objects.
func rowsOf[N any](all []account.Tagged[N], row func(N) sourceObject) []sourceObject {
	rows := make([]sourceObject, len(all))
	for i, o := range all {
		rows[i] = row(o.Noun)
		rows[i].tags = o.Tags
	}
	return rows
}

func textColumn(name, text string) column {
	return column{name: name, of: types.StringType, text: text}
}

func numberColumn(name, text string) column {
	return column{name: name, of: numberType{}, text: text}
}

func ownerColumn(noun string) column {
	return textColumn("owner_id", "ID of the account that owns the "+noun+", 12 digits.")
}

// commonColumns are the columns that every kind has.
func commonColumns(kind mirror.Kind, noun string) []column {
	return []column{
		textColumn("id", "ID of the "+noun+", `"+kind.Prefix+"...`."),
		textColumn("arn", "ARN of the "+noun+"."),
		{
			name: "description", of: types.StringType,
			text: "Description of the " + noun + ". Null if there is none.", argument: "exactly this text. `\"\"` selects what has none.",
		},
		{
			name: tagsArgument, of: types.MapType{ElemType: types.StringType},
			text: "Tags of the " + noun + ", without the provider's `ignore_tags`.", argument: "tags that it must have, with these values. It may have more, and `ignore_tags` does not matter.",
		},
	}
}

// ruleColumns are the columns of a rule in a map.
func ruleColumns() []column {
	ports := func(end string) column {
		return objects(end+"_port_range", "Port range of the "+end+". Null: every port.", oneOf, []column{
			numberColumn("from_port", "Lowest port of the range, "+mirror.Ports.String()+"."),
			numberColumn("to_port", "Highest port of the range, "+mirror.Ports.String()+"."),
		})
	}
	return []column{
		textColumn("rule_action", "What happens to a packet that the rule matches: `accept` (it is mirrored) or `reject`."),
		{name: "protocol", of: protocolType{}, text: "Protocol that the rule matches: its name, such as `tcp`, or its number. Null: every protocol."},
		{name: "source_cidr_block", of: cidrType{}, text: "CIDR block of the source address."},
		{name: "destination_cidr_block", of: cidrType{}, text: "CIDR block of the destination address."},
		ports("source"),
		ports("destination"),
		textColumn("description", "Description of the rule. Null if there is none."),
	}
}

// sourceTexts are the pages of the data sources of one object and of many.
func sourceTexts(name, one, many string) map[bool]string {
	return map[bool]string{
		true: strings.TrimSpace("Reads one traffic mirror "+name+". "+one) + "\n\n" +
			"The arguments select the " + name + ". Set at least one. Every argument that is set must match. " +
			"It is an error if no " + name + " matches, or more than one. To read them all, use [`trafficmirror_" + name + "s`](" + name + "s.md).\n\n" + sourceTiming(name),
		false: manyText(name, name, many),
	}
}

func manyText(noun, name, more string) string {
	return strings.TrimSpace("Reads the traffic mirror "+noun+"s of a Region. "+more) + "\n\n" +
		"The arguments select " + noun + "s. Every argument that is set must match. Without arguments, all are read. It is not an error if none matches. " +
		"The result `" + name + "s` is a map by ID, as `for_each` needs it.\n\n" + sourceTiming(name)
}

// sourceTiming says when Terraform reads.
func sourceTiming(name string) string {
	return "Terraform reads a data source in the plan: it shows EC2 before the apply. If an argument is known only after apply, or a resource in `depends_on` changes, Terraform reads it in the apply. " +
		"For a " + strings.ReplaceAll(name, "_", " ") + " of the same configuration, use the resource instead of the data source."
}
