package dataplane_test

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// facts is a packet for the reference: the values that were put into its bytes,
// not values that were read from them.
type facts struct {
	direction       mirror.Direction
	stated          bool // the direction is given, not found
	source          netip.Addr
	destination     netip.Addr
	protocol        uint8
	ports           bool
	sourcePort      int
	destinationPort int
	length          int
}

// reference decides as the AWS user guide describes it. It is slow: it looks at
// each rule of each session.
func reference(iface mirror.Interface, sessions []dataplane.Session, f facts) dataplane.Verdict {
	v := dataplane.Verdict{Direction: f.direction}
	if reason := referenceNever(f); reason != 0 {
		v.Outcome, v.Reason = dataplane.NeverMirrored, reason
		return v
	}
	if f.stated && !referencePossible(iface, f) {
		v.Outcome, v.Reason = dataplane.NoDirection, dataplane.ImpossibleDirection
		return v
	}
	ordered := slices.Clone(sessions)
	slices.SortFunc(ordered, func(a, b dataplane.Session) int { return cmp.Compare(a.Number, b.Number) })
	isDNS := referenceDNS(iface, f)
	for _, s := range ordered {
		number, action := 0, mirror.Reject
		reason := dataplane.ServiceAccepts
		if isDNS && slices.Contains(s.Filter.NetworkServices, mirror.AmazonDNS) {
			action = mirror.Accept
		}
		if !isDNS {
			number, action = referenceFirst(s.Filter.Rules, f)
			reason = dataplane.RuleAccepts
		}
		switch {
		case action == mirror.Accept:
			v.Outcome, v.Reason, v.SessionNumber, v.RuleNumber = dataplane.Mirrored, reason, s.Number, number
			v.Bytes, v.TruncatedBy = referenceLength(s, f.length)
			return v
		case number != 0 && v.Outcome == 0:
			v.Outcome, v.Reason, v.SessionNumber, v.RuleNumber = dataplane.Rejected, dataplane.RuleRejects, s.Number, number
		}
	}
	switch {
	case v.Outcome != 0:
	case len(sessions) == 0:
		v.Outcome, v.Reason = dataplane.NoMatch, dataplane.NoSession
	case isDNS:
		v.Outcome, v.Reason = dataplane.NoMatch, dataplane.AmazonDNSOff
	default:
		v.Outcome, v.Reason = dataplane.NoMatch, dataplane.NoRule
	}
	return v
}

// hit is a rule, or a network service (number 0), that a packet hits.
type hit struct {
	session int
	way     mirror.Direction
	number  int
}

// referenceHits returns what a packet hits on its way to its verdict: the first match of
// each session, up to the one that takes it.
func referenceHits(iface mirror.Interface, sessions []dataplane.Session, f facts, v dataplane.Verdict) []hit {
	switch {
	case v.Outcome == dataplane.NeverMirrored || v.Outcome == dataplane.NoDirection:
		return nil
	case referenceDNS(iface, f):
		if v.SessionNumber != 0 {
			return []hit{{v.SessionNumber, f.direction, 0}}
		}
		return nil
	}
	var hits []hit
	for _, s := range sessions {
		number, _ := referenceFirst(s.Filter.Rules, f)
		if number != 0 && (v.Outcome != dataplane.Mirrored || s.Number <= v.SessionNumber) {
			hits = append(hits, hit{s.Number, f.direction, number})
		}
	}
	return hits
}

// referenceFirst returns the lowest rule of the packet's direction that matches,
// or 0.
func referenceFirst(rules []mirror.Rule, f facts) (number int, action mirror.Action) {
	for _, r := range rules {
		if r.Direction != f.direction || !referenceMatches(r, f) || (number != 0 && r.Number > number) {
			continue
		}
		number, action = r.Number, r.Action
	}
	return number, action
}

func referenceMatches(r mirror.Rule, f facts) bool {
	if r.Protocol != nil && int(*r.Protocol) != int(f.protocol) {
		return false
	}
	if !r.SourceCIDR.Contains(f.source) || !r.DestinationCIDR.Contains(f.destination) {
		return false
	}
	if r.SourcePorts != nil && (!f.ports || f.sourcePort < r.SourcePorts.From || f.sourcePort > r.SourcePorts.To) {
		return false
	}
	if r.DestinationPorts != nil && (!f.ports || f.destinationPort < r.DestinationPorts.From || f.destinationPort > r.DestinationPorts.To) {
		return false
	}
	return true
}

