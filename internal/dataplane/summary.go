package dataplane

import (
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// Summary counts the verdicts of many packets. BytesIn are captured bytes. All
// other bytes are copied bytes, counted from the inner Ethernet header.
type Summary struct {
	Packets     int64                      `json:"packets"`
	Mirrored    int64                      `json:"mirrored"`
	Directions  map[mirror.Direction]int64 `json:"directions"`   // packets by the direction in their verdict; only directions that occurred
	NotMirrored map[Reason]int64           `json:"not_mirrored"` // packets by reason; only reasons that occurred
	Truncated   map[Truncation]int64       `json:"truncated"`    // packets by truncation; only truncations that occurred
	Unknown     map[Unknown]int64          `json:"unknown"`      // mirrored packets by what is not known of their target; only what occurred
	BytesIn     int64                      `json:"bytes_in"`
	BytesOut    int64                      `json:"bytes_out"`
	Sessions    []SessionSummary           `json:"sessions"` // all, by session number
	Rules       []RuleSummary              `json:"rules"`    // all, by session, direction and number; amazon-dns last
	CloudWatch  CloudWatch                 `json:"cloudwatch"`
}

// SessionSummary is what a session mirrored.
type SessionSummary struct {
	SessionNumber    int   `json:"session_number"`
	VirtualNetworkID int   `json:"virtual_network_id"`
	Packets          int64 `json:"packets"`
	Bytes            int64 `json:"bytes"`
}

// RuleSummary is what a rule did. Hits are the packets of which it was the first rule
// of its session to match. Packets are those whose verdict it made. For a rule that
// accepts, these are the same: packets that were mirrored or whose copies were lost.
// For a rule that rejects, packets are those that it was the first to reject and that
// no session accepted.
type RuleSummary struct {
	SessionNumber int              `json:"session_number"`
	Direction     mirror.Direction `json:"direction"`
	RuleNumber    *int             `json:"rule_number"` // nil: the network service amazon-dns
	Hits          int64            `json:"hits"`
	Packets       int64            `json:"packets"`
	Bytes         int64            `json:"bytes"`
}

// CloudWatch has the metrics of the source's instance
// (https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirror-cloudwatch.html).
// Bytes are copied bytes (assumption A0119).
type CloudWatch struct {
	NetworkMirrorIn         int64 `json:"NetworkMirrorIn"`
	NetworkMirrorOut        int64 `json:"NetworkMirrorOut"`
	NetworkPacketsMirrorIn  int64 `json:"NetworkPacketsMirrorIn"`
	NetworkPacketsMirrorOut int64 `json:"NetworkPacketsMirrorOut"`
}

// Tally counts the verdicts of one source. It is not safe for concurrent use.
type Tally struct {
	source    *Source
	packets   int64
	bytesIn   int64
	reasons   [reasonCount]int64
	truncated [truncationCount]int64
	ways      [2]int64 // packets
	mirrored  [2]count // by way
	sessions  []count
	rules     []ruleCount // by info, from 1
}

type count struct{ packets, bytes int64 }

type ruleCount struct {
	count
	hits int64
}

// countHit counts a rule that a packet hits. counts may be nil.
func countHit(counts []ruleCount, rule int32) {
	if counts != nil {
		counts[rule].hits++
	}
}

func (c *count) add(bytes int) {
	c.packets++
	c.bytes += int64(bytes)
}

func (c *count) join(other count) {
	c.packets += other.packets
	c.bytes += other.bytes
}

// NewTally returns an empty tally for the source's verdicts.
func (s *Source) NewTally() *Tally {
	return &Tally{source: s, sessions: make([]count, len(s.sessions)), rules: make([]ruleCount, len(s.rules)+1)}
}

// Process does what Source.Process does, and counts the packet. It allocates nothing.
func (t *Tally) Process(p *packet.Packet, direction mirror.Direction) Verdict {
	v := Verdict{Direction: direction}
	t.source.process(p, &v, t.rules)
	t.add(p, &v)
	return v
}

func (t *Tally) add(p *packet.Packet, v *Verdict) {
	t.packets++
	t.bytesIn += int64(len(p.Data))
	t.reasons[v.Reason]++
	if v.Direction != "" {
		t.ways[wayOf(v.Direction)]++
	}
	t.rules[v.rule].add(v.Bytes)
	if v.Outcome != Mirrored {
		return
	}
	t.truncated[v.TruncatedBy]++
	t.mirrored[wayOf(v.Direction)].add(v.Bytes)
	t.sessions[t.source.sessionAt(v.SessionNumber)].add(v.Bytes)
}

// Add adds the counts of another tally of the same source.
func (t *Tally) Add(other *Tally) {
	t.packets += other.packets
	t.bytesIn += other.bytesIn
	for i, n := range other.reasons {
		t.reasons[i] += n
	}
	for i, n := range other.truncated {
		t.truncated[i] += n
	}
	for way := range ways {
		t.ways[way] += other.ways[way]
		t.mirrored[way].join(other.mirrored[way])
	}
	for i, c := range other.sessions {
		t.sessions[i].join(c)
	}
	for i, c := range other.rules {
		t.rules[i].join(c.count)
		t.rules[i].hits += c.hits
	}
}

// Summary returns the counts so far.
func (t *Tally) Summary() Summary {
	in, out := t.mirrored[ingress], t.mirrored[egress]
	s := Summary{
		Packets: t.packets, Mirrored: in.packets + out.packets, BytesIn: t.bytesIn, BytesOut: in.bytes + out.bytes,
		Directions:  map[mirror.Direction]int64{},
		NotMirrored: map[Reason]int64{}, Truncated: map[Truncation]int64{}, Unknown: map[Unknown]int64{},
		Sessions: make([]SessionSummary, len(t.sessions)), Rules: make([]RuleSummary, len(t.source.rules)),
		CloudWatch: CloudWatch{in.bytes, out.bytes, in.packets, out.packets},
	}
	for way, n := range t.ways {
		if n > 0 {
			s.Directions[ways[way]] = n
		}
	}
	for _, r := range Reasons {
		if n := t.reasons[r]; n > 0 && r != RuleAccepts && r != ServiceAccepts {
			s.NotMirrored[r] = n
		}
	}
	for _, by := range Truncations {
		if n := t.truncated[by]; n > 0 {
			s.Truncated[by] = n
		}
	}
	for i, c := range t.sessions {
		of := t.source.sessions[i]
		s.Sessions[i] = SessionSummary{of.number, int(of.vni), c.packets, c.bytes}
		if c.packets > 0 {
			for _, u := range of.unknown.List() {
				s.Unknown[u] += c.packets
			}
		}
	}
	for i, info := range t.source.rules {
		c := t.rules[i+1]
		s.Rules[i] = RuleSummary{t.source.sessions[info.session].number, ways[info.way], nil, c.hits, c.packets, c.bytes}
		if info.number != 0 {
			s.Rules[i].RuleNumber = new(int(info.number))
		}
	}
	return s
}
