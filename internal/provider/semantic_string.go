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

// A semantics reads a text whose value can be written in several ways. For Terraform, two
// texts with the same value are equal.
type semantics interface {
	// canonical returns the standard text of the same value, and false if text has no
	// value.
	canonical(text string) (string, bool)
}

type protocolSemantics struct{}

func (protocolSemantics) canonical(text string) (string, bool) {
	p, problems := mirror.ParseProtocol("", text)
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

// StringSemanticEquals keeps the spelling of the plan or the prior state when a
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

// keepEquivalent plans the value of the state if the configuration has the same value in
// another spelling. The framework's semantic equality does not do this for plans.
type keepEquivalent[S semantics] struct{}

func (keepEquivalent[S]) Description(context.Context) string {
	return "Another spelling of the same value is no change."
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
