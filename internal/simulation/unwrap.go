package simulation

import (
	"errors"
	"fmt"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

// Unwrap returns the packet in a VXLAN or GENEVE packet. It reads one level, with one
// exception: a Gateway Load Balancer sends copies in VXLAN over IP in GENEVE, and then
// it returns the frame in the VXLAN packet. The errors are those of packet.Unwrap.
func Unwrap(p *packet.Packet) (packet.Tunnel, error) {
	tunnel, err := p.Unwrap()
	if err != nil || tunnel.Link == packet.LinkEthernet {
		return tunnel, err
	}
	var inner packet.Packet
	inner.Decode(tunnel.Inner, tunnel.Link)
	frame, err := inner.Unwrap()
	switch {
	case err == nil && frame.Protocol == packet.VXLAN:
		frame.Protocol, frame.Options = packet.GENEVE, tunnel.Options
		return frame, nil
	case err != nil && !errors.Is(err, packet.ErrNoTunnel):
		return packet.Tunnel{}, fmt.Errorf("the packet in GENEVE: %w", err)
	}
	return tunnel, nil
}

// An Unwrapper is a capture.Source with the packets that are in the tunnels of another
// one, as a sensor receives them. It leaves out all other packets, and counts them: they
// are the sensor's own, and did not pass the mirrored interface.
//
// A record keeps its number and its time. Its heading is unknown: that of the outer
// packet is about the sensor.
type Unwrapper struct {
	in    capture.Source
	name  string
	outer packet.Packet
	seen  Unwrapped
}

// NewUnwrapper returns a source with what is in the tunnels of in. name is that of the
// capture if there are several; "": there is one.
func NewUnwrapper(in capture.Source, name string) *Unwrapper { return &Unwrapper{in: in, name: name} }

// Next implements capture.Source.
func (u *Unwrapper) Next(rec *capture.Record) error {
	for {
		if err := u.in.Next(rec); err != nil {
			return err
		}
		u.outer.Decode(rec.Data, rec.Link)
		tunnel, err := Unwrap(&u.outer)
		if err != nil {
			u.leaveOut(rec.Number, err)
			continue
		}
		u.seen.count(tunnel.Protocol)
		wire := len(tunnel.Inner)
		if u.outer.Cut {
			wire = rec.Wire - len(rec.Data) + len(tunnel.Inner)
		}
		rec.Data, rec.Wire, rec.Link, rec.Heading = tunnel.Inner, wire, tunnel.Link, packet.HeadingUnknown
		return nil
	}
}

func (u *Unwrapper) leaveOut(number int64, err error) {
	if errors.Is(err, packet.ErrNoTunnel) {
		u.seen.NoTunnel++
		return
	}
	u.seen.Unreadable++
	if u.seen.first != "" {
		return
	}
	of := ""
	if u.name != "" {
		of = " of " + u.name
	}
	u.seen.first = fmt.Sprintf("packet %d%s: %v", number, of, err)
}

// Unwrapped returns how many packets were unwrapped so far, and how many were left out.
func (u *Unwrapper) Unwrapped() Unwrapped { return u.seen }

// Unwrapped counts the packets that an Unwrapper has read.
type Unwrapped struct {
	VXLAN      int64 `json:"vxlan"`      // unwrapped, as those from GENEVE
	GENEVE     int64 `json:"geneve"`     //
	NoTunnel   int64 `json:"no_tunnel"`  // left out: neither VXLAN nor GENEVE
	Unreadable int64 `json:"unreadable"` // left out: VXLAN or GENEVE, but fragments or damaged

	first string // the first packet that is unreadable, and what is wrong with it; "": that is not known
}

func (u *Unwrapped) count(p packet.TunnelProtocol) {
	if p == packet.GENEVE {
		u.GENEVE++
		return
	}
	u.VXLAN++
}

// Add adds the counts of another capture.
func (u *Unwrapped) Add(other Unwrapped) {
	if u.first == "" {
		u.first = other.first
	}
	u.VXLAN += other.VXLAN
	u.GENEVE += other.GENEVE
	u.NoTunnel += other.NoTunnel
	u.Unreadable += other.Unreadable
}

// check returns what is wrong with counts that were read. packets is that of the run.
func (u Unwrapped) check(packets int64, isComplete bool) error {
	for _, n := range []int64{u.VXLAN, u.GENEVE, u.NoTunnel, u.Unreadable} {
		if n < 0 || n > maxUnwrapped {
			return fmt.Errorf("unwrapped has the number %d, which is not from 0 to 2^60", n)
		}
	}
	// A run that ends early may have unwrapped more packets than it has sent. Packets in words are sent
	// too.
	if all := u.VXLAN + u.GENEVE; isComplete && all > packets {
		return fmt.Errorf("unwrapped has %d packets, and there are only %d", all, packets)
	}
	return nil
}

// maxUnwrapped is far above the number of packets of any run. A sum of four such numbers fits.
const maxUnwrapped = 1 << 60

// String says what was unwrapped and what was left out, in sentences.
func (u Unwrapped) String() string {
	var from []string
	if u.VXLAN > 0 {
		from = append(from, wording.Count(u.VXLAN, "packet")+" from VXLAN")
	}
	if u.GENEVE > 0 {
		from = append(from, wording.Count(u.GENEVE, "packet")+" from GENEVE")
	}
	if from == nil {
		from = []string{"no packet"}
	}
	text := "unwrapped " + strings.Join(from, " and ") + "."
	if u.NoTunnel > 0 {
		text += fmt.Sprintf(" Left out %s: not UDP to port %d or %d.", wording.Count(u.NoTunnel, "other packet"), packet.VXLANPort, packet.GENEVEPort)
	}
	if u.Unreadable > 0 {
		text += fmt.Sprintf(" Left out %s that cannot be unwrapped", wording.Count(u.Unreadable, "VXLAN or GENEVE packet"))
		if u.first != "" {
			text += ", such as " + u.first
		}
		text += "."
	}
	return text
}

// Sentences is String with a capital letter.
func (u Unwrapped) Sentences() string { return "U" + u.String()[1:] }
