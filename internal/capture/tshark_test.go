package capture_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// For real captures, the reader and tshark agree on the number of records, their
// lengths and their times.
func TestAgreesWithTshark(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("TRAFFICMIRROR_CAPTURES")
	if folder == "" {
		t.Skip("TRAFFICMIRROR_CAPTURES does not name a folder with captures")
	}
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("tshark is not installed")
	}
	paths, err := filepath.Glob(filepath.Join(folder, "*.pcap*"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no captures in %s: %v", folder, err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			file, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got, err := readAll(bytes.NewReader(file))
			if err != nil {
				t.Fatal(err)
			}
			// tshark numbers custom blocks too, as data without a time.
			const packets = `not (frame.protocols == "data" and not frame.time_epoch)`
			out, err := exec.Command("tshark", "-n", "-r", path, "-Y", packets, "-T", "fields", "-e", "frame.len", "-e", "frame.cap_len", "-e", "frame.time_epoch").Output()
			if err != nil {
				t.Fatal(err)
			}
			compareLines(t, got, strings.Split(strings.TrimSuffix(string(out), "\n"), "\n"))
		})
	}
}

func compareLines(t *testing.T, got []record, want []string) {
	t.Helper()
	if len(want) == 1 && want[0] == "" {
		want = nil
	}
	if len(got) != len(want) {
		t.Fatalf("%d records, not %d", len(got), len(want))
	}
	for i, r := range got {
		when := fmt.Sprintf("%d.%09d", r.nanoseconds/1e9, r.nanoseconds%1e9)
		if r.nanoseconds == 0 && strings.HasSuffix(want[i], "\t") {
			when = "" // a block without a time
		}
		if line := fmt.Sprintf("%d\t%d\t%s", r.wire, len(r.data), when); line != want[i] {
			t.Errorf("record %d: %q, not %q", i+1, line, want[i])
		}
	}
}
