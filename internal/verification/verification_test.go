package verification_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/verification"
)

// show writes a report into a failure.
func show(r *verification.Report) string {
	text, _ := json.MarshalIndent(r, "", " ")
	return string(text)
}

// Where EC2 does what the sessions say, nothing is different, whatever the traffic is.
func TestRun_cleanWorlds(t *testing.T) {
	t.Parallel()
	worlds := 20
	if sample.All() {
		worlds = 100
	}
	for seed, seen := 0, 0; seen < worlds; seed++ {
		if seed > 2*worlds {
			t.Fatalf("only %d of %d worlds have enough copies", seen, seed)
		}
		w := newWorld(t, sample.Seed(t)*1000+uint64(seed), 600, dataplane.Options{})
		if len(w.copies) < 100 {
			continue
		}
		seen++
		w.frames = seen%3 == 0
		r := w.verify(t, dataplane.Options{})
		if r.Result != verification.AsExpected || r.Arrived != int64(len(w.copies)) {
			t.Fatalf("seed %d: %d copies were sent, and the report is\n%s", seed, len(w.copies), show(r))
		}
	}
}

// What a capture has cut is not judged, and is no difference.
func TestRun_cutCaptures(t *testing.T) {
	t.Parallel()
	for seed := range 6 {
		for _, length := range []int{60, 96, 256} {
			w := newWorld(t, uint64(seed), 400, dataplane.Options{}, session(1, 0, both(), "amazon-dns"))
			cut := int64(0)
			for i := range w.packets {
				if r := &w.packets[i]; len(r.Data) > length {
					r.Data = r.Data[:length]
					cut++
				}
			}
			r := w.verify(t, dataplane.Options{})
			notJudged := int64(0)
			for _, n := range r.NotJudged {
				notJudged += n.Packets
			}
			if r.Result != verification.AsExpected || r.Arrived+cut != int64(len(w.copies)) || notJudged != cut {
				t.Errorf("seed %d, %d bytes, %d packets cut: %s", seed, length, cut, show(r))
			}
		}
	}
}

// fault is something that is planted into a world.
type fault struct {
	name  string
	class verification.Class // "": no difference
	plant func(t testing.TB, w *world) (packets int64)

	assumption string              // of the first difference
	options    dataplane.Options   // of EC2 in this world
	given      dataplane.Options   // of the comparison
	sessions   []dataplane.Session // nil: two

	input        func(*verification.Input) // what else is said of the captures
	isIncomplete bool                      // copies may be missing, and it is not known
	wants        string                    // in the JSON of the report
	wantsNot     string
}

func accepted(sent) bool { return true }

func ofSession(number int) func(sent) bool {
	return func(s sent) bool { return s.verdict.SessionNumber == number }
}

