package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// checkSource checks whether an interface can be mirrored. What can change until
// the apply comes to the session is a warning; of what EC2 does not tell, nothing
// is said.
func (r *sessionResource) checkSource(ctx context.Context, id string, resp *resource.ModifyPlanResponse) {
	at := path.Root("network_interface_id")
	source, subnet, err := r.client.source(ctx, id)
	switch {
	case account.IsNotFound(err):
		refusePlan(&resp.Diagnostics, at, "The network interface does not exist", fmt.Sprintf(
			"EC2 knows no network interface %s. Write the ID of a network interface of this account and Region.", id))
		return
	case err != nil:
		return
	case r.client.isForeign(source.Interface, subnet):
		refusePlan(&resp.Diagnostics, at, "The network interface belongs to another account", fmt.Sprintf(
			"%s belongs to account %s. Only the owner of a network interface, or of its subnet, can mirror it: create the session with credentials of that account.", id, source.Interface.OwnerID))
		return
	}
	for _, t := range r.client.strangeTargets(ctx, id) {
		resp.Diagnostics.AddAttributeWarning(at, "The network interface backs a target", fmt.Sprintf(
			"%s stands on %s now, and a network interface is either the source of sessions or backs a target. Unless this plan removes the target first, the apply fails.", t.ID, id))
	}
	obstacle, why := source.Obstacle()
	switch obstacle {
	case mirror.WrongInterfaceType, mirror.IPv6OnlySubnet:
		refusePlan(&resp.Diagnostics, at, "The network interface cannot be mirrored", fmt.Sprintf("%s %s Choose another interface.", id, why))
	case mirror.UnmirroredInstances:
		resp.Diagnostics.AddAttributeWarning(at, "The network interface cannot be mirrored yet", fmt.Sprintf(
			"%s %s Unless the instance gets another type first, the apply fails. The types that AWS lists: %s", id, why, instanceTypesURL))
	case mirror.ManagedByOther:
		resp.Diagnostics.AddAttributeWarning(at, "The network interface is managed by a service", fmt.Sprintf("%s %s Choose another interface if the apply fails.", id, why))
	}
}

// source reads what decides whether an interface can be mirrored, and its subnet.
func (c *Client) source(ctx context.Context, id string) (mirror.Source, account.Subnet, error) {
	waiting, cancel := context.WithTimeout(ctx, planPatience)
	defer cancel()
	var source mirror.Source
	err := waitOut(waiting, account.IsNotFound, func() (err error) {
		source.Interface, err = c.Inventory.Interface(ctx, id)
		return err
	})
	if err != nil {
		return source, account.Subnet{}, err
	}
	// The rest may need permissions that mirroring does not.
	subnet := c.subnet(ctx, source.Interface.SubnetID)
	if source.Interface.InstanceID != "" {
		source.InstanceType, _ = c.Inventory.InstanceType(ctx, source.Interface.InstanceID)
	}
	source.IPv6Only = subnet.IPv6Only
	return source, subnet, nil
}

// subnet reads a subnet, once for all interfaces in it.
func (c *Client) subnet(ctx context.Context, id string) account.Subnet {
	if known, found := c.live.subnets.Load(id); found || id == "" {
		subnet, _ := known.(account.Subnet)
		return subnet
	}
	subnet, err := c.Inventory.Subnet(ctx, id)
	if err == nil {
		c.live.subnets.Store(id, subnet)
	}
	return subnet
}

// isForeign reports whether an interface and its subnet belong to other accounts,
// as far as that is known.
func (c *Client) isForeign(i mirror.Interface, subnet account.Subnet) bool {
	isOther := func(owner string) bool { return owner != "" && owner != c.AccountID }
	return c.AccountID != "" && isOther(i.OwnerID) && (i.SubnetID == "" || isOther(subnet.OwnerID))
}
