package adopt

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/provider"
)

// asked is a provider in this process.
type asked struct {
	server  tfprotov6.ProviderServer
	lists   tfprotov6.ListResourceServer
	schemas *tfprotov6.GetProviderSchemaResponse
}

// connect configures a provider for a Region and others. A region of "" is the one that the
// environment or the profile names.
func connect(ctx context.Context, version, region string, settings Settings) (p *asked, warnings []string, err error) {
	server := provider.NewServer(provider.New(version))()
	lists, canList := server.(tfprotov6.ListResourceServer)
	if !canList {
		return nil, nil, errors.New("the provider lists nothing")
	}
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, nil, err
	}
	block, err := settings.block(region).dynamic(schemas.Provider.ValueType())
	if err != nil {
		return nil, nil, err
	}
	validated, err := server.ValidateProviderConfig(ctx, &tfprotov6.ValidateProviderConfigRequest{Config: block})
	if err != nil {
		return nil, nil, err
	}
	if _, err := judge(validated.Diagnostics); err != nil {
		return nil, nil, err
	}
	configured, err := server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{Config: block})
	if err != nil {
		return nil, nil, err
	}
	warnings, err = judge(configured.Diagnostics)
	return &asked{server, lists, schemas}, warnings, err
}

// judge returns the warnings among diagnostics, and the errors as one.
func judge(diagnostics []*tfprotov6.Diagnostic) (warnings []string, err error) {
	var errs []error
	for _, d := range diagnostics {
		text := d.Summary + ". " + d.Detail
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			errs = append(errs, errors.New(text))
			continue
		}
		warnings = append(warnings, text)
	}
	return warnings, errors.Join(errs...)
}

// arguments are those of a block by their names: texts, bools, lists of texts, maps of texts,
// and arguments for an object or as the only block of its name.
type arguments map[string]any

// block returns the provider block.
func (s Settings) block(region string) arguments {
	block := arguments{"region": text(region), "profile": text(s.Profile)}
	if s.EndpointURL != "" {
		block["endpoints"] = arguments{"ec2": s.EndpointURL, "sts": s.EndpointURL}
	}
	if s.WithoutSTS {
		block["skip_credentials_validation"], block["skip_requesting_account_id"] = true, true
	}
	if s.Emulator != "" {
		block["emulator"] = arguments{"path": s.Emulator, "topology": text(s.Topology)}
		block["warnings"] = arguments{"silence": []string{check.EmbeddedEC2}} // the caller has asked for it
	}
	if s.DefaultTags != nil {
		block["default_tags"] = arguments{"tags": s.DefaultTags}
	}
	return block
}