func referenceNever(f facts) dataplane.Reason {
	dhcp := func(port int) bool {
		if f.source.Is4() {
			return port == 67 || port == 68
		}
		return port == 546 || port == 547
	}
	if f.protocol == 17 && f.ports && dhcp(f.sourcePort) && dhcp(f.destinationPort) {
		return dataplane.DHCP
	}
	is := func(texts ...string) bool {
		return slices.Contains(texts, f.source.String()) || slices.Contains(texts, f.destination.String())
	}
	switch {
	case is("169.254.169.254", "fd00:ec2::254"):
		return dataplane.InstanceMetadata
	case is("169.254.169.123", "fd00:ec2::123"):
		return dataplane.AmazonTimeService
	case is("169.254.169.250", "169.254.169.251"):
		return dataplane.WindowsActivation
	}
	return 0
}

// referencePossible reports whether the packet can pass the interface, whose IPv4 and
// IPv6 addresses are either all known or all unknown.
func referencePossible(iface mirror.Interface, f facts) bool {
	own := append(slices.Clone(iface.PrivateIPAddresses), iface.IPv6Addresses...)
	if own == nil {
		return true
	}
	fine := func(a netip.Addr) bool {
		return slices.Contains(own, a) || slices.Contains([]string{"255.255.255.255", "0.0.0.0", "fe80::1"}, a.String())
	}
	switch {
	case f.direction == mirror.Egress:
		return !iface.ChecksSourceDest() || fine(f.source)
	case slices.Contains(own, f.source):
		return false
	}
	return !iface.ChecksSourceDest() || fine(f.destination)
}

func referenceDNS(iface mirror.Interface, f facts) bool {
	resolves := func(a netip.Addr) bool {
		return a.String() == "169.254.169.253" || a.String() == "fd00:ec2::253" || slices.Contains(iface.DNSResolverAddresses, a)
	}
	return f.ports && (f.sourcePort == 53 && resolves(f.source) || f.destinationPort == 53 && resolves(f.destination))
}

func referenceLength(s dataplane.Session, length int) (int, dataplane.Truncation) {
	by := dataplane.Truncation(0)
	if s.PacketLength != nil && length > *s.PacketLength {
		length, by = *s.PacketLength, dataplane.ByPacketLength
	}
	if most := s.Target.MTU - 40; s.Target.MTU != 0 && length > most {
		length, by = most, dataplane.ByTargetMTU
	}
	return length, by
}

// world draws packets and rules from so few values that they often match.
type world struct {
	*rand.Rand
	addrs4, addrs6 []netip.Addr
	ports          []int
	longPrefixes   bool
}

func newWorld(a, b uint64) world {
	return world{
		Rand:   rand.New(rand.NewPCG(a, b)),
		addrs4: slices.Clone(worldAddrs4), // Some tests append to these.
		addrs6: slices.Clone(worldAddrs6),
		ports:  slices.Clone(worldPorts),
	}
}

func pick[T any](w world, values ...T) T { return values[w.IntN(len(values))] }

var (
	worldAddrs4 = addrs("10.0.1.10", "10.0.0.2", "10.0.1.200", "10.1.2.3", "192.0.2.1", "255.255.255.255", "0.0.0.0")
	worldAddrs6 = addrs("2001:db8:1::10", "2001:db8:1::11", "2001:db8:2::3", "2001:db8:ffff::1", "fe80::1", "::1")
	linkLocal4  = addrs("169.254.169.253", "169.254.169.254", "169.254.169.123", "169.254.169.250", "169.254.169.251", "169.254.169.77")
	linkLocal6  = addrs("fd00:ec2::253", "fd00:ec2::254", "fd00:ec2::123", "fd00:ec2::77")
	worldPorts  = []int{0, 1, 22, 53, 67, 68, 80, 443, 444, 546, 547, 1024, 40000, 65534, 65535}
)

func addrs(texts ...string) []netip.Addr {
	var all []netip.Addr
	for _, text := range texts {
		all = append(all, netip.MustParseAddr(text))
	}
	return all
}

func (w world) addr(ipv6 bool) netip.Addr {
	usual, rare := w.addrs4, linkLocal4
	if ipv6 {
		usual, rare = w.addrs6, linkLocal6
	}
	if w.IntN(20) == 0 {
		return pick(w, rare...)
	}
	return pick(w, usual...)
}

