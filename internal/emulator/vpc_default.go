package emulator

import (
	"net/netip"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Each VPC has a default security group, a default network ACL and a main route table
// from its creation to its deletion. Their IDs are computed from that of the VPC, unless a
// topology file or a client has put others in their place.

// defaultGroupOf returns the ID of the default security group of a VPC.
func defaultGroupOf(t *tx, vpcID string) string {
	if id := groupsByName.get(t, securityGroup{VPCID: vpcID, Name: defaultGroupName}.nameKey()...); id != "" {
		return id
	}
	return derivedID(mirror.KindGroup.Prefix, vpcID)
}

func needVPC(t *tx, id string) error {
	_, err := vpcs.need(t, id)
	return err
}

// makeDefaults makes the default resources of each VPC that lacks them. Those of an older
// store were not stored.
func makeDefaults(t *tx) {
	for id := range vpcs.all(t, "") {
		addDefaults(t, id)
	}
}

// addDefaults makes the default resources that a VPC lacks. A client can delete none of
// them: one that is not there was never made.
func addDefaults(t *tx, vpcID string) {
	if !securityGroups.has(t, defaultGroupOf(t, vpcID)) {
		addDefaultGroup(t, vpcID)
	}
	in, _ := vpcs.get(t, vpcID)
	if id := in.defaultACL(); !networkACLs.has(t, id) {
		networkACLs.put(t, id, networkACL{ID: id, VPCID: vpcID})
	}
	if id := in.mainTable(); !routeTables.has(t, id) {
		routeTables.put(t, id, routeTable{ID: id, VPCID: vpcID})
	}
}

// addDefaultGroup makes the default security group of a VPC, whose members can receive
// from each other and send to everybody
// (https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html).
func addDefaultGroup(t *tx, vpcID string) {
	v := securityGroup{ID: defaultGroupOf(t, vpcID), VPCID: vpcID, Name: defaultGroupName, Description: "default VPC security group"}
	securityGroups.put(t, v.ID, v)
	addDefaultRule(t, v.ID, mirror.Ingress, permission{Protocol: allProtocols, From: -1, To: -1, Group: v.ID})
	in, _ := vpcs.get(t, vpcID)
	for _, open := range openEgress(in) {
		addDefaultRule(t, v.ID, mirror.Egress, open)
	}
}

// addDefaultRule gives the default group a rule whose ID is computed from what it allows.
func addDefaultRule(t *tx, group string, direction mirror.Direction, p permission) {
	id := derivedID(mirror.KindGroupRule.Prefix, group+" "+string(direction)+" "+p.String())
	putGroupRule(t, groupRule{ID: id, GroupID: group, Direction: direction, permission: p})
}

var (
	allIPv4 = netip.MustParsePrefix("0.0.0.0/0")
	allIPv6 = netip.MustParsePrefix("::/0")
)

// openEgress returns what a new security group of a VPC allows to send: everything.
func openEgress(in vpc) []permission {
	open := []permission{{Protocol: allProtocols, From: -1, To: -1, CIDR: allIPv4}}
	if in.IPv6CIDRBlock.IsValid() {
		open = append(open, permission{Protocol: allProtocols, From: -1, To: -1, CIDR: allIPv6})
	}
	return open
}

// openDefaultGroup lets the default group send by IPv6 when the VPC gets an IPv6 block,
// unless a client has changed what it can send (A0165).
func openDefaultGroup(t *tx, in vpc) {
	id := defaultGroupOf(t, in.ID)
	rules, open := rulesOf(t, id, mirror.Egress), openEgress(in)
	if len(rules) == 1 && rules[0].permission == open[0] {
		addDefaultRule(t, id, mirror.Egress, open[1])
	}
}

// hasOtherGroups reports whether a VPC has security groups other than its default one.
func hasOtherGroups(t *tx, vpcID string) bool { return groupsByName.countBelow(t, vpcID) > 1 }

// dropDefaults deletes the default resources of a VPC that is deleted.
func dropDefaults(t *tx, vpcID string) {
	dropGroup(t, defaultGroupOf(t, vpcID))
	in, _ := vpcs.get(t, vpcID)
	networkACLs.del(t, in.defaultACL())
	routeTables.del(t, in.mainTable())
}

// hasNetworkParts reports whether a VPC has network ACLs other than its default one, route
// tables other than its main one, an internet gateway, or a peering connection that has not
// ended (A0214).
func hasNetworkParts(t *tx, vpcID string) bool {
	if aclsByVPC.countBelow(t, vpcID) > 1 || routeTablesByVPC.countBelow(t, vpcID) > 1 || gatewaysByVPC.firstBelow(t, vpcID) != "" {
		return true
	}
	for _, id := range peeringsByVPC.idsBelow(t, vpcID) {
		if v, ok := peerings.get(t, id); ok && !v.isEnded(t) {
			return true
		}
	}
	return false
}
