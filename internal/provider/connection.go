package provider

import (
	"context"

	"github.com/aws/smithy-go/middleware"
	"github.com/hashicorp/aws-sdk-go-base/v2/logging"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/reconcile"
)

// A connection is what Configure hands to the resources.
type connection struct {
	accounts *account.Regions
	run      *reconcile.Run
	plan     *check.Plan
	tags     tagPolicy
	store    string // path of the embedded EC2; "": this is AWS
}

// account is the account in the Region of the provider block.
func (c *connection) account() *account.Account { return c.accounts.In("") }

func newConnection(accounts *account.Regions, clock account.Clock, policy check.Policy, tags tagPolicy) *connection {
	home := accounts.In("")
	run, plan := reconcile.New(home, clock), check.New(home, policy)
	run.Numbering.Reserve(plan.SessionNumbers)
	return &connection{accounts: accounts, run: run, plan: plan, tags: tags}
}

// logToRequest sends the log lines of aws-sdk-go-base about a call to the log of the
// Terraform request that makes the call. The log of Configure is closed by then.
func logToRequest(stack *middleware.Stack) error {
	register := func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		ctx, logger := logging.NewTfLogger(ctx)
		return next.HandleInitialize(logging.RegisterLogger(ctx, logger), in)
	}
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("LogToRequest", register), middleware.Before)
}
