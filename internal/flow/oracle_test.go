package flow_test

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"net/netip"
	"slices"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/flow"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// seen is a packet as the oracle keeps it.
type seen struct {
	group     string // "" if it is in no conversation
	flow      flow.Conversation
	isIP, out bool
	at        int64
	bytes     int64
	captured  int64
	session   int
	rule      int
	outcome   string
	reason    string
	copied    int64
	isCut     bool
	isLonger  bool  // than the capture says
	sent      int64 // of the packet, in its copy
}

// oracle is a sink that keeps every packet.
type oracle struct {
	packets []seen
	limits  map[int]int64 // by session number
}

func (o *oracle) Close() error { return nil }

// Take implements simulation.Sink.
func (o *oracle) Take(p *simulation.Packet) error {
	d, v := &p.Decoded, p.Verdict
	s := seen{
		isIP: d.IsIP(), at: p.Nanoseconds, captured: int64(len(d.Data)), session: v.SessionNumber, rule: v.RuleNumber,
		outcome: v.Outcome.String(), reason: v.Reason.String(), copied: int64(v.Bytes),
	}
	if d.Link != 1 {
		s.captured += 14 // nothing is known of the link header
	}
	s.bytes = s.captured + int64(p.Record.Wire-len(p.Record.Data))
	s.sent = min(s.bytes, o.limits[v.SessionNumber])
	s.isCut = s.outcome == "mirrored" && s.bytes > o.limits[v.SessionNumber]
	if d.IsIP() { // the frames are Ethernet
		end := d.IPOffset + int(binary.BigEndian.Uint16(d.Data[d.IPOffset+2:]))
		if d.Data[d.IPOffset]>>4 == 6 {
			end = d.IPOffset + 40 + int(binary.BigEndian.Uint16(d.Data[d.IPOffset+4:]))
		}
		s.isLonger = int64(end) > s.bytes
	}
	if !d.IsIP() {
		o.packets = append(o.packets, s)
		return nil
	}
	from, to := d.SourceAddr(), d.DestinationAddr()
	isOwn := func(a netip.Addr) bool { return a == own || a == own6 }
	if (isOwn(from) || isOwn(to)) && s.outcome != "no_direction" {
		s.out = isOwn(from)
		c := flow.Conversation{Interface: "eni-0123456789abcdef0", Protocol: flow.Protocol(d.Protocol), Local: to, Remote: from, Ports: flow.NoPorts}
		if s.out {
			c.Local, c.Remote = from, to
		}
		transport := d.Data[min(d.TransportOffset, len(d.Data)):]
		isCut := p.Record.Wire > len(p.Record.Data) || d.Cut
		switch {
		case d.Protocol != 1 && d.Protocol != 6 && d.Protocol != 17 && d.Protocol != 58:
		case d.Fragment == 2:
			c.Ports = flow.LaterFragments
		case d.Protocol == 6 || d.Protocol == 17:
			if len(transport) < 4 && isCut {
				c.Ports = flow.PortsCutOff
				break
			}
			c.Ports, c.LocalPort, c.RemotePort = flow.PortNumbers, binary.BigEndian.Uint16(transport[2:]), binary.BigEndian.Uint16(transport)
			if s.out {
				c.LocalPort, c.RemotePort = c.RemotePort, c.LocalPort
			}
		case len(transport) < 6:
			c.Ports = flow.PortsCutOff
		case d.Protocol == 1 && transport[0]&^8 == 0, d.Protocol == 58 && transport[0]|1 == 129:
			id := binary.BigEndian.Uint16(transport[4:])
			c.Ports, c.LocalPort, c.RemotePort = flow.EchoIdentifier, id, id
		}
		s.flow, s.group = c, fmt.Sprint(c)
	}
	o.packets = append(o.packets, s)
	return nil
}

