package emulator

import (
	"slices"
	"strings"
)

// mirroredFamilies are the instance families whose interfaces can be mirrored, as
// of 28 August 2025
// (https://docs.aws.amazon.com/vpc/latest/mirroring/what-is-traffic-mirroring.html).
var mirroredFamilies = strings.Fields(`
	a1 m4 m5 m5a m5ad m5d m5dn m5n m5zn m6a m6g m6gd m6i m6id m6idn m6in m7a m7g m7gd m7i m7i-flex
	mac1 mac2 mac2-m1ultra mac2-m2 mac2-m2pro t3 t3a t4g
	c4 c5 c5a c5ad c5d c5n c6a c6g c6gd c6gn c6i c6id c6in c7a c7g c7gd c7i c7i-flex
	r4 r5 r5a r5ad r5b r5d r5dn r5n r6a r6g r6gd r6i r6id r6idn r6in r7a r7g r7gd r7i r7iz
	u-3tb1 u-6tb1 u-9tb1 u-12tb1 u-18tb1 u-24tb1 u7i-6tb u7i-8tb u7i-12tb u7in-16tb u7in-24tb u7in-32tb u7inh-32tb
	x1 x1e x2gd x2idn x2iedn x2iezn z1d
	d2 d3 d3en h1 i3 i3en i4g i4i i7i im4gn is4gen
	dl1 dl2q f1 f2 g3 g4ad g4dn g5 g5g g6 g6e g6f gr6 gr6f inf1 inf2 p3 p3dn p4d p4de p5 p5e trn1 trn1n vt1
	hpc6a hpc6id hpc7a`)

// mirroredMetal are the families whose bare metal instances can be mirrored too,
// from the same page.
var mirroredMetal = strings.Fields(`
	m5 m5d m6g m6gd mac1 mac2 mac2-m1ultra mac2-m2 mac2-m2pro a1 c5 c5d c6g c6gd r5 r5b r5d r6g r6gd x2gd z1d i3 g5g`)

// canBeMirrored reports whether the interfaces of an instance type can be mirrored.
func canBeMirrored(instanceType string) bool {
	family, size, _ := strings.Cut(instanceType, ".")
	if strings.HasPrefix(size, "metal") {
		return slices.Contains(mirroredMetal, family)
	}
	return slices.Contains(mirroredFamilies, family)
}

// mirroredRequesters manage interfaces that can be mirrored nevertheless
// (https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-network-limitations.html).
// The page names the services; their requester IDs are an assumption (A0060).
var mirroredRequesters = []string{"amazon-rds", "amazon-elasticache"}

// balancingRequester manages the interfaces of load balancers. Whether those can be
// mirrored is a matter of reading (A0065).
const balancingRequester = "amazon-elb"

func unsupportedSource(v networkInterface, format string, args ...any) error {
	return refuse("NetworkInterfaceNotSupported", v.ID+" "+format, args...)
}

// checkSource refuses an interface that cannot be mirrored. One that hangs off no
// instance, or off one of a type that nobody stated, can, unless it is read in
// another way (A0061).
func (t *tx) checkSource(v networkInterface) error {
	if user := targetsByBacking.get(t, v.ID); user != "" {
		return refuse("InterfaceInUseByTrafficMirrorTarget", "The network interface '%s' is in use by target %s", v.ID, user)
	}
	if v.Type != ordinaryInterface {
		return unsupportedSource(v, "is a network interface of type %s. Only those of type %s can be mirrored.", v.Type, ordinaryInterface)
	}
	if v.RequesterManaged && !t.isMirroredRequester(v.RequesterID) {
		return unsupportedSource(v, "is managed by %s. Of the requester-managed network interfaces, only those of RDS and ElastiCache can be mirrored.", v.RequesterID)
	}
	if subnet, _ := subnets.get(t, v.SubnetID); subnet.IPv6Native {
		return unsupportedSource(v, "is in the IPv6-only subnet %s, which Traffic Mirroring does not support", v.SubnetID)
	}
	if instance, _ := instances.get(t, v.InstanceID); instance.InstanceType != "" && !canBeMirrored(instance.InstanceType) {
		return unsupportedSource(v, "must be attached to a supported instance. %s has the type %s.", instance.ID, instance.InstanceType)
	}
	return t.checkAttached(v)
}

// sourcesAllowed returns how many sources a target on an interface may have.
func (t *tx) sourcesAllowed(targetInterface string) int {
	i, _ := interfaces.get(t, targetInterface)
	instance, _ := instances.get(t, i.InstanceID)
	if isLarge(instance.InstanceType) {
		return t.quotas.SourcesPerLargeTarget
	}
	return t.quotas.SourcesPerTarget
}

// largeTypes are the instance types that take more sources, with the sizes behind
// the families
// (https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-quotas.html,
// read in April 2026).
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
