package flow_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/flow"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

var (
	own  = netip.MustParseAddr("10.0.1.10")
	own6 = netip.MustParseAddr("2001:db8:1::10")
)

// newSource returns an interface with four sessions. TLS that it receives goes to an interface,
// cut to 128 bytes. Other TCP but SSH, and UDP that it sends, go to a load balancer. UDP that it
// receives goes to a target that is gone. The rest that it sends to some peers goes to an endpoint.
func newSource(t testing.TB) *dataplane.Source {
	t.Helper()
	tls := session(1, mirror.Endpoint{Type: mirror.NetworkInterface, Address: netip.MustParseAddr("10.0.2.20")}, rule(mirror.Ingress, 100, mirror.Accept, mirror.TCP, 443, 443))
	tls.PacketLength, tls.TargetID = new(128), "tmt-0123456789abcdef0"
	tcp := session(2, mirror.Endpoint{Type: mirror.NetworkLoadBalancer, Address: netip.MustParseAddr("2001:db8::5")},
		rule(mirror.Ingress, 50, mirror.Reject, mirror.TCP, 22, 22), rule(mirror.Ingress, 60, mirror.Accept, mirror.TCP, 0, 65535), rule(mirror.Egress, 10, mirror.Accept, mirror.UDP, 0, 65535))
	udp := session(3, mirror.Endpoint{Type: mirror.NetworkInterface, Address: netip.MustParseAddr("10.0.2.21"), Gone: true}, rule(mirror.Ingress, 1, mirror.Accept, mirror.UDP, 0, 65535))
	gre := session(4, mirror.Endpoint{Type: mirror.GatewayLoadBalancerEndpoint}, mirror.Rule{
		Number: 1, Direction: mirror.Egress, Action: mirror.Accept, SourceCIDR: netip.MustParsePrefix("0.0.0.0/0"), DestinationCIDR: netip.MustParsePrefix("10.9.9.0/25"),
	})
	source, err := dataplane.New(
		mirror.Interface{ID: "eni-0123456789abcdef0", PrivateIPAddress: own, IPv6Addresses: []netip.Addr{own6}},
		[]dataplane.Session{gre, tls, udp, tcp}, dataplane.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return source
}

func session(number int, target mirror.Endpoint, rules ...mirror.Rule) dataplane.Session {
	return dataplane.Session{Session: mirror.Session{Number: number}, Target: target, Filter: mirror.Filter{Rules: rules}}
}

func rule(direction mirror.Direction, number int, action mirror.Action, protocol mirror.Protocol, from, to int) mirror.Rule {
	everything := netip.MustParsePrefix("0.0.0.0/0")
	return mirror.Rule{
		Number: number, Direction: direction, Action: action, Protocol: &protocol,
		SourceCIDR: everything, DestinationCIDR: everything, DestinationPorts: &mirror.PortRange{From: from, To: to},
	}
}

// records is a capture in memory.
type records []capture.Record

// Next implements capture.Source.
func (r *records) Next(rec *capture.Record) error {
	if len(*r) == 0 {
		return io.EOF
	}
	*rec, *r = (*r)[0], (*r)[1:]
	return nil
}

// tableOf sends records through the source.
func tableOf(t testing.TB, source *dataplane.Source, list []capture.Record, more ...simulation.Sink) *flow.Table {
	t.Helper()
	table := flow.NewTable(source)
	in := records(list)
	if _, err := simulation.Run(t.Context(), source, simulation.Input{Capture: &in}, append(more, table)...); err != nil {
		t.Fatal(err)
	}
	return table
}

// limitsOf returns how long a copy of each session is at most.
func limitsOf(source *dataplane.Source) map[int]int64 {
	limits := map[int]int64{}
	for _, s := range dataplane.FactsOf(source).Sessions {
		limits[s.Number] = int64(s.Limit().Bytes)
	}
	return limits
}

func textOf(t testing.TB, f *flow.Flows) string {
	t.Helper()
	var b bytes.Buffer
	if err := f.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func jsonOf(t testing.TB, f *flow.Flows) string {
	t.Helper()
	var b bytes.Buffer
	if err := f.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func parse(t testing.TB, text string) *flow.Flows {
	t.Helper()
	f, err := flow.Parse(bytes.NewReader([]byte(text)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// record returns the record of a packet that is described.
func record(t testing.TB, at int64, spec packet.Spec) capture.Record {
	t.Helper()
	frame, err := packet.Build(spec)
	if err != nil {
		t.Fatal(err)
	}
	return capture.Record{Data: frame, Wire: len(frame), Link: packet.LinkEthernet, Nanoseconds: at}
}

// tcp describes a packet between the interface and a peer.
func tcp(from, to netip.Addr, fromPort, toPort uint16, length int) packet.Spec {
	return packet.Spec{Protocol: packet.ProtocolTCP, Source: from, Destination: to, SourcePort: &fromPort, DestinationPort: &toPort, Length: length}
}

// randomRecords draws a capture with all kinds of packets, with gaps of hours.
func randomRecords(t testing.TB, random *rand.Rand, n int) []capture.Record {
	t.Helper()
	list := make([]capture.Record, n)
	for i := range list {
		list[i] = randomRecord(t, random)
		list[i].Number = int64(i + 1)
	}
	return list
}

func randomRecord(t testing.TB, random *rand.Rand) capture.Record {
	t.Helper()
	at := 1_700_000_000e9 + random.Int64N(3)*7_200e9 + random.Int64N(5e9)
	switch random.IntN(20) {
	case 0:
		at = 0
	case 1:
		at = -random.Int64N(3e9) - 1
	case 2:
		arp := append(packet.EthernetHeader{EtherType: packet.EtherTypeARP}.Append(nil), make([]byte, 46)...)
		return capture.Record{Data: arp, Wire: len(arp), Link: packet.LinkEthernet, Nanoseconds: at}
	case 3:
		return capture.Record{Data: []byte{1, 2, 3}, Wire: 3, Link: 9999, Nanoseconds: at}
	}
	spec := randomSpec(random)
	r := record(t, at, spec)
	if message := len(r.Data) - spec.Length + 34; spec.Protocol == packet.ProtocolICMP || spec.Protocol == packet.ProtocolICMPv6 {
		if spec.Source.Is6() {
			message += 20
		}
		r.Data[message] = byte(random.IntN(3) * 64) // the type: echo or not
		r.Data[message+5] = byte(random.IntN(3))    // the identifier
	}
	if random.IntN(2) == 0 && r.Data[len(r.Data)-1] == 0 {
		r.Data[len(r.Data)-60] = byte(random.IntN(256))
	}
	if random.IntN(8) == 0 {
		r.Data = r.Data[:random.IntN(len(r.Data))]
		if random.IntN(3) == 0 {
			r.Wire = len(r.Data) // a capture that does not keep the length
		}
	}
	if random.IntN(12) == 0 {
		r.Wire += random.IntN(2000)
	}
	return r
}

func randomSpec(random *rand.Rand) packet.Spec {
	local, peer := own, netip.AddrFrom4([4]byte{10, 9, 9, byte(random.IntN(3) + 126)})
	isIPv6 := random.IntN(4) == 0
	if isIPv6 {
		local, peer = own6, netip.MustParseAddr("2001:db8:2::3")
	}
	switch random.IntN(15) {
	case 0:
		local = netip.MustParseAddr("10.77.0.1") // of others
		if isIPv6 {
			local = netip.MustParseAddr("2001:db8:77::1")
		}
	case 1:
		if !isIPv6 {
			peer = netip.MustParseAddr("169.254.169.254") // never mirrored
		}
	}
	spec := packet.Spec{Source: peer, Destination: local, Length: 100 + random.IntN(400)}
	if random.IntN(2) == 0 {
		spec.Source, spec.Destination = local, peer
	}
	ports := []uint16{22, 443, 80, 50000}
	switch random.IntN(5) {
	case 0:
		spec.Protocol = packet.ProtocolICMP
		if isIPv6 {
			spec.Protocol = packet.ProtocolICMPv6
		}
	case 1:
		spec.Protocol = 47
	case 2:
		spec.Protocol = packet.ProtocolUDP
	default:
		spec.Protocol = packet.ProtocolTCP
	}
	if spec.Protocol == packet.ProtocolUDP || spec.Protocol == packet.ProtocolTCP {
		if !isIPv6 && random.IntN(8) == 0 {
			spec.LaterFragment = true
			return spec
		}
		spec.SourcePort, spec.DestinationPort = &ports[random.IntN(4)], &ports[random.IntN(4)]
	}
	return spec
}

// failingWriter fails at once.
type failingWriter struct{}

var errFull = errors.New("the disk is full")

func (failingWriter) Write([]byte) (int, error) { return 0, errFull }
