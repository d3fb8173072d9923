package verification

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
)

// stream is a capture that is read the second time, in the clock of the source.
type stream struct {
	name   string
	reader capture.Source
	record capture.Record
	read   func(*item) bool // makes the item of the record; false: it is no copy
	next   *item            // nil: the capture has ended
	last   int64
}

// compare reads all captures again, and sends their packets through the queue by their times.
func (v *verifier) compare(ctx context.Context) error {
	streams, err := v.streams()
	if err != nil {
		return err
	}
	for _, s := range streams {
		if err := v.advance(s); err != nil {
			return err
		}
	}
	for n := 0; ; n++ {
		if n%checkEvery == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		s := earliest(streams)
		if s == nil {
			break
		}
		v.queue.push(s.next)
		if err := v.advance(s); err != nil {
			return err
		}
		v.work(false)
	}
	v.work(true)
	return nil
}

// earliest returns the stream whose next packet is the first; nil if all have ended.
func earliest(streams []*stream) *stream {
	var first *stream
	at := int64(math.MaxInt64)
	for _, s := range streams {
		if s.next != nil && (first == nil || s.next.time < at) {
			first, at = s, s.next.time
		}
	}
	return first
}

func (v *verifier) streams() ([]*stream, error) {
	source := &stream{name: v.in.Source.Name}
	source.read = func(x *item) bool {
		rest := v.readOrigin(&source.record, x)
		if x.verdict.Outcome == dataplane.Mirrored && len(rest) > 0 {
			x.rest = v.queue.keep(rest)
		}
		return true
	}
	all := []*stream{source}
	for _, sensor := range v.sensors {
		s := &stream{name: sensor.file.Name}
		s.read = func(x *item) bool {
			f, isCopy := v.readFrame(sensor, &s.record)
			if !isCopy {
				return false
			}
			if rest := v.readCopy(sensor, &s.record, f, x); len(rest) > 0 {
				x.rest = v.queue.keep(rest)
			}
			x.time = sensor.clock.toSource(x.raw)
			sensor.copies++
			return true
		}
		all = append(all, s)
	}
	for i, file := range append([]File{v.in.Source}, v.in.Sensors...) {
		reader, err := file.Open()
		if err != nil {
			return nil, err
		}
		all[i].reader = reader
	}
	return all, nil
}

// advance reads the next packet of a stream.
func (v *verifier) advance(s *stream) error {
	for {
		err := s.reader.Next(&s.record)
		switch {
		case errors.Is(err, io.EOF):
			s.next = nil
			return nil
		case err != nil:
			return fmt.Errorf("%s: %w", s.name, err)
		}
		x := v.queue.take()
		if !s.read(x) {
			v.queue.free = append(v.queue.free, x)
			continue
		}
		// Captures are only nearly in the order of their times.
		s.last = max(s.last, x.time)
		x.time = s.last
		s.next = x
		return nil
	}
}

// work sends items through the stages.
func (v *verifier) work(all bool) {
	v.queue.bound()
	for x := v.queue.next(0, all); x != nil; x = v.queue.next(0, all) {
		matcher{v}.pair(x)
	}
	for x := v.queue.next(1, all); x != nil; x = v.queue.next(1, all) {
		if x.isCopy {
			matcher{v}.explain(x)
		}
	}
	for x := v.queue.next(2, all); x != nil; x = v.queue.next(2, all) {
		v.queue.forget(x)
		judge{matcher{v}}.take(x)
	}
	v.queue.release()
}
