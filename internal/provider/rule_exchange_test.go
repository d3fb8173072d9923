package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/smithy-go"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// An exchangeTest is a filter on an embedded EC2, whose rules are changed as
// Terraform does it, without its timing.
type exchangeTest struct {
	*testing.T
	*Client
	filterID string
	rules    []mirror.Rule // as far as the rules themselves know
	wanted   []mirror.Rule
	modified atomic.Int32
	joined   chan bool
}

// newExchange makes a filter with ingress rules.
func newExchange(t *testing.T, numbers ...int) *exchangeTest {
	t.Helper()
	handler, err := emulator.New(emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db")})
	if err != nil {
		t.Fatal(err)
	}
	x := &exchangeTest{T: t, Client: newClient(aws.Config{
		Region:      "us-east-1",
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		HTTPClient:  &http.Client{Transport: emulator.Transport(handler)},
	}, "http://ec2.emulator.invalid", "aws", "123456789012")}
	filter, err := x.createFilter(t.Context(), &ec2.CreateTrafficMirrorFilterInput{})
	if err != nil {
		t.Fatal(err)
	}
	x.filterID = *filter.TrafficMirrorFilter.TrafficMirrorFilterId
	for _, rule := range numbered(numbers...) {
		rule.FilterID = x.filterID
		made, err := x.takeStep(t.Context(), ruleStep{createCall, rule})
		if err != nil {
			t.Fatal(err)
		}
		x.rules = append(x.rules, made.rule)
	}
	x.wanted = slices.Clone(x.rules)
	modify := x.modifyRule
	x.modifyRule = func(ctx context.Context, in *ec2.ModifyTrafficMirrorFilterRuleInput, options ...func(*ec2.Options)) (*ec2.ModifyTrafficMirrorFilterRuleOutput, error) {
		x.modified.Add(1)
		return modify(ctx, in, options...)
	}
	return x
}

// gathers makes rules start when so many have come. Resting takes no time, or no end.
func (x *exchangeTest) gathers(count int32, rests bool) {
	var came atomic.Int32
	x.joined = make(chan bool, 100)
	x.exchanges = exchanges{after: func(d time.Duration, f func()) {
		if d == gatherTime {
			x.joined <- true
		}
		if d == gatherTime && came.Add(1) >= count || d != gatherTime && rests {
			go f()
		}
	}}
}

func (x *exchangeTest) live() []mirror.Rule {
	filter, err := x.Inventory.Filter(context.Background(), x.filterID)
	if err != nil {
		x.Error(err)
	}
	return filter.Noun.Rules
}

// watch checks after each call that the filter accepts nothing that neither the rules
// of now nor the wanted ones accept.
func (x *exchangeTest) watch() {
	modify, before := x.modifyRule, slices.Clone(x.rules)
	x.modifyRule = func(ctx context.Context, in *ec2.ModifyTrafficMirrorFilterRuleInput, options ...func(*ec2.Options)) (*ec2.ModifyTrafficMirrorFilterRuleOutput, error) {
		out, err := modify(ctx, in, options...)
		rules := x.live()
		for _, d := range mirror.Directions {
			if analysis.MayExist([][]mirror.Rule{inDirection(rules, d)}, [][]mirror.Rule{inDirection(before, d), inDirection(x.wanted, d)}) {
				x.Errorf("a packet leaks: %v, from %v to %v", rules, before, x.wanted)
			}
		}
		return out, err
	}
}

// change gives rules other numbers, so many at a time, and returns the errors. What
// it learns of each rule has to be what the filter has.
func (x *exchangeTest) change(parallelism int, numbers ...int) []error {
	for i, n := range numbers {
		x.wanted[i].Number = n
	}
	workers, errs := make(chan bool, parallelism), make([]error, len(numbers))
	var group sync.WaitGroup
	for i := range numbers {
		workers <- true
		group.Go(func() {
			errs[i] = x.changeOne(x.Context(), i)
			<-workers
		})
	}
	group.Wait()
	for _, r := range x.rules {
		if !slices.ContainsFunc(x.live(), func(o mirror.Rule) bool { return o.ID == r.ID && sameRule(o, r) }) {
			x.Errorf("EC2 does not have %v", r)
		}
	}
	return slices.DeleteFunc(errs, func(err error) bool { return err == nil })
}

func (x *exchangeTest) changeOne(ctx context.Context, i int) error {
	at, err := x.changeRule(ctx, x.rules[i], x.wanted[i], false)
	if err == nil && !sameRule(at, x.wanted[i]) {
		x.Errorf("%v has become %v", x.wanted[i], at)
	}
	x.rules[i] = at
	return err
}

// Rules that are under way together come to their numbers in one run, each with one
// call, and one more for each circle of them.
func TestExchange_together(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		from, to []int
		calls    int32
	}{
		"one":         {[]int{1}, []int{2}, 1},
		"swap":        {[]int{1, 2}, []int{2, 1}, 3},
		"chain":       {[]int{1, 2, 3}, []int{2, 3, 4}, 3},
		"circle":      {[]int{1, 2, 3}, []int{2, 3, 1}, 4},
		"reverse ten": {[]int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, []int{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 15},
		"spread":      {[]int{100, 200, 300, 400}, []int{400, 100, 200, 300}, 5},
		"at the ends": {[]int{1, 32766}, []int{32766, 1}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newExchange(t, c.from...)
			x.gathers(int32(len(c.from)), false)
			x.watch()
			if errs := x.change(len(c.from), c.to...); len(errs) > 0 {
				t.Error(errs)
			}
			if got := x.modified.Load(); got != c.calls {
				t.Errorf("%d calls, want %d", got, c.calls)
			}
		})
	}
}

