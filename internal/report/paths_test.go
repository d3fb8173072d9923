package report_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/picture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/report"
)

var own = netip.MustParseAddr("10.0.1.10")

// draw returns one of the values.
func draw[T any](r *rand.Rand, values ...T) T { return values[r.IntN(len(values))] }

// randomSessions draws up to five sessions with rules that overlap, of which some lose copies.
func randomSessions(r *rand.Rand) []dataplane.Session {
	sessions := make([]dataplane.Session, r.IntN(6))
	for i := range sessions {
		s := dataplane.Session{Session: mirror.Session{Number: 3*i + 1 + r.IntN(3)}, Target: mirror.Endpoint{Type: draw(r, mirror.TargetTypes...)}}
		s.Target.Gone = r.IntN(4) == 0
		if s.Target.Type != mirror.NetworkInterface && r.IntN(3) == 0 {
			s.Target.Appliances = []netip.Addr{}
		}
		if r.IntN(2) == 0 {
			s.Filter.NetworkServices = []mirror.NetworkService{mirror.AmazonDNS}
		}
		for number := range r.IntN(12) {
			rule := mirror.Rule{
				Direction: draw(r, mirror.Directions...), Number: number + 1, Action: draw(r, mirror.Actions...),
				SourceCIDR: netip.PrefixFrom(own, draw(r, 0, 8, 31)).Masked(), DestinationCIDR: netip.PrefixFrom(own, draw(r, 0, 8, 31)).Masked(),
			}
			if r.IntN(2) == 0 {
				rule.Protocol, rule.DestinationPorts = new(draw(r, mirror.TCP, mirror.UDP)), &mirror.PortRange{From: draw(r, 1, 53), To: draw(r, 53, 443)}
			}
			s.Filter.Rules = append(s.Filter.Rules, rule)
		}
		sessions[i] = s
	}
	return sessions
}

// randomSummary sends packets of all kinds through a source.
func randomSummary(t *testing.T, r *rand.Rand, source *dataplane.Source) dataplane.Summary {
	t.Helper()
	tally := source.NewTally()
	var p packet.Packet
	for range r.IntN(300) {
		port := func() *uint16 { return new(draw(r, uint16(22), 53, 67, 68, 443, 50000)) }
		other := netip.MustParseAddr(draw(r, "10.0.1.11", "10.9.9.9", "198.51.100.1", "169.254.169.254", "169.254.169.253", "10.0.0.2"))
		spec := packet.Spec{Protocol: draw[uint8](r, 6, 17), Source: own, Destination: other, SourcePort: port(), DestinationPort: port()}
		direction := mirror.Egress
		if r.IntN(2) == 0 {
			spec.Source, spec.Destination, direction = other, own, mirror.Ingress
		}
		if r.IntN(8) == 0 {
			spec.LaterFragment, spec.SourcePort, spec.DestinationPort = true, nil, nil
		}
		frame, err := packet.Build(spec)
		if err != nil {
			t.Fatal(err)
		}
		link := packet.LinkEthernet
		switch r.IntN(12) {
		case 0: // the capture ends in the headers
			p.Decode(frame[:14+r.IntN(len(frame)-14)], link)
		case 1: // ARP and others that are not IP
			frame[12], frame[13] = 8, draw[byte](r, 6, 7)
			p.Decode(frame, link)
		case 2:
			direction = draw(r, mirror.Ingress, mirror.Egress, "")
			fallthrough
		default:
			p.Decode(frame, link)
		}
		tally.Process(&p, direction)
	}
	return tally.Summary()
}

// As many packets come into a node of the picture as go out, and what arrives at its ends is what
// the summary counts.
func TestPaths(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(15, 1))
	seen := map[dataplane.Reason]int{}
	fellThrough := 0
	for range 500 {
		source := newSource(t, mirror.Interface{PrivateIPAddress: own, DNSResolverAddresses: []netip.Addr{netip.MustParseAddr("10.0.0.2")}}, randomSessions(r), dataplane.Options{RejectStops: r.IntN(3) == 0})
		summary := randomSummary(t, r, source)
		s, err := report.Paths(dataplane.FactsOf(source), summary)
		if err != nil {
			t.Fatalf("%v of %+v", err, summary)
		}
		if _, err := s.SVG(); err != nil {
			t.Fatal(err)
		}
		checkConserved(t, s, summary)
		checkRejected(t, s, summary, dataplane.FactsOf(source))
		for reason := range summary.NotMirrored {
			seen[reason]++
		}
		for _, rule := range summary.Rules {
			if rule.Hits != rule.Packets {
				fellThrough++
			}
		}
		if t.Failed() {
			t.Fatalf("the summary is %+v", summary)
		}
	}
	if len(seen) < 12 || fellThrough < 100 {
		t.Errorf("only these reasons were drawn: %v; %d rules rejected packets that a later session took", seen, fellThrough)
	}
}

