package function

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/attr"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

const (
	filterText = "The filter: a `trafficmirror_filter`, or an object with `ingress_rules`, `egress_rules` and `network_services`, as the arguments of that resource. What is left out is empty. " +
		"In a plan, attributes that are known only after apply do not matter, such as `id`."
	filterFix = "Write a trafficmirror_filter, or an object with ingress_rules, egress_rules and network_services."
	rulesFix  = `Write an object with rules by their numbers, such as { "100" = { rule_action = "accept", ... } }.`
	ruleFix   = `Write a rule: { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" }.`
)

// The names of attributes that an argument may have.
var (
	filterNames = []string{"ingress_rules", "egress_rules", "network_services", "description", "tags"}
	ruleNames   = []string{
		"rule_action", "protocol", "source_cidr_block", "destination_cidr_block", "source_port_range", "destination_port_range", "description",
	}
)

// rulesName is the name of the attribute with the rules of a direction.
func rulesName(d mirror.Direction) string { return string(d) + "_rules" }

// filter reads the rules of some directions and the network services of a filter.
func (r *reader) filter(v attr.Value, directions ...mirror.Direction) mirror.Filter {
	var filter mirror.Filter
	f, ok := r.fields("", v, filterFix)
	if !ok {
		return filter
	}
	// A resource has more attributes. Its id is not one that a person writes.
	isResource := f.has("id")
	if !isResource {
		f.only(filterNames...)
	}
	if !f.has("ingress_rules") && !f.has("egress_rules") {
		r.add(mirror.Problem{Kind: mirror.Missing, Wrong: "The filter has neither ingress_rules nor egress_rules", Fix: filterFix})
		return filter
	}
	for _, s := range r.texts("network_services", f.values["network_services"], `Write a list such as ["amazon-dns"].`) {
		filter.NetworkServices = append(filter.NetworkServices, mirror.NetworkService(s))
	}
	r.add(filter.Validate()...)
	for _, d := range directions {
		name := rulesName(d)
		value := f.values[name]
		if isResource && value != nil && value.IsNull() {
			r.add(mirror.Problem{
				Kind: mirror.Missing, Field: name, Wrong: "is null: the rules of this direction are managed elsewhere, so that they are not known here",
				Fix: "Write the rules of the filter as " + name + ", or give the function an object with them.",
			})
			continue
		}
		filter.Rules = append(filter.Rules, r.rules(name, d, value)...)
	}
	return filter
}

// rules reads the rules of a direction, in the order of their numbers.
func (r *reader) rules(at string, d mirror.Direction, v attr.Value) []mirror.Rule {
	f, ok := r.fields(at, v, rulesFix)
	if !ok {
		return nil
	}
	rules := make([]mirror.Rule, 0, len(f.values))
	for _, key := range sortedKeys(f.values) {
		here := fmt.Sprintf("%s[%q]", at, key)
		number, problems := mirror.ParseRuleNumber(key)
		r.add(problems.Below(here)...)
		rule, ok := r.rule(here, f.values[key])
		if !ok || problems != nil {
			continue
		}
		rule.Direction, rule.Number = d, number
		if problems := rule.Validate(); problems != nil {
			r.add(problems.Below(here)...)
		}
		rules = append(rules, rule)
	}
	return rules
}

// sortedKeys sorts keys as numbers: sorted as texts, 1000 would come before 200.
func sortedKeys(rules map[string]attr.Value) []string {
	number := func(key string) int {
		n, _ := strconv.Atoi(key)
		return n
	}
	return slices.SortedFunc(maps.Keys(rules), func(a, b string) int {
		return cmp.Or(cmp.Compare(number(a), number(b)), cmp.Compare(a, b))
	})
}

// rule reads a rule without its number and its direction. ok is false if it cannot be checked.
func (r *reader) rule(at string, v attr.Value) (rule mirror.Rule, ok bool) {
	before, knew := len(r.problems), !r.unknown
	f, ok := r.fields(at, v, ruleFix)
	if !ok {
		if len(r.problems) == before && knew && !r.unknown {
			r.add(mirror.Problem{Kind: mirror.Missing, Field: at, Wrong: "is null", Fix: "Write a rule, or leave the number out."})
		}
		return rule, false
	}
	f.only(ruleNames...)
	rule.Action = mirror.Action(f.text("rule_action"))
	match := r.match(f)
	rule.Protocol, rule.SourceCIDR, rule.DestinationCIDR = match.Protocol, match.SourceCIDR, match.DestinationCIDR
	rule.SourcePorts, rule.DestinationPorts = match.SourcePorts, match.DestinationPorts
	return rule, len(r.problems) == before
}

// match reads what rules and spaces have in common. What is left out matches everything.
func (r *reader) match(f fields) (s mirror.Space) {
	if text := f.text("protocol"); f.isSet("protocol") {
		protocol, problems := mirror.ParseRuleProtocol("protocol", text)
		s.Protocol = &protocol
		r.below(f.at, problems)
	}
	if text := f.text("source_cidr_block"); f.isSet("source_cidr_block") {
		var problems mirror.Problems
		s.SourceCIDR, problems = mirror.ParseCIDR("source_cidr_block", text)
		r.below(f.at, problems)
	}
	if text := f.text("destination_cidr_block"); f.isSet("destination_cidr_block") {
		var problems mirror.Problems
		s.DestinationCIDR, problems = mirror.ParseCIDR("destination_cidr_block", text)
		r.below(f.at, problems)
	}
	s.SourcePorts, s.DestinationPorts = r.ports(f, "source_port_range"), r.ports(f, "destination_port_range")
	return s
}

// below adds problems below a path.
func (r *reader) below(at string, problems mirror.Problems) {
	if at != "" {
		problems = problems.Below(at)
	}
	r.add(problems...)
}

// ports reads a port range. It is nil if there is none.
func (r *reader) ports(f fields, name string) *mirror.PortRange {
	ends, ok := r.fields(f.path(name), f.values[name], "Write { from_port = 443, to_port = 443 }.")
	if !ok {
		return nil
	}
	ends.only("from_port", "to_port")
	from, to := ends.number("from_port"), ends.number("to_port")
	if from == nil || to == nil {
		missing := "from_port"
		if from != nil {
			missing = "to_port"
		}
		r.add(mirror.Problem{Kind: mirror.Missing, Field: ends.path(missing), Wrong: "is missing", Fix: "Write a port from " + mirror.Ports.String() + "."})
		return nil
	}
	return &mirror.PortRange{From: int(*from), To: int(*to)}
}
