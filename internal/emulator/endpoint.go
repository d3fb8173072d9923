package emulator

import (
	"fmt"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

type gatewayEndpoint = topology.GatewayLoadBalancerEndpoint

const endpointType = "GatewayLoadBalancer"

var endpointShelf = shelf[gatewayEndpoint]{
	of:      endpoints,
	set:     "vpcEndpointSet",
	ids:     "VpcEndpointId",
	idField: "vpc-endpoint-id",
	fields: []field[gatewayEndpoint]{
		{"vpc-id", func(_ *tx, v gatewayEndpoint) []string { return one(v.VPCID) }},
		{"vpc-endpoint-type", func(*tx, gatewayEndpoint) []string { return one(endpointType) }},
		{"vpc-endpoint-state", func(*tx, gatewayEndpoint) []string { return one("available") }},
		{"service-name", func(t *tx, v gatewayEndpoint) []string { return one(t.serviceName(v)) }},
	},
	write: func(t *tx, x *xmlWriter, id string, v gatewayEndpoint) { x.endpoint(t, v) },
}

// serviceName returns the name of the endpoint service in front of the Gateway
// Load Balancer, which the topology does not tell.
func (t *tx) serviceName(v gatewayEndpoint) string {
	return fmt.Sprintf("com.amazonaws.vpce.%s.vpce-svc-%s", t.region, strings.TrimPrefix(v.ID, mirror.KindEndpoint.Prefix))
}

func (x *xmlWriter) endpoint(t *tx, v gatewayEndpoint) {
	x.text("vpcEndpointId", v.ID)
	x.text("vpcEndpointType", endpointType)
	x.opt("vpcId", v.VPCID)
	x.text("serviceName", t.serviceName(v))
	x.text("state", "available")
	x.text("ipAddressType", "ipv4")
	x.flag("requesterManaged", false)
	x.in("subnetIdSet", func() { x.opt("item", v.SubnetID) })
	x.in("networkInterfaceIdSet", func() { x.text("item", hiddenInterface(v.ID)) })
	x.text("ownerId", t.account)
	x.tagSet(t.tagsOf(v.ID))
}
