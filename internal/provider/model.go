package provider

import (
	"context"
	"reflect"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/attr/xattr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// get reads a configuration, a plan or a state into a model. It does what the Get of each
// does, which derives the types of the schema and compiles a regular expression for every
// field, every time. What get cannot read it leaves to that Get, and its messages.
func get(ctx context.Context, from, model any) diag.Diagnostics {
	var raw tftypes.Value
	var schema typed
	var slowly func(context.Context, any) diag.Diagnostics
	switch f := from.(type) {
	case tfsdk.Config:
		raw, schema, slowly = f.Raw, f.Schema, f.Get
	case tfsdk.Plan:
		raw, schema, slowly = f.Raw, f.Schema, f.Get
	case tfsdk.State:
		raw, schema, slowly = f.Raw, f.Schema, f.Get
	}
	to := reflect.ValueOf(model).Elem()
	if layoutOf(ctx, to.Type(), schema).fill(ctx, raw, to) {
		return nil
	}
	return slowly(ctx, model)
}

// typed is a schema.
type typed interface{ Type() attr.Type }

// set writes a model into a plan or a state, as their own Set does.
func set(ctx context.Context, to, model any) diag.Diagnostics {
	var raw *tftypes.Value
	var schema typed
	var slowly func(context.Context, any) diag.Diagnostics
	switch t := to.(type) {
	case *tfsdk.Plan:
		raw, schema, slowly = &t.Raw, t.Schema, t.Set
	case *tfsdk.State:
		raw, schema, slowly = &t.Raw, t.Schema, t.Set
	}
	from := reflect.ValueOf(model)
	value, ok := layoutOf(ctx, from.Type(), schema).value(ctx, from)
	if !ok {
		return slowly(ctx, model)
	}
	*raw = value
	return nil
}

// A layout is the fields of a model, with the types of their attributes. It has no fields
// for a model that get cannot read.
type layout struct {
	fields []field
	wire   tftypes.Type
}

type field struct {
	name  string
	index []int
	of    attr.Type
	wire  tftypes.Type
	null  reflect.Value
}

// layouts has the layout of each type of model. A type of model is for one schema.
var layouts sync.Map

func layoutOf(ctx context.Context, model reflect.Type, schema typed) layout {
	if known, has := layouts.Load(model); has {
		return known.(layout)
	}
	made, _ := layouts.LoadOrStore(model, newLayout(ctx, model, schema))
	return made.(layout)
}

func newLayout(ctx context.Context, model reflect.Type, schema typed) layout {
	object, isObject := schema.Type().(attr.TypeWithAttributeTypes)
	if !isObject || model.Kind() != reflect.Struct {
		return layout{}
	}
	types := object.AttributeTypes()
	l := layout{wire: object.TerraformType(ctx)}
	for _, f := range reflect.VisibleFields(model) {
		name, of := f.Tag.Get("tfsdk"), types[f.Tag.Get("tfsdk")]
		if f.Anonymous || of == nil {
			continue
		}
		wire := of.TerraformType(ctx)
		null, err := of.ValueFromTerraform(ctx, tftypes.NewValue(wire, nil))
		if _, isChecked := null.(xattr.ValidateableAttribute); err != nil || isChecked || reflect.TypeOf(null) != f.Type {
			return layout{}
		}
		l.fields = append(l.fields, field{name, f.Index, of, wire, reflect.ValueOf(null)})
	}
	if len(l.fields) != len(types) {
		return layout{}
	}
	return l
}

// fill fills a model. It reports whether it could.
func (l layout) fill(ctx context.Context, raw tftypes.Value, model reflect.Value) bool {
	var parts map[string]tftypes.Value
	if len(l.fields) == 0 || !raw.IsKnown() || raw.IsNull() || raw.As(&parts) != nil || len(parts) != len(l.fields) {
		return false
	}
	for _, f := range l.fields {
		value, ok := f.read(ctx, parts[f.name])
		if !ok {
			return false
		}
		model.FieldByIndex(f.index).Set(value)
	}
	return true
}

func (f field) read(ctx context.Context, part tftypes.Value) (reflect.Value, bool) {
	if part.Type() == nil {
		return f.null, false
	}
	if part.IsNull() {
		return f.null, true
	}
	value, err := f.of.ValueFromTerraform(ctx, part)
	return reflect.ValueOf(value), err == nil && reflect.TypeOf(value) == f.null.Type()
}

// value returns a model as a value. It is not ok if an attribute does not have its type.
func (l layout) value(ctx context.Context, model reflect.Value) (tftypes.Value, bool) {
	parts := make(map[string]tftypes.Value, len(l.fields))
	for _, f := range l.fields {
		attribute, isValue := model.FieldByIndex(f.index).Interface().(attr.Value)
		if !isValue {
			return tftypes.Value{}, false
		}
		part, err := attribute.ToTerraformValue(ctx)
		if err != nil || !f.wire.Equal(part.Type()) {
			return tftypes.Value{}, false
		}
		parts[f.name] = part
	}
	if len(parts) == 0 {
		return tftypes.Value{}, false
	}
	return tftypes.NewValue(l.wire, parts), true
}

// setPlanned sets an attribute of a plan, if the plan has another value: the framework then
// visits and copies all values.
func setPlanned(ctx context.Context, plan *tfsdk.Plan, name string, value attr.Value) diag.Diagnostics {
	var parts map[string]tftypes.Value
	wanted, err := value.ToTerraformValue(ctx)
	if err == nil && plan.Raw.As(&parts) == nil && parts[name].Equal(wanted) {
		return nil
	}
	return plan.SetAttribute(ctx, path.Root(name), value)
}
