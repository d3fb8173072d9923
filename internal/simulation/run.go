// Package simulation sends packets through the dataplane, one run at a time: a
// capture, packets in words, or both. Sinks get each packet with its verdict.
//
//	verdicts := simulation.NewVerdictLines(file)
//	summary, err := simulation.Run(ctx, source, simulation.Input{Capture: reader}, verdicts)
//
// Package dataplane decides what happens to a packet. This package does not know where
// sessions come from, and it knows nothing of Terraform or the command line.
//
// https://docs.aws.amazon.com/vpc/latest/mirroring/how-it-works.html
package simulation

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// Input is the packets of a run.
type Input struct {
	Capture   capture.Source   // nil: none
	Files     []capture.File   // more captures; Run opens and closes them
	Direction mirror.Direction // of every packet of the capture; "": each packet shows its own
	Packets   []PacketInWords  // sent after the capture
}

// Packet is a packet of a run with its verdict.
type Packet struct {
	Number      int64           // in the run, from 1; for a packet of Input.Capture also its number there
	Name        string          // of a packet in words; "": a packet of the capture
	Nanoseconds int64           // since 1970 UTC; 0 for a packet in words
	Record      *capture.Record // nil: a packet in words
	Decoded     packet.Packet
	Stated      mirror.Direction // the direction that was given; "": it is found in the packet
	Verdict     dataplane.Verdict
}

// title names the packet and its origin in a message.
func (p *Packet) title() string {
	if origin := p.origin(); origin != "" {
		return fmt.Sprintf("%s (%s)", p.name(), origin)
	}
	return p.name()
}

// name names the packet in a message.
func (p *Packet) name() string {
	if p.Name != "" {
		return fmt.Sprintf("packet %q", p.Name)
	}
	return fmt.Sprintf("packet %d", p.Number)
}

// origin says which of several captures has the packet: "number 3 of b.pcap".
func (p *Packet) origin() string {
	if p.Record == nil || p.Record.File == "" {
		return ""
	}
	return fmt.Sprintf("number %d of %s", p.Record.Number, p.Record.File)
}

// A Sink gets every packet of one run, in order. A Splitter gets them in parts.
type Sink interface {
	// Take gets the next packet. It is valid until Take returns. An error ends the run.
	Take(*Packet) error

	// Close writes what Take has held back. Run calls it once, also after an error.
	Close() error
}

// A Starter is a Sink that needs more of the input than its packets.
type Starter interface {
	Sink

	// Start gets the input before the first packet. An error ends the run.
	Start(Input) error
}

// An InterruptedError says that the context of a run ended before the input did.
type InterruptedError struct {
	Packets int64 // that were sent before
	Err     error // of the context
}

// Error says how many packets were sent.
func (e *InterruptedError) Error() string {
	return fmt.Sprintf("interrupted after %d packets", e.Packets)
}

// Unwrap returns the error of the context.
func (e *InterruptedError) Unwrap() error { return e.Err }

// checkEvery is how many packets of a capture are sent between two checks of the context.
const checkEvery = 4096

// Run sends the packets of the input through the sessions of the source. It
// allocates nothing per packet of a capture.
//
// If all sinks are Splitters, it decides the files side by side on all processors. Otherwise it
// sends their packets by time, as a capture.Merger does. If a file cannot be read, the others are
// sent all the same, and the error names the file.
//
// A packet in words that the interface can neither receive nor send is an error, before
// anything is sent: CheckPackets finds it.
//
// After an error the summary counts the packets before it, and the sinks have
// written them. The error is a *capture.FormatError where the capture is damaged,
// and an *InterruptedError where the context ended.
func Run(ctx context.Context, source *dataplane.Source, in Input, sinks ...Sink) (dataplane.Summary, error) {
	r := &run{source: source, tally: source.NewTally(), sinks: sinks}
	err := CheckPackets(source, in.Packets)
	if err == nil {
		err = start(in, sinks)
	}
	if err == nil {
		err = r.sendCaptures(ctx, in)
	}
	if err == nil {
		err = r.sendPackets(ctx, in.Packets)
	}
	for _, s := range sinks {
		// Writers fail again with the error of their first failure.
		if failed := s.Close(); failed != nil && !errors.Is(err, failed) {
			err = errors.Join(err, failed)
		}
	}
	return r.tally.Summary(), err
}

func start(in Input, sinks []Sink) error {
	for _, s := range sinks {
		if starter, isStarter := s.(Starter); isStarter {
			if err := starter.Start(in); err != nil {
				return err
			}
		}
	}
	return nil
}

// run is the state of Run.
type run struct {
	source *dataplane.Source
	tally  *dataplane.Tally
	sinks  []Sink
	packet Packet // the last one
}

// sendCaptures sends the packets of the capture, and then those of the files.
func (r *run) sendCaptures(ctx context.Context, in Input) error {
	if in.Capture != nil {
		damage, err := r.sendCapture(ctx, in.Capture, in.Direction)
		if err := errors.Join(damage, err); err != nil {
			return err
		}
	}
	if len(in.Files) == 0 {
		return nil
	}
	if parts := r.split(len(in.Files)); parts != nil {
		return r.sendSideBySide(ctx, in, parts)
	}
	merger := capture.NewMerger(in.Files)
	defer merger.Close()
	damage, err := r.sendCapture(ctx, merger, in.Direction)
	return errors.Join(damage, err)
}

// sendCapture returns the error of reading as damage, and any other error as err.
func (r *run) sendCapture(ctx context.Context, from capture.Source, direction mirror.Direction) (damage, err error) {
	var record capture.Record
	for {
		err := from.Next(&record)
		switch {
		case errors.Is(err, io.EOF):
			return nil, nil
		case (err != nil || (r.packet.Number+1)%checkEvery == 0) && ctx.Err() != nil:
			return nil, r.interrupted(ctx)
		case err != nil:
			return err, nil
		}
		record.Decode(&r.packet.Decoded)
		r.packet.Nanoseconds, r.packet.Record = record.Nanoseconds, &record
		if err := r.send(direction); err != nil {
			return nil, err
		}
	}
}

func (r *run) sendPackets(ctx context.Context, packets []PacketInWords) error {
	for _, words := range packets {
		if ctx.Err() != nil {
			return r.interrupted(ctx)
		}
		if err := words.Decode(r.source, &r.packet.Decoded); err != nil {
			return err
		}
		r.packet.Name, r.packet.Nanoseconds, r.packet.Record = words.Name, 0, nil
		if err := r.send(mirror.Direction(words.Direction)); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) interrupted(ctx context.Context) error {
	return &InterruptedError{r.packet.Number, ctx.Err()}
}

// send sends the packet that is decoded.
func (r *run) send(direction mirror.Direction) error {
	p := &r.packet
	p.Number++
	p.Stated = direction
	p.Verdict = r.tally.Process(&p.Decoded, direction)
	for _, s := range r.sinks {
		if err := s.Take(p); err != nil {
			return fmt.Errorf("writing the result of %s: %w", p.title(), err)
		}
	}
	return nil
}
