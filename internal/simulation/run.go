// Package simulation sends packets through the dataplane, one run at a time.
package simulation

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// Simulation is a run: where packets go, and what wants to know of them.
type Simulation struct {
	Source    *dataplane.Source
	Targets   []dataplane.Session
	Direction mirror.Direction // of every packet; "": each packet tells
	Tally     *dataplane.Tally
	Progress  func(packets int64)

	Encapsulator *dataplane.Encapsulator        // nil: nobody wants copies
	copies       *capture.Writer                // nil: nobody wants them in one file
	received     map[netip.Addr]*capture.Writer // by appliance; nil: nobody wants them apart
	verdicts     *bufio.Writer                  // nil: nobody wants them
	line         []byte                         // of verdicts
}

// bufferSize is how much is written at once.
const bufferSize = 256 << 10

// WriteCopies wants the copies in one file.
func (s *Simulation) WriteCopies(to io.Writer) {
	s.copies = capture.NewBackgroundWriter(to, packet.LinkEthernet)
}

// WriteVerdicts wants a line for each packet.
func (s *Simulation) WriteVerdicts(to io.Writer) { s.verdicts = bufio.NewWriterSize(to, bufferSize) }

// WriteReceived makes a file for each appliance, also for those that will get
// nothing, so that no file of an earlier run passes for one of this.
func (s *Simulation) WriteReceived(create func(appliance netip.Addr) (io.Writer, error)) error {
	s.received = map[netip.Addr]*capture.Writer{}
	for _, session := range s.Targets {
		for _, a := range appliancesOf(session.Target) {
			if s.received[a] != nil || !a.Is4() {
				continue
			}
			file, err := create(a)
			if err != nil {
				return err
			}
			s.received[a] = capture.NewWriter(file, packet.LinkEthernet)
		}
	}
	return nil
}

func appliancesOf(target mirror.Endpoint) []netip.Addr {
	if target.Type == mirror.NetworkInterface {
		return []netip.Addr{target.Address}
	}
	return target.Appliances
}

// checkEvery is how many packets go by between two looks at the clock and at
// whether somebody interrupts.
const checkEvery = 4096

// Run sends the records of a capture through the sessions, up to its end or to
// where it is damaged. It allocates nothing per packet.
func (s *Simulation) Run(ctx context.Context, reader *capture.Reader) error {
	var record capture.Record
	var p packet.Packet
	for {
		err := reader.Next(&record)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && ctx.Err() != nil, record.Number%checkEvery == 0 && ctx.Err() != nil:
			return fmt.Errorf("interrupted after %d packets", s.Tally.Summary().Packets)
		case err != nil:
			return err
		case record.Number%checkEvery == 0:
			s.Progress(record.Number)
		}
		record.Decode(&p)
		v := s.Source.Process(&p, s.Direction)
		s.Tally.Add(&p, v)
		if err := s.write(&record, &p, v); err != nil {
			return fmt.Errorf("writing what became of packet %d: %w", record.Number, err)
		}
	}
}

func (s *Simulation) write(record *capture.Record, p *packet.Packet, v dataplane.Verdict) error {
	if s.verdicts != nil {
		s.line = appendVerdict(s.line[:0], record.Number, v)
		if _, err := s.verdicts.Write(s.line); err != nil {
			return err
		}
	}
	if s.Encapsulator == nil || v.Outcome != dataplane.Mirrored {
		return nil
	}
	if s.copies != nil {
		copied := func(b []byte) []byte { return s.Encapsulator.Append(b, p, v) }
		if err := s.copies.WriteFunc(record.Nanoseconds, copied); err != nil {
			return err
		}
	}
	if s.received == nil {
		return nil
	}
	w := s.received[s.Encapsulator.Appliance(p, v)]
	if w == nil {
		return nil // nobody stated the appliances of this load balancer
	}
	return w.WriteFunc(record.Nanoseconds, func(b []byte) []byte { return s.Encapsulator.AppendReceived(b, p, v) })
}

// Close writes what was not yet written.
func (s *Simulation) Close() error {
	var errs []error
	if s.verdicts != nil {
		errs = append(errs, s.verdicts.Flush())
	}
	if s.copies != nil {
		errs = append(errs, s.copies.Close())
	}
	for _, w := range s.received {
		errs = append(errs, w.Close())
	}
	return errors.Join(errs...)
}

// appendVerdict appends the line of a packet: its number, and what encoding/json
// makes of the verdict, at a fraction of the cost.
func appendVerdict(b []byte, number int64, v dataplane.Verdict) []byte {
	b = strconv.AppendInt(append(b, `{"packet":`...), number, 10)
	b = appendWord(b, `,"direction":"`, string(v.Direction))
	b = appendWord(b, `,"outcome":"`, v.Outcome.String())
	b = appendNumber(b, `,"session_number":`, v.SessionNumber)
	b = appendNumber(b, `,"rule_number":`, v.RuleNumber)
	b = appendWord(b, `,"reason":"`, v.Reason.String())
	b = strconv.AppendInt(append(b, `,"bytes":`...), int64(v.Bytes), 10)
	b = appendWord(b, `,"truncated_by":"`, v.TruncatedBy.String())
	b = appendWord(b, `,"assumption":"`, v.Assumption.String())
	return append(b, "}\n"...)
}

func appendWord(b []byte, key, word string) []byte {
	if word == "" {
		return b
	}
	return append(append(append(b, key...), word...), '"')
}

func appendNumber(b []byte, key string, n int) []byte {
	if n == 0 {
		return b
	}
	return strconv.AppendInt(append(b, key...), int64(n), 10)
}
