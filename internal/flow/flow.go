// Package flow makes a flow table of a simulation: the conversations of an interface,
// what was mirrored of them each way, and how much the targets have to take.
//
//	table := flow.NewTable(source)
//	_, err := simulation.Run(ctx, source, input, table)
//	err = table.Flows().WriteText(os.Stdout)
//
// The result does not depend on the order of packets. Flows of the parts of a capture,
// merged in any order, are those of the whole capture, to the last byte of their JSON. All
// numbers are integers.
package flow

import (
	"net/netip"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Version is the version of the JSON of Flows.
const Version = 1

// Flows are the conversations of a run, or of several runs that were merged.
type Flows struct {
	Version        int                       `json:"version"`
	Incomplete     bool                      `json:"incomplete"`     // a run ended before its capture did
	Unwrap         bool                      `json:"unwrap"`         // the packets are those in the tunnels of captures
	Sources        []string                  `json:"sources"`        // IDs of the interfaces, sorted; "": one without an ID
	Configurations []dataplane.Configuration `json:"configurations"` // of the sources, in their order; without the direction that was given
	Sessions       []Session                 `json:"sessions"`       // by interface and number
	Total          Total                     `json:"total"`          // of all packets, also those of no conversation
	Conversations  []Conversation            `json:"conversations"`  // by interface, protocol, addresses and ports
	Apart          Apart                     `json:"apart"`
	Top            Top                       `json:"top"`
	Rate           Rate                      `json:"rate"`
}

// Session is a session of a source, and what is known of its target.
type Session struct {
	Interface        string            `json:"interface"`
	SessionNumber    int               `json:"session_number"`
	VirtualNetworkID int               `json:"virtual_network_id"`
	Target           string            `json:"target"` // names a Target of the Rate
	TargetType       mirror.TargetType `json:"target_type"`
	OuterBytes       int               `json:"outer_bytes"` // that a copy has before the copied frame when it reaches an appliance
	Unknown          []string          `json:"unknown"`     // facts of the target: names of dataplane.Unknown, and UnknownAddress
}

// Total counts packets.
type Total struct {
	Packets       int64     `json:"packets"`
	Bytes         int64     `json:"bytes"`          // on the wire, from the Ethernet header
	CapturedBytes int64     `json:"captured_bytes"` // in the capture, from the Ethernet header
	Mirrored      int64     `json:"mirrored"`
	MirroredBytes int64     `json:"mirrored_bytes"` // copied of the captured bytes, without outer headers
	Lost          int64     `json:"lost"`
	Truncated     int64     `json:"truncated"`
	UnknownLength int64     `json:"unknown_length"`
	First         time.Time `json:"first,omitzero"` // zero: no packet has a time
	Last          time.Time `json:"last,omitzero"`
}

// Conversation is the packets between two addresses and ports. Local is the side of
// the interface, whoever sent the first packet.
type Conversation struct {
	Interface  string     `json:"interface"`
	Protocol   Protocol   `json:"protocol"`
	Ports      Ports      `json:"ports"`
	Local      netip.Addr `json:"local"`
	LocalPort  uint16     `json:"local_port"` // valid iff Ports is PortNumbers or EchoIdentifier, as RemotePort
	Remote     netip.Addr `json:"remote"`
	RemotePort uint16     `json:"remote_port"`
	In         Way        `json:"in"`             // ingress
	Out        Way        `json:"out"`            // egress
	First      time.Time  `json:"first,omitzero"` // zero: no packet has a time
	Last       time.Time  `json:"last,omitzero"`
	Marks      []Mark     `json:"marks"` // in the order of Marks
}

// Way is the packets of one direction, or of both where they are counted apart.
type Way struct {
	Packets       int64      `json:"packets"`
	Bytes         int64      `json:"bytes"`          // on the wire, from the Ethernet header
	CapturedBytes int64      `json:"captured_bytes"` // in the capture, from the Ethernet header
	Mirrored      int64      `json:"mirrored"`
	MirroredBytes int64      `json:"mirrored_bytes"` // copied of the captured bytes, without outer headers
	Lost          int64      `json:"lost"`           // a session took them, and their copies do not arrive
	Truncated     int64      `json:"truncated"`      // mirrored, and on the wire longer than the session copies
	UnknownLength int64      `json:"unknown_length"` // on the wire longer than Bytes counts: the capture does not say how long
	Decisions     []Decision `json:"decisions"`      // by session, rule and reason
}

// Decision counts the packets about which the same session and rule decided for the same
// reason.
type Decision struct {
	SessionNumber int    `json:"session_number,omitempty"` // 0: none
	RuleNumber    int    `json:"rule_number,omitempty"`    // 0: none
	Outcome       string `json:"outcome"`                  // the name of a dataplane.Outcome
	Reason        string `json:"reason"`                   // the name of a dataplane.Reason
	Packets       int64  `json:"packets"`
	MirroredBytes int64  `json:"mirrored_bytes"`
}

// UnknownAddress is in Session.Unknown if the address of the target is not known. Then its
// outer header is taken for IPv4.
const UnknownAddress = "address"

// Ports says what the ports of a conversation are.
type Ports string

// The kinds of ports.
const (
	PortNumbers    Ports = "ports"           // of TCP or UDP
	EchoIdentifier Ports = "echo_identifier" // of ICMP or ICMPv6: both ports are the identifier
	NoPorts        Ports = "none"            // the protocol has none, or they are not read
	LaterFragments Ports = "later_fragments" // fragments after the first have no ports; they may belong to several conversations
	PortsCutOff    Ports = "cut_off"         // the capture ends before the ports
)

// Mark is what a reader should look at in a conversation.
type Mark string

// The marks.
const (
	OneWay         Mark = "one_way"         // the capture has packets of one direction only
	HalfMirrored   Mark = "half_mirrored"   // packets of one direction are mirrored, and none of the other
	PartlyMirrored Mark = "partly_mirrored" // packets of a direction are mirrored, and others of it are not
	CopiedCut      Mark = "copied_cut"      // copies are shorter than their packets
)

// Marks lists every Mark.
var Marks = []Mark{OneWay, HalfMirrored, PartlyMirrored, CopiedCut}

// Apart counts packets that are in no conversation, and those that are in one by their
// addresses only.
type Apart struct {
	WithoutIP        Way `json:"without_ip"`        // no readable IP header
	WithoutDirection Way `json:"without_direction"` // unknown or impossible
	LaterFragments   Way `json:"later_fragments"`   // are in conversations of the kind LaterFragments too
	PortsCutOff      Way `json:"ports_cut_off"`     // are in conversations of the kind PortsCutOff too
	WithoutTime      Way `json:"without_time"`      // are in conversations too, and not in the rate
}

// Top has the addresses with the most bytes on the wire, at most TopTalkers each.
type Top struct {
	Local  []Talker `json:"local"`
	Remote []Talker `json:"remote"`
}

// TopTalkers is how many addresses a list of Top has at most.
const TopTalkers = 10

// Talker is what an address sent and received.
type Talker struct {
	Interface     string     `json:"interface,omitempty"` // of a local address
	Address       netip.Addr `json:"address"`
	Conversations int64      `json:"conversations"`
	Packets       int64      `json:"packets"`
	Bytes         int64      `json:"bytes"`
	Mirrored      int64      `json:"mirrored"`
	MirroredBytes int64      `json:"mirrored_bytes"`
}

// Rate is how much reaches the targets in each second.
type Rate struct {
	Observed int64  `json:"observed_seconds"` // in which the capture has a packet with a time
	Together Load   `json:"together"`
	Targets  []Load `json:"targets"` // by name
}

// Load is the copies that reach a target, with all headers from the outer Ethernet
// header on, as they reach an appliance. A copy of a packet that the capture has cut counts as it is
// on the wire.
type Load struct {
	Target  string   `json:"target,omitempty"` // "": all targets together
	Copies  int64    `json:"copies"`
	Bytes   int64    `json:"bytes"`
	Untimed int64    `json:"copies_without_time"`      // of Copies: they are in no second
	AtLeast int64    `json:"copies_of_unknown_length"` // of Copies: they can be longer than Bytes counts
	Bits    *Figures `json:"bits_per_second,omitzero"` // nil: not known, because no packet has a time
	Packets *Figures `json:"packets_per_second,omitzero"`
	Seconds []Second `json:"seconds"` // by time; of a target those with copies, of all together those with packets
}

// Figures are taken over the observed seconds.
type Figures struct {
	Peak   int64     `json:"peak"`
	PeakAt time.Time `json:"peak_at,omitzero"` // the first such second; zero: the peak is 0
	P99    int64     `json:"p99"`              // nearest rank, as P95
	P95    int64     `json:"p95"`
	Mean   int64     `json:"mean"` // rounded
}

// Second is the copies of one second of time stamps. In JSON it is a list of five numbers, in
// the order of the fields.
type Second struct {
	Unix       int64 // seconds since 1970 UTC
	InPackets  int64 // copies of ingress packets
	InBytes    int64
	OutPackets int64 // copies of egress packets
	OutBytes   int64
}

// Protocol is an IP protocol. In text it is a name, or the number of a protocol without one.
type Protocol mirror.Protocol
