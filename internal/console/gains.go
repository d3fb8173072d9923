package console

import (
	"fmt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// gainsAndLosses says what is mirrored after a change and not before, and the reverse, with a
// packet as an example for each pair of rules.
func gainsAndLosses(before, after mirror.Filter) g.Node {
	differences, err := analysis.Compare(before, after)
	switch {
	case err != nil:
		return part("gains", "What changes", note{kind: noteWarning, text: "Not known: " + err.Error() + ". The change may mirror more packets, or fewer."}.node())
	case len(differences) == 0:
		return part("gains", "What changes", para("Nothing: the same packets are mirrored as now."))
	}
	var gained, lost []analysis.Difference
	for _, d := range differences {
		if d.B.Mirrored {
			gained = append(gained, d)
		} else {
			lost = append(lost, d)
		}
	}
	return part("gains", "What changes", h.Div(h.Class("gains"),
		side("Gains: packets that are mirrored then, and are not now", "No packet more is mirrored.", gained),
		side("Losses: packets that are mirrored now, and are not then", "Every packet that is mirrored now is mirrored then.", lost)))
}

// side lists one side of the differences, by direction and family.
func side(heading, none string, differences []analysis.Difference) g.Node {
	nodes := []g.Node{h.H3(g.Text(heading))}
	if len(differences) == 0 {
		return h.Div(append(nodes, para(none))...)
	}
	for _, d := range mirror.Directions {
		for _, is4 := range []bool{true, false} {
			var lines [][]g.Node
			for _, difference := range differences {
				if p := difference.Packet; p.Direction == d && p.Source.Is4() == is4 {
					lines = append(lines, words(code(p.String()), fmt.Sprintf(". Now: %s. Then: %s.", decisionWords(difference.A), decisionWords(difference.B))))
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
