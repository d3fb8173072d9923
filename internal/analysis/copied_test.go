package analysis

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
)

// slowCopied decides packet by packet: the first session whose filter accepts takes it.
func slowCopied(sessions []Copier, h mirror.Header) (taker int, isCopied bool) {
	for i, s := range sessions {
		if slowDecide(s.Filter, h).Mirrored {
			return i, !s.Lost
		}
	}
	return -1, false
}

// copiers draws the sessions of an interface. Some filters accept everything that their other
// rules do not reject, so that all packets are copied now and then.
func (w drawing) copiers(x world) []Copier {
	sessions := make([]Copier, len(x.filters))
	for i, f := range x.filters {
		for number, direction := range mirror.Directions {
			if w.IntN(2) == 0 {
				continue
			}
			for j, every := range []string{"0.0.0.0/0", "::/0"} {
				f.Rules = append(f.Rules, mirror.Rule{
					Number: 1000 + 2*number + j, Direction: direction, Action: mirror.Accept, SourceCIDR: netip.MustParsePrefix(every), DestinationCIDR: netip.MustParsePrefix(every),
				})
			}
		}
		sessions[i] = Copier{Filter: f, Lost: w.IntN(4) == 0}
	}
	return sessions[:1+w.IntN(len(sessions))]
}

// What sessions copy together agrees with a slow loop over all packets that matter.
func TestCopiedAgrees(t *testing.T) {
	t.Parallel()
	seed := sample.Seed(t)
	rounds := 100
	if sample.All() {
		rounds = 3000
	}
	seen := map[string]int{}
	for round := range rounds {
		w := drawing{rand.New(rand.NewPCG(seed, uint64(round)))}
		x := newWorld(t, w, 3)
		sessions, others := w.copiers(x), w.copiers(x)
		for _, of := range []Families{{true, true}, {IPv4: true}, {IPv6: true}} {
			checkCopied(x, sessions, of, seen)
			checkOneWayCopied(x, sessions, of, seen)
		}
		checkCopiedTwice(x, sessions, others, seen)
	}
	for _, want := range []string{"ingress all", "ingress some", "ingress none", "egress all", "only DNS", "one way", "both ways", "twice all", "twice some", "twice none"} {
		if seen[want] == 0 {
			t.Errorf("no world had %q: %v", want, seen)
		}
	}
}

func isOf(of Families, h mirror.Header) bool {
	return h.Source.Is4() && of.IPv4 || h.Source.Is6() && of.IPv6
}

func checkCopied(x world, sessions []Copier, of Families, seen map[string]int) {
	x.Helper()
	got, err := CopiedBy(sessions, of)
	if err != nil {
		x.Fatal(err)
	}
	some, rest, ordinaryRest := map[mirror.Direction]bool{}, map[mirror.Direction]bool{}, false
	accepts, takes := make([]bool, len(sessions)), make([]bool, len(sessions))
	for _, h := range x.packets {
		d := slowDecide(mirror.Filter{}, h)
		if d.Never || !isOf(of, h) {
			continue
		}
		taker, isCopied := slowCopied(sessions, h)
		some[h.Direction], rest[h.Direction] = some[h.Direction] || isCopied, rest[h.Direction] || !isCopied
		ordinaryRest = ordinaryRest || !isCopied && d.Service == ""
		for i, s := range sessions {
			accepts[i] = accepts[i] || slowDecide(s.Filter, h).Mirrored
			takes[i] = takes[i] || i == taker
		}
	}
	for d, amount := range map[mirror.Direction]Amount{mirror.Ingress: got.Ingress, mirror.Egress: got.Egress} {
		if want := amountOf(some[d], rest[d]); amount != want {
			x.fail("copied", d, of, amount, want)
		}
		seen[fmt.Sprintf("%s %s", d, amount)]++
	}
	if fmt.Sprint(accepts, takes) != fmt.Sprint(got.Accepts, got.Takes) {
		x.fail("accepts, takes", accepts, takes, got)
	}
	isAll := !rest[mirror.Ingress] && !rest[mirror.Egress]
	if (got.NotCopied == nil) != isAll || got.OnlyDNS != (!isAll && !ordinaryRest) {
		x.fail("not copied", got, isAll, ordinaryRest)
	}
	if got.NotCopied != nil {
		_, isCopied := slowCopied(sessions, *got.NotCopied)
		if d := slowDecide(mirror.Filter{}, *got.NotCopied); isCopied || d.Never || (d.Service != "") != got.OnlyDNS || !isOf(of, *got.NotCopied) {
			x.fail("witness of what is not copied", *got.NotCopied)
		}
	}
	if got.OnlyDNS {
		seen["only DNS"]++
	}
}

func checkOneWayCopied(x world, sessions []Copier, of Families, seen map[string]int) {
	x.Helper()
	copied, uncopied, err := OneWayCopied(sessions, of)
	if err != nil {
		x.Fatal(err)
	}
	want := false
	for _, h := range x.packets {
		_, there := slowCopied(sessions, h)
		_, back := slowCopied(sessions, reply(h))
		want = want || there != back && isOf(of, h)
	}
	switch {
	case (copied != nil) != want || (uncopied != nil) != want:
		x.fail("one way", copied, uncopied, want)
	case !want:
		seen["both ways"]++
		return
	}
	seen["one way"]++
	_, there := slowCopied(sessions, *copied)
	if _, back := slowCopied(sessions, *uncopied); !there || back || reply(*copied) != *uncopied || !isOf(of, *copied) {
		x.fail("witness of one way", *copied, *uncopied)
	}
}

func checkCopiedTwice(x world, sender, receiver []Copier, seen map[string]int) {
	x.Helper()
	amount, packet, err := CopiedTwice(sender, receiver, x.space)
	if err != nil {
		x.Fatal(err)
	}
	isTwice := func(h mirror.Header) bool {
		_, atSender := slowCopied(sender, h)
		h.Direction = mirror.Ingress
		_, atReceiver := slowCopied(receiver, h)
		return atSender && atReceiver
	}
	space := x.space
	space.Direction = mirror.Egress
	some, rest := false, false
	for _, h := range x.packets {
		if d := slowDecide(mirror.Filter{}, h); h.Direction != mirror.Egress || !isIn(space, h) || d.Never || d.Service != "" {
			continue
		}
		twice := isTwice(h)
		some, rest = some || twice, rest || !twice
	}
	if want := amountOf(some, rest); amount != want || (packet != nil) != some {
		x.fail("copied twice", amount, packet, want)
	}
	if packet != nil && (!isTwice(*packet) || !isIn(space, *packet)) {
		x.fail("witness of copied twice", *packet)
	}
	seen["twice "+string(amount)]++
}
