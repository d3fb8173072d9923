package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// warnOfTwin warns that a session that has just been created can never copy a
// packet, because one before it on the interface does the same. An earlier apply
// may have left that behind: where the configuration gives no number, nothing
// collides.
func (c *Client) warnOfTwin(ctx context.Context, created mirror.Session, diags *diag.Diagnostics) {
	sessions, err := c.Inventory.Sessions(ctx, account.Where{Name: "network-interface-id", Values: []string{created.InterfaceID}})
	if err != nil {
		return // the session exists, and this was only a hint
	}
	for _, s := range sessions {
		if s.Number < created.Number && s.TargetID == created.TargetID && s.FilterID == created.FilterID {
			diags.AddWarning("A session before this one takes its packets", fmt.Sprintf(
				"%s has session number %d on %s, and the same filter and target as %s, which has %d. So it takes every packet first. "+
					"If an apply that was cut off left it behind, delete it, or remove %[4]s from the state, delete that, and import %[1]s in its place.",
				s.ID, s.Number, s.InterfaceID, created.ID, created.Number))
			return
		}
	}
}
