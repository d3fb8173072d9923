package provider

import (
	"context"
	"maps"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	mirrorpath "github.com/trafficmirror/terraform-provider-trafficmirror/internal/path"
)

var (
	_ datasource.DataSourceWithConfigure      = (*pathDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*pathDataSource)(nil)
)

func newPathDataSource() datasource.DataSource { return &pathDataSource{} }

// pathDataSource shows whether the copies of a network interface can reach a target.
type pathDataSource struct{ connectedSource }

// Metadata names the data source.
func (d *pathDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_path"
}

// The arguments other than the region.
const (
	pathFrom = "network_interface_id"
	pathTo   = "traffic_mirror_target_id"
)

// Schema describes the data source.
func (d *pathDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		regionArgument.name: regionArgument.attribute(true, true),
		pathFrom:            schema.StringAttribute{Required: true, MarkdownDescription: "ID of the network interface that is the source, `eni-...`."},
		pathTo:              schema.StringAttribute{Required: true, MarkdownDescription: "ID of the target, `tmt-...`."},
	}
	maps.Copy(attributes, resultAttributes(reflect.TypeFor[mirrorpath.Answer]()))
	resp.Schema = dataSchema(pathText(), attributes)
}

func pathText() string {
	stages := bulletList("")
	for _, s := range mirrorpath.Stages {
		stages = stages.with(string(s.Stage), s.Meaning)
	}
	outcomes := bulletList("")
	for _, o := range mirrorpath.Outcomes {
		outcomes = outcomes.with(string(o.Outcome), o.Meaning)
	}
	return "Shows whether copies from a network interface can reach a target, and what blocks them: routes, network ACLs, security groups, the listener, the health of the appliances, and the MTU. " +
		"[The guide](../guides/path.md) shows what to do with it, and the command `path` gives the same answer.\n\n" +
		"The interface and the target need no session with each other, so ask before you make one. What a session copies is the matter of its filter, and is not judged.\n\n" +
		"A path is blocked only if no copy gets through. A load balancer sends to several appliances: if some of them get no copies, and others do or may, the path is `partly`. What EC2 does not show, or what a permission is missing for, is `unknown`. The MTU is the exception: AWS does not show it, so one that is not known counts as large enough. A copy that is too long is cut and arrives: the hop passes, and its `reason` and `fix` name the interface and the length. The outcomes:\n" + string(outcomes) + "\n\n" +
		"The hops, in the order of the path:\n" + string(stages) + "\n\n" +
		"Terraform reads the data source in the plan if its arguments are known then. If it depends on something that the plan changes, Terraform reads it during the apply. In a `check` block, a path that does not pass is a warning, and in a `precondition` an error. `outcome != \"blocked\"` accepts a path on which a part of the copies is lost, and one that is unknown. `outcome == \"passes\"` accepts neither.\n\n" +
		"It needs the permissions `ec2:DescribeTrafficMirrorTargets`, `ec2:DescribeNetworkInterfaces`, `ec2:DescribeInstances`, `ec2:DescribeRouteTables`, `ec2:DescribeNetworkAcls`, `ec2:DescribeSecurityGroups`, `ec2:DescribeSecurityGroupRules`, `ec2:DescribeVpcPeeringConnections` if the route leads to one, and `ec2:DescribeSubnets` if the interface has no IPv4 address. If a rule or a route has a prefix list, it needs `ec2:GetManagedPrefixListEntries`. With `ec2:DescribeTrafficMirrorSessions`, the hop `mtu` is about the sessions between the two. " +
		"A target behind a load balancer needs those of Elastic Load Balancing in [the guide](../guides/iam.md) too. A hop names the permission that is missing."
}

// ValidateConfig checks the values that are known.
func (d *pathDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	readPath(ctx, req.Config, &resp.Diagnostics)
}

// Read reads what decides. Terraform waits with it until the whole configuration is known.
func (d *pathDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	asked := readPath(ctx, req.Config, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	at, region := d.read(asked.region, &resp.Diagnostics)
	if at == nil {
		return
	}
	facts, err := mirrorpath.Read(ctx, at.account, asked.from, asked.to)
	if err != nil {
		d.failures().report(&resp.Diagnostics, "Error reading the path of copies", err)
		return
	}
	answer := mirrorpath.Judge(facts).Answer
	values := asked.arguments
	values[regionArgument.name] = types.StringValue(region)
	shown := resultValue(reflect.ValueOf(answer), resultAttribute(reflect.TypeOf(answer), "").GetType()).(types.Object)
	maps.Copy(values, shown.Attributes())
	resp.Diagnostics.Append(resp.State.Set(ctx, types.ObjectValueMust(asked.of, values))...)
}

// askedPath is what a configuration asks for.
type askedPath struct {
	region    types.String
	from, to  string
	arguments map[string]attr.Value // and of what is computed, null
	of        map[string]attr.Type
}

// readPath reads and checks a configuration. What is not known yet is not checked.
func readPath(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) askedPath {
	object, err := config.Schema.Type().ValueFromTerraform(ctx, config.Raw)
	if err != nil {
		diags.AddError("Unreadable configuration", err.Error())
		return askedPath{}
	}
	asked := askedPath{arguments: object.(types.Object).Attributes(), of: object.(types.Object).AttributeTypes(ctx)}
	asked.region = asked.arguments[regionArgument.name].(types.String)
	r := &reader{}
	asked.from = r.text(pathFrom, asked.arguments[pathFrom].(types.String))
	asked.to = r.text(pathTo, asked.arguments[pathTo].(types.String))
	report(diags, "Invalid path of copies", r.check(append(mirror.KindInterface.Check(pathFrom, asked.from), mirror.KindTarget.Check(pathTo, asked.to)...)))
	return asked
}
