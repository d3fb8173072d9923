package emulator

import (
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

func unsupportedSource(v networkInterface, format string, args ...any) error {
	return query.Refuse("NetworkInterfaceNotSupported", v.ID+" "+format, args...)
}

// checkSource refuses an interface that cannot be mirrored. EC2 documents most of the
// rules, but not their codes (A0080, A0082). The state of the instance does not matter
// (A0087). In a variant, an interface without an instance cannot be mirrored either
// (A0061).
func checkSource(t *tx, v networkInterface) error {
	if err := checkSourceOwner(t, v); err != nil {
		return err
	}
	if user := targetsByBacking.get(t, v.ID); user != "" {
		return query.Refuse("InterfaceInUseByTrafficMirrorTarget", "The network interface '%s' is in use by target %s", v.ID, user)
	}
	subnet, _ := subnets.get(t, v.SubnetID)
	instance, _ := instances.get(t, v.InstanceID)
	source := mirror.Source{Interface: v.Interface, IPv6Only: subnet.IPv6Native, InstanceType: instance.InstanceType}
	if isBalancingSource(t, v.RequesterID) {
		source.Interface.RequesterManaged = false
	}
	if _, why := source.Obstacle(); why != "" {
		return unsupportedSource(v, "%s", why)
	}
	return checkAttached(t, v)
}

// checkSourceOwner refuses the interface of another account unless it is in a subnet of
// this one. EC2 documents the rule and not the code (A0067).
func checkSourceOwner(t *tx, v networkInterface) error {
	in, ok := subnets.get(t, v.SubnetID)
	if v.OwnerID == t.account || ok && accountOf(subnets, t, in) == t.account {
		return nil
	}
	return query.Refuse("UnauthorizedOperation", "The network interface '%s' belongs to account %s. Only its owner and the owner of its subnet can mirror it.", v.ID, v.OwnerID)
}

// sourcesAllowed returns how many sources a target on an interface can have. It depends
// on the instance that the interface is attached to now (A0088).
func sourcesAllowed(t *tx, targetInterface string) int {
	i, _ := interfaces.get(t, targetInterface)
	instance, _ := instances.get(t, i.InstanceID)
	return t.quotas.SourcesOf(instance.InstanceType)
}
