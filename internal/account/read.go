package account

import (
	"context"
	"maps"
	"slices"
	"sort"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// This file decides where the answer to a read comes from:
//
//	account                  | the run has refreshed | it has done neither, so far | it changes something, or has
//	-------------------------+-----------------------+-----------------------------+-----------------------------
//	of New, own kinds        | any snapshot          | any snapshot                | a later request
//	of New, other kinds      | any snapshot          | a later request             | a later request
//	of Fresh                 | a snapshot begun after Fresh                        | a later request
//	of Live                  | a later request
//	with ReadEach, or of May | a request of its own
//
// Any snapshot is one of any age. A later request begins after the read; other reads that wait
// at the same time can share it. The own kinds are those of Traffic Mirroring.
//
// A run that refreshes is a plan: it describes the account as it was at some time while the
// plan was made. In a run that changes something, a snapshot could show an object from before
// its change. So none answers a read as soon as the first change begins. A run that has done
// neither may be an apply, in which others change network interfaces and instances. They change
// nothing of the own kinds.
//
// What a snapshot does not have may exist: it was made later, or it moved between two pages.
// So EC2 is asked for it by its ID. No error is kept but those of memory.go.

// A cache is what the reads of one account in one Region share: with one endpoint and one set
// of credentials.
type cache struct {
	snapshots map[*source]*snapshot
	batches   map[*source]*batch
	balancing *balancingAnswers
}

func newCache() *cache {
	c := &cache{map[*source]*snapshot{}, map[*source]*batch{}, newBalancingAnswers()}
	for _, s := range sources {
		c.snapshots[s], c.batches[s] = &snapshot{source: s}, &batch{source: s}
	}
	return c
}

// usesSnapshot reports whether a snapshot may answer a read of a source.
func (a *Account) usesSnapshot(s *source) bool {
	if a.cache == nil || a.isLive {
		return false
	}
	hasRefreshed, hasBegun := a.written.run.soFar()
	return !hasBegun && (s.isOwn || a.isFresh || hasRefreshed)
}

// begin counts a read that a snapshot may answer.
func (a *Account) begin(shot *snapshot) {
	if a.usesSnapshot(shot.source) {
		shot.begin()
	}
}

// find returns an object, or nil if EC2 does not show it.
func (a *Account) find(ctx context.Context, s *source, id string) (*item, error) {
	if a.cache == nil || !isPlain(id) {
		found, err := a.askFor(ctx, s, []string{id}, a.options)
		if i, ok := found[id]; ok && err == nil {
			return &i, nil
		}
		return nil, err
	}
	if a.isMissing(s, id) {
		return nil, nil
	}
	shot := a.cache.snapshots[s]
	found, err := a.findIn(ctx, shot, func() (item, bool) { return shot.item(id) })
	if found != nil || err != nil {
		return found, err
	}
	if err := a.denied(s); err != nil {
		return nil, err
	}
	found, err = a.cache.batches[s].find(ctx, a, id)
	switch {
	case found != nil && a.usesSnapshot(s):
		shot.keep([]item{*found})
	case found == nil && (err == nil || IsNotFound(err)):
		a.noteMissing(s, id)
	}
	return found, err
}

// findIn looks for an object in a snapshot, and fetches pages while that is worth it. It
// returns nil if EC2 has to be asked. see is called while nobody changes the snapshot.
func (a *Account) findIn(ctx context.Context, shot *snapshot, see func() (item, bool)) (*item, error) {
	a.begin(shot)
	for a.usesSnapshot(shot.source) {
		var i item
		found := false
		at := shot.look(func() { i, found = see() })
		switch {
		case found && a.usesSnapshot(shot.source):
			return &i, nil
		case found || !at.mayFetch:
			return nil, nil
		}
		if err := shot.fetch(ctx, a, at.at); err != nil {
			return nil, unlessRefused(err)
		}
	}
	return nil, nil
}

// unlessRefused returns the error of a page, unless EC2 has answered with one that the object
// alone may not have.
func unlessRefused(err error) error {
	if Code(err) != "" && !IsThrottled(err) {
		return nil
	}
	return err
}

// askFor asks for objects by their IDs. One ID that does not exist fails a request that lists
// several, so several are the values of a filter.
func (a *Account) askFor(ctx context.Context, s *source, ids []string, options []func(*ec2.Options)) (map[string]item, error) {
	q := question{ids: ids}
	if len(ids) > 1 {
		q = question{where: []Where{{s.idField, ids}}}
	}
	all, err := a.askAll(ctx, s, q, options)
	found := map[string]item{}
	for _, i := range all {
		if slices.Contains(ids, i.id) {
			found[i.id] = i
		}
	}
	return found, err
}

// list returns the objects that meet every condition, in no order.
func (a *Account) list(ctx context.Context, s *source, where []Where) ([]item, error) {
	if id := a.onlyID(s, where); id != "" {
		found, err := a.find(ctx, s, id)
		switch {
		case found != nil:
			return []item{*found}, nil
		case err == nil || IsNotFound(err):
			return nil, nil
		case unlessRefused(err) != nil:
			return nil, err
		}
	}
	if a.cache != nil && a.knows(s, where) {
		found, isKnown, err := a.listIn(ctx, a.cache.snapshots[s], where)
		if isKnown || err != nil {
			return found, err
		}
	}
	if err := a.denied(s); err != nil {
		return nil, err
	}
	return a.askAll(ctx, s, question{where: where}, a.options)
}

// knows reports whether a source knows all conditions.
func (a *Account) knows(s *source, where []Where) bool {
	return !slices.ContainsFunc(where, func(w Where) bool {
		_, known := s.value(nil, w.name)
		return !known && w.name != s.idField
	})
}

// listIn lists the objects of a snapshot. It fetches pages while that is worth it, and all of
// them for a listing without conditions. Not known is what EC2 has to be asked for.
func (a *Account) listIn(ctx context.Context, shot *snapshot, where []Where) (found []item, isKnown bool, err error) {
	a.begin(shot)
	ids := idsOf(shot.source, where)
	for a.usesSnapshot(shot.source) {
		at := shot.look(func() { found, isKnown = shot.list(where, ids) })
		switch {
		case isKnown && a.usesSnapshot(shot.source):
			return found, true, nil
		case isKnown, at.isWhole, !at.mayFetch && len(where) > 0:
			return nil, false, nil
		}
		if err := shot.fetch(ctx, a, at.at); err != nil {
			if len(where) > 0 || at.at.pages > 0 { // the token of an earlier page may be out of date
				err = unlessRefused(err)
			}
			return nil, false, err
		}
	}
	return nil, false, nil
}

// idsOf returns the IDs that a listing asks for, or nil if it asks for others too.
func idsOf(s *source, where []Where) []string {
	for _, w := range where {
		if w.name == s.idField {
			return w.values
		}
	}
	return nil
}

// list returns the objects that meet every condition. Known are those of a whole snapshot, and
// those with given IDs if the snapshot has all of them. The caller holds mu.
func (s *snapshot) list(where []Where, ids []string) (found []item, isKnown bool) {
	keep := func(i item) bool {
		if i.err != nil {
			return false
		}
		if s.source.meets(i, where) {
			found = append(found, i)
		}
		return true
	}
	if ids != nil {
		for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
			i, isThere := s.items[id]
			if !isThere || !keep(i) {
				return nil, false
			}
		}
		return found, true
	}
	if !s.isWhole || s.hasUnreadable {
		return nil, false
	}
	if len(where) > 0 {
		for _, value := range slices.Compact(slices.Sorted(slices.Values(where[0].values))) {
			for _, id := range s.index(where[0].name)[value] {
				keep(s.items[id])
			}
		}
		return found, true
	}
	for _, i := range s.items {
		keep(i)
	}
	return found, true
}

