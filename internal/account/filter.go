package account

import (
	"context"
	"slices"
	"sort"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Filter returns a filter with its rules.
func (a *Account) Filter(ctx context.Context, id string) (Tagged[mirror.Filter], error) {
	out, err := a.ec2.describeFilters(ctx, &ec2.DescribeTrafficMirrorFiltersInput{TrafficMirrorFilterIds: []string{id}}, a.options...)
	if err != nil {
		out = &ec2.DescribeTrafficMirrorFiltersOutput{}
	}
	var rules []mirror.Rule
	filter, err := one(a, mirror.KindFilter, id, out.TrafficMirrorFilters, err, func(f types.TrafficMirrorFilter) (mirror.Filter, string, []types.Tag, error) {
		noun, err := filterOf(f)
		if aws.ToString(f.TrafficMirrorFilterId) == id {
			rules = noun.Rules
		}
		return noun, aws.ToString(f.TrafficMirrorFilterId), f.Tags, err
	})
	filter.Noun.Rules = a.CorrectRules(id, rules)
	return filter, err
}

// Filters lists the filters that match every condition, in the order of their IDs.
func (a *Account) Filters(ctx context.Context, where ...Where) ([]mirror.Filter, error) {
	all, err := a.TaggedFilters(ctx, where...)
	return nouns(all), err
}

// TaggedFilters is Filters, with tags.
func (a *Account) TaggedFilters(ctx context.Context, where ...Where) ([]Tagged[mirror.Filter], error) {
	var filters []mirror.Filter
	tags := map[string][]types.Tag{}
	rules := map[string][]mirror.Rule{} // by filter, as EC2 has answered
	err := pages(func(token *string) (*string, error) {
		out, err := a.ec2.describeFilters(ctx, &ec2.DescribeTrafficMirrorFiltersInput{Filters: filtersOf(where), NextToken: token}, a.options...)
		if err != nil {
			return nil, err
		}
		for _, f := range out.TrafficMirrorFilters {
			noun, err := filterOf(f)
			if err != nil {
				return nil, err
			}
			rules[noun.ID] = noun.Rules
			filters = append(filters, noun)
			tags[noun.ID] = f.Tags
		}
		return out.NextToken, nil
	})
	if err != nil {
		return nil, err
	}
	filters = correctAll(a.written, mirror.KindFilter, filters, func(f mirror.Filter) string { return f.ID }, func(f mirror.Filter) bool {
		return matches(where, map[string]string{"traffic-mirror-filter-id": f.ID})
	})
	for i, f := range filters {
		filters[i].Rules = a.CorrectRules(f.ID, rules[f.ID])
	}
	// sort.Slice is compiled once, and not once for each type: the binary is smaller.
	sort.Slice(filters, func(i, j int) bool { return filters[i].ID < filters[j].ID })
	return tagged(a, filters, tags, func(f mirror.Filter) string { return f.ID }), nil
}

// CreateFilter creates a filter without services and rules. These need separate calls.
func (a *Account) CreateFilter(ctx context.Context, description string, tags map[string]string, token Token) (Tagged[mirror.Filter], error) {
	out, err := a.ec2.createFilter(ctx, &ec2.CreateTrafficMirrorFilterInput{
		ClientToken:       aws.String(string(token)),
		Description:       textRequest(description),
		TagSpecifications: tagRequest(mirror.KindFilter, tags),
	}, a.options...)
	if err != nil {
		return Tagged[mirror.Filter]{}, err
	}
	noun, err := filterOf(*out.TrafficMirrorFilter)
	if err != nil {
		return Tagged[mirror.Filter]{}, err
	}
	created := Tagged[mirror.Filter]{noun, tagsOf(out.TrafficMirrorFilter.Tags)}
	a.written.create(mirror.KindFilter, noun.ID, noun, created.Tags)
	return created, nil
}

// ModifyServices makes the services of a filter those that are wanted.
func (a *Account) ModifyServices(ctx context.Context, filter mirror.Filter, wanted []mirror.NetworkService) error {
	add, remove := ServiceChanges(filter.NetworkServices, wanted)
	if add == nil && remove == nil {
		return nil
	}
	in := &ec2.ModifyTrafficMirrorFilterNetworkServicesInput{
		TrafficMirrorFilterId: &filter.ID, AddNetworkServices: servicesRequest(add), RemoveNetworkServices: servicesRequest(remove),
	}
	filter.NetworkServices = wanted
	return a.modifyObject(ctx, mirror.KindFilter, filter.ID, func() (any, error) {
		_, err := a.ec2.modifyServices(ctx, in, a.options...)
		return filter, err
	}, filter.ID)
}

// ServiceChanges returns the services to add and those to remove.
func ServiceChanges(present, wanted []mirror.NetworkService) (add, remove []mirror.NetworkService) {
	without := func(services, others []mirror.NetworkService) []mirror.NetworkService {
		var rest []mirror.NetworkService
		for _, s := range services {
			if !slices.Contains(others, s) {
				rest = append(rest, s)
			}
		}
		return rest
	}
	return without(wanted, present), without(present, wanted)
}

func servicesRequest(services []mirror.NetworkService) []types.TrafficMirrorNetworkService {
	var list []types.TrafficMirrorNetworkService
	for _, s := range services {
		list = append(list, types.TrafficMirrorNetworkService(s))
	}
	return list
}

// DeleteFilter deletes a filter and its rules. It may be gone already. created is when
// it was created, or the zero time if that is not known.
func (a *Account) DeleteFilter(ctx context.Context, id string, created time.Time) error {
	return a.deleteObject(ctx, mirror.KindFilter, id, created, func() error {
		_, err := a.ec2.deleteFilter(ctx, &ec2.DeleteTrafficMirrorFilterInput{TrafficMirrorFilterId: &id}, a.options...)
		return err
	})
}

func filterOf(f types.TrafficMirrorFilter) (mirror.Filter, error) {
	filter := mirror.Filter{
		ID:          aws.ToString(f.TrafficMirrorFilterId),
		Description: aws.ToString(f.Description),
	}
	for _, s := range f.NetworkServices {
		filter.NetworkServices = append(filter.NetworkServices, mirror.NetworkService(s))
	}
	for _, rules := range [][]types.TrafficMirrorFilterRule{f.IngressFilterRules, f.EgressFilterRules} {
		for _, r := range rules {
			noun, err := ruleOf(r)
			if err != nil {
				return filter, err
			}
			filter.Rules = append(filter.Rules, noun)
		}
	}
	return filter, nil
}