// A rule that comes while another waits for it takes part.
func TestExchange_late(t *testing.T) {
	t.Parallel()
	x := newExchange(t, 1, 2, 3)
	x.gathers(1, false)
	if errs := x.change(3, 2, 3, 1); len(errs) > 0 {
		t.Error(errs)
	}
}

// Rules that go from one direction to the other exchange their numbers too.
func TestExchange_directions(t *testing.T) {
	t.Parallel()
	x := newExchange(t, 1, 2)
	x.gathers(1, false)
	x.wanted[1].Direction = mirror.Egress
	if errs := x.change(2, 1, 1); len(errs) > 0 {
		t.Fatal(errs)
	}
	x.gathers(2, false)
	x.wanted = slices.Clone(x.rules)
	x.wanted[0].Direction, x.wanted[1].Direction = mirror.Egress, mirror.Ingress
	if errs := x.change(2, 1, 1); len(errs) > 0 {
		t.Error(errs)
	}
}

// Fewer rules at a time than exchange numbers: some give up, and the next run ends
// it.
func TestExchange_parallelism(t *testing.T) {
	t.Parallel()
	for _, parallelism := range []int{1, 2, 3} {
		t.Run(fmt.Sprint(parallelism), func(t *testing.T) {
			t.Parallel()
			x := newExchange(t, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
			x.gathers(1, true)
			errs := x.change(parallelism, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1)
			t.Logf("%d of 10 gave up, after %d calls", len(errs), x.modified.Load())
			var crowded *crowdedError
			for _, err := range errs {
				if !errors.As(err, &crowded) {
					t.Errorf("%v", err)
				}
			}
			if len(errs) == 0 {
				t.Error("none gave up")
			}
			x.gathers(1, true)
			if errs := x.change(parallelism, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1); len(errs) > 0 {
				t.Errorf("the second run: %v", errs)
			}
		})
	}
}

// The number of a rule that nobody moves is refused in the end, with its name. The
// rule that wanted it steps aside once.
func TestExchange_holderStays(t *testing.T) {
	t.Parallel()
	x := newExchange(t, 1, 2)
	holder := x.rules[1].ID
	for _, aside := range []bool{false, true} {
		x.gathers(1, true)
		x.wanted[0].Number = 2
		at, err := x.changeRule(t.Context(), x.rules[0], x.wanted[0], aside)
		for _, part := range []string{"Number 2 of the ingress rules of " + x.filterID + " is that of " + holder, "ingress_rules", "import {"} {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%v\nwant %q", err, part)
			}
		}
		if stepped := at.Number != x.rules[0].Number; stepped == aside {
			t.Errorf("number %d became %d", x.rules[0].Number, at.Number)
		}
		x.rules[0] = at
	}
	if got := x.modified.Load(); got != 1 {
		t.Errorf("%d calls, want 1", got)
	}
}

// A rule that waits can be cancelled, and is where it was. The one that waits for it
// hears of that at once.
func TestExchange_cancelled(t *testing.T) {
	t.Parallel()
	x := newExchange(t, 1, 2, 3)
	x.gathers(2, false)
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	x.wanted[0].Number, x.wanted[1].Number = 3, 1
	errs := make([]error, 2)
	for i, ctx := range []context.Context{ctx, t.Context()} {
		group.Go(func() { errs[i] = x.changeOne(ctx, i) })
		<-x.joined
	}
	cancel()
	group.Wait()
	var crowded *crowdedError
	if !errors.Is(errs[0], context.Canceled) || x.rules[0].Number != 1 || !errors.As(errs[1], &crowded) {
		t.Errorf("%v, %v: %v", errs[0], errs[1], x.rules)
	}
}