func (w world) prefix(ipv6 bool) netip.Prefix {
	a := w.addr(ipv6)
	if w.longPrefixes {
		return netip.PrefixFrom(a, a.BitLen()-w.IntN(3)).Masked()
	}
	bits := pick(w, 0, 0, 0, w.IntN(a.BitLen()+1), a.BitLen(), a.BitLen()-1, a.BitLen()/2)
	return netip.PrefixFrom(a, bits).Masked()
}

func (w world) portRange() *mirror.PortRange {
	a, b := pick(w, w.ports...), pick(w, w.ports...)
	return pick(w, nil, &mirror.PortRange{From: min(a, b), To: max(a, b)})
}

func (w world) rule(number int) mirror.Rule {
	ipv6 := w.IntN(2) == 0
	r := mirror.Rule{
		Direction: pick(w, mirror.Directions...), Number: number, Action: pick(w, mirror.Actions...),
		SourceCIDR: w.prefix(ipv6), DestinationCIDR: w.prefix(ipv6),
	}
	if p := pick(w, -1, 0, 1, 6, 6, 17, 17, 47, 58, 132); p >= 0 {
		protocol := mirror.Protocol(p)
		r.Protocol = &protocol
	}
	if r.Protocol != nil && r.Protocol.HasPorts() {
		r.SourcePorts, r.DestinationPorts = w.portRange(), w.portRange()
	}
	return r
}

func (w world) session(number, rules int) dataplane.Session {
	s := session(number)
	for _, n := range w.Perm(rules) {
		s.Filter.Rules = append(s.Filter.Rules, w.rule(n+1))
	}
	s.Filter.NetworkServices = pick(w, nil, mirror.NetworkServices)
	if n := 1 + w.IntN(300); w.IntN(2) == 0 {
		s.PacketLength = &n
	}
	s.Target.MTU = pick(w, 0, 128, 200)
	return s
}

func (w world) sessions() []dataplane.Session {
	var all []dataplane.Session
	for _, n := range w.Perm(w.IntN(4)) {
		all = append(all, w.session(n+1, w.IntN(31)))
	}
	return all
}

// packet draws a packet: its bytes and its facts.
func (w world) packet() ([]byte, facts) {
	ipv6 := w.IntN(2) == 0
	f := facts{
		direction: pick(w, mirror.Directions...), source: w.addr(ipv6), destination: w.addr(ipv6),
		protocol: pick[uint8](w, 1, 6, 6, 6, 17, 17, 17, 47, 58, 132), sourcePort: pick(w, w.ports...), destinationPort: pick(w, w.ports...),
	}
	part := pick(w, packet.Whole, packet.Whole, packet.Whole, packet.FirstFragment, packet.LaterFragment)
	// Every payload begins with ports. So a decoder that looks at the wrong
	// protocol or fragment finds some.
	payload := binary.BigEndian.AppendUint16(nil, uint16(f.sourcePort))
	payload = binary.BigEndian.AppendUint16(payload, uint16(f.destinationPort))
	payload = append(payload, make([]byte, w.IntN(150))...)
	f.ports = (f.protocol == 6 || f.protocol == 17) && part != packet.LaterFragment

	frame := append([]byte(nil), ownMAC[:]...)
	frame = append(frame, otherMAC[:]...)
	if f.direction == mirror.Egress {
		frame = append(append([]byte(nil), otherMAC[:]...), ownMAC[:]...)
	}
	for range pick(w, 0, 0, 0, 1, 2) {
		frame = append(frame, pick[byte](w, 0x81, 0x88), 0, 0, 7)
		frame[len(frame)-3] = map[byte]byte{0x81: 0x00, 0x88: 0xa8}[frame[len(frame)-4]]
	}
	if ipv6 {
		frame = append(append(frame, 0x86, 0xdd), w.ipv6(f, part, payload)...)
	} else {
		frame = append(append(frame, 0x08, 0x00), w.ipv4(f, part, payload)...)
	}
	frame = append(frame, make([]byte, pick(w, 0, 0, 6, 18))...) // padding
	f.length = len(frame)
	return frame, f
}

