package provider_test

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// awsStandIn has the resources of version 6 of hashicorp/aws that move over, and
// nothing that they do: a CLI cannot read a state without the schemas in which it
// was written.
type awsStandIn struct{ provider.Provider }

func (awsStandIn) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "aws"
}

func (awsStandIn) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (awsStandIn) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (awsStandIn) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (awsStandIn) Resources(context.Context) []func() resource.Resource {
	var all []func() resource.Resource
	for kind, s := range awsSchemas() {
		all = append(all, func() resource.Resource { return awsResource{kind: kind, schema: s} })
	}
	return all
}

// awsSchemas are those of version 6, as far as a state shows them.
func awsSchemas() map[string]schema.Schema {
	text, number := schema.StringAttribute{Optional: true, Computed: true}, schema.Int64Attribute{Optional: true, Computed: true}
	tags := schema.MapAttribute{Optional: true, Computed: true, ElementType: types.StringType}
	ports := schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{"from_port": number, "to_port": number}}}
	with := func(more map[string]schema.Attribute) map[string]schema.Attribute {
		for _, name := range []string{"id", "arn", "region", "description"} {
			more[name] = text
		}
		return more
	}
	return map[string]schema.Schema{
		"target": {Attributes: with(map[string]schema.Attribute{
			"network_interface_id": text, "network_load_balancer_arn": text, "gateway_load_balancer_endpoint_id": text,
			"owner_id": text, "tags": tags, "tags_all": tags,
		})},
		"filter": {Attributes: with(map[string]schema.Attribute{
			"network_services": schema.SetAttribute{Optional: true, ElementType: types.StringType}, "tags": tags, "tags_all": tags,
		})},
		"filter_rule": {
			Attributes: with(map[string]schema.Attribute{
				"traffic_mirror_filter_id": text, "traffic_direction": text, "rule_number": number, "rule_action": text, "protocol": number,
				"source_cidr_block": text, "destination_cidr_block": text,
			}),
			Blocks: map[string]schema.Block{"source_port_range": ports, "destination_port_range": ports},
		},
		"session": {Attributes: with(map[string]schema.Attribute{
			"network_interface_id": text, "traffic_mirror_target_id": text, "traffic_mirror_filter_id": text, "session_number": number,
			"packet_length": number, "virtual_network_id": number, "owner_id": text, "tags": tags, "tags_all": tags,
		})},
	}
}

type awsResource struct {
	kind   string
	schema schema.Schema
}

func (r awsResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "aws_ec2_traffic_mirror_" + r.kind
}

func (r awsResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = r.schema
}

func (awsResource) Create(_ context.Context, _ resource.CreateRequest, resp *resource.CreateResponse) {
	refuse(&resp.Diagnostics)
}

func (awsResource) Read(_ context.Context, _ resource.ReadRequest, resp *resource.ReadResponse) {
	refuse(&resp.Diagnostics)
}

func (awsResource) Update(_ context.Context, _ resource.UpdateRequest, resp *resource.UpdateResponse) {
	refuse(&resp.Diagnostics)
}

func (awsResource) Delete(_ context.Context, _ resource.DeleteRequest, resp *resource.DeleteResponse) {
	refuse(&resp.Diagnostics)
}

func refuse(diags *diag.Diagnostics) {
	diags.AddError("A stand-in for hashicorp/aws was asked to do something", "It has nothing but schemas.")
}
