package emulator

import (
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// balancingRequester manages the interfaces of load balancers. A variant decides
// whether they can be mirrored (A0065).
const balancingRequester = "amazon-elb"

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
// this one. EC2 documents the rule and not the code. All subnets here belong to this
// account (A0067).
func checkSourceOwner(t *tx, v networkInterface) error {
	if v.OwnerID == t.account || subnets.has(t, v.SubnetID) {
		return nil
	}
	return query.Refuse("UnauthorizedOperation", "The network interface '%s' belongs to account %s. Only its owner and the owner of its subnet can mirror it.", v.ID, v.OwnerID)
}

// sourcesAllowed returns how many sources a target on an interface can have. It depends
// on the instance that the interface is attached to now (A0088).
func sourcesAllowed(t *tx, targetInterface string) int {
	i, _ := interfaces.get(t, targetInterface)
	instance, _ := instances.get(t, i.InstanceID)
	if isLarge(instance.InstanceType) {
		return t.quotas.SourcesPerLargeTarget
	}
	return t.quotas.SourcesPerTarget
}

// largeTypes are the instance types that accept more sources, as size: families
// (https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-quotas.html, read
// in April 2026).
var largeTypes = parseTypes(`
	24xlarge: m5 m5d m5dn m5n m8azn m8gb m8gn c5 c5d c8gb c8gn r5 r5b r5d r5dn r5n r8gb r8gn x8aedz i3en dl1 dl2q p3dn p4d p4de inf1 vt1 g6e g7e hpc7a
	12xlarge: m5zn x2iezn z1d g6e g7e hpc7a
	48xlarge: m6a m7a m7i m8a m8g m8gd m8gb m8gn c6a c7a c7i c8a c8g c8gd c8gb c8gn r6a r7a r7i r8a r8g r8gd r8gb r8gn x8g i7i i7ie i8g i8ge f2 g5 g6 g6e g7e inf2 p5 p5e p5en p6-b200 p6-b300 trn2 trn2u hpc6a hpc7a
	16xlarge: m6g m6gd c6g c6gd c6gn c7gn r6g r6gd x2gd i4g im4gn g5g hpc7g
	32xlarge: m6i m6id m6idn m6in c6i c6id c6in r6i r6id r6idn r6in r7iz x2idn x2iedn i4i trn1 trn1n hpc6id
	96xlarge: m8i m8id c8i c8id r8i r8id x8i hpc7a hpc8a
	18xlarge: c5 c5d c5n
	56xlarge: u-6tb1
	112xlarge: u-6tb1 u-9tb1 u-12tb1 u-18tb1 u-24tb1 u7i-6tb u7i-8tb
	224xlarge: u7i-12tb u7in-16tb u7in-24tb u7in-32tb
	480xlarge: u7inh-32tb
	36xlarge: p6e-gb200
	3xlarge: trn2
	4xlarge: p5 hpc7g
	8xlarge: hpc7g`)

func isLarge(instanceType string) bool { return largeTypes[instanceType] }

func parseTypes(table string) map[string]bool {
	types := map[string]bool{}
	for line := range strings.Lines(strings.TrimSpace(table)) {
		size, families, _ := strings.Cut(strings.TrimSpace(line), ":")
		for family := range strings.FieldsSeq(families) {
			types[family+"."+size] = true
		}
	}
	return types
}
