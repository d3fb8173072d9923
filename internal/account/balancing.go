package account

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"golang.org/x/sync/errgroup"
)

// This file asks Elastic Load Balancing. Its answers are about what is behind a target, and only
// a few reads need them. So these reads never keep others waiting:
//
//   - No Watch watches them, and no limit of EC2 applies to them. Elastic Load Balancing
//     publishes no limits (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/).
//   - A plan makes each call once. In an apply, a call begins after the read that it answers, and
//     reads that wait at the same time share it.
//   - A refused action is not called again, in an apply neither. A refusal that names the object is
//     one for this object: the embedded AWS refuses what its topology does not say. A plan keeps it.
//   - What may be unknown is given up after BalancingPatience, once in a run.

// BalancingPatience is how long a call may take whose answer may be unknown.
const BalancingPatience = 10 * time.Second

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
	describeListenerAttributes balancingOperation[elb.DescribeListenerAttributesInput, elb.DescribeListenerAttributesOutput]
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
		describeListenerAttributes: api.DescribeListenerAttributes,
		describeGroups:             api.DescribeTargetGroups,
		describeGroupAttributes:    api.DescribeTargetGroupAttributes,
		describeHealth:             api.DescribeTargetHealth,
		describeTags:               api.DescribeTags,
	}
}

// errNoBalancing says that there is nobody to ask. IsDenied knows it.
var errNoBalancing = errors.New("no endpoint of Elastic Load Balancing is known: EC2 has an endpoint that is not one of AWS. Set the endpoint elbv2 too")

// A balancingReader reads from Elastic Load Balancing. A patient one needs the answers: it waits
// for them, and fails without them. To any other one, what is not answered in time is unknown.
type balancingReader struct {
	*Account
	isPatient bool
}

// missingCodes are the codes of refusals because an object is not there.
var missingCodes = []string{"LoadBalancerNotFound", "TargetGroupNotFound", "ListenerNotFound"}

// isUnknown reports whether a part of the answer is unknown rather than an error.
func (r balancingReader) isUnknown(ctx context.Context, err error) bool {
	return err != nil && ctx.Err() == nil && (!r.isPatient || IsDenied(err) || hasCode(err, missingCodes...))
}

// A partRead says what came of the read of a part of an object.
type partRead int

const (
	partKnown   partRead = iota
	partUnknown          // for this object
	allUnknown           // for all objects: their calls would be refused too
	objectGone           // the object was deleted after it was listed
)

// outcome returns what an error of a read of a part means, for the object with an ARN. An error that
// it does not explain is returned as it is. To a reader that is not patient, an object that is not
// there may not be there yet.
func (r balancingReader) outcome(ctx context.Context, err error, arn string) (partRead, error) {
	switch {
	case err == nil:
		return partKnown, nil
	case r.isPatient && hasCode(err, missingCodes...):
		return objectGone, nil
	case !r.isUnknown(ctx, err):
		return partUnknown, err
	case namesObject(err, arn), hasCode(err, missingCodes...):
		return partUnknown, nil
	}
	return allUnknown, nil
}

// forEach adds a part to each object: to the first one alone, since its refusal is one of all, then
// to some at the same time. It returns the objects that are not gone.
func forEach[T any](ctx context.Context, all []T, add func(context.Context, *T) (partRead, error)) ([]T, error) {
	gone := make([]bool, len(all))
	addTo := func(ctx context.Context, i int) (partRead, error) {
		is, err := add(ctx, &all[i])
		gone[i] = is == objectGone
		return is, err
	}
	left := func() []T {
		some := []T{}
		for i, v := range all {
			if !gone[i] {
				some = append(some, v)
			}
		}
		return some
	}
	if len(all) == 0 {
		return all, nil
	}
	if is, err := addTo(ctx, 0); err != nil || is == allUnknown {
		return all, err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(balancingReaders)
	for i := 1; i < len(all); i++ {
		group.Go(func() error {
			_, err := addTo(ctx, i)
			return err
		})
	}
	err := group.Wait()
	return left(), err
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
// unknown. Those of none are an empty map. An object that is gone is not there, and isGone says so.
func (r balancingReader) tagsByARN(ctx context.Context, arns []string) (all map[string]map[string]string, isGone func(arn string) bool, err error) {
	all = map[string]map[string]string{}
	for some := range slices.Chunk(arns, maxTagged) {
		if err := r.addTags(ctx, some, all); err != nil {
			never := func(string) bool { return false }
			if r.isUnknown(ctx, err) {
				err = nil
			}
			return nil, never, err
		}
	}
	return all, func(arn string) bool { return all[arn] == nil }, nil
}

// addTags adds the tags of some objects. A refusal because one of them is gone does not say which one:
// the halves are asked for.
func (r balancingReader) addTags(ctx context.Context, some []string, to map[string]map[string]string) error {
	out, err := patiently(ctx, r, func(ctx context.Context) (*elb.DescribeTagsOutput, error) {
		return r.balancing.describeTags(ctx, &elb.DescribeTagsInput{ResourceArns: some})
	})
	isGone := hasCode(err, missingCodes...)
	switch half := len(some) / 2; {
	case isGone && half == 0:
		return nil
	case isGone:
		return cmp.Or(r.addTags(ctx, some[:half], to), r.addTags(ctx, some[half:], to))
	case err != nil:
		return err
	}
	for _, arn := range some {
		to[arn] = map[string]string{}
	}
	for _, d := range out.TagDescriptions {
		for _, t := range d.Tags {
			if of := to[aws.ToString(d.ResourceArn)]; of != nil {
				of[aws.ToString(t.Key)] = aws.ToString(t.Value)
			}
		}
	}
	return nil
}
