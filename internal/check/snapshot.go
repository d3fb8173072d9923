package check

import (
	"context"
	"sync"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A snapshot caches what a plan has read from the account. A plan lists each kind of
// object once. A finding about another object in the snapshot is only a warning, because
// that object may change before the apply.
type snapshot struct {
	account *account.Account

	sessionList cachedList[mirror.Session]
	targetList  cachedList[mirror.Target]
	filterList  cachedList[mirror.Filter]

	interfaces objectCache[mirror.Interface]
	instances  objectCache[account.Instance]

	mu      sync.Mutex
	owners  map[string]*targetOwner // by target ID
	subnets map[string]account.Subnet
}

// A cachedList is a list of all objects of one kind, read at most once. It is empty if EC2 refuses
// the request: then there is nothing to warn of.
type cachedList[Noun any] struct {
	sync.Once
	all []Noun
}

func (o *cachedList[Noun]) list(ctx context.Context, list func(context.Context, ...account.Where) ([]Noun, error)) []Noun {
	o.Do(func() { o.all, _ = list(ctx) })
	return o.all
}

func (s *snapshot) sessions(ctx context.Context) []mirror.Session {
	return s.sessionList.list(ctx, s.account.Sessions)
}

func (s *snapshot) targets(ctx context.Context) []mirror.Target {
	return s.targetList.list(ctx, s.account.Targets)
}

func (s *snapshot) filters(ctx context.Context) []mirror.Filter {
	return s.filterList.list(ctx, s.account.Filters)
}

// A targetOwner caches EC2's answer about the owner of a target.
type targetOwner struct {
	sync.Mutex
	isKnown bool
	account string
	missing error // EC2 has no such target
}

// ownerOf returns the account that owns a target. If many sessions use the target, only
// the first one sends a request.
func (s *snapshot) ownerOf(ctx context.Context, id string) (string, error) {
	owner := s.owner(id)
	owner.Lock()
	defer owner.Unlock()
	if owner.isKnown {
		return owner.account, owner.missing
	}
	var target account.Tagged[mirror.Target]
	err := s.account.RetryFor(ctx, patience, account.IsNotFound, func() (err error) {
		target, err = s.account.Target(ctx, id)
		return err
	})
	switch {
	case err == nil:
		owner.isKnown, owner.account = true, target.Noun.OwnerID
	case account.IsNotFound(err) && ctx.Err() == nil:
		owner.isKnown, owner.missing = true, err
	}
	return target.Noun.OwnerID, err
}

func (s *snapshot) owner(id string) *targetOwner {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.owners == nil {
		s.owners = map[string]*targetOwner{}
	}
	if s.owners[id] == nil {
		s.owners[id] = &targetOwner{}
	}
	return s.owners[id]
}

// subnet returns a subnet, or the zero value if it cannot be read.
func (s *snapshot) subnet(ctx context.Context, id string) account.Subnet {
	s.mu.Lock()
	known, found := s.subnets[id]
	s.mu.Unlock()
	if found || id == "" {
		return known
	}
	subnet, err := s.account.Subnet(ctx, id)
	if err != nil {
		return account.Subnet{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.subnets == nil {
		s.subnets = map[string]account.Subnet{}
	}
	s.subnets[id] = subnet
	return subnet
}
