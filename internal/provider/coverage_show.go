package provider

import (
	"cmp"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
)

// rowValues are the values of columns, by their names.
type rowValues = map[string]attr.Value

// showCoverage sets the values of the results.
func showCoverage(c inventory.Coverage, to rowValues) {
	to["totals"] = rowValue(totalsColumns(), totalsValues(c))
	to["cost"] = rowValue(costColumns(), costValues(c.Cost))
	to["network_interfaces"] = coveredValue(c.Interfaces)
	to["sessions"] = coveringValue(c.Sessions)
	to["idle_sessions"] = rowList(idleColumns(), c.Idle, func(i inventory.Idle) rowValues {
		return rowValues{
			"id": types.StringValue(i.Session.Noun.ID), "network_interface_id": types.StringValue(i.Session.Noun.InterfaceID),
			"traffic_mirror_target_id": types.StringValue(i.Session.Noun.TargetID), "reason": types.StringValue(string(i.Reason)), "detail": types.StringValue(i.Detail),
		}
	})
	to["other_account_sessions"] = rowList(otherColumns(), c.OtherAccounts, func(s inventory.SessionCoverage) rowValues {
		n := s.Session.Noun
		return rowValues{
			"id": types.StringValue(n.ID), "network_interface_id": types.StringValue(n.InterfaceID), "owner_id": types.StringValue(n.OwnerID),
			"traffic_mirror_target_id": types.StringValue(n.TargetID), "target_owner_id": types.StringValue(s.TargetOwnerID),
		}
	})
	to["unmanaged_session_ids"] = textsValue(c.Unmanaged)
	to["targets"] = usedValue(c.Targets)
	to["copied_twice"] = rowValue(twiceColumns(), twiceValues(c.Twice))
}

func rowValue(columns []column, of rowValues) types.Object {
	return types.ObjectValueMust(typesOf(columns), of)
}

func rowList[T any](columns []column, all []T, of func(T) rowValues) types.List {
	kind := typesOf(columns)
	elements := make([]attr.Value, len(all))
	for i, one := range all {
		elements[i] = types.ObjectValueMust(kind, of(one))
	}
	return types.ListValueMust(types.ObjectType{AttrTypes: kind}, elements)
}

// rowMap returns a map of objects.
func rowMap(columns []column, all map[string]rowValues) types.Map {
	kind := typesOf(columns)
	elements := make(map[string]attr.Value, len(all))
	for key, one := range all {
		elements[key] = types.ObjectValueMust(kind, one)
	}
	return types.MapValueMust(types.ObjectType{AttrTypes: kind}, elements)
}

// textsValue returns a list of texts: null if it is nil.
func textsValue(texts []string) types.List {
	if texts == nil {
		return types.ListNull(types.StringType)
	}
	elements := make([]attr.Value, len(texts))
	for i, text := range texts {
		elements[i] = types.StringValue(text)
	}
	return types.ListValueMust(types.StringType, elements)
}

func totalsValues(c inventory.Coverage) rowValues {
	of := rowValues{
		"network_interfaces": knownNumber(len(c.Interfaces)), "sessions": knownNumber(len(c.Sessions)), "idle_sessions": knownNumber(len(c.Idle)),
		"other_account_sessions": knownNumber(len(c.OtherAccounts)), "unmanaged_sessions": flattenNumber(nil),
	}
	if c.Unmanaged != nil {
		of["unmanaged_sessions"] = knownNumber(len(c.Unmanaged))
	}
	count := c.Count()
	for _, class := range inventory.Classes {
		of[string(class.Class)] = knownNumber(count[class.Class])
	}
	byStatus, sessions := rowValues{}, c.CountSessions()
	for _, s := range inventory.Statuses {
		if s.Status != inventory.Disabled {
			byStatus[string(s.Status)] = knownNumber(sessions[s.Status])
		}
	}
	of["sessions_by_status"] = types.MapValueMust(numberType{}, byStatus)
	return of
}

