package simulation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
)

// A Splitter is a Sink whose results do not depend on the order of packets. If all sinks of a run
// are Splitters, the run decides several captures side by side. Each goroutine then has a part of
// the sink of its own.
//
// The number of a packet in such a part is not its number in the run.
type Splitter interface {
	Sink

	// Split returns an empty sink of the same kind, which another goroutine uses. It is called
	// before the first Take.
	Split() Splitter

	// Join adds what a sink has counted that Split has returned. That sink gets no more packets,
	// and it is not closed. The order of calls does not matter.
	Join(part Splitter) error
}

// split returns a run for each processor, with parts of the sinks; nil if a sink needs the
// packets in order.
func (r *run) split(files int) []*run {
	splitters := make([]Splitter, len(r.sinks))
	for i, s := range r.sinks {
		splitter, ok := s.(Splitter)
		if !ok {
			return nil
		}
		splitters[i] = splitter
	}
	parts := make([]*run, min(files, runtime.GOMAXPROCS(0)))
	for i := range parts {
		parts[i] = &run{source: r.source, tally: r.source.NewTally()}
		for _, s := range splitters {
			parts[i].sinks = append(parts[i].sinks, s.Split())
		}
	}
	return parts
}

// sendSideBySide sends each file through one of the parts, the largest files first.
func (r *run) sendSideBySide(ctx context.Context, in Input, parts []*run) error {
	queue := &fileQueue{in: in, damages: make([]error, len(in.Files)), order: make([]int, len(in.Files))}
	for i := range queue.order {
		queue.order[i] = i
	}
	slices.SortStableFunc(queue.order, func(i, j int) int { return cmp.Compare(in.Files[j].Size, in.Files[i].Size) })
	working, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var group sync.WaitGroup
	for _, part := range parts {
		group.Go(func() {
			if err := queue.sendAll(working, part); err != nil {
				stop(err)
			}
		})
	}
	group.Wait()
	joined := r.join(parts)
	switch {
	case ctx.Err() != nil:
		return r.interrupted(ctx)
	case working.Err() != nil:
		return errors.Join(context.Cause(working), joined)
	}
	return errors.Join(append(queue.damages, joined)...)
}

// join adds what the parts have counted.
func (r *run) join(parts []*run) error {
	var errs []error
	for _, part := range parts {
		r.tally.Add(part.tally)
		r.packet.Number += part.packet.Number
		for i, s := range part.sinks {
			errs = append(errs, r.sinks[i].(Splitter).Join(s.(Splitter)))
		}
	}
	return errors.Join(errs...)
}

// fileQueue gives each file to one part.
type fileQueue struct {
	in      Input
	order   []int // of the files, by their positions
	next    atomic.Int64
	damages []error // by position of the file; nil: none
}

// sendAll sends files through a part until none is left. An error ends the run.
func (q *fileQueue) sendAll(ctx context.Context, part *run) error {
	for ctx.Err() == nil {
		next := int(q.next.Add(1)) - 1
		if next >= len(q.order) {
			return nil
		}
		position := q.order[next]
		damage, err := q.send(ctx, part, q.in.Files[position])
		if err != nil {
			return err
		}
		q.damages[position] = damage
	}
	return nil
}

// send sends a file through a part.
func (q *fileQueue) send(ctx context.Context, part *run, file capture.File) (damage, err error) {
	source, closeFile, err := file.Open()
	if err != nil {
		return fmt.Errorf("%s: %w", file.Name, err), nil
	}
	defer closeFile()
	damage, err = part.sendCapture(ctx, source, q.in.Direction)
	if damage != nil {
		damage = fmt.Errorf("%s: %w", file.Name, damage)
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", file.Name, err)
	}
	return damage, err
}
