package provider

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// whole returns an operation that fails when EC2 says that it succeeded and leaves
// out the object, or its ID. Every field of an answer is a pointer, and what stands
// between here and EC2, or in its place, may answer with less than EC2 does.
func whole[In, Out any](action string, call operation[In, Out], has func(*Out) bool) operation[In, Out] {
	return func(ctx context.Context, in *In, options ...func(*ec2.Options)) (*Out, error) {
		out, err := call(ctx, in, options...)
		if err == nil && !has(out) {
			return nil, fmt.Errorf("the answer to %s says that it succeeded, and leaves out the object. "+
				"It may have been done all the same: look for the object before you apply again. "+
				"EC2 itself always answers with it, so see what endpoints in the provider block, or a proxy, leads to", action)
		}
		return out, err
	}
}
