package simulation

import (
	"errors"
	"io"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// Copies is a Sink that writes the copies in VXLAN, as they leave the interface, to a capture
// file. It leaves out those that the encapsulator cannot build, and LeftOut counts them.
type Copies struct {
	encapsulator *dataplane.Encapsulator
	file         *capture.Writer
}

// NewCopies begins the capture file in a format. Close has to be called, which Run does: a
// goroutine does the writing.
func NewCopies(to io.Writer, format capture.Format, encapsulator *dataplane.Encapsulator) *Copies {
	return &Copies{encapsulator, format.NewBackgroundWriter(to, packet.LinkEthernet)}
}

// Take implements Sink.
func (c *Copies) Take(p *Packet) error {
	if !c.encapsulator.Builds(p.Verdict) {
		return nil
	}
	return c.file.WriteFunc(p.Nanoseconds, func(b []byte) []byte {
		return c.encapsulator.Append(b, &p.Decoded, p.Verdict)
	})
}

// Close implements Sink.
func (c *Copies) Close() error { return c.file.Close() }

// LeftOut returns the copies that the file lacks. The summary is that of the run.
func (c *Copies) LeftOut(s dataplane.Summary) []dataplane.LeftOut { return c.encapsulator.LeftOut(s) }

// ApplianceCopies is a Sink that writes a capture file for each appliance: the
// copies as they reach it.
type ApplianceCopies struct {
	encapsulator *dataplane.Encapsulator
	files        map[netip.Addr]*capture.Writer
	lost         map[int]int64 // by session: the copies whose appliance is not known
}

// NewApplianceCopies begins the capture files in a format. create is called once for each
// appliance, even if no copy will reach it: otherwise a file of an earlier run could be
// mistaken for one of this run.
func NewApplianceCopies(format capture.Format, encapsulator *dataplane.Encapsulator, create func(netip.Addr) (io.Writer, error)) (*ApplianceCopies, error) {
	c := &ApplianceCopies{encapsulator, map[netip.Addr]*capture.Writer{}, map[int]int64{}}
	for _, appliance := range encapsulator.Appliances() {
		file, err := create(appliance)
		if err != nil {
			return nil, err
		}
		c.files[appliance] = format.NewWriter(file, packet.LinkEthernet)
	}
	return c, nil
}

// ApplianceName returns the name of the file for an appliance, without an ending. It has no
// colons, which Windows does not allow in a name.
func ApplianceName(appliance netip.Addr) string {
	return strings.ReplaceAll(appliance.String(), ":", "-")
}

// Take implements Sink. It leaves out a copy if the appliances of its load balancer are not
// known.
func (c *ApplianceCopies) Take(p *Packet) error {
	file := c.files[c.encapsulator.Appliance(&p.Decoded, p.Verdict)]
	if file == nil {
		if c.encapsulator.BuildsReceived(p.Verdict) {
			c.lost[p.Verdict.SessionNumber]++
		}
		return nil
	}
	return file.WriteFunc(p.Nanoseconds, func(b []byte) []byte {
		return c.encapsulator.AppendReceived(b, &p.Decoded, p.Verdict)
	})
}

// LeftOut returns the copies that the files lack. The summary is that of the run.
func (c *ApplianceCopies) LeftOut(s dataplane.Summary) []dataplane.LeftOut {
	all := c.encapsulator.LeftOutReceived(s)
	for _, number := range slices.Sorted(maps.Keys(c.lost)) {
		all = append(all, dataplane.LeftOut{SessionNumber: number, Copies: c.lost[number], Why: "the address of the appliance that gets them is not known, or is of another address family"})
	}
	return all
}

// Close implements Sink.
func (c *ApplianceCopies) Close() error {
	var errs []error
	for _, file := range c.files {
		errs = append(errs, file.Close())
	}
	return errors.Join(errs...)
}