// When one rule fails, the one that waits for its number hears of it at once.
func TestExchange_memberFails(t *testing.T) {
	t.Parallel()
	x := newExchange(t, 1, 2)
	x.gathers(2, false)
	modify, refused, failing := x.modifyRule, &smithy.GenericAPIError{Code: "UnauthorizedOperation"}, x.rules[1].ID
	x.modifyRule = func(ctx context.Context, in *ec2.ModifyTrafficMirrorFilterRuleInput, options ...func(*ec2.Options)) (*ec2.ModifyTrafficMirrorFilterRuleOutput, error) {
		if *in.TrafficMirrorFilterRuleId == failing {
			return nil, refused
		}
		return modify(ctx, in, options...)
	}
	errs := x.change(2, 2, 3)
	var crowded *crowdedError
	if len(errs) != 2 || !errors.As(errs[0], &crowded) || !errors.Is(errs[1], refused) {
		t.Errorf("%v", errs)
	}
}

// A number becomes free by a delete, and goes to a rule that changes and, from that,
// to one that is created.
func TestExchange_deleteAndCreate(t *testing.T) {
	t.Parallel()
	x := newExchange(t, 1, 2)
	x.gathers(2, false)
	end := x.exchanges.of(x.filterID).delete(x.rules[1].ID)
	created := numbered(1)[0]
	created.FilterID, created.SourceCIDR = x.filterID, netip.MustParsePrefix("10.9.0.0/16")
	var group sync.WaitGroup
	group.Go(func() {
		err := x.newRule(t.Context(), created, func() (mirror.Rule, error) {
			made, err := x.takeStep(t.Context(), ruleStep{createCall, created})
			return made.rule, err
		})
		if err != nil {
			t.Error(err)
		}
	})
	x.wanted = []mirror.Rule{x.rules[0], created}
	x.wanted[0].Number = 2
	group.Go(func() {
		if _, err := x.changeRule(t.Context(), x.rules[0], x.wanted[0], false); err != nil {
			t.Error(err)
		}
	})
	<-x.joined
	<-x.joined
	if _, err := x.deleteRule(t.Context(), &ec2.DeleteTrafficMirrorFilterRuleInput{TrafficMirrorFilterRuleId: &x.rules[1].ID}); err != nil {
		t.Error(err)
	}
	end(true)
	group.Wait()
	if got := inDirection(x.live(), mirror.Ingress); !slices.EqualFunc(got, []mirror.Rule{created, x.wanted[0]}, sameRule) {
		t.Errorf("%v", got)
	}
}

// A number that looks free and is refused is tried for a while, in case that what was
// read is old.
func TestExchange_refused(t *testing.T) {
	t.Parallel()
	x := newExchange(t, 1)
	modify, taken := x.modifyRule, &smithy.GenericAPIError{Code: ruleNumberTaken}
	for name, c := range map[string]struct {
		times int32
		want  error
	}{"for a while": {3, nil}, "for ever": {1000, taken}} {
		x.gathers(1, true)
		x.modified.Store(0)
		x.modifyRule = func(ctx context.Context, in *ec2.ModifyTrafficMirrorFilterRuleInput, options ...func(*ec2.Options)) (*ec2.ModifyTrafficMirrorFilterRuleOutput, error) {
			if x.modified.Load() < c.times {
				x.modified.Add(1)
				return nil, taken
			}
			return modify(ctx, in, options...)
		}
		x.wanted[0].Number = x.rules[0].Number + 1
		if err := x.changeOne(t.Context(), 0); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if n := x.modified.Load(); n < 4 || n > 50 {
			t.Errorf("%s: %d calls", name, n)
		}
	}
}

// What a run has done itself is believed more than a reading that does not show it
// yet.
func TestExchange_stale(t *testing.T) {
	t.Parallel()
	rules := numbered(1, 2, 3)
	e := (&exchanges{after: func(time.Duration, func()) {}}).of("tmf-1")
	moved, gone := rules[0], rules[1]
	moved.Number = 9
	e.note(moved)
	e.delete(gone.ID)(true)
	e.saw(rules)
	if got := inDirection(e.rules, mirror.Ingress); !slices.EqualFunc(got, []mirror.Rule{rules[2], moved}, sameRule) {
		t.Errorf("%v", got)
	}
}
