package provider

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

var (
	_ datasource.DataSourceWithConfigure      = (*objectSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*objectSource)(nil)
)

// objectSource is the data source of one object of EC2, or of all that match.
type objectSource struct {
	connectedSource
	objectKind
	isOne bool
}

// An objectKind is what differs between the data sources of the kinds of objects.
type objectKind struct {
	kind      mirror.Kind
	name      string           // of the type of resource, without that of the provider: "filter"
	columns   func() []column  // with "id" and "tags"
	arguments []sourceArgument // in the order of the documentation
	text      map[bool]string  // of the page of one object (true), and of that of many
	list      listing
}

// A listing returns the object with an ID, if the ID is not empty, or else all objects of the
// account, with at least the columns that arguments select by.
type listing func(ctx context.Context, a *account.Account, id string) ([]sourceObject, error)

// A sourceObject is an object that a data source may show. rest adds the columns that are costly
// to make. pending returns the names of the objects by whose planned changes it will mirror other
// packets.
type sourceObject struct {
	id      string
	tags    map[string]string
	values  map[string]attr.Value
	rest    func(values map[string]attr.Value)
	pending func(*check.Plan) []string
}

// noun is what messages call the object: "traffic mirror session".
func (k objectKind) noun() string { return strings.ReplaceAll(k.kind.Resource, "-", " ") }

// objectSources are the data sources of objects, of one and of many.
func objectSources() []func() datasource.DataSource {
	var all []func() datasource.DataSource
	for _, kind := range []objectKind{targetSource, filterSource, filterRuleSource, sessionSource} {
		if kind.text[true] != "" {
			all = append(all, func() datasource.DataSource { return &objectSource{objectKind: kind, isOne: true} })
		}
		all = append(all, func() datasource.DataSource { return &objectSource{objectKind: kind} })
	}
	return all
}

// Metadata names the data source.
func (s *objectSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + s.name
	if !s.isOne {
		resp.TypeName += "s"
	}
}

// Schema describes the data source.
func (s *objectSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := map[string]schema.Attribute{}
	for _, c := range s.all() {
		attributes[c.name] = c.attribute(false, true)
	}
	for _, a := range s.accepted() {
		attributes[a.name] = s.argumentColumn(a).attribute(true, s.isOne)
	}
	attributes[regionArgument.name] = regionArgument.attribute(true, true)
	resp.Schema = dataSchema(s.text[s.isOne], attributes)
}

// all returns the columns of the data source itself, without its arguments.
func (s *objectSource) all() []column {
	if s.isOne {
		return s.columns()
	}
	return []column{
		{name: "ids", of: types.ListType{ElemType: types.StringType}, text: "IDs of all " + s.noun() + "s that match, sorted."},
		objects(s.name+"s", "All "+s.noun()+"s that match, by ID.", mapOf, s.columns()),
	}
}

// attributeTypes returns the types of all attributes of the data source.
func (s *objectSource) attributeTypes() map[string]attr.Type {
	of := typesOf(append(s.all(), regionArgument))
	for _, a := range s.accepted() {
		of[a.name] = s.argumentColumn(a).of
	}
	return of
}

// ValidateConfig checks the values that are known.
func (s *objectSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	selected := s.selection(ctx, req.Config, &resp.Diagnostics)
	report(&resp.Diagnostics, "Invalid selection of a "+s.noun(), selected.check())
}

