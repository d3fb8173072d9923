// Package export reads an account to a topology file, so that the embedded EC2 can be what the
// account is. It reads by package account only, and writes no files.
//
// What the credentials may not read is not in the file: the file names its list in not_read, and
// a note says why. A list of whose objects a part could not be read is in partly_read. A list that
// is not there, and not in not_read, is empty in the account.
//
// The guide is docs/guides/rehearse.md.
package export

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// Read returns the topology of an account in its Region, and notes about what the file lacks.
// accountID is that of the account, or "" if the account knows it or its objects say it.
func Read(ctx context.Context, a *account.Account, accountID string) (*topology.File, []string, error) {
	r := &reader{Account: a, file: &topology.File{Region: a.Region}}
	n, m := networkReader{r}, mirrorReader{r}
	for _, read := range []func(context.Context) error{
		n.readVPCs, n.readSubnets, n.readInstances, n.readInterfaces, n.readGroups, n.readACLs, n.readGateways, n.readTables, n.readLists, n.readPeerings,
		m.readEndpoints, m.readServices, m.readBalancers, m.readTargetGroups, m.readFilters, m.readTargets, m.readSessions,
	} {
		if err := read(ctx); err != nil {
			return nil, nil, err
		}
	}
	if err := r.setOwner(accountID); err != nil {
		return nil, nil, err
	}
	r.noteParts()
	r.dropWithoutVPC()
	r.dropListeners()
	return r.file, r.notes, r.check()
}

// reader has what was read so far.
type reader struct {
	*account.Account
	file   *topology.File
	notes  []string
	owners []string // that objects have, before the account is known

	targets  []account.Tagged[mirror.Target]
	sessions []account.Tagged[mirror.Session]
}

func (r *reader) note(format string, values ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, values...))
}

// denied records that lists could not be read. It returns any other error.
func (r *reader) denied(err error, keys ...string) error {
	if err == nil || !account.IsDenied(err) {
		return err
	}
	for _, key := range keys {
		r.file.NotRead = append(r.file.NotRead, key)
		r.note("%s is not in the file: %s", key, account.Explain(err))
	}
	return nil
}

// setOwner finds the account, and leaves it out where it is the owner.
func (r *reader) setOwner(accountID string) error {
	known := slices.Compact(slices.Sorted(slices.Values(r.owners)))
	switch {
	case accountID != "":
	case r.ID != "":
		accountID = r.ID
	case len(known) == 1:
		accountID = known[0]
	case len(known) == 0:
		return errors.New("the account is not known: write it with --account-id")
	default:
		return fmt.Errorf("the account is not known, and there are objects of %d accounts: write the account with --account-id", len(known))
	}
	f := r.file
	f.AccountID = accountID
	own := func(owner *string) {
		if *owner == accountID {
			*owner = ""
		}
	}
	for i := range f.VPCs {
		own(&f.VPCs[i].OwnerID)
	}
	for i := range f.Subnets {
		own(&f.Subnets[i].OwnerID)
	}
	for i := range f.NetworkInterfaces {
		own(&f.NetworkInterfaces[i].OwnerID)
	}
	for i := range f.SecurityGroups {
		own(&f.SecurityGroups[i].OwnerID)
	}
	r.placeTargets()
	r.placeSessions()
	return nil
}

// placeTargets puts the targets of the account and those of others into their lists.
func (r *reader) placeTargets() {
	for _, t := range r.targets {
		if t.Noun.OwnerID != r.file.AccountID && t.Noun.OwnerID != "" {
			r.file.SharedTargets = append(r.file.SharedTargets, t.Noun)
			continue
		}
		t.Noun.OwnerID = ""
		r.file.Targets = append(r.file.Targets, topology.TaggedTarget{Target: t.Noun, Tags: t.Tags})
	}
}

