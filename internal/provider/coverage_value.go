package provider

import (
	"math/big"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// The columns of the coverage of an account. Each list is sorted, so that a plan shows a
// difference only where something has changed.

func coverageColumns() []column {
	return []column{
		objects("totals", "Numbers of network interfaces and sessions.", oneOf, totalsColumns()),
		objects("cost", "What the sessions cost that this account pays for, those on `network_interfaces`. A month has 730 hours, as in the price examples of AWS. Data transfer and load balancers cost extra.", oneOf, costColumns()),
		objects("network_interfaces", "The network interfaces by ID.", mapOf, coveredColumns()),
		objects("sessions", "The sessions of the network interfaces by ID. For the whole account also those of other accounts that EC2 shows.", mapOf, coveringColumns()),
		objects("idle_sessions", "The sessions that do nothing, by interface and number. AWS charges for them all the same.", listOf, idleColumns()),
		objects("other_account_sessions", "The sessions whose target belongs to another account than the session, by interface and number. They are copies that leave this account. For the whole account, copies of other accounts are among them, as far as EC2 shows them.", listOf, otherColumns()),
		{name: "unmanaged_session_ids", of: types.ListType{ElemType: types.StringType}, text: "IDs of the sessions without the tag `managed_by_tag`, sorted. Null if `managed_by_tag` is not set."},
		objects("targets", "The targets of the sessions by ID. For the whole account, all targets that EC2 shows.", mapOf, usedColumns()),
		objects("copied_twice", "Packets that two copies are made of, because their sender and their receiver are both mirrored. Only pairs of selected network interfaces of one VPC count. Whether two interfaces talk to each other is not known: "+
			"what counts is whether the filters accept any packet from one to the other.", oneOf, twiceColumns()),
	}
}

func totalsColumns() []column {
	columns := []column{numberColumn("network_interfaces", "Network interfaces.")}
	for _, c := range inventory.Classes {
		columns = append(columns, numberColumn(string(c.Class), "Network interfaces with the `coverage` `"+string(c.Class)+"`."))
	}
	return append(columns,
		numberColumn("sessions", "Sessions."),
		numberColumn("idle_sessions", "Sessions that do nothing."),
		numberColumn("other_account_sessions", "Sessions whose target belongs to another account."),
		numberColumn("unmanaged_sessions", "Sessions without the tag `managed_by_tag`. Null without `managed_by_tag`."),
		column{name: "sessions_by_status", of: types.MapType{ElemType: numberType{}}, text: "Sessions by status. Every status has a number."},
	)
}

func costColumns() []column {
	by := []column{
		numberColumn("sessions", "Sessions that this account pays for."), moneyColumn("hourly", "Cost of an hour in USD."), moneyColumn("monthly", "Cost of 730 hours in USD."),
		moneyColumn("idle_monthly", "Cost of 730 hours of the sessions that do nothing, in USD."),
	}
	return []column{
		moneyColumn("price_per_session_hour", "Price of one session for one hour in USD."),
		numberColumn("sessions", "Sessions that this account pays for."),
		moneyColumn("hourly", "Cost of an hour in USD."),
		moneyColumn("monthly", "Cost of 730 hours in USD."),
		moneyColumn("idle_hourly", "Cost of an hour of the sessions that do nothing, in USD."),
		moneyColumn("idle_monthly", "Cost of 730 hours of the sessions that do nothing, in USD."),
		objects("by_target", "The same by ID of the target.", mapOf, by),
		objects("by_vpc", "The same by ID of the VPC of the network interface. The key `unknown` has the sessions whose network interface EC2 does not show.", mapOf, by),
	}
}

func coveredColumns() []column {
	var classes bulletList
	for _, c := range inventory.Classes {
		classes = classes.with(string(c.Class), c.Meaning)
	}
	return []column{
		textColumn("coverage", "How much of its traffic is copied:"+string(classes)),
		textColumn("reason", "Why, as a sentence, with a packet as an example. The addresses of the example need not be those of the interface: packets count whatever their addresses are. Null if there is nothing to say."),
		textColumn("vpc_id", "ID of the VPC."),
		textColumn("subnet_id", "ID of the subnet."),
		textColumn("instance_id", "ID of the instance that the interface is attached to."),
		{name: "session_ids", of: types.ListType{ElemType: types.StringType}, text: "IDs of its sessions, in the order in which they are tried."},
	}
}

func coveringColumns() []column {
	var statuses bulletList
	for _, s := range inventory.Statuses {
		if s.Status != inventory.Disabled {
			statuses = statuses.with(string(s.Status), s.Meaning)
		}
	}
	return []column{
		textColumn("network_interface_id", "ID of the mirrored network interface."),
		numberColumn("session_number", "Number of the session, "+mirror.SessionNumbers.String()+"."),
		textColumn("traffic_mirror_target_id", "ID of its target."),
		textColumn("traffic_mirror_filter_id", "ID of its filter."),
		textColumn("owner_id", "ID of the account that owns the session, 12 digits."),
		textColumn("status", "Whether the session mirrors packets. If several values are true, it is the first of them:"+string(statuses)),
		textColumn("idle_reason", "Why it does nothing. Null if it is not idle, or if that is not known."),
	}
}

func idleColumns() []column {
	return []column{
		textColumn("id", "ID of the session."),
		textColumn("network_interface_id", "ID of its network interface."),
		textColumn("traffic_mirror_target_id", "ID of its target."),
		textColumn("reason", "Why it does nothing. If there are several reasons, it is the first of them:"+string(idleReasons())),
		textColumn("detail", "The reason as a sentence, with the objects that it is about."),
	}
}

func otherColumns() []column {
	return []column{
		textColumn("id", "ID of the session."),
		textColumn("network_interface_id", "ID of its network interface."),
		textColumn("owner_id", "ID of the account that owns the session, 12 digits."),
		textColumn("traffic_mirror_target_id", "ID of its target."),
		textColumn("target_owner_id", "ID of the account that owns the target, 12 digits."),
	}
}

func usedColumns() []column {
	return []column{
		textColumn("type", "Type of the backing resource."),
		textColumn("backing", "ID of the network interface or of the endpoint, or ARN of the load balancer."),
		textColumn("owner_id", "ID of the account that owns the target, 12 digits."),
		numberColumn("sessions", "Sessions with this target, of all that EC2 shows."),
		numberColumn("idle_sessions", "Those of them that do nothing, as far as they are in `sessions` of the data source."),
		numberColumn("sources", "Network interfaces of these sessions."),
		numberColumn("sources_quota", "Assumed quota of sources. Null for a load balancer and for an endpoint, which have none, and if EC2 does not show what backs the target."),
	}
}

func twiceColumns() []column {
	return []column{
		numberColumn("pairs", "Pairs of network interfaces with such packets."),
		numberColumn("pairs_looked_at", "Pairs that were looked at, of interfaces that copy packets."),
		numberColumn("pairs_not_looked_at", "Pairs that were not looked at, and of which nothing is known: they are too many, their filters are too complex, or EC2 does not show what an interface copies."),
		objects("examples", "Up to 100 of the pairs, by the IDs of the interfaces.", listOf, []column{
			textColumn("vpc_id", "ID of the VPC."),
			textColumn("sender", "ID of the network interface that sends the packet."),
			textColumn("receiver", "ID of the network interface that receives the packet."),
			textColumn("packet", "A packet that is copied twice."),
		}),
	}
}

func moneyColumn(name, text string) column {
	return column{name: name, of: types.NumberType, text: text}
}

// moneyValue returns an amount as a decimal number without a rest: a float64 has no 0.015.
func moneyValue(m inventory.Money) types.Number {
	const precision = 512 // as Terraform reads the numbers of a configuration
	number, _ := new(big.Float).SetPrec(precision).SetString(m.String())
	return types.NumberValue(number)
}
