package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// counter counts what is read.
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

// progress draws a bar on a terminal when something takes long.
type progress struct {
	to    io.Writer // nil: nobody looks
	read  *counter
	size  int64 // of what is read; 0: unknown
	now   func() time.Time
	next  time.Time // when to draw
	drawn bool
}

const (
	progressAfter = time.Second
	progressEvery = 100 * time.Millisecond
	progressWidth = 30
)

func newProgress(stderr io.Writer, read *counter, size int64) *progress {
	p := &progress{read: read, size: size, now: time.Now}
	if isTerminal(stderr) {
		p.to = stderr
	}
	p.next = p.now().Add(progressAfter)
	return p
}

// isTerminal reports whether somebody may be looking. It takes /dev/null for a
// terminal, which does not mind.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// show draws the bar if it is time to.
func (p *progress) show(packets int64) {
	if p.to == nil {
		return
	}
	now := p.now()
	if now.Before(p.next) {
		return
	}
	p.next, p.drawn = now.Add(progressEvery), true
	fmt.Fprintf(p.to, "\r%s%s packets, %s MB\x1b[K", p.bar(), grouped(packets), grouped(p.read.n/1e6))
}

func (p *progress) bar() string {
	if p.size == 0 {
		return ""
	}
	done := min(p.read.n, p.size)
	full := int(done * progressWidth / p.size)
	return fmt.Sprintf("[%s%s] %3d %%  ", strings.Repeat("=", full), strings.Repeat(" ", progressWidth-full), done*100/p.size)
}

// end takes the bar away.
func (p *progress) end() {
	if p.drawn {
		fmt.Fprint(p.to, "\r\x1b[K")
	}
}
