package inventory

import (
	"context"
	"errors"
	"net/netip"
	"sync"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Facts are what a fleet is made of: everything that EC2 shows of one account in one Region.
type Facts struct {
	AccountID  string // empty: unknown
	Interfaces []account.NetworkInterface
	Instances  []account.Instance
	Subnets    []account.Subnet
	Targets    []account.Tagged[mirror.Target]
	Sessions   []account.Tagged[mirror.Session]
	Filters    []account.Tagged[mirror.Filter]
	Endpoints  map[string]string // the first interface of each endpoint that backs a target, by the ID of the endpoint

	// Resolvers are the addresses of the Route 53 Resolver by the ID of the VPC. Without them, DNS
	// to the address of a VPC counts as traffic that rules decide about. Read does not read them.
	Resolvers map[string]netip.Addr

	// Receivers are what receives the copies of targets with a load balancer or an endpoint, by the
	// ID or ARN of what backs them. Without them, such a target receives. ReadReceivers reads them.
	Receivers map[string]mirror.Endpoint
}

// Rules are what decides about sources besides EC2's answers.
type Rules struct {
	Quotas              mirror.Quotas
	AttachedSources     bool // the embedded EC2 refuses a source without an instance
	LoadBalancerSources bool // the embedded EC2 accepts interfaces of load balancers as sources
	SessionsPerTarget   bool // the embedded EC2 counts sessions for the quota of sources
}

// A Fleet is all that mirrors and all that can be mirrored in one account and Region, as EC2
// shows it. It does not change.
type Fleet struct {
	Facts
	Rules Rules

	interfaces map[string]account.NetworkInterface
	instances  map[string]account.Instance
	subnets    map[string]account.Subnet
	targets    map[string]account.Tagged[mirror.Target]
	backed     map[string]string // ID of the target, by the ID or the ARN of what backs it
	sessions   map[string][]account.Tagged[mirror.Session]
	filters    map[string]account.Tagged[mirror.Filter]
}

// NewFleet returns a fleet of facts. It keeps them.
func NewFleet(facts Facts, rules Rules) *Fleet {
	f := &Fleet{
		Facts: facts, Rules: rules,
		interfaces: map[string]account.NetworkInterface{}, instances: map[string]account.Instance{}, subnets: map[string]account.Subnet{},
		targets: map[string]account.Tagged[mirror.Target]{}, backed: map[string]string{},
		sessions: map[string][]account.Tagged[mirror.Session]{}, filters: map[string]account.Tagged[mirror.Filter]{},
	}
	for _, i := range facts.Interfaces {
		f.interfaces[i.ID] = i
	}
	for _, i := range facts.Instances {
		f.instances[i.ID] = i
	}
	for _, s := range facts.Subnets {
		f.subnets[s.ID] = s
	}
	for _, t := range facts.Targets {
		f.targets[t.Noun.ID] = t
		f.backed[t.Noun.Backing()] = t.Noun.ID
	}
	for _, s := range facts.Sessions {
		f.sessions[s.Noun.InterfaceID] = append(f.sessions[s.Noun.InterfaceID], s)
	}
	for _, t := range facts.Filters {
		f.filters[t.Noun.ID] = t
	}
	return f
}

// Read reads a fleet: every listing once, at the same time. An error of EC2 fails it: without
// one of the listings, no answer about the fleet is right.
func Read(ctx context.Context, a *account.Account, rules Rules) (*Fleet, error) {
	facts := Facts{AccountID: a.ID}
	var errs [6]error
	var reads sync.WaitGroup
	reads.Go(func() { facts.Interfaces, errs[0] = a.NetworkInterfaces(ctx) })
	reads.Go(func() { facts.Instances, errs[1] = a.Instances(ctx) })
	reads.Go(func() { facts.Subnets, errs[2] = a.Subnets(ctx) })
	reads.Go(func() { facts.Targets, errs[3] = a.TaggedTargets(ctx) })
	reads.Go(func() { facts.Sessions, errs[4] = a.TaggedSessions(ctx) })
	reads.Go(func() { facts.Filters, errs[5] = a.TaggedFilters(ctx) })
	reads.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	var err error
	if facts.Endpoints, err = a.EndpointInterfaces(ctx, endpointsOf(facts.Targets)...); err != nil {
		return nil, err
	}
	return NewFleet(facts, rules), nil
}

// endpointsOf returns the Gateway Load Balancer endpoints that back targets.
func endpointsOf(targets []account.Tagged[mirror.Target]) []string {
	var ids []string
	for _, t := range targets {
		if id := t.Noun.GatewayLoadBalancerEndpointID; id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// ResolversOf returns the addresses of the Route 53 Resolver of a VPC that are known, besides the
// link-local ones.
func (f *Fleet) ResolversOf(vpcID string) []netip.Addr {
	if r := f.Resolvers[vpcID]; r.IsValid() {
		return []netip.Addr{r}
	}
	return nil
}

// Interface returns a network interface.
func (f *Fleet) Interface(id string) (account.NetworkInterface, bool) {
	i, found := f.interfaces[id]
	return i, found
}

// Instance returns an instance.
func (f *Fleet) Instance(id string) (account.Instance, bool) {
	i, found := f.instances[id]
	return i, found
}

// Subnet returns a subnet.
func (f *Fleet) Subnet(id string) (account.Subnet, bool) {
	s, found := f.subnets[id]
	return s, found
}

// Target returns a target.
func (f *Fleet) Target(id string) (account.Tagged[mirror.Target], bool) {
	t, found := f.targets[id]
	return t, found
}

// TargetOn returns the ID of the target that an interface, a load balancer or an endpoint
// backs, or "".
func (f *Fleet) TargetOn(backing string) string { return f.backed[backing] }

// Filter returns a filter.
func (f *Fleet) Filter(id string) (account.Tagged[mirror.Filter], bool) {
	t, found := f.filters[id]
	return t, found
}

// SessionsOf returns the sessions of an interface, in the order in which they are tried.
func (f *Fleet) SessionsOf(interfaceID string) []account.Tagged[mirror.Session] {
	return f.sessions[interfaceID]
}
