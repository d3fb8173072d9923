package unchanged

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// framework is the server of the plugin framework. It keeps the context of every request, for
// the case that the CLI stops the provider, and with it the request's loggers: 20 kB for
// each. So it gets contexts that forget what is in them when the request has ended.
type framework struct{ tfprotov6.ProviderServer }

func (f framework) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return lend(ctx, req, f.ProviderServer.UpgradeResourceState)
}

func (f framework) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return lend(ctx, req, f.ProviderServer.ReadResource)
}

func (f framework) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return lend(ctx, req, f.ProviderServer.ValidateResourceConfig)
}

func (f framework) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return lend(ctx, req, f.ProviderServer.PlanResourceChange)
}

func (f framework) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return lend(ctx, req, f.ProviderServer.ApplyResourceChange)
}

func (f framework) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	return lend(ctx, req, f.ProviderServer.ImportResourceState)
}

func (f framework) MoveResourceState(ctx context.Context, req *tfprotov6.MoveResourceStateRequest) (*tfprotov6.MoveResourceStateResponse, error) {
	return lend(ctx, req, f.ProviderServer.MoveResourceState)
}

func (f framework) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return lend(ctx, req, f.ProviderServer.ReadDataSource)
}

func (f framework) CallFunction(ctx context.Context, req *tfprotov6.CallFunctionRequest) (*tfprotov6.CallFunctionResponse, error) {
	return lend(ctx, req, f.ProviderServer.CallFunction)
}

func (f framework) UpgradeResourceIdentity(ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return lend(ctx, req, f.ProviderServer.UpgradeResourceIdentity)
}

// lend calls the framework with a context that it can keep.
func lend[Request, Response any](ctx context.Context, req *Request, call func(context.Context, *Request) (*Response, error)) (*Response, error) {
	b := borrow(ctx)
	defer b.giveBack()
	return call(b, req)
}

// borrowed is the context of a request until the request has ended, and a cancelled one
// after it.
type borrowed struct {
	from atomic.Pointer[context.Context]
}

var ended = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

func borrow(ctx context.Context) *borrowed {
	b := &borrowed{}
	b.from.Store(&ctx)
	return b
}

func (b *borrowed) giveBack() { b.from.Store(&ended) }

func (b *borrowed) Deadline() (time.Time, bool) { return (*b.from.Load()).Deadline() }

func (b *borrowed) Done() <-chan struct{} { return (*b.from.Load()).Done() }

func (b *borrowed) Err() error { return (*b.from.Load()).Err() }

func (b *borrowed) Value(key any) any { return (*b.from.Load()).Value(key) }