// placeSessions puts the sessions of the account and those of others into their lists. A session
// of the account whose target or filter it does not see is not in the file.
func (r *reader) placeSessions() {
	seen := map[string]bool{}
	for _, t := range r.targets {
		seen[t.Noun.ID] = true
	}
	for _, f := range r.file.Filters {
		seen[f.ID] = true
	}
	for _, s := range r.sessions {
		switch {
		case s.Noun.OwnerID != r.file.AccountID && s.Noun.OwnerID != "":
			r.file.ForeignSessions = append(r.file.ForeignSessions, s.Noun)
		case !seen[s.Noun.TargetID] || !seen[s.Noun.FilterID]:
			r.file.NotRead = append(r.file.NotRead, "traffic_mirror_sessions")
			r.note("session %s is not in the file: its target %s or its filter %s could not be read", s.Noun.ID, s.Noun.TargetID, s.Noun.FilterID)
		default:
			s.Noun.OwnerID = ""
			r.file.Sessions = append(r.file.Sessions, topology.TaggedSession{Session: s.Noun, Tags: s.Tags})
		}
	}
	slices.Sort(r.file.NotRead)
	r.file.NotRead = slices.Compact(r.file.NotRead)
}

// dropWithoutVPC removes what is in a VPC or a subnet that could not be read: a topology file
// needs them.
func (r *reader) dropWithoutVPC() {
	vpcs, subnets := map[string]bool{}, map[string]bool{}
	for _, v := range r.file.VPCs {
		vpcs[v.ID] = true
	}
	for _, v := range r.file.Subnets {
		subnets[v.ID] = true
	}
	lacks := func(key, id, vpcID string, subnetIDs []string) bool {
		isHere := vpcs[vpcID] && !slices.ContainsFunc(subnetIDs, func(id string) bool { return !subnets[id] })
		if !isHere {
			r.note("%s is not in %s of the file: its VPC or a subnet of it could not be read", id, key)
			r.missing(key)
		}
		return !isHere
	}
	f := r.file
	f.SecurityGroups = slices.DeleteFunc(f.SecurityGroups, func(v mirror.SecurityGroup) bool { return lacks("security_groups", v.ID, v.VPCID, nil) })
	r.dropUnseenSubnets(subnets)
	f.NetworkACLs = slices.DeleteFunc(f.NetworkACLs, func(v mirror.NetworkACL) bool { return lacks("network_acls", v.ID, v.VPCID, v.Subnets) })
	f.InternetGateways = slices.DeleteFunc(f.InternetGateways, func(v mirror.InternetGateway) bool {
		return v.VPCID != "" && lacks("internet_gateways", v.ID, v.VPCID, nil)
	})
	f.RouteTables = slices.DeleteFunc(f.RouteTables, func(v mirror.RouteTable) bool { return lacks("route_tables", v.ID, v.VPCID, v.Subnets) })
	r.dropGateways()
}

// dropUnseenSubnets removes the associations of network ACLs and route tables with subnets that the account does not see: in
// a VPC that another account shares, it sees only those that are shared with it.
func (r *reader) dropUnseenSubnets(seen map[string]bool) {
	if slices.Contains(r.file.NotRead, "subnets") {
		return
	}
	drop := func(list, of string, ids *[]string, associations map[string]string) {
		*ids = slices.DeleteFunc(*ids, func(id string) bool {
			if seen[id] {
				return false
			}
			r.note("the association of %s with %s is not in the file: the account does not see the subnet", of, id)
			r.partly(list)
			delete(associations, id)
			return true
		})
	}
	for i := range r.file.NetworkACLs {
		v := &r.file.NetworkACLs[i]
		drop("network_acls", v.ID, &v.Subnets, v.Associations)
	}
	for i := range r.file.RouteTables {
		v := &r.file.RouteTables[i]
		drop("route_tables", v.ID, &v.Subnets, v.Associations)
	}
}

// missing records that a list is not whole.
func (r *reader) missing(key string) {
	if !slices.Contains(r.file.NotRead, key) {
		r.file.NotRead = append(r.file.NotRead, key)
	}
}

// partly records that a list has every object, but not all of each.
func (r *reader) partly(key string) {
	if !slices.Contains(r.file.PartlyRead, key) {
		r.file.PartlyRead = append(r.file.PartlyRead, key)
	}
}

// check reads the file as the embedded EC2 does.
func (r *reader) check() error {
	text, err := topology.Encode(r.file)
	if err != nil {
		return err
	}
	if _, err := topology.Parse(text); err != nil {
		return fmt.Errorf("the account has something that a topology file cannot have: %w", err)
	}
	return nil
}
