package simulation_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// judge runs four packets, and one packet in words, with expectations: packets 1, 3 and 4 are
// mirrored, packet 2 is rejected, and web is not matched.
func judge(t *testing.T, source *dataplane.Source, expectations ...simulation.Expectation) []simulation.Failure {
	t.Helper()
	for _, e := range expectations {
		if problems := e.Check(map[string]bool{"web": true}, true); problems != nil {
			t.Fatal(problems)
		}
	}
	j := simulation.NewJudge(source, expectations)
	in := simulation.Input{
		Capture: newReader(t, fourPackets(t)),
		Packets: []simulation.PacketInWords{{
			Name: "web", Direction: "egress", Protocol: "tcp", Source: "10.0.1.10", Destination: "192.0.2.1",
			SourcePort: new(int64(80)), DestinationPort: new(int64(50000)),
		}},
	}
	if _, err := simulation.Run(t.Context(), source, in, j); err != nil {
		t.Fatal(err)
	}
	return j.Failures()
}

// Each text is the beginning of a failure; "": the expectation holds.
func TestJudge(t *testing.T) {
	t.Parallel()
	type expectation = simulation.Expectation
	all, none := &simulation.Where{}, &simulation.Where{Protocol: "udp"}
	tls, ssh := &simulation.Where{DestinationPort: new(int64(443))}, &simulation.Where{DestinationPort: new(int64(22))}
	ingress := &simulation.Where{Direction: "ingress", Source: "192.0.2.0/24", Destination: "10.0.1.10", Protocol: "tcp", SourcePort: new(int64(50000))}
	for name, test := range map[string]struct {
		expectation expectation
		want        string
	}{
		"one":               {expectation{Packet: "1", Mirrored: "true", SessionNumber: new(int64(1))}, ""},
		"words":             {expectation{Packet: "web", Mirrored: "false"}, ""},
		"all":               {expectation{Where: tls, Mirrored: "all", Outcome: new("mirrored"), RuleNumber: new(int64(100))}, ""},
		"none":              {expectation{Where: ssh, Mirrored: "none", Reason: new("rule_rejects"), SessionNumber: new(int64(2)), Bytes: new(int64(0))}, ""},
		"at least":          {expectation{Where: all, AtLeast: new(int64(3))}, ""},
		"at most":           {expectation{Where: all, AtMost: new(int64(3))}, ""},
		"between":           {expectation{Where: ingress, AtLeast: new(int64(1)), AtMost: new(int64(3))}, ""},
		"one, other":        {expectation{Packet: "2", Mirrored: "true"}, "Packet \"2\" (ingress, tcp 192.0.2.1:50000 > 10.0.1.10:22, 100 bytes)\n  expected: mirrored = true\n  actual:   mirrored = false\nRejected by session 2"},
		"words, other":      {expectation{Packet: "web", Outcome: new("lost")}, "Packet \"web\" (egress, "},
		"no packet":         {expectation{Packet: "5", Mirrored: "true"}, "There is no packet 5: the capture has 4 packets. Write a number from 1 to 4, or the name of one of packets."},
		"all of nothing":    {expectation{Where: none, Mirrored: "all"}, "No packet fits where = { protocol = \"udp\" }, so that nothing was compared: the run has 5 packets."},
		"none of nothing":   {expectation{Where: none, Mirrored: "none"}, "No packet fits where"},
		"at most nothing":   {expectation{Where: none, AtMost: new(int64(9))}, "No packet fits where"},
		"at least, nothing": {expectation{Where: none, AtLeast: new(int64(9))}, "No packet fits where"},
		"words are in sets": {expectation{Where: &simulation.Where{Direction: "egress"}, Mirrored: "all"}, "Packets that fit where = { direction = \"egress\" }\n  expected: mirrored = \"all\"\n  actual:   0 of 1 packet mirrored, 1 not as expected\nNot as expected:\n  packet \"web\" ("},
		"not all":           {expectation{Where: ingress, Mirrored: "all"}, "Packets that fit where = { direction = \"ingress\", protocol = \"tcp\", source = \"192.0.2.0/24\", destination = \"10.0.1.10\", source_port = 50000 }\n  expected: mirrored = \"all\"\n  actual:   3 of 4 packets mirrored, 1 not as expected\nNot as expected:\n  packet 2 (ingress, tcp 192.0.2.1:50000 > 10.0.1.10:22, 100 bytes): outcome = \"rejected\", reason = \"rule_rejects\", session_number = 2, rule_number = 50, bytes = 0\nHow the verdict of packet 2 is reached:\n"},
		"not none":          {expectation{Where: tls, Mirrored: "none"}, "Packets that fit where = { destination_port = 443 }\n  expected: mirrored = \"none\"\n  actual:   2 of 2 packets mirrored, 2 not as expected\nNot as expected:\n  packet 1 ("},
		"another rule":      {expectation{Where: tls, RuleNumber: new(int64(60))}, "Packets that fit where = { destination_port = 443 }\n  expected: rule_number = 60\n"},
		"too few":           {expectation{Where: all, AtLeast: new(int64(4))}, "Packets that fit where = {}\n  expected: at_least = 4\n  actual:   3 of 5 packets mirrored\nNot mirrored:\n  packet 2 ("},
		"too few packets":   {expectation{Where: tls, Mirrored: "all", AtLeast: new(int64(4))}, "Packets that fit where = { destination_port = 443 }\n  expected: mirrored = \"all\", at_least = 4\n  actual:   2 of 2 packets mirrored\nAll packets that fit are mirrored"},
		"too many":          {expectation{Where: all, AtMost: new(int64(2))}, "Packets that fit where = {}\n  expected: at_most = 2\n  actual:   3 of 5 packets mirrored\nMirrored beyond at_most:\n  packet 4 ("},
	} {
		got := ""
		for _, f := range judge(t, newSource(t), test.expectation) {
			got += f.Text
		}
		if !strings.HasPrefix(got, test.want) || (got == "") != (test.want == "") {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, test.want)
		}
	}
}

