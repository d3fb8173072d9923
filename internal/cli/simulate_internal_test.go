package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// The flow table of --flows and of --report is one: it is the largest part of the memory.
func TestCreateOutputs_oneFlowTable(t *testing.T) {
	t.Parallel()
	source, err := dataplane.New(mirror.Interface{}, nil, dataplane.Options{})
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	to := &files{ctx: t.Context()}
	var f simulateFlags
	f.flows, f.report = filepath.Join(folder, "flows.json"), filepath.Join(folder, "report.html")
	outputs, err := f.createOutputs(to, source)
	if err := errors.Join(err, to.close()); err != nil || len(outputs) != 1 {
		t.Errorf("there are %d sinks, not 1: %v", len(outputs), err)
	}
}

// The bar shows how much of the input has been read, and is removed at the end.
func TestProgress(t *testing.T) {
	t.Parallel()
	var drawn bytes.Buffer
	read := &atomic.Int64{}
	read.Store(25e6)
	p := newProgress(&drawn, read, 100e6)
	if err := p.Take(&simulation.Packet{Number: 4095}); err != nil || drawn.Len() > 0 {
		t.Errorf("drawn before any of the input is known to be read: %q, %v", &drawn, err)
	}
	if err := p.Take(&simulation.Packet{Number: 4096}); err != nil || !strings.Contains(drawn.String(), "25%") {
		t.Errorf("after a quarter of the input: %q, %v", &drawn, err)
	}
	read.Store(200e6)
	if err := p.Take(&simulation.Packet{Number: 8192}); err != nil {
		t.Errorf("a capture that grows while it is read: %v", err)
	}
	if err := p.Close(); err != nil || !strings.HasSuffix(drawn.String(), "\r") {
		t.Errorf("it is not removed: %q, %v", &drawn, err)
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
