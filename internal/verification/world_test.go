package verification_test

import (
	"cmp"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/decapsulation"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/verification"
)

var (
	own      = netip.MustParseAddr("10.0.1.10")
	own6     = netip.MustParseAddr("2001:db8:1::10")
	resolver = netip.MustParseAddr("10.0.0.2")
	ownMAC   = mirror.MAC{0x02, 0, 0, 0, 0, 0x10}
)

// begin is the time of the first packet.
const begin = 1_700_000_000_000_000_000

// world is the traffic of an interface, and what EC2 makes of it.
type world struct {
	random   *rand.Rand
	iface    mirror.Interface
	sessions []dataplane.Session
	packets  []capture.Record
	copies   []sent // in the order of their times
	offset   int64  // of the sensor's clock
	frames   bool   // the sensor has the frames in the copies
}

// sent is a copy that reaches the sensor.
type sent struct {
	time    int64 // in the sensor's clock
	data    []byte
	origin  int // index of its packet
	verdict dataplane.Verdict
}

// newWorld makes traffic. The sessions are random if there are none.
func newWorld(t testing.TB, seed uint64, packets int, options dataplane.Options, sessions ...dataplane.Session) *world {
	t.Helper()
	w := &world{random: rand.New(rand.NewPCG(seed, 1)), sessions: sessions}
	w.iface = mirror.Interface{
		MACAddress: ownMAC, PrivateIPAddress: own, PrivateIPAddresses: []netip.Addr{own}, IPv6Addresses: []netip.Addr{own6},
		DNSResolverAddresses: []netip.Addr{resolver}, SourceDestCheck: new(false),
	}
	if sessions == nil {
		w.sessions = w.randomSessions()
	}
	w.offset = w.random.Int64N(7200e9) - 3600e9
	w.makePackets(t, packets)
	w.mirror(t, options)
	return w
}

// both accepts everything in both directions.
func both() []mirror.Rule {
	var rules []mirror.Rule
	for _, d := range mirror.Directions {
		rules = append(rules,
			mirror.Rule{Direction: d, Number: 100, Action: mirror.Accept, SourceCIDR: netip.MustParsePrefix("0.0.0.0/0"), DestinationCIDR: netip.MustParsePrefix("0.0.0.0/0")},
			mirror.Rule{Direction: d, Number: 200, Action: mirror.Accept, SourceCIDR: netip.MustParsePrefix("::/0"), DestinationCIDR: netip.MustParsePrefix("::/0")})
	}
	return rules
}

// rejecting has rules before others, which reject.
func rejecting(protocol mirror.Protocol, after ...mirror.Rule) []mirror.Rule {
	var rules []mirror.Rule
	for _, d := range mirror.Directions {
		rules = append(rules, mirror.Rule{
			Direction: d, Number: 50, Action: mirror.Reject, Protocol: &protocol,
			SourceCIDR: netip.MustParsePrefix("0.0.0.0/0"), DestinationCIDR: netip.MustParsePrefix("0.0.0.0/0"),
		})
	}
	return append(rules, after...)
}

func session(number, length int, rules []mirror.Rule, services ...mirror.NetworkService) dataplane.Session {
	s := dataplane.Session{
		Session: mirror.Session{Number: number, VirtualNetworkID: new(1000 + number)},
		Target:  mirror.Endpoint{Type: mirror.NetworkInterface, Address: netip.AddrFrom4([4]byte{10, 0, 9, byte(number)}), MTU: 9001},
		Filter:  mirror.Filter{Rules: rules, NetworkServices: services},
	}
	if length > 0 {
		s.PacketLength = &length
	}
	return s
}

func (w *world) randomSessions() []dataplane.Session {
	var all []dataplane.Session
	for number := 1; number <= 1+w.random.IntN(3); number++ {
		var services []mirror.NetworkService
		if w.random.IntN(2) == 0 {
			services = []mirror.NetworkService{mirror.AmazonDNS}
		}
		length := []int{0, 0, 40, 64, 128, 400}[w.random.IntN(6)]
		s := session(number, length, w.randomRules(), services...)
		s.Target.MTU = []int{1500, 9001}[w.random.IntN(2)]
		if w.random.IntN(4) == 0 {
			s.VirtualNetworkID = nil
		}
		all = append(all, s)
	}
	return all
}

