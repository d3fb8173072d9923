// Package account reads what exists in an account and a Region, as the nouns of
// package mirror. It is the one place where the SDK's types become nouns. It
// changes nothing, and it knows nothing of Terraform.
//
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/operation-list-traffic-mirroring.html
package account

import (
	"cmp"
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Account reads from one account in one Region.
//
// It holds method values instead of the client: a client that reflection can
// reach makes the linker keep all of its 780 operations, which doubles the size
// of the program.
type Account struct {
	describeTargets    operation[ec2.DescribeTrafficMirrorTargetsInput, ec2.DescribeTrafficMirrorTargetsOutput]
	describeFilters    operation[ec2.DescribeTrafficMirrorFiltersInput, ec2.DescribeTrafficMirrorFiltersOutput]
	describeRules      operation[ec2.DescribeTrafficMirrorFilterRulesInput, ec2.DescribeTrafficMirrorFilterRulesOutput]
	describeSessions   operation[ec2.DescribeTrafficMirrorSessionsInput, ec2.DescribeTrafficMirrorSessionsOutput]
	describeInterfaces operation[ec2.DescribeNetworkInterfacesInput, ec2.DescribeNetworkInterfacesOutput]
	describeEndpoints  operation[ec2.DescribeVpcEndpointsInput, ec2.DescribeVpcEndpointsOutput]
	describeVPCs       operation[ec2.DescribeVpcsInput, ec2.DescribeVpcsOutput]
	describeSubnets    operation[ec2.DescribeSubnetsInput, ec2.DescribeSubnetsOutput]
	describeInstances  operation[ec2.DescribeInstancesInput, ec2.DescribeInstancesOutput]
}

type operation[In, Out any] = func(context.Context, *In, ...func(*ec2.Options)) (*Out, error)

// New returns the account that client speaks to.
func New(client *ec2.Client) *Account {
	return &Account{
		describeTargets:    client.DescribeTrafficMirrorTargets,
		describeFilters:    client.DescribeTrafficMirrorFilters,
		describeRules:      client.DescribeTrafficMirrorFilterRules,
		describeSessions:   client.DescribeTrafficMirrorSessions,
		describeInterfaces: client.DescribeNetworkInterfaces,
		describeEndpoints:  client.DescribeVpcEndpoints,
		describeVPCs:       client.DescribeVpcs,
		describeSubnets:    client.DescribeSubnets,
		describeInstances:  client.DescribeInstances,
	}
}

// Tagged is a noun with the tags of its object.
type Tagged[Noun any] struct {
	Noun Noun
	Tags map[string]string
}

// Where names what a listing is narrowed to: the name of an EC2 describe filter
// and its values, of which one must match.
type Where struct {
	Name   string
	Values []string
}

// Target returns a target that the account owns or that is shared with it.
func (a *Account) Target(ctx context.Context, id string) (Tagged[mirror.Target], error) {
	out, err := a.describeTargets(ctx, &ec2.DescribeTrafficMirrorTargetsInput{TrafficMirrorTargetIds: []string{id}})
	if err != nil {
		return Tagged[mirror.Target]{}, err
	}
	for _, t := range out.TrafficMirrorTargets {
		if aws.ToString(t.TrafficMirrorTargetId) == id {
			return Tagged[mirror.Target]{TargetOf(t), TagsOf(t.Tags)}, nil
		}
	}
	return Tagged[mirror.Target]{}, &NotFoundError{mirror.KindTarget, id}
}

// Filter returns a filter with its rules.
func (a *Account) Filter(ctx context.Context, id string) (Tagged[mirror.Filter], error) {
	out, err := a.describeFilters(ctx, &ec2.DescribeTrafficMirrorFiltersInput{TrafficMirrorFilterIds: []string{id}})
	if err != nil {
		return Tagged[mirror.Filter]{}, err
	}
	for _, f := range out.TrafficMirrorFilters {
		if aws.ToString(f.TrafficMirrorFilterId) == id {
			noun, err := FilterOf(f)
			return Tagged[mirror.Filter]{noun, TagsOf(f.Tags)}, err
		}
	}
	return Tagged[mirror.Filter]{}, &NotFoundError{mirror.KindFilter, id}
}

// Rule returns one rule of a filter.
func (a *Account) Rule(ctx context.Context, id string) (Tagged[mirror.Rule], error) {
	out, err := a.describeRules(ctx, &ec2.DescribeTrafficMirrorFilterRulesInput{TrafficMirrorFilterRuleIds: []string{id}})
	if err != nil {
		return Tagged[mirror.Rule]{}, err
	}
	for _, r := range out.TrafficMirrorFilterRules {
		if aws.ToString(r.TrafficMirrorFilterRuleId) == id {
			noun, err := RuleOf(r)
			return Tagged[mirror.Rule]{noun, TagsOf(r.Tags)}, err
		}
	}
	return Tagged[mirror.Rule]{}, &NotFoundError{mirror.KindFilterRule, id}
}

// Session returns a session.
func (a *Account) Session(ctx context.Context, id string) (Tagged[mirror.Session], error) {
	out, err := a.describeSessions(ctx, &ec2.DescribeTrafficMirrorSessionsInput{TrafficMirrorSessionIds: []string{id}})
	if err != nil {
		return Tagged[mirror.Session]{}, err
	}
	for _, s := range out.TrafficMirrorSessions {
		if aws.ToString(s.TrafficMirrorSessionId) == id {
			return Tagged[mirror.Session]{SessionOf(s), TagsOf(s.Tags)}, nil
		}
	}
	return Tagged[mirror.Session]{}, &NotFoundError{mirror.KindSession, id}
}

// Interface returns a network interface. What EC2 tells nobody is not set: its
// MTU, and the resolvers of its VPC.
func (a *Account) Interface(ctx context.Context, id string) (mirror.Interface, error) {
	out, err := a.describeInterfaces(ctx, &ec2.DescribeNetworkInterfacesInput{NetworkInterfaceIds: []string{id}})
	if err != nil {
		return mirror.Interface{}, err
	}
	for _, i := range out.NetworkInterfaces {
		if aws.ToString(i.NetworkInterfaceId) == id {
			return InterfaceOf(i)
		}
	}
	return mirror.Interface{}, &NotFoundError{mirror.KindInterface, id}
}

// Targets lists the targets that match every condition, in the order of their IDs.
func (a *Account) Targets(ctx context.Context, where ...Where) ([]mirror.Target, error) {
	in := &ec2.DescribeTrafficMirrorTargetsInput{Filters: filtersOf(where)}
	var targets []mirror.Target
	for {
		out, err := a.describeTargets(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, t := range out.TrafficMirrorTargets {
			targets = append(targets, TargetOf(t))
		}
		if in.NextToken = out.NextToken; aws.ToString(in.NextToken) == "" {
			break
		}
	}
	slices.SortFunc(targets, func(x, y mirror.Target) int { return cmp.Compare(x.ID, y.ID) })
	return targets, nil
}

// Filters lists the filters that match every condition, in the order of their IDs.
func (a *Account) Filters(ctx context.Context, where ...Where) ([]mirror.Filter, error) {
	in := &ec2.DescribeTrafficMirrorFiltersInput{Filters: filtersOf(where)}
	var filters []mirror.Filter
	for {
		out, err := a.describeFilters(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, f := range out.TrafficMirrorFilters {
			noun, err := FilterOf(f)
			if err != nil {
				return nil, err
			}
			filters = append(filters, noun)
		}
		if in.NextToken = out.NextToken; aws.ToString(in.NextToken) == "" {
			break
		}
	}
	slices.SortFunc(filters, func(x, y mirror.Filter) int { return cmp.Compare(x.ID, y.ID) })
	return filters, nil
}

// Sessions lists the sessions that match every condition, by interface and, on
// one interface, in the order in which they are tried.
func (a *Account) Sessions(ctx context.Context, where ...Where) ([]mirror.Session, error) {
	in := &ec2.DescribeTrafficMirrorSessionsInput{Filters: filtersOf(where)}
	var sessions []mirror.Session
	for {
		out, err := a.describeSessions(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, s := range out.TrafficMirrorSessions {
			sessions = append(sessions, SessionOf(s))
		}
		if in.NextToken = out.NextToken; aws.ToString(in.NextToken) == "" {
			break
		}
	}
	slices.SortFunc(sessions, func(x, y mirror.Session) int {
		return cmp.Or(cmp.Compare(x.InterfaceID, y.InterfaceID), cmp.Compare(x.Number, y.Number))
	})
	return sessions, nil
}

func filtersOf(where []Where) []types.Filter {
	filters := make([]types.Filter, len(where))
	for i, w := range where {
		filters[i] = types.Filter{Name: aws.String(w.Name), Values: w.Values}
	}
	return filters
}
