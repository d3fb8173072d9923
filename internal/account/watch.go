package account

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/smithy-go/middleware"
)

// A Watch makes a call of EC2. It can end the call by its context, or
// return an error of its own without making it.
type Watch func(ctx context.Context, call func(context.Context) error) error

// Watched returns the account, whose calls are all made by watch. Of a call that answers
// several reads, watch makes the waiting for the answer.
func (a *Account) Watched(watch Watch) *Account {
	watched := *a
	watched.watches = append(slices.Clone(a.watches), watch)
	watched.options = append(slices.Clone(a.options), func(o *ec2.Options) {
		o.APIOptions = append(o.APIOptions, watch.addTo)
	})
	return &watched
}

func (w Watch) addTo(stack *middleware.Stack) error {
	call := func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (out middleware.InitializeOutput, metadata middleware.Metadata, err error) {
		ctx = context.WithValue(ctx, objectKey{}, objectOf(in.Parameters))
		err = w(ctx, func(ctx context.Context) (err error) {
			out, metadata, err = next.HandleInitialize(ctx, in)
			return err
		})
		return out, metadata, err
	}
	if err := stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Watch", call), middleware.Before); err != nil {
		return err
	}
	return ReportTries(stack)
}

type objectKey struct{}

// CallOf returns the name of the action that a Watch is asked to make, and the ID of the object
// that it changes. The ID is empty for a call that creates, or that changes no single object.
func CallOf(ctx context.Context) (action, objectID string) {
	objectID, _ = ctx.Value(objectKey{}).(string)
	return middleware.GetOperationName(ctx), objectID
}

// objectOf returns the ID of the object that a call changes, or "".
func objectOf(parameters any) string {
	var id *string
	switch in := parameters.(type) {
	case *ec2.ModifyTrafficMirrorFilterNetworkServicesInput:
		id = in.TrafficMirrorFilterId
	case *ec2.ModifyTrafficMirrorFilterRuleInput:
		id = in.TrafficMirrorFilterRuleId
	case *ec2.ModifyTrafficMirrorSessionInput:
		id = in.TrafficMirrorSessionId
	case *ec2.DeleteTrafficMirrorFilterInput:
		id = in.TrafficMirrorFilterId
	case *ec2.DeleteTrafficMirrorFilterRuleInput:
		id = in.TrafficMirrorFilterRuleId
	case *ec2.DeleteTrafficMirrorSessionInput:
		id = in.TrafficMirrorSessionId
	case *ec2.DeleteTrafficMirrorTargetInput:
		id = in.TrafficMirrorTargetId
	case *ec2.CreateTagsInput:
		return strings.Join(in.Resources, " ")
	case *ec2.DeleteTagsInput:
		return strings.Join(in.Resources, " ")
	}
	return aws.ToString(id)
}

type tryKey struct{}

// ReportTries makes the calls of a client report their tries: see EachTry.
func ReportTries(stack *middleware.Stack) error {
	return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("ReportTry", reportTry), (&retry.Attempt{}).ID(), middleware.After)
}

// ErrPaced says that a try has not been made yet, because it waits for the limits of EC2.
var ErrPaced = errors.New("the request waits for the limits of EC2")

// EachTry returns a context for calls of a watched account, or of a client with
// ReportTries. The SDK repeats a request that fails: report gets the result of each try, and
// ErrPaced before a try that waits.
func EachTry(ctx context.Context, report func(error)) context.Context {
	return context.WithValue(ctx, tryKey{}, report)
}

func reportTry(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
	out, metadata, err := next.HandleFinalize(ctx, in)
	report(ctx, err)
	return out, metadata, err
}

// report passes the error of a try to the caller of EachTry.
func report(ctx context.Context, err error) {
	if told, ok := ctx.Value(tryKey{}).(func(error)); ok {
		told(err)
	}
}
