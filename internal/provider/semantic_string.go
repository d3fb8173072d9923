package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A spelling reads a text that can be written in several ways that mean one
// thing. Texts that it reads as the same value are no difference to Terraform.
type spelling interface {
	// canonical returns the one text that stands for what text means, and false
	// if it means nothing.
	canonical(text string) (string, bool)
}

type protocolSpelling struct{}

func (protocolSpelling) canonical(text string) (string, bool) {
	p, problems := mirror.ParseProtocol("", text)
	return p.String(), problems == nil
}

type cidrSpelling struct{}

func (cidrSpelling) canonical(text string) (string, bool) {
	p, problems := mirror.ParseCIDR("", text)
	return p.String(), problems == nil
}

// The types of the attributes that have spellings: "6" and "tcp",
// "2001:DB8:0::/32" and "2001:db8::/32".
type (
	protocolType  = spelledType[protocolSpelling]
	protocolValue = spelledValue[protocolSpelling]
	cidrType      = spelledType[cidrSpelling]
	cidrValue     = spelledValue[cidrSpelling]
)

var (
	_ basetypes.StringTypable                    = protocolType{}
	_ basetypes.StringValuableWithSemanticEquals = protocolValue{}
)

// spelledType is a string type whose values compare by what they mean.
type spelledType[S spelling] struct{ basetypes.StringType }

func (t spelledType[S]) Equal(o attr.Type) bool {
	_, same := o.(spelledType[S])
	return same
}

func (t spelledType[S]) String() string { return fmt.Sprintf("%T", t) }

func (t spelledType[S]) ValueType(context.Context) attr.Value { return spelledValue[S]{} }

func (t spelledType[S]) ValueFromString(_ context.Context, in basetypes.StringValue) (basetypes.StringValuable, diag.Diagnostics) {
	return spelledValue[S]{in}, nil
}

func (t spelledType[S]) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	text, err := t.StringType.ValueFromTerraform(ctx, in)
	if err != nil {
		return nil, err
	}
	return spelledValue[S]{text.(basetypes.StringValue)}, nil
}

// spelledValue is a value of a spelledType. Its zero value is null.
type spelledValue[S spelling] struct{ basetypes.StringValue }

func spelled[S spelling](text string) spelledValue[S] {
	return spelledValue[S]{basetypes.NewStringValue(text)}
}

func (v spelledValue[S]) Type(context.Context) attr.Type { return spelledType[S]{} }

func (v spelledValue[S]) Equal(o attr.Value) bool {
	other, same := o.(spelledValue[S])
	return same && v.StringValue.Equal(other.StringValue)
}

// StringSemanticEquals keeps the spelling of the plan or the prior state when a
// value that was read means the same.
func (v spelledValue[S]) StringSemanticEquals(_ context.Context, o basetypes.StringValuable) (bool, diag.Diagnostics) {
	other, same := o.(spelledValue[S])
	return same && v.means(other), nil
}

func (v spelledValue[S]) means(o spelledValue[S]) bool {
	if v.IsNull() || v.IsUnknown() || o.IsNull() || o.IsUnknown() {
		return v.Equal(o)
	}
	var s S
	mine, readable := s.canonical(v.ValueString())
	others, othersReadable := s.canonical(o.ValueString())
	return readable && othersReadable && mine == others
}

// keepSpelling plans the state's value when the configuration merely spells it in
// another way: semantic equality covers what a provider reads, not what it plans.
type keepSpelling[S spelling] struct{}

func (keepSpelling[S]) Description(context.Context) string {
	return "Another spelling of the same value is no change."
}

func (m keepSpelling[S]) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

func (keepSpelling[S]) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if req.StateValue.IsNull() || req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if (spelledValue[S]{req.ConfigValue}).means(spelledValue[S]{req.StateValue}) {
		resp.PlanValue = req.StateValue
	}
}
