package console

import (
	"cmp"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A draft is a rule in a form: the texts of its fields by the names of the arguments.
type draft map[string]string

// The fields of a draft.
var draftFields = []string{
	"id", "traffic_direction", "rule_number", "rule_action", "protocol", "source_cidr_block", "source_port_range", "destination_cidr_block", "destination_port_range", "description",
}

// maxDrafts is how many rules a form may have.
const maxDrafts = 500

// draftName is the name of a field of the rule with an index.
func draftName(i int, field string) string { return fmt.Sprintf("rule-%d-%s", i, field) }

// draftOf returns a rule as a form has it.
func draftOf(r mirror.Rule) draft {
	d := draft{
		"id": r.ID, "traffic_direction": string(r.Direction), "rule_number": strconv.Itoa(r.Number), "rule_action": string(r.Action), "description": r.Description,
		"source_cidr_block": r.SourceCIDR.String(), "destination_cidr_block": r.DestinationCIDR.String(),
	}
	if r.Protocol != nil {
		d["protocol"] = r.Protocol.String()
	}
	if r.SourcePorts != nil {
		d["source_port_range"] = r.SourcePorts.String()
	}
	if r.DestinationPorts != nil {
		d["destination_port_range"] = r.DestinationPorts.String()
	}
	return d
}

// draftsOf returns the rules of a filter, those of one direction after the other.
func draftsOf(f mirror.Filter) (drafts []draft) {
	for _, d := range mirror.Directions {
		for _, r := range f.InDirection(d) {
			drafts = append(drafts, draftOf(r))
		}
	}
	return drafts
}

// draftsIn reads the rules of a form.
func draftsIn(values url.Values) (drafts []draft) {
	n, _ := strconv.Atoi(values.Get("rules"))
	for i := range min(max(n, 0), maxDrafts) {
		d := draft{}
		for _, field := range draftFields {
			d[field] = strings.TrimSpace(values.Get(draftName(i, field)))
		}
		drafts = append(drafts, d)
	}
	return drafts
}

// rule returns the rule of a draft, with what is wrong with it.
func (d draft) rule() (r mirror.Rule, problems mirror.Problems) {
	add := func(wrong mirror.Problems) { problems = append(problems, wrong...) }
	var wrong mirror.Problems
	r = mirror.Rule{ID: d["id"], Direction: mirror.Direction(d["traffic_direction"]), Action: mirror.Action(d["rule_action"]), Description: d["description"]}
	number, err := strconv.Atoi(d["rule_number"])
	if r.Number = number; err != nil {
		add(mirror.RuleNumbers.Refuse("rule_number", strconv.Quote(d["rule_number"])))
	}
	if d["protocol"] != "" {
		var protocol mirror.Protocol
		protocol, wrong = mirror.ParseProtocol("protocol", d["protocol"])
		r.Protocol = &protocol
		add(wrong)
	}
	r.SourceCIDR, wrong = mirror.ParseCIDR("source_cidr_block", d["source_cidr_block"])
	add(wrong)
	r.DestinationCIDR, wrong = mirror.ParseCIDR("destination_cidr_block", d["destination_cidr_block"])
	add(wrong)
	r.SourcePorts, wrong = portsIn("source_port_range", d["source_port_range"])
	add(wrong)
	r.DestinationPorts, wrong = portsIn("destination_port_range", d["destination_port_range"])
	add(wrong)
	unread := map[string]bool{}
	for _, p := range problems {
		unread[p.Field] = true
	}
	for _, p := range r.Validate() {
		if !unread[p.Field] && !slices.ContainsFunc(p.With, func(with string) bool { return unread[with] }) {
			problems = append(problems, p)
		}
	}
	return r, inFormWords(problems)
}

// formWords replaces names of arguments, which a form does not show.
var formWords = strings.NewReplacer("eave it out", "eave it empty", "source_cidr_block", "the source", "destination_cidr_block", "the destination")

// inFormWords says problems in the words of the form, each once.
func inFormWords(problems mirror.Problems) (all mirror.Problems) {
	for _, p := range problems {
		p.Wrong, p.Fix = formWords.Replace(p.Wrong), formWords.Replace(p.Fix)
		name, _, _ := strings.Cut(p.Field, ".")
		if !slices.ContainsFunc(all, func(o mirror.Problem) bool { return strings.HasPrefix(o.Field, name) && o.Wrong == p.Wrong }) {
			all = append(all, p)
		}
	}
	return all
}

// portsIn reads "443" or "1024-65535".
func portsIn(field, text string) (*mirror.PortRange, mirror.Problems) {
	if text == "" {
		return nil, nil
	}
	first, last, isRange := strings.Cut(text, "-")
	if !isRange {
		last = first
	}
	from, err := strconv.Atoi(strings.TrimSpace(first))
	to, errTo := strconv.Atoi(strings.TrimSpace(last))
	if cmp.Or(err, errTo) != nil {
		return nil, mirror.Problems{{
			Kind: mirror.Malformed, Field: field, Wrong: fmt.Sprintf("is %q", text), Fix: "Write a port such as 443, or a range such as 1024-65535. Empty: every port.",
		}}
	}
	if from > to && to >= 0 {
		return nil, mirror.Problems{{Kind: mirror.Invalid, Field: field, Wrong: fmt.Sprintf("is %d-%d", from, to), Fix: fmt.Sprintf("Write %d-%d.", to, from)}}
	}
	return &mirror.PortRange{From: from, To: to}, nil
}

// rulesOf returns the rules of drafts, with the problems by the names of the fields of the form.
func rulesOf(drafts []draft) (rules []mirror.Rule, problems mirror.Problems) {
	last := map[string]int{} // the index of the rule with a number, by its path in problems of a filter
	for i, d := range drafts {
		rule, wrong := d.rule()
		rules = append(rules, rule)
		for _, p := range wrong {
			p.Field = draftName(i, p.Field)
			problems = append(problems, p)
		}
		last[fmt.Sprintf("rules[%d %s].rule_number", rule.Number, rule.Direction)] = i
	}
	for _, p := range (mirror.Filter{Rules: rules}).Validate() {
		if i, known := last[p.Field]; known && p.Kind == mirror.Conflict {
			p.Field = draftName(i, "rule_number")
			problems = append(problems, p)
		}
	}
	return rules, problems
}

// edit carries out a button of the editor: "add-ingress", "remove-2", "up-2" or "down-2".
func edit(drafts []draft, button string) []draft {
	verb, operand, _ := strings.Cut(button, "-")
	if verb == "add" {
		return addDraft(drafts, mirror.Direction(operand))
	}
	i, err := strconv.Atoi(operand)
	if err != nil || i < 0 || i >= len(drafts) {
		return drafts
	}
	switch verb {
	case "remove":
		return slices.Delete(slices.Clone(drafts), i, i+1)
	case "up":
		return exchange(drafts, i-1, i)
	case "down":
		return exchange(drafts, i, i+1)
	}
	return drafts
}

// addDraft adds a rule after the others of its direction.
func addDraft(drafts []draft, d mirror.Direction) []draft {
	if d.Check("") != nil || len(drafts) >= maxDrafts {
		return drafts
	}
	at, number := len(drafts), 0
	if d == mirror.Directions[0] {
		at = 0
	}
	for i, other := range drafts {
		if other["traffic_direction"] == string(d) {
			n, _ := strconv.Atoi(other["rule_number"])
			at, number = i+1, max(number, n)
		}
	}
	number = min(number/100*100+100, int(mirror.RuleNumbers.Max))
	return slices.Insert(slices.Clone(drafts), at, draft{
		"traffic_direction": string(d), "rule_number": strconv.Itoa(number), "rule_action": string(mirror.Accept), "source_cidr_block": anyIPv4, "destination_cidr_block": anyIPv4,
	})
}

var anyIPv4 = netip.PrefixFrom(netip.IPv4Unspecified(), 0).String()

// exchange exchanges the places of two rules of one direction: their numbers.
func exchange(drafts []draft, i, j int) []draft {
	if i < 0 || j >= len(drafts) || drafts[i]["traffic_direction"] != drafts[j]["traffic_direction"] {
		return drafts
	}
	drafts = slices.Clone(drafts)
	drafts[i]["rule_number"], drafts[j]["rule_number"] = drafts[j]["rule_number"], drafts[i]["rule_number"]
	drafts[i], drafts[j] = drafts[j], drafts[i]
	return drafts
}
