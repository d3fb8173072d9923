package account_test

import (
	"context"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

// newThrottled returns a lab whose EC2 enforces the limits by the clock of the accounts.
func newThrottled(t *testing.T) (*lab, *handClock) {
	t.Helper()
	clock := &handClock{}
	handler, err := emulator.New(emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Throttle: true, Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	return &lab{t: t, handler: handler, calls: map[string]int{}, options: account.Options{Clock: clock, ReadEach: true, Limited: true}}, clock
}

// Requests stay inside the limits of EC2, whatever the action, and use them up.
func TestLimiter(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		call func(context.Context, *account.Account) error
		n    int
		want time.Duration
	}{
		"describes": {func(ctx context.Context, a *account.Account) error { _, err := a.Filters(ctx); return err }, 300, 10 * time.Second},
		"describes by ID, of everything": {func(ctx context.Context, a *account.Account) error {
			if _, err := a.Interface(ctx, eni); !account.IsNotFound(err) {
				return err
			}
			return nil
		}, 150, 10 * time.Second},
		"pages of interfaces": {func(ctx context.Context, a *account.Account) error { _, err := a.Interfaces(ctx); return err }, 200, 5 * time.Second},
		"changes": {func(ctx context.Context, a *account.Account) error {
			_, err := a.CreateFilter(ctx, "", nil, account.NewToken())
			return err
		}, 100, 10 * time.Second},
		"questions with DryRun": {func(ctx context.Context, a *account.Account) error {
			if err := a.HonoursDryRun(ctx); !account.IsPermitted(err) {
				return err
			}
			return nil
		}, 140, 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, clock := newThrottled(t)
			a := l.open()
			for range c.n {
				if err := c.call(t.Context(), a); err != nil {
					t.Fatal(err)
				}
			}
			if got := time.Duration(clock.now.Load()); got < c.want-time.Second/2 || got > c.want+time.Second {
				t.Errorf("%d requests take %s, want %s", c.n, got, c.want)
			}
		})
	}
}

// Each Region and each action has a bucket of its own, and all views of an account share them.
func TestLimiter_buckets(t *testing.T) {
	t.Parallel()
	l, clock := newThrottled(t)
	ctx, home, abroad := t.Context(), l.in("us-east-1"), l.in("eu-west-1")
	for range 50 {
		must(home.Filters(ctx))(t)
		must(home.Fresh().Live().Filters(ctx))(t)
		must(home.Sessions(ctx))(t)
		must(abroad.Filters(ctx))(t)
	}
	if clock.now.Load() != 0 {
		t.Errorf("waited until %s", time.Duration(clock.now.Load()))
	}
	must(home.Watched(func(ctx context.Context, call func(context.Context) error) error { return call(ctx) }).Filters(ctx))(t)
	if clock.now.Load() == 0 {
		t.Error("request 101 of an action has not waited")
	}
}

// Other programs use the limits of the account too: answers that throttle lower the rate, and
// other answers raise it again. The SDK's tries take tokens too.
func TestLimiter_adapts(t *testing.T) {
	t.Parallel()
	l, clock := newThrottled(t)
	var throttled atomic.Int32
	var at []time.Time // of the requests that were answered
	tokens, filled := 0.0, clock.Now()
	others := true
	l.answers = func(url.Values) (int, string) {
		now := clock.Now()
		// While others use most of the limit, five a second are left.
		tokens, filled = min(5, tokens+5*now.Sub(filled).Seconds()), now
		if others && tokens < 1 {
			throttled.Add(1)
			return http.StatusServiceUnavailable, refusal("", 0, "RequestLimitExceeded").body
		}
		tokens--
		at = append(at, now)
		return http.StatusOK, empty(describeFilters).body
	}
	config := configOf("http://ec2.emulator.invalid")
	config.HTTPClient = &http.Client{Transport: emulator.Transport(l)}
	config.RetryMaxAttempts = 0
	config.Retryer = func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.RateLimiter = 25, ratelimit.None
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		})
	}
	a := account.New(config, l.options)
	for range 200 {
		must(a.Filters(t.Context()))(t)
	}
	if n := throttled.Load(); n == 0 || n > 60 {
		t.Errorf("%d throttled answers to 200 requests", n)
	}
	others = false
	slow := clock.Now()
	for range 400 {
		must(a.Filters(t.Context()))(t)
	}
	if took := clock.Now().Sub(slow); took > 45*time.Second || took < 15*time.Second {
		t.Errorf("400 requests take %s when nobody else asks any longer", took)
	}
	end := at[len(at)-1].Sub(at[len(at)-101])
	if end > 6*time.Second {
		t.Errorf("the last 100 requests take %s: the rate has not risen again", end)
	}
}

