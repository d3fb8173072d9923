package emulator

import (
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// insideTargets are the targets that a route to a part of the VPC can have
// (https://docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html).
var insideTargets = []string{mirror.KindInterface.Prefix, mirror.KindInstance.Prefix, mirror.KindEndpoint.Prefix, "nat-"}

// refuseInside refuses a route to a part of the VPC whose target is of another kind. It also refuses one
// whose destination is neither a block of the VPC nor that of a subnet (A0240).
func refuseInside(t *tx, in vpc, r mirror.Route, target string) error {
	isInside := func(local mirror.Route) bool {
		return local.Destination.Bits() <= r.Destination.Bits() && local.Destination.Contains(r.Destination.Addr())
	}
	if !r.Destination.IsValid() || !slices.ContainsFunc(localRoutes(in), isInside) {
		return nil
	}
	if !slices.ContainsFunc(insideTargets, func(prefix string) bool { return strings.HasPrefix(target, prefix) }) {
		return query.Refuse("InvalidParameterValue", "The destination CIDR block %s is equal to or more specific than one of this VPC's CIDR blocks. "+
			"This route can target only an interface, an instance, a NAT gateway or a Gateway Load Balancer endpoint.", r.Destination)
	}
	isSubnet := func(id string) bool {
		v, _ := subnets.get(t, id)
		return v.CIDRBlock == r.Destination || v.IPv6CIDRBlock == r.Destination
	}
	if !isLocalDestination(in, r) && !slices.ContainsFunc(subnetsByVPC.idsBelow(t, in.ID), isSubnet) {
		return query.Refuse("InvalidParameterValue", "The destination CIDR block %s is more specific than one of this VPC's CIDR blocks, and is not that of a subnet.", r.Destination)
	}
	return nil
}
