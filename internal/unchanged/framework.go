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
	b := borrow(ctx)
	defer b.giveBack()
	return f.ProviderServer.UpgradeResourceState(b, req)
}

func (f framework) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	b := borrow(ctx)
	defer b.giveBack()
	return f.ProviderServer.ReadResource(b, req)
}

func (f framework) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	b := borrow(ctx)
	defer b.giveBack()
	return f.ProviderServer.ValidateResourceConfig(b, req)
}

func (f framework) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	b := borrow(ctx)
	defer b.giveBack()
	return f.ProviderServer.PlanResourceChange(b, req)
}

func (f framework) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	b := borrow(ctx)
	defer b.giveBack()
	return f.ProviderServer.ApplyResourceChange(b, req)
}

func (f framework) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	b := borrow(ctx)
	defer b.giveBack()
	return f.ProviderServer.ImportResourceState(b, req)
}

func (f framework) MoveResourceState(ctx context.Context, req *tfprotov6.MoveResourceStateRequest) (*tfprotov6.MoveResourceStateResponse, error) {
	b := borrow(ctx)
	defer b.giveBack()
	return f.ProviderServer.MoveResourceState(b, req)
}

func (f framework) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	b := borrow(ctx)
	defer b.giveBack()
	return f.ProviderServer.ReadDataSource(b, req)
}

func (f framework) CallFunction(ctx context.Context, req *tfprotov6.CallFunctionRequest) (*tfprotov6.CallFunctionResponse, error) {
	b := borrow(ctx)
	defer b.giveBack()
	return f.ProviderServer.CallFunction(b, req)
}

func (f framework) UpgradeResourceIdentity(ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	b := borrow(ctx)
	defer b.giveBack()
	return f.ProviderServer.UpgradeResourceIdentity(b, req)
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
