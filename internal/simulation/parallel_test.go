package simulation_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// randomFrames returns packets of every fate in newSource, a few of them damaged.
func randomFrames(t *testing.T, r *rand.Rand, n int) [][]byte {
	t.Helper()
	frames := make([][]byte, n)
	for i := range frames {
		frames[i] = frame(t, []uint16{22, 80, 443, 8080}[r.IntN(4)], 60+r.IntN(600))
		if r.IntN(10) == 0 {
			frames[i][r.IntN(60)] ^= byte(1 + r.IntN(255))
		}
	}
	return frames
}

// splitAtRandom deals packets to files, each in its order.
func splitAtRandom(t *testing.T, r *rand.Rand, frames [][]byte, parts int) (files [][]byte) {
	t.Helper()
	for _, part := range dealtAtRandom(r, frames, parts) {
		files = append(files, part.file(t))
	}
	return files
}

// part is packets with their times in seconds.
type part struct {
	frames [][]byte
	at     []int64
}

func dealtAtRandom(r *rand.Rand, frames [][]byte, parts int) []part {
	dealt := make([]part, parts)
	for i, f := range frames {
		p := &dealt[r.IntN(parts)]
		p.frames, p.at = append(p.frames, f), append(p.at, int64(i+1))
	}
	return dealt
}

func (p part) file(t *testing.T) []byte {
	t.Helper()
	var file bytes.Buffer
	w := capture.NewWriter(&file, packet.LinkEthernet)
	for i, f := range p.frames {
		if err := w.Write(p.at[i]*1e9, f); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// filesOf returns captures in memory.
func filesOf(files ...[]byte) []capture.File {
	var all []capture.File
	for i, content := range files {
		all = append(all, capture.File{Name: fmt.Sprintf("%d.pcap", i), Size: int64(len(content)), Open: func() (capture.Source, func(), error) {
			reader, err := capture.NewReader(bytes.NewReader(content))
			return reader, func() {}, err
		}})
	}
	return all
}

// inOrder is a Sink that needs the packets in order, and words them.
type inOrder struct{ packets []string }

func (s *inOrder) Take(p *simulation.Packet) error {
	s.packets = append(s.packets, fmt.Sprintf("%d@%d %d %s", p.Number, p.Nanoseconds/1e9, len(p.Decoded.Data), p.Verdict.Reason))
	return nil
}
func (s *inOrder) Close() error { return nil }

// counting is a Splitter that counts packets.
type counting struct {
	packets int
	parts   *atomic.Int64
	closed  bool
	fails   bool
}

func (s *counting) Take(*simulation.Packet) error {
	if s.packets++; s.fails {
		return errors.New("the disk is full")
	}
	return nil
}
func (s *counting) Close() error { s.closed = true; return nil }
func (s *counting) Split() simulation.Splitter {
	s.parts.Add(1)
	return &counting{parts: s.parts, fails: s.fails}
}
func (s *counting) Join(part simulation.Splitter) error {
	of := part.(*counting)
	if of.closed {
		return errors.New("a part is closed before it is joined")
	}
	s.packets += of.packets
	return nil
}

func jsonOf(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// However the packets of a capture are dealt to files, the result is that of the whole capture:
// by time, side by side, and as runs that are merged.
func TestRun_files(t *testing.T) {
	t.Parallel()
	source := newSource(t)
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 3))
		frames := randomFrames(t, r, r.IntN(300))
		files := splitAtRandom(t, r, frames, 1+r.IntN(20))
		var inWhole, inParts inOrder
		whole, err := simulation.Run(t.Context(), source, simulation.Input{Capture: newReader(t, captureOf(t, frames...))}, &inWhole)
		if err != nil {
			t.Fatal(err)
		}
		byTime, err := simulation.Run(t.Context(), source, simulation.Input{Files: filesOf(files...)}, &inParts)
		if err != nil || !slices.Equal(inParts.packets, inWhole.packets) || jsonOf(t, byTime) != jsonOf(t, whole) {
			t.Errorf("seed %d, by time: %v\n%s\nin place of\n%s", seed, err, jsonOf(t, byTime), jsonOf(t, whole))
		}
		sink := &counting{parts: &atomic.Int64{}}
		sideBySide, err := simulation.Run(t.Context(), source, simulation.Input{Files: filesOf(files...)}, sink)
		if err != nil || sink.packets != len(frames) || sink.parts.Load() == 0 || !sink.closed || jsonOf(t, sideBySide) != jsonOf(t, whole) {
			t.Errorf("seed %d, side by side: %d packets in %d parts, %v\n%s\nin place of\n%s",
				seed, sink.packets, sink.parts.Load(), err, jsonOf(t, sideBySide), jsonOf(t, whole))
		}
		if merged := mergedRuns(t, r, source, files); jsonOf(t, merged) != jsonOf(t, whole) {
			t.Errorf("seed %d, merged:\n%s\nin place of\n%s", seed, jsonOf(t, merged), jsonOf(t, whole))
		}
	}
}

