package inventory

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A Query selects the objects of an account that can become part of a configuration: those
// that the account owns and that meet every condition.
//
// The conditions on interfaces, VPCs, targets and filters are about sessions. A target, a
// filter or a rule meets them if a session does that uses it. Only a target or a filter that
// is named itself needs no session.
type Query struct {
	InterfaceIDs []string // of sources; nil: any; empty: none. The same is true of the others
	VPCIDs       []string // of sources
	TargetIDs    []string
	FilterIDs    []string

	Tags      map[string]string // the object has all of them
	Unmanaged bool              // the object has not the tag of ManagedBy
	ManagedBy *Managed          // nil: not said
	Idle      bool              // a session that mirrors nothing, or what no session uses
}

// Validate returns the problems of the query, with the names of the arguments of a list block.
func (q Query) Validate() mirror.Problems {
	var problems mirror.Problems
	check := func(kind mirror.Kind, field string, ids []string) {
		for i, id := range ids {
			problems = append(problems, kind.Check(fmt.Sprintf("%s[%d]", field, i), id)...)
		}
	}
	check(mirror.KindInterface, "network_interface_ids", q.InterfaceIDs)
	check(mirror.KindVPC, "vpc_ids", q.VPCIDs)
	check(mirror.KindTarget, "traffic_mirror_target_ids", q.TargetIDs)
	check(mirror.KindFilter, "traffic_mirror_filter_ids", q.FilterIDs)
	switch {
	case q.ManagedBy != nil:
		problems = append(problems, q.ManagedBy.Validate().Below("managed_by_tag")...)
	case q.Unmanaged:
		problems = append(problems, mirror.Problem{
			Kind: mirror.Missing, Field: "managed_by_tag", With: []string{"unmanaged"}, Wrong: "is missing",
			Fix: "EC2 does not show which objects a configuration manages. Write the tag that your configurations set on all of their objects, for example in default_tags.",
		})
	}
	return problems
}

// Sessions lists the sessions, by interface and number.
func (q Query) Sessions(ctx context.Context, a *account.Account) ([]account.Tagged[mirror.Session], error) {
	found, _, err := q.sessions(ctx, a)
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(s account.Tagged[mirror.Session]) bool { return !owns(a, s.Noun.OwnerID) || !q.admits(s.Tags) })
	if !q.Idle || len(found) == 0 {
		return found, nil
	}
	idle, err := readIdle(ctx, a)
	return slices.DeleteFunc(found, func(s account.Tagged[mirror.Session]) bool {
		_, isIdle := idle[s.Noun.ID]
		return !isIdle
	}), err
}

func readIdle(ctx context.Context, a *account.Account) (map[string]Idle, error) {
	fleet, err := Read(ctx, a, Rules{Quotas: mirror.DefaultQuotas()})
	if err != nil {
		return nil, err
	}
	endpoints, err := ReadEndpoints(ctx, a, fleet)
	if err != nil {
		return nil, err
	}
	return IdleSessions(fleet, endpoints), nil
}

// Targets lists the targets, by ID.
func (q Query) Targets(ctx context.Context, a *account.Account) ([]account.Tagged[mirror.Target], error) {
	isUsed, err := q.users(ctx, a, q.InterfaceIDs != nil || q.VPCIDs != nil || q.FilterIDs != nil, func(s mirror.Session) string { return s.TargetID })
	if err != nil {
		return nil, err
	}
	found, err := a.TaggedTargets(ctx)
	return slices.DeleteFunc(found, func(t account.Tagged[mirror.Target]) bool {
		return !owns(a, t.Noun.OwnerID) || !q.admits(t.Tags) || !among(q.TargetIDs, t.Noun.ID) || !isUsed(t.Noun.ID)
	}), err
}

// Filters lists the filters with their rules, by ID.
func (q Query) Filters(ctx context.Context, a *account.Account) ([]account.Tagged[mirror.Filter], error) {
	isUsed, err := q.filterUsers(ctx, a)
	if err != nil {
		return nil, err
	}
	found, err := a.TaggedFilters(ctx)
	return slices.DeleteFunc(found, func(f account.Tagged[mirror.Filter]) bool {
		return !q.admits(f.Tags) || !among(q.FilterIDs, f.Noun.ID) || !isUsed(f.Noun.ID)
	}), err
}

