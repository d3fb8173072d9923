package account

import (
	"context"
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/smithy-go/middleware"
)

// May asks EC2, with DryRun, whether the credentials may make the one call that change
// makes. It returns EC2's answer, which is an error also where the call is permitted:
// see IsPermitted and IsDenied. No error means that the endpoint ignores DryRun and has
// made the call.
func (a *Account) May(ctx context.Context, change func(context.Context, *Account) error) error {
	asking := *a
	asking.options = append(asking.options[:len(asking.options):len(asking.options)], dryRun)
	asking.dryRun, asking.cache = true, nil
	return change(ctx, &asking)
}

// dryRun sets DryRun in the input of a call, whichever it is.
func dryRun(o *ec2.Options) {
	set := func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		field := reflect.ValueOf(in.Parameters).Elem().FieldByName("DryRun")
		if !field.CanSet() {
			return middleware.InitializeOutput{}, middleware.Metadata{}, fmt.Errorf("%T has no DryRun", in.Parameters)
		}
		field.Set(reflect.ValueOf(aws.Bool(true)))
		return next.HandleInitialize(ctx, in)
	}
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("DryRun", set), middleware.Before)
	})
}

// HonoursDryRun makes a request that can do no harm with DryRun, and returns the
// answer: see May.
func (a *Account) HonoursDryRun(ctx context.Context) error {
	return a.May(ctx, func(ctx context.Context, a *Account) error {
		_, err := a.ask(ctx, targetSource, question{}, a.options)
		return err
	})
}