// A failure shows how the verdict of its packet, or of the first packet, was reached.
func TestJudge_trace(t *testing.T) {
	t.Parallel()
	for _, e := range []simulation.Expectation{
		{Packet: "2", Mirrored: "true"}, {Where: &simulation.Where{DestinationPort: new(int64(22))}, Mirrored: "all"},
	} {
		failures := judge(t, newSource(t), e)
		if len(failures) != 1 || failures[0].Index != 0 || !strings.Contains(failures[0].Text, "How the verdict of packet 2 is reached:\ntcp 192.0.2.1:50000 > 10.0.1.10:22, 100 bytes\n   1. ") {
			t.Errorf("%s: the failures are %v", e, failures)
		}
	}
}

// A filter of many rules does not make a failure of as many lines.
func TestJudge_longTrace(t *testing.T) {
	t.Parallel()
	var rules []mirror.Rule
	for number := range 1000 {
		rules = append(rules, rule(number+1, mirror.Accept, 1, 1))
	}
	source, err := dataplane.New(mirror.Interface{PrivateIPAddress: own}, []dataplane.Session{
		session(1, mirror.Endpoint{Type: mirror.NetworkInterface}, rules...),
	}, dataplane.Options{})
	if err != nil {
		t.Fatal(err)
	}
	text := judge(t, source, simulation.Expectation{Packet: "1", Mirrored: "true"})[0].Text
	if lines := strings.Count(text, "\n"); lines > 50 || !strings.Contains(text, "\nVerdict: no_match") {
		t.Errorf("the failure has %d lines: %s", lines, text)
	}
}

// A packet whose direction is not known is no proof of a filter, unless it is asked for.
func TestJudge_unjudged(t *testing.T) {
	t.Parallel()
	source, err := dataplane.New(mirror.Interface{}, []dataplane.Session{
		session(1, mirror.Endpoint{Type: mirror.NetworkInterface}, rule(1, mirror.Accept, 0, 65535)),
	}, dataplane.Options{})
	if err != nil {
		t.Fatal(err)
	}
	all := &simulation.Where{DestinationPort: new(int64(443))}
	for name, test := range map[string]struct {
		expectation simulation.Expectation
		want        string
	}{
		"one":             {simulation.Expectation{Packet: "1", Mirrored: "false"}, "is as expected only because it is not known"},
		"none":            {simulation.Expectation{Where: all, Mirrored: "none"}, "are as expected only because it is not known what the sessions do with 2 of 2 packets. "},
		"at most":         {simulation.Expectation{Where: all, AtMost: new(int64(1))}, "are as expected only because it is not known"},
		"all":             {simulation.Expectation{Where: all, Mirrored: "all"}, "Not as expected:"},
		"at least":        {simulation.Expectation{Where: all, AtLeast: new(int64(1))}, "actual:   0 of 2 packets mirrored"},
		"the reason":      {simulation.Expectation{Where: all, Mirrored: "none", Reason: new("direction_unknown")}, ""},
		"the outcome":     {simulation.Expectation{Packet: "1", Outcome: new("no_direction")}, ""},
		"known direction": {simulation.Expectation{Where: &simulation.Where{Direction: "ingress"}, Mirrored: "none"}, "No packet fits where"},
	} {
		failures := judge(t, source, test.expectation)
		if test.want == "" && failures != nil || test.want != "" && (len(failures) != 1 || !strings.Contains(failures[0].Text, test.want)) {
			t.Errorf("%s: the failures are %v", name, failures)
		}
	}
}

