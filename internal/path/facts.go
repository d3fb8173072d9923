package path

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A Node is a network interface that copies leave or reach.
type Node struct {
	mirror.Interface
	VPCID         string
	Zone          string   // name of the Availability Zone
	GroupIDs      []string // of its security groups
	InstanceState string   // of the instance that it is attached to; "": unknown
	InstanceType  string
	IsIPv6Only    bool   // its subnet has no IPv4
	Gone          bool   // it does not exist
	Unread        string // why it is not known, as a sentence; "": it is known
	Permission    string // that is missing to read it, or its instance
}

// address is the one to which copies are sent: the primary IPv4 address, or the IPv6 address of
// an interface without IPv4.
func (n Node) address() netip.Addr {
	if !n.PrivateIPAddress.IsValid() && len(n.IPv6Addresses) > 0 {
		return n.IPv6Addresses[0]
	}
	return n.PrivateIPAddress
}

// An Appliance is registered in a target group of the load balancer.
type Appliance struct {
	mirror.RegisteredTarget
	GroupARN string
	Node     Node
	Others   []Node // in other VPCs, that have its address, if the VPC of its target group has none
}

// A Missing says why objects are not known.
type Missing struct {
	Reason     string // as a sentence
	Permission string // that is missing; "": another reason
}

// A Use is the target or the session that an interface has already.
type Use struct {
	ID     string   // "": none
	Unread *Missing // why it is not known; nil: it is known
}

// A Network has the objects that decide about packets between the nodes.
type Network struct {
	Groups   []mirror.SecurityGroup
	ACLs     []mirror.NetworkACL
	Tables   []mirror.RouteTable
	Peerings []mirror.PeeringConnection
	Lists    []PrefixList // to which rules and routes refer

	Unread map[mirror.Kind]Missing // by the kind of objects that could not be read
}

// A PrefixList has the CIDR blocks of a prefix list, or why they are not known.
type PrefixList struct {
	ID     string
	Blocks []netip.Prefix
	Unread *Missing // nil: they are known
}

// Facts are what decides whether copies reach a target. What is not known is empty.
type Facts struct {
	To      string // the target as it was asked for
	Region  string
	Source  Node
	Target  mirror.Target
	Missing bool            // EC2 does not show the target
	Backing mirror.Endpoint // what backs the target
	Unread  *Missing        // why nothing is known about the target; nil: it is known

	Sessions []mirror.Session // from the source to the target
	Backs    Use              // the source interface backs a target
	Mirrored Use              // the interface that is to back a target is the source of a session

	Receivers  []Node // interfaces to which copies are addressed: that of the target, or those of its load balancer or endpoint
	Nodes      []Node // of a Gateway Load Balancer
	Service    *mirror.EndpointService
	Balancing  *Missing // why the load balancer is not known; nil: it is known, or the target has none
	Appliances []Appliance
	Network    Network
}

// group returns a security group.
func (n Network) group(id string) (mirror.SecurityGroup, bool) {
	i := slices.IndexFunc(n.Groups, func(g mirror.SecurityGroup) bool { return g.ID == id })
	if i < 0 {
		return mirror.SecurityGroup{}, false
	}
	return n.Groups[i], true
}

// acl returns the network ACL of a subnet. A subnet that no network ACL names has the default one
// of its VPC.
func (n Network) acl(subnetID, vpcID string) (mirror.NetworkACL, bool) {
	for _, a := range n.ACLs {
		if slices.Contains(a.Subnets, subnetID) {
			return a, true
		}
	}
	for _, a := range n.ACLs {
		if a.Default && a.VPCID != "" && a.VPCID == vpcID {
			return a, true
		}
	}
	return mirror.NetworkACL{}, false
}

// table returns the route table of a subnet. A subnet that no route table names has the main one
// of its VPC.
func (n Network) table(subnetID, vpcID string) (mirror.RouteTable, bool) {
	for _, t := range n.Tables {
		if slices.Contains(t.Subnets, subnetID) {
			return t, true
		}
	}
	for _, t := range n.Tables {
		if t.Main && t.VPCID != "" && t.VPCID == vpcID {
			return t, true
		}
	}
	return mirror.RouteTable{}, false
}

// peering returns a peering connection.
func (n Network) peering(id string) (mirror.PeeringConnection, bool) {
	i := slices.IndexFunc(n.Peerings, func(p mirror.PeeringConnection) bool { return p.ID == id })
	if i < 0 {
		return mirror.PeeringConnection{}, false
	}
	return n.Peerings[i], true
}

// list returns the blocks of a prefix list, or why they are not known.
func (n Network) list(id string) ([]netip.Prefix, *Missing) {
	i := slices.IndexFunc(n.Lists, func(l PrefixList) bool { return l.ID == id })
	if i < 0 {
		return nil, &Missing{Reason: fmt.Sprintf("EC2 shows no prefix list %s.", id)}
	}
	return n.Lists[i].Blocks, n.Lists[i].Unread
}
