package sharedfile

import "context"

// gate lets either one writer or a few readers through, in the order in which
// they came, and nobody waits longer than their context lasts.
//
// The lock of the store's file does the same between processes, but by polling;
// inside one process that would be slow and unfair.
type gate struct {
	turn chan struct{} // held while waiting for room: keeps the order
	room chan struct{} // a place for each reader; a writer takes all
}

// maxReaders bounds the files that are open at once.
const maxReaders = 16

func newGate() *gate {
	return &gate{turn: make(chan struct{}, 1), room: make(chan struct{}, maxReaders)}
}

// enter waits until there is room and returns a function that leaves.
func (g *gate) enter(ctx context.Context, writer bool) (leave func(), err error) {
	places := 1
	if writer {
		places = maxReaders
	}
	if err := take(ctx, g.turn); err != nil {
		return nil, err
	}
	defer func() { <-g.turn }()
	for taken := range places {
		if err := take(ctx, g.room); err != nil {
			g.free(taken)
			return nil, err
		}
	}
	return func() { g.free(places) }, nil
}

func (g *gate) free(places int) {
	for range places {
		<-g.room
	}
}

func take(ctx context.Context, places chan<- struct{}) error {
	select {
	case places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