// Rules lists the rules, by ID.
func (q Query) Rules(ctx context.Context, a *account.Account) ([]account.Tagged[mirror.Rule], error) {
	isUsed, err := q.filterUsers(ctx, a)
	if err != nil {
		return nil, err
	}
	found, err := a.TaggedRules(ctx)
	return slices.DeleteFunc(found, func(r account.Tagged[mirror.Rule]) bool {
		return !q.admits(r.Tags) || !among(q.FilterIDs, r.Noun.FilterID) || !isUsed(r.Noun.FilterID)
	}), err
}

func (q Query) filterUsers(ctx context.Context, a *account.Account) (func(id string) bool, error) {
	return q.users(ctx, a, q.InterfaceIDs != nil || q.VPCIDs != nil || q.TargetIDs != nil, func(s mirror.Session) string { return s.FilterID })
}

// users returns what decides whether the sessions admit an object: whether one that the query
// selects uses it, if narrows is set, and whether none at all uses it, if it has to be idle. of
// returns the ID of such an object in a session.
func (q Query) users(ctx context.Context, a *account.Account, narrows bool, of func(mirror.Session) string) (func(id string) bool, error) {
	if !narrows && !q.Idle {
		return func(string) bool { return true }, nil
	}
	selected, all, err := q.sessions(ctx, a)
	if err != nil {
		return nil, err
	}
	used, usedAtAll := map[string]bool{}, map[string]bool{}
	for _, s := range selected {
		used[of(s.Noun)] = true
	}
	for _, s := range all {
		usedAtAll[of(s.Noun)] = true
	}
	return func(id string) bool { return (!narrows || used[id]) && (!q.Idle || !usedAtAll[id]) }, nil
}

// sessions lists the sessions that meet the conditions on interfaces, VPCs, targets and
// filters, and all sessions that EC2 shows.
func (q Query) sessions(ctx context.Context, a *account.Account) (found, all []account.Tagged[mirror.Session], err error) {
	inVPC := func(string) bool { return true }
	if q.VPCIDs != nil {
		if inVPC, err = interfacesOf(ctx, a, q.VPCIDs); err != nil {
			return nil, nil, err
		}
	}
	if all, err = a.TaggedSessions(ctx); err != nil {
		return nil, nil, err
	}
	for _, s := range all {
		n := s.Noun
		if among(q.InterfaceIDs, n.InterfaceID) && inVPC(n.InterfaceID) && among(q.TargetIDs, n.TargetID) && among(q.FilterIDs, n.FilterID) {
			found = append(found, s)
		}
	}
	return found, all, nil
}

// interfacesOf returns whether an interface is in one of the VPCs.
func interfacesOf(ctx context.Context, a *account.Account, vpcIDs []string) (func(id string) bool, error) {
	interfaces, err := a.NetworkInterfaces(ctx)
	if err != nil {
		return nil, err
	}
	in := map[string]bool{}
	for _, i := range interfaces {
		in[i.ID] = slices.Contains(vpcIDs, i.VPCID)
	}
	return func(id string) bool { return in[id] }, nil
}

// admits reports whether the tags of an object meet the conditions on tags.
func (q Query) admits(tags map[string]string) bool {
	return mirror.HasTags(tags, q.Tags) && (!q.Unmanaged || !q.ManagedBy.Has(tags))
}

// owns reports whether the account owns an object: a listing also has the targets that others
// share with it, and the sessions of others on its targets. If the account is not known, it is
// the owner.
func owns(a *account.Account, ownerID string) bool {
	return a.ID == "" || ownerID == "" || ownerID == a.ID
}

// among reports whether a condition admits an ID.
func among(ids []string, id string) bool { return ids == nil || slices.Contains(ids, id) }

// Title is what people call an object: its tag Name, else its description, else its ID.
func Title(id, description string, tags map[string]string) string {
	switch {
	case tags["Name"] != "":
		return tags["Name"]
	case description != "":
		return description
	}
	return id
}

// RuleTitle is the title of a rule: without a name and a description, its place in its filter.
func RuleTitle(r account.Tagged[mirror.Rule]) string {
	return Title(RulePlace(r.Noun.FilterID, string(r.Noun.Direction), strconv.Itoa(r.Noun.Number)), r.Noun.Description, r.Tags)
}

// RulePlace says where a rule is.
func RulePlace(filterID, direction, number string) string {
	return direction + " " + number + " of " + filterID
}
