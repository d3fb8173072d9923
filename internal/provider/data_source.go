package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	dataschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

// connectedSource is what every data source that reads EC2 has in common.
type connectedSource struct{ conn *connection }

// Configure takes the connection from the provider. There is none yet when Terraform
// validates.
func (c *connectedSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	if conn := connectionOf(req.ProviderData, &resp.Diagnostics); conn != nil {
		c.conn = conn
	}
}

// read returns the account in a Region, for one read of the data source, and the name of the
// Region for the state. A region that is null is that of the provider block. After an error
// it returns nil.
//
// In a plan, data sources share what the resources have read. In an apply, another process may
// have created something a moment ago (a provider block with an alias, or provider aws): what
// was read before the call is too old. A first plan has nothing to share.
func (c *connectedSource) read(region types.String, diags *diag.Diagnostics) (*regional, string) {
	if !region.IsNull() {
		wrong := c.conn.checkRegion(region.ValueString())
		diags.Append(wrong...)
		if wrong.HasError() {
			return nil, ""
		}
	}
	at := *c.conn.in(region.ValueString())
	if !c.conn.isPlan.Load() {
		at.account = at.account.Fresh()
	}
	return &at, at.account.Region
}

// readIDs is read for a data source that reads single objects by their IDs. In an apply, those
// that read at the same time share requests, and none reads the other objects.
func (c *connectedSource) readIDs(region types.String, diags *diag.Diagnostics) (*regional, string) {
	at, name := c.read(region, diags)
	if at != nil && !c.conn.isPlan.Load() {
		at.account = c.conn.in(name).account.Live()
	}
	return at, name
}

// regionArgument is the Region that a data source reads.
var regionArgument = column{
	name: "region", of: types.StringType,
	text: "AWS Region to read, such as `eu-west-1`. Default: the Region of the provider block. See the [guide to Regions](../guides/regions.md).",
}

// shown returns the tags of an object that a data source shows: those that tags_all of its
// resource shows, and those that selected it.
func (p tagPolicy) shown(present map[string]string, selected types.Map) types.Map {
	_, all := p.flatten(present, selected, types.MapNull(types.StringType))
	return all
}

// A bulletList is a list of values with their meanings, for the end of a description in Markdown.
type bulletList string

// with adds a value, whose meaning has no full stop.
func (b bulletList) with(value, meaning string) bulletList {
	if b == "" {
		b = "\n"
	}
	return b + bulletList("\n  - `"+value+"`: "+meaning+".")
}

// A column is an attribute of an object that a data source shows. Data sources of one object
// and of many have the same columns.
type column struct {
	name     string
	of       attr.Type
	text     string   // in Markdown, true of an argument and of a result
	argument string   // more text, true of an argument only
	columns  []column // of the object, or of the objects in the map or the list
}

// objects returns a column of objects. of makes the type of the column from that of an object.
func objects(name, text string, of func(attr.Type) attr.Type, columns []column) column {
	return column{name: name, text: text, of: of(types.ObjectType{AttrTypes: typesOf(columns)}), columns: columns}
}

// The types of columns of objects.
func oneOf(object attr.Type) attr.Type  { return object }
func mapOf(object attr.Type) attr.Type  { return types.MapType{ElemType: object} }
func listOf(object attr.Type) attr.Type { return types.ListType{ElemType: object} }

// typesOf returns the types of columns by their names.
func typesOf(columns []column) map[string]attr.Type {
	all := make(map[string]attr.Type, len(columns))
	for _, c := range columns {
		all[c.name] = c.of
	}
	return all
}

// computedAttributes returns columns as attributes that the provider sets.
func computedAttributes(columns []column) map[string]schema.Attribute {
	all := make(map[string]schema.Attribute, len(columns))
	for _, c := range columns {
		all[c.name] = c.attribute(false, true)
	}
	return all
}

// attribute returns the column as an attribute that the configuration may set, if it is
// optional, and that the provider sets, if it is computed.
func (c column) attribute(optional, computed bool) schema.Attribute {
	nested := schema.NestedAttributeObject{Attributes: computedAttributes(c.columns)}
	text := c.text
	if optional && c.argument != "" {
		text += " As an argument: " + c.argument
	}
	if optional && !strings.Contains(text, "Default:") {
		text += " Default: any."
	}
	switch of := c.of.(type) {
	case types.ObjectType:
		return schema.SingleNestedAttribute{Optional: optional, Computed: computed, MarkdownDescription: text, Attributes: nested.Attributes}
	case types.MapType:
		if c.columns != nil {
			return schema.MapNestedAttribute{Optional: optional, Computed: computed, MarkdownDescription: text, NestedObject: nested}
		}
		return schema.MapAttribute{Optional: optional, Computed: computed, MarkdownDescription: text, ElementType: of.ElemType}
	case types.ListType:
		if c.columns != nil {
			return schema.ListNestedAttribute{Optional: optional, Computed: computed, MarkdownDescription: text, NestedObject: nested}
		}
		return schema.ListAttribute{Optional: optional, Computed: computed, MarkdownDescription: text, ElementType: of.ElemType}
	case types.SetType:
		return schema.SetAttribute{Optional: optional, Computed: computed, MarkdownDescription: text, ElementType: of.ElemType}
	case basetypes.BoolType:
		return schema.BoolAttribute{Optional: optional, Computed: computed, MarkdownDescription: text}
	case basetypes.Float64Type:
		return schema.Float64Attribute{Optional: optional, Computed: computed, MarkdownDescription: text}
	case basetypes.NumberType:
		return schema.NumberAttribute{Optional: optional, Computed: computed, MarkdownDescription: text}
	case basetypes.Int64Typable:
		return schema.Int64Attribute{Optional: optional, Computed: computed, MarkdownDescription: text, CustomType: of}
	case basetypes.StringTypable:
		return schema.StringAttribute{Optional: optional, Computed: computed, MarkdownDescription: text, CustomType: of}
	}
	panic(fmt.Sprintf("no attribute has the type %T", c.of))
}

// dataSchema returns the schema of a data source. Both schema packages have the same
// attributes.
func dataSchema(text string, attributes map[string]schema.Attribute) dataschema.Schema {
	all := make(map[string]dataschema.Attribute, len(attributes))
	for name, a := range attributes {
		all[name] = a
	}
	return dataschema.Schema{MarkdownDescription: text, Attributes: all}
}
