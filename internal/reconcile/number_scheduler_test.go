package reconcile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A wire is the way to an embedded EC2. It counts the changes of rules, refuses those that
// refuse says, and calls after when one is made.
type wire struct {
	http.RoundTripper
	modified atomic.Int32
	refuse   func(ruleID string) (code string) // nil: nothing
	after    func()                            // nil: nothing
}

func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	form, err := url.ParseQuery(string(body))
	if err != nil || form.Get("Action") != "ModifyTrafficMirrorFilterRule" {
		return w.RoundTripper.RoundTrip(req)
	}
	w.modified.Add(1)
	if w.refuse != nil {
		if code := w.refuse(form.Get("TrafficMirrorFilterRuleId")); code != "" {
			text := "<Response><Errors><Error><Code>" + code + "</Code><Message>m</Message></Error></Errors><RequestID>r</RequestID></Response>"
			return &http.Response{StatusCode: http.StatusBadRequest, Header: http.Header{}, Body: io.NopCloser(bytes.NewBufferString(text)), Request: req}, nil
		}
	}
	resp, err := w.RoundTripper.RoundTrip(req)
	if w.after != nil {
		w.after()
	}
	return resp, err
}

// accountOf returns an account of a test.
func accountOf(transport http.RoundTripper, clock account.Clock) *account.Account {
	return account.New(aws.Config{
		Region: "us-east-1", RetryMaxAttempts: 1, BaseEndpoint: aws.String("http://ec2.emulator.invalid"),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		HTTPClient:  &http.Client{Transport: transport},
	}, account.Options{Clock: clock})
}

// A testClock says which waits end, and when: at once, or never.
type testClock struct {
	mu   sync.Mutex
	ends func(time.Duration) bool // nil: every wait
}

func (c *testClock) Now() time.Time { return time.Now() }

func (c *testClock) AfterFunc(d time.Duration, f func()) {
	c.mu.Lock()
	ends := c.ends
	c.mu.Unlock()
	if ends == nil || ends(d) {
		go f()
	}
}

// A schedulerTest is a filter on an embedded EC2, whose rules are changed as Terraform
// changes separate rules, without its timing.
type schedulerTest struct {
	*testing.T
	*Run
	clock    *testClock
	wire     *wire
	observer *account.Account // knows nothing of what the run has written
	filterID string
	rules    []mirror.Rule // as far as the rules themselves know
	wanted   []mirror.Rule
	joined   chan bool
}

// newSchedulerTest makes a filter with ingress rules.
func newSchedulerTest(t *testing.T, numbers ...int) *schedulerTest {
	t.Helper()
	handler, err := emulator.New(emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db")})
	if err != nil {
		t.Fatal(err)
	}
	x := &schedulerTest{T: t, clock: &testClock{}, wire: &wire{RoundTripper: emulator.Transport(handler)}}
	x.observer = accountOf(emulator.Transport(handler), account.SystemClock{}).Live()
	x.Run = New(accountOf(x.wire, x.clock), x.clock)
	filter, err := x.account.CreateFilter(t.Context(), "", nil, account.NewToken())
	if err != nil {
		t.Fatal(err)
	}
	x.filterID = filter.Noun.ID
	for _, rule := range numbered(numbers...) {
		rule.FilterID = x.filterID
		created, err := x.account.CreateRule(t.Context(), rule, nil, account.NewToken())
		if err != nil {
			t.Fatal(err)
		}
		x.rules = append(x.rules, created.Noun)
	}
	x.wanted = slices.Clone(x.rules)
	return x
}

// gathers makes the next rules start when so many have come. Resting takes no time, or
// has no end.
func (x *schedulerTest) gathers(count int32, rests bool) {
	var came atomic.Int32
	x.joined = make(chan bool, 100)
	joined := x.joined
	x.clock.mu.Lock()
	x.clock.ends = func(d time.Duration) bool {
		if d != gatherTime {
			return rests
		}
		joined <- true
		return came.Add(1) >= count
	}
	x.clock.mu.Unlock()
	x.Run.rules.mu.Lock()
	x.Run.rules.schedulers = map[string]*numberScheduler{}
	x.Run.rules.mu.Unlock()
}

func (x *schedulerTest) live() []mirror.Rule {
	filter, err := x.observer.Filter(context.Background(), x.filterID)
	if err != nil {
		x.Error(err)
	}
	return filter.Noun.Rules
}

// watch checks after each call that the filter accepts nothing that neither the rules of
// now nor the wanted ones accept.
func (x *schedulerTest) watch() {
	before := x.live() // also the rules that do not change
	x.wire.after = func() {
		rules := x.live()
		for _, d := range mirror.Directions {
			if analysis.MayExist([][]mirror.Rule{inDirection(rules, d)}, [][]mirror.Rule{inDirection(before, d), inDirection(x.wanted, d)}) {
				x.Errorf("a packet leaks: %v, from %v to %v", rules, before, x.wanted)
			}
		}
	}
}

// change gives rules other numbers, so many at a time, and returns the errors. What it
// learns of each rule has to be what the filter has.
func (x *schedulerTest) change(parallelism int, numbers ...int) []error {
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
		if !slices.ContainsFunc(x.live(), func(o mirror.Rule) bool { return o.ID == r.ID && mirror.SameRule(o, r) }) {
			x.Errorf("EC2 does not have %v", r)
		}
	}
	return slices.DeleteFunc(errs, func(err error) bool { return err == nil })
}

