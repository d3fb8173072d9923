package account

import (
	"cmp"
	"context"
	"fmt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A MirrorSession is a session together with the objects that its IDs name.
type MirrorSession struct {
	mirror.Session
	Target mirror.Endpoint
	Filter mirror.Filter
}

// Mirror returns the sessions of a network interface with their targets and filters,
// by one listing for each kind of object.
func (a *Account) Mirror(ctx context.Context, interfaceID string) ([]MirrorSession, error) {
	found, err := a.Sessions(ctx, OnInterface(interfaceID))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	var targetIDs, filterIDs []string
	for _, s := range found {
		targetIDs = append(targetIDs, s.TargetID)
		filterIDs = append(filterIDs, s.FilterID)
	}
	// Without an ID of its own, this account is most likely that of the sessions.
	endpoints, err := a.endpoints(ctx, targetIDs, cmp.Or(a.ID, found[0].OwnerID))
	if err != nil {
		return nil, err
	}
	filters, err := a.Filters(ctx, OfFilter(filterIDs...))
	if err != nil {
		return nil, err
	}
	filterByID := map[string]mirror.Filter{}
	for _, f := range filters {
		filterByID[f.ID] = f
	}
	sessions := make([]MirrorSession, len(found))
	for i, s := range found {
		endpoint, listed := endpoints[s.TargetID]
		if !listed {
			return nil, fmt.Errorf("session %s uses a target that this account does not see, deleted or shared no longer: %w",
				s.ID, &NotFoundError{Kind: mirror.KindTarget, ID: s.TargetID})
		}
		filter, listed := filterByID[s.FilterID]
		if !listed {
			return nil, fmt.Errorf("session %s: %w", s.ID, &NotFoundError{Kind: mirror.KindFilter, ID: s.FilterID})
		}
		sessions[i] = MirrorSession{Session: s, Target: endpoint, Filter: filter}
	}
	return sessions, nil
}

// endpoints returns the endpoints of targets by target ID, as an account sees them.
func (a *Account) endpoints(ctx context.Context, targetIDs []string, viewer string) (map[string]mirror.Endpoint, error) {
	targets, err := a.Targets(ctx, OfTarget(targetIDs...))
	if err != nil {
		return nil, err
	}
	all, err := a.Endpoints(ctx, viewer, targets...)
	if err != nil {
		return nil, err
	}
	endpoints := map[string]mirror.Endpoint{}
	for i, t := range targets {
		endpoints[t.ID] = all[i]
	}
	return endpoints, nil
}
