package emulator

import (
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// routeAssociationPrefix begins the IDs of associations with route tables.
const routeAssociationPrefix = "rtbassoc-"

// routePlace is what a route table is associated with: a subnet, a gateway, or a VPC, of
// which it is the main one.
type routePlace struct {
	table, subnet, gateway string
	main                   string // the VPC
}

// placeOf finds an association with a route table. It is not ok if there is none.
func placeOf(t *tx, id string) (p routePlace, ok bool) {
	if v, _ := subnets.get(t, subnetsByAssociation.get(t, id)); v.RouteAssociation == id && id != "" {
		return routePlace{table: v.RouteTableID, subnet: v.ID}, true
	}
	if v, found := vpcs.get(t, vpcsByMainAssociation.get(t, id)); found {
		return routePlace{table: v.mainTable(), main: v.ID}, true
	}
	if v, found := internetGateways.get(t, gatewaysByAssociation.get(t, id)); found {
		return routePlace{table: v.RouteTableID, gateway: v.ID}, true
	}
	return routePlace{}, false
}

// needRouteAssociation returns what an association is about, or EC2's error for one that
// does not exist.
func needRouteAssociation(t *tx, id string) (routePlace, error) {
	p, ok := placeOf(t, id)
	if !ok {
		return p, associationNotFound(id)
	}
	return p, nil
}

// putAssociation associates a subnet, a gateway or a VPC with a route table, or a subnet or
// a gateway with none.
func putAssociation(t *tx, p routePlace, id string) {
	switch {
	case p.subnet != "":
		v, _ := subnets.get(t, p.subnet)
		v.RouteTableID, v.RouteAssociation = p.table, id
		subnets.put(t, v.ID, v)
	case p.gateway != "":
		v, _ := internetGateways.get(t, p.gateway)
		v.RouteTableID, v.RouteAssociation = p.table, id
		internetGateways.put(t, v.ID, v)
	default:
		v, _ := vpcs.get(t, p.main)
		v.MainRouteTable, v.MainAssociation = p.table, id
		vpcs.put(t, v.ID, v)
	}
}

// freshRouteAssociation returns the ID of a new association.
func freshRouteAssociation(t *tx) string {
	for {
		id := t.newID(routeAssociationPrefix)
		if _, taken := placeOf(t, id); !taken {
			return id
		}
	}
}

// associateRouteTable associates a subnet or an internet gateway. It answers with the
// association that is there if it is the same.
func associateRouteTable(q *query.Query) operation {
	table, subnet, gateway := routeTables.needID(q, "RouteTableId"), subnets.readID(q, "SubnetId"), internetGateways.readID(q, "GatewayId")
	switch {
	case subnet == "" && gateway == "":
		q.Fail(query.Refuse("MissingParameter", "The request must contain either a gateway id or a subnet id"))
	case subnet != "" && gateway != "":
		q.Fail(query.Refuse("InvalidParameterCombination", "The parameter SubnetId cannot be used with the parameter GatewayId"))
	}
	return func(t *tx, x *query.Writer) error {
		v, err := routeTables.need(t, table)
		if err != nil {
			return err
		}
		known, id, err := tableOf(t, v, subnet, gateway)
		switch {
		case err != nil:
			return err
		case known != "" && known != table:
			return query.Refuse("Resource.AlreadyAssociated", "the specified association for route table %s conflicts with an existing association", table)
		case known == "":
			id = freshRouteAssociation(t)
			putAssociation(t, routePlace{table: table, subnet: subnet, gateway: gateway}, id)
		}
		x.Text("associationId", id)
		writeAssociated(x)
		return nil
	}
}

// tableOf returns the route table with which a subnet or a gateway of the VPC of a
// table is associated, and the ID of the association.
func tableOf(t *tx, in routeTable, subnetID, gatewayID string) (table, id string, err error) {
	if subnetID != "" {
		v, err := subnets.need(t, subnetID)
		return v.RouteTableID, v.RouteAssociation, sameVPC(in, "subnet", subnetID, v.VPCID, err)
	}
	v, err := internetGateways.need(t, gatewayID)
	return v.RouteTableID, v.RouteAssociation, sameVPC(in, "network gateway", gatewayID, v.VPCID, err)
}

func disassociateRouteTable(q *query.Query) operation {
	id := q.NeedText("AssociationId")
	return func(t *tx, x *query.Writer) error {
		p, err := needRouteAssociation(t, id)
		switch {
		case err != nil:
			return err
		case p.main != "":
			return query.Refuse("InvalidParameterValue", "cannot disassociate the main route table association %s", id)
		}
		p.table = ""
		putAssociation(t, p, "")
		x.Bool("return", true)
		return nil
	}
}

// replaceRouteTableAssociation also changes which route table is the main one.
func replaceRouteTableAssociation(q *query.Query) operation {
	old, table := q.NeedText("AssociationId"), routeTables.needID(q, "RouteTableId")
	return func(t *tx, x *query.Writer) error {
		p, err := needRouteAssociation(t, old)
		if err != nil {
			return err
		}
		v, err := routeTables.need(t, table)
		if err != nil {
			return err
		}
		if was, _ := routeTables.get(t, p.table); was.VPCID != v.VPCID {
			return otherNetworks("route table", table, "association", old)
		}
		p.table = table
		id := freshRouteAssociation(t)
		putAssociation(t, p, id)
		x.Text("newAssociationId", id)
		writeAssociated(x)
		return nil
	}
}

func (v vpc) mainTable() string {
	if v.MainRouteTable != "" {
		return v.MainRouteTable
	}
	return derivedID(mirror.KindRouteTable.Prefix, v.ID)
}

func (v vpc) mainAssociation() string {
	if v.MainAssociation != "" {
		return v.MainAssociation
	}
	return derivedID(routeAssociationPrefix, v.ID)
}

func (v vpc) defaultACL() string {
	if v.DefaultACL != "" {
		return v.DefaultACL
	}
	return derivedID(mirror.KindNetworkACL.Prefix, v.ID)
}
