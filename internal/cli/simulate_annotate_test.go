package cli_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var sectionHeader = []byte{0x0a, 0x0d, 0x0d, 0x0a}

// The comments of the packets of newSimulateCase.
var comments = []string{
	"mirrored: session 1, rule 100 accepts, 128 of 500 bytes, cut to the packet length of the session", "rejected: session 2, rule 50 rejects",
	"mirrored: session 2, rule 60 accepts, 200 bytes; not known: udp_listener", "mirrored: session 1, rule 100 accepts, 100 bytes",
}

func checkComments(t *testing.T, file []byte) {
	t.Helper()
	if !bytes.HasPrefix(file, sectionHeader) {
		t.Errorf("it is not pcapng: % x", file[:min(len(file), 8)])
	}
	for _, comment := range comments {
		if !bytes.Contains(file, []byte(comment)) {
			t.Errorf("there is no comment %q", comment)
		}
	}
	if lengths, _ := framesOf(t, file); len(lengths) != 4 || lengths[0] != 500 {
		t.Errorf("the packets have %v bytes", lengths)
	}
}

func TestSimulate_annotate(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	plain := c.succeed(t)
	if got := c.succeed(t, "--annotate", c.path("annotated.pcapng")); got != plain {
		t.Errorf("the summary is\n%s", got)
	}
	checkComments(t, c.read(t, "annotated.pcapng"))
	status, stdout, stderr := c.run(t, "--annotate", "-")
	if status != 0 || stderr != plain {
		t.Errorf("ends with %d: %s", status, stderr)
	}
	checkComments(t, []byte(stdout))
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(c.read(t, "in.pcap")); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	c.write(t, "in.pcap", packed.Bytes())
	c.succeed(t, "--annotate", c.path("without-an-ending"))
	checkComments(t, c.read(t, "without-an-ending"))
}

// What cannot be annotated is refused before a file is written.
func TestSimulate_annotateRefuses(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	c.write(t, "second.pcap", captureOf(t, frame(t, 9000, 60)))
	c.write(t, "in.pcapng", c.read(t, "in.pcap"))
	for _, test := range []struct {
		want string
		args []string
	}{
		{`out.pcap", and an annotated capture is pcapng, not compressed: classic pcap has no comments. Write a name that ends with .pcapng.`, []string{"--annotate", c.path("out.pcap")}},
		{"--annotate copies one capture, and --in has 2. Annotate one at a time", []string{"--annotate", c.path("out.pcapng"), "--in", c.path("second.pcap")}},
		{"--out and --annotate cannot both be standard output", []string{"--annotate", "-", "--out", "-"}},
		{"--annotate is empty", []string{"--annotate", ""}},
		{`--appliance-format is "pcap-ng". Write pcap or pcapng`, []string{"--appliance-format", "pcap-ng", "--appliance-out", c.path("out")}},
		{"--appliance-format is the format of the files of --appliance-out. Write --appliance-out too", []string{"--appliance-format", "pcapng"}},
	} {
		status, _, stderr := c.run(t, test.args...)
		if status != 1 || !strings.Contains(stderr, test.want) {
			t.Errorf("%q ends with %d: %s", test.args, status, stderr)
		}
	}
	if left, err := filepath.Glob(c.path("out*")); left != nil || err != nil {
		t.Errorf("there is %v, %v", left, err)
	}
	status, _, stderr := run(t, "simulate", "--config", c.path("mirror.json"), "--in", c.path("in.pcapng"), "--annotate", c.path("in.pcapng"))
	if status != 1 || !strings.Contains(stderr, "would overwrite --in") {
		t.Errorf("ends with %d: %s", status, stderr)
	}
}

// With --unwrap, the copy has the packets of the sensor. Those in a tunnel have the verdict of the
// packet in it, which ends with its direction; the others have none.
func TestSimulate_annotateUnwrapped(t *testing.T) {
	t.Parallel()
	c := newSensorCase(t)
	status, _, stderr := c.run(t, "--unwrap", "--annotate", c.path("annotated.pcapng"))
	if status != 0 || stderr != "" {
		t.Fatalf("ends with %d: %s", status, stderr)
	}
	file := c.read(t, "annotated.pcapng")
	want, _ := framesOf(t, c.read(t, "in.pcap"))
	if got, _ := framesOf(t, file); !slices.Equal(got, want) {
		t.Errorf("the packets have %d bytes, and those of the capture have %d", got, want)
	}
	for comment, n := range map[string]int{
		"mirrored: session 1, rule 100 accepts, 128 bytes; ingress": 1, "mirrored: session 2, rule 60 accepts, 200 bytes; not known: udp_listener; ingress": 1,
		"mirrored: session 1, rule 100 accepts, 100 bytes; ingress": 1, "mirrored: ": 3, "rejected": 0,
	} {
		if got := bytes.Count(file, []byte(comment)); got != n {
			t.Errorf("there are %d comments %q, not %d", got, comment, n)
		}
	}
}

// What the copy lacks is said.
func TestSimulate_annotateLacks(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	c.succeed(t, "--annotate", c.path("in.pcapng"))
	const length = 17 << 20
	block := make([]byte, length)
	binary.LittleEndian.PutUint32(block, 0x80000001)
	binary.LittleEndian.PutUint32(block[4:], length)
	binary.LittleEndian.PutUint32(block[length-4:], length)
	c.write(t, "in.pcap", append(c.read(t, "in.pcapng"), block...))
	if status, _, stderr := c.run(t, "--annotate", c.path("out.pcapng")); status != 0 || stderr != "Warning: --annotate lacks 1 block without packets, longer than 16 MiB.\n" {
		t.Errorf("ends with %d: %s", status, stderr)
	}
}

// The ending of --out decides its format. The files of appliances have an argument for it.
func TestSimulate_pcapng(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	c.succeed(t, "--out", c.path("out.pcap"), "--appliance-out", c.path("classic"))
	c.succeed(t, "--out", c.path("out.pcapng"), "--appliance-out", c.path("ng"), "--appliance-format", "pcapng")
	for classic, ng := range map[string]string{"out.pcap": "out.pcapng", "classic/10.0.2.20.pcap": "ng/10.0.2.20.pcapng", "classic/10.0.3.1.pcap": "ng/10.0.3.1.pcapng", "classic/10.0.3.2.pcap": "ng/10.0.3.2.pcapng"} {
		want, wantTo := framesOf(t, c.read(t, classic))
		file := c.read(t, ng)
		got, to := framesOf(t, file)
		if !bytes.HasPrefix(file, sectionHeader) || len(got) != len(want) || strings.Join(to, " ") != strings.Join(wantTo, " ") {
			t.Errorf("%s has %v to %v, not %v to %v", ng, got, to, want, wantTo)
		}
	}
	if files, err := os.ReadDir(c.path("ng")); err != nil || len(files) != 3 {
		t.Errorf("%v, %v", files, err)
	}
}
