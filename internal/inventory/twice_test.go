package inventory_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
)

// pairsText describes the pairs that are listed, by what is sent from whom to whom.
func pairsText(c inventory.CopiedTwice) string {
	var texts []string
	for _, p := range c.Pairs {
		texts = append(texts, fmt.Sprintf("%s > %s", p.Interfaces[0], p.Interfaces[1]))
	}
	return fmt.Sprintf("%d of %d, %d not: %s", c.Found, c.LookedAt, c.NotLookedAt, strings.Join(texts, ", "))
}

func TestCopiedTwice(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		build func(*site)
		want  string
	}{
		"both ends": {func(p *site) { p.session("eni-a", 1, "tmf-all", "tmt-1"); p.session("eni-b", 1, "tmf-all", "tmt-1") }, "1 of 1, 0 not: eni-a > eni-b"},
		"three interfaces": {func(p *site) {
			for _, id := range []string{"eni-a", "eni-b", "eni-c"} {
				p.session(id, 1, "tmf-all", "tmt-1")
			}
		}, "3 of 3, 0 not: eni-a > eni-b, eni-a > eni-c, eni-b > eni-c"},
		"one end":         {func(p *site) { p.session("eni-a", 1, "tmf-all", "tmt-1") }, "0 of 0, 0 not: "},
		"one end is dead": {func(p *site) { p.session("eni-a", 1, "tmf-all", "tmt-1"); p.session("eni-b", 1, "tmf-all", "tmt-gone") }, "0 of 0, 0 not: "},
		"one end is unknown": {func(p *site) {
			p.session("eni-a", 1, "tmf-all", "tmt-1")
			p.session("eni-b", 1, "tmf-all", "tmt-1")
			p.instance("i-b").ID = "i-x"
		}, "0 of 0, 1 not: "},
		"two ends are unknown, one is known": {func(p *site) {
			for _, id := range []string{"eni-a", "eni-b", "eni-c"} {
				p.session(id, 1, "tmf-all", "tmt-1")
			}
			p.instance("i-b").ID, p.instance("i-c").ID = "i-x", "i-y"
		}, "0 of 0, 3 not: "},
		"an unknown filter": {func(p *site) { p.session("eni-a", 1, "tmf-all", "tmt-1"); p.session("eni-b", 1, "tmf-x", "tmt-1") }, "0 of 0, 1 not: "},
		"a filter that is too complex": {func(p *site) {
			p.filter("tmf-x", tangled())
			p.session("eni-a", 1, "tmf-all", "tmt-1")
			p.session("eni-b", 1, "tmf-x", "tmt-1")
		}, "0 of 0, 1 not: "},
		"a session that may copy something, in a known class": {func(p *site) {
			p.target(mirror.Target{ID: "tmt-2", LoadBalancerARN: "arn"}, mirror.Endpoint{})
			delete(p.endpoints, "tmt-2")
			p.filter("tmf-in", tls(mirror.Accept, mirror.Ingress, false), tls(mirror.Accept, mirror.Egress, true))
			p.filter("tmf-dns")
			p.Filters[2].Noun.NetworkServices = mirror.NetworkServices
			p.session("eni-a", 1, "tmf-dns", "tmt-1")
			p.session("eni-a", 2, "tmf-in", "tmt-2")
			p.session("eni-b", 1, "tmf-all", "tmt-1")
		}, "0 of 0, 1 not: "},
		"a session that may copy nothing more": {func(p *site) {
			p.target(mirror.Target{ID: "tmt-2", LoadBalancerARN: "arn"}, mirror.Endpoint{})
			delete(p.endpoints, "tmt-2")
			p.session("eni-a", 1, "tmf-all", "tmt-1")
			p.session("eni-a", 2, "tmf-all", "tmt-2")
			p.session("eni-b", 1, "tmf-all", "tmt-1")
		}, "1 of 1, 0 not: eni-a > eni-b"},
		"another VPC": {func(p *site) {
			p.session("eni-a", 1, "tmf-all", "tmt-1")
			p.session("eni-b", 1, "tmf-all", "tmt-1")
			p.Interfaces[1].VPCID = "vpc-2"
		}, "0 of 0, 0 not: "},
		"ingress only, so each packet once": {func(p *site) {
			p.filter("tmf-in", everything(mirror.Accept, mirror.Ingress))
			p.session("eni-a", 1, "tmf-in", "tmt-1")
			p.session("eni-b", 1, "tmf-in", "tmt-1")
		}, "0 of 1, 0 not: "},
		"only from b to a": {func(p *site) {
			p.filter("tmf-in", everything(mirror.Accept, mirror.Ingress))
			p.filter("tmf-out", everything(mirror.Accept, mirror.Egress))
			p.session("eni-a", 1, "tmf-in", "tmt-1")
			p.session("eni-b", 1, "tmf-out", "tmt-1")
		}, "1 of 1, 0 not: eni-b > eni-a"},
		"not within the subnet": {func(p *site) {
			inside := everything(mirror.Reject, mirror.Egress)[0]
			inside.Number, inside.SourceCIDR, inside.DestinationCIDR = 1, netip.MustParsePrefix("10.0.0.0/28"), netip.MustParsePrefix("10.0.0.0/28")
			p.Filters[0].Noun.Rules = append(p.Filters[0].Noun.Rules, inside)
			for _, id := range []string{"eni-a", "eni-b", "eni-c"} { // 10.0.0.1, 10.0.0.2, 10.0.0.77
				p.session(id, 1, "tmf-all", "tmt-1")
			}
		}, "2 of 3, 0 not: eni-a > eni-c, eni-b > eni-c"},
	} {
		p := newSite()
		p.attach("eni-a", "10.0.0.1", "m5.large")
		p.attach("eni-b", "10.0.0.2", "m5.large")
		p.attach("eni-c", "10.0.0.77", "m5.large")
		row.build(p)
		if got := pairsText(p.coverage(inventory.CoverageQuestions{}).Twice); got != row.want {
			t.Errorf("%s: %q, want %q", name, got, row.want)
		}
	}
}

