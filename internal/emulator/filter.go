package emulator

import (
	"fmt"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

var filterDescriber = describer[mirror.Filter]{
	of:      filters,
	set:     "trafficMirrorFilterSet",
	ids:     "TrafficMirrorFilterId",
	idField: "traffic-mirror-filter-id",
	fields: []field[mirror.Filter]{
		{"description", func(_ *tx, v mirror.Filter) []string { return oneValue(v.Description) }},
	},
	write: func(t *tx, x *query.Writer, id string, v mirror.Filter) { writeFilter(x, t, v) },
}

// writeFilter writes a filter with its rules and their tags.
func writeFilter(x *query.Writer, t *tx, v mirror.Filter) {
	x.Text("trafficMirrorFilterId", v.ID)
	for _, direction := range mirror.Directions {
		x.In(string(direction)+"FilterRuleSet", func() {
			for _, id := range rulesByFilter.below(t, v.ID, string(direction)) {
				rule, _ := rules.get(t, id)
				x.In("item", func() { writeRule(x, rule, tagsOf(t, id)) })
			}
		})
	}
	x.In("networkServiceSet", func() {
		for _, service := range v.NetworkServices {
			x.Text("item", string(service))
		}
	})
	x.OptText("description", v.Description)
	writeTagSet(x, tagsOf(t, v.ID))
}

func createFilter(q *query.Query) operation {
	v := mirror.Filter{Description: q.Text("Description")}
	return filterDescriber.createOnce(q, "trafficMirrorFilter", func(t *tx) (string, error) {
		v := v
		if filters.count(t) >= t.quotas.FiltersPerAccount {
			return "", query.Refuse("TrafficMirrorFilterLimitExceeded", "The limit of %d traffic mirror filters has been reached", t.quotas.FiltersPerAccount)
		}
		v.ID = filters.freshID(t)
		filters.put(t, v.ID, v)
		return v.ID, nil
	})
}

// deleteFilter deletes the filter's rules with it (A0042).
func deleteFilter(q *query.Query) operation {
	id := filters.needID(q, "TrafficMirrorFilterId")
	return func(t *tx, x *query.Writer) error {
		if _, err := filters.need(t, id); err != nil {
			return err
		}
		if user := sessionsByFilter.firstBelow(t, id); user != "" {
			return query.Refuse("TrafficMirrorFilterInUse", "The traffic mirror filter '%s' is in use by session %s", id, user)
		}
		for _, rule := range rulesByFilter.idsBelow(t, id) {
			rules.del(t, rule)
		}
		filters.del(t, id)
		x.Text("trafficMirrorFilterId", id)
		return nil
	}
}

// modifyNetworkServices accepts a service that is already added or already removed. It
// refuses one that is both added and removed (A0043).
func modifyNetworkServices(q *query.Query) operation {
	id := filters.needID(q, "TrafficMirrorFilterId")
	added, removed := readServices(q, "AddNetworkService"), readServices(q, "RemoveNetworkService")
	for _, service := range added {
		if slices.Contains(removed, service) {
			q.Fail(query.Refuse("InvalidParameterCombination", "The network service '%s' is both added and removed", service))
		}
	}
	return func(t *tx, x *query.Writer) error {
		v, err := filters.need(t, id)
		if err != nil {
			return err
		}
		services := slices.DeleteFunc(append(v.NetworkServices, added...), func(s mirror.NetworkService) bool {
			return slices.Contains(removed, s)
		})
		slices.Sort(services)
		v.NetworkServices = slices.Compact(services)
		filters.put(t, id, v)
		x.In("trafficMirrorFilter", func() { writeFilter(x, t, v) })
		return nil
	}
}

func readServices(q *query.Query, name string) []mirror.NetworkService {
	var services []mirror.NetworkService
	for i, text := range q.List(name) {
		service := mirror.NetworkService(text)
		if !slices.Contains(mirror.NetworkServices, service) {
			q.Fail(query.InvalidValue(fmt.Sprintf("%s.%d", name, i+1), text, "Write amazon-dns."))
		}
		services = append(services, service)
	}
	return services
}
