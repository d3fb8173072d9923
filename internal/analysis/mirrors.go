package analysis

import "github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"

// Mirrors says how much of a space a filter mirrors. Packets that EC2 never mirrors do not
// count, unless the space has no others. Nor does Amazon DNS, unless the space has packets
// between the port of the resolver and a port from which clients send. So the space of all TCP
// packets to port 443 does not fail because of answers of the resolver to a client that has this
// port.
func Mirrors(f mirror.Filter, s mirror.Space) (Share, error) {
	t := shareOf(f)
	t.skipped = map[int32]bool{
		queries: !hasOrdinaryDNS(s.DestinationPorts, s.SourcePorts), answers: !hasOrdinaryDNS(s.SourcePorts, s.DestinationPorts),
	}
	for _, r := range s.Rules(mirror.Accept) {
		err := eachRegion(r, scope{layers: []layer{{rules: f.InDirection(r.Direction)}}}, func(d *diagram, at region) { t.count(d, at, r.Direction) })
		if err != nil {
			return Share{}, err
		}
	}
	return t.share(), nil
}

// clientPorts are the ports from which clients send: the dynamic ports (RFC 6335).
var clientPorts = mirror.PortRange{From: 49152, To: 65535}

// hasOrdinaryDNS reports whether the ports of a space have those of ordinary DNS packets.
func hasOrdinaryDNS(resolver, client *mirror.PortRange) bool {
	return (resolver == nil || resolver.Contains(mirror.DNSPort)) &&
		(client == nil || client.From <= clientPorts.To && clientPorts.From <= client.To)
}

// MirrorsOutside says how much a filter mirrors of the packets that are not in the space. All
// packets that EC2 can mirror count.
func MirrorsOutside(f mirror.Filter, s mirror.Space) (Share, error) {
	t := shareOf(f)
	inside := s.Rules(mirror.Accept)
	for _, d := range mirror.Directions {
		for _, is4 := range families {
			outside := scope{is4: is4, within: every(is4), except: mirror.Filter{Rules: inside}.InDirection(d), layers: []layer{{rules: f.InDirection(d)}}}
			parts, err := explore(outside)
			if err != nil {
				return Share{}, err
			}
			for _, r := range parts.regions {
				t.count(parts, r, d)
			}
		}
	}
	return t.share(), nil
}

// families are IPv4 and IPv6.
var families = []bool{true, false}

// A shareCount finds the most usual packets that a filter mirrors, and that it does not.
type shareCount struct {
	filter     mirror.Filter
	skipped    map[int32]bool // what decides about packets that count only if there are no others
	counted    outcomes
	others     outcomes // that are skipped
	impossible found
}

type outcomes struct{ mirrored, left found }

func shareOf(f mirror.Filter) *shareCount { return &shareCount{filter: f} }

// found is the most usual packet of those seen.
type found struct {
	packet *mirror.Header
	cost   int32
}

// see remembers a packet of a region if it is more usual than the one seen before.
func (f *found) see(d *diagram, r region, direction mirror.Direction) {
	if f.packet != nil && f.cost <= d.cost(r) {
		return
	}
	h := d.box(r).header(direction, d.is4)
	f.packet, f.cost = &h, d.cost(r)
}

func (f found) witness(filter mirror.Filter) *Witness {
	if f.packet == nil {
		return nil
	}
	return &Witness{*f.packet, Decide(filter, *f.packet)}
}

// count counts the packets of a region.
func (t *shareCount) count(d *diagram, r region, direction mirror.Direction) {
	by, counted := d.decidedBefore(r), &t.counted
	if t.skipped[by] {
		counted = &t.others
	}
	switch {
	case by == excepted:
	case by == never:
		t.impossible.see(d, r, direction)
	case d.mirrors(r, 0, t.filter):
		counted.mirrored.see(d, r, direction)
	default:
		counted.left.see(d, r, direction)
	}
}

func (t *shareCount) share() Share {
	o := t.counted
	if o.mirrored.packet == nil && o.left.packet == nil {
		o = t.others
	}
	s := Share{Amount: Some, Mirrored: o.mirrored.witness(t.filter), NotMirrored: o.left.witness(t.filter)}
	switch {
	case s.Mirrored == nil && s.NotMirrored == nil:
		s.Amount, s.NotMirrored = None, t.impossible.witness(t.filter)
	case s.Mirrored == nil:
		s.Amount = None
	case s.NotMirrored == nil:
		s.Amount = All
	}
	return s
}

// mirrors reports whether a filter, whose rules are a layer, mirrors the packets of a region
// that EC2 can mirror.
func (d *diagram) mirrors(r region, layer int, f mirror.Filter) bool {
	if isService(d.decidedBefore(r)) {
		return hasDNS(f)
	}
	decider := d.decider(r, layer)
	return decider != nil && decider.Action == mirror.Accept
}
