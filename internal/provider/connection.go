package provider

import (
	"context"
	"sync"

	"github.com/aws/smithy-go/middleware"
	"github.com/hashicorp/aws-sdk-go-base/v2/logging"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/reconcile"
)

// A connection is what Configure hands to the resources and the data sources.
type connection struct {
	accounts *account.Regions
	clock    account.Clock
	policy   check.Policy
	tags     tagPolicy
	store    string // path of the embedded EC2; "": this is AWS

	// validateRegion refuses what is no name of a Region.
	validateRegion func(region string) diag.Diagnostics

	mu      sync.Mutex
	regions map[string]*regional
}

// regional is the account in one Region, with the run that changes it and the plan that is
// checked against it.
type regional struct {
	account *account.Account
	run     *reconcile.Run
	plan    *check.Plan
}

// in returns the account in a Region, made when it is first asked for. The Region "" is that
// of the provider block.
func (c *connection) in(region string) *regional {
	a := c.accounts.In(region)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.regions[a.Region] == nil {
		r := &regional{account: a, run: reconcile.New(a, c.clock), plan: check.New(a, c.policy)}
		r.run.Numbering.Reserve(r.plan.SessionNumbers)
		c.regions[a.Region] = r
	}
	return c.regions[a.Region]
}

func newConnection(accounts *account.Regions, clock account.Clock, policy check.Policy, tags tagPolicy) *connection {
	return &connection{accounts: accounts, clock: clock, policy: policy, tags: tags, regions: map[string]*regional{}}
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
