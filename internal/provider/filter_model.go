package provider

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

type filterModel struct {
	ID              types.String   `tfsdk:"id"`
	ARN             types.String   `tfsdk:"arn"`
	Description     types.String   `tfsdk:"description"`
	NetworkServices types.Set      `tfsdk:"network_services"`
	IngressRules    types.Map      `tfsdk:"ingress_rules"`
	EgressRules     types.Map      `tfsdk:"egress_rules"`
	Assertions      types.Object   `tfsdk:"assertions"`
	Region          types.String   `tfsdk:"region"`
	Tags            types.Map      `tfsdk:"tags"`
	TagsAll         types.Map      `tfsdk:"tags_all"`
	Timeouts        timeouts.Value `tfsdk:"timeouts"`
}

func (m *filterModel) place() place { return place{&m.ID, &m.ARN, &m.Region} }

// rules returns the rule map of a direction.
func (m *filterModel) rules(d mirror.Direction) *types.Map {
	if d == mirror.Egress {
		return &m.EgressRules
	}
	return &m.IngressRules
}

// managed returns the directions whose rules the filter owns. Call it on a configuration
// only: the state has the rules of both directions. A map that is known only after apply
// may turn out to be null.
func (m *filterModel) managed() []mirror.Direction {
	var directions []mirror.Direction
	for _, d := range mirror.Directions {
		if !m.rules(d).IsNull() && !m.rules(d).IsUnknown() {
			directions = append(directions, d)
		}
	}
	return directions
}

func (m *filterModel) check() mirror.Problems {
	var r reader
	filter := mirror.Filter{Description: r.text("description", m.Description)}
	if r.isKnown("network_services", m.NetworkServices) {
		filter.NetworkServices = networkServices(m.NetworkServices)
	}
	problems := r.check(filter.Validate())
	for _, d := range mirror.Directions {
		_, found := expandRules(check.RulesField(d), d, *m.rules(d))
		problems = append(problems, found...)
	}
	_, _, found := expandAssertions(m.Assertions)
	problems = append(problems, found...)
	return append(problems, checkTags(m.Tags)...)
}

// checked returns the filter for package check. managed are the directions whose rules
// the filter owns.
func (m *filterModel) checked(managed []mirror.Direction) check.Filter {
	var r reader
	filter := mirror.Filter{ID: m.ID.ValueString(), Description: r.text("description", m.Description)}
	if filter.NetworkServices = networkServices(m.NetworkServices); !isFullyKnown(m.NetworkServices) {
		r.markUnknown("network_services")
	}
	count := map[mirror.Direction]int{}
	for _, d := range mirror.Directions {
		rules, problems := expandRules(check.RulesField(d), d, *m.rules(d))
		if !isFullyKnown(*m.rules(d)) || problems.Err() != nil {
			r.markUnknown(check.RulesField(d))
		}
		filter.Rules = append(filter.Rules, rules...)
		count[d] = len(m.rules(d).Elements())
	}
	assertions, known, _ := expandAssertions(m.Assertions)
	if !known {
		r.markUnknown(check.AssertionsField)
	}
	return check.Filter{Object: checked(filter, &r, m.TagsAll), Managed: managed, Count: count, Assertions: assertions}
}

func (r *filterResource) flatten(filter account.Tagged[mirror.Filter], prior filterModel) filterModel {
	f := filter.Noun
	tags, all := r.conn.tags.flatten(filter.Tags, prior.Tags, prior.TagsAll)
	m := filterModel{
		ID:              types.StringValue(f.ID),
		ARN:             types.StringValue(r.at(&prior).account.ARN(mirror.KindFilter, "", f.ID)),
		Description:     flattenText(f.Description, prior.Description),
		NetworkServices: flattenServices(f.NetworkServices, prior.NetworkServices),
		Assertions:      assertionsOf(prior.Assertions),
		Region:          prior.Region,
		Tags:            tags,
		TagsAll:         all,
		Timeouts:        prior.Timeouts,
	}
	for _, d := range mirror.Directions {
		*m.rules(d) = flattenRules(f.InDirection(d), *prior.rules(d))
	}
	return m
}

// owning returns the state after create or update. A direction that is not in the
// configuration keeps its planned value, even if somebody has changed it since.
func (m filterModel) owning(managed []mirror.Direction, plan filterModel) filterModel {
	for _, d := range mirror.Directions {
		if !slices.Contains(managed, d) {
			*m.rules(d) = *plan.rules(d)
		}
	}
	return m
}

// networkServices returns the services that are known.
func networkServices(set types.Set) []mirror.NetworkService {
	var services []mirror.NetworkService
	for _, element := range set.Elements() {
		if !element.IsUnknown() {
			services = append(services, mirror.NetworkService(element.(types.String).ValueString()))
		}
	}
	return services
}

// flattenServices returns null for no services, unless the prior value is an empty set.
func flattenServices(services []mirror.NetworkService, prior types.Set) types.Set {
	if len(services) == 0 && prior.IsNull() {
		return types.SetNull(types.StringType)
	}
	elements := make([]attr.Value, len(services))
	for i, s := range services {
		elements[i] = types.StringValue(string(s))
	}
	return types.SetValueMust(types.StringType, elements)
}