// Read reads the objects that match. Terraform waits with it until the whole configuration is
// known.
func (s *objectSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	selected := s.selection(ctx, req.Config, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	at, region := s.read(selected.region, &resp.Diagnostics)
	if at == nil {
		return
	}
	if s.isOne && selected.isEmpty() {
		resp.Diagnostics.AddError("Nothing selects a "+s.noun(), fmt.Sprintf(
			"Every argument is null or empty. Set id, or another argument that fits only one %s. The id of a session that is disabled is null: EC2 has no such session. "+
				"To read all %[1]ss, use the data source trafficmirror_%ss.", s.noun(), s.name))
		return
	}
	id := selected.text("id")
	if id != "" && !s.conn.isPlan.Load() {
		at.account = s.conn.in(region).account.Live() // data sources that read IDs at the same time share requests
	}
	found, err := s.list(ctx, at.account, id)
	if err != nil && !account.IsNotFound(err) {
		s.failures().report(&resp.Diagnostics, "Error reading "+s.noun(), err)
		return
	}
	matching := selected.matching(found, "")
	values := map[string]attr.Value{}
	if s.isOne {
		values = s.showOne(selected, found, matching, at, &resp.Diagnostics)
	} else {
		s.showAll(selected, matching, values)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	values[regionArgument.name] = types.StringValue(region)
	resp.Diagnostics.Append(resp.State.Set(ctx, types.ObjectValueMust(s.attributeTypes(), values))...)
}

// failures explains the errors of reading.
func (c *connectedSource) failures() failures {
	if c.conn.store != "" {
		return failures{}.in(c.conn.store)
	}
	return failures{}
}

// showOne returns the values of the only object that matches. An argument keeps its value:
// a description that is "" selects one that is null.
func (s *objectSource) showOne(selected selection, all, matching []sourceObject, at *regional, diags *diag.Diagnostics) map[string]attr.Value {
	if len(matching) != 1 {
		summary, text := selected.noneOrSeveral(all, matching, at.account.Region)
		if s.conn.isPlan.Load() {
			text += destroyHint
		}
		diags.AddError(summary, text)
		return nil
	}
	if one := matching[0]; one.pending != nil {
		warnPending(diags, one.id, one.pending(at.plan))
	}
	values := s.show(matching[0], selected.tags())
	for name, value := range selected.values {
		if name != tagsArgument {
			values[name] = value
		}
	}
	return values
}

// warnPending warns that the rules that a data source shows are not those after the plan. A
// simulation or an analysis of them would prove nothing about the plan.
func warnPending(diags *diag.Diagnostics, id string, pending []string) {
	if len(pending) == 0 {
		return
	}
	diags.AddWarning("The data source shows the rules before this plan", fmt.Sprintf(
		"The plan changes %s, and the data source shows %s as it is in EC2 now. To use the rules after the change, refer to the resource instead of the data source. "+
			"Or list the filter and its separate rules in depends_on: then Terraform reads the data source in the apply, after the change.", strings.Join(pending, ", "), id))
}

// showAll sets the values of all objects that match.
func (s *objectSource) showAll(selected selection, matching []sourceObject, values map[string]attr.Value) {
	for _, a := range s.accepted() {
		values[a.name] = selected.valueOf(a)
	}
	of := types.ObjectType{AttrTypes: typesOf(s.columns())}
	ids, rows := make([]string, len(matching)), make(map[string]attr.Value, len(matching))
	for i, m := range matching {
		ids[i] = m.id
		rows[m.id] = types.ObjectValueMust(of.AttrTypes, s.show(m, selected.tags()))
	}
	sort.Strings(ids)
	elements := make([]attr.Value, len(ids))
	for i, id := range ids {
		elements[i] = types.StringValue(id)
	}
	values["ids"] = types.ListValueMust(types.StringType, elements)
	values[s.name+"s"] = types.MapValueMust(of, rows)
}

// show returns the values of all columns of an object.
func (s *objectSource) show(o sourceObject, selectedTags types.Map) map[string]attr.Value {
	o.values["id"] = types.StringValue(o.id)
	o.values[tagsArgument] = s.conn.tags.shown(o.tags, selectedTags)
	if o.rest != nil {
		o.rest(o.values)
	}
	return o.values
}

// argumentColumn returns the column that describes an argument.
func (s *objectSource) argumentColumn(a sourceArgument) column {
	if a.text != "" {
		return column{name: a.name, of: types.SetType{ElemType: types.StringType}, text: a.text}
	}
	for _, c := range s.columns() {
		if c.name == a.name {
			return c
		}
	}
	panic(fmt.Sprintf("data source of %s: no column is called %s", s.name, a.name))
}
