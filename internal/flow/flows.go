package flow

import (
	"cmp"
	"encoding/binary"
	"net/netip"
	"slices"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// Flows returns the flows of the packets so far.
func (t *Table) Flows() *Flows {
	iface := dataplane.InterfaceOf(t.source)
	f := &Flows{
		Version: Version,
		Sources: []string{iface}, Configurations: []dataplane.Configuration{t.source.Configuration("")}, Sessions: t.rates.sessions(iface), Conversations: make([]Conversation, 0, len(t.conversations)),
		Apart: Apart{WithoutIP: t.withoutIP.result(), WithoutDirection: t.withoutDirection.result(), WithoutTime: t.withoutTime.result()},
		Rate:  t.rates.result(),
	}
	f.Total.First, f.Total.Last = t.times.result()
	for _, c := range t.conversations {
		f.Conversations = append(f.Conversations, c.result(iface))
	}
	slices.SortFunc(f.Conversations, compareConversations)
	f.derive(&limit{}) // a run cannot have so many bytes
	return f
}

// Split implements simulation.Splitter.
func (t *Table) Split() simulation.Splitter { return NewTable(t.source) }

// Join implements simulation.Splitter.
func (t *Table) Join(part simulation.Splitter) error {
	other := part.(*Table)
	for k, c := range other.conversations {
		into := t.find(k)
		into.times.add(c.times)
		for w := range into.ways {
			into.ways[w].join(&c.ways[w])
		}
	}
	t.withoutIP.join(&other.withoutIP)
	t.withoutDirection.join(&other.withoutDirection)
	t.withoutTime.join(&other.withoutTime)
	t.times.add(other.times)
	t.rates.join(&other.rates)
	return nil
}

// result returns the times; the zero time if there is none.
func (t times) result() (first, last time.Time) {
	if t.first > t.last {
		return first, last
	}
	return time.Unix(0, t.first).UTC(), time.Unix(0, t.last).UTC()
}

func (c *conversation) result(iface string) Conversation {
	k := c.key
	result := Conversation{
		Interface: iface, Protocol: Protocol(k.protocol), Ports: portKinds[k.ports],
		Local: addr(k.local, k.isIPv6), LocalPort: k.localPort, Remote: addr(k.remote, k.isIPv6), RemotePort: k.remotePort,
		In: c.ways[ingress].result(), Out: c.ways[egress].result(),
	}
	result.First, result.Last = c.times.result()
	return result
}

func addr(a packet.Address, isIPv6 bool) netip.Addr {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], a.High)
	binary.BigEndian.PutUint64(b[8:], a.Low)
	if isIPv6 {
		return netip.AddrFrom16(b)
	}
	return netip.AddrFrom4([4]byte(b[12:]))
}

// compareConversations orders conversations. Those that compare equal are the same.
func compareConversations(a, b Conversation) int {
	if c := cmp.Or(cmp.Compare(a.Interface, b.Interface), cmp.Compare(a.Protocol, b.Protocol)); c != 0 {
		return c
	}
	if c := cmp.Or(a.Local.Compare(b.Local), a.Remote.Compare(b.Remote), cmp.Compare(a.Ports, b.Ports)); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(a.LocalPort, b.LocalPort), cmp.Compare(a.RemotePort, b.RemotePort))
}
