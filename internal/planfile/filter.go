package planfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// Filter returns a filter with its rules, the separate ones included. name is its ID or the
// address of its resource. It may be "" if there is only one filter. The problems are warnings.
func (f *File) Filter(name string) (mirror.Filter, mirror.Problems, error) {
	q := &question{file: f}
	q.warnings = append(q.warnings, f.Warnings...)
	o, err := f.filterNamed(name)
	if err != nil {
		return mirror.Filter{}, nil, err
	}
	filter, err := q.filter(o)
	return filter, q.warnings, err
}

func (f *File) filterNamed(name string) (*object, error) {
	var all []*object
	for _, o := range f.objects {
		if !slices.Contains(filterKinds, o.place.kind) || o.isDeleted {
			continue
		}
		if o.address == name || name != "" && o.id() == name {
			return o, nil
		}
		all = append(all, o)
	}
	switch {
	case len(all) == 0:
		return nil, fmt.Errorf("the %s has no traffic mirror filter", f.kind)
	case name == "" && len(all) == 1:
		return all[0], nil
	case name == "":
		return nil, fmt.Errorf("the %s has several filters. Write --filter with one of %s", f.kind, listOf(addresses(all), "and"))
	case mirror.KindFilter.Is(name):
		return nil, fmt.Errorf("--filter: the %s has no filter %s. It has %s", f.kind, name, listOf(addresses(all), "and"))
	}
	o, err := f.named(name, filterKinds)
	if err != nil {
		return nil, fmt.Errorf("--filter: %w. It has %s", err, listOf(addresses(all), "and"))
	}
	return o, nil
}

// filterOf returns the filter of a session.
func (q *question) filterOf(session *object) (mirror.Filter, error) {
	id, err := q.reference(session, "traffic_mirror_filter_id", filterKinds)
	if err != nil {
		return mirror.Filter{}, err
	}
	o, err := q.file.byReference(id, filterKinds)
	if errors.Is(err, errNotHere) {
		return mirror.Filter{}, fmt.Errorf("%s uses filter %s, which is not in this %s, so that its rules are not known. Use the plan or the state of the configuration that has it, or write a mirror.json", session.address, id, q.file.kind)
	}
	return q.filter(o)
}

// numberedRule is a rule as filter.json has it, and where it is from.
type numberedRule struct {
	rule map[string]any
	from string
}

type rulesByNumber map[string]numberedRule

// filter returns a filter as it is after the apply.
func (q *question) filter(o *object) (mirror.Filter, error) {
	services, err := o.value("network_services")
	if err != nil {
		return mirror.Filter{}, err
	}
	document := map[string]any{}
	if list, isList := services.([]any); isList {
		document["network_services"] = list
	}
	separate, err := q.separateRules(o)
	if err != nil {
		return mirror.Filter{}, err
	}
	for _, d := range mirror.Directions {
		rules, err := o.rules(d, separate)
		if err != nil {
			return mirror.Filter{}, err
		}
		document[rulesField(d)] = rules
	}
	filter, warnings, err := parseFilter(document)
	if err != nil {
		return mirror.Filter{}, fmt.Errorf("%s: %w", o.address, err)
	}
	for _, d := range warnings {
		if d.Kind == mirror.Warning {
			q.warning(o.address+": "+d.Error(), "")
		}
	}
	filter.ID = o.name()
	return filter, nil
}

// parseFilter reads what a filter.json has.
func parseFilter(document map[string]any) (mirror.Filter, mirror.Problems, error) {
	text, err := json.Marshal(document)
	if err != nil {
		return mirror.Filter{}, nil, err
	}
	return topology.ParseFilter(text)
}

func rulesField(d mirror.Direction) string { return string(d) + "_rules" }

// rules returns the rules of a direction as they are in a filter.json. The map of a filter
// that does not manage them has those that were there at the last refresh, separate rules
// included. So what the separate rules were is taken out, and what they will be is put in. A
// filter that manages them keeps a rule of its map when the separate rule is destroyed.
func (o *object) rules(d mirror.Direction, separate separateRules) (map[string]any, error) {
	inline, err := o.value(rulesField(d))
	if err != nil {
		return nil, err
	}
	all := rulesByNumber{}
	entries, _ := inline.(map[string]any)
	for number, entry := range entries {
		if rule, isRule := entry.(map[string]any); isRule {
			all[number] = numberedRule{ruleOf(rule, false), o.address}
		}
	}
	owner := o.manages(d)
	if err := all.remove(separate, d, owner); err != nil {
		return nil, err
	}
	for _, s := range separate.after {
		if s.isForgotten && owner == isManaged {
			continue // it is a rule of the map, or the filter deletes it
		}
		if err := all.add(s, d); err != nil {
			return nil, err
		}
	}
	rules := map[string]any{}
	for number, r := range all {
		rules[number] = r.rule
	}
	return rules, nil
}

