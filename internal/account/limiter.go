package account

import (
	"context"
	"net/url"
	"strings"
	"sync"
	"time"

	smithymiddleware "github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"golang.org/x/time/rate"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A limiter keeps the requests of an account in one Region inside the limits that EC2 has for
// each action. Each try of a request takes a token, and waits for it before it is signed. So
// the SDK's own retries take tokens too, and keep their number and their pauses.
//
// Other programs use the same limits of the account. So an answer that throttles empties the
// bucket and halves its rate, and each other answer raises the rate by a fiftieth of the
// published one.
//
// An endpoint that is not AWS's has no published limits. It gets them with the first answer
// that throttles.
type limiter struct {
	clock  Clock
	always bool // whatever the endpoint is

	mu      sync.Mutex
	buckets map[string]*bucket
}

// A bucket has the tokens for the requests of one action.
type bucket struct {
	limit      mirror.RequestLimit
	tokens     *rate.Limiter
	loweredAt  time.Time
	isEnforced bool
}

// slowest is the part of a published rate that is left at least.
const slowest = 0.1

func newLimiter(options Options) *limiter {
	if options.Clock == nil {
		return &limiter{clock: SystemClock{}, always: options.Limited}
	}
	return &limiter{clock: options.Clock, always: options.Limited}
}

// addTo adds the limiter to the calls of a client.
func (l *limiter) addTo(stack *smithymiddleware.Stack) error {
	return stack.Finalize.Insert(smithymiddleware.FinalizeMiddlewareFunc("RequestLimit", l.limitTry), "ResolveEndpointV2", smithymiddleware.After)
}

func (l *limiter) limitTry(ctx context.Context, in smithymiddleware.FinalizeInput, next smithymiddleware.FinalizeHandler) (smithymiddleware.FinalizeOutput, smithymiddleware.Metadata, error) {
	isWholeSet, _ := ctx.Value(wholeSetKey{}).(bool)
	name, limit := mirror.RequestLimitOf(smithymiddleware.GetOperationName(ctx), isWholeSet)
	isAWS := false
	if request, ok := in.Request.(*smithyhttp.Request); ok {
		isAWS = isAWSEndpoint(request.URL)
	}
	at, err := l.wait(ctx, name, limit, l.always || isAWS)
	if err != nil {
		return smithymiddleware.FinalizeOutput{}, smithymiddleware.Metadata{}, err
	}
	out, metadata, err := next.HandleFinalize(ctx, in)
	l.note(name, at, err)
	return out, metadata, err
}

type wholeSetKey struct{}

// wait waits for a token, and returns when the request had it.
func (l *limiter) wait(ctx context.Context, name string, limit mirror.RequestLimit, isEnforced bool) (time.Time, error) {
	now := l.clock.Now()
	l.mu.Lock()
	if l.buckets == nil {
		l.buckets = map[string]*bucket{}
	}
	b := l.buckets[name]
	if b == nil {
		b = &bucket{limit: limit, tokens: rate.NewLimiter(rate.Limit(limit.PerSecond), int(limit.Burst))}
		l.buckets[name] = b
	}
	b.isEnforced = b.isEnforced || isEnforced
	if !b.isEnforced {
		l.mu.Unlock()
		return now, nil
	}
	token := b.tokens.ReserveN(now, 1)
	l.mu.Unlock()
	pause := token.DelayFrom(now)
	if pause == 0 {
		return now, nil
	}
	report(ctx, ErrPaced)
	select {
	case <-ctx.Done():
		token.CancelAt(l.clock.Now())
		return now, context.Cause(ctx)
	case <-After(l.clock, pause):
		return l.clock.Now(), nil
	}
}

// note takes the answer to a request that had its token at a time.
func (l *limiter) note(name string, at time.Time, err error) {
	now := l.clock.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.buckets[name]
	published := rate.Limit(b.limit.PerSecond)
	switch {
	case IsThrottled(err):
		b.isEnforced = true
		// Requests that are on their way at the same time lower the rate once.
		if at.Before(b.loweredAt) {
			return
		}
		b.loweredAt = now
		b.tokens.AllowN(now, max(0, int(b.tokens.TokensAt(now))))
		b.tokens.SetLimitAt(now, max(b.tokens.Limit()/2, slowest*published))
	case IsAnswered(err) && b.tokens.Limit() < published:
		b.tokens.SetLimitAt(now, min(b.tokens.Limit()+published/50, published))
	}
}

// awsDomains are the domains of AWS's own endpoints
// (https://docs.aws.amazon.com/general/latest/gr/rande.html).
var awsDomains = []string{
	".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".api.aws", ".api.amazonwebservices.com.cn", ".api.amazonwebservices.eu",
	".c2s.ic.gov", ".sc2s.sgov.gov", ".csp.hci.ic.gov", ".cloud.adc-e.uk",
}

func isAWSEndpoint(endpoint *url.URL) bool {
	if endpoint == nil {
		return false
	}
	for _, domain := range awsDomains {
		if strings.HasSuffix(endpoint.Hostname(), domain) {
			return true
		}
	}
	return false
}