// A long list of packets ends with how many more there are.
func TestJudge_examples(t *testing.T) {
	t.Parallel()
	frames := make([][]byte, 1234)
	for i := range frames {
		frames[i] = frame(t, 443, 60)
	}
	j := simulation.NewJudge(newSource(t), []simulation.Expectation{{Where: &simulation.Where{}, Mirrored: "none"}})
	if _, err := simulation.Run(t.Context(), newSource(t), simulation.Input{Capture: newReader(t, captureOf(t, frames...))}, j); err != nil {
		t.Fatal(err)
	}
	text := j.Failures()[0].Text
	if strings.Count(text, "\n  packet ") != 5 || !strings.Contains(text, "\n  and 1,229 more\n") || strings.Count(text, "How the verdict") != 1 {
		t.Errorf("the failure is %s", text)
	}
}

// Without a session nothing can be mirrored, so that an expectation that nothing is proves
// nothing.
func TestJudge_noSession(t *testing.T) {
	t.Parallel()
	source, err := dataplane.New(mirror.Interface{PrivateIPAddress: own}, nil, dataplane.Options{})
	if err != nil {
		t.Fatal(err)
	}
	all := &simulation.Where{}
	for name, test := range map[string]struct {
		expectations []simulation.Expectation
		indices      []int
	}{
		"no expectation": {nil, []int{-1}},
		"a packet":       {[]simulation.Expectation{{Packet: "1", Mirrored: "false"}}, []int{0}},
		"a set":          {[]simulation.Expectation{{Where: all, Mirrored: "none"}}, []int{0}},
		"at most":        {[]simulation.Expectation{{Where: all, AtMost: new(int64(1))}}, []int{0}},
		"asked for":      {[]simulation.Expectation{{Packet: "1", Reason: new("no_session")}}, nil},
		"asked of a set": {[]simulation.Expectation{{Where: all, Mirrored: "none", Reason: new("no_session")}}, nil},
		"of one":         {[]simulation.Expectation{{Packet: "1", Reason: new("no_session")}, {Where: all, Mirrored: "none"}}, []int{1}},
	} {
		var indices []int
		for _, f := range judge(t, source, test.expectations...) {
			indices = append(indices, f.Index)
			if !strings.Contains(f.Text, "The interface has no session.") {
				t.Errorf("%s: the failure is %s", name, f.Text)
			}
		}
		if !slices.Equal(indices, test.indices) {
			t.Errorf("%s: the failures are of %v, want %v", name, indices, test.indices)
		}
	}
}

// Expectations about other packets than those that no session decides hold, and the run fails.
func TestJudge_noSessionElsewhere(t *testing.T) {
	t.Parallel()
	source, err := dataplane.New(mirror.Interface{PrivateIPAddress: own}, nil, dataplane.Options{})
	if err != nil {
		t.Fatal(err)
	}
	j := simulation.NewJudge(source, []simulation.Expectation{{Packet: "metadata", Mirrored: "false"}})
	in := simulation.Input{Packets: []simulation.PacketInWords{
		{Name: "metadata", Direction: "egress", Protocol: "icmp", Source: own.String(), Destination: "169.254.169.254"},
		{Name: "ping", Direction: "egress", Protocol: "icmp", Source: own.String(), Destination: peer.String()},
	}}
	if _, err := simulation.Run(t.Context(), source, in, j); err != nil {
		t.Fatal(err)
	}
	const want = "No session decides about 1 packet, and no expectation asks for this. The interface has no session."
	if failures := j.Failures(); len(failures) != 1 || failures[0].Index != -1 || !strings.HasPrefix(failures[0].Text, want) {
		t.Errorf("the failures are %v", failures)
	}
}

