package verification

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/decapsulation"
)

// survey reads all captures once. It finds the form of each sensor's capture, the offset of each
// clock, and how far packets were captured.
func (v *verifier) survey(ctx context.Context) error {
	sent := newSample()
	var x item
	err := each(ctx, v.origin.file, func(record *capture.Record) {
		x = item{}
		v.readOrigin(record, &x)
		v.origin.extent.add(record.Nanoseconds)
		v.origin.extent.cut(x.have, min(x.length, x.frame))
		sent.add(surveyKey(&x), x.raw)
	})
	if err != nil {
		return err
	}
	shortest := []extent{v.origin.extent}
	for _, s := range v.sensors {
		if err := v.surveySensor(ctx, s, sent); err != nil {
			return err
		}
		shortest = append(shortest, s.extent)
	}
	for _, e := range shortest {
		if e.shortest > macLength+2 {
			v.prefix = min(v.prefix, max(e.shortest-macLength, identityLength))
		}
	}
	return nil
}

// surveyKey is of the bytes that nearly every capture and every copy has.
func surveyKey(x *item) uint64 {
	n := min(identityLength, x.length-macLength, x.inHead)
	if n <= 2 {
		return 0
	}
	return hash(3, x.head[2:n])
}

func (v *verifier) surveySensor(ctx context.Context, s *sensor, sent *sample) error {
	s.reset(v.in.Ports)
	asCopies, asFrames := newSample(), newSample()
	copies := int64(0)
	shortest := extent{}
	var x item
	err := each(ctx, s.file, func(record *capture.Record) {
		s.extent.add(record.Nanoseconds)
		if s.form != Copies {
			s.sampleFrame(v, record, &x, asFrames, &shortest)
		}
		if s.form == Frames {
			return
		}
		form := s.form
		s.form = Copies
		f, isCopy := v.readFrame(s, record)
		s.form = form
		if !isCopy {
			return
		}
		copies++
		s.own += isOwn(f)
		x = item{}
		v.readCopy(s, record, f, &x)
		s.extent.cut(x.have, x.length)
		if !f.isForeign {
			asCopies.add(surveyKey(&x), x.raw)
		}
	})
	if err != nil {
		return err
	}
	if s.form == "" {
		s.form = formOf(copies, newClock(sent, asFrames))
	}
	if s.form == Frames {
		s.extent.shortest = shortest.shortest
		asCopies = asFrames
	}
	s.clock = newClock(sent, asCopies)
	if s.clock.jitter > v.in.Window.Nanoseconds() {
		return fmt.Errorf("%s: the times in it do not fit those of the source: from copy to copy they differ by %s. Take both captures again, or write a longer window than %s",
			s.file.Name, time.Duration(s.clock.jitter), v.in.Window)
	}
	s.reset(v.in.Ports)
	return nil
}

// formOf finds the form of a capture by the number of its copies, and by its frames.
func formOf(copies int64, asFrames clock) Form {
	switch {
	case copies > 0:
		return Copies
	case asFrames.pairs > 0:
		return Frames
	}
	return Unknown
}

func isOwn(f frame) int64 {
	if f.isForeign {
		return 0
	}
	return 1
}

// sampleFrame takes a record as a frame without headers around it.
func (s *sensor) sampleFrame(v *verifier, record *capture.Record, x *item, into *sample, shortest *extent) {
	form := s.form
	s.form = Frames
	f, _ := v.readFrame(s, record)
	s.form = form
	*x = item{}
	v.readCopy(s, record, f, x)
	shortest.cut(x.have, x.length)
	into.add(surveyKey(x), x.raw)
}

// reset forgets what was counted.
func (s *sensor) reset(ports []uint16) {
	s.unwrap = decapsulation.New(decapsulation.Options{Ports: ports})
	s.others, s.order = map[netip.Addr]int64{}, map[uint32]int64{}
	s.tally, s.copies, s.foreigns = decapsulation.NewTally(), 0, 0
}
