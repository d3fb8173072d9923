package account

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/smithy-go"
	"golang.org/x/sync/errgroup"
)

// This file asks Elastic Load Balancing. Its answers are about what is behind a target, and only
// a few reads need them. So these reads are never in the way of others:
//
//   - No Watch watches them, and no limit of EC2 applies to them. Elastic Load Balancing
//     publishes no limits (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/).
//   - A plan makes each call once, and a refused action is not called again. A refusal that names
//     the object is one for this object: the embedded AWS refuses what its topology does not say.
//   - What may be unknown is given up after balancingPatience, once in a plan.

// balancingPatience is how long a call may take whose answer may be unknown.
const balancingPatience = 10 * time.Second

// balancingReaders is how many calls are made at the same time.
const balancingReaders = 4

// A balancingOperation is one action of Elastic Load Balancing, as the SDK has it.
type balancingOperation[In, Out any] = func(context.Context, *In, ...func(*elb.Options)) (*Out, error)

// balancing has the actions of Elastic Load Balancing that this package uses, as method values:
// see operations.
type balancing struct {
	describeBalancers          balancingOperation[elb.DescribeLoadBalancersInput, elb.DescribeLoadBalancersOutput]
	describeBalancerAttributes balancingOperation[elb.DescribeLoadBalancerAttributesInput, elb.DescribeLoadBalancerAttributesOutput]
	describeListeners          balancingOperation[elb.DescribeListenersInput, elb.DescribeListenersOutput]
	describeGroups             balancingOperation[elb.DescribeTargetGroupsInput, elb.DescribeTargetGroupsOutput]
	describeGroupAttributes    balancingOperation[elb.DescribeTargetGroupAttributesInput, elb.DescribeTargetGroupAttributesOutput]
	describeHealth             balancingOperation[elb.DescribeTargetHealthInput, elb.DescribeTargetHealthOutput]
	describeTags               balancingOperation[elb.DescribeTagsInput, elb.DescribeTagsOutput]
}

// newBalancing returns the actions, or nil if no endpoint for them is known. ec2 is the endpoint
// of EC2, or nil for that of the Region. An account of another EC2 than AWS's has its load
// balancers elsewhere too: AWS must not be asked for them.
func newBalancing(config aws.Config, options Options, ec2 *string) *balancing {
	api := elb.NewFromConfig(config, func(o *elb.Options) {
		if options.BalancingEndpoint != "" {
			o.BaseEndpoint = aws.String(options.BalancingEndpoint)
		}
		if options.Middleware != nil {
			o.APIOptions = append(o.APIOptions, options.Middleware)
		}
	})
	if at, err := url.Parse(aws.ToString(ec2)); ec2 != nil && api.Options().BaseEndpoint == nil && (err != nil || !isAWSEndpoint(at)) {
		return nil
	}
	return &balancing{
		describeBalancers:          api.DescribeLoadBalancers,
		describeBalancerAttributes: api.DescribeLoadBalancerAttributes,
		describeListeners:          api.DescribeListeners,
		describeGroups:             api.DescribeTargetGroups,
		describeGroupAttributes:    api.DescribeTargetGroupAttributes,
		describeHealth:             api.DescribeTargetHealth,
		describeTags:               api.DescribeTags,
	}
}

// errNoBalancing says that there is nobody to ask. IsDenied knows it.
var errNoBalancing = errors.New("no endpoint of Elastic Load Balancing is known: EC2 has an endpoint that is not one of AWS. Set the endpoint elbv2 too")

// balancingAnswers are what Elastic Load Balancing has answered in a plan.
type balancingAnswers struct {
	flight flight

	mu      sync.Mutex
	kept    map[string]any   // by the action and what it was asked about
	refused map[string]error // by the action, or by that and what it was asked about
	outage  error            // of a call whose answer may be unknown
}

// A balancingReader reads from Elastic Load Balancing. A patient one needs the answers: it waits
// for them, and fails without them. To any other one, what is not answered in time is unknown.
type balancingReader struct {
	*Account
	isPatient bool
}

// isUnknown reports whether a part of the answer is unknown rather than an error.
func (r balancingReader) isUnknown(ctx context.Context, err error) bool {
	return err != nil && ctx.Err() == nil && (!r.isPatient || IsDenied(err) || hasCode(err, "LoadBalancerNotFound", "TargetGroupNotFound", "ListenerNotFound"))
}

