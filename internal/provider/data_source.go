package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
)

// connectedSource is what every data source that reads EC2 has in common.
type connectedSource struct{ conn *connection }

// Configure takes the connection from the provider. There is none yet when Terraform
// validates.
func (c *connectedSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	if req.ProviderData == nil {
		return
	}
	conn, ok := req.ProviderData.(*connection)
	if !ok {
		resp.Diagnostics.AddError("Wrong provider data", fmt.Sprintf("The provider passed a %T to the data source. This is a bug of the provider.", req.ProviderData))
		return
	}
	c.conn = conn
}

// sourceRegionAttribute is the Region that a data source reads.
func sourceRegionAttribute() schema.Attribute {
	return schema.StringAttribute{
		Optional:            true,
		Computed:            true,
		MarkdownDescription: "AWS Region to read, such as `eu-west-1`. Default: the Region of the provider block.",
	}
}