func checkConserved(t *testing.T, s picture.Sankey, summary dataplane.Summary) {
	t.Helper()
	in, out := map[string]int64{}, map[string]int64{}
	for _, l := range s.Links {
		if l.Weight < 0 {
			t.Errorf("%s > %s has %d packets", l.From, l.To, l.Weight)
		}
		out[l.From] += l.Weight
		in[l.To] += l.Weight
	}
	ends := map[string]int64{}
	for _, c := range s.Columns {
		for _, n := range c.Nodes {
			switch {
			case n.Key == "interface":
				if out[n.Key] != summary.Packets {
					t.Errorf("%d of %d packets leave the interface", out[n.Key], summary.Packets)
				}
			case out[n.Key] == 0:
				ends[n.Detail] += in[n.Key]
				if n.Kind == picture.Good {
					ends["mirrored"] += in[n.Key]
				}
			case in[n.Key] != out[n.Key]:
				t.Errorf("%d packets come to %s, and %d leave it", in[n.Key], n.Key, out[n.Key])
			}
		}
	}
	want := maps.Clone(summary.NotMirrored)
	for reason, n := range want {
		if ends[reason.Sentence()] != n {
			t.Errorf("%s: %d packets, not %d", reason, ends[reason.Sentence()], n)
		}
	}
	if ends["mirrored"] != summary.Mirrored {
		t.Errorf("mirrored: %d packets, not %d", ends["mirrored"], summary.Mirrored)
	}
	for _, r := range summary.Rules {
		if r.RuleNumber != nil && in[ruleKey(r)] != r.Hits {
			t.Errorf("%s has %d packets, not %d", ruleKey(r), in[ruleKey(r)], r.Hits)
		}
	}
}

// checkRejected checks that packets go from a rule that rejects to the next session, or nowhere if
// there is none or if rejecting ends the search.
func checkRejected(t *testing.T, s picture.Sankey, summary dataplane.Summary, facts dataplane.Facts) {
	t.Helper()
	next, rejects := map[int]string{}, map[string]bool{}
	for i, session := range facts.Sessions {
		if i+1 < len(facts.Sessions) && !facts.Options.RejectStops {
			next[session.Number] = fmt.Sprintf("session %d", i+1)
		}
		for _, rule := range session.Filter.Rules {
			rejects[fmt.Sprintf("rule %d %s %d", session.Number, rule.Direction, rule.Number)] = rule.Action == mirror.Reject
		}
	}
	to := map[string]string{}
	for _, l := range s.Links {
		to[l.From] = l.To
	}
	for _, r := range summary.Rules {
		if r.RuleNumber == nil || r.Hits == 0 || !rejects[ruleKey(r)] {
			continue
		}
		if want := next[r.SessionNumber]; want != "" && to[ruleKey(r)] != want || want == "" && to[to[ruleKey(r)]] != "" {
			t.Errorf("packets that %s rejects go to %q, not to %q", ruleKey(r), to[ruleKey(r)], want)
		}
	}
}

func ruleKey(r dataplane.RuleSummary) string {
	return fmt.Sprintf("rule %d %s %d", r.SessionNumber, r.Direction, *r.RuleNumber)
}

// Counts that contradict each other are an error, and no picture.
func TestPaths_contradiction(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(15, 2))
	refused := 0
	for range 300 {
		source := newSource(t, mirror.Interface{PrivateIPAddress: own}, randomSessions(r), dataplane.Options{})
		summary := randomSummary(t, r, source)
		switch r.IntN(3) {
		case 0:
			summary.Packets++
		case 1:
			summary.NotMirrored[draw(r, dataplane.ARP, dataplane.RuleRejects, dataplane.NoRule)]++
		default:
			if len(summary.Rules) == 0 {
				continue
			}
			summary.Rules[r.IntN(len(summary.Rules))].Hits += 1000
		}
		s, err := report.Paths(dataplane.FactsOf(source), summary)
		if err == nil {
			_, err = s.SVG()
		}
		if err == nil {
			t.Fatalf("no error of %+v", summary)
		}
		refused++
	}
	if refused < 200 {
		t.Errorf("only %d summaries were refused", refused)
	}
}