var faults = []fault{
	{name: "lost single", class: verification.Missing, plant: func(t testing.TB, w *world) int64 {
		i := w.one(t, accepted)
		w.copies = append(w.copies[:i:i], w.copies[i+1:]...)
		return 1
	}},
	{name: "lost all of a rule", class: verification.Missing, plant: func(_ testing.TB, w *world) int64 {
		n := len(w.copies)
		w.remove(func(s sent) bool {
			return s.verdict.SessionNumber == 1 && s.verdict.Direction == "egress" && s.verdict.RuleNumber == 200
		})
		return int64(n - len(w.copies))
	}},
	{name: "lost all of a session", class: verification.Missing, plant: func(_ testing.TB, w *world) int64 {
		n := len(w.copies)
		w.remove(ofSession(2))
		return int64(n - len(w.copies))
	}},
	{name: "doubled", class: verification.Duplicate, plant: func(t testing.TB, w *world) int64 {
		c := w.copies[w.one(t, accepted)]
		c.time += 3000
		w.copies = append(w.copies, c)
		w.sort()
		return 1
	}},
	{name: "cut shorter", class: verification.Shorter, plant: func(t testing.TB, w *world) int64 {
		w.resize(w.one(t, func(s sent) bool { return s.verdict.Bytes > 300 }), 200)
		return 1
	}},
	{name: "not cut", class: verification.Longer, plant: func(t testing.TB, w *world) int64 {
		i := w.one(t, func(s sent) bool { return s.verdict.TruncatedBy == dataplane.ByPacketLength })
		w.resize(i, len(w.packets[w.copies[i].origin].Data))
		return 1
	}},
	{name: "wrong VNI", class: verification.WrongVNI, plant: func(t testing.TB, w *world) int64 {
		w.change(w.one(t, ofSession(2)), func(b []byte) { b[48] = byte(1001 & 0xff) })
		return 1
	}},
	{name: "leaked rule", class: verification.Unexpected, plant: func(t testing.TB, w *world) int64 {
		// EC2 does not know the rules that reject ICMP.
		real := *w
		real.copies = nil
		real.sessions = []dataplane.Session{session(1, 0, both()), w.sessions[1]}
		real.sessions[0].Filter.Rules = rejecting(17, both()...)
		real.mirror(t, dataplane.Options{})
		n := len(w.copies)
		w.copies = real.copies
		return int64(len(w.copies) - n)
	}, sessions: []dataplane.Session{session(1, 0, append(rejecting(17, both()...), rejecting6()...)), session(2, 0, nil)},
		wants: "EC2 may have another filter: compare the filter of session 1 in EC2 with the one in mirror.json, beginning with ingress rule 60."},
	{name: "explained by another assumption", class: verification.Unexpected, given: dataplane.Options{RejectStops: true}, assumption: "A0100",
		sessions: []dataplane.Session{session(1, 0, rejecting(6, both()...)), session(2, 0, both())}, wantsNot: "another filter"},
	{name: "out of order", class: verification.OutOfOrder, plant: func(t testing.TB, w *world) int64 {
		i, j := w.sameFlow(t)
		w.copies[i].time = w.copies[j].time + 2000
		w.sort()
		return 1
	}, assumption: "A0200"},
	{name: "altered byte", class: verification.Altered, plant: func(t testing.TB, w *world) int64 {
		i := w.one(t, func(s sent) bool { return len(s.data) > 150 })
		at := dataplane.OuterLength + w.random.IntN(len(w.copies[i].data)-dataplane.OuterLength)
		w.change(i, func(b []byte) { b[at] ^= 0x20 })
		return 1
	}},
	{name: "A0201: from another interface", plant: func(t testing.TB, w *world) int64 {
		c := w.copies[w.one(t, accepted)]
		w.copies = append(w.copies, c)
		i := len(w.copies) - 1
		w.change(i, func(b []byte) { b[29] = 77 })
		w.sort()
		return 0
	}},
	{name: "truncated at the edges", isIncomplete: true, plant: func(_ testing.TB, w *world) int64 {
		w.packets = w.packets[30:]
		w.copies = w.copies[:len(w.copies)-40]
		return 0
	}},
	{name: "fragments", class: verification.Missing, plant: func(t testing.TB, w *world) int64 {
		return w.changeAll(ofSession(2), func(b []byte) { b[20] = 0x20 })
	}, wants: "that may be copies and cannot be read (fragment, the first is packet "},
	{name: "mirroring stops", isIncomplete: true, plant: stop, wants: "not found, at a time that the sensors' captures may not cover"},
	{name: "mirroring stops, complete", class: verification.Missing, plant: stop, input: complete},
	{name: "nothing arrives, complete", class: verification.Missing, plant: func(_ testing.TB, w *world) int64 {
		defer func() { w.copies = nil }()
		return int64(len(w.copies))
	}, input: complete},
	{name: "taken by a session with another target", class: verification.WrongVNI, plant: func(t testing.TB, w *world) int64 {
		return w.leak(ofSession(2), 1001)
	}, input: only(1), wants: "the VNI of session 1"},
	{name: "taken by a session with another target, frames", class: verification.Unexpected, plant: func(t testing.TB, w *world) int64 {
		w.frames = true
		return w.leak(ofSession(2), 1001)
	}, input: only(1), wants: "the sensors should have no copies of session 2"},
	{name: "a capture has another session too", plant: func(testing.TB, *world) int64 { return 0 }, input: only(1)},
	{name: "VNI of another session", class: verification.WrongVNI, plant: func(t testing.TB, w *world) int64 {
		w.sessions[1].VirtualNetworkID = nil
		return w.leak(ofSession(2), 1001)
	}, wants: "It has no VNI in the configuration, and the copies have 1001, the VNI of session 1"},
	{name: "rejects stop", class: verification.Missing, assumption: "A0100", options: dataplane.Options{RejectStops: true},
		sessions: []dataplane.Session{session(1, 0, rejecting(6, both()...), "amazon-dns"), session(2, 0, both())}},
	{name: "allowance 50", class: verification.Longer, assumption: "A0105", options: dataplane.Options{EncapsulationAllowance: 50},
		sessions: []dataplane.Session{withMTU(1500, session(1, 0, both(), "amazon-dns"))}},
	{name: "DNS without the service", class: verification.Unexpected, assumption: "A0102", plant: func(t testing.TB, w *world) int64 {
		real := *w
		real.copies = nil
		real.sessions = []dataplane.Session{session(1, 0, both(), "amazon-dns")}
		real.mirror(t, dataplane.Options{})
		n := len(w.copies)
		w.copies = real.copies
		return int64(len(w.copies) - n)
	}, sessions: []dataplane.Session{session(1, 0, both())}},
}

