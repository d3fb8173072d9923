package topology

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Encode writes a topology file. Equal contents give equal bytes: lists in which the order has no
// meaning are sorted, and what is the default is left out.
func Encode(f *File) ([]byte, error) {
	sortFile(f)
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(f)
	return text.Bytes(), err
}

// sortBy sorts by a text that each element has.
func sortBy[T any](list []T, key func(T) string) {
	slices.SortStableFunc(list, func(a, b T) int { return cmp.Compare(key(a), key(b)) })
}

func sortFile(f *File) {
	sortBy(f.VPCs, func(v VPC) string { return v.ID })
	sortBy(f.Subnets, func(v Subnet) string { return v.ID })
	sortBy(f.Instances, func(v Instance) string { return v.ID })
	sortBy(f.NetworkInterfaces, func(v mirror.Interface) string { return v.ID })
	sortBy(f.NetworkLoadBalancers, func(v NetworkLoadBalancer) string { return v.ARN })
	sortBy(f.GatewayLoadBalancerEndpoints, func(v GatewayLoadBalancerEndpoint) string { return v.ID })
	sortBy(f.SharedTargets, func(v mirror.Target) string { return v.ID })
	sortBy(f.ForeignSessions, func(v mirror.Session) string { return v.ID })
	sortBy(f.Targets, func(v TaggedTarget) string { return v.ID })
	sortBy(f.Filters, func(v TaggedFilter) string { return v.ID })
	sortBy(f.Sessions, func(v TaggedSession) string { return v.ID })
	for _, v := range f.Filters {
		sortBy(v.Rules, func(r mirror.Rule) string { return string(r.Direction) + padded(r.Number) })
		slices.Sort(v.NetworkServices)
	}
	sortNetwork(f)
	sortBalancing(f)
	slices.Sort(f.NotRead)
	slices.Sort(f.PartlyRead)
}

// padded writes a number of an order, so that texts have the order of the numbers.
func padded(n int) string { return strconv.Itoa(1_000_000 + n) }

func sortNetwork(f *File) {
	sortBy(f.SecurityGroups, func(v mirror.SecurityGroup) string { return v.ID })
	for _, v := range f.SecurityGroups {
		sortBy(v.Rules, func(r mirror.SecurityGroupRule) string { return string(r.Direction) + r.ID })
	}
	sortBy(f.NetworkACLs, func(v mirror.NetworkACL) string { return v.ID })
	for _, v := range f.NetworkACLs {
		slices.Sort(v.Subnets)
		sortBy(v.Entries, func(e mirror.NetworkACLEntry) string { return strconv.FormatBool(e.Egress) + padded(e.Number) })
	}
	sortBy(f.InternetGateways, func(v mirror.InternetGateway) string { return v.ID })
	sortBy(f.RouteTables, func(v mirror.RouteTable) string { return v.ID })
	for _, v := range f.RouteTables {
		slices.Sort(v.Subnets)
		slices.Sort(v.Gateways)
		sortBy(v.Routes, func(r mirror.Route) string { return r.Destination.String() + r.PrefixListID })
	}
	sortBy(f.PeeringConnections, func(v mirror.PeeringConnection) string { return v.ID })
	sortBy(f.PrefixLists, func(v mirror.PrefixList) string { return v.ID })
	for _, v := range f.PrefixLists {
		sortBy(v.Entries, func(e mirror.PrefixListEntry) string { return e.CIDR.String() })
	}
}

func sortBalancing(f *File) {
	sortBy(f.LoadBalancers, func(v mirror.LoadBalancer) string { return v.ARN })
	for _, v := range f.LoadBalancers {
		slices.Sort(v.SecurityGroups)
		sortBy(v.Zones, func(z mirror.LoadBalancerZone) string { return z.Zone + z.SubnetID })
		sortBy(v.Listeners, func(l mirror.Listener) string { return padded(l.Port) + l.Protocol + l.ARN })
	}
	sortBy(f.TargetGroups, func(v mirror.TargetGroup) string { return v.ARN })
	for _, v := range f.TargetGroups {
		sortBy(v.Targets, func(t mirror.RegisteredTarget) string { return t.ID + padded(t.Port) + t.Zone })
	}
	sortBy(f.EndpointServices, func(v mirror.EndpointService) string { return v.ID })
	for _, v := range f.EndpointServices {
		slices.Sort(v.GatewayBalancers)
		slices.Sort(v.NetworkBalancers)
		slices.Sort(v.AllowedPrincipals)
	}
}
