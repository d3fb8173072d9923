package verification

import (
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// alternativeCount is how many other assumptions about AWS are tried.
const alternativeCount = 2

// alternative is the source with another assumption.
type alternative struct {
	flag        string // of the commands that simulate
	assumption  string // that does not hold then
	source      *dataplane.Source
	differences int64 // packets that are not as this source says
}

// prediction is what an alternative says about a packet.
type prediction struct {
	isMirrored bool
	session    int
	length     int
}

func newAlternatives(iface mirror.Interface, sessions []dataplane.Session, options dataplane.Options) []*alternative {
	stops, allowance := options, options
	stops.RejectStops = !options.RejectStops
	allowance.EncapsulationAllowance = 50
	flags := [alternativeCount]string{"--reject-stops", "--encapsulation-allowance 50"}
	if options.RejectStops {
		flags[0] = "--reject-stops=false"
	}
	if options.EncapsulationAllowance == 50 {
		allowance.EncapsulationAllowance, flags[1] = dataplane.DefaultEncapsulationAllowance, "--encapsulation-allowance 54"
	}
	all := make([]*alternative, alternativeCount)
	for i, o := range []dataplane.Options{stops, allowance} {
		source, err := dataplane.New(iface, sessions, o)
		if err != nil {
			panic(err) // the same sessions were valid with the other options
		}
		all[i] = &alternative{flag: flags[i], assumption: []string{"A0100", "A0105"}[i], source: source}
	}
	return all
}

func (a *alternative) predict(p *packet.Packet, direction mirror.Direction, frame int) prediction {
	verdict := a.source.Process(p, direction)
	if verdict.Outcome != dataplane.Mirrored {
		return prediction{}
	}
	limit, _ := dataplane.CopyLimit(a.source, verdict.SessionNumber)
	return prediction{true, verdict.SessionNumber, min(frame, limit)}
}

// kindSet is a set of kinds of packets that may all be missing for one reason.
type kindSet uint16

// kind is a kind of packet, and the assumption about packets of this kind.
type kind struct {
	name, assumption string
	is               func(p *packet.Packet, frame int) bool
}

// longTCP are packets that may be several on the wire.
const longTCP = "TCP packets longer than 1,514 bytes"

var kinds = []kind{
	{"later fragments", "A0004", func(p *packet.Packet, _ int) bool { return p.IsIP() && p.Fragment == packet.LaterFragment }},
	{"fragments", "A0004", func(p *packet.Packet, _ int) bool { return p.IsIP() && p.Fragment != packet.Whole }},
	{"NTP packets", "A0101", func(p *packet.Packet, _ int) bool {
		return p.HasPorts && p.Protocol == packet.ProtocolUDP && (p.SourcePort == 123 || p.DestinationPort == 123)
	}},
	{"DNS packets", "A0102", func(p *packet.Packet, _ int) bool {
		return p.HasPorts && (p.SourcePort == mirror.DNSPort || p.DestinationPort == mirror.DNSPort)
	}},
	{"packets longer than 8,500 bytes", "A0106", func(_ *packet.Packet, frame int) bool { return frame > 8500 }},
	{"packets longer than 1,514 bytes", "A0105", func(_ *packet.Packet, frame int) bool { return frame > 1514 }},
	{longTCP, "", func(p *packet.Packet, frame int) bool {
		return p.IsIP() && p.Protocol == packet.ProtocolTCP && frame > 1514
	}},
	{"packets with 802.1Q tags", "A0114", func(p *packet.Packet, _ int) bool { return p.IsIP() && p.Tags > 0 }},
	{"packets with IPv6 extension headers", "A0115", func(p *packet.Packet, _ int) bool { return p.IsIP() && p.Extended }},
	{"IPv6 packets", "", func(p *packet.Packet, _ int) bool { return p.Kind == packet.IPv6 }},
}

func kindsOf(p *packet.Packet, frame int) (set kindSet) {
	for i := range kinds {
		if kinds[i].is(p, frame) {
			set |= 1 << i
		}
	}
	return set
}
