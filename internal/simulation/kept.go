package simulation

import (
	"net/netip"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// PacketVerdict is a packet and its verdict in readable form. It stays valid after the run. A
// nil number or an empty text means none.
type PacketVerdict struct {
	Packet    string // in short: protocol, addresses, ports and length
	Origin    string // of several captures, which one and the number in it; "" otherwise
	Direction string

	Protocol        string // the name, or the number of a protocol without one; "": not a readable IP packet, as with addresses
	Source          string
	SourcePort      *int64
	Destination     string
	DestinationPort *int64
	Length          int64 // captured bytes, with an Ethernet header

	Mirrored      bool
	Outcome       string
	Reason        string
	SessionNumber *int64
	RuleNumber    *int64
	Bytes         int64 // that are copied
	TruncatedBy   string
	Unknown       []string // of the target
	Assumption    string
	Appliance     string // behind a load balancer, that gets the copy; "": not known, or none
}

func newPacketVerdict(p *Packet) PacketVerdict {
	v := p.Verdict
	verdict := PacketVerdict{
		Packet:        dataplane.Describe(&p.Decoded),
		Origin:        p.origin(),
		Direction:     string(v.Direction),
		Length:        int64(p.Decoded.FrameLength()),
		Mirrored:      v.Outcome == dataplane.Mirrored,
		Outcome:       v.Outcome.String(),
		Reason:        v.Reason.String(),
		SessionNumber: numberOrNil(v.SessionNumber),
		RuleNumber:    numberOrNil(v.RuleNumber),
		Bytes:         int64(v.Bytes),
		TruncatedBy:   v.TruncatedBy.String(),
		Unknown:       namesOf(v.Unknown.List()),
		Assumption:    v.Assumption.String(),
	}
	if p.Decoded.IsIP() {
		verdict.Protocol = mirror.Protocol(p.Decoded.Protocol).String()
		verdict.Source, verdict.Destination = p.Decoded.SourceAddr().String(), p.Decoded.DestinationAddr().String()
	}
	if p.Decoded.HasPorts {
		verdict.SourcePort, verdict.DestinationPort = new(int64(p.Decoded.SourcePort)), new(int64(p.Decoded.DestinationPort))
	}
	return verdict
}

func namesOf(unknowns []dataplane.Unknown) []string {
	var names []string
	for _, u := range unknowns {
		names = append(names, u.String())
	}
	return names
}

// numberOrNil returns nil for the 0 of a verdict, which means none.
func numberOrNil(n int) *int64 {
	if n == 0 {
		return nil
	}
	return new(int64(n))
}

// KeptVerdicts is a Sink that keeps the verdicts of some packets: all packets in
// words, and a part of the capture.
type KeptVerdicts struct {
	// ByName holds the verdicts. A packet of the capture has its number as its name.
	ByName map[string]PacketVerdict
	// ByAppliance counts the copies of all packets by the address of the appliance behind a load
	// balancer that gets them. Copies whose appliance is not known are not in it.
	ByAppliance map[netip.Addr]int64

	source  *dataplane.Source
	first   int64
	numbers map[int64]bool
}

// NewKeptVerdicts keeps the first packets of the capture, and those whose numbers
// are among names. source is that of the verdicts; without it,
// appliances are not known.
func NewKeptVerdicts(source *dataplane.Source, first int64, names ...string) *KeptVerdicts {
	k := &KeptVerdicts{ByName: map[string]PacketVerdict{}, ByAppliance: map[netip.Addr]int64{}, source: source, first: first, numbers: map[int64]bool{}}
	for _, name := range names {
		if number, err := strconv.ParseInt(name, 10, 64); err == nil && IsCaptureNumber(name) {
			k.numbers[number] = true
		}
	}
	return k
}

// Take implements Sink.
func (k *KeptVerdicts) Take(p *Packet) error {
	var appliance netip.Addr
	if k.source != nil {
		appliance = k.source.Appliance(&p.Decoded, p.Verdict)
	}
	if appliance.IsValid() {
		k.ByAppliance[appliance]++
	}
	name := p.Name
	if name == "" {
		if p.Number > k.first && !k.numbers[p.Number] {
			return nil
		}
		name = strconv.FormatInt(p.Number, 10)
	}
	v := newPacketVerdict(p)
	if appliance.IsValid() {
		v.Appliance = appliance.String()
	}
	k.ByName[name] = v
	return nil
}

// Close implements Sink.
func (k *KeptVerdicts) Close() error { return nil }
