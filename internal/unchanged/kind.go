package unchanged

import (
	"context"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// A kind is a type of resource, with what is derived of its schema once.
type kind struct {
	construct    func() resource.Resource
	derive       sync.Once
	schema       schema.Schema
	wire         tftypes.Type
	identity     identityschema.Schema
	identityWire tftypes.Type
	noIdentity   *tfprotov6.ResourceIdentityData
	usable       bool
}

// asked is a resource that is asked one request.
type asked struct {
	Resource
	*kind
}

// ask returns a resource that is configured. It is not ok before the provider is.
func (k *kind) ask(ctx context.Context, data any) (asked, bool) {
	r, fits := k.construct().(Resource)
	if !fits || data == nil {
		return asked{nil, k}, false
	}
	usable := k.isDerived(ctx)
	var configured resource.ConfigureResponse
	r.Configure(ctx, resource.ConfigureRequest{ProviderData: data}, &configured)
	return asked{r, k}, usable && !configured.Diagnostics.HasError()
}

// isDerived derives what the kind has of its schema, once. It reports whether that could be
// done.
func (k *kind) isDerived(ctx context.Context) bool {
	k.derive.Do(func() {
		r, fits := k.construct().(Resource)
		k.usable = fits && k.derivedFrom(ctx, r)
	})
	return k.usable
}

func (k *kind) derivedFrom(ctx context.Context, r Resource) bool {
	var of resource.SchemaResponse
	r.Schema(ctx, resource.SchemaRequest{}, &of)
	var named resource.IdentitySchemaResponse
	r.IdentitySchema(ctx, resource.IdentitySchemaRequest{}, &named)
	k.schema, k.identity = of.Schema, named.IdentitySchema
	k.wire, k.identityWire = k.schema.Type().TerraformType(ctx), k.identity.Type().TerraformType(ctx)
	none, err := tfprotov6.NewDynamicValue(k.identityWire, tftypes.NewValue(k.identityWire, nil))
	k.noIdentity = &tfprotov6.ResourceIdentityData{IdentityData: &none}
	return err == nil && !of.Diagnostics.HasError() && !named.Diagnostics.HasError()
}

// decode returns a value of the resource's type. What does not fit is for the framework to
// report.
func (k *kind) decode(value *tfprotov6.DynamicValue) (tftypes.Value, bool) {
	if k.wire == nil {
		return tftypes.Value{}, false
	}
	decoded, err := value.Unmarshal(k.wire)
	return decoded, err == nil
}

// decodeIdentity returns an identity, null if there is none.
func (k *kind) decodeIdentity(value *tfprotov6.ResourceIdentityData) (tftypes.Value, bool) {
	switch {
	case k.identityWire == nil:
		return tftypes.Value{}, false
	case value == nil || value.IdentityData == nil:
		return tftypes.NewValue(k.identityWire, nil), true
	}
	decoded, err := value.IdentityData.Unmarshal(k.identityWire)
	return decoded, err == nil
}
