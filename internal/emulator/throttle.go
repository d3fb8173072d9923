package emulator

import (
	"strings"
	"sync"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// rate is a token bucket: so many requests at once, so many a second on the long
// run.
type rate struct{ burst, refill float64 }

// EC2's buckets are per account, Region and action
// (https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html).
var (
	readingRate   = rate{100, 20}
	listingRate   = rate{50, 10} // of some describes that neither filter nor paginate
	writingRate   = rate{50, 5}
	taggingRate   = rate{100, 10}
	interfaceRate = rate{100, 5} // of some writes to network interfaces
	endpointRate  = rate{4, 0.3}

	listingActions = map[string]bool{"DescribeInstances": true, "DescribeNetworkInterfaces": true, "DescribeSecurityGroups": true}
	specialRates   = map[string]rate{
		"CreateTags": taggingRate, "DeleteTags": taggingRate,
		"CreateNetworkInterface": interfaceRate, "DeleteNetworkInterface": interfaceRate, "ModifyNetworkInterfaceAttribute": interfaceRate,
		"AssignPrivateIpAddresses": interfaceRate, "UnassignPrivateIpAddresses": interfaceRate, "AssignIpv6Addresses": interfaceRate,
		"CreateVpcEndpoint": endpointRate,
	}
)

func rateOf(req *query.Request) (name string, r rate) {
	a := actions[req.Action]
	special, isSpecial := specialRates[req.Action]
	switch {
	case isSpecial:
		return req.Action, special
	case a.writes:
		return req.Action, writingRate
	case listingActions[req.Action] && listsAll(req.Parameters):
		return req.Action + " of everything", listingRate
	}
	return req.Action, readingRate
}

// listsAll reports whether a describe neither filters nor paginates. The page speaks
// of nothing else, so a list of IDs does not help.
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

// take takes a token for the request, or refuses it.
func (t *throttle) take(req *query.Request, now time.Time) error {
	name, r := rateOf(req)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.buckets == nil {
		t.buckets = map[string]*bucket{}
	}
	b := t.buckets[req.Region+" "+name]
	if b == nil {
		b = &bucket{r.burst, now}
		t.buckets[req.Region+" "+name] = b
	}
	b.tokens = min(r.burst, b.tokens+r.refill*now.Sub(b.filled).Seconds())
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
