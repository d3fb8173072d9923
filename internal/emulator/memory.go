package emulator

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// What the answers of an Emulator can take of its host.
const (
	maxWorking = 8        // requests that are carried out at once; the others wait
	maxHeld    = 64 << 20 // bytes of answers that clients have not read

	// readingRate is how many bytes per second a client has to read.
	readingRate = 512 << 10
)

// memory bounds what is kept for clients that do not read their answers.
type memory struct {
	working chan struct{}
	held    atomic.Int64
}

func newMemory() *memory { return &memory{working: make(chan struct{}, maxWorking)} }

// begin waits until a request may be carried out. It refuses a request while too much
// waits for clients. Nothing has been done then, and clients try again.
func (m *memory) begin(ctx context.Context) (end func(), err error) {
	select {
	case m.working <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if m.held.Load() > maxHeld {
		<-m.working
		return nil, query.Refuse("RequestLimitExceeded", "Request limit exceeded. Too many answers wait for clients to read them.")
	}
	return func() { <-m.working }, nil
}

// hold counts an answer until the returned function is called.
func (m *memory) hold(x *query.Writer) (release func()) {
	n := int64(len(x.Bytes()))
	m.held.Add(n)
	return func() { m.held.Add(-n) }
}

// timedWriter breaks the connection of a client that does not read.
type timedWriter struct {
	http.ResponseWriter
	wait time.Duration // for any answer; longer for a long one
}

// Write implements http.ResponseWriter.
func (w timedWriter) Write(p []byte) (int, error) {
	w.extend(len(p))
	return w.ResponseWriter.Write(p)
}

// extend gives the client time to read n bytes. In this process and in tests there is
// no connection, and nothing to do.
func (w timedWriter) extend(n int) {
	limit := w.wait + time.Duration(n)*time.Second/readingRate
	_ = http.NewResponseController(w.ResponseWriter).SetWriteDeadline(time.Now().Add(limit))
}