// Of very many pairs, those that the filters decide alike are counted; of the others, those that
// are too many are not looked at. The list has 100.
func TestCopiedTwiceIsBounded(t *testing.T) {
	t.Parallel()
	p := newSite()
	reject := everything(mirror.Reject, mirror.Ingress)[0]
	reject.Number, reject.SourceCIDR = 1, netip.MustParsePrefix("10.128.0.0/9")
	p.filter("tmf-some", []mirror.Rule{reject}, everything(mirror.Accept, mirror.Ingress), everything(mirror.Accept, mirror.Egress))
	for n := range 600 {
		id := fmt.Sprintf("eni-%04d", n)
		p.attach(id, fmt.Sprintf("10.0.%d.%d", n/200, 1+n%200), "m5.large")
		p.session(id, 1, []string{"tmf-all", "tmf-some"}[n%2], "tmt-1")
	}
	c := p.coverage(inventory.CoverageQuestions{}).Twice
	alike, all := 300*299/2, 600*599/2
	if c.LookedAt+c.NotLookedAt != all || c.NotLookedAt == 0 || c.LookedAt < alike || c.Found != c.LookedAt || len(c.Pairs) != 100 {
		t.Errorf("of %d pairs, %d were looked at, %d were not, %d were found, %d are listed", all, c.LookedAt, c.NotLookedAt, c.Found, len(c.Pairs))
	}
}

