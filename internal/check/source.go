package check

import (
	"context"
	"fmt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// InstanceTypesURL is the page on which AWS lists the instance types that can be mirrored.
const InstanceTypesURL = "https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-sessions.html"

// checkSource checks whether an interface can be mirrored. A reason that may change before
// the session is created is a warning. If EC2 does not show a value, it is not checked.
func (f sessionCheck) checkSource(ctx context.Context, id string) {
	const field = "network_interface_id"
	source, subnet, err := f.source(ctx, id)
	switch {
	case account.IsNotFound(err):
		f.refuse(field, "The network interface does not exist", fmt.Sprintf(
			"EC2 has no network interface %s in this Region. Write the ID of a network interface in this account and Region.", id))
		return
	case err != nil:
		return
	case f.isForeign(source.Interface, subnet):
		f.refuse(field, "The network interface belongs to another account", fmt.Sprintf(
			"%s belongs to account %s. Only the owner of a network interface or of its subnet can mirror it. Create the session with credentials of that account.", id, source.Interface.OwnerID))
		return
	}
	for _, t := range f.unplannedTargets(ctx, id) {
		f.warn(field, "The network interface backs a target", fmt.Sprintf(
			"%s backs target %s now. A network interface cannot be a source and back a target. The apply fails unless this plan deletes or moves %[2]s first.", id, t.ID))
	}
	obstacle, why := source.Obstacle()
	switch obstacle {
	case mirror.WrongInterfaceType, mirror.IPv6OnlySubnet:
		f.refuse(field, "The network interface cannot be mirrored", fmt.Sprintf("%s %s Choose another interface.", id, why))
	case mirror.UnmirroredInstances:
		f.warn(field, "The network interface cannot be mirrored yet", fmt.Sprintf(
			"%s %s The apply fails unless the instance type changes first. Supported types: %s", id, why, InstanceTypesURL))
	case mirror.ManagedByOther:
		f.warn(field, "The network interface is managed by a service", fmt.Sprintf("%s %s Choose another interface if the apply fails.", id, why))
	}
}

// source reads the facts that decide whether an interface can be mirrored, and its subnet.
func (f sessionCheck) source(ctx context.Context, id string) (mirror.Source, account.Subnet, error) {
	var source mirror.Source
	err := f.account.RetryFor(ctx, patience, account.IsNotFound, func() (err error) {
		source.Interface, err = f.account.Interface(ctx, id)
		return err
	})
	if err != nil {
		return source, account.Subnet{}, err
	}
	// Mirroring needs no permission for the reads below, so their errors are ignored.
	subnet := f.snapshot.subnet(ctx, source.Interface.SubnetID)
	if source.Interface.InstanceID != "" {
		source.InstanceType, _ = f.account.InstanceType(ctx, source.Interface.InstanceID)
	}
	source.IPv6Only = subnet.IPv6Only
	return source, subnet, nil
}

// isForeign reports whether the interface and its subnet are known to belong to other
// accounts.
func (f sessionCheck) isForeign(i mirror.Interface, subnet account.Subnet) bool {
	isOther := func(owner string) bool { return owner != "" && owner != f.account.ID }
	return f.account.ID != "" && isOther(i.OwnerID) && (i.SubnetID == "" || isOther(subnet.OwnerID))
}
