package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"path/filepath"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// simulation is a run of simulate: where packets go, and what wants to know of them.
type simulation struct {
	source    *dataplane.Source
	targets   []dataplane.Session
	direction mirror.Direction // of every packet; "": each packet tells
	tally     *dataplane.Tally
	progress  *progress

	encapsulator *dataplane.Encapsulator        // nil: nobody wants copies
	copies       *capture.Writer                // nil: nobody wants them in one file
	received     map[netip.Addr]*capture.Writer // by appliance; nil: nobody wants them apart
	verdicts     *bufio.Writer                  // nil: nobody wants them
	line         []byte                         // of verdicts
}

// bufferSize is how much is written at once.
const bufferSize = 256 << 10

func (s *simulation) writeCopies(to io.Writer) {
	s.copies = capture.NewBackgroundWriter(to, packet.LinkEthernet)
}

func (s *simulation) writeVerdicts(to io.Writer) { s.verdicts = bufio.NewWriterSize(to, bufferSize) }

// writeReceived makes a file for each appliance, also for those that will get
// nothing, so that no file of an earlier run passes for one of this.
func (s *simulation) writeReceived(folder string, files *files) error {
	s.received = map[netip.Addr]*capture.Writer{}
	for _, session := range s.targets {
		for _, a := range appliancesOf(session.Target) {
			if s.received[a] != nil || !a.Is4() {
				continue
			}
			file, err := files.create("--appliance-out", filepath.Join(folder, a.String()+".pcap"))
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

// run sends the records of a capture through the sessions, up to its end or to
// where it is damaged. It allocates nothing per packet.
func (s *simulation) run(ctx context.Context, reader *capture.Reader) error {
	defer s.progress.end()
	var record capture.Record
	var p packet.Packet
	for {
		err := reader.Next(&record)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && ctx.Err() != nil, record.Number%checkEvery == 0 && ctx.Err() != nil:
			return fmt.Errorf("interrupted after %d packets", s.tally.Summary().Packets)
		case err != nil:
			return err
		case record.Number%checkEvery == 0:
			s.progress.show(record.Number)
		}
		record.Decode(&p)
		v := s.source.Process(&p, s.direction)
		s.tally.Add(&p, v)
		if err := s.write(&record, &p, v); err != nil {
			return fmt.Errorf("writing what became of packet %d: %w", record.Number, err)
		}
	}
}

func (s *simulation) write(record *capture.Record, p *packet.Packet, v dataplane.Verdict) error {
	if s.verdicts != nil {
		s.line = appendVerdict(s.line[:0], record.Number, v)
		if _, err := s.verdicts.Write(s.line); err != nil {
			return err
		}
	}
	if s.encapsulator == nil || v.Outcome != dataplane.Mirrored {
		return nil
	}
	if s.copies != nil {
		copied := func(b []byte) []byte { return s.encapsulator.Append(b, p, v) }
		if err := s.copies.WriteFunc(record.Nanoseconds, copied); err != nil {
			return err
		}
	}
	if s.received == nil {
		return nil
	}
	w := s.received[s.encapsulator.Appliance(p, v)]
	if w == nil {
		return nil // nobody stated the appliances of this load balancer
	}
	return w.WriteFunc(record.Nanoseconds, func(b []byte) []byte { return s.encapsulator.AppendReceived(b, p, v) })
}

// close writes what was not yet written.
func (s *simulation) close() error {
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