func costValues(c inventory.Cost) rowValues {
	hourly, idle := c.Price.Of(c.Sessions.All), c.Price.Of(c.Sessions.Idle)
	by := func(name string, counts map[string]inventory.SessionCount) types.Map {
		all := map[string]rowValues{}
		for key, n := range counts {
			hourly := c.Price.Of(n.All)
			all[cmp.Or(key, "unknown")] = rowValues{
				"sessions": knownNumber(n.All), "hourly": moneyValue(hourly), "monthly": moneyValue(hourly.Monthly()), "idle_monthly": moneyValue(c.Price.Of(n.Idle).Monthly()),
			}
		}
		return rowMap(columnOf(costColumns(), name).columns, all)
	}
	return rowValues{
		"price_per_session_hour": moneyValue(c.Price), "sessions": knownNumber(c.Sessions.All),
		"hourly": moneyValue(hourly), "monthly": moneyValue(hourly.Monthly()), "idle_hourly": moneyValue(idle), "idle_monthly": moneyValue(idle.Monthly()),
		"by_target": by("by_target", c.ByTarget), "by_vpc": by("by_vpc", c.ByVPC),
	}
}

// columnOf returns the column with a name.
func columnOf(columns []column, name string) column {
	for _, c := range columns {
		if c.name == name {
			return c
		}
	}
	panic("no column " + name)
}

func coveredValue(interfaces []inventory.InterfaceCoverage) types.Map {
	all := make(map[string]rowValues, len(interfaces))
	for _, i := range interfaces {
		ids := make([]string, len(i.Source.Sessions))
		for n, s := range i.Source.Sessions {
			ids[n] = s.Noun.ID
		}
		found := i.Source.Interface
		all[found.ID] = rowValues{
			"coverage": types.StringValue(string(i.Class)), "reason": textOrNull(i.Reason), "vpc_id": textOrNull(found.VPCID), "subnet_id": textOrNull(found.SubnetID),
			"instance_id": textOrNull(found.InstanceID), "session_ids": textsValue(ids),
		}
	}
	return rowMap(coveredColumns(), all)
}

func coveringValue(sessions []inventory.SessionCoverage) types.Map {
	all := make(map[string]rowValues, len(sessions))
	for _, s := range sessions {
		n := s.Session.Noun
		all[n.ID] = rowValues{
			"network_interface_id": types.StringValue(n.InterfaceID), "session_number": knownNumber(n.Number), "traffic_mirror_target_id": types.StringValue(n.TargetID),
			"traffic_mirror_filter_id": types.StringValue(n.FilterID), "owner_id": textOrNull(n.OwnerID), "status": types.StringValue(string(s.Status)), "idle_reason": textOrNull(string(s.Idle)),
		}
	}
	return rowMap(coveringColumns(), all)
}

func usedValue(targets []inventory.TargetUse) types.Map {
	all := make(map[string]rowValues, len(targets))
	for _, u := range targets {
		t := u.Target.Noun
		all[t.ID] = rowValues{
			"type": types.StringValue(string(t.Type())), "backing": types.StringValue(t.Backing()), "owner_id": textOrNull(t.OwnerID), "sessions": knownNumber(u.Sessions),
			"idle_sessions": knownNumber(u.Idle), "sources": knownNumber(u.Sources), "sources_quota": flattenNumber(u.Quota),
		}
	}
	return rowMap(usedColumns(), all)
}

func twiceValues(c inventory.CopiedTwice) rowValues {
	return rowValues{
		"pairs": knownNumber(c.Found), "pairs_looked_at": knownNumber(c.LookedAt), "pairs_not_looked_at": knownNumber(c.NotLookedAt),
		"examples": rowList(columnOf(twiceColumns(), "examples").columns, c.Pairs, func(p inventory.Pair) rowValues {
			return rowValues{
				"vpc_id": textOrNull(p.VPCID), "sender": types.StringValue(p.Interfaces[0]), "receiver": types.StringValue(p.Interfaces[1]),
				"packet": types.StringValue(p.Packet.String()),
			}
		}),
	}
}