// An endpoint of AWS is limited. Another one is limited after the first answer that throttles.
func TestLimiter_endpoints(t *testing.T) {
	t.Parallel()
	for host, isLimited := range map[string]bool{
		"ec2.us-east-1.amazonaws.com": true, "ec2.us-east-1.api.aws": true, "ec2.cn-north-1.amazonaws.com.cn": true, "vpce-1.ec2.us-east-1.vpce.amazonaws.com": true,
		"localhost:4566": false, "amazonaws.com.example.org": false,
	} {
		l, clock := newThrottled(t)
		throttles := atomic.Bool{}
		l.answers = func(url.Values) (int, string) {
			if throttles.Swap(false) {
				return http.StatusServiceUnavailable, refusal("", 0, "RequestLimitExceeded").body
			}
			return http.StatusOK, empty(describeFilters).body
		}
		config := configOf("http://" + host)
		config.HTTPClient = &http.Client{Transport: emulator.Transport(l)}
		a := account.New(config, account.Options{Clock: clock, ReadEach: true})
		ask := func(n int) time.Duration {
			before := clock.Now()
			for range n {
				must(a.Filters(t.Context()))(t)
			}
			return clock.Now().Sub(before)
		}
		if waited := ask(200) > 0; waited != isLimited {
			t.Errorf("%s: waited: %v", host, waited)
		}
		throttles.Store(true)
		if _, err := a.Filters(t.Context()); !account.IsThrottled(err) {
			t.Errorf("%s: %v", host, err)
		}
		if ask(20) == 0 {
			t.Errorf("%s: has not waited after a throttled answer", host)
		}
	}
}

// A request that waits for a token ends with its context.
func TestLimiter_cancelled(t *testing.T) {
	t.Parallel()
	l, _ := newThrottled(t)
	stopped := &stoppedClock{waits: make(chan bool, 10)}
	l.options.Clock = stopped
	l.answers = func(url.Values) (int, string) { return http.StatusOK, empty(describeFilters).body }
	a := l.open()
	for range 100 {
		must(a.Filters(t.Context()))(t)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() {
		if _, err := a.Filters(ctx); err == nil {
			t.Error("no error")
		}
	})
	<-stopped.waits
	cancel()
	all.Wait()
	if n := l.total(); n != 100 {
		t.Errorf("%d requests", n)
	}
}

// A stoppedClock does not move.
type stoppedClock struct{ waits chan bool }

func (c *stoppedClock) Now() time.Time                  { return time.Unix(0, 0) }
func (c *stoppedClock) AfterFunc(time.Duration, func()) { c.waits <- true }

// Who waits for an answer learns that a request waits for a token: EC2 is not silent meanwhile.
func TestLimiter_reports(t *testing.T) {
	t.Parallel()
	l, _ := newThrottled(t)
	l.answers = func(url.Values) (int, string) { return http.StatusOK, empty(describeFilters).body }
	for name, readEach := range map[string]bool{"a read of its own": true, "a read that others share": false} {
		l.options.ReadEach = readEach
		var tries []error
		a := l.open()
		watched := a.Watched(func(ctx context.Context, call func(context.Context) error) error {
			return call(account.EachTry(ctx, func(err error) { tries = append(tries, err) }))
		})
		must(watched.Fresh().Filters(t.Context()))(t)
		for range 99 {
			must(a.Fresh().Filters(t.Context()))(t)
		}
		must(watched.Fresh().Filters(t.Context()))(t)
		if want := []error{nil, account.ErrPaced, nil}; !slices.Equal(tries, want) {
			t.Errorf("%s: got %v, want %v", name, tries, want)
		}
	}
}
