package provider

import (
	"context"
	"sync"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// live is what a plan has read of EC2 to check its objects against. It is read
// once: what a plan finds in it is a warning, or is asked for again.
type live struct {
	sessions listing[mirror.Session]
	targets  listing[mirror.Target]
	filters  listing[mirror.Filter]
	owners   sync.Map // of targets, by ID
	subnets  sync.Map // by ID
}

// A listing is every object of one kind. Where EC2 does not tell, it is empty:
// then there is nothing to warn of.
type listing[Noun any] struct {
	once sync.Once
	all  []Noun
}

func (l *listing[Noun]) read(ctx context.Context, list func(context.Context, ...account.Where) ([]Noun, error)) []Noun {
	l.once.Do(func() { l.all, _ = list(ctx) })
	return l.all
}

// isStranger reports whether this run has neither planned nor changed an object
// yet. The plan may still be about to change or remove it.
func (c *Client) isStranger(id string) bool { return !c.touched.has(id) && !c.claims.knows(id) }

// strangeSessions returns the strangers among the sessions of an interface.
func (c *Client) strangeSessions(ctx context.Context, interfaceID string) []mirror.Session {
	var strangers []mirror.Session
	for _, s := range c.live.sessions.read(ctx, c.Inventory.Sessions) {
		if s.InterfaceID == interfaceID && c.isStranger(s.ID) {
			strangers = append(strangers, s)
		}
	}
	return strangers
}

// strangeTargets returns the strangers among the targets on an interface or a load
// balancer.
func (c *Client) strangeTargets(ctx context.Context, backing string) []mirror.Target {
	var strangers []mirror.Target
	for _, t := range c.live.targets.read(ctx, c.Inventory.Targets) {
		if (t.InterfaceID == backing || t.LoadBalancerARN == backing) && c.isStranger(t.ID) {
			strangers = append(strangers, t)
		}
	}
	return strangers
}

// strangeRules returns the strangers among the rules of a filter.
func (c *Client) strangeRules(ctx context.Context, filterID string) []mirror.Rule {
	var strangers []mirror.Rule
	for _, f := range c.live.filters.read(ctx, c.Inventory.Filters) {
		if f.ID != filterID {
			continue
		}
		for _, r := range f.Rules {
			if c.isStranger(r.ID) {
				strangers = append(strangers, r)
			}
		}
	}
	return strangers
}
