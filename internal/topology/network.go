package topology

import (
	"cmp"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// networkParts checks the parts of a file that decide where packets can go. They name VPCs
// and subnets of the file, because what EC2 answers about them follows from these.
type networkParts struct {
	vpcs    map[string]bool
	subnets map[string]Subnet
}

// validateNetworkParts checks the security groups, network ACLs, route tables and peering
// connections.
func (f *File) validateNetworkParts() error {
	p := networkParts{vpcs: map[string]bool{}, subnets: map[string]Subnet{}}
	for _, v := range f.VPCs {
		p.vpcs[v.ID] = true
	}
	for _, v := range f.Subnets {
		p.subnets[v.ID] = v
	}
	return cmp.Or(p.checkGroups(f), p.checkInterfaceGroups(f), p.checkACLs(f), p.checkGateways(f), p.checkTables(f), checkPeerings(f), checkPrefixLists(f))
}

// needVPC refuses a VPC that is not in the file.
func (p networkParts) needVPC(at, id string) error {
	if err := mirror.KindVPC.Check(at, id).Err(); err != nil {
		return err
	}
	if !p.vpcs[id] {
		return fmt.Errorf("%s is %s, which vpcs does not have: add it there", at, id)
	}
	return nil
}

func (p networkParts) checkGroups(f *File) error {
	names, ruleIDs := map[[2]string]string{}, map[string]string{}
	for i, g := range f.SecurityGroups {
		at := fmt.Sprintf("security_groups[%d]", i)
		if err := p.needVPC(at+".vpc_id", g.VPCID); err != nil {
			return err
		}
		if g.OwnerID != "" && !mirror.AccountIDs.MatchString(g.OwnerID) {
			return fmt.Errorf("%s.owner_id is %q: write the twelve digits of an account", at, g.OwnerID)
		}
		place := [2]string{g.VPCID, strings.ToLower(g.Name)}
		if first := names[place]; first != "" && g.Name != "" {
			return fmt.Errorf("%s.name is %q, as is that of %s in the same VPC: give each a name of its own", at, g.Name, first)
		}
		names[place] = at
		if err := checkGroupRules(at, g.Rules, ruleIDs); err != nil {
			return err
		}
	}
	return nil
}

// checkGroupRules checks the rules of a group. ids are those of the rules of all groups.
func checkGroupRules(group string, rules []mirror.SecurityGroupRule, ids map[string]string) error {
	for i, r := range rules {
		at := fmt.Sprintf("%s.rules[%d]", group, i)
		if err := checkGroupRule(at, r); err != nil {
			return err
		}
		if r.ID == "" {
			continue
		}
		if first := ids[r.ID]; first != "" {
			return fmt.Errorf("%s.id is %q, as is %s: give each an ID of its own", at, r.ID, first)
		}
		ids[r.ID] = at
	}
	return nil
}

func checkGroupRule(at string, r mirror.SecurityGroupRule) error {
	peers := 0
	for _, given := range []bool{r.CIDR.IsValid(), r.GroupID != "", r.PrefixListID != ""} {
		if given {
			peers++
		}
	}
	switch {
	case r.Direction != mirror.Ingress && r.Direction != mirror.Egress:
		return fmt.Errorf("%s.direction is %q: write %s or %s", at, r.Direction, mirror.Ingress, mirror.Egress)
	case peers != 1:
		return fmt.Errorf("%s has %d of cidr_block, security_group_id and prefix_list_id: write one", at, peers)
	case r.CIDR.IsValid() && r.CIDR != r.CIDR.Masked():
		return fmt.Errorf("%s.cidr_block is %s, which has bits set after the prefix length: write %s", at, r.CIDR, r.CIDR.Masked())
	}
	return cmp.Or(
		checkReference(at+".id", mirror.KindGroupRule, r.ID), checkReference(at+".security_group_id", mirror.KindGroup, r.GroupID),
		checkProtocol(at, r.Protocol), checkPorts(at, r.Protocol, r.FromPort, r.ToPort),
	)
}

// checkProtocol checks the number of a protocol.
func checkProtocol(at string, protocol int) error {
	if protocol != mirror.AllProtocols && !mirror.Protocols.Contains(int64(protocol)) {
		return fmt.Errorf("%s.protocol is %d: write a number from %s, or %d for every protocol", at, protocol, mirror.Protocols, mirror.AllProtocols)
	}
	return nil
}

// checkPorts checks the ports of TCP and UDP. Those of other protocols say nothing, or are
// the type and the code of ICMP.
func checkPorts(at string, protocol, from, to int) error {
	everyPort := from == mirror.AnyPort && to == mirror.AnyPort
	if everyPort || protocol != int(mirror.TCP) && protocol != int(mirror.UDP) {
		return nil
	}
	if !mirror.Ports.Contains(int64(from)) || !mirror.Ports.Contains(int64(to)) || from > to {
		return fmt.Errorf("%s has the ports %d to %d: write from_port and to_port from %s in order, or %d and %d for every port", at, from, to, mirror.Ports, mirror.AnyPort, mirror.AnyPort)
	}
	return nil
}

// checkInterfaceGroups checks the security groups of the interfaces. A group that the file
// does not have can exist in the account.
func (p networkParts) checkInterfaceGroups(f *File) error {
	vpcOf := map[string]string{}
	for _, g := range f.SecurityGroups {
		vpcOf[g.ID] = g.VPCID
	}
	for i, v := range f.NetworkInterfaces {
		for j, id := range v.SecurityGroups {
			at := fmt.Sprintf("network_interfaces[%d].security_groups[%d]", i, j)
			if err := mirror.KindGroup.Check(at, id).Err(); err != nil {
				return err
			}
			if own, of := p.subnets[v.SubnetID].VPCID, vpcOf[id]; own != "" && of != "" && own != of {
				return fmt.Errorf("%s is %s of %s, and the subnet of the interface is in %s: write a group of that VPC", at, id, of, own)
			}
		}
	}
	return nil
}

// firstOf remembers the first object of a VPC, and the object of each subnet.
type firstOf map[string]string

// take refuses a second object in a place.
func (m firstOf) take(place, at, is, noun string) error {
	if first := m[place]; first != "" {
		return fmt.Errorf("%s is %s, as is %s: a %s has one", at, is, first, noun)
	}
	m[place] = at
	return nil
}

// checkSubnets checks the subnets that a network ACL or a route table is for. Each subnet
// has one of the kind.
func (p networkParts) checkSubnets(at, vpcID string, ids []string, taken firstOf) error {
	for j, id := range ids {
		at := fmt.Sprintf("%s.subnet_ids[%d]", at, j)
		if err := mirror.KindSubnet.Check(at, id).Err(); err != nil {
			return err
		}
		v, known := p.subnets[id]
		switch {
		case !known:
			return fmt.Errorf("%s is %s, which subnets does not have: add it there", at, id)
		case v.VPCID != vpcID:
			return fmt.Errorf("%s is %s, which is in %s, and not in %s: write a subnet of that VPC", at, id, cmp.Or(v.VPCID, "no VPC"), vpcID)
		}
		if err := taken.take(id, at, id, "subnet"); err != nil {
			return err
		}
	}
	return nil
}

func (p networkParts) checkACLs(f *File) error {
	defaults, taken, associations := firstOf{}, firstOf{}, firstOf{}
	for i, v := range f.NetworkACLs {
		at := fmt.Sprintf("network_acls[%d]", i)
		err := cmp.Or(p.needVPC(at+".vpc_id", v.VPCID), p.checkSubnets(at, v.VPCID, v.Subnets, taken), checkEntries(at, v.Entries),
			checkAssociations(at, v.Associations, v.Subnets, mirror.KindACLAssociation, associations))
		if err == nil && v.Default {
			err = defaults.take(v.VPCID, at+".default", "true for "+v.VPCID, "VPC")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// The numbers of the entries of a network ACL
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAclEntry.html).
const (
	maxACLEntry   = 32766
	lastIPv4Entry = 32767
	lastIPv6Entry = 32768
)

func checkEntries(acl string, entries []mirror.NetworkACLEntry) error {
	type place struct {
		egress bool
		number int
	}
	first := map[place]string{}
	for i, e := range entries {
		at := fmt.Sprintf("%s.entries[%d]", acl, i)
		if err := checkEntry(at, e); err != nil {
			return err
		}
		here := place{e.Egress, e.Number}
		if before := first[here]; before != "" {
			return fmt.Errorf("%s.rule_number is %d, as is that of %s in the same direction: give each a number of its own", at, e.Number, before)
		}
		first[here] = at
	}
	return nil
}

func checkEntry(at string, e mirror.NetworkACLEntry) error {
	isLast := e.Number == lastIPv4Entry || e.Number == lastIPv6Entry
	switch {
	case !isLast && (e.Number < 1 || e.Number > maxACLEntry):
		return fmt.Errorf("%s.rule_number is %d: write a number from 1 to %d", at, e.Number, maxACLEntry)
	case !e.CIDR.IsValid():
		return fmt.Errorf("%s.cidr_block is missing: write an IPv4 or an IPv6 block", at)
	case e.CIDR != e.CIDR.Masked():
		return fmt.Errorf("%s.cidr_block is %s, which has bits set after the prefix length: write %s", at, e.CIDR, e.CIDR.Masked())
	case isLast && (e.Allow || e.Protocol != mirror.AllProtocols || e.CIDR.Bits() != 0):
		return fmt.Errorf("%s is the last entry, %d, which denies everything: write no other content, or another rule_number", at, e.Number)
	}
	if err := cmp.Or(checkProtocol(at, e.Protocol), checkPorts(at, e.Protocol, e.FromPort, e.ToPort)); err != nil {
		return err
	}
	for _, icmp := range []struct {
		key string
		n   *int
	}{{"icmp_type", e.ICMPType}, {"icmp_code", e.ICMPCode}} {
		if icmp.n != nil && (*icmp.n < -1 || *icmp.n > 255) {
			return fmt.Errorf("%s.%s is %d: write 0 to 255, or -1 for every one", at, icmp.key, *icmp.n)
		}
	}
	return nil
}

func (p networkParts) checkTables(f *File) error {
	mains, taken, associations := firstOf{}, firstOf{}, firstOf{}
	gateways := map[string]string{}
	for _, v := range f.InternetGateways {
		gateways[v.ID] = v.VPCID
	}
	for i, v := range f.RouteTables {
		at := fmt.Sprintf("route_tables[%d]", i)
		err := cmp.Or(p.needVPC(at+".vpc_id", v.VPCID), p.checkSubnets(at, v.VPCID, v.Subnets, taken), checkTableGateways(at, v, gateways, taken), checkRoutes(at, v.Routes),
			checkAssociations(at, v.Associations, associated(v), mirror.KindRouteAssociation, associations))
		if err == nil && v.Main {
			err = mains.take(v.VPCID, at+".main", "true for "+v.VPCID, "VPC")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func checkRoutes(table string, routes []mirror.Route) error {
	type destination struct {
		block netip.Prefix
		list  string
	}
	first := map[destination]string{}
	for i, r := range routes {
		at := fmt.Sprintf("%s.routes[%d]", table, i)
		if err := checkRoute(at, r); err != nil {
			return err
		}
		to := destination{r.Destination, r.PrefixListID}
		if before := first[to]; before != "" {
			return fmt.Errorf("%s has the destination of %s: a table has one route to a destination", at, before)
		}
		first[to] = at
	}
	return nil
}

// routeTarget is the form of the targets of routes other than local: the ID of an object, or the
// ARN of a core network or of an ODB network
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html).
var routeTarget = regexp.MustCompile(`^(?:(?:cagw|eigw|eni|i|igw|lgw|nat|pcx|tgw|vgw|vpce)-[0-9a-f]+|arn:[^:]+:(?:networkmanager|odb):.+)$`)

func checkRoute(at string, r mirror.Route) error {
	switch {
	case r.Destination.IsValid() == (r.PrefixListID != ""):
		return fmt.Errorf("%s: write one of destination_cidr_block and destination_prefix_list_id", at)
	case r.Destination.IsValid() && r.Destination != r.Destination.Masked():
		return fmt.Errorf("%s.destination_cidr_block is %s, which has bits set after the prefix length: write %s", at, r.Destination, r.Destination.Masked())
	case r.Target == "":
		return fmt.Errorf(`%s.target is missing: write "local", or the ID of a gateway, connection, interface or endpoint`, at)
	case r.Target != mirror.LocalRoute && !routeTarget.MatchString(r.Target):
		return fmt.Errorf(`%s.target is %q: write "local", or the ID of a gateway, connection, interface or endpoint, such as igw-0123456789abcdef0`, at, r.Target)
	case r.State != "" && r.State != mirror.ActiveRoute && r.State != mirror.BlackholeRoute:
		return fmt.Errorf("%s.state is %q: write %s or %s", at, r.State, mirror.ActiveRoute, mirror.BlackholeRoute)
	}
	return nil
}

// PeeringStates are the states of a VPC peering connection
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcPeeringConnectionStateReason.html).
var PeeringStates = []string{"initiating-request", "pending-acceptance", "active", "deleted", "rejected", "failed", "expired", "provisioning", "deleting"}

func checkPeerings(f *File) error {
	for i, v := range f.PeeringConnections {
		at := fmt.Sprintf("vpc_peering_connections[%d]", i)
		if v.State != "" && !slices.Contains(PeeringStates, v.State) {
			return fmt.Errorf("%s.state is %q: write one of %s", at, v.State, strings.Join(PeeringStates, ", "))
		}
		for _, side := range []struct {
			key string
			of  mirror.PeeredVPC
		}{{".requester", v.Requester}, {".accepter", v.Accepter}} {
			if err := checkPeer(at+side.key, side.of); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkPrefixLists checks the entries of prefix lists, which have one address family.
func checkPrefixLists(f *File) error {
	for i, l := range f.PrefixLists {
		at := fmt.Sprintf("prefix_lists[%d]", i)
		if l.OwnerID != "" && !mirror.AccountIDs.MatchString(l.OwnerID) {
			return fmt.Errorf("%s.owner_id is %q: write the twelve digits of an account", at, l.OwnerID)
		}
		for j, e := range l.Entries {
			at := fmt.Sprintf("%s.entries[%d].cidr_block", at, j)
			switch {
			case !e.CIDR.IsValid():
				return fmt.Errorf("%s is missing: write a CIDR block such as 10.0.0.0/16", at)
			case e.CIDR != e.CIDR.Masked():
				return fmt.Errorf("%s is %s, which has bits set after the prefix length: write %s", at, e.CIDR, e.CIDR.Masked())
			case e.CIDR.Addr().Is4() != l.Entries[0].CIDR.Addr().Is4():
				return fmt.Errorf("%s is %s, of another address family than the first entry: write IPv4 and IPv6 in different prefix lists", at, e.CIDR)
			}
		}
	}
	return nil
}

func checkPeer(at string, v mirror.PeeredVPC) error {
	if v.OwnerID != "" && !mirror.AccountIDs.MatchString(v.OwnerID) {
		return fmt.Errorf("%s.owner_id is %q: write the twelve digits of an account", at, v.OwnerID)
	}
	for i, block := range v.CIDRs {
		if block != block.Masked() {
			return fmt.Errorf("%s.cidr_blocks[%d] is %s, which has bits set after the prefix length: write %s", at, i, block, block.Masked())
		}
	}
	return mirror.KindVPC.Check(at+".vpc_id", v.VPCID).Err()
}