// flows counts the packets, with the configuration of other flows, one group after the other. Nothing of it is fast.
func (o *oracle) flows(like *flow.Flows) *flow.Flows {
	sessions := like.Sessions
	all := func(seen) bool { return true }
	f := &flow.Flows{
		Version: 1, Sources: []string{"eni-0123456789abcdef0"}, Configurations: like.Configurations, Sessions: sessions, Conversations: []flow.Conversation{},
		Apart: flow.Apart{
			WithoutIP:        o.way(func(s seen) bool { return !s.isIP }),
			WithoutDirection: o.way(func(s seen) bool { return s.isIP && s.group == "" }),
			LaterFragments:   o.way(func(s seen) bool { return s.flow.Ports == flow.LaterFragments }),
			PortsCutOff:      o.way(func(s seen) bool { return s.flow.Ports == flow.PortsCutOff }),
			WithoutTime:      o.way(func(s seen) bool { return s.at == 0 }),
		},
	}
	w := o.way(all)
	f.Total = flow.Total{Packets: w.Packets, Bytes: w.Bytes, CapturedBytes: w.CapturedBytes, Mirrored: w.Mirrored, MirroredBytes: w.MirroredBytes, Lost: w.Lost, Truncated: w.Truncated, UnknownLength: w.UnknownLength}
	f.Total.First, f.Total.Last = o.times(all)
	groups := map[string]flow.Conversation{}
	for _, s := range o.packets {
		if s.group != "" {
			groups[s.group] = s.flow
		}
	}
	for group, c := range groups {
		c.In = o.way(func(s seen) bool { return s.group == group && !s.out })
		c.Out = o.way(func(s seen) bool { return s.group == group && s.out })
		c.First, c.Last = o.times(func(s seen) bool { return s.group == group })
		c.Marks = marksOf(c)
		f.Conversations = append(f.Conversations, c)
	}
	slices.SortFunc(f.Conversations, func(a, b flow.Conversation) int {
		return cmp.Or(cmp.Compare(a.Protocol, b.Protocol), a.Local.Compare(b.Local), a.Remote.Compare(b.Remote), cmp.Compare(a.Ports, b.Ports),
			cmp.Compare(a.LocalPort, b.LocalPort), cmp.Compare(a.RemotePort, b.RemotePort))
	})
	f.Top.Local = o.talkers(func(c flow.Conversation) (string, netip.Addr) { return c.Interface, c.Local })
	f.Top.Remote = o.talkers(func(c flow.Conversation) (string, netip.Addr) { return "", c.Remote })
	f.Rate = o.rate(sessions)
	return f
}

func marksOf(c flow.Conversation) []flow.Mark {
	marks := []flow.Mark{}
	oneWay := c.In.Packets == 0 || c.Out.Packets == 0
	if oneWay && (c.Ports == "ports" || c.Ports == "none" || c.Ports == "echo_identifier") {
		marks = append(marks, "one_way")
	}
	if !oneWay && min(c.In.Mirrored, c.Out.Mirrored) == 0 && max(c.In.Mirrored, c.Out.Mirrored) > 0 {
		marks = append(marks, "half_mirrored")
	}
	for _, w := range []flow.Way{c.In, c.Out} {
		if w.Mirrored != 0 && w.Mirrored != w.Packets && !slices.Contains(marks, "partly_mirrored") {
			marks = append(marks, "partly_mirrored")
		}
	}
	if c.In.Truncated > 0 || c.Out.Truncated > 0 {
		marks = append(marks, "copied_cut")
	}
	return marks
}

func (o *oracle) way(has func(seen) bool) flow.Way {
	w := flow.Way{Decisions: []flow.Decision{}}
	for _, s := range o.packets {
		if !has(s) {
			continue
		}
		w.Packets++
		w.Bytes += s.bytes
		w.CapturedBytes += s.captured
		w.MirroredBytes += s.copied
		if s.isCut {
			w.Truncated++
		}
		if s.isLonger {
			w.UnknownLength++
		}
		switch s.outcome {
		case "mirrored":
			w.Mirrored++
		case "lost":
			w.Lost++
		}
		at := slices.IndexFunc(w.Decisions, func(d flow.Decision) bool {
			return d.SessionNumber == s.session && d.RuleNumber == s.rule && d.Reason == s.reason
		})
		if at < 0 {
			w.Decisions = append(w.Decisions, flow.Decision{SessionNumber: s.session, RuleNumber: s.rule, Outcome: s.outcome, Reason: s.reason})
			at = len(w.Decisions) - 1
		}
		w.Decisions[at].Packets++
		w.Decisions[at].MirroredBytes += s.copied
	}
	slices.SortFunc(w.Decisions, func(a, b flow.Decision) int {
		return cmp.Or(a.SessionNumber-b.SessionNumber, a.RuleNumber-b.RuleNumber, cmp.Compare(a.Reason, b.Reason))
	})
	return w
}