// management is whether a filter manages the rules of a direction in its map.
type management int

const (
	isNotManaged management = iota
	isManaged
	isPerhapsManaged
)

// manages reports whether the filter manages the rules of a direction. A plan does not have
// the value of an expression. So a map that stays as it is has two possible reasons: it is that
// of the expression, or the value is null and the map is what was there at the last refresh.
func (o *object) manages(d mirror.Direction) management {
	e, isSet := o.config.argument(rulesField(d))
	switch {
	case !isSet || string(e.ConstantValue) == "null":
		return isNotManaged
	case e.ConstantValue != nil || !reflect.DeepEqual(o.before[rulesField(d)], o.values[rulesField(d)]):
		return isManaged
	}
	return isPerhapsManaged
}

// remove takes the separate rules of before the apply out of a map.
func (all rulesByNumber) remove(separate separateRules, d mirror.Direction, owner management) error {
	for _, s := range separate.before {
		direction, number := placeBefore(s)
		inMap, isInMap := all[number]
		if direction != d || !isInMap || owner == isManaged {
			continue
		}
		if owner == isPerhapsManaged && !separate.has(d, number) {
			return fmt.Errorf("%s: the plan removes %s, and does not show whether %s is null. If it is null, then %s rule %s goes too; else it stays. Apply and use --state, or write %s without a reference",
				inMap.from, s.address, rulesField(d), d, number, rulesField(d))
		}
		delete(all, number)
	}
	return nil
}

// add adds a separate rule if it is of the direction.
func (all rulesByNumber) add(s *object, d mirror.Direction) error {
	direction, err := s.text("traffic_direction")
	if err != nil || mirror.Direction(direction) != d {
		return err
	}
	number, err := s.number("rule_number")
	if err != nil {
		return err
	}
	if number == nil {
		return fmt.Errorf("%s: rule_number is missing", s.address)
	}
	for _, name := range ruleArguments {
		if _, err := s.value(name); err != nil {
			return err
		}
	}
	key := strconv.Itoa(*number)
	if other, isTaken := all[key]; isTaken {
		return fmt.Errorf("%s and %s are both %s rule %s of one filter. Give each its own number", other.from, s.address, d, key)
	}
	all[key] = numberedRule{ruleOf(s.values, isOfAWS(s.place.kind)), s.address}
	return nil
}

// placeBefore returns the direction and the number of a separate rule before the apply.
func placeBefore(o *object) (mirror.Direction, string) {
	direction, _ := o.before["traffic_direction"].(string)
	number, _ := o.before["rule_number"].(json.Number)
	return mirror.Direction(direction), string(number)
}

// ruleArguments are the arguments of a rule that decide something.
var ruleArguments = []string{"rule_action", "protocol", "source_cidr_block", "destination_cidr_block", "source_port_range", "destination_port_range"}

// ruleOf returns a rule as filter.json has it: null is left out.
func ruleOf(values map[string]any, isOfAWS bool) map[string]any {
	rule := map[string]any{}
	for _, name := range ruleArguments {
		value := values[name]
		if list, isList := value.([]any); isList { // a block
			value = nil
			if len(list) == 1 {
				value = list[0]
			}
		}
		if isOfAWS && name == "protocol" && value == json.Number("0") {
			continue // hashicorp/aws has 0 where none is set
		}
		if value != nil {
			rule[name] = value
		}
	}
	return rule
}

// separateRules are the resources of rules that were in a filter, and those that will be.
type separateRules struct{ before, after []*object }

// has reports whether a rule will be at a number.
func (r separateRules) has(d mirror.Direction, number string) bool {
	return slices.ContainsFunc(r.after, func(o *object) bool {
		n, err := o.number("rule_number")
		return err == nil && n != nil && strconv.Itoa(*n) == number && o.knownText("traffic_direction") == string(d)
	})
}

func (q *question) separateRules(filter *object) (separateRules, error) {
	var rules separateRules
	for _, o := range q.file.objects {
		if !slices.Contains(ruleKinds, o.place.kind) {
			continue
		}
		if id := o.before["traffic_mirror_filter_id"]; id != nil && id == filter.before["id"] {
			rules.before = append(rules.before, o)
		}
		if o.isDeleted {
			continue
		}
		id, err := q.reference(o, "traffic_mirror_filter_id", filterKinds)
		var guess *guessError
		switch {
		case errors.As(err, &guess) && !guess.isOf(filter):
			continue // of another resource, whatever its key is
		case err != nil:
			return rules, err
		}
		if id == filter.name() {
			rules.after = append(rules.after, o)
		}
	}
	return rules, nil
}