// A set of packets that are as expected costs no allocation.
func TestJudge_allocations(t *testing.T) {
	source := newSource(t)
	j := simulation.NewJudge(source, []simulation.Expectation{
		{Where: &simulation.Where{Protocol: "tcp", Source: "192.0.2.0/24", DestinationPort: new(int64(443))}, Mirrored: "all", SessionNumber: new(int64(1))},
		{Packet: "4000", Mirrored: "true"},
	})
	var p simulation.Packet
	p.Decoded.Decode(frame(t, 443, 100), packet.LinkEthernet)
	p.Verdict = source.Process(&p.Decoded, mirror.Ingress)
	if allocations := testing.AllocsPerRun(100, func() {
		if err := j.Take(&p); err != nil {
			t.Error(err)
		}
	}); allocations > 0 {
		t.Errorf("%v allocations per packet", allocations)
	}
}

// Random sets over random packets are judged as a plain model judges them.
func TestJudge_random(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(12, 12))
	source := newSource(t)
	kinds := map[bool]int{}
	for range 5000 {
		packets := randomPackets(t, random, source)
		e := randomExpectation(random)
		if problems := e.Check(nil, true); problems != nil {
			continue
		}
		j := simulation.NewJudge(source, []simulation.Expectation{e})
		for i := range packets {
			if err := j.Take(&packets[i]); err != nil {
				t.Fatal(err)
			}
		}
		holds := plainHolds(e, packets)
		kinds[holds]++
		if got := j.Failures() == nil; got != holds {
			t.Fatalf("%s: holds is %t, want %t: %v", e, got, holds, j.Failures())
		}
	}
	if kinds[true] < 100 || kinds[false] < 100 {
		t.Errorf("%d sets hold and %d do not", kinds[true], kinds[false])
	}
}

func pick[T any](random *rand.Rand, values ...T) T { return values[random.IntN(len(values))] }

func randomPackets(t *testing.T, random *rand.Rand, source *dataplane.Source) []simulation.Packet {
	t.Helper()
	packets := make([]simulation.Packet, random.IntN(6))
	for i := range packets {
		spec := packet.Spec{Protocol: pick[uint8](random, 1, 6, 17), Source: peer, Destination: own}
		if spec.Protocol != 1 {
			spec.SourcePort, spec.DestinationPort = new(pick[uint16](random, 22, 50000)), new(pick[uint16](random, 22, 443, 80))
		}
		direction := pick(random, mirror.Ingress, mirror.Ingress, mirror.Egress)
		if direction == mirror.Egress {
			spec.Source, spec.Destination = own, peer
		}
		if random.IntN(4) == 0 { // of another family, in a direction that is impossible for it
			spec.Source, spec.Destination = netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2")
		}
		frame, err := packet.Build(spec)
		if err != nil {
			t.Fatal(err)
		}
		p := &packets[i]
		p.Number = int64(i + 1)
		p.Decoded.Decode(frame, packet.LinkEthernet)
		p.Verdict = source.Process(&p.Decoded, direction)
	}
	return packets
}

func randomExpectation(random *rand.Rand) simulation.Expectation {
	none := func() *int64 { return nil }
	e := simulation.Expectation{
		Where: &simulation.Where{
			Direction: pick(random, "", "", "", "ingress", "egress"), Protocol: pick(random, "", "", "", "", "tcp", "17", "icmp"),
			Source: pick(random, "", "", "", "", "192.0.2.1", "192.0.0.0/16", "2001:db8::/32", "0.0.0.0/0"), Destination: pick(random, "", "", "", "10.0.1.10", "10.0.1.8/29", "::/0"),
			SourcePort: pick(random, none(), none(), none(), none(), new(int64(22))), DestinationPort: pick(random, none(), none(), none(), none(), new(int64(22)), new(int64(443))),
		},
		Mirrored: pick(random, "", "all", "none"), AtLeast: pick(random, none(), none(), new(int64(1)), new(int64(2))), AtMost: pick(random, none(), none(), new(int64(0)), new(int64(1))),
	}
	if random.IntN(6) == 0 {
		e.Outcome = new(pick(random, "mirrored", "no_match"))
	}
	if random.IntN(6) == 0 {
		e.RuleNumber = new(pick[int64](random, 60, 100))
	}
	return e
}

