package capture_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// A background writer writes the same file as a writer.
func TestBackgroundWriter(t *testing.T) {
	t.Parallel()
	var plain, behind bytes.Buffer
	for _, w := range []*capture.Writer{
		capture.NewWriter(&plain, packet.LinkEthernet), capture.NewBackgroundWriter(&behind, packet.LinkEthernet),
	} {
		for i := range 3000 {
			if err := w.Write(int64(i), bytes.Repeat([]byte{byte(i)}, i)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := w.Write(0, nil); err == nil {
			t.Error("a closed file takes another packet")
		}
	}
	if !bytes.Equal(plain.Bytes(), behind.Bytes()) {
		t.Error("the files differ")
	}
}

type fullDisk struct{}

var errFull = errors.New("no space left on device")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

// A write error is returned by one of the next writes, at the latest by Close.
func TestBackgroundWriter_fails(t *testing.T) {
	t.Parallel()
	w := capture.NewBackgroundWriter(fullDisk{}, packet.LinkEthernet)
	if err := w.Write(0, []byte("a")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); !errors.Is(err, errFull) {
		t.Errorf("closing a small file: %v", err)
	}
	w = capture.NewBackgroundWriter(fullDisk{}, packet.LinkEthernet)
	var err error
	for i := 0; err == nil && i < 100; i++ {
		err = w.Write(0, make([]byte, capture.MaxCaptured))
	}
	if !errors.Is(err, errFull) || !errors.Is(w.Close(), errFull) {
		t.Errorf("writing much: %v", err)
	}
}
