package packed

import (
	"bytes"
	"context"
	"math/big"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

var (
	nested = schema.ListNestedAttribute{
		Optional: true,
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"name":   schema.StringAttribute{Optional: true},
			"length": schema.Int64Attribute{Optional: true},
		}},
	}
	listType    = nested.GetType().TerraformType(context.Background())
	elementType = listType.(tftypes.List).ElementType
	objectType  = tftypes.Object{AttributeTypes: map[string]tftypes.Type{"id": tftypes.String, "packets": listType}}
	packedType  = tftypes.Object{AttributeTypes: map[string]tftypes.Type{"id": tftypes.String, "packets": tftypes.String}}
)

func element(name, length any) tftypes.Value {
	return tftypes.NewValue(elementType, map[string]tftypes.Value{
		"name": tftypes.NewValue(tftypes.String, name), "length": tftypes.NewValue(tftypes.Number, length),
	})
}

func list(elements ...tftypes.Value) tftypes.Value { return tftypes.NewValue(listType, elements) }

// A value that was packed and unpacked is the same value, whatever is unknown in it. What
// the framework gets is a text, and null or unknown if the list is.
func TestServer_translate(t *testing.T) {
	t.Parallel()
	s := &Server{resource: "x", attributes: []string{"packets"}}
	for name, packets := range map[string]tftypes.Value{
		"known":           list(element("a", 1), element("b", nil)),
		"empty":           list(),
		"null":            tftypes.NewValue(listType, nil),
		"unknown":         tftypes.NewValue(listType, tftypes.UnknownValue),
		"unknown element": list(element("a", 1), tftypes.NewValue(elementType, tftypes.UnknownValue)),
		"unknown name":    list(element(tftypes.UnknownValue, 1)),
		"null element":    list(tftypes.NewValue(elementType, nil)),
	} {
		object := tftypes.NewValue(objectType, map[string]tftypes.Value{"id": tftypes.NewValue(tftypes.String, "eni"), "packets": packets})
		value, err := tfprotov6.NewDynamicValue(objectType, object)
		if err != nil {
			t.Fatal(name, err)
		}
		at := &value
		if err := s.pack("x", &at); err != nil {
			t.Fatal(name, err)
		}
		forFramework, err := at.Unmarshal(packedType)
		if err != nil {
			t.Fatal(name, err)
		}
		attributes := map[string]tftypes.Value{}
		if err := forFramework.As(&attributes); err != nil {
			t.Fatal(name, err)
		}
		if got := attributes["packets"]; got.IsKnown() != packets.IsKnown() || got.IsNull() != packets.IsNull() {
			t.Errorf("%s: the framework gets %s", name, got)
		}
		if err := s.unpack("x", &at); err != nil {
			t.Fatal(name, err)
		}
		back, err := at.Unmarshal(objectType)
		if err != nil {
			t.Fatal(name, err)
		}
		if !back.Equal(object) {
			t.Errorf("%s: %s became %s", name, object, back)
		}
	}
	// The order of a map does not matter.
	if got, err := pack(encoded("\x82\xa1b\x01\xa1a\x02")); err != nil || string(got) != "\xa7\x82\xa1a\x02\xa1b\x01" {
		t.Errorf("a map became %q: %v", got, err)
	}
	// Terraform also says how long an unknown list may be, which does not fit a text.
	if got, err := pack(encoded{0xc7, 3, 12, 0x81, 6, 3}); err != nil || !bytes.Equal(got, unknown) {
		t.Errorf("an unknown list of up to 3 elements became %x: %v", got, err)
	}
	other := &tfprotov6.DynamicValue{MsgPack: []byte{1}}
	if err := s.pack("y", &other); err != nil || other.MsgPack[0] != 1 {
		t.Error("the value of another resource was translated:", other.MsgPack, err)
	}
}

// valueOf is what a model gets for a list in a configuration.
func valueOf(t *testing.T, packets tftypes.Value) Value {
	t.Helper()
	wire, err := tfprotov6.NewDynamicValue(listType, packets)
	if err != nil {
		t.Fatal(err)
	}
	return Value{types.StringValue(string(wire.MsgPack)), nested.GetType()}
}

// What does not fit its type is refused at its place. Everything else can be read.
func TestValue_validate(t *testing.T) {
	t.Parallel()
	v := valueOf(t, list(element("a", big.NewFloat(1.5)), element(nil, 2), element("c", 3)))
	diags := v.Validate(t.Context(), "packets", nested)
	want := []string{
		`packets[0].length is 1.5. Write a whole number.`,
	}
	if len(diags) != len(want) {
		t.Fatal(diags)
	}
	for i, d := range diags {
		if d.Detail() != want[i] {
			t.Errorf("got %s, want %s", d.Detail(), want[i])
		}
	}
	elements := v.Elements()
	if len(elements) != 3 || !elements[0].IsUnknown() || elements[1].IsUnknown() {
		t.Error(elements)
	}
}

// The same value is the same text, in the order in which Terraform writes a map.
func TestNew_sorts(t *testing.T) {
	t.Parallel()
	counts := map[string]attr.Value{}
	for _, name := range []string{"b", "a", "d", "c", "e"} {
		counts[name] = types.Int64Value(1)
	}
	const want = "\x85\xa1a\x01\xa1b\x01\xa1c\x01\xa1d\x01\xa1e\x01"
	v, err := New(t.Context(), types.MapValueMust(types.Int64Type, counts))
	if err != nil || v.ValueString() != want {
		t.Errorf("got %q, want %q: %v", v.ValueString(), want, err)
	}
	back, err := v.Unpack(t.Context())
	if err != nil || !back.Equal(types.MapValueMust(types.Int64Type, counts)) {
		t.Error(back, err)
	}
}
