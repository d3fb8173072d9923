package console

import (
	"fmt"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// A changedPacket is a packet about which a filter decides differently after a change, with the networks
// in which it does, and what other sessions do with it.
type changedPacket struct {
	analysis.Difference
	in     []network
	takers string
}

// changesOf returns an example for each pair of decisions that differ.
func changesOf(s *snapshot, c filterChange, networks []network) (all []changedPacket, err error) {
	for _, n := range networks {
		differences, err := analysis.Compare(c.before, c.after, n.resolvers...)
		if err != nil {
			return nil, err
		}
		for _, d := range differences {
			if d.A.Service != "" {
				d.Packet = dnsExample(d.Packet.Direction, n)
			}
			at := slices.IndexFunc(all, func(o changedPacket) bool {
				return o.Packet == d.Packet && decisionWords(o.A) == decisionWords(d.A) && decisionWords(o.B) == decisionWords(d.B)
			})
			if at < 0 {
				at, all = len(all), append(all, changedPacket{Difference: d})
			}
			all[at].in = append(all[at].in, n)
			all[at].takers += takers(s, c, d.Packet, n)
		}
	}
	return all, nil
}

// gainsAndLosses says what a filter mirrors after a change and not before, and the reverse, with a
// packet as an example for each pair of rules.
func gainsAndLosses(s *snapshot, c filterChange) g.Node {
	networks := networksOf(s, c.of)
	differences, err := changesOf(s, c, networks)
	switch {
	case err != nil:
		return part("gains", "What changes", note{kind: noteWarning, text: "Not known: " + err.Error() + ". The change may mirror more packets, or fewer."}.node())
	case len(differences) == 0:
		return part("gains", "What changes", para("Nothing: the filter mirrors the same packets as now."))
	}
	var gained, lost []changedPacket
	for _, d := range differences {
		if d.B.Mirrored {
			gained = append(gained, d)
		} else {
			lost = append(lost, d)
		}
	}
	return part("gains", "What changes", h.Div(h.Class("gains"),
		side("Gains of this filter: packets that it mirrors then, and not now", "It mirrors no packet more.", networks, gained),
		side("Losses of this filter: packets that it mirrors now, and not then", "It mirrors every packet that it mirrors now.", networks, lost)))
}

// side lists one side of the differences, by direction and family.
func side(heading, none string, networks []network, differences []changedPacket) g.Node {
	nodes := []g.Node{h.H3(g.Text(heading))}
	if len(differences) == 0 {
		return h.Div(append(nodes, para(none))...)
	}
	for _, d := range mirror.Directions {
		for _, is4 := range []bool{true, false} {
			var lines [][]g.Node
			for _, difference := range differences {
				if p := difference.Packet; p.Direction == d && p.Source.Is4() == is4 {
					lines = append(lines, words(code(p.String()), fmt.Sprintf(". Now: %s. Then: %s.", decisionWords(difference.A), decisionWords(difference.B))+onlyIn(difference.in, networks)+difference.takers))
				}
			}
			if lines != nil {
				nodes = append(nodes, para(fmt.Sprintf("%s, %s, for example:", directionWord(d), family(is4))), list(lines...))
			}
		}
	}
	return h.Div(nodes...)
}

func directionWord(d mirror.Direction) string {
	if d == mirror.Ingress {
		return "Ingress"
	}
	return "Egress"
}

// decisionWords says what decides about a packet.
func decisionWords(d analysis.Decision) string {
	switch {
	case d.Rule != nil:
		return fmt.Sprintf("rule %d %ss it", d.Rule.Number, d.Rule.Action)
	case d.Never:
		return "EC2 never mirrors it"
	case d.Service != "" && d.Mirrored:
		return "the network service " + string(d.Service) + " mirrors it"
	case d.Service != "":
		return "it is Amazon DNS, which no rule mirrors"
	}
	return "no rule matches it"
}

func family(is4 bool) string {
	if is4 {
		return "IPv4"
	}
	return "IPv6"
}
