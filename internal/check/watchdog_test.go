package check

import (
	"context"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A handClock stops until the test lets time pass.
type handClock struct {
	mu     sync.Mutex
	now    time.Time
	timers map[*handTimer]bool
}

type handTimer struct {
	at time.Time
	f  func()
}

// stopped returns a clock of the checks by which an EC2 is never silent for long, however slow the
// machine is.
func stopped() *handClock { return &handClock{now: time.Unix(0, 0)} }

func (c *handClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *handClock) AfterFunc(d time.Duration, f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timers == nil {
		c.timers = map[*handTimer]bool{}
	}
	c.timers[&handTimer{c.now.Add(d), f}] = true
}

// pass lets time pass, and carries out what is due.
func (c *handClock) pass(d time.Duration) {
	c.mu.Lock()
	c.now = c.now.Add(d)
	var due []func()
	for t := range c.timers {
		if !t.at.After(c.now) {
			due = append(due, t.f)
			delete(c.timers, t)
		}
	}
	c.mu.Unlock()
	for _, f := range due {
		f()
	}
}

// A remote is an EC2 of which the test decides when and how it answers: each request waits
// for a reply.
type remote struct {
	emulator http.RoundTripper
	requests chan string // the actions, as they come in
	replies  chan reply
}

// A reply is an error, a refusal, or the answer of the emulator.
type reply struct {
	err    error
	status int
	code   string
}

func (r *remote) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	action, _, _ := strings.Cut(strings.TrimPrefix(string(body), "Action="), "&")
	r.requests <- action
	select {
	case <-req.Context().Done():
		return nil, req.Context().Err()
	case now := <-r.replies:
		switch {
		case now.err != nil:
			return nil, now.err
		case now.code != "":
			text := "<Response><Errors><Error><Code>" + now.code + "</Code><Message>Sorry.</Message></Error></Errors></Response>"
			return &http.Response{StatusCode: now.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text)), Request: req}, nil
		}
		req.Body = io.NopCloser(strings.NewReader(string(body)))
		return r.emulator.RoundTrip(req)
	}
}

// newRemotePlan returns a plan of an account in a remote EC2. A request is tried up to 100
// times, without pauses.
func newRemotePlan(t *testing.T, policy Policy) (*Plan, *remote, *handClock) {
	t.Helper()
	handler, err := emulator.New(emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db")})
	if err != nil {
		t.Fatal(err)
	}
	ec2, clock := &remote{emulator.Transport(handler), make(chan string), make(chan reply)}, stopped()
	policy.Clock = clock
	return New(account.New(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://ec2.emulator.invalid"), HTTPClient: &http.Client{Transport: ec2},
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		Retryer: func() aws.Retryer {
			return retry.AddWithMaxBackoffDelay(retry.AddWithMaxAttempts(retry.NewStandard(func(o *retry.StandardOptions) {
				o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
				o.RateLimiter = noLimit{}
			}), 100), time.Nanosecond)
		},
	}, account.Options{Clock: &skippingClock{}}), policy), ec2, clock
}

type noLimit struct{}

func (noLimit) GetToken(context.Context, uint) (func() error, error) { return noRelease, nil }
func (noLimit) AddTokens(uint) error                                 { return nil }

func noRelease() error { return nil }

// listSessions lists the sessions in another goroutine.
func listSessions(ctx context.Context, p *Plan) <-chan []mirror.Session {
	listed := make(chan []mirror.Session, 1)
	go func() { listed <- p.snapshot.sessions(ctx) }()
	return listed
}

// told returns the one warning that EC2 could not be asked, or "".
func told(t *testing.T, p *Plan) string {
	t.Helper()
	found := p.Unanswered()
	if len(found) == 0 {
		return ""
	}
	if len(found) > 1 || found[0].Severity != Warning || found[0].Summary != "EC2 could not be asked" {
		t.Errorf("got %+v", found)
	}
	if again := p.Unanswered(); again != nil {
		t.Errorf("it is said twice: %+v", again)
	}
	why, rest, _ := strings.Cut(found[0].Detail, "\n\n")
	if !strings.Contains(rest, "whether targets and network interfaces exist") {
		t.Errorf("it does not say what was left out: %s", rest)
	}
	return why
}

// All checks together wait for ten seconds without an answer, and then EC2 is not asked any
// more.
func TestWatchdog_silence(t *testing.T) {
	t.Parallel()
	p, ec2, clock := newRemotePlan(t, Policy{})
	sessions := listSessions(t.Context(), p)
	<-ec2.requests
	clock.pass(6 * time.Second)
	ec2.replies <- reply{err: errors.New("broken")}
	<-ec2.requests // the SDK tries again
	owner := make(chan error)
	go func() {
		_, err := p.snapshot.ownerOf(t.Context(), "tmt-00000000000000099")
		owner <- err
	}()
	<-ec2.requests
	clock.pass(4 * time.Second)
	if got := <-sessions; got != nil {
		t.Errorf("sessions %v", got)
	}
	var unanswered *account.UnansweredError
	if err := <-owner; !errors.As(err, &unanswered) {
		t.Errorf("the owner of a target: %v", err)
	}
	p.snapshot.targets(t.Context()) // would wait for the test to take the request
	if got := told(t, p); !strings.HasPrefix(got, "EC2 has not answered for 10s. EC2 could not be reached: ") || !strings.HasSuffix(got, "broken.") {
		t.Errorf("got %s", got)
	}
}

