package provider

import (
	"context"
	"fmt"
	"math/big"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A semantics reads a text whose value can be written in several ways. For Terraform, two
// texts with the same value are equal.
type semantics interface {
	// canonical returns the standard text of the same value, and false if text has no
	// value.
	canonical(text string) (string, bool)
}

type protocolSemantics struct{}

func (protocolSemantics) canonical(text string) (string, bool) {
	p, problems := mirror.ParseRuleProtocol("", text)
	return p.String(), problems == nil
}

type cidrSemantics struct{}

func (cidrSemantics) canonical(text string) (string, bool) {
	p, problems := mirror.ParseCIDR("", text)
	return p.String(), problems == nil
}

// The types of the attributes that can be written in several ways: "6" and "tcp",
// "2001:DB8:0::/32" and "2001:db8::/32".
type (
	protocolType  = equivalentStringType[protocolSemantics]
	protocolValue = equivalentString[protocolSemantics]
	cidrType      = equivalentStringType[cidrSemantics]
	cidrValue     = equivalentString[cidrSemantics]
)

var (
	_ basetypes.StringTypable                    = protocolType{}
	_ basetypes.StringValuableWithSemanticEquals = protocolValue{}
)

// equivalentStringType is a string type whose values compare by what they mean.
type equivalentStringType[S semantics] struct{ basetypes.StringType }

func (t equivalentStringType[S]) Equal(o attr.Type) bool {
	_, same := o.(equivalentStringType[S])
	return same
}

func (t equivalentStringType[S]) String() string { return fmt.Sprintf("%T", t) }

func (t equivalentStringType[S]) ValueType(context.Context) attr.Value { return equivalentString[S]{} }

func (t equivalentStringType[S]) ValueFromString(_ context.Context, in basetypes.StringValue) (basetypes.StringValuable, diag.Diagnostics) {
	return equivalentString[S]{in}, nil
}

func (t equivalentStringType[S]) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	text, err := t.StringType.ValueFromTerraform(ctx, in)
	if err != nil {
		return nil, err
	}
	return equivalentString[S]{text.(basetypes.StringValue)}, nil
}

// equivalentString is a value of a equivalentStringType. Its zero value is null.
type equivalentString[S semantics] struct{ basetypes.StringValue }

func newEquivalentString[S semantics](text string) equivalentString[S] {
	return equivalentString[S]{basetypes.NewStringValue(text)}
}

func (v equivalentString[S]) Type(context.Context) attr.Type { return equivalentStringType[S]{} }

func (v equivalentString[S]) Equal(o attr.Value) bool {
	other, same := o.(equivalentString[S])
	return same && v.StringValue.Equal(other.StringValue)
}

// StringSemanticEquals keeps the value as the plan or the prior state writes it when a
// value that was read means the same.
func (v equivalentString[S]) StringSemanticEquals(_ context.Context, o basetypes.StringValuable) (bool, diag.Diagnostics) {
	other, same := o.(equivalentString[S])
	return same && v.isEquivalent(other), nil
}

func (v equivalentString[S]) isEquivalent(o equivalentString[S]) bool {
	if v.IsNull() || v.IsUnknown() || o.IsNull() || o.IsUnknown() {
		return v.Equal(o)
	}
	var s S
	mine, readable := s.canonical(v.ValueString())
	others, othersReadable := s.canonical(o.ValueString())
	return readable && othersReadable && mine == others
}

// keepEquivalent plans the value of the state if the configuration has the same value
// written in another way. The framework's semantic equality does not do this for plans.
type keepEquivalent[S semantics] struct{}

func (keepEquivalent[S]) Description(context.Context) string {
	return "A value that is only written in another way is no change."
}

func (m keepEquivalent[S]) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

func (keepEquivalent[S]) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if req.StateValue.IsNull() || req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if (equivalentString[S]{req.ConfigValue}).isEquivalent(equivalentString[S]{req.StateValue}) {
		resp.PlanValue = req.StateValue
	}
}

