package console

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A network is VPCs with the same addresses of the Route 53 Resolver, besides the link-local ones. No
// rule decides about DNS to them. In another network, the same packet is one that rules decide about.
type network struct {
	vpcs      []string
	resolvers []netip.Addr
}

// networksOf returns the networks of the interfaces of sessions, at least one. Without sessions, it
// is the only VPC of the account; with several VPCs, no address is known.
func networksOf(s *snapshot, users []account.Tagged[mirror.Session]) []network {
	vpcs := map[string]bool{}
	for _, u := range users {
		i, _ := s.Interface(u.Noun.InterfaceID)
		vpcs[i.VPCID] = true
	}
	if len(users) == 0 {
		for _, i := range s.Interfaces {
			vpcs[i.VPCID] = true
		}
	}
	if len(users) == 0 && len(vpcs) != 1 {
		return []network{{}}
	}
	return networksIn(s, slices.Sorted(maps.Keys(vpcs)))
}

func networksIn(s *snapshot, vpcs []string) (all []network) {
	for _, id := range vpcs {
		resolvers := s.ResolversOf(id)
		at := slices.IndexFunc(all, func(n network) bool { return slices.Equal(n.resolvers, resolvers) })
		if at < 0 {
			at, all = len(all), append(all, network{resolvers: resolvers})
		}
		all[at].vpcs = append(all[at].vpcs, id)
	}
	return all
}

// onlyIn says in which networks something is true, if that is not in all of them.
func onlyIn(in, all []network) string {
	if len(in) == len(all) {
		return ""
	}
	var vpcs []string
	for _, n := range in {
		vpcs = append(vpcs, n.vpcs...)
	}
	return " This is so in " + strings.Join(vpcs, ", ") + " only."
}

// dnsExample is a query to the resolver of a network, or the answer to one.
func dnsExample(d mirror.Direction, n network) mirror.Header {
	resolver, client := mirror.LinkLocalResolvers[0], netip.MustParseAddr("10.0.1.10")
	if len(n.resolvers) > 0 {
		resolver = n.resolvers[0]
	}
	if client == resolver {
		client = client.Next()
	}
	h := mirror.Header{Direction: d, Protocol: mirror.UDP, HasPorts: true, Source: client, SourcePort: 50000, Destination: resolver, DestinationPort: mirror.DNSPort}
	if d == mirror.Ingress {
		h.Source, h.SourcePort, h.Destination, h.DestinationPort = h.Destination, h.DestinationPort, h.Source, h.SourcePort
	}
	return h
}

// A filterChange is another filter of some sessions, or one with other rules.
type filterChange struct {
	before, after mirror.Filter
	of            []account.Tagged[mirror.Session]
	reorders      bool // it changes the order of the sessions too, so that it is not said which session takes what
}

// maxTakers is about how many interfaces a difference says which other sessions take the packet.
const maxTakers = 3

// takers says on which interfaces another session takes a packet that the filter of the change
// mirrors only before or only after it.
func takers(s *snapshot, c filterChange, p mirror.Header, in network) (text string) {
	if c.reorders {
		return ""
	}
	var seen []string
	for _, u := range c.of {
		id := u.Noun.InterfaceID
		i, _ := s.Interface(id)
		if slices.Contains(seen, id) || !slices.Contains(in.vpcs, i.VPCID) {
			continue
		}
		if words := takersOn(s, c, id, p, in); words != "" {
			seen = append(seen, id)
			text += words
		}
		if len(seen) == maxTakers {
			return text + " Other interfaces are not listed."
		}
	}
	return text
}

func takersOn(s *snapshot, c filterChange, interfaceID string, p mirror.Header, in network) string {
	name := interfaceID
	if i, found := s.Interface(interfaceID); found {
		name = inventory.Title(i.ID, i.Description, i.Tags)
	}
	now, isKnown := takerOf(s, c, c.before, interfaceID, p, in)
	then, isKnownThen := takerOf(s, c, c.after, interfaceID, p, in)
	switch {
	case !isKnown || !isKnownThen:
		return fmt.Sprintf(" Which session of %s takes it is not known: EC2 does not show all filters.", name)
	case now == nil || then == nil:
		return ""
	case now.ID == then.ID:
		return fmt.Sprintf(" On %s, session %d takes it now and then, VNI %s.", name, now.Number, optionalNumber(now.VirtualNetworkID, "not shown"))
	}
	return fmt.Sprintf(" On %s, session %d takes it now, VNI %s. Then session %d takes it, VNI %s.",
		name, now.Number, optionalNumber(now.VirtualNetworkID, "not shown"), then.Number, optionalNumber(then.VirtualNetworkID, "not shown"))
}

// taker returns the session of an interface that takes a packet, or nil, if the sessions of a change
// have this filter.
func takerOf(s *snapshot, c filterChange, changed mirror.Filter, interfaceID string, p mirror.Header, in network) (taker *mirror.Session, isKnown bool) {
	for _, session := range s.SessionsOf(interfaceID) {
		f, isShown := s.Filter(session.Noun.FilterID)
		filter := f.Noun
		if slices.ContainsFunc(c.of, func(u account.Tagged[mirror.Session]) bool { return u.Noun.ID == session.Noun.ID }) {
			filter, isShown = changed, true
		}
		if !isShown {
			return nil, false
		}
		if analysis.Decide(filter, p, in.resolvers...).Mirrored {
			return &session.Noun, true
		}
	}
	return nil, true
}
