package cli

import (
	"io"
	"os"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// progress is a simulation.Sink that shows how much of the input has been read.
type progress struct {
	in   *counter
	size int64 // of the input when it was opened, in bytes; -1: unknown
	bar  *progressbar.ProgressBar
}

// counter counts the bytes that are read.
type counter struct {
	in io.Reader
	n  int64
}

// Read implements io.Reader.
func (c *counter) Read(b []byte) (int, error) {
	n, err := c.in.Read(b)
	c.n += int64(n)
	return n, err
}

// newProgress returns a bar on w. size is that of the input in bytes; 0: unknown.
func newProgress(w io.Writer, in *counter, size int64) *progress {
	if size == 0 {
		size = -1 // a spinner
	}
	return &progress{in: in, size: size, bar: progressbar.NewOptions64(size,
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
	read := p.in.n
	if p.size > 0 {
		read = min(read, p.size) // a capture may grow
	}
	return p.bar.Set64(read)
}

// Close implements simulation.Sink. It removes the bar.
func (p *progress) Close() error { return p.bar.Finish() }
