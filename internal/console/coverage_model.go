package console

import (
	"cmp"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
)

// A coverageModel is what the page of that name shows of what the bar keeps.
type coverageModel struct {
	total vpcCoverage
	vpcs  []vpcCoverage // by ID; a VPC that is not known comes first

	idle    []inventory.Idle            // in the order of the sessions
	foreign []inventory.SessionCoverage // whose target is of another account
	twice   inventory.CopiedTwice       // of the whole account
}

// A vpcCoverage counts the interfaces and the sessions of a VPC.
type vpcCoverage struct {
	vpcID      string // "": not known
	interfaces int
	classes    map[inventory.Class]int
	sessions   int
	idle       int
	unknown    int // sessions of which it is not known whether they mirror packets
	paid       int // sessions that this account pays for
}

func coverageOf(s *snapshot, b bar) coverageModel {
	m := coverageModel{total: vpcCoverage{classes: map[inventory.Class]int{}}, twice: s.coverage().Twice}
	foreign := map[string]inventory.SessionCoverage{}
	for _, session := range s.coverage().OtherAccounts {
		foreign[session.Session.Noun.ID] = session
	}
	byVPC := map[string]*vpcCoverage{}
	for _, i := range shownBy(s, b) {
		id := i.Source.Interface.VPCID
		if byVPC[id] == nil {
			byVPC[id] = &vpcCoverage{vpcID: id, classes: map[inventory.Class]int{}}
		}
		m.total.add(s, i)
		byVPC[id].add(s, i)
		for _, session := range i.sessions {
			if idle, isIdle := s.index().idle[session.Noun.ID]; isIdle {
				m.idle = append(m.idle, idle)
			}
			if found, isForeign := foreign[session.Noun.ID]; isForeign {
				m.foreign = append(m.foreign, found)
			}
		}
	}
	for _, v := range byVPC {
		m.vpcs = append(m.vpcs, *v)
	}
	slices.SortFunc(m.vpcs, func(a, b vpcCoverage) int { return cmp.Compare(a.vpcID, b.vpcID) })
	return m
}

// add counts an interface with its sessions.
func (v *vpcCoverage) add(s *snapshot, i shownInterface) {
	v.interfaces++
	v.classes[i.Class]++
	for _, session := range i.sessions {
		v.sessions++
		known, isKnown := s.index().sessions[session.Noun.ID]
		switch {
		case known.Idle != "":
			v.idle++
		case !isKnown || known.Status == inventory.StatusUnknown:
			v.unknown++
		}
		if owner := session.Noun.OwnerID; owner == "" || s.AccountID == "" || owner == s.AccountID {
			v.paid++
		}
	}
}