func withMTU(mtu int, s dataplane.Session) dataplane.Session {
	s.Target.MTU = mtu
	return s
}

// stop removes the last half of the copies.
func stop(_ testing.TB, w *world) int64 {
	n := len(w.copies)
	w.copies = w.copies[:n/2]
	return int64(n - n/2)
}

func complete(in *verification.Input) { in.SensorsComplete = true }

func only(session int) func(*verification.Input) {
	return func(in *verification.Input) { in.Sessions = []int{session} }
}

// Each fault is found, named, and nothing else is.
func TestRun_faults(t *testing.T) {
	t.Parallel()
	seeds := uint64(4)
	if sample.All() {
		seeds = 40
	}
	for _, f := range faults {
		for seed := range seeds {
			t.Run(fmt.Sprint(f.name, seed), func(t *testing.T) {
				t.Parallel()
				f.check(t, seed, 500)
			})
		}
	}
}

func (f fault) check(t *testing.T, seed uint64, packets int) {
	t.Helper()
	sessions := f.sessions
	if sessions == nil {
		sessions = []dataplane.Session{session(1, 0, rejecting(17, both()...), "amazon-dns"), session(2, 128, both())}
	}
	w := newWorld(t, seed, packets, f.options, sessions...)
	planted := int64(-1)
	if f.plant != nil {
		planted = f.plant(t, w)
	}
	r, err := w.run(t, f.given, f.input)
	if isIncomplete := errors.Is(err, verification.ErrIncomplete); isIncomplete != f.isIncomplete || isIncomplete != (r.Result == verification.Incomplete) {
		t.Errorf("the result is %s: %v", r.Result, err)
	}
	if !strings.Contains(show(r), f.wants) {
		t.Errorf("the report does not say %q", f.wants)
	}
	if f.wantsNot != "" && strings.Contains(show(r), f.wantsNot) {
		t.Errorf("the report says %q", f.wantsNot)
	}
	found := int64(0)
	for _, d := range r.Differences {
		found += d.Packets
		if d.Class != f.class {
			t.Errorf("it also finds %s", d.Class)
		}
		if f.assumption != "" && d.Assumption != f.assumption {
			t.Errorf("a difference contradicts %q, not %s", d.Assumption, f.assumption)
		}
	}
	if strings.HasPrefix(f.name, "lost all") || f.name == "fragments" || f.isIncomplete && f.plant != nil && planted > 0 {
		for _, n := range r.NotJudged { // at the edges
			found += n.Packets
		}
	}
	if f.class != "" && found == 0 || planted >= 0 && found != planted {
		t.Errorf("%d faults were planted, and %d found", planted, found)
	}
	if t.Failed() {
		t.Log(show(r))
	}
}

