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
		refuseMissingInterface(f.findings, field, id)
		return
	case err != nil:
		return
	case source.Interface.IsForeign(f.account.ID, subnet.OwnerID):
		f.refuse(field, "The network interface belongs to another account", fmt.Sprintf(
			"%s belongs to account %s. Only the owner of a network interface or of its subnet can mirror it. Create the session with credentials of that account.", id, source.Interface.OwnerID))
		return
	}
	for _, t := range f.unplannedTargets(ctx, id) {
		f.warn(field, "The network interface backs a target", fmt.Sprintf(
			"%s backs target %s now. A network interface cannot be a source and back a target. The apply fails unless this plan deletes or moves %[2]s first.", id, t.ID))
	}
	f.checkObstacle(field, source)
}

func (f sessionCheck) checkObstacle(field string, source mirror.Source) {
	id := source.Interface.ID
	isBalancing := source.Interface.RequesterID == mirror.BalancingRequester
	if isBalancing && f.policy.Variants.LoadBalancerSources {
		source.Interface.RequesterManaged = false
	}
	obstacle, why := source.Obstacle()
	switch obstacle {
	case mirror.WrongInterfaceType, mirror.IPv6OnlySubnet:
		f.refuse(field, "The network interface cannot be mirrored", fmt.Sprintf("%s %s Choose another interface.", id, why))
	case mirror.UnmirroredInstances:
		f.warn(field, "The network interface cannot be mirrored yet", fmt.Sprintf(
			"%s %s The apply fails unless the instance type changes first. Supported types: %s", id, why, InstanceTypesURL))
	case mirror.ManagedByOther:
		text := fmt.Sprintf("%s %s Choose another interface if the apply fails.", id, why)
		if f.policy.Emulated && isBalancing {
			text = fmt.Sprintf("%s %s The embedded EC2 refuses it too. To let it accept interfaces of load balancers, as AWS was seen to do for some, add \"load-balancer-sources\" to variants of emulator in the provider block.", id, why)
		}
		f.warn(field, "The network interface is managed by a service", text)
	case "":
		if f.policy.Variants.AttachedSources && source.Interface.InstanceID == "" && !source.Interface.RequesterManaged {
			f.warn(field, "The network interface cannot be mirrored yet", fmt.Sprintf(
				"%s is attached to no instance. The embedded EC2 refuses it, because variants of emulator in the provider block has \"attached-sources\". The apply fails unless the interface is attached first.", id))
		}
	}
}

// source reads the facts that decide whether an interface can be mirrored, and its subnet.
func (f sessionCheck) source(ctx context.Context, id string) (mirror.Source, account.Subnet, error) {
	var source mirror.Source
	var err error
	source.Interface, err = f.snapshot.networkInterface(ctx, id)
	if err != nil {
		return source, account.Subnet{}, err
	}
	// Mirroring needs no permission for the reads below, so their errors are ignored.
	subnet := f.snapshot.subnet(ctx, source.Interface.SubnetID)
	if source.Interface.InstanceID != "" {
		instance, _ := f.snapshot.instance(ctx, source.Interface.InstanceID)
		source.InstanceType = instance.Type
	}
	source.IPv6Only = subnet.IPv6Only
	return source, subnet, nil
}
