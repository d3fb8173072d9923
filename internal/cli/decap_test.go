package cli_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/cli"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/decapsulation"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

const (
	awsCopies = "../dataplane/testdata/aws-mirror-first30.pcap"
	awsFrames = "../dataplane/testdata/aws-mirror-first30.inner.pcap"
)

// recordsOf returns the packets of a capture.
func recordsOf(t *testing.T, file []byte) (all []capture.Record) {
	t.Helper()
	r, err := capture.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	for {
		var record capture.Record
		if err := r.Next(&record); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		record.Data = slices.Clone(record.Data)
		all = append(all, record)
	}
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// The real copies give the frames that their source saw, with their times, in each format and
// from standard input too.
func TestDecap_AWS(t *testing.T) {
	t.Parallel()
	want := recordsOf(t, mustRead(t, awsFrames))
	folder := t.TempDir()
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	_, _ = zip.Write(mustRead(t, awsCopies))
	_ = zip.Close()
	for i, args := range [][]string{
		{"--in", awsCopies, "--out", filepath.Join(folder, "0.pcap")},
		{"--in", awsCopies, "--out", filepath.Join(folder, "1.pcapng")},
		{"--in", "-", "--out", filepath.Join(folder, "2.pcap")},
		{"--in", "-", "--out", "-"},
		{"--in", awsCopies, "--by-vni", folder},
		{"--in", awsCopies, "--by-vni", folder, "--pcapng"},
	} {
		status, stdout, stderr := runWith(t, packed.String(), append([]string{"decap"}, args...)...)
		if status != 0 || !strings.Contains(stderr, "copies 30") || !strings.Contains(stderr, "From 172.31.0.238 to 172.31.17.188 in VXLAN") {
			t.Fatalf("%q ends with %d: %s", args, status, stderr)
		}
		var file []byte
		switch i {
		case 3:
			file = []byte(stdout)
		case 4:
			file = mustRead(t, filepath.Join(folder, "5569041.pcap"))
		case 5:
			file = mustRead(t, filepath.Join(folder, "5569041.pcapng"))
		default:
			file = mustRead(t, args[3])
		}
		got := recordsOf(t, file)
		if len(got) != len(want) {
			t.Fatalf("%q writes %d frames, want %d", args, len(got), len(want))
		}
		for k := range got {
			if !bytes.Equal(got[k].Data, want[k].Data) || got[k].Nanoseconds != want[k].Nanoseconds {
				t.Errorf("%q: frame %d is not that of the source", args, k+1)
			}
		}
	}
}

// vxlan is a VXLAN header with a frame.
func vxlan(t *testing.T, vni uint32, port uint16) []byte {
	t.Helper()
	return append(packet.AppendVXLAN(nil, vni), frame(t, port, 100)...)
}

// More VNIs than files can be open at once: each file has all of its frames, in order.
func TestDecap_manyVNIs(t *testing.T) {
	t.Parallel()
	var copies [][]byte
	for round := range 3 {
		for vni := range uint32(150) {
			udp := vxlan(t, vni+1, uint16(round+1))
			b := packet.EthernetHeader{EtherType: packet.EtherTypeIPv4}.Append(nil)
			b = packet.IPv4Header{TotalLength: uint16(28 + len(udp)), Protocol: 17, Source: addrOf("10.0.1.10"), Destination: addrOf("10.0.2.20")}.Append(b)
			b = packet.UDPHeader{SourcePort: 65500, DestinationPort: 4789, Length: uint16(8 + len(udp))}.Append(b)
			copies = append(copies, append(b, udp...))
		}
	}
	folder := t.TempDir()
	in := filepath.Join(folder, "in.pcap")
	if err := os.WriteFile(in, captureOf(t, copies...), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, pcapng := range []string{"--pcapng=false", "--pcapng"} {
		if status, _, stderr := run(t, "decap", "--in", in, "--by-vni", folder, pcapng); status != 0 || !strings.Contains(stderr, "120 more VNIs") {
			t.Fatalf("it ends with %d: %s", status, stderr)
		}
		ending := map[string]string{"--pcapng": ".pcapng", "--pcapng=false": ".pcap"}[pcapng]
		for vni := 1; vni <= 150; vni++ {
			var ports []uint16
			for _, r := range recordsOf(t, mustRead(t, filepath.Join(folder, strconv.Itoa(vni)+ending))) {
				var p packet.Packet
				r.Decode(&p)
				ports = append(ports, p.DestinationPort)
			}
			if !slices.Equal(ports, []uint16{1, 2, 3}) {
				t.Errorf("VNI %d has the frames to ports %v", vni, ports)
			}
		}
	}
	if status, _, stderr := run(t, "decap", "--in", in, "--by-vni", folder, "--vni", "7", "--json"); status != 0 {
		t.Error(stderr)
	}
}

// An output never replaces the input.
func TestDecap_sameFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "5569041.pcap")
	if err := os.WriteFile(path, mustRead(t, awsCopies), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"--out", path}, {"--by-vni", folder}} {
		if status, _, stderr := run(t, append([]string{"decap", "--in", path}, args...)...); status != 1 || !strings.Contains(stderr, "would overwrite") {
			t.Errorf("%q ends with %d: %s", args, status, stderr)
		}
	}
	if !bytes.Equal(mustRead(t, path), mustRead(t, awsCopies)) {
		t.Error("the input has changed")
	}
}

