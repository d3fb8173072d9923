package analysis

import (
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// unruled is what is decided before rules are, as rules that match it, if no address of the
// resolver but the link-local ones is known.
var unruled = unruledWith(mirror.LinkLocalResolvers)

// unruledOf is unruled with more addresses of the resolver.
func unruledOf(resolvers []netip.Addr) []decidedTraffic {
	if len(resolvers) == 0 {
		return unruled
	}
	return unruledWith(slices.Concat(mirror.LinkLocalResolvers, resolvers))
}

func unruledWith(resolvers []netip.Addr) (all []decidedTraffic) {
	add := func(by int32, s mirror.Space) {
		s.Direction = mirror.Ingress // the same packets in both directions
		for _, r := range s.Rules(mirror.Accept) {
			all = append(all, decidedTraffic{by, r})
		}
	}
	for _, s := range mirror.NeverMirrored() {
		add(never, s)
	}
	for _, s := range mirror.AmazonDNSTraffic(resolvers...) {
		if s.DestinationPorts != nil {
			add(queries, s)
		} else {
			add(answers, s)
		}
	}
	return all
}

type decidedTraffic struct {
	by   int32
	rule mirror.Rule
}

// Decide returns what a filter does with one packet. resolvers are more addresses of the Route 53
// Resolver than the link-local ones.
func Decide(f mirror.Filter, p mirror.Header, resolvers ...netip.Addr) Decision {
	first := unruledOf(resolvers)
	for i := range first {
		switch u := &first[i]; {
		case !matches(&u.rule, p):
		case u.by == never:
			return Decision{Never: true}
		default:
			return Decision{Mirrored: hasDNS(f), Service: mirror.AmazonDNS}
		}
	}
	var found *mirror.Rule
	for i := range f.Rules {
		r := &f.Rules[i]
		if r.Direction == p.Direction && (found == nil || r.Number < found.Number) && matches(r, p) {
			found = r
		}
	}
	if found == nil {
		return Decision{}
	}
	decided := *found
	return Decision{Mirrored: found.Action == mirror.Accept, Rule: &decided}
}

func hasDNS(f mirror.Filter) bool { return slices.Contains(f.NetworkServices, mirror.AmazonDNS) }

// matches reports whether a rule matches a packet, whatever its direction is.
func matches(r *mirror.Rule, p mirror.Header) bool {
	hasPort := func(ports *mirror.PortRange, port uint16) bool {
		return ports == nil || p.HasPorts && ports.Contains(port)
	}
	return (r.Protocol == nil || *r.Protocol == p.Protocol) &&
		r.SourceCIDR.Contains(p.Source) && r.DestinationCIDR.Contains(p.Destination) &&
		hasPort(r.SourcePorts, p.SourcePort) && hasPort(r.DestinationPorts, p.DestinationPort)
}
