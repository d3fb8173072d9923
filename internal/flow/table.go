package flow

import (
	"math"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// Table is a simulation.Splitter that collects the flows of a run. It allocates nothing for a
// packet of a conversation that it has, except for the first packet of a second or of a
// decision. It is not safe for concurrent use.
type Table struct {
	source        *dataplane.Source
	conversations map[key]*conversation
	room          []conversation // for the next ones
	last          *conversation  // of the last packet

	withoutIP, withoutDirection, withoutTime way
	times                                    times
	rates                                    rates
}

// NewTable returns an empty table for the packets of the source.
func NewTable(source *dataplane.Source) *Table {
	return &Table{source: source, conversations: map[key]*conversation{}, times: noTimes, rates: newRates(source)}
}

// The ways of a conversation.
const ingress, egress = 0, 1

// key identifies a conversation of an interface. It has no padding: it is hashed as one
// piece of memory.
type key struct {
	local, remote         packet.Address
	localPort, remotePort uint16
	ports                 uint16 // index in portKinds
	isIPv6                bool
	protocol              uint8
}

type conversation struct {
	key   key
	ways  [2]way
	times times
}

// times are the first and the last time of packets, in nanoseconds since 1970 UTC. If the
// first is after the last, there is none.
type times struct{ first, last int64 }

var noTimes = times{math.MaxInt64, math.MinInt64}

func (t *times) add(other times) {
	t.first, t.last = min(t.first, other.first), max(t.last, other.last)
}

// minRoom and maxRoom are for how many conversations memory is taken at once.
const minRoom, maxRoom = 16, 4096

// Take implements simulation.Sink.
func (t *Table) Take(p *simulation.Packet) error {
	d, v := &p.Decoded, &p.Verdict
	l := lengthsOf(p)
	direction := dataplane.DirectionOf(t.source, d, v)
	w := ingress
	if direction == mirror.Egress {
		w = egress
	}
	// A time of 0 is none: packets in words and simple packet blocks of pcapng have none.
	at := noTimes
	if p.Nanoseconds != 0 {
		at = times{p.Nanoseconds, p.Nanoseconds}
		t.times.add(at)
		t.rates.observe(p.Nanoseconds)
	}
	if v.Outcome == dataplane.Mirrored {
		t.rates.add(v, &l, w, p.Nanoseconds != 0)
	}
	if p.Nanoseconds == 0 {
		t.withoutTime.add(v, l)
	}
	switch {
	case !d.IsIP():
		t.withoutIP.add(v, l)
	case direction == "":
		t.withoutDirection.add(v, l)
	default:
		c := t.find(keyOf(d, w))
		c.times.add(at)
		c.ways[w].add(v, l)
	}
	return nil
}

// lengths are those of the frame of a packet.
type lengths struct {
	onWire, captured int64
	isUnknown        bool // onWire is too low, and it is not known by how much
	isCut            bool // the copy is shorter than onWire
}

func lengthsOf(p *simulation.Packet) lengths {
	onWire, isKnown := p.WireLength()
	return lengths{onWire: onWire, captured: int64(p.Decoded.FrameLength()), isUnknown: !isKnown}
}

// Close implements simulation.Sink.
func (t *Table) Close() error { return nil }

// find returns the conversation with the key.
func (t *Table) find(k key) *conversation {
	if t.last != nil && t.last.key == k {
		return t.last
	}
	c := t.conversations[k]
	if c == nil {
		c = t.add(k)
	}
	t.last = c
	return c
}

func (t *Table) add(k key) *conversation {
	if len(t.room) == 0 {
		t.room = make([]conversation, min(max(len(t.conversations), minRoom), maxRoom))
	}
	c := &t.room[0]
	t.room = t.room[1:]
	c.key, c.times = k, noTimes
	t.conversations[k] = c
	return c
}

// portKinds are the values of key.ports.
var portKinds = [...]Ports{NoPorts, PortNumbers, EchoIdentifier, LaterFragments, PortsCutOff}

const noPorts, portNumbers, echoIdentifier, laterFragments, portsCutOff = 0, 1, 2, 3, 4

// keyOf returns the key of an IP packet. w is its way.
func keyOf(p *packet.Packet, w int) key {
	k := key{isIPv6: p.Kind == packet.IPv6, protocol: p.Protocol}
	var from, to uint16
	k.ports, from, to = portsOf(p)
	if w == ingress {
		k.remote, k.local, k.remotePort, k.localPort = p.Source, p.Destination, from, to
	} else {
		k.local, k.remote, k.localPort, k.remotePort = p.Source, p.Destination, from, to
	}
	return k
}

// portsOf returns the kind of the ports of a packet, and its source and destination port.
func portsOf(p *packet.Packet) (kind, from, to uint16) {
	isICMP := p.Protocol == packet.ProtocolICMP && p.Kind == packet.IPv4 || p.Protocol == packet.ProtocolICMPv6 && p.Kind == packet.IPv6
	hasPorts := p.Protocol == packet.ProtocolTCP || p.Protocol == packet.ProtocolUDP
	switch {
	case p.HasPorts:
		return portNumbers, p.SourcePort, p.DestinationPort
	case !hasPorts && !isICMP:
		return noPorts, 0, 0
	case p.Fragment == packet.LaterFragment:
		return laterFragments, 0, 0
	case hasPorts && p.Cut:
		return portsCutOff, 0, 0
	case hasPorts:
		return noPorts, 0, 0 // the packet is shorter than its ports
	}
	if id, isEcho := dataplane.EchoIdentifier(p); isEcho {
		return echoIdentifier, id, id
	}
	if p.Cut && p.IPOffset+p.IPLength < p.TransportOffset+echoLength {
		return portsCutOff, 0, 0
	}
	return noPorts, 0, 0
}

// echoLength is how many bytes of an ICMP message end with the identifier of an echo.
const echoLength = 6
