package account

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

var filterSource = &source{
	kind: mirror.KindFilter, idField: ofFilter, isOwn: true,
	ask: func(ctx context.Context, api *operations, q question, options []func(*ec2.Options)) (answer, error) {
		out, err := api.describeFilters(ctx, &ec2.DescribeTrafficMirrorFiltersInput{
			TrafficMirrorFilterIds: q.ids, Filters: q.filters(), NextToken: q.token, MaxResults: q.size(),
		}, options...)
		if err != nil {
			return answer{}, err
		}
		page := answer{next: out.NextToken}
		for _, f := range out.TrafficMirrorFilters {
			noun, err := filterOf(f)
			page.add(f.TrafficMirrorFilterId, noun, f.Tags, err)
			filter := &page.items[len(page.items)-1]
			for _, rules := range rulesOf(f) {
				for _, r := range rules {
					filter.parts = append(filter.parts, part{aws.ToString(r.TrafficMirrorFilterRuleId), storedTags(r.Tags)})
				}
			}
		}
		return page, nil
	},
	value: func(any, string) (string, bool) { return "", false },
}

// Filter returns a filter with its rules.
func (a *Account) Filter(ctx context.Context, id string) (Tagged[mirror.Filter], error) {
	found, err := a.find(ctx, filterSource, id)
	filter, err := oneOf[mirror.Filter](a, mirror.KindFilter, id, found, err)
	var rules []mirror.Rule
	if found != nil {
		rules = slices.Clone(found.noun.(mirror.Filter).Rules)
	}
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
	found, err := a.list(ctx, filterSource, where)
	if err != nil {
		return nil, err
	}
	read := map[string][]mirror.Rule{} // rules by filter, as EC2 has answered
	for _, i := range found {
		read[i.id] = slices.Clone(i.noun.(mirror.Filter).Rules)
	}
	if found, err = a.correct(filterSource, found, where); err != nil {
		return nil, err
	}
	all := taggedOf[mirror.Filter](a, found)
	for i, f := range all {
		all[i].Noun.Rules = a.CorrectRules(f.Noun.ID, read[f.Noun.ID])
	}
	return all, nil
}

// CreateFilter creates a filter without services and rules. These need separate calls.
func (a *Account) CreateFilter(ctx context.Context, description string, tags map[string]string, token Token) (Tagged[mirror.Filter], error) {
	a.beginWrite()
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
	for _, rules := range rulesOf(f) {
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

// rulesOf returns the rules of a filter, by direction.
func rulesOf(f types.TrafficMirrorFilter) [][]types.TrafficMirrorFilterRule {
	return [][]types.TrafficMirrorFilterRule{f.IngressFilterRules, f.EgressFilterRules}
}