// A socket gives the frames as they come: each is written before the next one is sent.
func TestDecap_listen(t *testing.T) {
	t.Parallel()
	out, errs := newPipe(), newPipe()
	done := make(chan int, 1)
	go func() {
		done <- cli.Main(t.Context(), "1.2.3", []string{"decap", "--listen", "0", "--packets", "4", "--out", "-"}, strings.NewReader(""), out.w, errs.w)
		_ = out.w.Close()
		_ = errs.w.Close()
	}()
	line := make([]byte, 200)
	n, err := errs.r.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	address := strings.TrimSuffix(strings.TrimPrefix(string(line[:n]), "Listening on UDP "), ".\n")
	conn, err := net.Dial("udp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	summary := make(chan []byte, 1)
	go func() {
		text, _ := io.ReadAll(errs.r)
		summary <- text
	}()
	reader, err := capture.NewReader(out.r)
	if err != nil {
		t.Fatal(err)
	}
	for port := range uint16(3) {
		if _, err := conn.Write(vxlan(t, 7, port+1)); err != nil {
			t.Fatal(err)
		}
		var record capture.Record
		var p packet.Packet
		if err := reader.Next(&record); err != nil {
			t.Fatal(err)
		}
		record.Decode(&p)
		if p.DestinationPort != port+1 || record.Nanoseconds == 0 {
			t.Errorf("frame %d goes to port %d, at %d", port+1, p.DestinationPort, record.Nanoseconds)
		}
	}
	go func() { _, _ = io.Copy(io.Discard, out.r) }()
	if _, err := conn.Write([]byte("no copy")); err != nil {
		t.Fatal(err)
	}
	if text := string(<-summary); <-done != 0 || !strings.Contains(text, "packets 4, copies 3") || !strings.Contains(text, "too_short") {
		t.Errorf("the counts are\n%s", text)
	}
}

// --for ends the socket, also if nothing comes.
func TestDecap_listenFor(t *testing.T) {
	t.Parallel()
	status, stdout, stderr := run(t, "decap", "--listen", "127.0.0.1:0", "--for", "1ms", "--json")
	var s decapsulation.Summary
	if err := json.Unmarshal([]byte(stdout), &s); err != nil || status != 0 || s.Packets != 0 {
		t.Errorf("it ends with %d: %v, %s", status, err, stderr)
	}
}

func TestDecap_refused(t *testing.T) {
	t.Parallel()
	for want, args := range map[string]string{
		"--packets and --for are for --listen": "--in x --packets 3",
		"--port is for --in":                   "--listen 4789 --port 4789",
		"--port is 70000":                      "--in x --port 70000",
		"--pcapng is for --by-vni":             "--in x --pcapng --out y",
		"--vni is 16777216":                    "--in x --vni 16777216",
		"--listen is \"nowhere:\"":             "--listen nowhere:",
		"cannot both be standard output":       "--in x --out - --json",
	} {
		if status, _, stderr := run(t, append([]string{"decap"}, strings.Fields(args)...)...); status != 1 || !strings.Contains(stderr, want) {
			t.Errorf("%s ends with %d: %s, want %q", args, status, stderr, want)
		}
	}
}

// pipe is a pipe in memory.
type pipe struct {
	r *io.PipeReader
	w *io.PipeWriter
}

func newPipe() pipe {
	r, w := io.Pipe()
	return pipe{r, w}
}
