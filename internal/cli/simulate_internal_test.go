package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

func TestProgressBar(t *testing.T) {
	t.Parallel()
	var drawn bytes.Buffer
	now := time.Unix(0, 0)
	p := newProgressBar(&drawn, &counter{n: 25e6}, 100e6)
	p.now, p.next = func() time.Time { return now }, now.Add(progressAfter)
	take := func(number int64) {
		if err := p.Take(&simulation.Packet{Number: number}); err != nil {
			t.Error(err)
		}
	}
	take(4096)
	if drawn.Len() > 0 {
		t.Errorf("it is drawn at once: %q", &drawn)
	}
	now = now.Add(time.Second)
	take(8191)
	take(8192)
	take(12288)
	const want = "\r[=======                       ]  25 %  8,192 packets, 25 MB\x1b[K"
	if drawn.String() != want {
		t.Errorf("after a second it is %q", &drawn)
	}
	if err := p.Close(); err != nil || drawn.String() != want+"\r\x1b[K" {
		t.Errorf("it is not removed: %q, %v", &drawn, err)
	}
}

// A bar that was never drawn writes nothing.
func TestProgressBar_short(t *testing.T) {
	t.Parallel()
	var drawn bytes.Buffer
	p := newProgressBar(&drawn, &counter{}, 0)
	if err := p.Close(); err != nil || drawn.Len() > 0 {
		t.Errorf("drawn: %q, %v", &drawn, err)
	}
}

func TestIsTerminal(t *testing.T) {
	t.Parallel()
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if isTerminal(file) || isTerminal(&bytes.Buffer{}) {
		t.Error("a file or a buffer passes for a terminal")
	}
}

func TestInterruptible(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	text := strings.Repeat("0123456789", 100_000)
	got, err := io.ReadAll(newInterruptible(ctx, strings.NewReader(text)))
	if err != nil || string(got) != text {
		t.Errorf("it reads %d bytes: %v", len(got), err)
	}
	silent, _ := io.Pipe()
	r := newInterruptible(ctx, silent)
	cancel()
	if _, err := r.Read(make([]byte, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}