func (w *world) randomRules() []mirror.Rule {
	var rules []mirror.Rule
	for _, d := range mirror.Directions {
		for number := 1; number <= w.random.IntN(6); number++ {
			r := mirror.Rule{
				Direction: d, Number: number * 10, Action: mirror.Actions[w.random.IntN(2)],
				SourceCIDR: netip.MustParsePrefix("0.0.0.0/0"), DestinationCIDR: netip.MustParsePrefix("0.0.0.0/0"),
			}
			if w.random.IntN(3) == 0 {
				r.SourceCIDR, r.DestinationCIDR = netip.MustParsePrefix("::/0"), netip.MustParsePrefix("::/0")
			}
			if w.random.IntN(2) == 0 {
				protocol := []mirror.Protocol{6, 17, 1}[w.random.IntN(3)]
				r.Protocol = &protocol
				if protocol != 1 && w.random.IntN(2) == 0 {
					low := w.random.IntN(60000)
					r.DestinationPorts = &mirror.PortRange{From: low, To: low + w.random.IntN(5000)}
				}
			}
			rules = append(rules, r)
		}
	}
	rules = append(rules, mirror.Rule{
		Direction: mirror.Ingress, Number: 900, Action: mirror.Accept,
		SourceCIDR: netip.MustParsePrefix("0.0.0.0/0"), DestinationCIDR: netip.MustParsePrefix("0.0.0.0/0"),
	})
	return rules
}

// makePackets makes packets of some flows. Some are sent again, some are fragments.
func (w *world) makePackets(t testing.TB, n int) {
	t.Helper()
	time := int64(begin)
	for len(w.packets) < n {
		time += 20_000 + w.random.Int64N(2_000_000)
		data := w.makeFrame(t)
		if len(w.packets) > 10 && w.random.IntN(12) == 0 {
			data = w.packets[len(w.packets)-1-w.random.IntN(10)].Data // sent again
		}
		w.packets = append(w.packets, capture.Record{Number: int64(len(w.packets) + 1), Data: data, Wire: len(data), Link: packet.LinkEthernet, Nanoseconds: time})
	}
}

func (w *world) makeFrame(t testing.TB) []byte {
	t.Helper()
	peer := netip.AddrFrom4([4]byte{192, 0, 2, byte(1 + w.random.IntN(8))})
	local := own
	if w.random.IntN(4) == 0 {
		peer, local = netip.MustParseAddr("2001:db8:2::3"), own6
	}
	port, other := uint16(1024+w.random.IntN(6)), uint16([]int{22, 53, 80, 123, 443, 8080}[w.random.IntN(6)])
	spec := packet.Spec{Protocol: 6, Source: peer, Destination: local, SourcePort: &port, DestinationPort: &other, SourceMAC: dataplane.RouterMAC, DestinationMAC: ownMAC}
	switch w.random.IntN(8) {
	case 0, 1:
		spec.Protocol = 17
	case 2:
		spec.Protocol, spec.SourcePort, spec.DestinationPort = 1, nil, nil
		if local.Is6() {
			spec.Protocol = 58
		}
	case 3:
		if local.Is4() {
			spec.Source, spec.Protocol = resolver, 17
			spec.SourcePort = port53()
		}
	case 4:
		spec.LaterFragment, spec.SourcePort, spec.DestinationPort = true, nil, nil
	}
	if w.random.IntN(2) == 0 {
		spec.Source, spec.Destination = spec.Destination, spec.Source
		spec.SourcePort, spec.DestinationPort = spec.DestinationPort, spec.SourcePort
		spec.SourceMAC, spec.DestinationMAC = spec.DestinationMAC, spec.SourceMAC
	}
	spec.Length = []int{0, 100 + w.random.IntN(200), 1514, 1514, 100 + w.random.IntN(3000)}[w.random.IntN(5)]
	frame, err := packet.Build(spec)
	if err != nil {
		t.Fatal(err)
	}
	if w.random.IntN(6) > 0 { // else it is one of many packets with the same bytes
		binary.BigEndian.PutUint16(frame[18:], uint16(w.random.IntN(65536)))
		for i := 80; i < len(frame); i++ {
			frame[i] = byte(w.random.IntN(256))
		}
		if spec.Protocol == 6 && !spec.LaterFragment && local.Is4() {
			binary.BigEndian.PutUint32(frame[38:], w.random.Uint32())
		}
	}
	return frame
}

func port53() *uint16 { return new(uint16(53)) }

