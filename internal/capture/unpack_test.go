package capture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
)

// Wherever a compressed file is cut off, the error says that it is incomplete: also
// between two records, where the unpacked data would look complete, and inside the
// first bytes of a second frame. Only the boundary of two frames is no error: nothing
// there says that more follows.
func TestCompressedFileThatEndsAnywhere(t *testing.T) {
	t.Parallel()
	file := pcapFile(binary.LittleEndian, 0xa1b2c3d4, "one", "two", strings.Repeat("three", 100))
	for name, pack := range map[string]func(testing.TB, []byte) []byte{
		"gzip":                     pack,
		"zstd":                     func(t testing.TB, b []byte) []byte { return packZstd(t, b) },
		"zstd with skipped frames": func(t testing.TB, b []byte) []byte { return slices.Concat(skipped, packZstd(t, b)) },
	} {
		first := pack(t, file[:24+19])
		whole := slices.Concat(first, pack(t, file[24+19:]))
		ends := []int{len(first), len(first) + len(skipped)} // with skipped frames the first one is the end of one too
		for n := 4; n < len(whole); n++ {
			got, err := readAll(bytes.NewReader(whole[:n]))
			switch {
			case n == ends[0] || name == "zstd with skipped frames" && n == ends[1]:
				if err != nil || len(got) != 1 {
					t.Errorf("%s: %d bytes, which are the first frame, give %d records, and %v", name, n, len(got), err)
				}
			case name == "zstd with skipped frames" && n == len(skipped): // that is a file of nothing
			case err == nil || !strings.HasSuffix(err.Error(), ": unpacking: the compressed data ends too early"):
				t.Errorf("%s: %d of %d bytes give %d records, and %v", name, n, len(whole), len(got), err)
			}
		}
	}
}

// Every byte of a zstd frame is checked: data that is changed is an error, or gives the
// same records because the byte had no meaning.
func TestDamagedZstd(t *testing.T) {
	t.Parallel()
	file := pcapFile(binary.LittleEndian, 0xa1b2c3d4, strings.Repeat("one", 50), strings.Repeat("two", 50))
	whole := packZstd(t, file)
	want, err := readAll(bytes.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	for at := 4; at < len(whole); at++ {
		damaged := bytes.Clone(whole)
		damaged[at] ^= 0x55
		got, err := readAll(bytes.NewReader(damaged))
		var damage *capture.FormatError
		switch {
		case err == nil:
			check(t, got, nil, want)
		case !errors.As(err, &damage) || !strings.Contains(err.Error(), "unpacking: "):
			t.Errorf("byte %d changed: %v", at, err)
		}
	}
}

func TestZstdErrors(t *testing.T) {
	t.Parallel()
	file := pcapFile(binary.LittleEndian, 0xa1b2c3d4, "one", "two")
	broken := errors.New("the disk is on fire")
	// A frame with one uncompressed block. Its window descriptor says 1 << (10 + log).
	window := func(log byte) []byte {
		return append([]byte{0x28, 0xb5, 0x2f, 0xfd, 0, log << 3, byte(len(file)<<3 | 1), byte(len(file) >> 5), 0}, file...)
	}
	noCheck := packZstd(t, file)
	noCheck[len(noCheck)-1] ^= 1
	if got, err := readAll(bytes.NewReader(window(17))); err != nil || len(got) != 2 {
		t.Errorf("a window of 128 MiB: %d records, %v", len(got), err)
	}
	for _, test := range []struct {
		name string
		in   io.Reader
		want string
	}{
		{"a window of 256 MiB", bytes.NewReader(window(18)), "the capture's header, at byte 0: unpacking: the zstd data is damaged, or refers back further than 128 MiB. Unpack it with zstd -d --long=31 first"},
		{"text after the frame", bytes.NewReader(append(packZstd(t, file), "more"...)), "record 3 of the capture, at byte 62: unpacking: invalid input: magic number mismatch"},
		{"a wrong check", bytes.NewReader(noCheck), "the capture's header, at byte 0: unpacking: CRC check failed"},
		{"no capture", bytes.NewReader(packZstd(t, []byte("text"))), "the capture's header, at byte 0: begins with 74 65 78 74, which neither a pcap nor a pcapng file does"},
		{"the disk", io.MultiReader(bytes.NewReader(packZstd(t, file)[:20]), iotest.ErrReader(broken)), "the capture's header, at byte 0: unpacking: the disk is on fire"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if _, err := readAll(test.in); err == nil || err.Error() != test.want {
				t.Errorf("\n got %v\nwant %s", err, test.want)
			}
		})
	}
}

func FuzzUnpack(f *testing.F) {
	file := pcapFile(binary.LittleEndian, 0xa1b2c3d4, "one", "two")
	for _, seed := range [][]byte{packZstd(f, file), pack(f, file), skipped, slices.Concat(skipped, packZstd(f, file), packZstd(f, file[24:]))} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := readAll(bytes.NewReader(data))
		var damage *capture.FormatError
		if err != nil && !errors.As(err, &damage) {
			t.Errorf("%v is no FormatError", err)
		}
	})
}
