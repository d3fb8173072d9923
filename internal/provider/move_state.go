package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// moverFrom moves the state of an object from a resource of provider "aws". It keeps only
// the ID: Terraform reads the object from EC2 next. The old state is not reliable, because
// that provider writes 0 for a value that is not set.
func (o *object) moverFrom(source string) []resource.StateMover {
	move := func(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
		if req.SourceTypeName != source || !strings.HasSuffix(req.SourceProviderAddress, "/hashicorp/aws") {
			return // another mover, or the framework's own error
		}
		var state struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal(req.SourceRawState.JSON, &state); err != nil || state.ID == "" {
			resp.Diagnostics.AddError("Unreadable state of "+source, fmt.Sprintf("The state has no readable id (%v). Remove the moved block, and import the object by its ID.", err))
			return
		}
		id := types.StringValue(state.ID)
		resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root("id"), id)...)
		o.identify(ctx, resp.TargetIdentity, id, &resp.Diagnostics)
	}
	return []resource.StateMover{{StateMover: move}}
}
