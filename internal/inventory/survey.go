package inventory

import (
	"context"
	"fmt"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// ReadEndpoints reads what receives the copies of the targets of a fleet, by the ID of the
// target.
func ReadEndpoints(ctx context.Context, a *account.Account, f *Fleet) (map[string]mirror.Endpoint, error) {
	targets := make([]mirror.Target, len(f.Targets))
	for i, t := range f.Targets {
		targets[i] = t.Noun
	}
	read, err := a.Endpoints(ctx, ownerOf(f), targets...)
	if err != nil {
		return nil, err
	}
	endpoints := make(map[string]mirror.Endpoint, len(read))
	for i, t := range targets {
		endpoints[t.ID] = read[i]
	}
	return endpoints, nil
}

// ownerOf returns the ID of the account, or "". If AWS was not asked for it, it is the owner of a
// session on an interface that the account sees.
func ownerOf(f *Fleet) string {
	id := f.AccountID
	for i := 0; id == "" && i < len(f.Sessions); i++ {
		if _, found := f.Interface(f.Sessions[i].Noun.InterfaceID); found {
			id = f.Sessions[i].Noun.OwnerID
		}
	}
	return id
}

// A survey looks at interfaces and their sessions.
type survey struct {
	fleet      *Fleet
	endpoints  map[string]mirror.Endpoint
	classifier *classifier

	interfaces []InterfaceCoverage
	sessions   []SessionCoverage
	idle       []Idle
	talkers    []talker
	unsure     map[string]int // by VPC: interfaces of which it is not known what they copy
}

func newSurvey(f *Fleet, endpoints map[string]mirror.Endpoint) *survey {
	return &survey{fleet: f, endpoints: endpoints, classifier: newClassifier(), unsure: map[string]int{}}
}

// add looks at an interface.
func (s *survey) add(source Source) {
	links := make([]link, len(source.Sessions))
	for i, session := range source.Sessions {
		links[i] = s.link(session, source)
	}
	class := s.classifier.class(links, packets{familiesOf(source), s.fleet.ResolversOf(source.Interface.VPCID)})
	if class.class == NotMirrored && source.Reason != "" {
		class.class, class.reason = Cannot, source.Detail
	}
	isCopied := class.copied != nil && class.class != NotMirrored && class.class != Cannot
	if isCopied && class.class != ClassUnknown {
		class.reason = strings.TrimSpace(class.reason + " " + uncertainty(links, class))
	}
	s.interfaces = append(s.interfaces, InterfaceCoverage{Source: source, Class: class.class, Reason: class.reason})
	s.note(links, idleOf(links, class), source.Interface.VPCID)
	switch {
	case class.class == ClassUnknown || isCopied && isUnsure(links, *class.copied):
		s.unsure[source.Interface.VPCID]++
	case isCopied:
		s.talkers = append(s.talkers, talkerOf(source.Interface, links))
	}
}

// isUnsure reports whether a session with an unknown status takes packets.
func isUnsure(links []link, c analysis.Copied) bool {
	for i, l := range links {
		if l.status == StatusUnknown && c.Takes[i] {
			return true
		}
	}
	return false
}

// uncertainty says what is not known about a session that copies packets, or returns "".
func uncertainty(links []link, c classed) string {
	for i, l := range links {
		if l.isLive() && c.copied.Takes[i] && l.reason != "" {
			return l.reason
		}
	}
	return ""
}

// addRest looks at the sessions whose interfaces EC2 does not show, such as those of other
// accounts that use a target of this account.
func (s *survey) addRest() {
	for _, session := range s.fleet.Sessions {
		if _, found := s.fleet.Interface(session.Noun.InterfaceID); !found {
			links := []link{s.link(session, Source{})}
			s.note(links, idleOf(links, classed{}), "")
		}
	}
}

// note notes the sessions of one interface.
func (s *survey) note(links []link, idle map[int]Idle, vpcID string) {
	for i, l := range links {
		target, _ := s.fleet.Target(l.session.Noun.TargetID)
		found := SessionCoverage{Session: l.session, Status: l.status, VPCID: vpcID, TargetOwnerID: target.Noun.OwnerID}
		if why, isIdle := idle[i]; isIdle {
			s.idle = append(s.idle, why)
			found.Idle = why.Reason
		}
		s.sessions = append(s.sessions, found)
	}
}

// link returns a session with what decides about its packets. source is its interface, without
// ID if EC2 does not show it.
func (s *survey) link(session account.Tagged[mirror.Session], source Source) link {
	l := link{session: session}
	if filter, found := s.fleet.Filter(session.Noun.FilterID); found {
		l.filter = &filter.Noun
		if !mayAccept(filter.Noun, source.Interface) {
			l.filter = &mirror.Filter{ID: filter.Noun.ID + " without rules"}
		}
	}
	facts := s.factsOf(session.Noun, source)
	l.status, l.reason = StatusOf(session.Noun, facts)
	if !l.status.IsLive() {
		l.idle = IdleReason(l.status)
	}
	return l
}

func (s *survey) factsOf(session mirror.Session, source Source) SessionFacts {
	facts := factsOfSource(source)
	unread := func(id string) { facts.Unread = append(facts.Unread, notShown+id) }
	switch id := source.Interface.InstanceID; {
	case source.Interface.ID == "":
		unread(session.InterfaceID)
	case id != "" && source.Instance.ID == "":
		unread(id)
	}
	target, found := s.fleet.Target(session.TargetID)
	if !found {
		facts.TargetMissing = true
		return facts
	}
	if target.Noun.InterfaceID != "" {
		facts.Receiver, facts.UnreadReceiver = s.fleet.receiver(target.Noun.InterfaceID)
	}
	if endpoint, found := s.endpoints[session.TargetID]; found {
		facts.Target = &endpoint
	} else {
		unread("what backs " + session.TargetID)
	}
	return facts
}

// receiver returns an interface that backs a target, and what EC2 does not show of it.
func (f *Fleet) receiver(id string) (r mirror.Receiver, unread []string) {
	i, found := f.Interface(id)
	if !found {
		return r, []string{notShown + id}
	}
	instance, found := f.Instance(i.InstanceID)
	if !found && i.InstanceID != "" {
		unread = []string{notShown + i.InstanceID}
	}
	return mirror.Receiver{Interface: i.Interface, InstanceState: instance.State}, unread
}

// familiesOf returns the address families of the packets that an interface can have. IPv6 is left
// out if the interface and its subnet have none (assumption A0196).
func familiesOf(s Source) analysis.Families {
	i := s.Interface
	hasIPv6 := len(i.IPv6Addresses)+len(i.IPv6Prefixes) > 0 || s.Subnet.ID == "" || s.Subnet.HasIPv6 || !i.ChecksSourceDest()
	return analysis.Families{IPv4: true, IPv6: hasIPv6}
}

// talkerOf returns an interface with what its sessions copy. Those with an unknown status take
// nothing.
func talkerOf(i account.NetworkInterface, links []link) talker {
	t := talker{iface: i}
	for _, l := range links {
		c := analysis.Copier{Filter: *l.filter, Lost: !l.isLive()}
		t.copiers = append(t.copiers, c)
		t.chain += fmt.Sprint(c.Filter.ID, c.Lost, " ")
	}
	return t
}

// Unseen returns the interfaces that EC2 does not show, but whose sessions it shows, such as
// those of other accounts that use a target of this account.
func (f *Fleet) Unseen() []InterfaceCoverage {
	at := map[string]int{}
	var unseen []InterfaceCoverage
	for _, session := range f.Sessions {
		id := session.Noun.InterfaceID
		if _, isSeen := f.Interface(id); isSeen {
			continue
		}
		if _, isAdded := at[id]; !isAdded {
			at[id] = len(unseen)
			i := InterfaceCoverage{Class: ClassUnknown, Reason: fmt.Sprintf("EC2 does not show %s to this account.", id)}
			i.Source.Interface.ID = id
			unseen = append(unseen, i)
		}
		source := &unseen[at[id]].Source
		source.Sessions = append(source.Sessions, session)
	}
	return unseen
}
