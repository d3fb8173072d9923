package emulator

import (
	"cmp"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// loadNetworkParts loads the network ACLs, internet gateways, route tables and peering connections of a
// topology. Their content in the file takes the place of what they have. The security
// groups are loaded before the interfaces, which name them.
func loadNetworkParts(t *tx, f *topology.File) {
	for _, v := range f.NetworkACLs {
		loadACL(t, v)
	}
	for _, v := range f.PeeringConnections {
		loadPeering(t, v)
	}
	for _, v := range f.InternetGateways {
		loadInternetGateway(t, v)
	}
	inFile := map[string]bool{}
	for _, v := range f.RouteTables {
		inFile[v.ID] = true
	}
	for _, v := range f.RouteTables {
		loadMainTable(t, v, inFile)
		loadRouteTable(t, v)
	}
}

// loadInternetGateway loads an internet gateway. It takes the place of another one of its VPC. Its
// association with a route table is in that.
func loadInternetGateway(t *tx, v mirror.InternetGateway) {
	if other := gatewaysByVPC.firstBelow(t, v.VPCID); v.VPCID != "" && other != "" && other != v.ID {
		internetGateways.put(t, other, internetGateway{ID: other})
	}
	known, _ := internetGateways.get(t, v.ID)
	if known.VPCID != v.VPCID {
		known = internetGateway{}
	}
	known.ID, known.VPCID = v.ID, v.VPCID
	internetGateways.put(t, v.ID, known)
	addTags(t, v.ID, v.Tags)
}

// loadACL loads a network ACL with its associations. A default one takes the place of that
// which its VPC has. A subnet of no ACL of the file keeps its own.
func loadACL(t *tx, v mirror.NetworkACL) {
	in, _ := vpcs.get(t, v.VPCID)
	if was := in.defaultACL(); v.Default && was != v.ID {
		in.DefaultACL = v.ID
		vpcs.put(t, in.ID, in)
		networkACLs.del(t, was)
	}
	made := networkACL{ID: v.ID, VPCID: v.VPCID, Entries: []mirror.NetworkACLEntry{}}
	for _, e := range v.Entries {
		if e.Number <= maxEntryNumber {
			made.Entries = append(made.Entries, wholeEntry(e))
		}
	}
	sortEntries(made.Entries)
	if v.Default && v.Entries == nil {
		made.Entries = nil
	}
	networkACLs.put(t, v.ID, made)
	addTags(t, v.ID, v.Tags)
	for _, id := range v.Subnets {
		loadACLAssociation(t, made, id, v.Associations[id])
	}
}

// loadACLAssociation associates a subnet with a network ACL, by the ID of the association that the
// file has, or by a computed one.
func loadACLAssociation(t *tx, v networkACL, subnetID, association string) {
	in, ok := subnets.get(t, subnetID)
	isSame := aclOf(t, in) == v.ID
	if !ok || isSame && association == "" {
		return
	}
	if !isSame {
		in.NetworkACLID, in.ACLAssociation = v.ID, derivedID(aclAssociationPrefix, subnetID+" "+v.ID)
	}
	if isDefaultACL(t, v) {
		in.NetworkACLID = ""
		if !isSame {
			in.ACLAssociation = ""
		}
	}
	in.ACLAssociation = cmp.Or(association, in.ACLAssociation)
	subnets.put(t, in.ID, in)
}

// wholeEntry returns an entry as EC2 has it: without ports where the protocol has none.
func wholeEntry(e mirror.NetworkACLEntry) mirror.NetworkACLEntry {
	e.FromPort, e.ToPort = wholePorts(e.Protocol, e.FromPort, e.ToPort)
	if !isICMPNumber(e.Protocol) {
		e.ICMPType, e.ICMPCode = nil, nil
	}
	return e
}

// wholePorts returns the ports of a protocol: every one of TCP and UDP as EC2 writes it, and
// none for a protocol that has none.
func wholePorts(protocol, from, to int) (wholeFrom, wholeTo int) {
	switch {
	case !hasACLPorts(protocol):
		return mirror.AnyPort, mirror.AnyPort
	case from == mirror.AnyPort:
		return int(mirror.Ports.Min), int(mirror.Ports.Max)
	}
	return from, to
}

// loadMainTable makes a route table the main one of its VPC. It takes the place of the computed one that the VPC
// comes with, unless the file has that too; another one that was the main one stays.
func loadMainTable(t *tx, v mirror.RouteTable, inFile map[string]bool) {
	in, ok := vpcs.get(t, v.VPCID)
	if !v.Main || !ok {
		return
	}
	if was := in.mainTable(); was != v.ID {
		if in.MainRouteTable == "" && !inFile[was] {
			routeTables.del(t, was)
		}
		in.MainRouteTable = v.ID
	}
	in.MainAssociation = cmp.Or(v.Associations[v.VPCID], in.MainAssociation)
	vpcs.put(t, in.ID, in)
}

// loadRouteTable loads a route table with its associations.
func loadRouteTable(t *tx, v mirror.RouteTable) {
	in, _ := vpcs.get(t, v.VPCID)
	made := routeTable{ID: v.ID, VPCID: v.VPCID}
	for _, r := range v.Routes {
		made.Routes = append(made.Routes, loadedRoute(t, made, r))
	}
	made.Routes = slices.DeleteFunc(made.Routes, func(r mirror.Route) bool { return r.Target == mirror.LocalRoute && isLocalDestination(in, r) })
	routeTables.put(t, v.ID, made)
	addTags(t, v.ID, v.Tags)
	for _, id := range v.Subnets {
		if in, ok := subnets.get(t, id); ok {
			loadRouteAssociation(t, v, routePlace{table: v.ID, subnet: id}, in.RouteTableID)
		}
	}
	for _, id := range v.Gateways {
		if in, ok := internetGateways.get(t, id); ok {
			loadRouteAssociation(t, v, routePlace{table: v.ID, gateway: id}, in.RouteTableID)
		}
	}
}

// loadRouteAssociation associates a subnet or a gateway with a route table, by the ID of the association that the
// file has, or by a computed one. was is the table that it has.
func loadRouteAssociation(t *tx, v mirror.RouteTable, p routePlace, was string) {
	of := cmp.Or(p.subnet, p.gateway)
	id := v.Associations[of]
	switch {
	case id == "" && was == v.ID:
		return
	case id == "":
		id = derivedID(routeAssociationPrefix, of+" "+v.ID)
	}
	putAssociation(t, p, id)
}

// loadedRoute returns a route as it is stored. Its state follows from its target if that is
// here; else it is what the file says, or active.
func loadedRoute(t *tx, in routeTable, r mirror.Route) mirror.Route {
	origin := originOfRoute
	if r.Target == mirror.LocalRoute {
		origin = originOfTable
	}
	r.Origin = cmp.Or(r.Origin, origin)
	if mirror.KindInstance.Is(r.Target) {
		if own := interfacesByInstance.idsBelow(t, r.Target); len(own) > 0 {
			r.Target = own[0]
		}
	}
	r.State = cmp.Or(r.State, mirror.ActiveRoute)
	if stateOfTarget(t, in, r.Target) != "" {
		r.State = ""
	}
	return r
}

func loadPeering(t *tx, v mirror.PeeringConnection) {
	addTags(t, v.ID, v.Tags)
	v.Tags = nil
	known, _ := peerings.get(t, v.ID)
	if v.RequesterDNS == nil {
		v.RequesterDNS = known.RequesterDNS
	}
	if v.AccepterDNS == nil {
		v.AccepterDNS = known.AccepterDNS
	}
	known.PeeringConnection = v
	known.State = cmp.Or(v.State, peeringActive)
	for _, side := range []*mirror.PeeredVPC{&known.Requester, &known.Accepter} {
		side.OwnerID, side.Region = cmp.Or(side.OwnerID, t.account), cmp.Or(side.Region, t.region)
	}
	peerings.put(t, v.ID, known)
}
