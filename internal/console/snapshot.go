package console

import (
	"context"
	"sync"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A snapshot is everything that EC2 shows of the account at one time. It does not change.
type snapshot struct {
	*inventory.Fleet
	endpoints map[string]mirror.Endpoint // what receives the copies, by the ID of the target
	read      time.Time
	price     inventory.Money
	region    string
	others    []OtherRegion // that have objects

	coverage func() *inventory.Coverage // of all interfaces; computed once
	index    func() *index
}

// An index finds what a page asks a snapshot for.
type index struct {
	sessions map[string]inventory.SessionCoverage // by ID
	idle     map[string]inventory.Idle            // by the ID of the session
	classes  map[string]inventory.InterfaceCoverage
	uses     map[string]inventory.TargetUse

	ofTarget, ofFilter map[string][]account.Tagged[mirror.Session]
}

func readSnapshot(ctx context.Context, a *account.Account, o Options) (*snapshot, error) {
	fleet, err := inventory.Read(ctx, a, o.Rules)
	if err != nil {
		return nil, err
	}
	if fleet.Resolvers, err = a.Resolvers(ctx); err != nil {
		return nil, err
	}
	endpoints, err := inventory.ReadEndpoints(ctx, a, fleet)
	if err != nil {
		return nil, err
	}
	s := &snapshot{Fleet: fleet, endpoints: endpoints, read: time.Now(), price: o.Price, region: a.Region}
	if o.Others != nil {
		if s.others, err = o.Others(ctx); err != nil {
			return nil, err
		}
	}
	s.coverage = sync.OnceValue(func() *inventory.Coverage {
		coverage := inventory.CoverageOf(fleet, inventory.CoverageQuestions{Price: o.Price, Endpoints: endpoints})
		return &coverage
	})
	s.index = sync.OnceValue(s.newIndex)
	return s, nil
}

func (s *snapshot) newIndex() *index {
	x := &index{
		sessions: map[string]inventory.SessionCoverage{}, idle: map[string]inventory.Idle{},
		classes: map[string]inventory.InterfaceCoverage{}, uses: map[string]inventory.TargetUse{},
		ofTarget: map[string][]account.Tagged[mirror.Session]{}, ofFilter: map[string][]account.Tagged[mirror.Session]{},
	}
	coverage := s.coverage()
	for _, session := range coverage.Sessions {
		x.sessions[session.Session.Noun.ID] = session
	}
	for _, session := range s.Sessions {
		x.ofTarget[session.Noun.TargetID] = append(x.ofTarget[session.Noun.TargetID], session)
		x.ofFilter[session.Noun.FilterID] = append(x.ofFilter[session.Noun.FilterID], session)
	}
	for _, idle := range coverage.Idle {
		x.idle[idle.Session.Noun.ID] = idle
	}
	for _, i := range coverage.Interfaces {
		x.classes[i.Source.Interface.ID] = i
	}
	for _, use := range coverage.Targets {
		x.uses[use.Target.Noun.ID] = use
	}
	return x
}
