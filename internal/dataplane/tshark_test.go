package dataplane_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// tshark runs tshark over a file and returns the fields of each packet. Every
// layer with the field adds its value.
func tshark(t *testing.T, path string, fields ...string) [][]string {
	t.Helper()
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("tshark is not installed")
	}
	// Turn reassembly off: it would depend on other packets.
	args := []string{
		"-n", "-r", path, "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=,",
		"-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE",
		"-o", "tcp.check_checksum:TRUE", "-o", "tcp.desegment_tcp_streams:FALSE",
	}
	for _, field := range fields {
		args = append(args, "-e", field)
	}
	var complaints strings.Builder
	command := exec.Command("tshark", args...)
	command.Stderr = &complaints
	out, err := command.Output()
	if err != nil {
		t.Fatalf("tshark: %v: %s", err, complaints.String())
	}
	var rows [][]string
	for line := range strings.Lines(string(out)) {
		rows = append(rows, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
	return rows
}

// tshark reads the outer headers correctly. It reports no problem that it did not
// report before the packet was mirrored. It starts slowly, and so reads all captures
// as one.
func TestTsharkReadsTheOutput(t *testing.T) {
	t.Parallel()
	paths := []string{"testdata/aws-mirror-first30.inner.pcap"}
	if os.Getenv("TRAFFICMIRROR_CAPTURES") != "" {
		paths = realCaptures(t)
	}
	var plain, sent [][]byte
	var origins []string // of the packets
	for _, path := range paths {
		before, after := mirrorCapture(t, path)
		plain, sent = append(plain, before...), append(sent, after...)
		for i := range before {
			origins = append(origins, fmt.Sprintf("%s, copy %d", filepath.Base(path), i+1))
		}
	}
	folder := t.TempDir()
	before, after := filepath.Join(folder, "before.pcap"), filepath.Join(folder, "after.pcap")
	writeCapture(t, before, plain)
	writeCapture(t, after, sent)
	const malformed, ipStatus, udpStatus = 0, 1, 2
	was := tshark(t, before, "_ws.malformed", "ip.checksum.status", "udp.checksum.status")
	is := tshark(t, after, "_ws.malformed", "ip.checksum.status", "udp.checksum.status", "vxlan.vni", "udp.dstport")
	if len(was) != len(origins) || len(is) != len(origins) {
		t.Fatalf("%d and %d packets, not %d", len(was), len(is), len(origins))
	}
	for i := range is {
		for _, column := range []int{malformed, ipStatus, udpStatus} {
			own := map[int]string{ipStatus: "1", udpStatus: "3"}[column] // good; there is none
			want := strings.Trim(own+","+was[i][column], ",")
			if is[i][column] != want {
				t.Errorf("%s, column %d: %q, not %q", origins[i], column, is[i][column], want)
			}
		}
		if vni, _, _ := strings.Cut(is[i][3], ","); vni != "7" {
			t.Errorf("%s: VNI %s", origins[i], vni)
		}
		if port, _, _ := strings.Cut(is[i][4], ","); port != "4789" {
			t.Errorf("%s: UDP port %s", origins[i], port)
		}
	}
}

// mirrorCapture mirrors a capture. It returns the mirrored frames and their copies.
func mirrorCapture(t *testing.T, path string) (plain, sent [][]byte) {
	t.Helper()
	given := session(7, all()...)
	given.Target.MTU = 65535
	s := newSourceOn(t, unchecked(), given)
	e := newEncapsulator(t, s)
	for _, r := range readCapture(t, path) {
		var p packet.Packet
		r.Decode(&p)
		v := s.Process(&p, mirror.Ingress)
		if v.Outcome != dataplane.Mirrored || v.TruncatedBy != 0 || len(r.Data) < r.Wire {
			continue
		}
		out := e.Append(nil, &p, v)
		plain, sent = append(plain, out[dataplane.OuterLength:]), append(sent, out)
	}
	return plain, sent
}

func writeCapture(t *testing.T, path string, frames [][]byte) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	w := capture.NewWriter(file, packet.LinkEthernet)
	for i, frame := range frames {
		if err := w.Write(int64(i), frame); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
}

// tshark reports no problem in packets that we build.
func TestTsharkReadsBuiltPackets(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	var frames [][]byte
	for _, spec := range []packet.Spec{
		tcp(own, peer, 40000, 5000), tcp(own6, peer6, 40000, 5000), udp(own, peer, 40000, 5000), udp(own6, peer6, 40000, 5000),
		other(1, own, peer), other(58, own6, peer6), tagged(tcp(own, peer, 40000, 5000)),
	} {
		for _, length := range []int{101, 1514, 9015} {
			spec.Length = length
			frames = append(frames, decode(t, s, spec).Data)
		}
	}
	path := filepath.Join(t.TempDir(), "built.pcap")
	writeCapture(t, path, frames)
	rows := tshark(t, path, "frame.len", "_ws.malformed", "ip.checksum.status", "udp.checksum.status", "icmp.checksum.status", "icmpv6.checksum.status", "tcp.checksum.status")
	for i, row := range rows {
		const good = "1"
		transport := strings.Join(row[3:], "")
		if row[1] != "" || strings.Trim(row[2], good) != "" || transport != good {
			t.Errorf("packet %d: %q", i+1, row)
		}
	}
	if len(rows) != len(frames) {
		t.Errorf("%d packets, not %d", len(rows), len(frames))
	}
}
