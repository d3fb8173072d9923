package provider

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// maxCaptureVerdicts is how many packets of a capture can have a verdict of their own
// in the state: the framework takes a millisecond and more for each in every plan.
const maxCaptureVerdicts = 1000

// simulationRun is what one run needs, and what it found.
type simulationRun struct {
	source      *dataplane.Source
	capturePath string // "": none
	kept        int64  // packets of the capture whose verdict is kept in any case
	packets     []wordedPacket
	expected    map[string]bool    // packets whose verdict is kept
	copies      *simulation.Copies // nil: nobody wants them

	tally         *dataplane.Tally
	verdicts      map[string]verdictModel
	captureSHA256 string
}

// run sends the packets through the sessions.
func (s *simulationRun) run(ctx context.Context) error {
	s.tally = s.source.NewTally()
	s.verdicts = map[string]verdictModel{}
	if s.capturePath != "" {
		switch err := s.runCapture(ctx); {
		case errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("capture.path is %q, and there is no such file: a path is relative to the folder in which Terraform runs", s.capturePath)
		case err != nil:
			return fmt.Errorf("capture %s: %w", s.capturePath, err)
		}
	}
	for _, p := range s.packets {
		if err := s.runWorded(p); err != nil {
			return fmt.Errorf("packet %q: %w", p.name, err)
		}
	}
	return nil
}

func (s *simulationRun) runCapture(ctx context.Context) error {
	file, err := os.Open(s.capturePath)
	if err != nil {
		return err
	}
	defer file.Close()
	digest := sha256.New()
	whole := io.TeeReader(file, digest)
	reader, err := capture.NewReader(whole)
	if err != nil {
		return err
	}
	if err := s.runRecords(ctx, reader); err != nil {
		return err
	}
	// What stands behind the last record counts too.
	if _, err := io.Copy(io.Discard, whole); err != nil {
		return err
	}
	s.captureSHA256 = hex.EncodeToString(digest.Sum(nil))
	return nil
}

func (s *simulationRun) runRecords(ctx context.Context, reader *capture.Reader) error {
	var record capture.Record
	var p packet.Packet
	for {
		switch err := reader.Next(&record); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		}
		record.Decode(&p)
		name := ""
		if n := strconv.FormatInt(record.Number, 10); record.Number <= s.kept || s.expected[n] {
			name = n
		}
		if err := s.process(name, &p, "", record.Nanoseconds); err != nil {
			return err
		}
	}
}

// runWorded builds a packet and sends it through the sessions, at the time 0.
func (s *simulationRun) runWorded(w wordedPacket) error {
	frame, err := s.source.Build(w.spec, w.direction)
	if err != nil {
		return err
	}
	var p packet.Packet
	p.Decode(frame, packet.LinkEthernet)
	return s.process(w.name, &p, w.direction, 0)
}

// process sends one packet through the sessions. Its verdict is kept unless name
// is empty.
func (s *simulationRun) process(name string, p *packet.Packet, direction mirror.Direction, at int64) error {
	v := s.source.Process(p, direction)
	s.tally.Add(p, v)
	if name != "" {
		s.verdicts[name] = flattenVerdict(dataplane.Describe(p), v)
	}
	if s.copies == nil {
		return nil
	}
	return s.copies.Write(p, v, at)
}