// text returns a text, or nil for an empty one.
func text(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// dynamic returns arguments as Terraform sends them.
func (a arguments) dynamic(of tftypes.Type) (*tfprotov6.DynamicValue, error) {
	value, err := a.value(of)
	if err != nil {
		return nil, err
	}
	dynamic, err := tfprotov6.NewDynamicValue(of, value)
	return &dynamic, err
}

func (a arguments) value(of tftypes.Type) (tftypes.Value, error) {
	object, isObject := of.(tftypes.Object)
	if !isObject {
		return tftypes.Value{}, fmt.Errorf("%s is no object", of)
	}
	values := make(map[string]tftypes.Value, len(object.AttributeTypes))
	for name, of := range object.AttributeTypes {
		value, err := argument(of, a[name])
		if err != nil {
			return tftypes.Value{}, fmt.Errorf("%s: %w", name, err)
		}
		values[name] = value
	}
	return tftypes.NewValue(of, values), nil
}

// blockType returns the type of one block, if of is that of a list or a set of blocks, and
// otherwise nil.
func blockType(of tftypes.Type) tftypes.Type {
	var element tftypes.Type
	switch of := of.(type) {
	case tftypes.List:
		element = of.ElementType
	case tftypes.Set:
		element = of.ElementType
	}
	if _, isBlock := element.(tftypes.Object); !isBlock {
		return nil
	}
	return element
}

// argument returns the value of one argument. Blocks that are not there are an empty list or
// set.
func argument(of tftypes.Type, given any) (tftypes.Value, error) {
	block := blockType(of)
	switch given := given.(type) {
	case nil:
		if block != nil {
			return tftypes.NewValue(of, []tftypes.Value{}), nil
		}
		return tftypes.NewValue(of, nil), nil
	case arguments:
		if block == nil {
			return given.value(of)
		}
		block, err := given.value(block)
		return tftypes.NewValue(of, []tftypes.Value{block}), err
	case []string:
		elements := make([]tftypes.Value, len(given))
		for i, text := range given {
			elements[i] = tftypes.NewValue(tftypes.String, text)
		}
		if of.Is(tftypes.DynamicPseudoType) {
			of = tftypes.List{ElementType: tftypes.String}
		}
		return tftypes.NewValue(of, elements), nil
	case map[string]string:
		elements := make(map[string]tftypes.Value, len(given))
		for key, text := range given {
			elements[key] = tftypes.NewValue(tftypes.String, text)
		}
		return tftypes.NewValue(of, elements), nil
	}
	return tftypes.NewValue(of, given), nil
}

// conditions returns the block config of a list block.
func conditions(region string, q inventory.Query) arguments {
	config := arguments{"region": text(region), "unmanaged": q.Unmanaged, "idle": q.Idle}
	for name, ids := range map[string][]string{
		"network_interface_ids": q.InterfaceIDs, "vpc_ids": q.VPCIDs, "traffic_mirror_target_ids": q.TargetIDs, "traffic_mirror_filter_ids": q.FilterIDs,
	} {
		if ids != nil {
			config[name] = ids
		}
	}
	if q.Tags != nil {
		config["tags"] = q.Tags
	}
	if q.ManagedBy != nil {
		tag := arguments{"key": q.ManagedBy.TagKey}
		if q.ManagedBy.TagValue != nil {
			tag["value"] = *q.ManagedBy.TagValue
		}
		config["managed_by_tag"] = tag
	}
	return config
}

// home returns the name of the Region of the provider block, as the data source of a kind that
// was listed shows it: it needs no other permissions.
func (p *asked) home(ctx context.Context, kind string) (string, error) {
	source := "trafficmirror_" + kind + "s"
	of := p.schemas.DataSourceSchemas[source].ValueType()
	config, err := arguments{}.dynamic(of)
	if err != nil {
		return "", err
	}
	read, err := p.server.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: source, Config: config})
	if err != nil {
		return "", err
	}
	if _, err := judge(read.Diagnostics); err != nil {
		return "", err
	}
	state, err := read.State.Unmarshal(of)
	if err != nil {
		return "", err
	}
	o := Object{}
	if err := state.As(&o.attributes); err != nil {
		return "", err
	}
	return o.text("region"), nil
}

// list lists the objects of a kind in a Region.
func (p *asked) list(ctx context.Context, kind, region string, q inventory.Query) ([]Object, error) {
	resource := "trafficmirror_" + kind
	config, err := conditions(region, q).dynamic(p.schemas.ListResourceSchemas[resource].ValueType())
	if err != nil {
		return nil, err
	}
	stream, err := p.lists.ListResource(ctx, &tfprotov6.ListResourceRequest{TypeName: resource, Config: config, IncludeResource: true})
	if err != nil {
		return nil, err
	}
	var objects []Object
	for result := range stream.Results {
		if _, err := judge(result.Diagnostics); err != nil {
			return nil, err
		}
		o, err := p.object(kind, result)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", result.DisplayName, err)
		}
		objects = append(objects, o)
	}
	return objects, nil
}

// object returns the object of a result, with the attributes that a configuration can set and
// that are not at their defaults.
func (p *asked) object(kind string, result tfprotov6.ListResourceResult) (Object, error) {
	schema := p.schemas.ResourceSchemas["trafficmirror_"+kind]
	value, err := result.Resource.Unmarshal(schema.ValueType())
	if err != nil {
		return Object{}, err
	}
	o := Object{Kind: kind, Title: result.DisplayName, attributes: map[string]tftypes.Value{}}
	if err := value.As(&o.attributes); err != nil {
		return Object{}, err
	}
	o.ID, o.Region = o.text("id"), o.text("region")
	o.isUntitled = kind == FilterRule && o.Title == inventory.RulePlace(o.text("traffic_mirror_filter_id"), o.text("traffic_direction"), o.number("rule_number"))
	for _, a := range schema.Block.Attributes {
		if a.Computed && !a.Optional || o.attributes[a.Name].IsNull() {
			delete(o.attributes, a.Name)
		}
	}
	return o, nil
}