// One fault in 10,000 packets is found.
func TestRun_oneOfMany(t *testing.T) {
	t.Parallel()
	chosen := []string{"lost single", "altered byte", "doubled", "wrong VNI"}
	if !sample.All() {
		chosen = chosen[sample.Seed(t)%4:][:1]
	}
	for _, f := range faults {
		if slices.Contains(chosen, f.name) {
			f.check(t, sample.Seed(t), 10_000)
		}
	}
}

// Nothing that was judged is an error, never a success.
func TestRun_nothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, 100, dataplane.Options{}, session(1, 0, both()))
	_, err := verification.Run(t.Context(), w.source(t, dataplane.Options{}), verification.Input{
		Source: file("source.pcap", w.packets), Sensors: []verification.File{file("sensor.pcap", []capture.Record{})},
	})
	if err == nil {
		t.Error("an empty capture is as expected")
	}
}

// A0202: a capture at the source may have checksums that the interface fills in later. The copy
// has those that are right. With any others it is altered.
func TestRun_checksums(t *testing.T) {
	t.Parallel()
	const at = 14 + 20 + 16 // of the checksum of TCP over IPv4
	w := newWorld(t, 3, 300, dataplane.Options{}, session(1, 0, both()))
	w.copies = nil
	for i := range w.packets { // packets whose checksum is right
		port, other := uint16(1000+i), uint16(443)
		frame, err := packet.Build(packet.Spec{Protocol: 6, Source: own, Destination: netip.MustParseAddr("192.0.2.1"), SourcePort: &port, DestinationPort: &other, SourceMAC: ownMAC, Length: 200})
		if err != nil {
			t.Fatal(err)
		}
		w.packets[i].Data, w.packets[i].Wire = frame, len(frame)
	}
	w.mirror(t, dataplane.Options{})
	for i := range w.packets {
		if i%3 == 0 {
			w.packets[i].Data[at] ^= 0x55
		}
	}
	r := w.verify(t, dataplane.Options{})
	if r.Result != verification.AsExpected || r.Arrived != 300 || r.Completed != 100 {
		t.Errorf("A0202: checksums that are filled in: %s", show(r))
	}
	for _, i := range []int{90, 91} { // the source's is wrong, and is right
		w.change(i, func(b []byte) { b[dataplane.OuterLength+at+1] ^= 0x0f })
	}
	r = w.verify(t, dataplane.Options{})
	if len(r.Differences) != 1 || r.Differences[0].Class != verification.Altered || r.Differences[0].Packets != 2 {
		t.Errorf("other checksums: %s", show(r))
	}
}

// A session without a VNI in the configuration has that of its copies (assumption A0120).
func TestRun_unknownVNI(t *testing.T) {
	t.Parallel()
	s := session(1, 0, both())
	w := newWorld(t, 4, 200, dataplane.Options{}, s)
	w.sessions[0].VirtualNetworkID = nil
	r := w.verify(t, dataplane.Options{})
	if r.Result != verification.AsExpected || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "session 1. The first copy shows that it is 1001") {
		t.Errorf("the report is %s", show(r))
	}
	w.change(100, func(b []byte) { b[48] = 9 })
	if r = w.verify(t, dataplane.Options{}); len(r.Differences) != 1 || r.Differences[0].Class != verification.WrongVNI {
		t.Errorf("a copy with another VNI than the others: %s", show(r))
	}
}

