package reconcile

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// checkSteps makes the steps one after another and checks each moment. It returns
// how many steps there were, how many rules differ, and how many moments lose
// packets.
func checkSteps(t *testing.T, present, wanted []mirror.Rule) (steps, changes, losses int) {
	t.Helper()
	rules := slices.Clone(present)
	all := ruleSteps(present, wanted)
	for i, s := range all {
		rules = applyStep(rules, s)
		if s.call == createCall {
			rules[len(rules)-1].ID = fmt.Sprintf("created-%d", i)
		}
		losses += checkMoment(t, present, wanted, rules, all[:i+1])
	}
	for _, d := range mirror.Directions {
		got, want := inDirection(rules, d), inDirection(wanted, d)
		if !slices.EqualFunc(got, want, mirror.SameRule) {
			t.Fatalf("from %v\nto   %v\ngot  %v\nby %v", present, wanted, got, all)
		}
		changes += len(pairRules(inDirection(present, d), want))
	}
	return len(all), changes, losses
}

func checkMoment(t *testing.T, present, wanted, rules []mirror.Rule, steps []ruleStep) (losses int) {
	t.Helper()
	if len(rules) > max(len(present), len(wanted)) {
		t.Fatalf("from %v\nto %v\nthere are %d rules after %v", present, wanted, len(rules), steps)
	}
	for _, d := range mirror.Directions {
		now, before, after := inDirection(rules, d), inDirection(present, d), inDirection(wanted, d)
		for i := range now[:max(0, len(now)-1)] {
			if now[i].Number == now[i+1].Number {
				t.Fatalf("from %v\nto %v\nnumber %d stands twice after %v", present, wanted, now[i].Number, steps)
			}
		}
		if analysis.MayExist([][]mirror.Rule{now}, [][]mirror.Rule{before, after}) {
			t.Fatalf("from %v\nto %v\na packet leaks after %v", present, wanted, steps)
		}
		if analysis.MayExist([][]mirror.Rule{before, after}, [][]mirror.Rule{now}) {
			losses++
		}
	}
	return losses
}

func numbered(numbers ...int) []mirror.Rule {
	rules := make([]mirror.Rule, len(numbers))
	for i, n := range numbers {
		rules[i] = mirror.Rule{
			ID: fmt.Sprint(i), Direction: mirror.Ingress, Number: n, Action: mirror.Actions[i%2],
			SourceCIDR: netip.MustParsePrefix(fmt.Sprintf("10.%d.0.0/16", i/2)), DestinationCIDR: netip.MustParsePrefix("0.0.0.0/0"),
		}
	}
	return rules
}

// Rules in the reverse order: one call each, also where there are far more of them
// than the usual quota allows.
func TestRuleSteps_reverse(t *testing.T) {
	t.Parallel()
	for _, count := range []int{10, 60} {
		var up, down []int
		for n := range count {
			up, down = append(up, n+1), append(down, count-n)
		}
		if steps, _, _ := checkSteps(t, numbered(up...), numbered(down...)); steps != count {
			t.Errorf("%d steps for %d rules", steps, count)
		}
	}
}

// Inserting before dense rules shifts them all: one call each.
func TestRuleSteps_insert(t *testing.T) {
	t.Parallel()
	wanted := numbered(2, 3, 4, 5)
	first := wanted[0]
	first.Number, first.SourceCIDR = 1, netip.MustParsePrefix("10.9.0.0/16")
	if steps, _, _ := checkSteps(t, numbered(1, 2, 3, 4), append(wanted, first)); steps != 5 {
		t.Errorf("%d steps", steps)
	}
}

// What is as it should be takes no call.
func TestRuleSteps_none(t *testing.T) {
	t.Parallel()
	if steps := ruleSteps(numbered(1, 2, 3), numbered(1, 2, 3)); steps != nil {
		t.Errorf("%v", steps)
	}
}

func TestRuleSteps_random(t *testing.T) {
	t.Parallel()
	count := 400
	if testing.Short() {
		count = 50
	}
	for _, dense := range []bool{true, false} {
		t.Run(fmt.Sprintf("dense=%v", dense), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(1, 2))
			steps, changes, losses, extra := 0, 0, 0, 0
			for range count {
				s, c, l := checkSteps(t, randomRules(random, dense), randomRules(random, dense))
				steps, changes, losses = steps+s, changes+c, losses+l
				if s > c {
					extra++
				}
			}
			t.Logf("%d cases: %d steps for %d changes, %d cases with more steps than changes, %d moments with loss", count, steps, changes, extra, losses)
			if extra > count/10 {
				t.Errorf("%d of %d cases need more steps than rules change", extra, count)
			}
		})
	}
}

func randomRules(random *rand.Rand, dense bool) []mirror.Rule {
	numbers := random.Perm(9)
	if !dense {
		numbers = random.Perm(1000)
	}
	rules := make([]mirror.Rule, random.IntN(9))
	pick := func() netip.Prefix {
		return netip.MustParsePrefix([]string{"0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.2.0.0/16"}[random.IntN(4)])
	}
	for i := range rules {
		r := mirror.Rule{
			ID: fmt.Sprint(i), Direction: mirror.Directions[random.IntN(8)/7], Number: numbers[i] + 1, Action: mirror.Actions[random.IntN(2)],
			SourceCIDR: pick(), DestinationCIDR: pick(),
		}
		if random.IntN(2) == 0 {
			p := []mirror.Protocol{mirror.TCP, mirror.UDP}[random.IntN(2)]
			r.Protocol = &p
			r.DestinationPorts = []*mirror.PortRange{nil, {From: 0, To: 79}, {From: 22, To: 443}}[random.IntN(3)]
		}
		rules[i] = r
	}
	return rules
}