// ask makes a call. In a plan, it is made once for all that ask about the same.
func ask[T any](ctx context.Context, r balancingReader, action, about string, call func(context.Context, *balancing) (T, error)) (T, error) {
	var answer T
	if r.balancing == nil {
		return answer, errNoBalancing
	}
	if !r.remembers() {
		return patiently(ctx, r, func(ctx context.Context) (T, error) { return call(ctx, r.balancing) })
	}
	kept, key := r.cache.balancing, action+" "+about
	if found, isKept, err := kept.answer(action, key, r.isPatient); isKept || err != nil {
		answer, _ = found.(T)
		return answer, err
	}
	err := kept.flight.do(ctx, fmt.Sprint(key, r.isPatient), func(ctx context.Context) error {
		if _, isKept, err := kept.answer(action, key, r.isPatient); isKept || err != nil {
			return err
		}
		made, err := patiently(ctx, r, func(ctx context.Context) (T, error) { return call(ctx, r.balancing) })
		refused := action
		if namesObject(err, about) {
			refused = key
		}
		kept.keep(refused, key, made, err, r.isPatient)
		return err
	})
	if err != nil {
		return answer, err
	}
	found, _, err := kept.answer(action, key, true)
	answer, _ = found.(T)
	return answer, err
}

// answer returns what was answered before.
func (k *balancingAnswers) answer(action, key string, isPatient bool) (found any, isKept bool, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if found, isKept = k.kept[key]; isKept {
		return found, true, nil
	}
	if err = cmp.Or(k.refused[action], k.refused[key]); err == nil && !isPatient {
		err = k.outage
	}
	return nil, false, err
}

// namesObject reports whether a refusal is about one object.
func namesObject(err error, arn string) bool {
	var refusal smithy.APIError
	return arn != "" && errors.As(err, &refusal) && strings.Contains(refusal.ErrorMessage(), arn)
}

// keep keeps an answer, a refusal of what is refused, or that nothing answers.
func (k *balancingAnswers) keep(refused, key string, made any, err error, isPatient bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case err == nil:
		k.kept[key] = made
	case IsDenied(err):
		k.refused[refused] = err
	case !IsAnswered(err) && !errors.Is(err, context.Canceled) && !isPatient:
		k.outage = err
	}
}

// patiently makes a call, which ends when the patience of the reader ends.
func patiently[T any](ctx context.Context, r balancingReader, call func(context.Context) (T, error)) (T, error) {
	if r.isPatient {
		return call(ctx)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	unanswered := &UnansweredError{After: balancingPatience}
	r.clock.AfterFunc(balancingPatience, func() { cancel(unanswered) })
	answer, err := call(ctx)
	if err != nil && context.Cause(ctx) == unanswered { //nolint:errorlint // it is the value of this call
		err = unanswered
	}
	return answer, err
}

// forEach calls f with each index below n: the first call alone, since its refusal is one of all,
// then some at the same time. f returns whether the others are worth their calls.
func forEach(ctx context.Context, n int, f func(ctx context.Context, i int) (goesOn bool, err error)) error {
	if n == 0 {
		return nil
	}
	if goesOn, err := f(ctx, 0); err != nil || !goesOn {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(balancingReaders)
	for i := 1; i < n; i++ {
		group.Go(func() error {
			_, err := f(ctx, i)
			return err
		})
	}
	return group.Wait()
}

// allPages reads the pages of a listing.
func allPages[T any](ctx context.Context, page func(ctx context.Context, marker *string) (some []T, next *string, err error)) ([]T, error) {
	all := []T{}
	var marker *string
	for {
		some, next, err := page(ctx, marker)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
		if marker = next; aws.ToString(marker) == "" {
			return all, nil
		}
	}
}

// The largest sizes of a page and of a list of ARNs for tags.
const (
	balancingPage = 400
	maxTagged     = 20
)

// tagsByARN returns the tags of load balancers, listeners or target groups, or nil if they are
// unknown. Those of none are an empty map.
func (r balancingReader) tagsByARN(ctx context.Context, arns []string) (map[string]map[string]string, error) {
	all := map[string]map[string]string{}
	for some := range slices.Chunk(arns, maxTagged) {
		out, err := patiently(ctx, r, func(ctx context.Context) (*elb.DescribeTagsOutput, error) {
			return r.balancing.describeTags(ctx, &elb.DescribeTagsInput{ResourceArns: some})
		})
		if r.isUnknown(ctx, err) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		for _, d := range out.TagDescriptions {
			tags := map[string]string{}
			for _, t := range d.Tags {
				tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
			}
			all[aws.ToString(d.ResourceArn)] = tags
		}
	}
	return all, nil
}
