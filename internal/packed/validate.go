package packed

import (
	"context"
	"fmt"
	"maps"
	"math/big"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Validate does for a packed list what the framework does for other attributes: it refuses
// values that do not fit the type, and what the validators of the schema refuse. The attributes
// of a packed list are optional.
func (v Value) Validate(ctx context.Context, name string, a schema.ListNestedAttribute) diag.Diagnostics {
	if v.IsUnknown() {
		return nil
	}
	raw, err := v.raw(ctx)
	if err != nil {
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root(name), "Unreadable list", err.Error())}
	}
	w := validation{config: tfsdk.Config{
		Raw:    tftypes.NewValue(tftypes.Object{AttributeTypes: map[string]tftypes.Type{name: raw.Type()}}, map[string]tftypes.Value{name: raw}),
		Schema: schema.Schema{Attributes: map[string]schema.Attribute{name: a}},
	}}
	w.list(ctx, path.Root(name), a, raw)
	return w.diags
}

// validation is a run of Validate.
type validation struct {
	config tfsdk.Config // with nothing but the list
	diags  diag.Diagnostics
}

func (w *validation) list(ctx context.Context, at path.Path, a schema.ListNestedAttribute, raw tftypes.Value) {
	var elements []tftypes.Value
	if err := raw.As(&elements); err != nil {
		w.diags.AddAttributeError(at, "Unreadable list", err.Error())
	}
	names := slices.Sorted(maps.Keys(a.NestedObject.Attributes))
	for i, element := range elements {
		attributes := map[string]tftypes.Value{}
		if !element.IsKnown() || element.As(&attributes) != nil {
			continue
		}
		for _, name := range names {
			if value := attributes[name]; !value.IsNull() {
				w.attribute(ctx, at.AtListIndex(i).AtName(name), a.NestedObject.Attributes[name], value)
			}
		}
	}
	if len(a.Validators) == 0 || w.diags.HasError() {
		return
	}
	value, err := a.GetType().ValueFromTerraform(ctx, raw)
	list, isList := value.(basetypes.ListValue)
	if err != nil || !isList {
		w.diags.AddAttributeError(at, "Unreadable list", fmt.Sprint(err))
		return
	}
	for _, check := range a.Validators {
		var resp validator.ListResponse
		check.ValidateList(ctx, validator.ListRequest{Path: at, PathExpression: at.Expression(), Config: w.config, ConfigValue: list}, &resp)
		w.diags.Append(resp.Diagnostics...)
	}
}

// attribute checks one attribute of an element.
func (w *validation) attribute(ctx context.Context, at path.Path, a schema.Attribute, raw tftypes.Value) {
	value, err := a.GetType().ValueFromTerraform(ctx, raw)
	var number *big.Float
	switch {
	case err != nil && raw.As(&number) == nil && number != nil:
		w.diags.AddAttributeError(at, "Invalid number", fmt.Sprintf("%s is %s. Write a whole number.", at, number.Text('g', -1)))
		return
	case err != nil:
		w.diags.AddAttributeError(at, "Invalid value", fmt.Sprintf("%s: %v.", at, err))
		return
	}
	switch a := a.(type) {
	case schema.StringAttribute:
		for _, check := range a.Validators {
			var resp validator.StringResponse
			text, diags := value.(basetypes.StringValuable).ToStringValue(ctx)
			check.ValidateString(ctx, validator.StringRequest{Path: at, PathExpression: at.Expression(), Config: w.config, ConfigValue: text}, &resp)
			w.diags.Append(append(diags, resp.Diagnostics...)...)
		}
	case schema.Int64Attribute:
		for _, check := range a.Validators {
			var resp validator.Int64Response
			number, diags := value.(basetypes.Int64Valuable).ToInt64Value(ctx)
			check.ValidateInt64(ctx, validator.Int64Request{Path: at, PathExpression: at.Expression(), Config: w.config, ConfigValue: number}, &resp)
			w.diags.Append(append(diags, resp.Diagnostics...)...)
		}
	}
}
