package dataplane_test

import (
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Long lists of rules have a table. It agrees with the reference for every
// position of the rule.
func TestLongListsAgreeWithReference(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name            string
		worlds, packets int
		rules           int
		crowd           int // how many more addresses there are
	}{
		{"around the limit", 60, 200, 4 * 48, 0},
		{"hundreds", 20, 300, 1000, 50},
		{"thousands", 1, 1000, 32766, 300},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			deepest := 0
			for seed := range uint64(test.worlds) {
				w := crowded(seed, test.crowd)
				sessions := []dataplane.Session{w.session(1, test.rules)}
				s := newSourceOn(t, boundless(), sessions...)
				for range test.packets {
					frame, f := w.packet()
					got, want := s.Process(decodeFrame(frame), f.direction), reference(boundless(), sessions, f)
					if got.Direction = f.direction; visible(got) != visible(want) {
						t.Fatalf("seed %d, packet %x, %+v:\n got %s\nwant %s", seed, frame, f, visible(got), visible(want))
					}
					deepest = max(deepest, got.RuleNumber)
				}
			}
			if deepest < test.rules/2 {
				t.Errorf("no rule behind number %d decided", deepest)
			}
		})
	}
}

// crowded is a world with more addresses. With more addresses prefixes are
// longer, so only a long list of rules matches a packet.
func crowded(seed uint64, crowd int) world {
	w := newWorld(seed, 9)
	if crowd == 0 {
		return w
	}
	w.longPrefixes = true
	for range crowd {
		w.addrs4 = append(w.addrs4, netip.AddrFrom4([4]byte{10, byte(w.IntN(2)), byte(w.IntN(256)), byte(w.IntN(256))}))
		var a [16]byte
		a[0], a[1], a[7], a[8], a[15] = 0x20, 0x01, byte(w.IntN(3)), byte(w.IntN(256)), byte(w.IntN(256))
		w.addrs6 = append(w.addrs6, netip.AddrFrom16(a))
	}
	return w
}

// All prefixes are in the lowest 2^64 addresses of IPv6. They do not match an
// address that only has the same lower half.
func TestLongListOfLowAddresses(t *testing.T) {
	t.Parallel()
	var rules []mirror.Rule
	for n := range 100 {
		rules = append(rules, accept(ingress, n+1, netip.PrefixFrom(netip.AddrFrom16([16]byte{15: byte(n)}), 128).String(), any6))
	}
	s := newSource(t, session(1, rules...))
	accepted(1, 8).check(t, s.Process(decode(t, s, tcp(addr("::7"), own6, 1, 2)), ingress))
	unmatched(dataplane.NoRule).check(t, s.Process(decode(t, s, tcp(addr("2001:db8::7"), own6, 1, 2)), ingress))
	unmatched(dataplane.NoRule).check(t, s.Process(decode(t, s, tcp(addr("::ff"), own6, 1, 2)), ingress))
}

// Thousands of rules that overlap each other would need too large a table. They
// are still matched correctly.
func TestRulesThatNoTableHolds(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 3))
	const n = 20000
	rules := make([]mirror.Rule, n)
	for i := range rules {
		a, b := r.IntN(65536), r.IntN(65536)
		c, d := r.IntN(65536), r.IntN(65536)
		rules[i] = accept(ingress, i+1, any4, any4, protocol(mirror.TCP), from(min(a, b), max(a, b)), to(min(c, d), max(c, d)))
	}
	s := newSource(t, session(1, rules...))
	for range 200 {
		f := facts{direction: ingress, source: peer, destination: own, protocol: 6, ports: true, sourcePort: r.IntN(65536), destinationPort: r.IntN(65536)}
		number, _ := referenceFirst(rules, f)
		v := s.Process(decode(t, s, tcp(peer, own, uint16(f.sourcePort), uint16(f.destinationPort))), "")
		if v.RuleNumber != number {
			t.Fatalf("from port %d to %d: rule %d, not %d", f.sourcePort, f.destinationPort, v.RuleNumber, number)
		}
	}
}
