package provider

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
)

// source reads a network interface and its sessions from EC2. If no resolvers are given, it
// finds the resolver of the interface's VPC.
func (c *connection) source(ctx context.Context, interfaceID string, resolvers []netip.Addr) (*dataplane.Source, error) {
	iface, err := c.account().Interface(ctx, interfaceID)
	if err != nil {
		return nil, err
	}
	iface.DNSResolverAddresses = resolvers
	if resolvers == nil {
		resolver, err := c.account().Resolver(ctx, interfaceID)
		if err != nil {
			return nil, fmt.Errorf("finding the resolver of the interface's VPC (set dns_resolver_addresses to avoid this request): %w", err)
		}
		if resolver.IsValid() {
			iface.DNSResolverAddresses = []netip.Addr{resolver}
		}
	}
	found, err := c.account().Mirror(ctx, interfaceID)
	if err != nil {
		return nil, err
	}
	sessions := make([]dataplane.Session, len(found))
	for i, s := range found {
		sessions[i] = dataplane.Session(s)
	}
	return dataplane.New(iface, sessions, dataplane.Options{})
}
