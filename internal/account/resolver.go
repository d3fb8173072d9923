package account

import (
	"context"
	"net/netip"
)

// Resolver returns the address of the Route 53 Resolver in the VPC of a network
// interface: the base of the VPC's primary IPv4 CIDR block plus two
// (https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html). It is
// invalid if the VPC has no such block, or if the interface is in no VPC, which is possible
// only in the embedded EC2.
func (a *Account) Resolver(ctx context.Context, interfaceID string) (netip.Addr, error) {
	found, err := readOne[NetworkInterface](ctx, a, interfaceSource, interfaceID)
	if err != nil || found.Noun.VPCID == "" {
		return netip.Addr{}, err
	}
	of, err := readOne[VPC](ctx, a, vpcSource, found.Noun.VPCID)
	return of.Noun.resolver, err
}

// Resolvers returns the addresses that Resolver returns for all VPCs of the account that have one,
// by the ID of the VPC.
func (a *Account) Resolvers(ctx context.Context) (map[string]netip.Addr, error) {
	all, err := readAll(ctx, a, vpcSource, nil)
	resolvers := map[string]netip.Addr{}
	for _, v := range all {
		if of, _ := v.noun.(VPC); of.resolver.IsValid() {
			resolvers[v.id] = of.resolver
		}
	}
	return resolvers, err
}
