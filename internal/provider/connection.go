package provider

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

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

	// Terraform has read an object of its state with this connection. It does so in plans
	// only, and has a connection of its own for the apply.
	isPlan atomic.Bool

	validateRegion func(region string) diag.Diagnostics // refuses what is no name of a Region
	endpointRegion string                               // of the endpoint that is given for EC2; "": none is, or it has none

	home *regional // in the Region of the provider block

	mu      sync.Mutex
	regions map[string]*regional
}

// regional is the account in one Region, with the run that changes it and the plan that is
// checked against it.
type regional struct {
	account *account.Account
	run     *reconcile.Run
	plan    *check.Plan
	isHome  bool // the Region of the provider block
}

// in returns the account in a Region, made when it is first asked for. The Region "" is that
// of the provider block.
func (c *connection) in(region string) *regional {
	if region == "" {
		return c.home
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.regions[region] == nil {
		a := c.accounts.In(region)
		c.regions[region] = c.newRegional(a, check.InRegion(c.home.plan, a))
	}
	return c.regions[region]
}

func (c *connection) newRegional(a *account.Account, plan *check.Plan) *regional {
	r := &regional{account: a, run: reconcile.New(a, c.clock), plan: plan}
	r.run.Numbering.Reserve(plan.SessionNumbers)
	return r
}

func newConnection(accounts *account.Regions, clock account.Clock, policy check.Policy, tags tagPolicy) *connection {
	c := &connection{accounts: accounts, clock: clock, policy: policy, tags: tags}
	home := accounts.In("")
	c.home = c.newRegional(home, check.New(home, policy))
	c.home.isHome = true
	c.regions = map[string]*regional{home.Region: c.home}
	return c
}

// connectionOf returns what the provider has handed over. There is nothing yet when Terraform
// validates.
func connectionOf(data any, diags *diag.Diagnostics) *connection {
	conn, ok := data.(*connection)
	if data != nil && !ok {
		diags.AddError("Wrong provider data", fmt.Sprintf("The provider passed a %T. This is a bug of the provider: please report it with the versions of Terraform and the provider.", data))
	}
	return conn
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
