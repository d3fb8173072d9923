package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// The columns of a mirror source. What EC2 does not show, and what does not exist, is null.

func interfaceColumns() []column {
	return []column{
		textColumn("vpc_id", "ID of the VPC."),
		textColumn("subnet_id", "ID of the subnet."),
		textColumn("availability_zone", "Name of the Availability Zone."),
		textColumn("private_ip_address", "Primary private IPv4 address."),
		textColumn("interface_type", "Type of the network interface, such as `interface`."),
		textColumn("instance_id", "ID of the instance that the interface is attached to."),
		textColumn("instance_type", "Type of the instance."),
		textColumn("instance_state", "State of the instance, such as `running`."),
		{name: "primary", of: types.BoolType, text: "Whether it is the primary network interface of the instance."},
		tagsColumn("tags", "Tags of the network interface."),
		tagsColumn("instance_tags", "Tags of the instance."),
		objects("sessions", "Sessions of the interface, in the order in which they are tried.", listOf, []column{
			textColumn("id", "ID of the session."),
			numberColumn("session_number", "Number of the session, "+mirror.SessionNumbers.String()+"."),
			textColumn("traffic_mirror_target_id", "ID of its target."),
			textColumn("traffic_mirror_filter_id", "ID of its filter."),
		}),
		numberColumn("next_session_number", "Lowest number from `first_session_number` on that no session of the interface has, "+mirror.SessionNumbers.String()+". It changes as soon as a session has it, so do not create sessions with it: use `session_number`."),
	}
}

var zonesType = types.ListType{ElemType: types.StringType}

func tagsColumn(name, text string) column {
	return column{name: name, of: types.MapType{ElemType: types.StringType}, text: text}
}

func proposalColumns() []column {
	const same = " The value stays the same from plan to plan, so it can be an argument of the session."
	return append(interfaceColumns(),
		textColumn("session_id", "ID of the session of this configuration. Null if the interface has none yet."),
		numberColumn("session_number", "Number of the session of this configuration, or if there is none yet, the next free one, "+mirror.SessionNumbers.String()+"."+same+" Null if neither `targets` nor `session_tags` is set: then leave out the number of the session."),
		textColumn("target", "Name of the chosen target in `targets`."+same),
		textColumn("traffic_mirror_target_id", "ID of the chosen target. Null if it does not exist yet."),
		column{name: "target_availability_zones", of: zonesType, text: "Names of the Availability Zones of the chosen target: one, or those of a load balancer. Null if they are not known."},
	)
}

func unsupportedColumns() []column {
	var reasons bulletList
	for _, r := range inventory.Reasons {
		reasons = reasons.with(string(r.Reason), r.Meaning)
	}
	return append(interfaceColumns(),
		textColumn("reason", "Why there is no session:"+string(reasons)),
		textColumn("detail", "The reason as a sentence, with the objects that it is about."),
	)
}

// sourcesColumns are the results of the data source.
func sourcesColumns() []column {
	return []column{
		objects("sources", "The selected network interfaces that can be mirrored, by ID, as `for_each` needs it.", mapOf, proposalColumns()),
		objects("unsupported", "The selected network interfaces that cannot be mirrored, by ID, with the reason.", mapOf, unsupportedColumns()),
	}
}

// showProposals sets the values of the results.
func showProposals(proposals []inventory.Proposal, values map[string]attr.Value) {
	proposed, unsupported := typesOf(proposalColumns()), typesOf(unsupportedColumns())
	sources, others := map[string]attr.Value{}, map[string]attr.Value{}
	for _, p := range proposals {
		row := interfaceValues(p.Source, p.Next)
		if p.Reason != "" {
			row["reason"], row["detail"] = types.StringValue(string(p.Reason)), types.StringValue(p.Detail)
			others[p.Interface.ID] = types.ObjectValueMust(unsupported, row)
			continue
		}
		row["session_id"] = textOrNull(p.Present.Noun.ID)
		row["session_number"] = numberOrNull(p.Number)
		row["target"], row["traffic_mirror_target_id"] = textOrNull(p.Target), textOrNull(p.TargetID)
		row["target_availability_zones"] = zonesValue(p.TargetZones)
		sources[p.Interface.ID] = types.ObjectValueMust(proposed, row)
	}
	values["sources"] = types.MapValueMust(types.ObjectType{AttrTypes: proposed}, sources)
	values["unsupported"] = types.MapValueMust(types.ObjectType{AttrTypes: unsupported}, others)
}

// interfaceValues returns the values of interfaceColumns.
func interfaceValues(s inventory.Source, nextNumber int) map[string]attr.Value {
	i := s.Interface
	address := ""
	if i.PrivateIPAddress.IsValid() {
		address = i.PrivateIPAddress.String()
	}
	row := map[string]attr.Value{
		"vpc_id": textOrNull(i.VPCID), "subnet_id": textOrNull(i.SubnetID), "availability_zone": textOrNull(i.Zone),
		"private_ip_address": textOrNull(address), "interface_type": textOrNull(i.Type),
		"instance_id": textOrNull(i.InstanceID), "instance_type": textOrNull(s.Instance.Type), "instance_state": textOrNull(s.Instance.State),
		"primary": types.BoolValue(i.IsPrimary), "tags": tagsValue(i.Tags), "instance_tags": types.MapNull(types.StringType),
		"next_session_number": numberOrNull(nextNumber), "sessions": sessionsValue(s),
	}
	if s.Instance.ID != "" {
		row["instance_tags"] = tagsValue(s.Instance.Tags)
	}
	return row
}

var sessionsColumn = func() column {
	for _, c := range interfaceColumns() {
		if c.name == "sessions" {
			return c
		}
	}
	panic("no column of sessions")
}()

func sessionsValue(s inventory.Source) attr.Value {
	of := typesOf(sessionsColumn.columns)
	elements := make([]attr.Value, len(s.Sessions))
	for i, session := range s.Sessions {
		n := session.Noun
		elements[i] = types.ObjectValueMust(of, map[string]attr.Value{
			"id": types.StringValue(n.ID), "session_number": numberOrNull(n.Number),
			"traffic_mirror_target_id": types.StringValue(n.TargetID), "traffic_mirror_filter_id": types.StringValue(n.FilterID),
		})
	}
	return types.ListValueMust(types.ObjectType{AttrTypes: of}, elements)
}

func tagsValue(tags map[string]string) attr.Value {
	elements := make(map[string]attr.Value, len(tags))
	for key, value := range tags {
		elements[key] = types.StringValue(value)
	}
	return types.MapValueMust(types.StringType, elements)
}

// zonesValue returns the names of Availability Zones, or null if they are not known.
func zonesValue(zones []string) attr.Value {
	if zones == nil {
		return types.ListNull(types.StringType)
	}
	elements := make([]attr.Value, len(zones))
	for i, zone := range zones {
		elements[i] = types.StringValue(zone)
	}
	return types.ListValueMust(types.StringType, elements)
}

// numberOrNull returns a number, or null if it is 0.
func numberOrNull(n int) numberValue {
	if n == 0 {
		return flattenNumber(nil)
	}
	return knownNumber(n)
}
