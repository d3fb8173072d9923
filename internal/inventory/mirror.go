package inventory

import (
	"context"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Mirror is a session with what it ties together.
type Mirror struct {
	Session mirror.Session
	Target  mirror.Target // only its ID where this account does not see it any more
	Filter  mirror.Filter // with its rules
}

// Mirrors returns the sessions of a network interface in the order in which they
// are tried.
func (a *Account) Mirrors(ctx context.Context, interfaceID string) ([]Mirror, error) {
	sessions, err := a.Sessions(ctx, Where{"network-interface-id", []string{interfaceID}})
	if err != nil || len(sessions) == 0 {
		return nil, err
	}
	targets, err := a.targetsOf(ctx, sessions)
	if err != nil {
		return nil, err
	}
	filters, err := a.filtersBehind(ctx, sessions)
	if err != nil {
		return nil, err
	}
	mirrors := make([]Mirror, len(sessions))
	for i, s := range sessions {
		mirrors[i] = Mirror{s, targets[s.TargetID], filters[s.FilterID]}
		mirrors[i].Target.ID = s.TargetID
		mirrors[i].Filter.ID = s.FilterID
	}
	return mirrors, nil
}

// targetsOf asks by filter, because one target whose share has ended would make
// a request that lists IDs fail as a whole.
func (a *Account) targetsOf(ctx context.Context, sessions []mirror.Session) (map[string]mirror.Target, error) {
	ids := distinct(sessions, func(s mirror.Session) string { return s.TargetID })
	targets, err := a.Targets(ctx, Where{"traffic-mirror-target-id", ids})
	byID := make(map[string]mirror.Target, len(targets))
	for _, t := range targets {
		byID[t.ID] = t
	}
	return byID, err
}

func (a *Account) filtersBehind(ctx context.Context, sessions []mirror.Session) (map[string]mirror.Filter, error) {
	ids := distinct(sessions, func(s mirror.Session) string { return s.FilterID })
	filters, err := a.Filters(ctx, Where{"traffic-mirror-filter-id", ids})
	byID := make(map[string]mirror.Filter, len(filters))
	for _, f := range filters {
		byID[f.ID] = f
	}
	return byID, err
}

func distinct[T any](items []T, key func(T) string) []string {
	var keys []string
	seen := map[string]bool{}
	for _, item := range items {
		if k := key(item); !seen[k] {
			seen[k] = true
			keys = append(keys, k)
		}
	}
	return keys
}
