package provider

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// sourceOf reads a network interface and its sessions as they are in EC2. Without
// resolvers, that of the interface's VPC is found out.
func (c *Client) sourceOf(ctx context.Context, interfaceID string, resolvers []netip.Addr) (*dataplane.Source, error) {
	iface, err := c.Inventory.Interface(ctx, interfaceID)
	if err != nil {
		return nil, err
	}
	iface.DNSResolverAddresses = resolvers
	if resolvers == nil {
		resolver, err := c.Inventory.Resolver(ctx, interfaceID)
		if err != nil {
			return nil, fmt.Errorf("finding the resolver of the interface's VPC, which dns_resolver_addresses makes unnecessary: %w", err)
		}
		if resolver.IsValid() {
			iface.DNSResolverAddresses = []netip.Addr{resolver}
		}
	}
	sessions, err := c.sessionsOf(ctx, interfaceID)
	if err != nil {
		return nil, err
	}
	return dataplane.New(iface, sessions, dataplane.Options{})
}

// sessionsOf reads the sessions of an interface with what their IDs stand for, a
// listing for each kind of object. What this apply has just made may be listed a
// little later.
func (c *Client) sessionsOf(ctx context.Context, interfaceID string) ([]dataplane.Session, error) {
	ctx, cancel := context.WithTimeout(ctx, settlingTime)
	defer cancel()
	found, err := c.Inventory.Sessions(ctx, inventory.Where{Name: "network-interface-id", Values: []string{interfaceID}})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	var ids []string
	for _, s := range found {
		ids = append(ids, s.TargetID, s.FilterID)
	}
	var sessions []dataplane.Session
	err = c.seen(ctx, func() (err error) {
		sessions, err = c.resolve(ctx, found)
		return err
	}, ids...)
	return sessions, err
}

// resolve reads the targets and filters of sessions.
func (c *Client) resolve(ctx context.Context, found []mirror.Session) ([]dataplane.Session, error) {
	var targetIDs, filterIDs []string
	for _, s := range found {
		targetIDs = append(targetIDs, s.TargetID)
		filterIDs = append(filterIDs, s.FilterID)
	}
	targets, err := c.Inventory.Targets(ctx, inventory.Where{Name: "traffic-mirror-target-id", Values: targetIDs})
	if err != nil {
		return nil, err
	}
	filters, err := c.Inventory.Filters(ctx, inventory.Where{Name: "traffic-mirror-filter-id", Values: filterIDs})
	if err != nil {
		return nil, err
	}
	endpoints := map[string]mirror.Endpoint{}
	for _, t := range targets {
		if endpoints[t.ID], err = c.Inventory.Endpoint(ctx, t); err != nil {
			return nil, err
		}
	}
	filterByID := map[string]mirror.Filter{}
	for _, f := range filters {
		filterByID[f.ID] = f
	}
	sessions := make([]dataplane.Session, len(found))
	for i, s := range found {
		endpoint, listed := endpoints[s.TargetID]
		if !listed {
			return nil, fmt.Errorf("session %s uses a target that this account does not see, deleted or shared no longer: %w",
				s.ID, &inventory.NotFoundError{Kind: mirror.KindTarget, ID: s.TargetID})
		}
		filter, listed := filterByID[s.FilterID]
		if !listed {
			return nil, fmt.Errorf("session %s: %w", s.ID, &inventory.NotFoundError{Kind: mirror.KindFilter, ID: s.FilterID})
		}
		sessions[i] = dataplane.Session{Session: s, Target: endpoint, Filter: filter}
	}
	return sessions, nil
}
