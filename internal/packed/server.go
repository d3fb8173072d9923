// Package packed carries attributes with many elements past the plugin framework.
//
// In each request, the framework visits every value below an attribute up to ten times. A
// visit looks up the value's path in the schema and writes log messages that nobody reads, and
// the time for a message grows with the number of visits before it. A list of 1,000 objects
// takes many seconds like that.
//
// For Terraform, a packed attribute has its real type. For the framework it is one text: the
// encoded value as Terraform sends it. Server translates between the two. Value decodes the
// text when its elements are needed.
package packed

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// A Server serves a provider of which one resource has packed attributes.
type Server struct {
	tfprotov6.ProviderServer     // of the framework
	tfprotov6.ListResourceServer // of the framework; nothing lists the resource
	resource                     string
	attributes                   []string
	schema                       func() (*tfprotov6.Schema, error) // of the resource, for Terraform
}

// NewServer returns a server for the provider that framework serves. described serves the
// schema of the resource in which the attributes are not packed.
func NewServer(framework, described tfprotov6.ProviderServer, resource string, attributes ...string) *Server {
	lists, _ := framework.(tfprotov6.ListResourceServer) // every server of the framework is one
	return &Server{
		ProviderServer: framework, ListResourceServer: lists, resource: resource, attributes: attributes,
		schema: sync.OnceValues(func() (*tfprotov6.Schema, error) {
			resp, err := described.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
			if err != nil {
				return nil, err
			}
			schema, there := resp.ResourceSchemas[resource]
			if !there {
				return nil, fmt.Errorf("there is no schema of %s: %v", resource, resp.Diagnostics)
			}
			return schema, nil
		}),
	}
}

// GetProviderSchema shows the attributes with their real types.
func (s *Server) GetProviderSchema(ctx context.Context, req *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	schema, err := s.schema()
	if err != nil {
		return nil, err
	}
	resp, err := s.ProviderServer.GetProviderSchema(ctx, req)
	if err != nil {
		return nil, err
	}
	resp.ResourceSchemas = maps.Clone(resp.ResourceSchemas)
	resp.ResourceSchemas[s.resource] = schema
	return resp, nil
}

// UpgradeResourceState reads a stored state, of which there is one version so far.
func (s *Server) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	schema, err := s.schema()
	switch {
	case err != nil:
		return nil, err
	case req.TypeName != s.resource || req.RawState == nil || req.Version != schema.Version:
		return s.ProviderServer.UpgradeResourceState(ctx, req)
	}
	value, err := req.RawState.UnmarshalWithOpts(schema.ValueType(), tfprotov6.UnmarshalOpts{
		ValueFromJSONOpts: tftypes.ValueFromJSONOpts{IgnoreUndefinedAttributes: true},
	})
	if err != nil {
		return &tfprotov6.UpgradeResourceStateResponse{Diagnostics: []*tfprotov6.Diagnostic{{
			Severity: tfprotov6.DiagnosticSeverityError, Summary: "Unreadable state",
			Detail: fmt.Sprintf("The state of this resource does not fit its schema: %s. If it was changed by hand, undo that. Otherwise remove the simulation from the state with terraform state rm, and apply: it then runs anew.", err),
		}}}, nil
	}
	state, err := tfprotov6.NewDynamicValue(schema.ValueType(), value)
	return &tfprotov6.UpgradeResourceStateResponse{UpgradedState: &state}, err
}

// ValidateResourceConfig packs and unpacks; so do the methods that follow.
func (s *Server) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	in := *req
	if err := s.pack(req.TypeName, &in.Config); err != nil {
		return nil, err
	}
	return s.ProviderServer.ValidateResourceConfig(ctx, &in)
}

// ReadResource implements tfprotov6.ProviderServer.
func (s *Server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	in := *req
	if err := s.pack(req.TypeName, &in.CurrentState); err != nil {
		return nil, err
	}
	resp, err := s.ProviderServer.ReadResource(ctx, &in)
	if err != nil {
		return nil, err
	}
	return resp, s.unpack(req.TypeName, &resp.NewState)
}

// PlanResourceChange implements tfprotov6.ProviderServer.
func (s *Server) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	in := *req
	if err := s.pack(req.TypeName, &in.PriorState, &in.ProposedNewState, &in.Config); err != nil {
		return nil, err
	}
	resp, err := s.ProviderServer.PlanResourceChange(ctx, &in)
	if err != nil {
		return nil, err
	}
	return resp, s.unpack(req.TypeName, &resp.PlannedState)
}

// ApplyResourceChange implements tfprotov6.ProviderServer.
func (s *Server) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	in := *req
	if err := s.pack(req.TypeName, &in.PriorState, &in.PlannedState, &in.Config); err != nil {
		return nil, err
	}
	resp, err := s.ProviderServer.ApplyResourceChange(ctx, &in)
	if err != nil {
		return nil, err
	}
	return resp, s.unpack(req.TypeName, &resp.NewState)
}

// ImportResourceState implements tfprotov6.ProviderServer.
func (s *Server) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	resp, err := s.ProviderServer.ImportResourceState(ctx, req)
	if err != nil {
		return nil, err
	}
	for _, imported := range resp.ImportedResources {
		if err := s.unpack(imported.TypeName, &imported.State); err != nil {
			return nil, err
		}
	}
	return resp, nil
}

// MoveResourceState implements tfprotov6.ProviderServer.
func (s *Server) MoveResourceState(ctx context.Context, req *tfprotov6.MoveResourceStateRequest) (*tfprotov6.MoveResourceStateResponse, error) {
	resp, err := s.ProviderServer.MoveResourceState(ctx, req)
	if err != nil {
		return nil, err
	}
	return resp, s.unpack(req.TargetTypeName, &resp.TargetState)
}

// GenerateResourceConfig implements tfprotov6.ProviderServer.
func (s *Server) GenerateResourceConfig(ctx context.Context, req *tfprotov6.GenerateResourceConfigRequest) (*tfprotov6.GenerateResourceConfigResponse, error) {
	in := *req
	if err := s.pack(req.TypeName, &in.State); err != nil {
		return nil, err
	}
	resp, err := s.ProviderServer.GenerateResourceConfig(ctx, &in)
	if err != nil {
		return nil, err
	}
	return resp, s.unpack(req.TypeName, &resp.Config)
}

// pack turns values of Terraform into values of the framework, if they are of the resource.
func (s *Server) pack(resource string, values ...**tfprotov6.DynamicValue) error {
	return s.translate(resource, values, pack)
}

// unpack turns values of the framework into values of Terraform.
func (s *Server) unpack(resource string, values ...**tfprotov6.DynamicValue) error {
	return s.translate(resource, values, unpack)
}

func (s *Server) translate(resource string, values []**tfprotov6.DynamicValue, change func(encoded) (encoded, error)) error {
	if resource != s.resource {
		return nil
	}
	for _, value := range values {
		if *value == nil || !encoded((*value).MsgPack).isKnown() {
			continue
		}
		changed, err := s.changeAttributes((*value).MsgPack, change)
		if err != nil {
			return fmt.Errorf("translating a value of %s: %w", resource, err)
		}
		*value = &tfprotov6.DynamicValue{MsgPack: changed}
	}
	return nil
}

func (s *Server) changeAttributes(object encoded, change func(encoded) (encoded, error)) (encoded, error) {
	entries, err := object.entries()
	if err != nil {
		return nil, err
	}
	for i, e := range entries {
		if !slices.Contains(s.attributes, e.name) {
			continue
		}
		if entries[i].value, err = change(e.value); err != nil {
			return nil, err
		}
	}
	return encode(entries)
}
