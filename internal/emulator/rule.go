package emulator

import (
	"net/netip"
	"slices"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

var ruleDescriber = describer[mirror.Rule]{
	of:      rules,
	set:     "trafficMirrorFilterRuleSet",
	ids:     "TrafficMirrorFilterRuleId",
	idField: "traffic-mirror-filter-rule-id",
	fields: []field[mirror.Rule]{
		{"traffic-mirror-filter-id", func(_ *tx, v mirror.Rule) []string { return oneValue(v.FilterID) }},
		{"rule-number", func(_ *tx, v mirror.Rule) []string { return oneValue(strconv.Itoa(v.Number)) }},
		{"rule-action", func(_ *tx, v mirror.Rule) []string { return oneValue(string(v.Action)) }},
		{"traffic-direction", func(_ *tx, v mirror.Rule) []string { return oneValue(string(v.Direction)) }},
		{"protocol", func(_ *tx, v mirror.Rule) []string { return protocolNumber(v) }},
		{"source-cidr-block", func(_ *tx, v mirror.Rule) []string { return oneValue(v.SourceCIDR.String()) }},
		{"destination-cidr-block", func(_ *tx, v mirror.Rule) []string { return oneValue(v.DestinationCIDR.String()) }},
		{"description", func(_ *tx, v mirror.Rule) []string { return oneValue(v.Description) }},
	},
	finders: map[string]func(*tx, string) []string{"traffic-mirror-filter-id": idsIn(rulesByFilter)},
	write:   func(t *tx, x *query.Writer, id string, v mirror.Rule) { writeRule(x, v, tagsOf(t, id)) },
}

func protocolNumber(v mirror.Rule) []string {
	if v.Protocol == nil {
		return nil
	}
	return oneValue(strconv.Itoa(int(*v.Protocol)))
}

// describeRules has one more parameter than the other describes: the filter, which must
// exist (A0083).
func describeRules(q *query.Query) operation {
	r := ruleDescriber.read(q)
	filter := filters.readID(q, "TrafficMirrorFilterId")
	if filter == "" {
		return ruleDescriber.page(r)
	}
	r.Require("traffic-mirror-filter-id", filter)
	page := ruleDescriber.page(r)
	return func(t *tx, x *query.Writer) error {
		if _, err := filters.need(t, filter); err != nil {
			return err
		}
		return page(t, x)
	}
}

// writeRule writes a rule with its tags.
func writeRule(x *query.Writer, v mirror.Rule, tags map[string]string) {
	writeRuleWithoutTags(x, v)
	writeTagSet(x, tags)
}

func writeRuleWithoutTags(x *query.Writer, v mirror.Rule) {
	x.Text("trafficMirrorFilterRuleId", v.ID)
	x.Text("trafficMirrorFilterId", v.FilterID)
	x.Text("trafficDirection", string(v.Direction))
	x.Int("ruleNumber", v.Number)
	x.Text("ruleAction", string(v.Action))
	if v.Protocol != nil {
		x.Int("protocol", int(*v.Protocol))
	}
	writePorts(x, "destinationPortRange", v.DestinationPorts)
	writePorts(x, "sourcePortRange", v.SourcePorts)
	x.Text("destinationCidrBlock", v.DestinationCIDR.String())
	x.Text("sourceCidrBlock", v.SourceCIDR.String())
	x.OptText("description", v.Description)
}

func writePorts(x *query.Writer, name string, r *mirror.PortRange) {
	if r == nil {
		return
	}
	x.In(name, func() {
		x.Int("fromPort", r.From)
		x.Int("toPort", r.To)
	})
}

// createRule checks a rule as a whole. EC2 documents no code for ports that do not fit
// the protocol (A0070), and none for different address families (A0071).
func createRule(q *query.Query) operation {
	v := mirror.Rule{
		FilterID:         filters.needID(q, "TrafficMirrorFilterId"),
		Direction:        mirror.Direction(q.NeedText("TrafficDirection")),
		Number:           q.NeedInt("RuleNumber"),
		Action:           mirror.Action(q.NeedText("RuleAction")),
		Protocol:         readProtocol(q),
		DestinationCIDR:  q.Prefix("DestinationCidrBlock"),
		SourceCIDR:       q.Prefix("SourceCidrBlock"),
		DestinationPorts: readPorts(q, "DestinationPortRange"),
		SourcePorts:      readPorts(q, "SourcePortRange"),
		Description:      q.Text("Description"),
	}
	q.Check(v.Validate())
	return ruleDescriber.createOnce(q, "trafficMirrorFilterRule", func(t *tx) (string, error) {
		v := v
		if _, err := filters.need(t, v.FilterID); err != nil {
			return "", err
		}
		if err := checkRulePlace(t, v); err != nil {
			return "", err
		}
		if err := checkRuleQuota(t, v, mirror.Rule{}); err != nil {
			return "", err
		}
		v.ID = rules.freshID(t)
		rules.put(t, v.ID, v)
		return v.ID, nil
	})
}

// readProtocol reads the number of a protocol. 0 is HOPOPT (A0044).
func readProtocol(q *query.Query) *mirror.Protocol {
	n := q.Int("Protocol")
	if n == nil {
		return nil
	}
	return new(mirror.Protocol(*n))
}

// readPorts reads a port range. A request has both ends of it or none (A0070).
func readPorts(q *query.Query, name string) *mirror.PortRange {
	from, to := q.Int(name+".FromPort"), q.Int(name+".ToPort")
	switch {
	case from == nil && to == nil:
		return nil
	case from == nil:
		q.Fail(query.Missing(name + ".FromPort"))
		return nil
	case to == nil:
		q.Fail(query.Missing(name + ".ToPort"))
		return nil
	}
	return &mirror.PortRange{From: *from, To: *to}
}

// checkRulePlace refuses a rule number that another rule of the filter and direction
// has. The code is an assumption (A0045).
func checkRulePlace(t *tx, v mirror.Rule) error {
	other := rulesByFilter.get(t, v.FilterID, string(v.Direction), numberKey(v.Number))
	if other == "" || other == v.ID {
		return nil
	}
	return query.Refuse("TrafficMirrorFilterRuleAlreadyExists", "Rule number %d of direction %s in the traffic mirror filter '%s' is already used by %s", v.Number, v.Direction, v.FilterID, other)
}

// checkRuleQuota refuses a rule beyond the quota. A rule that the quota counted before
// is accepted.
func checkRuleQuota(t *tx, v, before mirror.Rule) error {
	place := quotaPlace(t, v)
	if slices.Equal(place, quotaPlace(t, before)) || rulesByFilter.countBelow(t, place...) < t.quotas.RulesPerFilter {
		return nil
	}
	return query.Refuse("TrafficMirrorFilterRuleLimitExceeded", "The limit of %d rules of the traffic mirror filter '%s' has been reached", t.quotas.RulesPerFilter, v.FilterID)
}

func deleteRule(q *query.Query) operation {
	id := rules.needID(q, "TrafficMirrorFilterRuleId")
	return func(t *tx, x *query.Writer) error {
		if _, err := rules.need(t, id); err != nil {
			return err
		}
		rules.del(t, id)
		x.Text("trafficMirrorFilterRuleId", id)
		return nil
	}
}

// anyRule is a valid rule. A change is applied to it to find the wrong values of the
// change, whatever rule it is for.
var anyRule = mirror.Rule{
	Direction: mirror.Ingress, Number: 1, Action: mirror.Accept,
	SourceCIDR: netip.MustParsePrefix("0.0.0.0/0"), DestinationCIDR: netip.MustParsePrefix("0.0.0.0/0"),
}

func isConflict(p mirror.Problem) bool { return p.Kind == mirror.Conflict }

// ruleRemovals are the values of RemoveField, with the parameters that exclude them.
var ruleRemovals = []removal{
	{"destination-port-range", []string{"DestinationPortRange.FromPort", "DestinationPortRange.ToPort"}},
	{"source-port-range", []string{"SourcePortRange.FromPort", "SourcePortRange.ToPort"}},
	{"protocol", []string{"Protocol"}},
	{"description", []string{"Description"}},
}

func modifyRule(q *query.Query) operation {
	id := rules.needID(q, "TrafficMirrorFilterRuleId")
	change := readRuleChange(q)
	q.Check(slices.DeleteFunc(change(anyRule).Validate(), isConflict))
	return func(t *tx, x *query.Writer) error {
		old, err := rules.need(t, id)
		if err != nil {
			return err
		}
		v := change(old)
		if err := query.RefuseProblems(v.Validate()); err != nil {
			return err
		}
		if err := checkRulePlace(t, v); err != nil {
			return err
		}
		if err := checkRuleQuota(t, v, old); err != nil {
			return err
		}
		rules.put(t, id, v)
		// EC2 documents that this answer never has the tags of the rule.
		x.In("trafficMirrorFilterRule", func() { writeRuleWithoutTags(x, v) })
		return nil
	}
}

// readRuleChange reads the changes of a ModifyTrafficMirrorFilterRule.
func readRuleChange(q *query.Query) func(mirror.Rule) mirror.Rule {
	removed := readRemovals(q, ruleRemovals)
	direction, action := q.OptText("TrafficDirection"), q.OptText("RuleAction")
	number, protocol, description := q.Int("RuleNumber"), readProtocol(q), q.OptText("Description")
	destinationPorts, sourcePorts := readPorts(q, "DestinationPortRange"), readPorts(q, "SourcePortRange")
	if (destinationPorts != nil || sourcePorts != nil) && protocol == nil {
		// EC2 does so even if the rule has a protocol; the code is an assumption (A0046).
		q.Fail(query.Refuse("InvalidParameterCombination", "A port range cannot be modified without the parameter Protocol"))
	}
	source, destination := q.OptPrefix("SourceCidrBlock"), q.OptPrefix("DestinationCidrBlock")
	return func(v mirror.Rule) mirror.Rule {
		replace(&v.Direction, (*mirror.Direction)(direction))
		replace(&v.Action, (*mirror.Action)(action))
		replace(&v.Number, number)
		replace(&v.Description, description)
		replace(&v.SourceCIDR, source)
		replace(&v.DestinationCIDR, destination)
		replacePointer(&v.Protocol, protocol, removed.has("protocol"))
		replacePointer(&v.DestinationPorts, destinationPorts, removed.has("destination-port-range"))
		replacePointer(&v.SourcePorts, sourcePorts, removed.has("source-port-range"))
		if removed.has("description") {
			v.Description = ""
		}
		return v
	}
}
