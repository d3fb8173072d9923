package verification

import (
	"bytes"
	"cmp"
	"io"
	"math/bits"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// However many packets begin with the same bytes, only the nearest ones are looked at, in the order of
// their distance.
func TestQueue_nearest(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 1))
	var q queue
	q.init(1000)
	var all []*item
	for range 3000 {
		all = append(all, &item{identity: 5, time: random.Int64N(5000)})
	}
	slices.SortFunc(all, func(a, b *item) int { return cmp.Compare(a.time, b.time) })
	for _, x := range all {
		q.push(x)
	}
	for _, gone := range []int{0, 700, 2000, 2990} {
		for len(all) > 3000-gone {
			q.forget(all[0])
			all = all[1:]
		}
		c := &item{isCopy: true, identity: 5, time: random.Int64N(5000)}
		distance := func(x *item) int64 { return abs(x.time - c.time) }
		want := slices.Clone(all)
		slices.SortStableFunc(want, func(a, b *item) int { return cmp.Compare(distance(a), distance(b)) })
		want = slices.DeleteFunc(want[:min(100, len(want))], func(x *item) bool { return distance(x) > 1000 })
		i := 0
		for x := range q.nearest(c, 100) {
			if i >= len(want) || distance(x) != distance(want[i]) {
				t.Fatalf("%d gone: packet %d at %d is %d away", gone, i, c.time, distance(x))
			}
			i++
		}
		if i != len(want) {
			t.Errorf("%d gone: %d packets, want %d", gone, i, len(want))
		}
	}
}

// Bits are counted until there are too many.
func TestDifferentBits(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(2, 1))
	for range 2000 {
		a := make([]byte, random.IntN(100))
		b := slices.Clone(a)
		want := 0
		for range random.IntN(20) * min(len(a), 1) {
			b[random.IntN(len(b))] ^= byte(random.Uint32())
		}
		for i := range a {
			want += bits.OnesCount8(a[i] ^ b[i])
		}
		if got := differentBits(a, append(b, 1), 30); got != want && (want <= 30 || got <= 30) {
			t.Fatalf("%d bits, want %d", got, want)
		}
	}
	if got := differentBits(bytes.Repeat([]byte{0xff}, 1<<16), make([]byte, 1<<16), 64); got > 64+64 {
		t.Errorf("it counts on to %d", got)
	}
}

// watched is a capture in memory that calls a function for each packet.
type watched struct {
	all  []capture.Record
	seen func()
}

// Next implements capture.Source.
func (w *watched) Next(rec *capture.Record) error {
	w.seen()
	if len(w.all) == 0 {
		return io.EOF
	}
	*rec, w.all = w.all[0], w.all[1:]
	return nil
}

// Long packets without copies do not fill the memory: the window becomes shorter, and each is found.
func TestRun_bytes(t *testing.T) {
	t.Parallel()
	const most, length = 4 << 20, 9000
	prefix := netip.MustParsePrefix("0.0.0.0/0")
	own := netip.MustParseAddr("10.0.1.10")
	session := dataplane.Session{Session: mirror.Session{Number: 1, VirtualNetworkID: new(7)}, Target: mirror.Endpoint{Type: mirror.NetworkInterface, Address: netip.MustParseAddr("10.0.9.1"), MTU: 9001}}
	session.Filter.Rules = []mirror.Rule{{Direction: mirror.Egress, Number: 1, Action: mirror.Accept, SourceCIDR: prefix, DestinationCIDR: prefix}}
	source, err := dataplane.New(mirror.Interface{PrivateIPAddress: own}, []dataplane.Session{session}, dataplane.Options{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := source.Encapsulator()
	if err != nil {
		t.Fatal(err)
	}
	var sent, arrived []capture.Record
	for i := range 3000 {
		port := uint16(1000 + i)
		frame, err := packet.Build(packet.Spec{Protocol: 17, Source: own, Destination: netip.MustParseAddr("192.0.2.1"), SourcePort: &port, DestinationPort: &port, Length: length})
		if err != nil {
			t.Fatal(err)
		}
		sent = append(sent, capture.Record{Number: int64(i + 1), Data: frame, Wire: len(frame), Link: packet.LinkEthernet, Nanoseconds: int64(i) * 1000})
		if i > 20 && i < 2980 {
			continue
		}
		var p packet.Packet
		p.Decode(frame, packet.LinkEthernet)
		copied := out.Append(nil, &p, source.Process(&p, ""))
		arrived = append(arrived, capture.Record{Number: int64(len(arrived) + 1), Data: copied, Wire: len(copied), Link: packet.LinkEthernet, Nanoseconds: int64(i)*1000 + 500})
	}
	var v *verifier
	held := 0
	of := func(all []capture.Record) File {
		return File{Name: "a.pcap", Open: func() (capture.Source, error) {
			return &watched{all, func() { held = max(held, v.queue.bytes) }}, nil
		}}
	}
	v = newVerifier(source, Input{Source: of(sent), Sensors: []File{of(arrived)}, Window: DefaultWindow})
	v.queue.maxBytes = most
	if err := v.survey(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := v.compare(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := reporter{v}.report()
	if held == 0 || held > most+10*length || v.queue.bytes != 0 {
		t.Errorf("%d bytes are held, and in the end %d", held, v.queue.bytes)
	}
	if len(r.Differences) != 1 || r.Differences[0].Class != Missing || r.Differences[0].Packets != 2959 || r.Arrived != 41 {
		t.Errorf("%s\n%s", r.Verdict, r.Text())
	}
}