// An EC2 that answers is waited for, however slow it is.
func TestWatchdog_slow(t *testing.T) {
	t.Parallel()
	p, ec2, clock := newRemotePlan(t, Policy{})
	for _, list := range []func(context.Context){
		func(ctx context.Context) { p.snapshot.sessions(ctx) }, func(ctx context.Context) { p.snapshot.targets(ctx) },
	} {
		done := make(chan bool)
		go func() { list(t.Context()); close(done) }()
		<-ec2.requests
		clock.pass(9 * time.Second)
		ec2.replies <- reply{}
		<-done
	}
	if got := told(t, p); got != "" {
		t.Errorf("got %s", got)
	}
}

// Throttling is no answer, but passes. The SDK pauses longer for it.
func TestWatchdog_throttled(t *testing.T) {
	t.Parallel()
	p, ec2, clock := newRemotePlan(t, Policy{})
	throttle := func() {
		<-ec2.requests
		ec2.replies <- reply{status: http.StatusServiceUnavailable, code: "RequestLimitExceeded"}
	}
	sessions := listSessions(t.Context(), p)
	throttle()
	<-ec2.requests
	clock.pass(29 * time.Second)
	ec2.replies <- reply{}
	<-sessions
	targets := make(chan []mirror.Target)
	go func() { targets <- p.snapshot.targets(t.Context()) }()
	<-ec2.requests
	clock.pass(30 * time.Second)
	<-targets
	if got := told(t, p); got != "EC2 has not answered for 30s." {
		t.Errorf("got %s", got)
	}
}

// That a request waits for the limits of EC2 is no silence: another program uses them up, or this
// run does.
func TestWatchdog_paced(t *testing.T) {
	t.Parallel()
	p, ec2, clock := newRemotePlan(t, Policy{})
	sessions := listSessions(t.Context(), p)
	<-ec2.requests
	p.watchdog.noteTry(account.ErrPaced)
	clock.pass(29 * time.Second)
	ec2.replies <- reply{}
	<-sessions
	if got := told(t, p); got != "" {
		t.Errorf("got %s", got)
	}
}

// An EC2 that fails is not waited for longer than one that is silent.
func TestWatchdog_failing(t *testing.T) {
	t.Parallel()
	p, ec2, clock := newRemotePlan(t, Policy{})
	sessions := listSessions(t.Context(), p)
	for range 9 {
		<-ec2.requests
		clock.pass(time.Second)
		ec2.replies <- reply{status: http.StatusInternalServerError, code: "InternalError"}
	}
	<-ec2.requests
	clock.pass(time.Second)
	<-sessions
	if got := told(t, p); got != "EC2 has not answered for 10s. EC2 answered InternalError: Sorry." {
		t.Errorf("got %s", got)
	}
}

// The waits of calls that end without an answer add up. The time between them does not
// count.
func TestWatchdog_together(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, ec2, clock := newRemotePlan(t, Policy{})
		sessions := listSessions(t.Context(), p)
		<-ec2.requests
		clock.pass(6 * time.Second)
		ec2.replies <- reply{status: http.StatusNotImplemented, code: "NotImplemented"} // which the SDK does not try again
		<-sessions
		clock.pass(time.Hour)
		targets := make(chan []mirror.Target, 1)
		go func() { targets <- p.snapshot.targets(t.Context()) }()
		<-ec2.requests
		clock.pass(3 * time.Second)
		synctest.Wait() // all that follows from the time that has passed
		select {
		case <-targets:
			t.Fatal("it gives up after 9 seconds")
		default:
		}
		clock.pass(time.Second)
		<-targets
		if got := told(t, p); got != "EC2 answered NotImplemented: Sorry." {
			t.Errorf("got %s", got)
		}
	})
}

// A list whose request was cancelled is not taken for an empty one. There is no warning about it.
func TestSnapshot_cancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, ec2, _ := newRemotePlan(t, Policy{})
		filter := make(chan error, 1)
		go func() {
			_, err := p.account.CreateFilter(t.Context(), "", nil, account.NewToken())
			filter <- err
		}()
		<-ec2.requests
		ec2.replies <- reply{}
		if err := <-filter; err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		list := func(ctx context.Context) <-chan []mirror.Filter {
			listed := make(chan []mirror.Filter, 1)
			go func() { listed <- p.snapshot.filters(ctx) }()
			return listed
		}
		first := list(ctx)
		<-ec2.requests
		second := list(ctx)
		synctest.Wait() // it waits for the first
		cancel()
		if got := [][]mirror.Filter{<-first, <-second}; got[0] != nil || got[1] != nil {
			t.Errorf("got %v", got)
		}
		third := list(t.Context())
		<-ec2.requests
		ec2.replies <- reply{}
		if got := <-third; len(got) != 1 {
			t.Errorf("the next object sees %d filters", len(got))
		}
		if got := told(t, p); got != "" {
			t.Errorf("got %s", got)
		}
	})
}

// What EC2 refuses is not asked again. A permission that is missing is no failure of EC2, but
// credentials that it does not accept are.
func TestSnapshot_refused(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{"UnauthorizedOperation": "", "AuthFailure": "EC2 answered AuthFailure: Sorry."} {
		p, ec2, _ := newRemotePlan(t, Policy{})
		sessions := listSessions(t.Context(), p)
		<-ec2.requests
		ec2.replies <- reply{status: http.StatusForbidden, code: code}
		<-sessions
		p.snapshot.sessions(t.Context()) // would wait for the test to take the request
		if got := told(t, p); got != want {
			t.Errorf("%s: got %s", code, got)
		}
	}
}
