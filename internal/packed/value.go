package packed

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

var (
	_ basetypes.StringTypable  = Type{}
	_ basetypes.StringValuable = Value{}
)

// Attribute returns the attribute that the framework gets in place of a.
func Attribute(a schema.Attribute) schema.Attribute {
	return schema.StringAttribute{CustomType: Type{Of: a.GetType()}, Required: a.IsRequired(), Optional: a.IsOptional(), Computed: a.IsComputed()}
}

// Type is the type of a packed attribute for the framework.
type Type struct {
	basetypes.StringType
	Of attr.Type // the real type
}

// Equal implements attr.Type.
func (t Type) Equal(o attr.Type) bool {
	other, same := o.(Type)
	return same && (t.Of == nil || other.Of == nil || t.Of.Equal(other.Of))
}

// String implements attr.Type.
func (t Type) String() string { return fmt.Sprintf("packed.Type[%v]", t.Of) }

// ValueType implements attr.Type.
func (t Type) ValueType(context.Context) attr.Value { return Value{} }

// ValueFromString implements basetypes.StringTypable.
func (t Type) ValueFromString(_ context.Context, in basetypes.StringValue) (basetypes.StringValuable, diag.Diagnostics) {
	return Value{in, t.Of}, nil
}

// ValueFromTerraform implements attr.Type.
func (t Type) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	text, err := t.StringType.ValueFromTerraform(ctx, in)
	if err != nil {
		return nil, err
	}
	return Value{text.(basetypes.StringValue), t.Of}, nil
}

// Value is the value of a packed attribute. Its zero value is null.
type Value struct {
	basetypes.StringValue
	of attr.Type
}

// Unknown returns a value that is known only after apply.
func Unknown(of attr.Type) Value { return Value{basetypes.NewStringUnknown(), of} }

// New packs a value.
func New(ctx context.Context, value attr.Value) (Value, error) {
	of := value.Type(ctx)
	switch {
	case value.IsNull():
		return Value{basetypes.NewStringNull(), of}, nil
	case value.IsUnknown():
		return Unknown(of), nil
	}
	raw, err := value.ToTerraformValue(ctx)
	if err != nil {
		return Value{}, err
	}
	wire, err := tfprotov6.NewDynamicValue(of.TerraformType(ctx), raw)
	if err != nil {
		return Value{}, err
	}
	text := encoded(wire.MsgPack)
	if _, isMap := value.(basetypes.MapValue); isMap {
		if text, err = text.sorted(); err != nil {
			return Value{}, err
		}
	}
	return Value{basetypes.NewStringValue(string(text)), of}, nil
}

// Type implements attr.Value.
func (v Value) Type(context.Context) attr.Type { return Type{Of: v.of} }

// Equal reports whether the encoded values are the same. Terraform encodes the same value in
// the same way.
func (v Value) Equal(o attr.Value) bool {
	other, same := o.(Value)
	return same && v.StringValue.Equal(other.StringValue)
}

// IsFullyKnown reports whether no part of the value is known only after apply.
func (v Value) IsFullyKnown() bool {
	if v.IsNull() || v.IsUnknown() {
		return !v.IsUnknown()
	}
	raw, err := v.raw(context.Background())
	return err == nil && raw.IsFullyKnown()
}

// Unpack decodes the value.
func (v Value) Unpack(ctx context.Context) (attr.Value, error) {
	raw, err := v.raw(ctx)
	if err != nil {
		return nil, err
	}
	return v.of.ValueFromTerraform(ctx, raw)
}

func (v Value) raw(ctx context.Context) (tftypes.Value, error) {
	real := v.of.TerraformType(ctx)
	switch {
	case v.IsNull():
		return tftypes.NewValue(real, nil), nil
	case v.IsUnknown():
		return tftypes.NewValue(real, tftypes.UnknownValue), nil
	}
	return tfprotov6.DynamicValue{MsgPack: []byte(v.ValueString())}.Unmarshal(real)
}

// Elements decodes a list. It is empty if the list is null or unknown. An element that does
// not fit its type is unknown: Validate refuses it.
func (v Value) Elements() []attr.Value {
	of, isList := v.of.(attr.TypeWithElementType)
	if !isList || v.IsNull() || v.IsUnknown() {
		return nil
	}
	ctx := context.Background()
	raw, err := v.raw(ctx)
	var elements []tftypes.Value
	if err != nil || raw.As(&elements) != nil {
		return nil
	}
	values := make([]attr.Value, len(elements))
	for i, element := range elements {
		if values[i], err = of.ElementType().ValueFromTerraform(ctx, element); err == nil {
			continue
		}
		if values[i], err = of.ElementType().ValueFromTerraform(ctx, tftypes.NewValue(element.Type(), tftypes.UnknownValue)); err != nil {
			return nil
		}
	}
	return values
}