// Which pairs have packets that are copied twice is what the simulator shows of every packet.
func TestCopiedTwiceAgreesWithDataplane(t *testing.T) {
	t.Parallel()
	rounds, seed := 40, sample.Seed(t)
	if sample.All() {
		rounds = 5000
	}
	addresses := []string{"9.9.9.9", "10.1.1.1", "10.200.1.1"}
	found, clear := 0, 0
	for round := range rounds {
		d := dice{rand.New(rand.NewPCG(seed, uint64(round)))}
		p := newSite()
		p.Filters = nil
		var sources []*dataplane.Source
		for n, address := range addresses {
			id, filterID := fmt.Sprintf("eni-%d", n), fmt.Sprintf("tmf-%d", n)
			i := p.attach(id, address, "m5.large")
			i.IPv6Addresses = []netip.Addr{netip.MustParseAddr(fmt.Sprintf("2001:db%d::1", 7+n))}
			f := d.filter()
			f.ID = filterID
			p.filter(filterID, nil)
			p.Filters[n].Noun = f
			s := p.session(id, 1, filterID, "tmt-1")
			source, err := dataplane.New(mirror.Interface{}, []dataplane.Session{{Session: s.Noun, Filter: f, Target: p.endpoints["tmt-1"]}}, dataplane.Options{})
			if err != nil {
				t.Fatal(err)
			}
			sources = append(sources, source)
		}
		c := p.coverage(inventory.CoverageQuestions{}).Twice
		for a := range addresses {
			for b := range a {
				want := simulatedTwice(sources[a], sources[b], a, b) || simulatedTwice(sources[b], sources[a], b, a)
				got := slices.ContainsFunc(c.Pairs, func(p inventory.Pair) bool {
					x, y := fmt.Sprintf("eni-%d", a), fmt.Sprintf("eni-%d", b)
					return p.Interfaces == [2]string{x, y} || p.Interfaces == [2]string{y, x}
				})
				if got != want {
					t.Fatalf("TRAFFICMIRROR_SEED=%d, round %d: interfaces %d and %d: %t, the simulator says %t", seed, round, a, b, got, want)
				}
				if want {
					found++
				} else {
					clear++
				}
			}
		}
	}
	if found == 0 || clear == 0 {
		t.Errorf("%d pairs with such packets, %d without", found, clear)
	}
}

// everyPacket is allPackets, once.
var everyPacket = sync.OnceValue(func() []packet.Packet { return allPackets(true) })

// simulatedTwice reports whether some packet from one interface to another is copied by both.
func simulatedTwice(sender, receiver *dataplane.Source, from, to int) bool {
	families := [2][]string{{"9.9.9.9", "10.1.1.1", "10.200.1.1"}, {"2001:db7::1", "2001:db8::1", "2001:db9::1"}}
	for _, p := range everyPacket() {
		family := 0
		if p.Kind == packet.IPv6 {
			family = 1
		}
		p.Source, p.Destination = packet.AddressOf(netip.MustParseAddr(families[family][from])), packet.AddressOf(netip.MustParseAddr(families[family][to]))
		if sender.Process(&p, mirror.Egress).Outcome == dataplane.Mirrored && receiver.Process(&p, mirror.Ingress).Outcome == dataplane.Mirrored {
			return true
		}
	}
	return false
}

// A fleet of 10,000 interfaces with a session each, of 100 filters.
func BenchmarkCoverage(b *testing.B) {
	p := newSite()
	for n := range 100 {
		p.filter(fmt.Sprintf("tmf-%03d", n), tls(mirror.Accept, mirror.Ingress, false), everything(mirror.Accept, mirror.Ingress), everything(mirror.Accept, mirror.Egress))
		p.Filters[len(p.Filters)-1].Noun.Rules[0].DestinationPorts = &mirror.PortRange{From: n, To: n + 100}
		p.Filters[len(p.Filters)-1].Noun.Rules[0].Action = mirror.Reject
	}
	one := *newSite().attach("eni-x", "10.0.0.1", "m5.large")
	for n := range 10_000 {
		one.ID, one.InstanceID = fmt.Sprintf("eni-d%05d", n), "i-collector"
		one.PrivateIPAddresses = []netip.Addr{netip.AddrFrom4([4]byte{10, 1, byte(n / 200), byte(1 + n%200)})}
		p.Interfaces = append(p.Interfaces, one)
		p.Sessions = append(p.Sessions, account.Tagged[mirror.Session]{Noun: mirror.Session{
			ID: fmt.Sprintf("tms-%05d", n), OwnerID: ownAccount, InterfaceID: one.ID, Number: 1, FilterID: fmt.Sprintf("tmf-%03d", n%100), TargetID: "tmt-1",
		}})
	}
	b.ReportAllocs()
	for b.Loop() {
		if c := p.coverage(inventory.CoverageQuestions{}); len(c.Interfaces) < 10_000 {
			b.Fatal(len(c.Interfaces))
		}
	}
}
