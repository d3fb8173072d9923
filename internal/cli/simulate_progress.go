package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

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

// progressBar is a simulation.Sink that draws a bar when a run takes long.
type progressBar struct {
	to    io.Writer // a terminal
	read  *counter
	size  int64 // of the input in bytes; 0: unknown
	now   func() time.Time
	next  time.Time // when to draw again
	drawn bool
}

const (
	progressAfter = time.Second
	progressEvery = 100 * time.Millisecond
	progressWidth = 30
)

func newProgressBar(to io.Writer, read *counter, size int64) *progressBar {
	return &progressBar{to: to, read: read, size: size, now: time.Now, next: time.Now().Add(progressAfter)}
}

// sinks returns the bar where a person can see it.
func (p *progressBar) sinks() []simulation.Sink {
	if !isTerminal(p.to) {
		return nil
	}
	return []simulation.Sink{p}
}

// isTerminal reports whether w is a character device. That includes /dev/null,
// where a bar does no harm.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// progressPackets is how many packets are taken between two looks at the clock.
const progressPackets = 4096

// Take implements simulation.Sink.
func (p *progressBar) Take(packet *simulation.Packet) error {
	if packet.Number%progressPackets == 0 {
		p.show(packet.Number)
	}
	return nil
}

// show draws the bar if the time has come.
func (p *progressBar) show(packets int64) {
	now := p.now()
	if now.Before(p.next) {
		return
	}
	p.next, p.drawn = now.Add(progressEvery), true
	fmt.Fprintf(p.to, "\r%s%s packets, %s MB\x1b[K", p.bar(), simulation.Grouped(packets), simulation.Grouped(p.read.n/1e6))
}

func (p *progressBar) bar() string {
	if p.size == 0 {
		return ""
	}
	done := min(p.read.n, p.size)
	full := int(done * progressWidth / p.size)
	return fmt.Sprintf("[%s%s] %3d %%  ", strings.Repeat("=", full), strings.Repeat(" ", progressWidth-full), done*100/p.size)
}

// Close implements simulation.Sink. It removes the bar.
func (p *progressBar) Close() error {
	if p.drawn {
		fmt.Fprint(p.to, "\r\x1b[K")
	}
	return nil
}
