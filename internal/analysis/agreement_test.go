package analysis

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
)

// drawing draws filters of a small header space: few addresses, protocols and ports, among them
// those about which no rule decides.
type drawing struct{ *rand.Rand }

var (
	drawn4 = []string{"0.0.0.0/0", "0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "10.0.0.0/8", "10.0.0.0/9", "169.254.0.0/16", "169.254.169.253/32", "169.254.169.252/31", "169.254.169.254/32"}
	drawn6 = []string{"::/0", "::/0", "2001:db8::/32", "fd00:ec2::/64", "fd00:ec2::253/128", "fd00:ec2::254/128"}
	ranges = []*mirror.PortRange{nil, nil, {From: 0, To: 65535}, {From: 53, To: 53}, {From: 0, To: 66}, {From: 67, To: 68}, {From: 54, To: 65535}, {From: 546, To: 547}}
)

func (w drawing) prefix(is4 bool) netip.Prefix {
	texts := drawn6
	if is4 {
		texts = drawn4
	}
	return netip.MustParsePrefix(texts[w.IntN(len(texts))])
}

func (w drawing) rules(most int) []mirror.Rule {
	var rules []mirror.Rule
	is4 := w.IntN(4) > 0
	for n := range w.IntN(most + 1) {
		if w.IntN(5) == 0 {
			is4 = !is4
		}
		r := mirror.Rule{
			Number: n + 1, Direction: mirror.Directions[w.IntN(2)], Action: mirror.Actions[w.IntN(2)], SourceCIDR: w.prefix(is4), DestinationCIDR: w.prefix(is4),
		}
		if p := []mirror.Protocol{0, mirror.TCP, mirror.TCP, mirror.UDP, mirror.UDP, 58}[w.IntN(6)]; w.IntN(3) > 0 {
			r.Protocol = &p
			if p.HasPorts() {
				r.SourcePorts, r.DestinationPorts = ranges[w.IntN(len(ranges))], ranges[w.IntN(len(ranges))]
			}
		}
		rules = append(rules, r)
	}
	return rules
}

func (w drawing) filter(most int) mirror.Filter {
	f := mirror.Filter{Rules: w.rules(most)}
	if w.IntN(2) == 0 {
		f.NetworkServices = mirror.NetworkServices
	}
	return f
}

func (w drawing) space() mirror.Space {
	s := mirror.Space{Direction: []mirror.Direction{"", mirror.Ingress, mirror.Egress}[w.IntN(3)]}
	is4 := w.IntN(2) == 0
	if w.IntN(2) == 0 {
		s.SourceCIDR = w.prefix(is4)
	}
	if w.IntN(2) == 0 {
		s.DestinationCIDR = w.prefix(is4)
	}
	if p := []mirror.Protocol{mirror.TCP, mirror.UDP, 58}[w.IntN(3)]; w.IntN(2) == 0 {
		s.Protocol = &p
		if p.HasPorts() {
			s.SourcePorts, s.DestinationPorts = ranges[w.IntN(len(ranges))], ranges[w.IntN(len(ranges))]
		}
	}
	return s
}

// slowDecide decides as the documentation describes it.
func slowDecide(f mirror.Filter, h mirror.Header) Decision {
	is := func(texts ...string) bool {
		return slices.Contains(texts, h.Source.String()) || slices.Contains(texts, h.Destination.String())
	}
	dhcp := func(port uint16) bool {
		if h.Source.Is4() {
			return port == 67 || port == 68
		}
		return port == 546 || port == 547
	}
	resolves := func(a netip.Addr, port uint16) bool {
		return port == 53 && (a.String() == "169.254.169.253" || a.String() == "fd00:ec2::253")
	}
	switch {
	case is("169.254.169.254", "169.254.169.123", "169.254.169.250", "169.254.169.251", "fd00:ec2::254", "fd00:ec2::123"),
		h.Protocol == mirror.UDP && h.HasPorts && dhcp(h.SourcePort) && dhcp(h.DestinationPort):
		return Decision{Never: true}
	case h.HasPorts && (resolves(h.Source, h.SourcePort) || resolves(h.Destination, h.DestinationPort)):
		return Decision{Service: mirror.AmazonDNS, Mirrored: len(f.NetworkServices) > 0}
	}
	r := firstMatch(f.Rules, h)
	return Decision{Rule: r, Mirrored: r != nil && r.Action == mirror.Accept}
}

func sameDecision(a, b Decision) bool {
	sameRule := a.Rule == nil && b.Rule == nil || a.Rule != nil && b.Rule != nil && a.Rule.Number == b.Rule.Number && a.Rule.Direction == b.Rule.Direction
	return sameRule && a.Mirrored == b.Mirrored && a.Never == b.Never && a.Service == b.Service
}

// world has every packet that matters for some filters and a space.
type world struct {
	*testing.T
	filters []mirror.Filter
	space   mirror.Space
	packets []mirror.Header

	decisions [][]Decision // of each filter about each packet
	inside    []bool       // each packet is in the space
}

func newWorld(t *testing.T, w drawing, most int) world {
	x := world{T: t, filters: []mirror.Filter{w.filter(most), w.filter(most), w.filter(most)}, space: w.space()}
	if w.IntN(3) == 0 { // filters that differ little
		x.filters[1].Rules = slices.Clone(x.filters[0].Rules)
		if n := len(x.filters[1].Rules); n > 0 {
			x.filters[1].Rules[w.IntN(n)].Action = mirror.Actions[w.IntN(2)]
		}
	}
	all := x.space.Rules(mirror.Accept)
	for _, f := range x.filters {
		all = append(all, f.Rules...)
		for _, r := range f.Rules { // as for the reply
			r.SourceCIDR, r.DestinationCIDR = r.DestinationCIDR, r.SourceCIDR
			r.SourcePorts, r.DestinationPorts = r.DestinationPorts, r.SourcePorts
			all = append(all, r)
		}
	}
	x.packets = packetsOf(all)
	for _, f := range x.filters {
		decisions := make([]Decision, len(x.packets))
		for i, h := range x.packets {
			decisions[i] = slowDecide(f, h)
		}
		x.decisions = append(x.decisions, decisions)
	}
	for _, h := range x.packets {
		x.inside = append(x.inside, isIn(x.space, h))
	}
	return x
}

// packetsOf returns the packets that matter for some rules, and about which no rule decides. Of
// values that all rules match or do not match alike, it takes only the first.
func packetsOf(list []mirror.Rule) []mirror.Header {
	var packets []mirror.Header
	for _, is4 := range families {
		var addresses [2][]netip.Addr
		var ports [2][]int
		protocols := []int{int(mirror.TCP), int(mirror.UDP), 47}
		base, special := netip.IPv4Unspecified(), []string{"169.254.169.253", "169.254.169.123"}
		dhcp := []int{67, 69}
		if !is4 {
			base, special, dhcp = netip.IPv6Unspecified(), []string{"fd00:ec2::253", "fd00:ec2::123"}, []int{546, 548}
		}
		for axis := range addresses {
			addresses[axis] = []netip.Addr{base, netip.MustParseAddr(special[0]), netip.MustParseAddr(special[1])}
			ports[axis] = append([]int{0, 53, 54}, dhcp...)
		}
		for _, r := range list {
			if r.SourceCIDR.Addr().Is4() != is4 {
				continue
			}
			for axis, p := range []netip.Prefix{r.SourceCIDR, r.DestinationCIDR} {
				addresses[axis] = append(addresses[axis], p.Addr())
				if after := afterPrefix(p); after.IsValid() {
					addresses[axis] = append(addresses[axis], after)
				}
			}
			for axis, p := range []*mirror.PortRange{r.SourcePorts, r.DestinationPorts} {
				if p != nil {
					ports[axis] = append(ports[axis], p.From, min(p.To+1, 65535))
				}
			}
			if r.Protocol != nil {
				protocols = append(protocols, int(*r.Protocol))
			}
		}
		for axis := range addresses {
			addresses[axis] = firstAlike(addresses[axis], list, func(r mirror.Rule, a netip.Addr) bool {
				return []netip.Prefix{r.SourceCIDR, r.DestinationCIDR}[axis].Contains(a)
			}, func(a netip.Addr) string {
				d := slowDecide(mirror.Filter{}, mirror.Header{Source: a, Destination: base, Protocol: mirror.TCP, HasPorts: true, SourcePort: 53, DestinationPort: 1})
				return fmt.Sprint(d.Never, d.Service)
			})
			ports[axis] = firstAlike(ports[axis], list, func(r mirror.Rule, n int) bool {
				p := []*mirror.PortRange{r.SourcePorts, r.DestinationPorts}[axis]
				return p != nil && r.SourceCIDR.Addr().Is4() == is4 && p.From <= n && n <= p.To
			}, func(n int) string { return fmt.Sprint(n == 53, n >= dhcp[0] && n < dhcp[1]) })
		}
		protocols = unique(protocols, func(a, b int) int { return a - b })
		for _, d := range mirror.Directions {
			for _, source := range addresses[0] {
				for _, destination := range addresses[1] {
					for _, p := range protocols {
						h := mirror.Header{Direction: d, Protocol: mirror.Protocol(p), Source: source, Destination: destination}
						packets = append(packets, h)
						if h.Protocol.HasPorts() {
							packets = withPorts(packets, h, ports[0], ports[1])
						}
					}
				}
			}
		}
	}
	return packets
}

// firstAlike returns the first of those values that the same rules match, and that are alike
// in another way.
func firstAlike[T any](values []T, list []mirror.Rule, isMatch func(mirror.Rule, T) bool, other func(T) string) []T {
	seen := map[string]bool{}
	return slices.DeleteFunc(values, func(v T) bool {
		name := []byte(other(v))
		for _, r := range list {
			name = strconv.AppendBool(name, isMatch(r, v))
		}
		isAgain := seen[string(name)]
		seen[string(name)] = true
		return isAgain
	})
}

func (x world) fail(question string, args ...any) {
	x.Helper()
	x.Errorf("%s: %v", question, args)
	for _, f := range x.filters {
		x.Logf("filter %v", f.NetworkServices)
		for _, r := range f.Rules {
			x.Logf("  %s %d %s %v", r.Direction, r.Number, r.Action, mirror.Space{Protocol: r.Protocol, SourceCIDR: r.SourceCIDR, DestinationCIDR: r.DestinationCIDR, SourcePorts: r.SourcePorts, DestinationPorts: r.DestinationPorts})
		}
	}
	x.Fatalf("space %v", x.space)
}

// checkWitness checks that the packet is decided so.
func (x world) checkWitness(question string, f mirror.Filter, w Witness) {
	x.Helper()
	if want := slowDecide(f, w.Packet); !sameDecision(w.Decision, want) {
		x.fail(question, w.Packet, w.Decision, want)
	}
}

func isIn(s mirror.Space, h mirror.Header) bool {
	return firstMatch(s.Rules(mirror.Accept), h) != nil
}

// outcomes reports what happens to the packets inside or outside of the space. Inside, Amazon
// DNS is skipped if the space has not every port of clients.
func (x world) outcomes(isInside, all bool) (mirrored, left, impossible bool) {
	for i, d := range x.decisions[0] {
		resolver, client := x.space.SourcePorts, x.space.DestinationPorts
		if h := x.packets[i]; d.Service != "" && !(h.SourcePort == 53 && slices.Contains(mirror.LinkLocalResolvers, h.Source)) {
			resolver, client = client, resolver
		}
		isUnusual := resolver != nil && !resolver.Contains(53) || client != nil && !(client.Contains(49152) && client.Contains(65535))
		isSkipped := d.Service != "" && isInside && !all && isUnusual
		switch {
		case x.inside[i] != isInside || isSkipped:
		case d.Never:
			impossible = true
		default:
			mirrored, left = mirrored || d.Mirrored, left || !d.Mirrored
		}
	}
	return mirrored, left, impossible
}

func (x world) checkShare(isInside bool, got Share, err error) {
	x.Helper()
	if err != nil {
		x.Fatal(err)
	}
	mirrored, left, impossible := x.outcomes(isInside, false)
	if !mirrored && !left {
		mirrored, left, _ = x.outcomes(isInside, true)
	}
	want := map[[2]bool]Amount{{true, true}: Some, {true, false}: All, {false, true}: None, {false, false}: None}[[2]bool{mirrored, left}]
	if got.Amount != want || (got.Mirrored != nil) != mirrored || (got.NotMirrored != nil) != (left || impossible && !mirrored) {
		x.fail("share", isInside, got, want)
	}
	for i, w := range []*Witness{got.Mirrored, got.NotMirrored} {
		if w == nil {
			continue
		}
		x.checkWitness("share", x.filters[0], *w)
		if isIn(x.space, w.Packet) != isInside || w.Decision.Mirrored != (i == 0) || w.Decision.Never && (mirrored || left) {
			x.fail("witness of a share", isInside, *w)
		}
	}
}

// key names a decision.
func key(d Decision) string {
	number := 0
	if d.Rule != nil {
		number = d.Rule.Number
	}
	return fmt.Sprint(number, d.Service)
}

func (x world) checkCompare() {
	a, b := x.filters[0], x.filters[1]
	got, err := Compare(a, b)
	if err != nil {
		x.Fatal(err)
	}
	want, seen := map[string]bool{}, map[string]bool{}
	for i, h := range x.packets {
		if da, db := x.decisions[0][i], x.decisions[1][i]; da.Mirrored != db.Mirrored {
			want[string(h.Direction)+key(da)+key(db)] = true
		}
	}
	for _, d := range got {
		x.checkWitness("compare", a, Witness{d.Packet, d.A})
		x.checkWitness("compare", b, Witness{d.Packet, d.B})
		name := string(d.Packet.Direction) + key(d.A) + key(d.B)
		if !want[name] || seen[name] {
			x.fail("compare", d)
		}
		seen[name] = true
	}
	if len(seen) != len(want) {
		x.fail("compare", seen, want)
	}
}

func (x world) checkOneWay() {
	f := x.filters[0]
	got, err := OneWayFlows(f)
	if err != nil {
		x.Fatal(err)
	}
	want := map[string]bool{}
	for i, h := range x.packets {
		if h.Direction == mirror.Ingress {
			if in, out := x.decisions[0][i], slowDecide(f, reply(h)); in.Mirrored != out.Mirrored {
				want[key(in)+key(out)] = true
			}
		}
	}
	for _, flow := range got {
		x.checkWitness("one way", f, flow.Packet)
		x.checkWitness("one way", f, flow.Reply)
		if flow.Reply.Packet != reply(flow.Packet.Packet) || !flow.Packet.Decision.Mirrored || flow.Reply.Decision.Mirrored {
			x.fail("one way", flow)
		}
	}
	if len(got) != len(want) {
		x.fail("one way", got, want)
	}
}

func (x world) checkTakes() {
	got, err := NeverTakes(x.filters)
	if err != nil {
		x.Fatal(err)
	}
	some, takes := make([]bool, len(x.filters)), make([]bool, len(x.filters))
	for n := range x.packets {
		isTaken := false
		for i := range x.filters {
			if x.decisions[i][n].Mirrored {
				some[i], takes[i], isTaken = true, takes[i] || !isTaken, true
			}
		}
	}
	for i := range x.filters {
		if slices.Contains(got, i) != (some[i] && !takes[i]) {
			x.fail("never takes", got, i)
		}
	}
}

func (x world) checkRules() {
	f := x.filters[0]
	touching, err := Touching(f, x.space)
	if err != nil {
		x.Fatal(err)
	}
	decides, touches := map[string]bool{}, map[string]bool{}
	name := func(r mirror.Rule) string { return fmt.Sprint(r.Direction, r.Number) }
	for i, d := range x.decisions[0] {
		if d.Rule != nil {
			decides[name(*d.Rule)] = true
			touches[name(*d.Rule)] = touches[name(*d.Rule)] || x.inside[i]
		}
	}
	packets, err := DecidedPackets(f)
	for _, r := range f.Rules {
		h, isThere := packets[RuleKey{r.Direction, r.Number}]
		if err != nil || isThere != decides[name(r)] {
			x.fail("decides", h, err, name(r))
		}
		if isThere {
			x.checkWitness("decides", f, Witness{h, Decision{Rule: &r, Mirrored: r.Action == mirror.Accept}})
		}
		isTouching := slices.ContainsFunc(touching, func(o mirror.Rule) bool { return name(o) == name(r) })
		if isTouching != touches[name(r)] {
			x.fail("touching", name(r), isTouching)
		}
	}
	for _, d := range mirror.Directions {
		x.checkRedundant(f, d)
		x.checkUnreachable(f, d, func(r mirror.Rule) bool { return decides[name(r)] })
	}
}

// mirroredPackets returns which packets of a direction are mirrored.
func (x world) mirroredPackets(rules []mirror.Rule, d mirror.Direction) []bool {
	var mirrored []bool
	for i, h := range x.packets {
		if before := x.decisions[0][i]; h.Direction == d && !before.Never && before.Service == "" {
			r := firstMatch(rules, h)
			mirrored = append(mirrored, r != nil && r.Action == mirror.Accept)
		}
	}
	return mirrored
}

func (x world) checkRedundant(f mirror.Filter, d mirror.Direction) {
	rules := f.InDirection(d)
	redundant, err := Redundant(rules)
	if err != nil {
		x.Fatal(err)
	}
	without := slices.DeleteFunc(slices.Clone(rules), func(r mirror.Rule) bool {
		return slices.ContainsFunc(redundant, func(o mirror.Rule) bool { return o.Number == r.Number })
	})
	before := x.mirroredPackets(rules, d)
	if len(without)+len(redundant) != len(rules) || !slices.Equal(before, x.mirroredPackets(without, d)) {
		x.fail("redundant", redundant)
	}
	for i := range without {
		if slices.Equal(before, x.mirroredPackets(slices.Delete(slices.Clone(without), i, i+1), d)) {
			x.fail("one more is redundant", without[i])
		}
	}
}

func (x world) checkUnreachable(f mirror.Filter, d mirror.Direction, decides func(mirror.Rule) bool) {
	rules := f.InDirection(d)
	got, err := Unreachable(rules)
	if err != nil {
		x.Fatal(err)
	}
	for _, r := range rules {
		i := slices.IndexFunc(got, func(c Covered) bool { return c.Rule.Number == r.Number })
		if (i >= 0) == decides(r) {
			x.fail("unreachable", r.Number, got)
		}
		if i >= 0 {
			x.checkCovered(rules, got[i])
		}
	}
}

func (x world) checkCovered(rules []mirror.Rule, c Covered) {
	deciding := map[int]bool{}
	var own []mirror.Header
	never, service := false, false
	for i, h := range x.packets {
		if h.Direction != c.Rule.Direction || firstMatch([]mirror.Rule{c.Rule}, h) == nil {
			continue
		}
		switch d := x.decisions[0][i]; {
		case d.Rule != nil:
			own = append(own, h)
			deciding[d.Rule.Number] = true
		case firstMatch(c.By, h) == nil:
			never, service = never || d.Never, service || !d.Never
		}
	}
	covers := func(by []mirror.Rule) bool {
		return !slices.ContainsFunc(own, func(h mirror.Header) bool { return firstMatch(by, h) == nil })
	}
	isDifferent := slices.ContainsFunc(c.By, func(r mirror.Rule) bool { return r.Action != c.Rule.Action })
	if !covers(c.By) || c.DifferentAction != isDifferent || c.Never != never || c.Service != service {
		x.fail("covered", c, never, service)
	}
	var candidates []mirror.Rule
	for _, r := range rules {
		if deciding[r.Number] {
			candidates = append(candidates, r)
		}
	}
	for set := range 1 << len(candidates) {
		var by []mirror.Rule
		for i, r := range candidates {
			if set>>i&1 == 1 {
				by = append(by, r)
			}
		}
		if len(by) < len(c.By) && covers(by) {
			x.fail("fewer rules cover it", c, by)
		}
	}
}

func (x world) check() {
	share, err := Mirrors(x.filters[0], x.space)
	x.checkShare(true, share, err)
	share, err = MirrorsOutside(x.filters[0], x.space)
	x.checkShare(false, share, err)
	for _, h := range x.packets[:min(200, len(x.packets))] {
		x.checkWitness("decide", x.filters[0], Witness{h, Decide(x.filters[0], h)})
	}
	x.checkCompare()
	x.checkOneWay()
	x.checkTakes()
	x.checkRules()
}

// Every answer is that of a search through all packets that matter.
func TestAgreement(t *testing.T) {
	t.Parallel()
	worlds, seed := 300, sample.Seed(t)
	if sample.All() {
		worlds = 34_000 // with three filters each
	}
	for i := range worlds {
		newWorld(t, drawing{rand.New(rand.NewPCG(seed, uint64(i)))}, 4).check()
		if t.Failed() {
			t.Fatalf("TRAFFICMIRROR_SEED=%d, world %d", seed, i)
		}
	}
}

func FuzzAgreement(f *testing.F) {
	for i := range uint64(5) {
		f.Add(i, i*i)
	}
	f.Fuzz(func(t *testing.T, a, b uint64) { newWorld(t, drawing{rand.New(rand.NewPCG(a, b))}, 5).check() })
}

// A question that takes too long has no answer.
func TestTooComplex(t *testing.T) {
	t.Parallel()
	w := drawing{rand.New(rand.NewPCG(1, 1))}
	var rules []mirror.Rule
	for n := range 3000 {
		prefix := func() netip.Prefix {
			return netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(w.IntN(256)), byte(w.IntN(256))}), w.IntN(8)).Masked()
		}
		ports := func() *mirror.PortRange {
			from := w.IntN(30000)
			return &mirror.PortRange{From: from, To: from + w.IntN(35000)}
		}
		rules = append(rules, mirror.Rule{
			Number: n + 1, Direction: mirror.Ingress, Action: mirror.Actions[n%2], Protocol: new(mirror.TCP),
			SourceCIDR: prefix(), DestinationCIDR: prefix(), SourcePorts: ports(), DestinationPorts: ports(),
		})
	}
	f := mirror.Filter{Rules: rules}
	if _, err := Unreachable(rules); !errors.Is(err, ErrTooComplex) {
		t.Errorf("unreachable: %v", err)
	}
	if _, err := Redundant(rules); !errors.Is(err, ErrTooComplex) {
		t.Errorf("redundant: %v", err)
	}
	if share, err := Mirrors(f, mirror.Space{}); !errors.Is(err, ErrTooComplex) || share.Amount != "" {
		t.Errorf("mirrors: %v, %v", share, err)
	}
	sessions, of := []Copier{{Filter: f}}, Families{IPv4: true, IPv6: true}
	if _, err := CopiedBy(sessions, of); !errors.Is(err, ErrTooComplex) {
		t.Errorf("copied: %v", err)
	}
	if packet, _, err := OneWayCopied(sessions, of); !errors.Is(err, ErrTooComplex) || packet != nil {
		t.Errorf("one way copied: %v", err)
	}
	if amount, _, err := CopiedTwice(sessions, sessions, mirror.Space{}); !errors.Is(err, ErrTooComplex) || amount != "" {
		t.Errorf("copied twice: %v", err)
	}
	if _, err := Compare(f, f); !errors.Is(err, ErrTooComplex) {
		t.Errorf("compare: %v", err)
	}
	if !MayExist([][]mirror.Rule{rules}, [][]mirror.Rule{rules}) {
		t.Error("MayExist is sure")
	}
}
