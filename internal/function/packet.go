package function

import (
	"net/netip"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

const (
	packetText = "The packet: a text such as `\"ingress tcp 10.1.2.3:50000 > 10.0.1.10:22\"`, or an object with `traffic_direction`, `protocol`, `source`, `destination`, " +
		"`source_port` and `destination_port` (TCP and UDP), `length` and `later_fragment`. Packets that other functions return can be given too, except those whose protocol is an extension header of IPv6. " +
		"`dns_resolver_addresses` has the addresses of the VPC's Route 53 Resolver, such as `[\"10.0.0.2\"]`: DNS packets to and from them are Amazon DNS. " +
		"The resolver's link-local addresses are always known."
	packetFix = `Write a text such as "ingress tcp 10.1.2.3:50000 > 10.0.1.10:22", or an object with its fields.`
	spaceText = "The space of packets: a text such as `\"ingress tcp 10.0.0.0/8 > any:22\"`, or an object with `traffic_direction`, `protocol`, `source_cidr_block`, `destination_cidr_block`, " +
		"`source_port_range` and `destination_port_range`. What is left out means all."
	spaceFix = `Write a text such as "ingress tcp 10.0.0.0/8 > any:22", or an object with the attributes of a rule.`
)

// packetNames are the attributes of a packet. name and text say nothing that others do not
// say: packets of a simulation and of a result have them.
var packetNames = []string{
	"traffic_direction", "direction", "protocol", "source", "source_port", "destination", "destination_port", "length", "later_fragment",
	"dns_resolver_addresses", "name", "text",
}

var spaceNames = []string{"traffic_direction", "protocol", "source_cidr_block", "destination_cidr_block", "source_port_range", "destination_port_range"}

// question is a packet that a filter is asked about.
type question struct {
	packet    packet.Packet
	direction mirror.Direction
	resolvers []netip.Addr
}

// anyInterface is an interface of which nothing is known.
var anyInterface = func() *dataplane.Source {
	s, err := dataplane.New(mirror.Interface{}, nil, dataplane.Options{})
	if err != nil {
		panic(err) // nothing in it can be wrong
	}
	return s
}()

// packet reads a packet.
func (r *reader) packet(v attr.Value) (q question) {
	words := r.words(v, &q)
	if r.unknown || r.problems.Err() != nil {
		return q
	}
	if problems := words.Check(); problems != nil {
		for i := range problems {
			if problems[i].Field == "direction" {
				problems[i].Field = "traffic_direction"
			}
		}
		r.add(problems...)
		return q
	}
	q.direction = mirror.Direction(words.Direction)
	if err := words.Decode(anyInterface, &q.packet); err != nil {
		r.add(mirror.Problem{Kind: mirror.Invalid, Wrong: err.Error()})
	}
	return q
}

func (r *reader) words(v attr.Value, q *question) simulation.PacketInWords {
	if text, isText := r.known(v).(types.String); isText {
		words, problems := simulation.ParsePacket(text.ValueString())
		r.add(problems...)
		if problems == nil && words.Direction == "" {
			r.add(mirror.Problem{
				Kind: mirror.Missing, Field: "traffic_direction", Wrong: "is missing", Fix: `Write it first, such as "ingress ` + text.ValueString() + `".`,
			})
		}
		return words
	}
	f, ok := r.fields("", v, packetFix)
	if !ok {
		return simulation.PacketInWords{}
	}
	f.only(packetNames...)
	words := simulation.PacketInWords{
		Name: "the packet", Direction: f.text("traffic_direction"), Protocol: f.text("protocol"), Source: f.text("source"), Destination: f.text("destination"),
		SourcePort: f.number("source_port"), DestinationPort: f.number("destination_port"), LaterFragment: f.truth("later_fragment"),
	}
	if words.Direction == "" {
		words.Direction = f.text("direction")
	}
	// The text of a packet in a result says it.
	words.LaterFragment = words.LaterFragment || words.SourcePort == nil && strings.Contains(f.text("text"), ", later fragment")
	if n := f.number("length"); n != nil {
		words.Length = *n
	}
	for _, text := range r.texts("dns_resolver_addresses", f.values["dns_resolver_addresses"], `Write a list such as ["10.0.0.2"].`) {
		r.add(simulation.CheckAddress("dns_resolver_addresses", text)...)
		if addr, err := netip.ParseAddr(text); err == nil {
			q.resolvers = append(q.resolvers, addr)
		}
	}
	return words
}

// space reads a space.
func (r *reader) space(v attr.Value) mirror.Space {
	if text, isText := r.known(v).(types.String); isText {
		s, problems := mirror.ParseSpace(text.ValueString())
		r.add(problems...)
		return s
	}
	f, ok := r.fields("", v, spaceFix)
	if !ok {
		return mirror.Space{}
	}
	f.only(spaceNames...)
	before := len(r.problems)
	s := r.match(f)
	s.Direction = mirror.Direction(f.text("traffic_direction"))
	if len(r.problems) == before {
		r.add(s.Validate()...)
	}
	return s
}
