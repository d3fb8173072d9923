package simulation_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

var order = binary.LittleEndian

// annotated runs a simulation and returns its annotated capture.
func annotated(t *testing.T, in simulation.Input) ([]byte, error) {
	t.Helper()
	var file bytes.Buffer
	sink := simulation.NewAnnotation(&file)
	_, err := simulation.Run(t.Context(), newSource(t), in, sink)
	if left := sink.LeftOut(); left != nil {
		t.Errorf("it lacks %q", left)
	}
	return file.Bytes(), err
}

// readWords reads the heading, the length and all comments of each packet of a little-endian pcapng file.
func readWords(t *testing.T, file []byte) (all []string) {
	t.Helper()
	r := newReader(t, file)
	var headings []packet.Heading
	var record capture.Record
	for r.Next(&record) == nil {
		headings = append(headings, record.Heading)
	}
	for len(file) > 0 {
		kind, length := order.Uint32(file), order.Uint32(file[4:])
		if kind == 6 {
			captured := order.Uint32(file[20:])
			text := fmt.Sprintf("%d %d", headings[len(all)], captured)
			options := file[28+(captured+3)/4*4 : length-4]
			for len(options) > 0 && order.Uint16(options) != 0 {
				n := order.Uint16(options[2:])
				if order.Uint16(options) == 1 {
					text += " | " + string(options[4:4+n])
				}
				options = options[4+(n+3)/4*4:]
			}
			all = append(all, text)
		}
		file = file[length:]
	}
	return all
}

func TestAnnotation(t *testing.T) {
	t.Parallel()
	file, err := annotated(t, simulation.Input{
		Capture: newReader(t, fourPackets(t)),
		Packets: []simulation.PacketInWords{{
			Name: "ssh", Direction: "ingress", Protocol: "tcp", Source: "192.0.2.1", SourcePort: new(int64(1)), Destination: "10.0.1.10", DestinationPort: new(int64(22)),
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"1 500 | mirrored: session 1, rule 100 accepts, 128 of 500 bytes, cut to the packet length of the session; not known: target_mtu",
		"1 100 | rejected: session 2, rule 50 rejects",
		"1 200 | mirrored: session 2, rule 60 accepts, 200 bytes; not known: udp_listener",
		"1 100 | mirrored: session 1, rule 100 accepts, 100 bytes; not known: target_mtu",
		`1 54 | "ssh": rejected: session 2, rule 50 rejects`,
	}
	if got := readWords(t, file); !slices.Equal(got, want) {
		t.Errorf("the comments are\n%s\nnot\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// The direction that was stated is written in place of that of the capture, and the comment says so.
func TestAnnotation_statedDirection(t *testing.T) {
	t.Parallel()
	first, err := annotated(t, simulation.Input{Capture: newReader(t, fourPackets(t))})
	if err != nil {
		t.Fatal(err)
	}
	again, err := annotated(t, simulation.Input{Capture: newReader(t, first), Direction: mirror.Egress})
	if err != nil {
		t.Fatal(err)
	}
	for i, words := range readWords(t, again) {
		if !strings.HasPrefix(words, "2 ") || strings.Count(words, " | ") != 2 || !strings.HasSuffix(words, "; the flags of the capture say inbound") {
			t.Errorf("packet %d: %q", i+1, words)
		}
	}
}

// Everything before the damage is annotated.
func TestAnnotation_damagedCapture(t *testing.T) {
	t.Parallel()
	whole := fourPackets(t)
	file, err := annotated(t, simulation.Input{Capture: newReader(t, whole[:len(whole)-1])})
	var damage *capture.FormatError
	if got := readWords(t, file); !errors.As(err, &damage) || len(got) != 3 {
		t.Errorf("%v, with %q", err, got)
	}
}

// notCopied is a source that no copy can be made of, as one of several files.
type notCopied struct{ capture.Source }

func TestAnnotation_notOneCapture(t *testing.T) {
	t.Parallel()
	other := &recorder{}
	_, err := simulation.Run(t.Context(), newSource(t), simulation.Input{Capture: notCopied{newReader(t, fourPackets(t))}}, other, simulation.NewAnnotation(&bytes.Buffer{}))
	if err == nil || err.Error() != "an annotated copy is one of a single capture file. Simulate one capture file at a time" {
		t.Errorf("the error is %v", err)
	}
	other.check(t, 0)
}

// Packets in tunnels are judged, and the packets around them are copied.
func TestAnnotation_unwrapped(t *testing.T) {
	t.Parallel()
	var copies bytes.Buffer
	source := newSource(t)
	runFour(t, source, simulation.NewCopies(&copies, capture.Pcapng, newEncapsulator(t, source)))
	sensor := append(bytes.Clone(copies.Bytes()), ordinary(t)...)
	file, err := annotated(t, simulation.Input{Capture: simulation.NewUnwrapper(newReader(t, sensor), ""), Direction: mirror.Ingress})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"0 178 | mirrored: session 1, rule 100 accepts, 128 bytes; not known: target_mtu; ingress",
		"0 250 | mirrored: session 2, rule 60 accepts, 200 bytes; not known: udp_listener; ingress",
		"0 150 | mirrored: session 1, rule 100 accepts, 100 bytes; not known: target_mtu; ingress",
		"0 60", // it has no tunnel, and so no verdict
	}
	if got := readWords(t, file); !slices.Equal(got, want) {
		t.Errorf("the comments are\n%s\nnot\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// ordinary is a section with a packet that is in no tunnel.
func ordinary(t *testing.T) []byte {
	t.Helper()
	var file bytes.Buffer
	w := capture.NewPcapngWriter(&file, packet.LinkEthernet)
	if err := errors.Join(w.Write(9e9, frame(t, 22, 60)), w.Close()); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// Copies of several captures would lose which packet is whose.
func TestAnnotation_severalCaptures(t *testing.T) {
	t.Parallel()
	if _, err := annotated(t, simulation.Input{Files: make([]capture.File, 2)}); err == nil || !strings.HasPrefix(err.Error(), "an annotated copy is one of a single capture file.") {
		t.Errorf("the error is %v", err)
	}
}

func TestCheckAnnotated(t *testing.T) {
	t.Parallel()
	for name, isRight := range map[string]bool{
		"": true, "-": true, "/dev/fd/63": true, "out.pcapng": true, "OUT.PCAPNG": true, "out.pcap": false, "out.pcapng.gz": false, "out.cap": false,
	} {
		if problems := simulation.CheckAnnotated("--annotate", name); (problems == nil) != isRight {
			t.Errorf("%q: %v", name, problems)
		}
	}
}
