package analysis

import (
	"net/netip"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A Copier is a session of an interface: its filter, and whether its copies are lost. A session
// whose copies are lost still takes the packets that its filter accepts, so that no later
// session gets them (assumption A0108).
type Copier struct {
	Filter mirror.Filter
	Lost   bool
}

// Families are the address families of packets.
type Families struct{ IPv4, IPv6 bool }

// list returns the families as package analysis writes them: whether each is IPv4.
func (f Families) list() []bool {
	var all []bool
	if f.IPv4 {
		all = append(all, true)
	}
	if f.IPv6 {
		all = append(all, false)
	}
	return all
}

// Copied is what the sessions of an interface do together with all packets that EC2 can mirror.
// A packet is copied if the first session that takes it does not lose its copies.
type Copied struct {
	Ingress, Egress Amount // that is copied

	NotCopied *mirror.Header // the most usual packet that is not copied; nil: all are
	OnlyDNS   bool           // all packets that are not copied are Amazon DNS

	Accepts []bool // by session: its filter accepts some packet
	Takes   []bool // by session: it takes some packet, because no earlier session does
}

// CopiedBy returns what the sessions of an interface do together. They are in the order of their
// numbers. resolvers are as in Compare.
func CopiedBy(sessions []Copier, of Families, resolvers ...netip.Addr) (Copied, error) {
	c := Copied{Accepts: make([]bool, len(sessions)), Takes: make([]bool, len(sessions))}
	var ruled, resolved found // that are not copied
	for _, direction := range mirror.Directions {
		layers := make([]layer, len(sessions))
		for i, s := range sessions {
			layers[i] = layer{rules: s.Filter.InDirection(direction)}
		}
		some, rest := false, false
		err := eachOf(of, scope{resolvers: resolvers, layers: layers}, func(d *diagram, r region) {
			switch by := d.decidedBefore(r); {
			case by == never:
			case c.take(d, r, sessions):
				some = true
			case isService(by):
				rest = true
				resolved.see(d, r, direction)
			default:
				rest = true
				ruled.see(d, r, direction)
			}
		})
		if err != nil {
			return Copied{}, err
		}
		c.set(direction, amountOf(some, rest))
	}
	if c.NotCopied = ruled.packet; ruled.packet == nil {
		c.NotCopied, c.OnlyDNS = resolved.packet, resolved.packet != nil
	}
	return c, nil
}

// eachOf calls do for each region of all packets of some families.
func eachOf(of Families, s scope, do func(*diagram, region)) error {
	for _, s.is4 = range of.list() {
		s.within = every(s.is4)
		d, err := explore(s)
		if err != nil {
			return err
		}
		for _, r := range d.regions {
			do(d, r)
		}
	}
	return nil
}

func (c *Copied) set(d mirror.Direction, a Amount) {
	if d == mirror.Ingress {
		c.Ingress = a
		return
	}
	c.Egress = a
}

// take notes which sessions accept and take the packets of a region. It reports whether these
// are copied.
func (c *Copied) take(d *diagram, r region, sessions []Copier) bool {
	isTaken, isCopied := false, false
	for i, s := range sessions {
		if !d.mirrors(r, i, s.Filter) {
			continue
		}
		c.Accepts[i] = true
		if !isTaken {
			c.Takes[i], isTaken, isCopied = true, true, !s.Lost
		}
	}
	return isCopied
}

func amountOf(some, rest bool) Amount {
	switch {
	case !some:
		return None
	case rest:
		return Some
	}
	return All
}

// OneWayCopied returns a packet that the sessions of an interface copy, and the reply to it that
// they do not: the same addresses and ports, swapped, in the other direction. It returns nil if
// they copy the reply to each packet that they copy. resolvers are as in Compare.
func OneWayCopied(sessions []Copier, of Families, resolvers ...netip.Addr) (copied, uncopied *mirror.Header, err error) {
	var in, out found // the ingress packets that are copied and the reply is not, and the others
	layers := make([]layer, 2*len(sessions))
	for i, s := range sessions {
		layers[i] = layer{rules: s.Filter.InDirection(mirror.Ingress)}
		layers[len(sessions)+i] = layer{rules: s.Filter.InDirection(mirror.Egress), swapped: true}
	}
	err = eachOf(of, scope{resolvers: resolvers, layers: layers}, func(d *diagram, r region) {
		if d.decidedBefore(r) != byRules {
			return // Amazon DNS is copied in both directions or in none
		}
		ingress, egress := d.isCopied(r, 0, sessions), d.isCopied(r, len(sessions), sessions)
		switch {
		case ingress && !egress:
			in.see(d, r, mirror.Ingress)
		case egress && !ingress:
			out.see(d, r, mirror.Ingress)
		}
	})
	if err != nil {
		return nil, nil, err
	}
	switch {
	case in.packet != nil && (out.packet == nil || in.cost <= out.cost):
		back := reply(*in.packet)
		return in.packet, &back, nil
	case out.packet != nil:
		back := reply(*out.packet)
		return &back, out.packet, nil
	}
	return nil, nil, nil
}

// isCopied reports whether the sessions whose rules are the layers from one on copy the packets
// of a region.
func (d *diagram) isCopied(r region, from int, sessions []Copier) bool {
	for i, s := range sessions {
		if d.mirrors(r, from+i, s.Filter) {
			return !s.Lost
		}
	}
	return false
}

// CopiedTwice says how much of a space is copied by a session of the sender, and once more by one
// of the receiver. It returns the most usual packet of these. Packets that no rule decides about do not count: no interface of a VPC sends or
// receives them for another one.
func CopiedTwice(sender, receiver []Copier, s mirror.Space) (Amount, *mirror.Header, error) {
	var layers []layer
	for _, c := range sender {
		layers = append(layers, layer{rules: c.Filter.InDirection(mirror.Egress)})
	}
	for _, c := range receiver {
		layers = append(layers, layer{rules: c.Filter.InDirection(mirror.Ingress)})
	}
	var twice found
	rest := false
	s.Direction = mirror.Egress
	for _, rule := range s.Rules(mirror.Accept) {
		err := eachRegion(rule, scope{layers: layers}, func(d *diagram, r region) {
			switch {
			case d.decidedBefore(r) != byRules:
			case d.isCopied(r, 0, sender) && d.isCopied(r, len(sender), receiver):
				twice.see(d, r, mirror.Egress)
			default:
				rest = true
			}
		})
		if err != nil {
			return "", nil, err
		}
	}
	return amountOf(twice.packet != nil, rest), twice.packet, nil
}
