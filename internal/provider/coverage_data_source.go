package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

var (
	_ datasource.DataSourceWithConfigure      = (*coverageDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*coverageDataSource)(nil)
)

func newCoverageDataSource() datasource.DataSource { return &coverageDataSource{} }

// coverageDataSource shows who mirrors what, to where, and at what cost.
type coverageDataSource struct{ connectedSource }

// Metadata names the data source.
func (d *coverageDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_coverage"
}

// The arguments other than the region and the selection.
const (
	managedArgument = "managed_by_tag"
	priceArgument   = "price_per_session_hour"
)

// Schema describes the data source.
func (d *coverageDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := withSelection(map[string]schema.Attribute{
		regionArgument.name: regionArgument.attribute(true, true),
		managedArgument: schema.SingleNestedAttribute{
			Optional: true,
			MarkdownDescription: "A tag that every session has which a configuration manages, such as one of `default_tags`. Sessions without it are in `unmanaged_session_ids`. " +
				"Default: `unmanaged_session_ids` is null, because EC2 does not show who made a session.",
			Attributes: map[string]schema.Attribute{
				"key":   schema.StringAttribute{Required: true, MarkdownDescription: "Key of the tag."},
				"value": schema.StringAttribute{Optional: true, MarkdownDescription: "Value of the tag. Default: every value."},
			},
		},
		priceArgument: schema.NumberAttribute{
			Optional: true,
			MarkdownDescription: "Price of one session for one hour in USD, from 0 to 1000, with at most 6 decimals. Default: `" + inventory.DefaultPrice.String() + "`, an assumption (A0195): " +
				"look up the price of your Region on the [page of VPC prices](https://aws.amazon.com/vpc/pricing/).",
		},
	})
	for _, c := range coverageColumns() {
		attributes[c.name] = c.attribute(false, true)
	}
	resp.Schema = dataSchema(coverageText, attributes)
}

const coverageText = "Shows who mirrors what, to where, at what cost, and what is idle. It has how much of the traffic of each network interface is copied, whether each session does anything, and the cost by target and by VPC. " +
	"[The guide](../guides/account.md) shows what it answers, and how to watch an account with `check` blocks.\n\n" +
	"Without a condition, it is about the whole account in the Region. With conditions, it is about the network interfaces that meet all of them, and about their sessions. The conditions are those of [`trafficmirror_sources`](sources.md).\n\n" +
	"The answers about filters are exact: they are about every packet that can exist, not about a sample. What EC2 does not show, or what would take too long, is `unknown`, and never guessed.\n\n" +
	"Terraform reads the data source in the plan, so what it shows, such as `cost`, is what there is before the apply: run `terraform plan` once more. With the sessions in `depends_on`, it is read after they have changed.\n\n" +
	"It needs the permissions `ec2:DescribeNetworkInterfaces`, `ec2:DescribeInstances`, `ec2:DescribeSubnets`, `ec2:DescribeTrafficMirrorTargets`, `ec2:DescribeTrafficMirrorFilters` and `ec2:DescribeTrafficMirrorSessions`, " +
	"and if a Gateway Load Balancer endpoint backs a target, `ec2:DescribeVpcEndpoints`."

// ValidateConfig checks the values that are known.
func (d *coverageDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	readCoverage(ctx, req.Config, &resp.Diagnostics)
}

// Read reads the account. Terraform waits with it until the whole configuration is known.
func (d *coverageDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	asked := readCoverage(ctx, req.Config, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	at, region := d.read(asked.region, &resp.Diagnostics)
	if at == nil {
		return
	}
	fleet, err := inventory.Read(ctx, at.account, d.conn.rules())
	if err == nil {
		asked.questions.Endpoints, err = inventory.ReadEndpoints(ctx, at.account, fleet)
	}
	if err != nil {
		d.failures().report(&resp.Diagnostics, "Error reading what is mirrored", err)
		return
	}
	values := asked.arguments
	values[regionArgument.name] = types.StringValue(region)
	showCoverage(inventory.CoverageOf(fleet, asked.questions), values)
	resp.Diagnostics.Append(resp.State.Set(ctx, types.ObjectValueMust(asked.of, values))...)
}

// askedCoverage is what a configuration asks for.
type askedCoverage struct {
	region    types.String
	questions inventory.CoverageQuestions
	arguments map[string]attr.Value // and of what is computed, null
	of        map[string]attr.Type
}

const invalidCoverage = "Invalid questions about what is mirrored"

// readCoverage reads and checks a configuration. What is not known yet is not checked.
func readCoverage(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) askedCoverage {
	object, err := config.Schema.Type().ValueFromTerraform(ctx, config.Raw)
	if err != nil {
		diags.AddError("Unreadable configuration", err.Error())
		return askedCoverage{}
	}
	asked := askedCoverage{arguments: object.(types.Object).Attributes(), of: object.(types.Object).AttributeTypes(ctx)}
	asked.region = asked.arguments[regionArgument.name].(types.String)
	q := &asked.questions
	q.Price = inventory.DefaultPrice
	r := selectionReader{&reader{}}
	var problems mirror.Problems
	q.Selection = r.selection(asked.arguments)
	problems = append(problems, q.Selection.OrAll().Validate()...)
	if managed := asked.arguments[managedArgument].(types.Object); r.isKnown(managedArgument, managed) {
		key, value := managed.Attributes()["key"].(types.String), managed.Attributes()["value"].(types.String)
		q.Managed = &inventory.Managed{TagKey: r.text(managedArgument+".key", key)}
		if r.isKnown(managedArgument+".value", value) {
			q.Managed.TagValue = value.ValueStringPointer()
		}
		problems = append(problems, q.Managed.Validate().Below(managedArgument)...)
	}
	if price := asked.arguments[priceArgument].(types.Number); r.isKnown(priceArgument, price) {
		var found mirror.Problems
		q.Price, found = inventory.ParsePrice(priceArgument, price.ValueBigFloat())
		problems = append(problems, found...)
	}
	report(diags, invalidCoverage, r.check(problems))
	return asked
}
