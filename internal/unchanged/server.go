// Package unchanged answers the requests about resources that do not change without the passes
// that the plugin framework makes over every value for those that do.
//
// Most of what a plan asks is about objects that are as they were: the proposed state is the
// prior one. For such a request the framework decodes each value twice, looks up the path of
// each in the schema five times, sets defaults that are set, and runs plan modifiers that
// find no difference. Server calls the resource's own Read and ModifyPlan, as the framework
// does, and leaves out the rest. Every other request goes to the framework, and so does a
// Read that finds a change.
package unchanged

import (
	"bytes"
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// Resource is a resource that Server can ask. Its schema has no defaults, no blocks and no
// write-only attributes, and its plan modifiers leave a value alone that does not change.
type Resource interface {
	resource.ResourceWithConfigure
	resource.ResourceWithIdentity
	resource.ResourceWithModifyPlan
}

// A Server serves a provider of which it asks some resources itself.
type Server struct {
	tfprotov6.ProviderServer     // of the framework
	tfprotov6.ListResourceServer // of the framework
	kinds                        map[string]*kind
	data                         func() any // what Configure hands to the resources; nil before it
	keys                         []string   // of the private state
}

// NewServer returns a server for the provider that the framework serves with of. resources
// makes the resources to ask, by their type. keys are all keys of their private state.
func NewServer(of tfprotov6.ProviderServer, data func() any, resources map[string]func() resource.Resource, keys []string) *Server {
	lists, _ := of.(tfprotov6.ListResourceServer) // every server of the framework is one
	s := &Server{ProviderServer: framework{of}, ListResourceServer: lists, data: data, keys: keys, kinds: map[string]*kind{}}
	for name, construct := range resources {
		s.kinds[name] = &kind{construct: construct}
	}
	return s
}

// PlanResourceChange implements tfprotov6.ProviderServer.
func (s *Server) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	k := s.kinds[req.TypeName]
	if k == nil || !exists(req.PriorState) || !exists(req.ProposedNewState) || req.Config == nil || !bytes.Equal(req.PriorState.MsgPack, req.ProposedNewState.MsgPack) {
		return s.ProviderServer.PlanResourceChange(ctx, req)
	}
	asked, known := k.ask(ctx, s.data())
	state, fits := asked.decode(req.PriorState)
	config, configFits := asked.decode(req.Config)
	private, readable := decodePrivate(req.PriorPrivate, s.keys)
	if !known || !fits || !configFits || !readable {
		return s.ProviderServer.PlanResourceChange(ctx, req)
	}
	plan := tfsdk.Plan{Schema: k.schema, Raw: state}
	in := resource.ModifyPlanRequest{
		Config: tfsdk.Config{Schema: k.schema, Raw: config},
		Plan:   plan,
		State:  tfsdk.State{Schema: k.schema, Raw: state},
	}
	out := resource.ModifyPlanResponse{Plan: plan}
	fill(ctx, &in.Private, private)
	out.Private = in.Private
	tflog.Trace(ctx, "ModifyPlan of an object that does not change", map[string]any{"type": req.TypeName})
	asked.ModifyPlan(ctx, in, &out)
	planned, err := tfprotov6.NewDynamicValue(k.wire, out.Plan.Raw)
	if err != nil {
		return nil, err
	}
	kept, err := encodePrivate(ctx, out.Private, s.keys)
	if err != nil {
		return nil, err
	}
	resp := &tfprotov6.PlanResourceChangeResponse{
		PlannedState: &planned, PlannedPrivate: kept, PlannedIdentity: req.PriorIdentity,
		Diagnostics: diagnostics(out.Diagnostics), RequiresReplace: attributePaths(out.RequiresReplace),
	}
	if resp.PlannedIdentity == nil {
		resp.PlannedIdentity = k.noIdentity
	}
	return resp, nil
}

// ReadResource implements tfprotov6.ProviderServer.
func (s *Server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	k := s.kinds[req.TypeName]
	if k == nil || !exists(req.CurrentState) {
		return s.ProviderServer.ReadResource(ctx, req)
	}
	asked, known := k.ask(ctx, s.data())
	state, fits := asked.decode(req.CurrentState)
	identity, identityFits := asked.decodeIdentity(req.CurrentIdentity)
	private, readable := decodePrivate(req.Private, s.keys)
	if !known || !fits || !identityFits || !readable {
		return s.ProviderServer.ReadResource(ctx, req)
	}
	in := resource.ReadRequest{State: tfsdk.State{Schema: k.schema, Raw: state}, Identity: &tfsdk.ResourceIdentity{Schema: k.identity, Raw: identity}}
	out := resource.ReadResponse{State: in.State, Identity: &tfsdk.ResourceIdentity{Schema: k.identity, Raw: identity}}
	fill(ctx, &in.Private, private)
	out.Private = in.Private
	tflog.Trace(ctx, "Read, without the framework unless the object has changed", map[string]any{"type": req.TypeName})
	asked.Read(ctx, in, &out)
	found, err := tfprotov6.NewDynamicValue(k.wire, out.State.Raw)
	if err != nil {
		return nil, err
	}
	named, err := tfprotov6.NewDynamicValue(k.identityWire, out.Identity.Raw)
	if err != nil {
		return nil, err
	}
	// The encoding of a map has no order, so that the same map may be other bytes.
	isSame := bytes.Equal(found.MsgPack, req.CurrentState.MsgPack) || out.State.Raw.Equal(state)
	isNamed := identity.IsFullyNull() || out.Identity.Raw.Equal(identity)
	if !(isSame && isNamed) && !out.Diagnostics.HasError() {
		return s.ProviderServer.ReadResource(ctx, req)
	}
	kept, err := encodePrivate(ctx, out.Private, s.keys)
	if err != nil {
		return nil, err
	}
	return &tfprotov6.ReadResourceResponse{
		NewState: &found, NewIdentity: &tfprotov6.ResourceIdentityData{IdentityData: &named}, Private: kept, Diagnostics: diagnostics(out.Diagnostics),
	}, nil
}

// UpgradeResourceState implements tfprotov6.ProviderServer. The state of this version needs
// no upgrade: it goes from JSON to MessagePack.
func (s *Server) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	k := s.kinds[req.TypeName]
	if k == nil || req.RawState == nil || !k.isDerived(ctx) || req.Version != k.schema.Version {
		return s.ProviderServer.UpgradeResourceState(ctx, req)
	}
	state, err := req.RawState.UnmarshalWithOpts(k.wire, tfprotov6.UnmarshalOpts{ValueFromJSONOpts: tftypes.ValueFromJSONOpts{IgnoreUndefinedAttributes: true}})
	if err != nil {
		return s.ProviderServer.UpgradeResourceState(ctx, req) // which words the error
	}
	upgraded, err := tfprotov6.NewDynamicValue(k.wire, state)
	return &tfprotov6.UpgradeResourceStateResponse{UpgradedState: &upgraded}, err
}

// exists reports whether a state is that of an object, and in MessagePack.
func exists(state *tfprotov6.DynamicValue) bool {
	const null = 0xc0
	return state != nil && len(state.MsgPack) > 0 && state.MsgPack[0] != null
}
