package provider

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	dataschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

var (
	_ datasource.DataSourceWithConfigure      = (*filterAnalysisDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*filterAnalysisDataSource)(nil)
)

func newFilterAnalysisDataSource() datasource.DataSource { return &filterAnalysisDataSource{} }

// filterAnalysisDataSource analyses a filter, in EC2 or in place.
type filterAnalysisDataSource struct{ connectedSource }

// Metadata names the data source.
func (d *filterAnalysisDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_filter_analysis"
}

// Schema describes the data source.
func (d *filterAnalysisDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := givenFilterAttributes()
	attributes["compare"] = schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "Another filter to compare with, by its ID or in place. What it mirrors and this filter does not is gained. " +
			"What this filter mirrors and the other one does not is lost. Default: `differences` is null.",
		Attributes: givenFilterAttributes(),
	}
	attributes["space"] = schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "All packets with these fields. `mirrors` shows how many of them the filter mirrors. Default: `mirrors` is null.",
		Attributes:          spaceAttributes(),
	}
	maps.Copy(attributes, resultAttributes(reflect.TypeFor[analysis.Report]()))
	// Both schema packages have the same attributes.
	resp.Schema.Attributes = map[string]dataschema.Attribute{}
	for name, a := range attributes {
		resp.Schema.Attributes[name] = a
	}
	resp.Schema.Attributes[regionArgument.name] = regionArgument.attribute(true, true)
	resp.Schema.MarkdownDescription = "Analyses a traffic mirror filter without packets. It finds rules that decide nothing, and flows of which only one direction is mirrored. It shows how much of a space of packets is mirrored, " +
		"and which packets only one of two filters mirrors. The answers are exact: they are about every packet that can exist, and each has a packet as its proof. " +
		"The command [`analyze`](../guides/analyze.md) gives the same report.\n\n" +
		"With the rules in place, the analysis makes no call to EC2. With `traffic_mirror_filter_id`, the rules are those in EC2 when Terraform reads the data source. " +
		"List the separate rules of the filter in `depends_on`, so that Terraform reads it after it has changed them. If Terraform reads it before, and the plan knows already that the filter changes, the plan warns.\n\n" +
		"Terraform reads a data source in the plan. If it refers to a resource that the plan changes, or lists one in `depends_on`, Terraform reads it during the apply, after the change. " +
		"For a plan that fails before the filter changes, give the rules in place: use the variable or local value that the filter uses."
}

const invalidAnalysis = "Invalid filter analysis"

// ValidateConfig checks the values.
func (d *filterAnalysisDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	_, diags := readAnalysis(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
}

// Read analyses the filter. Terraform waits with it until the whole configuration is known.
func (d *filterAnalysisDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	asked, diags := readAnalysis(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	here, region := d.readIDs(asked.region, &resp.Diagnostics)
	if here == nil {
		return
	}
	here.fetch(ctx, path.Empty(), &asked.filter, &resp.Diagnostics)
	if asked.Compare != nil {
		here.fetch(ctx, path.Root("compare"), asked.Compare, &resp.Diagnostics)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.State.Raw = req.Config.Raw
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("region"), region)...)
	report := analysis.NewReport(asked.filter, asked.Questions)
	results := resultValue(reflect.ValueOf(report), resultAttribute(reflect.TypeOf(report), "").GetType()).(types.Object)
	for name, value := range results.Attributes() {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(name), value)...)
	}
}

// fetch reads a filter from EC2, if it has an ID.
func (r *regional) fetch(ctx context.Context, at path.Path, filter *mirror.Filter, diags *diag.Diagnostics) {
	if filter.ID == "" {
		return
	}
	id := at.AtName("traffic_mirror_filter_id")
	found, err := r.account.Filter(ctx, filter.ID)
	if err != nil {
		var reported diag.Diagnostics
		anyFailure.report(&reported, "Error reading traffic mirror filter", err)
		for _, d := range reported {
			diags.Append(diag.WithPath(id, d))
		}
		return
	}
	*filter = found.Noun
	if pending := check.Pending(r.plan, found.Noun); len(pending) > 0 {
		diags.AddAttributeWarning(id, "The analysis is of the rules before this plan", fmt.Sprintf(
			"The plan changes %s, and the analysis is of %s as it is in EC2 now. To analyse the rules after the change, list the filter and its separate rules in depends_on. "+
				"To analyse them in the plan, give them in place: ingress_rules and egress_rules.", strings.Join(pending, ", "), filter.ID))
	}
}

// An askedAnalysis is what a configuration asks for.
type askedAnalysis struct {
	region types.String
	filter mirror.Filter
	analysis.Questions
}

// readAnalysis reads and checks a configuration. What is not known yet is not checked.
func readAnalysis(ctx context.Context, config tfsdk.Config) (askedAnalysis, diag.Diagnostics) {
	var asked askedAnalysis
	var diags diag.Diagnostics
	var given givenFilterModel
	var compare, space types.Object
	for name, to := range map[string]any{
		"region":                   &asked.region,
		"traffic_mirror_filter_id": &given.ID, "network_services": &given.NetworkServices,
		"ingress_rules": &given.IngressRules, "egress_rules": &given.EgressRules, "compare": &compare, "space": &space,
	} {
		diags.Append(config.GetAttribute(ctx, path.Root(name), to)...)
	}
	if diags.HasError() {
		return asked, diags
	}
	var problems mirror.Problems
	asked.filter, problems = given.expand()
	if !compare.IsNull() && !compare.IsUnknown() {
		other, found := modelOf[givenFilterModel](compare).expand()
		asked.Compare, problems = &other, append(problems, found.Below("compare")...)
	}
	if !space.IsNull() && !space.IsUnknown() {
		packets, found := modelOf[spaceModel](space).expand()
		asked.Space, problems = &packets, append(problems, found.Below("space")...)
	}
	report(&diags, invalidAnalysis, problems)
	return asked, diags
}