// Copies on several appliances are compared together, each by its own clock, and a session that
// no sensor has is left out if the sessions are named.
func TestRun_sensors(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 5, 600, dataplane.Options{}, session(1, 0, rejecting(17, both()...), "amazon-dns"), session(2, 128, both()))
	parts := [2][]capture.Record{}
	for _, r := range w.sensor() {
		part := int(r.Data[35]) % 2 // of the outer source port
		if part == 1 {
			r.Nanoseconds += 5e9
		}
		r.Number = int64(len(parts[part]) + 1)
		parts[part] = append(parts[part], r)
	}
	in := verification.Input{Source: file("source.pcap", w.packets), Sensors: []verification.File{file("1.pcap", parts[0]), file("2.pcap", parts[1])}}
	r, err := verification.Run(t.Context(), w.source(t, dataplane.Options{}), in)
	if err != nil || r.Result != verification.AsExpected || r.Arrived != int64(len(w.copies)) {
		t.Fatalf("two appliances: %v %s", err, show(r))
	}
	foreign := newWorld(t, 99, 50, dataplane.Options{}).packets
	// A sensor without a copy of the source says nothing about those that the other one does not have.
	for name, second := range map[string][]capture.Record{"empty.pcap": nil, "other.pcap": foreign} {
		in.Sensors[1] = file(name, second)
		r, err = verification.Run(t.Context(), w.source(t, dataplane.Options{}), in)
		if !errors.Is(err, verification.ErrIncomplete) || r.Result != verification.Incomplete || !strings.Contains(r.Verdict, "nothing is known of sensor 1") || r.Sensors[1].Form != verification.Unknown {
			t.Errorf("%s: %v %s", name, err, show(r))
		}
	}
	w.remove(ofSession(2))
	in.Sensors, in.Sessions = []verification.File{file("1.pcap", w.sensor())}, []int{1}
	r, err = verification.Run(t.Context(), w.source(t, dataplane.Options{}), in)
	if err != nil || r.Result != verification.AsExpected || r.Arrived != int64(len(w.copies)) {
		t.Errorf("one session: %v %s", err, show(r))
	}
}

func BenchmarkRun(b *testing.B) {
	w := newWorld(b, 6, 100_000, dataplane.Options{}, session(1, 0, rejecting(17, both()...), "amazon-dns"), session(2, 128, both()))
	source, sensor := w.source(b, dataplane.Options{}), w.sensor()
	b.ReportAllocs()
	for b.Loop() {
		r, err := verification.Run(b.Context(), source, verification.Input{Source: file("source.pcap", w.packets), Sensors: []verification.File{file("sensor.pcap", sensor)}})
		if err != nil || r.Arrived != int64(len(sensor)) {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*float64(len(w.packets)+len(sensor))/b.Elapsed().Seconds(), "packets/s")
}

// Of many packets with the same bytes, the one whose copy is lost is found by its time.
func TestRun_sameBytes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 7, 5000, dataplane.Options{}, session(1, 0, both(), "amazon-dns"))
	for i := range w.packets[1000:] {
		w.packets[1000+i].Data, w.packets[1000+i].Wire = w.packets[0].Data, w.packets[0].Wire
	}
	w.copies = nil
	w.mirror(t, dataplane.Options{})
	lost := w.copies[3000]
	w.copies = append(w.copies[:3000:3000], w.copies[3001:]...)
	r := w.verify(t, dataplane.Options{})
	if len(r.Differences) != 1 || r.Differences[0].Class != verification.Missing || r.Differences[0].Packets != 1 {
		t.Fatal(show(r))
	}
	if got := r.Differences[0].Examples[0].SourcePacket; got != int64(lost.origin+1) {
		t.Errorf("packet %d is missing, and %d is named", lost.origin+1, got)
	}
}