func (w *world) source(t testing.TB, options dataplane.Options) *dataplane.Source {
	t.Helper()
	source, err := dataplane.New(w.iface, w.sessions, options)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// mirror makes the copies.
func (w *world) mirror(t testing.TB, options dataplane.Options) {
	t.Helper()
	source := w.source(t, options)
	out, err := source.Encapsulator()
	if err != nil {
		t.Fatal(err)
	}
	for i := range w.packets {
		var p packet.Packet
		w.packets[i].Decode(&p)
		v := source.Process(&p, "")
		if v.Outcome == dataplane.Mirrored {
			w.copies = append(w.copies, sent{w.packets[i].Nanoseconds + w.offset + 150_000 + w.random.Int64N(9_000), out.Append(nil, &p, v), i, v})
		}
	}
	w.sort()
}

func (w *world) sort() {
	slices.SortStableFunc(w.copies, func(a, b sent) int { return cmp.Compare(a.time, b.time) })
}

// of returns the indexes of the copies that a test accepts, without those at the edges.
func (w *world) of(accepts func(sent) bool) []int {
	var all []int
	for i := 20; i < len(w.copies)-20; i++ {
		if accepts(w.copies[i]) {
			all = append(all, i)
		}
	}
	return all
}

// one returns the index of one of these copies.
func (w *world) one(t testing.TB, accepts func(sent) bool) int {
	t.Helper()
	all := w.of(accepts)
	if all == nil {
		t.Fatal("the world has no such copy")
	}
	return all[w.random.IntN(len(all))]
}

func (w *world) remove(accepts func(sent) bool) {
	w.copies = slices.DeleteFunc(w.copies, accepts)
}

// change gives a copy other bytes.
func (w *world) change(i int, change func([]byte)) {
	w.copies[i].data = slices.Clone(w.copies[i].data)
	change(w.copies[i].data)
}

// resize makes the frame of a copy shorter or longer.
func (w *world) resize(i, length int) {
	c := &w.copies[i]
	c.data = append(slices.Clone(c.data[:dataplane.OuterLength]), w.packets[c.origin].Data[:length]...)
	total := len(c.data) - packet.EthernetHeaderLength
	binary.BigEndian.PutUint16(c.data[16:], uint16(total))
	binary.BigEndian.PutUint16(c.data[38:], uint16(total-20))
}

// records is a capture in memory.
type records struct {
	all []capture.Record
	at  int
}

// Next implements capture.Source.
func (r *records) Next(rec *capture.Record) error {
	if r.at == len(r.all) {
		return io.EOF
	}
	*rec = r.all[r.at]
	r.at++
	return nil
}

func file(name string, all []capture.Record) verification.File {
	return verification.File{Name: name, Open: func() (capture.Source, error) { return &records{all: all}, nil }}
}

// sensor is the capture at the sensor.
func (w *world) sensor() []capture.Record {
	var all []capture.Record
	for i, c := range w.copies {
		r := capture.Record{Number: int64(i + 1), Data: c.data, Wire: len(c.data), Link: packet.LinkEthernet, Nanoseconds: c.time}
		if w.frames {
			copied, _ := decapsulation.New(decapsulation.Options{}).Decapsulate(&r)
			r.Data, r.Wire = copied.Frame, copied.Length
		}
		all = append(all, r)
	}
	return all
}

// verify compares the captures of the world.
func (w *world) verify(t testing.TB, options dataplane.Options) *verification.Report {
	t.Helper()
	report, err := verification.Run(t.Context(), w.source(t, options), w.input())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func (w *world) input() verification.Input {
	return verification.Input{Configuration: "mirror.json", Source: file("source.pcap", w.packets), Sensors: []verification.File{file("sensor.pcap", w.sensor())}}
}

// run is verify with other input. The error may be ErrIncomplete.
func (w *world) run(t testing.TB, options dataplane.Options, change func(*verification.Input)) (*verification.Report, error) {
	t.Helper()
	in := w.input()
	if change != nil {
		change(&in)
	}
	report, err := verification.Run(t.Context(), w.source(t, options), in)
	if err != nil && !errors.Is(err, verification.ErrIncomplete) {
		t.Fatal(err)
	}
	return report, err
}

// leak gives copies the VNI of another session, and returns how many they are.
func (w *world) leak(which func(sent) bool, vni uint32) (n int64) {
	return w.changeAll(which, func(b []byte) { binary.BigEndian.PutUint32(b[46:], vni<<8) })
}

// changeAll gives copies other bytes, and returns how many they are.
func (w *world) changeAll(which func(sent) bool, change func([]byte)) (n int64) {
	for i := range w.copies {
		if which(w.copies[i]) {
			w.change(i, change)
			n++
		}
	}
	return n
}

// rejecting6 rejects UDP over IPv6.
func rejecting6() []mirror.Rule {
	rules := rejecting(17)
	for i := range rules {
		rules[i].Number = 60
		rules[i].SourceCIDR, rules[i].DestinationCIDR = netip.MustParsePrefix("::/0"), netip.MustParsePrefix("::/0")
	}
	return rules
}

// sameFlow returns the indexes of two copies of one flow and direction, the first with bytes of
// its own.
func (w *world) sameFlow(t testing.TB) (i, j int) {
	t.Helper()
	for i := 25; i < len(w.copies)-30; i++ {
		for j := i + 1; j < i+20 && j < len(w.copies); j++ {
			a, b := w.copies[i], w.copies[j]
			isSame := a.verdict.SessionNumber == b.verdict.SessionNumber && a.verdict.Direction == b.verdict.Direction &&
				binary.BigEndian.Uint16(a.data[34:]) == binary.BigEndian.Uint16(b.data[34:])
			if isSame && w.count(a.data) == 1 && w.count(b.data) == 1 {
				return i, j
			}
		}
	}
	t.Skip("the world has no such flow")
	return 0, 0
}

func (w *world) count(data []byte) (n int) {
	for _, c := range w.copies {
		if slices.Equal(c.data, data) {
			n++
		}
	}
	return n
}