// numberType is a type of whole numbers whose values may be any number. With the
// framework's Int64Type, a fraction or a huge number ends in "Value Conversion Error.
// Please report this to the provider developers" before a check of this provider runs.
type numberType struct{ basetypes.Int64Type }

// numberValue is a value of numberType. Its zero value is null.
type numberValue struct {
	basetypes.Int64Value
	strange *big.Float // the number, if it is no whole number of 64 bits
}

var (
	_ basetypes.Int64Typable  = numberType{}
	_ basetypes.Int64Valuable = numberValue{}
)

func (t numberType) Equal(o attr.Type) bool {
	_, same := o.(numberType)
	return same
}

func (numberType) String() string { return "numberType" }

func (numberType) ValueType(context.Context) attr.Value { return numberValue{} }

// Validate accepts every number. The checks of the values refuse what is wrong.
func (numberType) Validate(context.Context, tftypes.Value, path.Path) diag.Diagnostics { return nil }

func (numberType) ValueFromInt64(_ context.Context, in basetypes.Int64Value) (basetypes.Int64Valuable, diag.Diagnostics) {
	return numberValue{Int64Value: in}, nil
}

func (t numberType) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	var number big.Float
	if in.IsKnown() && !in.IsNull() {
		if err := in.As(&number); err != nil {
			return nil, err
		}
		if n, accuracy := number.Int64(); accuracy != big.Exact {
			return numberValue{basetypes.NewInt64Value(n), &number}, nil
		}
	}
	value, err := t.Int64Type.ValueFromTerraform(ctx, in)
	if err != nil {
		return nil, err
	}
	return numberValue{Int64Value: value.(basetypes.Int64Value)}, nil
}

func knownNumber(n int) numberValue {
	return numberValue{Int64Value: basetypes.NewInt64Value(int64(n))}
}

func unknownNumber() numberValue { return numberValue{Int64Value: basetypes.NewInt64Unknown()} }

func (v numberValue) Type(context.Context) attr.Type { return numberType{} }

func (v numberValue) Equal(o attr.Value) bool {
	other, same := o.(numberValue)
	switch {
	case !same || (v.strange == nil) != (other.strange == nil):
		return false
	case v.strange != nil:
		return v.strange.Cmp(other.strange) == 0
	}
	return v.Int64Value.Equal(other.Int64Value)
}

func (v numberValue) ToTerraformValue(ctx context.Context) (tftypes.Value, error) {
	if v.strange != nil {
		return tftypes.NewValue(tftypes.Number, v.strange), nil
	}
	return v.Int64Value.ToTerraformValue(ctx)
}

// String returns the number as a message shows it.
func (v numberValue) String() string {
	if v.strange == nil {
		return v.Int64Value.String()
	}
	const longest = 24
	if text := v.strange.Text('f', -1); len(text) <= longest {
		return text
	}
	return v.strange.Text('g', longest/2)
}

// outside returns a problem unless a known number is a whole number in the range.
func (v numberValue) outside(field string, within mirror.Range) mirror.Problems {
	switch {
	case v.IsNull() || v.IsUnknown():
		return nil
	case v.strange != nil:
		return within.Refuse(field, v.String())
	}
	return within.Check(field, v.ValueInt64())
}

// wholeNumber refuses a number that is no whole number of 64 bits, and leaves any other to the
// next validator, so that a fraction gets one message. It is not for attributes below a map,
// where a diagnostic with a path can crash the CLI (see attributePath).
type wholeNumber struct{ next validator.Int64 }

func (wholeNumber) Description(context.Context) string { return "A whole number." }

func (w wholeNumber) MarkdownDescription(ctx context.Context) string { return w.Description(ctx) }

func (w wholeNumber) ValidateInt64(ctx context.Context, req validator.Int64Request, resp *validator.Int64Response) {
	var value numberValue
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, req.Path, &value)...)
	if value.strange != nil {
		addError(&resp.Diagnostics, req.Path, "Invalid number", fmt.Sprintf("%s is %s. Write a whole number.", req.Path, value))
		return
	}
	w.next.ValidateInt64(ctx, req, resp)
}
