package mirror

import (
	"fmt"
	"slices"
	"strings"
)

// OrdinaryInterface is the type of the interfaces that a person attaches to instances. Only
// interfaces of this type can be a source or a target.
const OrdinaryInterface = "interface"

// A Source has the facts that decide whether a network interface can be mirrored. An
// unknown fact is empty and is no obstacle.
type Source struct {
	Interface    Interface
	IPv6Only     bool   // its subnet has no IPv4
	InstanceType string // of the instance that it is attached to
}

// An Obstacle is a reason why an interface cannot be mirrored.
type Obstacle string

// The obstacles. The type and the subnet of an interface never change. The other two
// obstacles can change, or depend on names that AWS does not document.
const (
	WrongInterfaceType  Obstacle = "interface type"
	ManagedByOther      Obstacle = "requester-managed"
	IPv6OnlySubnet      Obstacle = "IPv6-only subnet"
	UnmirroredInstances Obstacle = "instance type"
)

// Obstacle returns why the source cannot be mirrored, as a verb phrase, or "" if it can. An
// interface without an instance, or with an instance of unknown type, can be mirrored
// (assumption A0061).
func (s Source) Obstacle() (Obstacle, string) {
	switch i := s.Interface; {
	case i.Type != "" && i.Type != OrdinaryInterface:
		return WrongInterfaceType, fmt.Sprintf("is a network interface of type %s. Only interfaces of type %s can be mirrored.", i.Type, OrdinaryInterface)
	case i.RequesterManaged && !slices.Contains(mirroredRequesters, i.RequesterID):
		return ManagedByOther, fmt.Sprintf("is managed by %s. Only requester-managed network interfaces of RDS and ElastiCache can be mirrored.", i.RequesterID)
	case s.IPv6Only:
		return IPv6OnlySubnet, fmt.Sprintf("is in the IPv6-only subnet %s, which Traffic Mirroring does not support.", i.SubnetID)
	case s.InstanceType != "" && !isMirroredType(s.InstanceType):
		return UnmirroredInstances, fmt.Sprintf("must be attached to a supported instance. %s has the type %s.", i.InstanceID, s.InstanceType)
	}
	return "", ""
}

// BalancingRequester manages the interfaces of load balancers. Whether they can be mirrored is
// an assumption (A0065).
const BalancingRequester = "amazon-elb"

// mirroredRequesters manage interfaces that can be mirrored
// (https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-network-limitations.html).
// The page names the services; their requester IDs are an assumption (A0060).
var mirroredRequesters = []string{"amazon-rds", "amazon-elasticache"}

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

// mirroredMetal are the families whose bare metal instances can be mirrored too, from the
// same page.
var mirroredMetal = strings.Fields(`
	m5 m5d m6g m6gd mac1 mac2 mac2-m1ultra mac2-m2 mac2-m2pro a1 c5 c5d c6g c6gd r5 r5b r5d r6g r6gd x2gd z1d i3 g5g`)

func isMirroredType(instanceType string) bool {
	family, size, _ := strings.Cut(instanceType, ".")
	if strings.HasPrefix(size, "metal") {
		return slices.Contains(mirroredMetal, family)
	}
	return slices.Contains(mirroredFamilies, family)
}
