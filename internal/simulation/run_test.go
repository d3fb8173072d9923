package simulation_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/netip"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

var (
	own  = netip.MustParseAddr("10.0.1.10")
	peer = netip.MustParseAddr("192.0.2.1")
)

// newSource returns an interface with two sessions: TLS goes to an interface, cut to
// 128 bytes, and all other TCP but SSH to a load balancer.
func newSource(t *testing.T) *dataplane.Source {
	t.Helper()
	tls := session(1, mirror.Endpoint{Type: mirror.NetworkInterface, Address: netip.MustParseAddr("10.0.2.20")}, rule(100, mirror.Accept, 443, 443))
	tls.PacketLength, tls.VirtualNetworkID = new(128), new(7)
	rest := session(2, mirror.Endpoint{
		Type: mirror.NetworkLoadBalancer, Address: netip.MustParseAddr("10.0.2.5"),
		Appliances: []netip.Addr{netip.MustParseAddr("10.0.3.1"), netip.MustParseAddr("10.0.3.2")},
	}, rule(50, mirror.Reject, 22, 22), rule(60, mirror.Accept, 0, 65535))
	source, err := dataplane.New(mirror.Interface{PrivateIPAddress: own}, []dataplane.Session{tls, rest}, dataplane.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return source
}

func session(number int, target mirror.Endpoint, rules ...mirror.Rule) dataplane.Session {
	return dataplane.Session{Session: mirror.Session{Number: number}, Target: target, Filter: mirror.Filter{Rules: rules}}
}

// rule is an ingress rule for TCP.
func rule(number int, action mirror.Action, from, to int) mirror.Rule {
	everything := netip.MustParsePrefix("0.0.0.0/0")
	return mirror.Rule{
		Number: number, Direction: mirror.Ingress, Action: action, Protocol: new(mirror.Protocol(packet.ProtocolTCP)),
		SourceCIDR: everything, DestinationCIDR: everything, DestinationPorts: &mirror.PortRange{From: from, To: to},
	}
}

func newEncapsulator(t *testing.T, source *dataplane.Source) *dataplane.Encapsulator {
	t.Helper()
	e, err := source.Encapsulator()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// frame returns a TCP packet that the interface receives.
func frame(t *testing.T, port uint16, length int) []byte {
	t.Helper()
	b, err := packet.Build(packet.Spec{
		Protocol: packet.ProtocolTCP, Source: peer, Destination: own, SourcePort: new(uint16(50000)), DestinationPort: &port, Length: length,
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// captureOf returns a capture file. The packets are a second apart.
func captureOf(t *testing.T, frames ...[]byte) []byte {
	t.Helper()
	var file bytes.Buffer
	w := capture.NewWriter(&file, packet.LinkEthernet)
	for i, f := range frames {
		if err := w.Write(int64(i+1)*1e9, f); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func fourPackets(t *testing.T) []byte {
	t.Helper()
	return captureOf(t, frame(t, 443, 500), frame(t, 22, 100), frame(t, 80, 200), frame(t, 443, 100))
}

func newReader(t *testing.T, file []byte) *capture.Reader {
	t.Helper()
	r, err := capture.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// recorder is a sink that keeps what it gets, and then calls take.
type recorder struct {
	take         func(*simulation.Packet) error
	packets      []simulation.Packet
	closed       int
	failsToClose error
	takesTooMuch bool // a packet after it was closed
}

func (r *recorder) Take(p *simulation.Packet) error {
	r.takesTooMuch = r.takesTooMuch || r.closed > 0
	r.packets = append(r.packets, *p)
	if r.take == nil {
		return nil
	}
	return r.take(p)
}

func (r *recorder) Close() error {
	r.closed++
	return r.failsToClose
}

func (r *recorder) check(t *testing.T, packets int) {
	t.Helper()
	if len(r.packets) != packets || r.closed != 1 || r.takesTooMuch {
		t.Errorf("the sink got %d packets, want %d; it was closed %d times", len(r.packets), packets, r.closed)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	sink := &recorder{}
	summary, err := simulation.Run(t.Context(), newSource(t), simulation.Input{
		Capture: newReader(t, fourPackets(t)),
		Packets: []simulation.PacketInWords{{
			Name: "tls", Direction: "ingress", Protocol: "tcp", Source: "192.0.2.1", Destination: "10.0.1.10",
			SourcePort: new(int64(1)), DestinationPort: new(int64(443)),
		}},
	}, sink)
	if err != nil {
		t.Fatal(err)
	}
	sink.check(t, 5)
	if summary.Packets != 5 || summary.Mirrored != 4 || summary.NotMirrored[dataplane.RuleRejects] != 1 || summary.BytesIn != 954 {
		t.Errorf("the summary is %+v", summary)
	}
	for i, p := range sink.packets {
		wantName, wantTime := "", int64(i+1)*1e9
		if i == 4 {
			wantName, wantTime = "tls", 0
		}
		if p.Number != int64(i+1) || p.Name != wantName || p.Nanoseconds != wantTime {
			t.Errorf("packet %d has number %d, name %q and time %d", i+1, p.Number, p.Name, p.Nanoseconds)
		}
	}
}

// The direction that is given wins: the interface would have sent packets of others.
func TestRun_direction(t *testing.T) {
	t.Parallel()
	in := simulation.Input{Capture: newReader(t, fourPackets(t)), Direction: mirror.Egress}
	summary, err := simulation.Run(t.Context(), newSource(t), in)
	if err != nil || summary.NotMirrored[dataplane.ImpossibleDirection] != 4 {
		t.Errorf("the summary is %+v, %v", summary, err)
	}
}

// The packets before the damage are counted, and the sinks have written them.
func TestRun_damagedCapture(t *testing.T) {
	t.Parallel()
	file := fourPackets(t)
	sink := &recorder{}
	in := simulation.Input{
		Capture: newReader(t, file[:len(file)-10]),
		Packets: []simulation.PacketInWords{{
			Name: "never sent", Direction: "ingress", Protocol: "icmp", Source: "192.0.2.1", Destination: "10.0.1.10",
		}},
	}
	summary, err := simulation.Run(t.Context(), newSource(t), in, sink)
	var damage *capture.FormatError
	if !errors.As(err, &damage) || damage.Record != 4 {
		t.Errorf("the error is %v", err)
	}
	if summary.Packets != 3 || summary.Mirrored != 2 {
		t.Errorf("the summary is %+v", summary)
	}
	sink.check(t, 3)
}

// A run ends soon after its context, not at the end of the capture.
func TestRun_interrupted(t *testing.T) {
	t.Parallel()
	frames := make([][]byte, 10_000)
	for i := range frames {
		frames[i] = frame(t, 443, 60)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	sink := &recorder{}
	sink.take = func(p *simulation.Packet) error {
		if p.Number == 100 {
			cancel()
		}
		return nil
	}
	summary, err := simulation.Run(ctx, newSource(t), simulation.Input{Capture: newReader(t, captureOf(t, frames...))}, sink)
	var interrupted *simulation.InterruptedError
	if !errors.As(err, &interrupted) || interrupted.Packets != 4095 || !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	if summary.Packets != 4095 {
		t.Errorf("the summary counts %d packets", summary.Packets)
	}
	sink.check(t, 4095)
}

// A read that fails because the context ended is no damage of the capture.
func TestRun_interruptedRead(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cut := io.MultiReader(bytes.NewReader(fourPackets(t)), readerFunc(func([]byte) (int, error) {
		cancel()
		return 0, ctx.Err()
	}))
	reader, err := capture.NewReader(cut)
	if err != nil {
		t.Fatal(err)
	}
	_, err = simulation.Run(ctx, newSource(t), simulation.Input{Capture: reader})
	if err == nil || err.Error() != "interrupted after 4 packets" {
		t.Errorf("the error is %v", err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

func TestRun_interruptedBetweenWords(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	words := simulation.PacketInWords{Name: "a", Direction: "ingress", Protocol: "icmp", Source: "192.0.2.1", Destination: "10.0.1.10"}
	sink := &recorder{take: func(*simulation.Packet) error { cancel(); return nil }}
	_, err := simulation.Run(ctx, newSource(t), simulation.Input{Packets: []simulation.PacketInWords{words, words}}, sink)
	if err == nil || err.Error() != "interrupted after 1 packets" {
		t.Errorf("the error is %v", err)
	}
	sink.check(t, 1)
}

// A sink that fails ends the run, and every sink is closed.
func TestRun_sinkFails(t *testing.T) {
	t.Parallel()
	full := errors.New("the disk is full")
	before, after := &recorder{}, &recorder{}
	failing := &recorder{failsToClose: full}
	failing.take = func(p *simulation.Packet) error {
		if p.Number == 2 {
			return full
		}
		return nil
	}
	summary, err := simulation.Run(t.Context(), newSource(t), simulation.Input{Capture: newReader(t, fourPackets(t))}, before, failing, after)
	if err == nil || err.Error() != "writing the result of packet 2: the disk is full" {
		t.Errorf("the error is %v", err)
	}
	if summary.Packets != 2 {
		t.Errorf("the summary counts %d packets", summary.Packets)
	}
	before.check(t, 2)
	failing.check(t, 2)
	after.check(t, 1)
}

// What a sink cannot write at the end is an error too.
func TestRun_sinkFailsToClose(t *testing.T) {
	t.Parallel()
	full := errors.New("the disk is full")
	_, err := simulation.Run(t.Context(), newSource(t), simulation.Input{Capture: newReader(t, fourPackets(t))}, &recorder{failsToClose: full})
	if !errors.Is(err, full) {
		t.Errorf("the error is %v", err)
	}
}

// Twice as many packets take no more allocations, whatever the sinks are.
func TestRun_allocatesNothingPerPacket(t *testing.T) {
	source := newSource(t)
	few, many := allocations(t, source, 1000), allocations(t, source, 20_000)
	if many > few+5 { // a goroutine may wait in a channel now and then
		t.Errorf("1,000 packets take %v allocations, 20,000 packets %v", few, many)
	}
}

func allocations(t *testing.T, source *dataplane.Source, packets int) float64 {
	t.Helper()
	frames := make([][]byte, packets)
	for i := range frames {
		frames[i] = frame(t, []uint16{443, 80, 22}[i%3], 200)
	}
	file := captureOf(t, frames...)
	e := newEncapsulator(t, source)
	return testing.AllocsPerRun(3, func() {
		received, err := simulation.NewApplianceCopies(capture.Pcapng, e, func(netip.Addr) (io.Writer, error) { return io.Discard, nil })
		if err != nil {
			t.Fatal(err)
		}
		sinks := []simulation.Sink{
			simulation.NewCopies(io.Discard, capture.Pcapng, e), received, simulation.NewVerdictLines(io.Discard, source, simulation.VerdictJSON), simulation.NewKeptVerdicts(source, 3, "7"),
			simulation.NewAnnotation(io.Discard),
		}
		if _, err := simulation.Run(t.Context(), source, simulation.Input{Capture: newReader(t, file)}, sinks...); err != nil {
			t.Fatal(err)
		}
	})
}

func TestRun_packetInWordsThatCannotBeBuilt(t *testing.T) {
	t.Parallel()
	sink := &recorder{}
	in := simulation.Input{Packets: []simulation.PacketInWords{{Name: "ssh", Direction: "ingress", Protocol: "tpc"}}}
	_, err := simulation.Run(t.Context(), newSource(t), in, sink)
	if err == nil || !strings.HasPrefix(err.Error(), `packet "ssh": protocol is "tpc".`) {
		t.Errorf("the error is %v", err)
	}
	sink.check(t, 0)
}
