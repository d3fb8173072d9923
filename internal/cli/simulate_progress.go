package cli

import (
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// progress is a simulation.Sink that shows how much of the input has been read.
type progress struct {
	read *atomic.Int64 // bytes of the input
	size int64         // of the input when it was opened, in bytes; -1: unknown
	bar  *progressbar.ProgressBar
	lock sync.Mutex // of bar, which parts share
}

// counter counts the bytes that are read.
type counter struct {
	in   io.Reader
	read *atomic.Int64
}

// Read implements io.Reader.
func (c *counter) Read(b []byte) (int, error) {
	n, err := c.in.Read(b)
	c.read.Add(int64(n))
	return n, err
}

// newProgress returns a bar on w. size is that of the input in bytes; 0: unknown.
func newProgress(w io.Writer, read *atomic.Int64, size int64) *progress {
	if size == 0 {
		size = -1 // a spinner
	}
	return &progress{read: read, size: size, bar: progressbar.NewOptions64(size,
		progressbar.OptionSetWriter(w),
		progressbar.OptionShowBytes(true),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)}
}

// isTerminal reports whether a person sees what is written to w.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && (isatty.IsTerminal(file.Fd()) || isatty.IsCygwinTerminal(file.Fd()))
}

// progressPackets is how many packets are taken between two updates of the bar.
const progressPackets = 4096

// Take implements simulation.Sink.
func (p *progress) Take(packet *simulation.Packet) error {
	if packet.Number%progressPackets != 0 {
		return nil
	}
	p.lock.Lock()
	defer p.lock.Unlock()
	read := p.read.Load()
	if p.size > 0 {
		read = min(read, p.size) // a capture may grow
	}
	return p.bar.Set64(read)
}

// Split implements simulation.Splitter. The parts draw the same bar.
func (p *progress) Split() simulation.Splitter { return p }

// Join implements simulation.Splitter.
func (p *progress) Join(simulation.Splitter) error { return nil }

// Close implements simulation.Sink. It removes the bar.
func (p *progress) Close() error { return p.bar.Finish() }
