package dataplane_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// A Linux vxlan device unpacks the copies to the original frames.
func TestLinuxDecapsulates(t *testing.T) {
	paths := []string{"testdata/aws-mirror-first30.inner.pcap"}
	if os.Getenv("TRAFFICMIRROR_CAPTURES") != "" {
		paths = realCaptures(t)
	}
	frames := 0
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			for _, packetLength := range []int{60, 8500} {
				sent, want := mirrorAll(t, path, packetLength)
				frames += len(sent)
				if len(sent) > 0 {
					checkDecapsulated(t, sent, want)
				}
			}
		})
	}
	if frames == 0 {
		t.Errorf("no frame of %d captures is mirrored", len(paths))
	}
	t.Logf("%d frames of %d captures were sent", frames, len(paths))
}

// mirrorAll returns the copies of a capture, and the frames in them. It leaves
// out frames that are shorter than an Ethernet header: Linux drops them.
func mirrorAll(t *testing.T, path string, packetLength int) (sent, inner [][]byte) {
	t.Helper()
	given := session(7, all()...)
	given.PacketLength = &packetLength
	given.Target.MTU = 65535
	s := newSourceOn(t, unchecked(), given)
	e := newEncapsulator(t, s)
	for _, r := range readCapture(t, path) {
		var p packet.Packet
		r.Decode(&p)
		v := s.Process(&p, mirror.Ingress)
		if v.Outcome != dataplane.Mirrored {
			continue
		}
		out := e.Append(nil, &p, v)
		sent, inner = append(sent, out), append(inner, out[dataplane.OuterLength:])
	}
	return sent, inner
}

func checkDecapsulated(t *testing.T, sent, want [][]byte) {
	t.Helper()
	enterNamespace(t)
	received := filepath.Join(t.TempDir(), "received.pcap")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // a frame that is lost would keep it waiting
	defer cancel()
	tcpdump := exec.CommandContext(ctx, "tcpdump", "-i", "vxlan0", "-Q", "in", "-s", "0", "-B", "65536", "--immediate-mode", "-U", "-c", strconv.Itoa(len(want)), "-w", received)
	complaints, err := tcpdump.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := tcpdump.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(complaints)
	for line := ""; !strings.Contains(line, "listening on"); {
		if line, err = lines.ReadString('\n'); err != nil {
			t.Fatalf("tcpdump does not listen: %v", err)
		}
	}
	send(t, "veth0", sent)
	rest, err := io.ReadAll(lines)
	if err := errors.Join(err, tcpdump.Wait()); err != nil {
		t.Fatalf("tcpdump: %v: %s", err, rest)
	}
	got := readCapture(t, received)
	if len(got) != len(want) {
		t.Fatalf("%d frames come out, not %d", len(got), len(want))
	}
	for i := range want {
		if !bytes.Equal(got[i].Data, want[i]) {
			t.Errorf("frame %d:\n got %x\nwant %x", i+1, got[i].Data, want[i])
		}
	}
}

// enterNamespace moves the test's thread into a network namespace of its own,
// which ends with the thread. A pair of devices leads to the target: what is sent
// into veth0 arrives at veth1, and packets with VNI 7 arrive in vxlan0.
func enterNamespace(t *testing.T) {
	t.Helper()
	for _, tool := range []string{"ip", "tcpdump"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	runtime.LockOSThread() // never unlocked: the thread ends with the test
	if err := syscall.Unshare(syscall.CLONE_NEWNET); err != nil {
		t.Skipf("no network namespace can be made, which takes root: %v", err)
	}
	for _, command := range []string{
		"link add veth0 mtu 65535 type veth peer name veth1 mtu 65535 address " + dataplane.RouterMAC.String(),
		"addr add " + appliance.String() + "/32 dev veth1",
		"link add vxlan0 type vxlan id 7 dstport 4789 local " + appliance.String() + " dev veth1 nolearning",
		"link set veth0 up", "link set veth1 up", "link set vxlan0 up",
		"route add default dev veth1",
	} {
		out, err := exec.Command("ip", strings.Fields(command)...).CombinedOutput()
		if err != nil && strings.Contains(command, "type") {
			t.Skipf("ip %s: %v: %s", command, err, out)
		}
		if err != nil {
			t.Fatalf("ip %s: %v: %s", command, err, out)
		}
	}
}

// send sends frames into a device.
func send(t *testing.T, device string, frames [][]byte) {
	t.Helper()
	socket, err := syscall.Socket(syscall.AF_PACKET, syscall.SOCK_RAW, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(socket)
	index := deviceIndex(t, device)
	for i, frame := range frames {
		if err := syscall.Sendto(socket, frame, 0, &syscall.SockaddrLinklayer{Ifindex: index}); err != nil {
			t.Fatalf("sending frame %d of %d bytes: %v", i+1, len(frame), err)
		}
	}
}

func deviceIndex(t *testing.T, device string) int {
	t.Helper()
	out, err := exec.Command("ip", "-o", "link", "show", "dev", device).Output()
	if err != nil {
		t.Fatal(err)
	}
	number, _, _ := strings.Cut(string(out), ":")
	index, err := strconv.Atoi(number)
	if err != nil {
		t.Fatal(err)
	}
	return index
}
