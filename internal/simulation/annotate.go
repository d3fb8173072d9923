package simulation

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

// Annotation is a Sink that copies the capture to pcapng, each packet with its verdict as a
// comment and its direction. Packets in words follow, on an interface of their own.
//
// Of a capture that an Unwrapper reads, it copies the packets as they are, with the verdicts of the
// packets in their tunnels. Their flags are about the sensor, so they stay, and the comment says
// the direction.
type Annotation struct {
	file      *capture.Annotator
	comment   []byte
	unwrapped bool
}

// NewAnnotation begins the file. Close has to be called, which Run does: a goroutine does the
// writing.
func NewAnnotation(to io.Writer) *Annotation {
	return &Annotation{file: capture.NewAnnotator(to)}
}

var errNotOneCapture = errors.New("an annotated copy is one of a single capture file. Simulate one capture file at a time")

// Start implements Starter.
func (a *Annotation) Start(in Input) error {
	switch {
	case len(in.Files) > 0:
		return errNotOneCapture
	case in.Capture == nil:
		return nil
	}
	source := in.Capture
	if unwrapper, isUnwrapper := source.(*Unwrapper); isUnwrapper {
		source, a.unwrapped = unwrapper.in, true
	}
	copied, isCopied := source.(capture.Copied)
	if !isCopied {
		return errNotOneCapture
	}
	copied.CopyTo(a.file)
	return nil
}

// Take implements Sink.
func (a *Annotation) Take(p *Packet) error {
	heading := headingOf(p.Verdict.Direction)
	a.comment = a.comment[:0]
	if p.Record == nil {
		a.comment = append(strconv.AppendQuote(a.comment, p.Name), ": "...)
		a.comment = appendComment(a.comment, &p.Verdict, p.Decoded.FrameLength())
		return a.file.Append(heading, a.comment, p.Decoded.Data)
	}
	a.comment = appendComment(a.comment, &p.Verdict, p.Decoded.FrameLength())
	if a.unwrapped {
		if heading != packet.HeadingUnknown {
			a.comment = append(append(a.comment, "; "...), p.Verdict.Direction...)
		}
		return a.file.Annotate(packet.HeadingUnknown, a.comment)
	}
	switch stated := p.Record.Heading; {
	case stated == packet.Inbound && heading == packet.Outbound:
		a.comment = append(a.comment, "; the flags of the capture say inbound"...)
	case stated == packet.Outbound && heading == packet.Inbound:
		a.comment = append(a.comment, "; the flags of the capture say outbound"...)
	}
	return a.file.Annotate(heading, a.comment)
}

// Close implements Sink.
func (a *Annotation) Close() error { return a.file.Close() }

// LeftOut says what the file lacks, a text for each kind; nil if it lacks nothing.
func (a *Annotation) LeftOut() []string {
	var all []string
	left := a.file.LeftOut()
	if left.Blocks > 0 {
		all = append(all, fmt.Sprintf("%s without packets, longer than %d MiB", wording.Count(left.Blocks, "block"), capture.MaxCopied>>20))
	}
	if left.Comments > 0 {
		all = append(all, fmt.Sprintf("the comments of %s: their blocks are too long", wording.Count(left.Comments, "packet")))
	}
	return all
}

// CheckAnnotated returns a problem if the name of a file does not fit an annotated copy. A name
// without an ending is allowed: a pipe has none.
func CheckAnnotated(field, path string) mirror.Problems {
	if filepath.Ext(path) == "" || capture.FormatOf(path) == capture.Pcapng {
		return nil
	}
	return mirror.Problems{{
		Kind: mirror.Invalid, Field: field, Wrong: fmt.Sprintf("is %q, and an annotated capture is pcapng, not compressed: classic pcap has no comments", path),
		Fix: "Write a name that ends with .pcapng.",
	}}
}

func headingOf(d mirror.Direction) packet.Heading {
	switch d {
	case mirror.Ingress:
		return packet.Inbound
	case mirror.Egress:
		return packet.Outbound
	}
	return packet.HeadingUnknown
}

