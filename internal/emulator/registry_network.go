package emulator

import "github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"

// The kinds of object that decide where packets of a VPC can go.
var (
	networkACLs = &collection[networkACL]{
		traits: traits{
			bucket:   "network_acls",
			kind:     kind{mirror.KindNetworkACL, "InvalidNetworkAclId.Malformed", "InvalidNetworkAclID.NotFound", "networkAcl"},
			taggable: true,
		},
		idOf:    func(v networkACL) string { return v.ID },
		indexes: []indexOf[networkACL]{{aclsByVPC, func(_ *tx, id string, v networkACL) []key { return oneKey(v.VPCID, id) }}},
		check:   checkLoadedACL,
	}

	internetGateways = &collection[internetGateway]{
		traits: traits{
			bucket:   "internet_gateways",
			kind:     kind{mirror.KindInternetGateway, "InvalidInternetGatewayId.Malformed", "InvalidInternetGatewayID.NotFound", "internetGateway"},
			taggable: true,
		},
		idOf:    func(v internetGateway) string { return v.ID },
		indexes: []indexOf[internetGateway]{{gatewaysByVPC, keysByAttachment}, {gatewaysByRouteTable, keysByGatewayTable}, {gatewaysByAssociation, keysByGatewayAssociation}},
	}

	routeTables = &collection[routeTable]{
		traits: traits{
			bucket:   "route_tables",
			kind:     kind{mirror.KindRouteTable, "InvalidRouteTableId.Malformed", "InvalidRouteTableID.NotFound", "routeTable"},
			taggable: true,
		},
		idOf:    func(v routeTable) string { return v.ID },
		indexes: []indexOf[routeTable]{{routeTablesByVPC, func(_ *tx, id string, v routeTable) []key { return oneKey(v.VPCID, id) }}},
		check:   func(t *tx, v routeTable) error { return needVPC(t, v.VPCID) },
	}

	peerings = &collection[peering]{
		traits: traits{
			bucket:   "peering_connections",
			kind:     kind{mirror.KindPeering, "InvalidVpcPeeringConnectionId.Malformed", "InvalidVpcPeeringConnectionID.NotFound", "vpcPeeringConnection"},
			taggable: true,
		},
		idOf:    func(v peering) string { return v.ID },
		gone:    isForgottenPeering,
		indexes: []indexOf[peering]{{peeringsByVPC, keysByPeer}},
	}
)
