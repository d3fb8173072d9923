package emulator

import (
	"strings"
	"sync"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// rate is a token bucket: its size, and how many tokens it gets back per second.
type rate = mirror.RequestLimit

// class is a group of actions with the same limits. Each action has its own bucket per
// account and Region
// (https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html).
type class struct {
	writes bool
	rate   rate // of requests that filter or paginate, where others have another one
}

var (
	reading            = &class{false, mirror.LimitOfDescribe}
	changing           = &class{true, mirror.LimitOfChange}
	tagging            = &class{true, mirror.LimitOfTagging}
	changingInterfaces = &class{true, rate{Burst: 100, PerSecond: 5}}
	creatingEndpoints  = &class{true, rate{Burst: 4, PerSecond: 0.3}}
	launching          = &class{true, rate{Burst: 5, PerSecond: 2}}
)

// The classes of Elastic Load Balancing. All of its reads share a bucket. The size of that bucket is
// the only one of which the text is clear about the actions, so that changes have no limit here
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html).
var (
	readingBalancing  = &class{false, rate{Burst: 40, PerSecond: 10}}
	changingBalancing = &class{true, rate{}}
)

// bucketOf returns the bucket that a request takes from.
func bucketOf(req *query.Request) (name string, r rate) {
	a, _ := actionOf(req)
	if a.class == readingBalancing {
		return query.BalancingService, a.class.rate
	}
	if name, r := mirror.RequestLimitOf(req.Action, listsAll(req.Parameters)); r == mirror.LimitOfWholeSet {
		return name, r
	}
	return req.Action, a.class.rate
}

// listsAll reports whether a describe neither filters nor paginates. AWS documents no
// other way to leave the smaller bucket, so that a list of IDs makes no difference.
func listsAll(parameters map[string]string) bool {
	for name := range parameters {
		if name == "MaxResults" || name == "NextToken" || strings.HasPrefix(name, "Filter.") {
			return false
		}
	}
	return true
}

// throttle holds the token buckets.
type throttle struct {
	mu      sync.Mutex
	buckets map[string]*bucket // by Region and name
}

type bucket struct {
	tokens float64
	filled time.Time
}

// take takes a token for a request, or refuses the request.
func (t *throttle) take(req *query.Request, now time.Time) error {
	name, r := bucketOf(req)
	if r == (rate{}) {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.buckets == nil {
		t.buckets = map[string]*bucket{}
	}
	b := t.buckets[req.Region+" "+name]
	if b == nil {
		b = &bucket{r.Burst, now}
		t.buckets[req.Region+" "+name] = b
	}
	b.tokens = min(r.Burst, b.tokens+r.PerSecond*now.Sub(b.filled).Seconds())
	b.filled = now
	if b.tokens < 1 {
		return errThrottled
	}
	b.tokens--
	return nil
}

var errThrottled = query.Refuse("RequestLimitExceeded", "Request limit exceeded.")

// Calls counts the requests of one action.
type Calls struct {
	Count     int `json:"count"`
	Throttled int `json:"throttled"` // of them
}

// callCount counts requests by action.
type callCount struct {
	mu       sync.Mutex
	byAction map[string]Calls
}

func (c *callCount) add(action string, throttled bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byAction == nil {
		c.byAction = map[string]Calls{}
	}
	n := c.byAction[action]
	n.Count++
	if throttled {
		n.Throttled++
	}
	c.byAction[action] = n
}

func (c *callCount) read() map[string]Calls {
	c.mu.Lock()
	defer c.mu.Unlock()
	read := make(map[string]Calls, len(c.byAction))
	for action, n := range c.byAction {
		read[action] = n
	}
	return read
}

func (c *callCount) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.byAction = nil
}
