package function

import (
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// tooComplexText ends the descriptions of functions that analyse filters.
const tooComplexText = "\n\nThe answer is exact: it is about every packet that can exist. If an exact answer would take too long, the function fails."

var unreachableRules = pure{
	name:       "unreachable_rules",
	summary:    "Rules of a filter that decide no packet",
	parameters: []function.Parameter{dynamic("filter", filterText)},
	description: "Returns the rules of a filter that decide no packet, because rules with lower numbers decide every packet that they match.\n\n" +
		"The result is a list of objects. Each has:\n\n" +
		"- `traffic_direction` and `rule_number`: the rule.\n" +
		"- `covered_by`: the numbers of the rules that decide its packets.\n" +
		"- `different_action`: whether one of them has another action. Then the rule does not do what it says.\n" +
		"- `never_mirrored`: whether the rule also matches packets that EC2 never mirrors, such as DHCP. No rule decides about them.\n" +
		"- `network_service`: whether it also matches Amazon DNS. No rule decides about that either." + tooComplexText,
	result: typeOf(reflect.TypeFor[[]analysis.UnreachableRule]()),
	run: func(arguments []attr.Value) (attr.Value, error) {
		f, isKnown, err := filterArgument(arguments, 0)
		if err != nil || !isKnown {
			return nil, err
		}
		rules, err := analysis.ReportUnreachable(f)
		return show(rules), err
	},
}

// comparison is the result of compare_filters.
type comparison struct {
	Equal       bool                       `json:"equal"`
	Gained      bool                       `json:"gained"`
	Lost        bool                       `json:"lost"`
	Differences []analysis.DifferenceShown `json:"differences"`
}

var compareFilters = pure{
	name:       "compare_filters",
	summary:    "What two filters do differently",
	parameters: []function.Parameter{dynamic("a", filterText), dynamic("b", "Another filter, of the same form.")},
	description: "Returns what two filters do differently, as an object.\n\nThe result has:\n\n" +
		"- `equal`: whether both mirror the same packets.\n" +
		"- `gained`: whether `b` mirrors a packet that `a` does not mirror.\n" +
		"- `lost`: whether `a` mirrors a packet that `b` does not mirror.\n" +
		"- `differences`: a list with one packet for each pair of rules that decide such packets. `packet` is the packet, and `change` is `gained` or `lost`. " +
		"`a` and `b` are what each filter does with it. Their `rule_number` is null if no rule decides." + tooComplexText,
	result: typeOf(reflect.TypeFor[comparison]()),
	run: func(arguments []attr.Value) (attr.Value, error) {
		a, knowsA, err := filterArgument(arguments, 0)
		if err != nil {
			return nil, err
		}
		b, knowsB, err := filterArgument(arguments, 1)
		if err != nil || !knowsA || !knowsB {
			return nil, err
		}
		r, err := analysis.ReportDifferences(a, b)
		if err != nil {
			return nil, err
		}
		return show(comparison{*r.Equal, *r.Gained, *r.Lost, r.Differences}), nil
	},
}

var mirrors = pure{
	name:       "mirrors",
	summary:    "How much of a space of packets a filter mirrors",
	parameters: []function.Parameter{dynamic("filter", filterText), dynamic("space", spaceText)},
	description: "Returns how much a filter mirrors of a space: of all packets with some fields in common. The result is an object.\n\nThe result has:\n\n" +
		"- `amount`: `all`, `some` or `none`.\n" +
		"- `mirrored`: a packet that is mirrored, and what decides about it; null if none is. It is an object with `packet` and `decision`.\n" +
		"- `not_mirrored`: a packet that is not mirrored, and what decides about it; null if all are. It has the same attributes as `mirrored`.\n" +
		"- `rules`: the rules that decide a packet of the space: a list of objects with `traffic_direction` and `rule_number`.\n" +
		"- `outside`: `amount`, `mirrored` and `not_mirrored` for all packets that are not in the space; null if an exact answer would take too long.\n" +
		"- `space`: the space as a text.\n\n" +
		"In `mirrored` and `not_mirrored`, `packet` has:\n\n" +
		"- `text`: the packet as a text, such as `tcp 10.1.2.3:50000 > 10.0.1.10:22`, without its direction.\n" +
		"- `traffic_direction`, `protocol`, `source`, `source_port`, `destination` and `destination_port`. The ports are null if the packet has none.\n\n" +
		"`decision` has:\n\n" +
		"- `mirrored`: whether the packet is mirrored.\n" +
		"- `reason`: why. [The guide](../guides/verdicts.md#every-reason) lists the values.\n" +
		"- `rule_number`: the rule that decides; null if none does.\n\n" +
		"`any` is every address, IPv4 and IPv6: `all` needs rules for `::/0` too. For IPv4 only, write a CIDR block on one side, such as `ingress tcp 0.0.0.0/0 > any:443`. " +
		"Function [`trace`](trace.md) takes `packet`, and says step by step why. In an [assertion of a test](../guides/ci.md#its-filter) it gives the reason.\n\n" +
		"Packets that EC2 never mirrors do not count, unless the space has no others. Nor does Amazon DNS at its link-local addresses, unless the space has packets between port 53 and the ports 49152-65535 from which clients send." + tooComplexText,
	result: typeOf(reflect.TypeFor[analysis.SpaceReport]()),
	run: func(arguments []attr.Value) (attr.Value, error) {
		var ofSpace reader
		space := ofSpace.space(arguments[1])
		if err := ofSpace.err(1); err != nil {
			return nil, err
		}
		directions := mirror.Directions
		if !ofSpace.unknown {
			directions = space.Directions()
		}
		f, isKnown, err := filterArgument(arguments, 0, directions...)
		if err != nil || !isKnown || ofSpace.unknown {
			return nil, err
		}
		share, err := analysis.ReportSpace(f, space)
		if err != nil {
			return nil, err
		}
		return show(*share), nil
	},
}

// filterArgument reads a filter, with its rules of all directions unless some are given.
func filterArgument(arguments []attr.Value, i int, directions ...mirror.Direction) (f mirror.Filter, isKnown bool, err error) {
	var r reader
	if directions == nil {
		directions = mirror.Directions
	}
	f = r.filter(arguments[i], directions...)
	return f, !r.unknown, r.err(int64(i))
}