// meets reports whether an object meets every condition.
func (s *source) meets(i item, where []Where) bool {
	return !slices.ContainsFunc(where, func(w Where) bool {
		if w.name == s.idField {
			return !slices.Contains(w.values, i.id)
		}
		value, _ := s.value(i.noun, w.name)
		return !slices.Contains(w.values, value)
	})
}

// readOne reads one object, and corrects it by what this run has written.
func readOne[N any](ctx context.Context, a *Account, s *source, id string) (Tagged[N], error) {
	found, err := a.find(ctx, s, id)
	return oneOf[N](a, s.kind, id, found, err)
}

// oneOf ends the read of one object. found is what EC2 has shown, and err is its refusal.
func oneOf[N any](a *Account, kind mirror.Kind, id string, found *item, err error) (Tagged[N], error) {
	if err != nil && !IsNotFound(err) {
		return Tagged[N]{}, err
	}
	shown := item{id: id}
	if found != nil {
		if shown = *found; shown.err != nil {
			return Tagged[N]{}, shown.err
		}
	}
	noun, exists := a.written.correctOne(id, shown.noun, found != nil)
	switch {
	case exists:
		return Tagged[N]{own(noun).(N), a.written.correctTags(id, shown.tags)}, nil
	case err != nil:
		return Tagged[N]{}, err
	}
	return Tagged[N]{}, &NotFoundError{kind, id}
}