// mergedRuns runs each file alone, writes and reads its summary, and merges them in a random order.
func mergedRuns(t *testing.T, r *rand.Rand, source *dataplane.Source, files [][]byte) dataplane.Summary {
	t.Helper()
	var merged *simulation.RunSummary
	for _, i := range r.Perm(len(files)) {
		summary, err := simulation.Run(t.Context(), source, simulation.Input{Capture: newReader(t, files[i])})
		if err != nil {
			t.Fatal(err)
		}
		read, err := simulation.ParseRunSummary([]byte(jsonOf(t, newRunSummary(source, summary))))
		if err != nil {
			t.Fatal(err)
		}
		if merged == nil {
			merged = &read
			continue
		}
		if err := merged.Merge(read); err != nil {
			t.Fatal(err)
		}
	}
	if merged.Files != int64(len(files)) || !merged.IsComplete {
		t.Errorf("the merged run has %d files", merged.Files)
	}
	return merged.Summary
}

func newRunSummary(source *dataplane.Source, summary dataplane.Summary) simulation.RunSummary {
	return simulation.RunSummary{Summary: summary, Files: 1, IsComplete: true, Configuration: source.Configuration("")}
}

// A file that is damaged, or is none, ends there. The others are sent, and the error names it.
func TestRun_damagedFile(t *testing.T) {
	t.Parallel()
	whole := captureOf(t, frame(t, 443, 500), frame(t, 22, 100))
	files := filesOf(whole, whole[:len(whole)-1], []byte("no capture"), whole)
	for name, sinks := range map[string][]simulation.Sink{"by time": {&inOrder{}}, "side by side": {&counting{parts: &atomic.Int64{}}}} {
		summary, err := simulation.Run(t.Context(), newSource(t), simulation.Input{Files: files}, sinks...)
		if summary.Packets != 5 {
			t.Errorf("%s: %d packets are sent", name, summary.Packets)
		}
		var damage *capture.FormatError
		if err == nil || !errors.As(err, &damage) || !strings.HasPrefix(err.Error(), "1.pcap: record 2 of the capture, at byte 540: ") ||
			!strings.Contains(err.Error(), "\n2.pcap: the capture's header") {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}

// A sink that fails ends the run, and the error names the packet and its file.
func TestRun_failingPart(t *testing.T) {
	t.Parallel()
	one := captureOf(t, frame(t, 443, 500))
	sink := &counting{parts: &atomic.Int64{}, fails: true}
	_, err := simulation.Run(t.Context(), newSource(t), simulation.Input{Files: filesOf(one, one, one)}, sink)
	if err == nil || !strings.Contains(err.Error(), ".pcap: writing the result of packet 1: the disk is full") {
		t.Errorf("the error is %v", err)
	}
}

// An interrupted run of files says so, whether it is side by side or by time.
func TestRun_interruptedFiles(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	frames := make([][]byte, 5000)
	for i := range frames {
		frames[i] = frame(t, 443, 60)
	}
	long := captureOf(t, frames...)
	for name, sink := range map[string]simulation.Sink{"by time": &inOrder{}, "side by side": &counting{parts: &atomic.Int64{}}} {
		_, err := simulation.Run(ctx, newSource(t), simulation.Input{Files: filesOf(long, long)}, sink)
		var interrupted *simulation.InterruptedError
		if !errors.As(err, &interrupted) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}

// A failure names the file of a packet and the number in it.
func TestJudge_files(t *testing.T) {
	t.Parallel()
	source := newSource(t)
	judge := simulation.NewJudge(source, []simulation.Expectation{
		{Packet: "3", Mirrored: simulation.MirroredTrue}, {Where: &simulation.Where{DestinationPort: new(int64(22))}, Mirrored: simulation.MirroredAll},
	})
	a, b := part{[][]byte{frame(t, 443, 500), frame(t, 80, 100)}, []int64{1, 2}}, part{[][]byte{frame(t, 22, 100)}, []int64{3}}
	if _, err := simulation.Run(t.Context(), source, simulation.Input{Files: filesOf(a.file(t), b.file(t))}, judge); err != nil {
		t.Fatal(err)
	}
	failures := judge.Failures()
	if len(failures) != 2 || !strings.Contains(failures[0].Text, `Packet "3" (number 1 of 1.pcap, ingress, `) ||
		!strings.Contains(failures[1].Text, "packet 3 (number 1 of 1.pcap, ingress, ") || !strings.Contains(failures[1].Text, "How the verdict of packet 3 (number 1 of 1.pcap) is reached") {
		t.Errorf("the failures are %+v", failures)
	}
}

// Summaries of other configurations are refused, and the error says what differs.
func TestRunSummary_Merge_refuses(t *testing.T) {
	t.Parallel()
	first := newRunSummary(newSource(t), dataplane.Summary{})
	for want, change := range map[string]func(*simulation.RunSummary){
		`its direction is "egress" in place of ""`:           func(s *simulation.RunSummary) { s.Configuration.Direction = "egress" },
		"its --reject-stops is true in place of false":       func(s *simulation.RunSummary) { s.Configuration.RejectStops = true },
		"its --encapsulation-allowance is 50 in place of 54": func(s *simulation.RunSummary) { s.Configuration.EncapsulationAllowance = 50 },
		"it is of another interface, or knows other addresses of it. Summaries are of one interface; flow tables of several can be merged": func(s *simulation.RunSummary) { s.Configuration.Interface = "x" },
		"it lacks session 2":                                              func(s *simulation.RunSummary) { s.Configuration.Sessions = s.Configuration.Sessions[:1] },
		"it has session 3 in place of session 1":                          func(s *simulation.RunSummary) { s.Configuration.Sessions[0].SessionNumber = 3 },
		"it has the virtual network ID 8 in place of 7 in session 1":      func(s *simulation.RunSummary) { s.Configuration.Sessions[0].VirtualNetworkID = 8 },
		"it has none as packet length in place of 128 in session 1":       func(s *simulation.RunSummary) { s.Configuration.Sessions[0].PacketLength = nil },
		"it has another target, or knows other facts of it, in session 2": func(s *simulation.RunSummary) { s.Configuration.Sessions[1].Target = "x" },
		"its --unwrap is true in place of false":                          func(s *simulation.RunSummary) { s.Unwraps = true },
		"it has other network services in session 1":                      func(s *simulation.RunSummary) { s.Configuration.Sessions[0].AmazonDNS = true },
		"it has other ingress rules in session 1":                         func(s *simulation.RunSummary) { s.Configuration.Sessions[0].IngressRules = "x" },
		"it has other egress rules in session 1":                          func(s *simulation.RunSummary) { s.Configuration.Sessions[0].EgressRules = "x" },
		"it also has session 9": func(s *simulation.RunSummary) {
			s.Sessions = []dataplane.SessionSummary{{SessionNumber: 9}}
		},
	} {
		other := newRunSummary(newSource(t), dataplane.Summary{})
		change(&other)
		if err := first.Merge(other); err == nil || err.Error() != want {
			t.Errorf("the error is %v, in place of %s", err, want)
		}
	}
	if first.Files != 1 {
		t.Errorf("a refused merge changes the summary: %+v", first)
	}
	incomplete := newRunSummary(newSource(t), dataplane.Summary{})
	incomplete.IsComplete = false
	if err := first.Merge(incomplete); err != nil || first.IsComplete || first.Files != 2 {
		t.Errorf("merged with an incomplete run: %+v, %v", first, err)
	}
}

func TestParseRunSummary_refuses(t *testing.T) {
	t.Parallel()
	source := newSource(t)
	summary, err := simulation.Run(t.Context(), source, simulation.Input{Capture: newReader(t, fourPackets(t))})
	if err != nil {
		t.Fatal(err)
	}
	good := jsonOf(t, newRunSummary(source, summary))
	for _, test := range []struct{ old, now, want string }{
		{`"bytes_in":`, `"BYTES_IN":`, "bytes_in is missing"},
		{`"hits":2,`, ``, "rules[0].hits is missing"},
		{`"complete":true,`, ``, "complete is missing"},
		{`"files":1`, `"files":1,"extra":2`, `unknown field "extra"`},
		{`"files":1`, `"files":-1`, "files is -1"},
		{`"unwrap":false`, `"unwrap":true`, "unwrap is true: unwrapped has to be there only if it is true"},
		{`"unwrap":false`, `"unwrap":false,"unwrapped":{"vxlan":0,"geneve":0,"no_tunnel":0,"unreadable":0}`, "unwrap is false: unwrapped has"},
		{`"unwrap":false`, `"unwrap":true,"unwrapped":{"vxlan":1,"geneve":0,"unreadable":0}`, "unwrapped.no_tunnel is missing"},
		{`"unwrap":false`, `"unwrap":true,"unwrapped":{"vxlan":1,"geneve":4,"no_tunnel":0,"unreadable":0}`, "unwrapped has 5 packets, and there are only 4"},
		{`"unwrap":false`, `"unwrap":true,"unwrapped":{"vxlan":1,"geneve":0,"no_tunnel":-1,"unreadable":0}`, "unwrapped has the number -1"},
		{`"packets":4,`, `"packets":5,`, "mirrored and not_mirrored are together 4, in place of 5"},
		{`"rule_rejects":`, `"rule_dreams":`, `"rule_dreams" is no reason`},
		{`"packet_length":1`, `"packet_lengths":1`, `"packet_lengths" is no truncation`},
		{`"udp_listener":1`, `"tcp_listener":1`, `"tcp_listener" is no unknown fact of a target`},
		{`"ingress":4`, `"inward":4`, `directions has a direction "inward"`},
		{`"hits":2`, `"hits":-2`, "-2 is not from 0 to 4"},
		{`}}`, `}} {}`, "more than one JSON value"},
	} {
		text := strings.Replace(good, test.old, test.now, 1)
		if test.old == "}}" {
			text = good + " {}"
		}
		if text == good {
			t.Fatalf("%s is not in %s", test.old, good)
		}
		if _, err := simulation.ParseRunSummary([]byte(text)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s in place of %s: %v, in place of %s", test.now, test.old, err, test.want)
		}
	}
}

// What is read is written again unchanged, and merging with itself doubles it.
func FuzzParseRunSummary(f *testing.F) {
	f.Add([]byte(`{"packets":1,"mirrored":1,"directions":{"ingress":1},"not_mirrored":null,"truncated":{},"unknown":null,"bytes_in":60,"bytes_out":60,` +
		`"sessions":[{"session_number":1,"virtual_network_id":1,"packets":1,"bytes":60}],` +
		`"rules":[{"session_number":1,"direction":"ingress","rule_number":null,"hits":1,"packets":1,"bytes":60}],` +
		`"cloudwatch":{"NetworkMirrorIn":60,"NetworkMirrorOut":0,"NetworkPacketsMirrorIn":1,"NetworkPacketsMirrorOut":0},` +
		`"files":1,"complete":true,"unwrap":false,"configuration":{"direction":"","reject_stops":false,"encapsulation_allowance":54,"interface":"","sessions":[]}}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := simulation.ParseRunSummary(text)
		if err != nil {
			return
		}
		again, err := simulation.ParseRunSummary([]byte(jsonOf(t, s)))
		if err != nil || jsonOf(t, again) != jsonOf(t, s) {
			t.Fatalf("read again: %v\n%s\n%s", err, jsonOf(t, again), jsonOf(t, s))
		}
		packets := s.Packets
		if err := s.Merge(again); err != nil || s.Packets != 2*packets {
			t.Errorf("merged with itself: %d packets, %v", s.Packets, err)
		}
	})
}