func (o *oracle) times(has func(seen) bool) (first, last time.Time) {
	var all []int64
	for _, s := range o.packets {
		if has(s) && s.at != 0 {
			all = append(all, s.at)
		}
	}
	if all == nil {
		return first, last
	}
	return time.Unix(0, slices.Min(all)).UTC(), time.Unix(0, slices.Max(all)).UTC()
}

func (o *oracle) talkers(of func(flow.Conversation) (string, netip.Addr)) []flow.Talker {
	all := map[string]flow.Talker{}
	groups := map[string]map[string]bool{}
	for _, s := range o.packets {
		if s.group == "" {
			continue
		}
		iface, address := of(s.flow)
		name := iface + " " + address.String()
		if groups[name] == nil {
			groups[name] = map[string]bool{}
		}
		groups[name][s.group] = true
		k := all[name]
		k.Interface, k.Address, k.Conversations = iface, address, int64(len(groups[name]))
		k.Packets++
		k.Bytes += s.bytes
		k.MirroredBytes += s.copied
		if s.outcome == "mirrored" {
			k.Mirrored++
		}
		all[name] = k
	}
	list := slices.Collect(maps.Values(all))
	slices.SortFunc(list, func(a, b flow.Talker) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(b.Packets, a.Packets), a.Address.Compare(b.Address))
	})
	return list[:min(len(list), 10)]
}

// rate counts the copies, with a line for each second.
func (o *oracle) rate(sessions []flow.Session) flow.Rate {
	observed := map[int64]bool{}
	for _, s := range o.packets {
		if s.at != 0 {
			observed[int64(math.Floor(float64(s.at/1000)/1e6))] = true // microseconds are exact in a float64
		}
	}
	seconds := slices.Sorted(maps.Keys(observed))
	names := map[string]bool{}
	for _, s := range sessions {
		names[s.Target] = true
	}
	r := flow.Rate{Observed: int64(len(seconds)), Together: o.load(sessions, "", seconds, true)}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		r.Targets = append(r.Targets, o.load(sessions, name, seconds, false))
	}
	return r
}

func (o *oracle) load(sessions []flow.Session, target string, seconds []int64, all bool) flow.Load {
	load := flow.Load{Target: target, Seconds: []flow.Second{}}
	var bits, packets []int64
	for _, second := range append(slices.Clone(seconds), math.MaxInt64) {
		line := flow.Second{Unix: second}
		for _, s := range o.packets {
			at := slices.IndexFunc(sessions, func(x flow.Session) bool { return x.SessionNumber == s.session })
			isUntimed := s.at == 0
			inSecond := !isUntimed && int64(math.Floor(float64(s.at/1000)/1e6)) == second || isUntimed && second == math.MaxInt64
			if s.outcome != "mirrored" || !inSecond || !all && sessions[at].Target != target {
				continue
			}
			bytes := s.sent + int64(sessions[at].OuterBytes)
			if s.isLonger && s.bytes < o.limits[s.session] {
				load.AtLeast++
			}
			load.Copies++
			load.Bytes += bytes
			switch {
			case isUntimed:
				load.Untimed++
			case s.out:
				line.OutPackets, line.OutBytes = line.OutPackets+1, line.OutBytes+bytes
			default:
				line.InPackets, line.InBytes = line.InPackets+1, line.InBytes+bytes
			}
		}
		if second == math.MaxInt64 {
			break
		}
		bits, packets = append(bits, 8*(line.InBytes+line.OutBytes)), append(packets, line.InPackets+line.OutPackets)
		if all || line.InPackets+line.OutPackets > 0 {
			load.Seconds = append(load.Seconds, line)
		}
	}
	load.Bits, load.Packets = figuresOf(bits, seconds), figuresOf(packets, seconds)
	return load
}

func figuresOf(perSecond, seconds []int64) *flow.Figures {
	if len(perSecond) == 0 {
		return nil
	}
	f := &flow.Figures{Peak: slices.Max(perSecond)}
	if f.Peak > 0 {
		f.PeakAt = time.Unix(seconds[slices.Index(perSecond, f.Peak)], 0).UTC()
	}
	sum := 0.0
	for _, n := range perSecond {
		sum += float64(n)
	}
	f.Mean = int64(math.Round(sum / float64(len(perSecond))))
	sorted := slices.Sorted(slices.Values(perSecond))
	rank := func(p float64) int64 { return sorted[int(math.Ceil(p*float64(len(sorted))/100))-1] }
	f.P95, f.P99 = rank(95), rank(99)
	return f
}
