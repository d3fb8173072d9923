package dataplane_test

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A change of a filter that does not change its meaning changes no verdict. The
// rule numbers are spread out first, to make room for more rules.
func TestChangesThatChangeNothing(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(world, []mirror.Rule) []mirror.Rule{
		"shuffled": func(w world, rules []mirror.Rule) []mirror.Rule {
			w.Shuffle(len(rules), func(i, j int) { rules[i], rules[j] = rules[j], rules[i] })
			return rules
		},
		"source prefix in halves":       splitEach(func(r *mirror.Rule) *netip.Prefix { return &r.SourceCIDR }),
		"destination prefix in halves":  splitEach(func(r *mirror.Rule) *netip.Prefix { return &r.DestinationCIDR }),
		"source ports in two parts":     splitPortsOfEach(func(r *mirror.Rule) **mirror.PortRange { return &r.SourcePorts }),
		"destination ports in two":      splitPortsOfEach(func(r *mirror.Rule) **mirror.PortRange { return &r.DestinationPorts }),
		"rules that others cover added": coverEach,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := 0
			for seed := range uint64(60) {
				w := newWorld(seed, 7)
				before := w.session(1, 1+w.IntN(30))
				for i := range before.Filter.Rules {
					before.Filter.Rules[i].Number *= 10
				}
				after := before
				after.Filter.Rules = change(w, slices.Clone(before.Filter.Rules))
				if len(after.Filter.Rules) != len(before.Filter.Rules) {
					changed++
				}
				checkSameVerdicts(t, w, before, after)
			}
			if name != "shuffled" && changed < 30 {
				t.Errorf("only %d of 60 filters were changed", changed)
			}
		})
	}
}

// checkSameVerdicts compares verdicts. A part of a rule counts as the rule: its
// number is at most nine higher.
func checkSameVerdicts(t *testing.T, w world, before, after dataplane.Session) {
	t.Helper()
	a, b := newSourceOn(t, boundless(), before), newSourceOn(t, boundless(), after)
	for range 100 {
		frame, f := w.packet()
		p := decodeFrame(frame)
		was, is := a.Process(p, f.direction), b.Process(p, f.direction)
		is.RuleNumber -= is.RuleNumber % 10
		if visible(was) != visible(is) {
			t.Errorf("%s:\n was %s\n  is %s", dataplane.Describe(p), visible(was), visible(is))
		}
	}
}

func splitEach(field func(*mirror.Rule) *netip.Prefix) func(world, []mirror.Rule) []mirror.Rule {
	return func(_ world, rules []mirror.Rule) (parts []mirror.Rule) {
		for _, r := range rules {
			prefix := *field(&r)
			if prefix.IsSingleIP() {
				parts = append(parts, r)
				continue
			}
			low := netip.PrefixFrom(prefix.Addr(), prefix.Bits()+1)
			b := prefix.Addr().AsSlice()
			b[prefix.Bits()/8] |= 0x80 >> (prefix.Bits() % 8)
			half, _ := netip.AddrFromSlice(b)
			*field(&r) = low
			parts = append(parts, r)
			*field(&r) = netip.PrefixFrom(half, low.Bits())
			r.Number++
			parts = append(parts, r)
		}
		return parts
	}
}

func splitPortsOfEach(field func(*mirror.Rule) **mirror.PortRange) func(world, []mirror.Rule) []mirror.Rule {
	return func(w world, rules []mirror.Rule) (parts []mirror.Rule) {
		for _, r := range rules {
			whole := *field(&r)
			if whole == nil || whole.From == whole.To {
				parts = append(parts, r)
				continue
			}
			middle := whole.From + w.IntN(whole.To-whole.From)
			*field(&r) = &mirror.PortRange{From: whole.From, To: middle}
			parts = append(parts, r)
			*field(&r) = &mirror.PortRange{From: middle + 1, To: whole.To}
			r.Number++
			parts = append(parts, r)
		}
		return parts
	}
}

// coverEach adds a rule after each rule. The added rule is covered, and has the
// opposite action.
func coverEach(_ world, rules []mirror.Rule) []mirror.Rule {
	for _, r := range slices.Clone(rules) {
		r.Number++
		if r.Action == mirror.Accept {
			r.Action = mirror.Reject
		} else {
			r.Action = mirror.Accept
		}
		if r.Protocol == nil {
			tcp := mirror.TCP
			r.Protocol = &tcp
		}
		r.SourceCIDR = netip.PrefixFrom(r.SourceCIDR.Addr(), r.SourceCIDR.Addr().BitLen())
		rules = append(rules, r)
	}
	return rules
}

// A packet in the other direction gets the same verdict if the rules are
// reversed.
func TestReversedPackets(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		w := newWorld(seed, 8)
		s := w.session(1, 1+w.IntN(30))
		turned := s
		turned.Filter.Rules = slices.Clone(s.Filter.Rules)
		for i := range turned.Filter.Rules {
			r := &turned.Filter.Rules[i]
			r.SourceCIDR, r.DestinationCIDR = r.DestinationCIDR, r.SourceCIDR
			r.SourcePorts, r.DestinationPorts = r.DestinationPorts, r.SourcePorts
		}
		a, b := newSourceOn(t, boundless(), s), newSourceOn(t, boundless(), turned)
		for range 100 {
			frame, f := w.packet()
			p := decodeFrame(frame)
			q := *p
			q.Source, q.Destination, q.SourcePort, q.DestinationPort = p.Destination, p.Source, p.DestinationPort, p.SourcePort
			was, is := a.Process(p, f.direction), b.Process(&q, f.direction)
			if visible(was) != visible(is) || dataplane.SourcePort(p) != dataplane.SourcePort(&q) {
				t.Errorf("%s:\n was %s\n  is %s", dataplane.Describe(p), visible(was), visible(is))
			}
		}
	}
}