// plainHolds judges a set by the readable verdicts of its packets.
func plainHolds(e simulation.Expectation, packets []simulation.Packet) bool {
	count, mirrored, wrong := 0, int64(0), 0
	for i := range packets {
		kept := simulation.NewKeptVerdicts(nil, 9)
		if kept.Take(&packets[i]) != nil {
			return false
		}
		v := kept.ByName[fmt.Sprint(packets[i].Number)]
		if !plainFits(e.Where, v) {
			continue
		}
		count++
		if v.Mirrored {
			mirrored++
		}
		if e.Mirrored == "all" && !v.Mirrored || e.Mirrored == "none" && v.Mirrored || e.Outcome != nil && *e.Outcome != v.Outcome ||
			e.RuleNumber != nil && (v.RuleNumber == nil || *v.RuleNumber != *e.RuleNumber) {
			wrong++
		}
	}
	return count > 0 && wrong == 0 && (e.AtLeast == nil || mirrored >= *e.AtLeast) && (e.AtMost == nil || mirrored <= *e.AtMost)
}

func plainFits(w *simulation.Where, v simulation.PacketVerdict) bool {
	names := map[string]string{"": v.Protocol, "tcp": "tcp", "17": "udp", "icmp": "icmp"}
	isIn := func(text, addr string) bool {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return text == "" || text == addr
		}
		return prefix.Contains(netip.MustParseAddr(addr))
	}
	isPort := func(want, got *int64) bool { return want == nil || got != nil && *want == *got }
	return (w.Direction == "" || w.Direction == v.Direction) && names[w.Protocol] == v.Protocol && isIn(w.Source, v.Source) && isIn(w.Destination, v.Destination) &&
		isPort(w.SourcePort, v.SourcePort) && isPort(w.DestinationPort, v.DestinationPort)
}

// A packet that is not IP fits no address, no protocol and no port.
func TestJudge_notIP(t *testing.T) {
	t.Parallel()
	arp := append(make([]byte, 12), 0x08, 0x06, 0, 1)
	for _, w := range []simulation.Where{
		{Protocol: "hopopt"}, {Source: "0.0.0.0/0"}, {Destination: "::/0"}, {SourcePort: new(int64(0))}, {DestinationPort: new(int64(0))},
	} {
		j := simulation.NewJudge(newSource(t), []simulation.Expectation{{Where: &w, Mirrored: "none"}})
		if _, err := simulation.Run(t.Context(), newSource(t), simulation.Input{Capture: newReader(t, captureOf(t, arp))}, j); err != nil {
			t.Fatal(err)
		}
		if failures := j.Failures(); len(failures) != 1 || !strings.HasPrefix(failures[0].Text, "No packet fits") {
			t.Errorf("%s: the failures are %v", &w, failures)
		}
	}
}

// Copies that are lost have one cause in each session, whatever the packets are: of expectations of a
// packet, and of those of a set if all packets that are not as expected have it.
func TestJudge_cause(t *testing.T) {
	t.Parallel()
	lost, err := dataplane.New(mirror.Interface{PrivateIPAddress: own}, []dataplane.Session{
		session(1, mirror.Endpoint{Type: mirror.NetworkLoadBalancer, UDPListeners: []int{}}, rule(100, mirror.Accept, 443, 443)),
	}, dataplane.Options{})
	if err != nil {
		t.Fatal(err)
	}
	failures := judge(t, lost,
		simulation.Expectation{Packet: "1", Mirrored: "true"}, simulation.Expectation{Packet: "1", Outcome: new("mirrored")},
		simulation.Expectation{Where: &simulation.Where{DestinationPort: new(int64(443))}, Mirrored: "all"},
		simulation.Expectation{Packet: "web", Mirrored: "true"},
		simulation.Expectation{Where: &simulation.Where{}, Mirrored: "all"},
	)
	var causes []string
	for _, f := range failures {
		causes = append(causes, f.Cause)
	}
	const cause = "no_udp_listener, session 1"
	if want := []string{cause, cause, cause, "", ""}; !slices.Equal(causes, want) {
		t.Errorf("got %q, want %q", causes, want)
	}
}