func (x *schedulerTest) changeOne(ctx context.Context, i int) error {
	at, _, err := x.ChangeRule(ctx, x.rules[i], x.wanted[i], false)
	if err == nil && !mirror.SameRule(at, x.wanted[i]) {
		x.Errorf("%v has become %v", x.wanted[i], at)
	}
	x.rules[i] = at
	return err
}

// Rules that are under way together get their numbers in one run, each with one
// call, and one more for each circle of them.
func TestNumberScheduler_together(t *testing.T) {
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
			x := newSchedulerTest(t, c.from...)
			x.gathers(int32(len(c.from)), false)
			x.watch()
			if errs := x.change(len(c.from), c.to...); len(errs) > 0 {
				t.Error(errs)
			}
			if got := x.wire.modified.Load(); got != c.calls {
				t.Errorf("%d calls, want %d", got, c.calls)
			}
		})
	}
}

// A rule that comes while another waits for it takes part.
func TestNumberScheduler_late(t *testing.T) {
	t.Parallel()
	x := newSchedulerTest(t, 1, 2, 3)
	x.gathers(1, false)
	if errs := x.change(3, 2, 3, 1); len(errs) > 0 {
		t.Error(errs)
	}
}

// Rules that go from one direction to the other exchange their numbers too.
func TestNumberScheduler_directions(t *testing.T) {
	t.Parallel()
	x := newSchedulerTest(t, 1, 2)
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
func TestNumberScheduler_parallelism(t *testing.T) {
	t.Parallel()
	for _, parallelism := range []int{1, 2, 3} {
		t.Run(fmt.Sprint(parallelism), func(t *testing.T) {
			t.Parallel()
			x := newSchedulerTest(t, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
			x.gathers(1, true)
			errs := x.change(parallelism, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1)
			t.Logf("%d of 10 gave up, after %d calls", len(errs), x.wire.modified.Load())
			var taken *NumberTakenError
			for _, err := range errs {
				if !errors.As(err, &taken) {
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

// The number of a rule that nobody moves is refused in the end, with the name of that
// rule. The rule that wanted the number moves aside once.
func TestNumberScheduler_holderStays(t *testing.T) {
	t.Parallel()
	x := newSchedulerTest(t, 1, 2)
	for _, alreadyMoved := range []bool{false, true} {
		x.gathers(1, true)
		x.wanted[0].Number = 2
		at, _, err := x.ChangeRule(t.Context(), x.rules[0], x.wanted[0], alreadyMoved)
		var taken *NumberTakenError
		if !errors.As(err, &taken) || taken.Wanted.Number != 2 || taken.Holder.ID != x.rules[1].ID {
			t.Fatalf("%v", err)
		}
		if moved := at.Number != x.rules[0].Number; moved == alreadyMoved || moved && taken.MovedTo != at.Number {
			t.Errorf("number %d became %d: %+v", x.rules[0].Number, at.Number, taken)
		}
		x.rules[0] = at
	}
	if got := x.wire.modified.Load(); got != 1 {
		t.Errorf("%d calls, want 1", got)
	}
}

// A rule that waits can be cancelled, and is where it was. The one that waits for it
// hears of that at once.
func TestNumberScheduler_cancelled(t *testing.T) {
	t.Parallel()
	x := newSchedulerTest(t, 1, 2, 3)
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
	var taken *NumberTakenError
	if !errors.Is(errs[0], context.Canceled) || x.rules[0].Number != 1 || !errors.As(errs[1], &taken) {
		t.Errorf("%v, %v: %v", errs[0], errs[1], x.rules)
	}
}

// When one rule fails, the one that waits for its number hears of it at once.
func TestNumberScheduler_waiterFails(t *testing.T) {
	t.Parallel()
	x := newSchedulerTest(t, 1, 2)
	x.gathers(2, false)
	failing := x.rules[1].ID
	x.wire.refuse = func(ruleID string) string {
		if ruleID == failing {
			return "UnauthorizedOperation"
		}
		return ""
	}
	errs := x.change(2, 2, 3)
	var taken *NumberTakenError
	if len(errs) != 2 || !errors.As(errs[0], &taken) || !account.IsDenied(errs[1]) {
		t.Errorf("%v", errs)
	}
}

// A number becomes free by a delete, and goes to a rule that changes and, from that,
// to one that is created.
func TestNumberScheduler_deleteAndCreate(t *testing.T) {
	t.Parallel()
	x := newSchedulerTest(t, 1, 2)
	x.gathers(2, false)
	end := x.Run.rules.scheduler(x.filterID).delete(x.rules[1].ID)
	created := numbered(1)[0]
	created.FilterID, created.SourceCIDR = x.filterID, netip.MustParsePrefix("10.9.0.0/16")
	var group sync.WaitGroup
	group.Go(func() {
		if _, err := x.CreateRule(t.Context(), created, nil); err != nil {
			t.Error(err)
		}
	})
	x.wanted = []mirror.Rule{x.rules[0], created}
	x.wanted[0].Number = 2
	group.Go(func() {
		if _, _, err := x.ChangeRule(t.Context(), x.rules[0], x.wanted[0], false); err != nil {
			t.Error(err)
		}
	})
	<-x.joined
	<-x.joined
	if err := x.account.DeleteRule(t.Context(), x.rules[1].ID, time.Time{}); err != nil {
		t.Error(err)
	}
	end(true)
	group.Wait()
	if got := inDirection(x.live(), mirror.Ingress); !slices.EqualFunc(got, []mirror.Rule{created, x.wanted[0]}, mirror.SameRule) {
		t.Errorf("%v", got)
	}
}

// A number that looks free and is refused is tried for a while, in case that what was read
// is old.
func TestNumberScheduler_refused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		times int32
		want  string
	}{"for a while": {3, ""}, "for ever": {1000, account.RuleNumberTaken}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newSchedulerTest(t, 1)
			x.gathers(1, true)
			x.wire.refuse = func(string) string {
				if x.wire.modified.Load() <= c.times {
					return account.RuleNumberTaken
				}
				return ""
			}
			x.wanted[0].Number = 2
			if err := x.changeOne(t.Context(), 0); account.Code(err) != c.want {
				t.Errorf("%v, want %q", err, c.want)
			}
			if n := x.wire.modified.Load(); n < 4 || n > 50 {
				t.Errorf("%d calls", n)
			}
		})
	}
}

// A rule that gives up moves to a number without loss, if there is one, and otherwise to one
// without a leak. The numbers that others have had are left to them.
func TestWaiterQueue_moveAside(t *testing.T) {
	t.Parallel()
	const wide, narrow = "0.0.0.0/0 > 0.0.0.0/0", "10.0.0.0/8 > 0.0.0.0/0"
	for name, c := range map[string]struct {
		rules []string // the first one moves
		want  int
		loses bool
	}{
		"an accept moves up":                        {[]string{"ingress 100 accept all " + wide}, 32766, false},
		"an accept stays before a reject":           {[]string{"ingress 100 accept all " + narrow, "ingress 200 reject all " + wide}, 199, false},
		"an accept goes behind a reject in the end": {[]string{"ingress 1 accept all " + narrow, "ingress 2 reject all " + wide}, 32766, true},
		"a reject stays before an accept":           {[]string{"ingress 100 reject all " + narrow, "ingress 200 accept all " + wide}, 199, false},
		"a reject stays behind an accept":           {[]string{"ingress 200 reject all " + wide, "ingress 100 accept all " + narrow, "ingress 300 accept all " + wide}, 299, false},
		"a reject goes before an accept in the end": {[]string{"ingress 101 reject all " + wide, "ingress 100 accept all " + narrow, "ingress 102 accept all " + wide}, 99, true},
		"a reject has no other number":              {[]string{"ingress 1 reject all " + narrow, "ingress 2 accept all " + wide}, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := waiterQueue{ruleView: newRuleView(func(rules []mirror.Rule) []mirror.Rule { return rules })}
			q.observe(rules(t, c.rules...))
			w := &waiter{change: ruleChange{from: &q.rules[0], to: &q.rules[0]}}
			q.waiters = []*waiter{w}
			step, got, loses := q.moveAside(w), 0, false
			if step != nil {
				got, loses = step.rule.Number, len(step.loses) > 0
			}
			if got != c.want || loses != c.loses {
				t.Errorf("moves to %d, loses packets: %v; want %d, %v", got, loses, c.want, c.loses)
			}
		})
	}
}

// If every order of the rules that change leaks a packet because of a rule that does not
// change, none of them changes, and the error says so.
func TestNumberScheduler_noSafeOrder(t *testing.T) {
	t.Parallel()
	x := newSchedulerTest(t, 1, 10)
	x.change(2) // only to have the rules read
	accept := numbered(1)[0]
	accept.FilterID, accept.Number, accept.Action, accept.SourceCIDR = x.filterID, 2, mirror.Accept, netip.MustParsePrefix("10.0.0.0/8")
	if _, err := x.CreateRule(t.Context(), accept, nil); err != nil {
		t.Fatal(err)
	}
	for i := range x.rules {
		r := x.rules[i]
		r.Action, r.SourceCIDR = mirror.Reject, accept.SourceCIDR
		r.DestinationCIDR = netip.MustParsePrefix([]string{"10.1.0.0/16", "10.0.0.0/8"}[i])
		changed, err := x.account.ModifyRule(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		x.rules[i] = changed
	}
	x.wanted = append(slices.Clone(x.rules), accept)
	x.gathers(2, true)
	x.wanted[0].Number, x.wanted[1].Number = 10, 1
	x.watch()
	x.wire.modified.Store(0)
	errs := x.change(2, 10, 1)
	var unsafe *NoSafeOrderError
	if len(errs) != 2 || !errors.As(errs[0], &unsafe) && !errors.As(errs[1], &unsafe) {
		t.Errorf("%v", errs)
	}
}
