package inventory

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A Class says how much of the traffic of a network interface is copied.
//
// The packets that count are all IP packets, in both directions, that EC2 can mirror
// (mirror.NeverMirrored has the others), whether or not the interface has such traffic now. IPv6
// counts unless the interface cannot have any (assumption A0196). Amazon DNS counts. Packets count
// whatever their addresses are, also if the interface has others: a filter about single addresses
// of a VPC is no whole mirror of any interface. So the addresses of examples are made up. But a
// filter that accepts only packets with other addresses at the interface's own end accepts
// nothing (mayAccept).
//
// The sessions of the interface are tried in the order of their numbers. The first session whose
// filter accepts a packet takes it. The packet is copied if this session is live. It is not
// copied otherwise: no later session gets it (assumption A0108).
type Class string

// The classes.
const (
	Mirrored     Class = "mirrored"
	Partly       Class = "partly"
	OneWay       Class = "one_way"
	NotMirrored  Class = "not"
	Cannot       Class = "cannot"
	ClassUnknown Class = "unknown"
)

// Classes has all classes, with what each means. Every interface has exactly one.
var Classes = []struct {
	Class   Class
	Meaning string
}{
	{Mirrored, "every packet that EC2 can mirror is copied, in both directions"},
	{OneWay, "some packet is copied and the reply to it is not: the same addresses and ports, swapped, in the other direction"},
	{Partly, "some packets are copied and others are not, and where a packet is copied, so is the reply to it"},
	{NotMirrored, "no packet is copied, although the interface could be mirrored"},
	{Cannot, "no packet is copied, and EC2 cannot mirror the interface"},
	{ClassUnknown, "EC2 did not show enough, or the filters are too complex for an exact answer"},
}

// Word is what people read of the class.
func (c Class) Word() string {
	switch c {
	case OneWay:
		return "one way"
	case NotMirrored:
		return "not mirrored"
	case Cannot:
		return "cannot be mirrored"
	case ClassUnknown:
		return "not known"
	}
	return string(c)
}

// A link is a session of an interface, with what decides about its packets.
type link struct {
	session account.Tagged[mirror.Session]
	filter  *mirror.Filter // nil: EC2 does not show it
	status  Status
	reason  string     // of the status, or why nothing receives the copies
	idle    IdleReason // why its copies go nowhere; "": they may arrive
}

// isLive reports whether the copies of the session may arrive.
func (l link) isLive() bool { return l.idle == "" }

// packets are those that an interface can have. DNS to the resolvers is decided by no rule.
type packets struct {
	families  analysis.Families
	resolvers []netip.Addr // of the VPC, besides the link-local ones; none: not known
}

// A classed is the class of an interface.
type classed struct {
	class  Class
	reason string           // a sentence; "": nothing is to be said
	copied *analysis.Copied // what the sessions accept and take; nil: not known
}

// A classifier classes interfaces. Those with the same filters are classed once.
type classifier struct {
	known map[string]classed
}

func newClassifier() *classifier { return &classifier{map[string]classed{}} }

// class returns the class of an interface by its sessions, which are in the order of their
// numbers.
func (c *classifier) class(links []link, of packets) classed {
	switch {
	case len(links) == 0:
		return classed{class: NotMirrored, reason: "It has no session."}
	case !slices.ContainsFunc(links, link.isLive):
		return classed{class: NotMirrored, reason: fmt.Sprintf("No session of it copies anything. Session %s: %s", links[0].session.Noun.ID, links[0].reason)}
	}
	for _, l := range links {
		if l.filter == nil {
			return classed{class: ClassUnknown, reason: fmt.Sprintf("EC2 does not show filter %s of session %s.", l.session.Noun.FilterID, l.session.Noun.ID)}
		}
	}
	return c.classAnyway(links, of)
}

// maxUnknown is how many sessions of an interface can have an unknown status so that all that
// they may do is tried.
const maxUnknown = 4

// classAnyway classes an interface. If the status of a session is unknown, it may copy packets or
// not: the class is known only if it is the same whatever these sessions do.
func (c *classifier) classAnyway(links []link, of packets) classed {
	var unknown []int
	live := make([]bool, len(links))
	for i, l := range links {
		if live[i] = l.isLive(); live[i] && l.status == StatusUnknown {
			unknown = append(unknown, i)
		}
	}
	most := c.classIf(links, of, live)
	if len(unknown) == 0 {
		return most
	}
	isSame := len(unknown) <= maxUnknown
	for mask := 0; isSame && mask < 1<<len(unknown); mask++ {
		for bit, i := range unknown {
			live[i] = mask>>bit&1 == 1
		}
		isSame = c.classIf(links, of, live).class == most.class
	}
	if isSame {
		return most
	}
	first := links[unknown[0]]
	return classed{class: ClassUnknown, reason: fmt.Sprintf("Whether session %s copies packets is not known. %s", first.session.Noun.ID, first.reason), copied: most.copied}
}

// classIf is class for sessions of which some are live.
func (c *classifier) classIf(links []link, of packets, live []bool) classed {
	copiers := make([]analysis.Copier, len(links))
	var key strings.Builder
	fmt.Fprint(&key, of.families, of.resolvers)
	for i, l := range links {
		copiers[i] = analysis.Copier{Filter: *l.filter, Lost: !live[i]}
		fmt.Fprint(&key, " ", l.filter.ID, copiers[i].Lost)
	}
	found, isKnown := c.known[key.String()]
	if !isKnown {
		found = classOf(copiers, of)
		c.known[key.String()] = found
	}
	return found
}

// classOf classes what sessions copy.
func classOf(copiers []analysis.Copier, of packets) classed {
	copied, err := analysis.CopiedBy(copiers, of.families, of.resolvers...)
	if err != nil {
		return classed{class: ClassUnknown, reason: sentence(err)}
	}
	c := classed{class: OneWay, copied: &copied}
	in, out := copied.Ingress, copied.Egress
	switch {
	case in == analysis.All && out == analysis.All:
		c.class = Mirrored
	case in == analysis.None && out == analysis.None:
		c.class, c.reason = NotMirrored, nothingReason(copied)
	case out == analysis.None:
		c.reason = "Only ingress packets are copied."
	case in == analysis.None:
		c.reason = "Only egress packets are copied."
	default:
		c.class, c.reason = bothDirections(copiers, of, copied)
	}
	return c
}

// bothDirections classes what is copied of both directions, if that is not everything.
func bothDirections(copiers []analysis.Copier, of packets, copied analysis.Copied) (Class, string) {
	packet, reply, err := analysis.OneWayCopied(copiers, of.families, of.resolvers...)
	switch {
	case err != nil:
		return ClassUnknown, sentence(err)
	case packet != nil:
		return OneWay, fmt.Sprintf("For example, %s is copied, and the reply, %s, is not.", packetText(*packet), packetText(*reply))
	case copied.OnlyDNS:
		return Partly, "Everything but Amazon DNS is copied. To copy it too, add the network service amazon-dns to the filter."
	}
	return Partly, fmt.Sprintf("For example, %s is not copied.", packetText(*copied.NotCopied))
}

// nothingReason says why sessions of which some are live copy nothing.
func nothingReason(copied analysis.Copied) string {
	if !slices.Contains(copied.Accepts, true) {
		return "The filters of its sessions accept no packet that it can send or receive."
	}
	return "The sessions whose filters accept packets copy nothing, and no later session gets these packets."
}

func packetText(h mirror.Header) string { return string(h.Direction) + " " + h.String() }

// sentence returns an error as a sentence.
func sentence(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:] + "."
}