// readAll lists objects in the order of their IDs, and corrects them by what this run has
// written.
func readAll(ctx context.Context, a *Account, s *source, where []Where) ([]item, error) {
	all, err := a.list(ctx, s, where)
	if err != nil {
		return nil, err
	}
	return a.correct(s, all, where)
}

// correct corrects a listing by what this run has written. It fails if an object cannot be
// read.
func (a *Account) correct(s *source, all []item, where []Where) ([]item, error) {
	for _, i := range all {
		if i.err != nil {
			return nil, i.err
		}
	}
	all = a.written.correctAll(s.kind, all, func(i item) bool { return s.meets(i, where) })
	// sort.Slice is compiled once, and not once for each type: the binary is smaller.
	sort.Slice(all, func(i, j int) bool { return all[i].id < all[j].id })
	return all, nil
}

// taggedOf returns objects with their tags, corrected by what this run has written.
func taggedOf[N any](a *Account, items []item) []Tagged[N] {
	all := make([]Tagged[N], len(items))
	for n, i := range items {
		all[n] = Tagged[N]{own(i.noun).(N), a.written.correctTags(i.id, i.tags)}
	}
	return all
}

// own returns a noun whose lists and maps belong to the caller.
func own(noun any) any {
	switch n := noun.(type) {
	case mirror.Filter:
		n.Rules, n.NetworkServices = slices.Clone(n.Rules), slices.Clone(n.NetworkServices)
		return n
	case Instance:
		n.Tags = maps.Clone(n.Tags)
		return n
	case Subnet:
		n.Tags, n.CIDRs = maps.Clone(n.Tags), slices.Clone(n.CIDRs)
		return n
	case VPC:
		n.Tags, n.CIDRs = maps.Clone(n.Tags), slices.Clone(n.CIDRs)
		return n
	case VPCEndpoint:
		n.Tags, n.SubnetIDs, n.InterfaceIDs = maps.Clone(n.Tags), slices.Clone(n.SubnetIDs), slices.Clone(n.InterfaceIDs)
		return n
	case mirror.SecurityGroup:
		n.Tags, n.Rules = maps.Clone(n.Tags), slices.Clone(n.Rules)
		return n
	case mirror.NetworkACL:
		n.Tags, n.Entries, n.Subnets = maps.Clone(n.Tags), slices.Clone(n.Entries), slices.Clone(n.Subnets)
		return n
	case mirror.RouteTable:
		n.Tags, n.Routes, n.Subnets = maps.Clone(n.Tags), slices.Clone(n.Routes), slices.Clone(n.Subnets)
		return n
	case mirror.PeeringConnection:
		n.Tags, n.Requester.CIDRs, n.Accepter.CIDRs = maps.Clone(n.Tags), slices.Clone(n.Requester.CIDRs), slices.Clone(n.Accepter.CIDRs)
		return n
	case mirror.EndpointService:
		n.Tags, n.GatewayBalancers, n.NetworkBalancers = maps.Clone(n.Tags), slices.Clone(n.GatewayBalancers), slices.Clone(n.NetworkBalancers)
		return n
	case NetworkInterface:
		n.Tags, n.GroupIDs = maps.Clone(n.Tags), slices.Clone(n.GroupIDs)
		n.PrivateIPAddresses, n.IPv6Addresses = slices.Clone(n.PrivateIPAddresses), slices.Clone(n.IPv6Addresses)
		n.IPv4Prefixes, n.IPv6Prefixes = slices.Clone(n.IPv4Prefixes), slices.Clone(n.IPv6Prefixes)
		return n
	}
	return noun
}