func (w world) ipv4(f facts, part packet.Fragment, payload []byte) []byte {
	options := 4 * pick(w, 0, 0, 1, 10)
	b := make([]byte, 20+options)
	b[0] = 0x45 + byte(options/4)
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)+len(payload)))
	field := map[packet.Fragment]uint16{packet.Whole: 0x4000, packet.FirstFragment: 0x2000, packet.LaterFragment: pick[uint16](w, 0x2001, 0x0001, 0x1fff)}[part]
	binary.BigEndian.PutUint16(b[6:], field)
	b[8], b[9] = 64, f.protocol
	copy(b[12:], f.source.AsSlice())
	copy(b[16:], f.destination.AsSlice())
	return append(b, payload...)
}

func (w world) ipv6(f facts, part packet.Fragment, payload []byte) []byte {
	var extensions []byte
	next := f.protocol // from the last header to the first
	if part != packet.Whole || w.IntN(8) == 0 {
		field := map[packet.Fragment]uint16{packet.Whole: 0, packet.FirstFragment: 1, packet.LaterFragment: pick[uint16](w, 9, 8, 0xfff8)}[part]
		extensions = append([]byte{next, 0, byte(field >> 8), byte(field), 0, 0, 0, 1}, extensions...)
		next = 44
	}
	for range pick(w, 0, 0, 1, 3) {
		kind, words := pick[byte](w, 0, 43, 60), w.IntN(3)
		header := make([]byte, 8+8*words)
		header[0], header[1] = next, byte(words)
		extensions = append(header, extensions...)
		next = kind
	}
	b := make([]byte, 40)
	b[0] = 0x60
	binary.BigEndian.PutUint16(b[4:], uint16(len(extensions)+len(payload)))
	b[6], b[7] = next, 64
	copy(b[8:], f.source.AsSlice())
	copy(b[24:], f.destination.AsSlice())
	return append(append(b, extensions...), payload...)
}

// visible is the part of a verdict that the reference also has.
func visible(v dataplane.Verdict) string {
	return fmt.Sprintf("%s %s session %d rule %d %s %d bytes %s", v.Outcome, v.Direction, v.SessionNumber, v.RuleNumber, v.Reason, v.Bytes, v.TruncatedBy)
}

// The classifier agrees with the reference on random sessions and packets. Each
// outcome and each kind of reason must occur.
func TestAgreesWithReference(t *testing.T) {
	t.Parallel()
	const worlds, packets = 400, 250
	seen, undecided := map[dataplane.Reason]int{}, int64(0)
	for seed := range uint64(worlds) {
		w := newWorld(seed, 0)
		sessions := w.sessions()
		iface := []mirror.Interface{boundless(), unchecked(), testInterface()}[seed%3]
		s := newSourceOn(t, iface, sessions...)
		tally, hits := s.NewTally(), map[hit]int64{}
		for range packets {
			frame, f := w.packet()
			p := decodeFrame(frame)
			told := pick(w, "", f.direction)
			f.stated = told != ""
			got, want := tally.Process(p, told), reference(iface, sessions, f)
			for _, h := range referenceHits(iface, sessions, f, want) {
				hits[h]++
			}
			got.Direction = f.direction // it is not looked for if it is not needed
			if visible(got) != visible(want) {
				t.Fatalf("seed %d, packet %x, %+v:\n got %s\nwant %s", seed, frame, f, visible(got), visible(want))
			}
			seen[got.Reason]++
		}
		for _, r := range tally.Summary().Rules {
			h := hit{r.SessionNumber, r.Direction, 0}
			if r.RuleNumber != nil {
				h.number = *r.RuleNumber
			}
			if r.Hits != hits[h] || r.Packets > r.Hits {
				t.Fatalf("seed %d: %+v is hit %d times and decides %d, want %d", seed, h, r.Hits, r.Packets, hits[h])
			}
			undecided += r.Hits - r.Packets
		}
	}
	if undecided < 1000 {
		t.Errorf("only %d hits are no decisions", undecided)
	}
	for _, r := range []dataplane.Reason{
		dataplane.RuleAccepts, dataplane.ServiceAccepts, dataplane.RuleRejects, dataplane.NoRule, dataplane.NoSession, dataplane.AmazonDNSOff,
		dataplane.ImpossibleDirection, dataplane.DHCP, dataplane.InstanceMetadata, dataplane.AmazonTimeService, dataplane.WindowsActivation,
	} {
		if seen[r] < 100 {
			t.Errorf("only %d of %d verdicts have the reason %s", seen[r], worlds*packets, r)
		}
	}
	t.Logf("%d verdicts agree: %v", worlds*packets, seen)
}
