package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/spf13/cobra"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/provider"
)

// schemaCommand prints what `terraform providers schema -json` prints. It needs
// no CLI, so the output does not depend on the version of one. The documentation
// is generated from it.
func schemaCommand(version string) *cobra.Command {
	return &cobra.Command{
		Use:    "schema",
		Short:  "Print the provider's schema as JSON",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return printSchema(cmd.Context(), version, cmd.OutOrStdout())
		},
	}
}

// object is a JSON object. set leaves out false, empty texts and empty objects.
type object map[string]any

func (o object) set(key string, value any) object {
	switch v := value.(type) {
	case bool:
		if !v {
			return o
		}
	case string:
		if v == "" {
			return o
		}
	case object:
		if len(v) == 0 {
			return o
		}
	}
	o[key] = value
	return o
}

func printSchema(ctx context.Context, version string, to io.Writer) error {
	server := provider.NewServer(provider.New(version))()
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return err
	}
	for _, d := range schemas.Diagnostics {
		return fmt.Errorf("%s: %s", d.Summary, d.Detail)
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return err
	}
	whole := object{
		"provider":                   schemaObject(schemas.Provider),
		"resource_schemas":           mapObject(schemas.ResourceSchemas, schemaObject),
		"data_source_schemas":        mapObject(schemas.DataSourceSchemas, schemaObject),
		"list_resource_schemas":      mapObject(schemas.ListResourceSchemas, schemaObject),
		"resource_identity_schemas":  mapObject(identities.IdentitySchemas, identityObject),
		"ephemeral_resource_schemas": mapObject(schemas.EphemeralResourceSchemas, schemaObject),
		"functions":                  mapObject(schemas.Functions, functionObject),
	}
	enc := json.NewEncoder(to)
	enc.SetEscapeHTML(false)
	return enc.Encode(object{
		"format_version":   "1.0",
		"provider_schemas": object{"trafficmirror": whole}, // by the name that tfplugindocs looks for
	})
}

func mapObject[T any](items map[string]T, convert func(T) object) object {
	o := object{}
	for name, item := range items {
		o[name] = convert(item)
	}
	return o
}

func schemaObject(s *tfprotov6.Schema) object {
	return object{"version": s.Version, "block": blockObject(s.Block)}
}

func blockObject(b *tfprotov6.SchemaBlock) object {
	blocks := object{}
	for _, nested := range b.BlockTypes {
		blocks[nested.TypeName] = object{
			"nesting_mode": strings.ToLower(nested.Nesting.String()), "block": blockObject(nested.Block),
			"min_items": nested.MinItems, "max_items": nested.MaxItems,
		}
	}
	return object{}.set("attributes", attributesObject(b.Attributes)).set("block_types", blocks).
		set("description", b.Description).set("description_kind", kindName(b.DescriptionKind)).set("deprecated", b.Deprecated)
}

func attributesObject(attributes []*tfprotov6.SchemaAttribute) object {
	o := object{}
	for _, a := range attributes {
		attribute := object{}.set("description", a.Description).set("description_kind", kindName(a.DescriptionKind)).
			set("deprecated", a.Deprecated).set("required", a.Required).set("optional", a.Optional).
			set("computed", a.Computed).set("sensitive", a.Sensitive).set("write_only", a.WriteOnly)
		if a.NestedType != nil {
			attribute["nested_type"] = object{
				"attributes": attributesObject(a.NestedType.Attributes), "nesting_mode": strings.ToLower(a.NestedType.Nesting.String()),
			}
		} else {
			attribute["type"] = a.Type
		}
		o[a.Name] = attribute
	}
	return o
}

func identityObject(s *tfprotov6.ResourceIdentitySchema) object {
	attributes := object{}
	for _, a := range s.IdentityAttributes {
		attributes[a.Name] = object{"type": a.Type}.set("description", a.Description).
			set("required_for_import", a.RequiredForImport).set("optional_for_import", a.OptionalForImport)
	}
	return object{"version": s.Version, "attributes": attributes}
}

// functionObject is a function as `terraform metadata functions -json` describes one.
func functionObject(f *tfprotov6.Function) object {
	o := object{"return_type": f.Return.Type}.set("summary", f.Summary).set("description", f.Description).set("deprecation_message", f.DeprecationMessage)
	var parameters []object
	for _, p := range f.Parameters {
		parameters = append(parameters, parameterObject(p))
	}
	if parameters != nil {
		o["parameters"] = parameters
	}
	if f.VariadicParameter != nil {
		o["variadic_parameter"] = parameterObject(f.VariadicParameter)
	}
	return o
}

func parameterObject(p *tfprotov6.FunctionParameter) object {
	return object{"name": p.Name, "type": p.Type}.set("description", p.Description).set("is_nullable", p.AllowNullValue)
}

func kindName(k tfprotov6.StringKind) string {
	if k == tfprotov6.StringKindMarkdown {
		return "markdown"
	}
	return "plain"
}