// appendComment appends a verdict in words. length is the length of the packet.
//
// Filters select packets by the words: "mirrored" is in the comments of mirrored packets only,
// and "rejected" in those of rejected ones. The number of a session is followed by a comma, and
// that of a rule by a space, so that 1 is not found in 10.
func appendComment(b []byte, v *dataplane.Verdict, length int) []byte {
	b = append(append(b, outcomeWords[v.Outcome]...), ": "...)
	switch v.Outcome {
	case dataplane.Mirrored:
		b = append(appendDecision(b, v), ", "...)
		b = appendBytes(b, v, length)
	case dataplane.Rejected:
		b = appendDecision(b, v)
	case dataplane.Lost:
		b = append(append(appendDecision(b, v), ", "...), reasonWords[v.Reason]...)
	default:
		b = append(b, reasonWords[v.Reason]...)
	}
	between := "; not known: "
	for _, u := range dataplane.Unknowns {
		if v.Unknown.Has(u) {
			b = append(append(b, between...), u.String()...)
			between = ", "
		}
	}
	if v.Assumption != 0 {
		b = appendAssumptionNumber(append(b, "; depends on assumption "...), v.Assumption)
	}
	return b
}

// appendDecision appends the session and the rule that decided.
func appendDecision(b []byte, v *dataplane.Verdict) []byte {
	b = strconv.AppendInt(append(b, "session "...), int64(v.SessionNumber), 10)
	if v.RuleNumber == 0 {
		return append(b, ", network service amazon-dns accepts"...)
	}
	b = strconv.AppendInt(append(b, ", rule "...), int64(v.RuleNumber), 10)
	if v.Outcome == dataplane.Rejected {
		return append(b, " rejects"...)
	}
	return append(b, " accepts"...)
}

func appendBytes(b []byte, v *dataplane.Verdict, length int) []byte {
	b = strconv.AppendInt(b, int64(v.Bytes), 10)
	if v.TruncatedBy == 0 {
		return append(b, " bytes"...)
	}
	b = strconv.AppendInt(append(b, " of "...), int64(length), 10)
	return append(append(b, " bytes, cut to "...), truncationWords[v.TruncatedBy]...)
}

var outcomeWords = [...]string{
	dataplane.Mirrored:      "mirrored",
	dataplane.Rejected:      "rejected",
	dataplane.NoMatch:       "no match",
	dataplane.NeverMirrored: "never copied",
	dataplane.NoDirection:   "no direction",
	dataplane.Lost:          "lost",
}

// reasonWords are shorter than the sentences of the reasons. The reasons of mirrored and of
// rejected packets follow from session and rule.
var reasonWords = [...]string{
	dataplane.NoRule:         "no rule matches",
	dataplane.NoSession:      "the interface has no session",
	dataplane.AmazonDNSOff:   "Amazon DNS, and no filter has the network service amazon-dns",
	dataplane.NotIP:          "neither IPv4 nor IPv6",
	dataplane.Unreadable:     "the IP headers contradict themselves",
	dataplane.CutOff:         "the capture ends inside the headers that rules need",
	dataplane.LinkTypeUnread: "the link type is not read",

	dataplane.ARP:               "ARP",
	dataplane.DHCP:              "DHCP",
	dataplane.InstanceMetadata:  "instance metadata",
	dataplane.AmazonTimeService: "Amazon Time Sync Service",
	dataplane.WindowsActivation: "Windows activation",

	dataplane.DirectionUnknown:    "nothing shows whether the interface received or sent the packet",
	dataplane.ImpossibleDirection: "the interface cannot have received or sent the packet in the stated direction",

	dataplane.TargetGone:    "what backed the target does not exist any more",
	dataplane.NoReceiver:    "nothing receives for the target now",
	dataplane.NoUDPListener: "the load balancer does not listen on UDP port 4789",
	dataplane.NoAppliance:   "no appliance that gets packets is registered behind the load balancer",
}

var truncationWords = [...]string{
	dataplane.ByPacketLength:        "the packet length of the session",
	dataplane.ByTargetMTU:           "the MTU of the target",
	dataplane.ByGatewayLoadBalancer: "what a Gateway Load Balancer carries",
	dataplane.ByUDPDatagram:         "what a UDP datagram carries",
}
