package emulator

import (
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// published are the buckets that are not those of every describe (100 requests at
// once, 20 a second) or of every change (50 and 5)
// (https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html).
var published = map[string]rate{
	"CreateTags": {Burst: 100, PerSecond: 10}, "DeleteTags": {Burst: 100, PerSecond: 10},
	"CreateNetworkInterface": {Burst: 100, PerSecond: 5}, "DeleteNetworkInterface": {Burst: 100, PerSecond: 5}, "ModifyNetworkInterfaceAttribute": {Burst: 100, PerSecond: 5},
	"AssignIpv6Addresses": {Burst: 100, PerSecond: 5}, "AssignPrivateIpAddresses": {Burst: 100, PerSecond: 5}, "UnassignPrivateIpAddresses": {Burst: 100, PerSecond: 5},
	"CreateVpcEndpoint": {Burst: 4, PerSecond: 0.3},
	"RunInstances":      {Burst: 5, PerSecond: 2}, "StartInstances": {Burst: 5, PerSecond: 2}, "TerminateInstances": {Burst: 100, PerSecond: 5},
	"DescribeInstances": {Burst: 50, PerSecond: 10}, "DescribeNetworkInterfaces": {Burst: 50, PerSecond: 10}, "DescribeSecurityGroups": {Burst: 50, PerSecond: 10},
	"DescribeInstanceStatus": {Burst: 50, PerSecond: 10}, "DescribeVolumes": {Burst: 50, PerSecond: 10},
}

func publishedFor(action string) rate {
	special, isSpecial := published[action]
	switch {
	case isSpecial:
		return special
	case strings.HasPrefix(action, "Describe"), strings.HasPrefix(action, "Get"): // those that change nothing
		return rate{Burst: 100, PerSecond: 20}
	}
	return rate{Burst: 50, PerSecond: 5}
}

// counter counts how many requests pass until one is throttled.
type counter struct {
	t   *testing.T
	e   *Emulator
	now time.Time
}

func newCounter(t *testing.T) *counter {
	t.Helper()
	c := &counter{t: t, now: time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)}
	e, err := New(Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Throttle: true, Now: func() time.Time { return c.now }})
	if err != nil {
		t.Fatal(err)
	}
	c.e = e
	return c
}

func (c *counter) pass(region, action string, parameters map[string]string) (n int) {
	c.t.Helper()
	for ; n < 1000; n++ {
		_, err := c.e.admit(c.t.Context(), &query.Request{API: query.EC2, Region: region, Action: action, Parameters: parameters})
		switch {
		case errors.Is(err, errThrottled):
			return n
		case err != nil:
			c.t.Fatal(err)
		}
	}
	return n
}

// Each action has the bucket that AWS publishes for it, one for each Region.
func TestThrottle_everyAction(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	for action := range actions {
		want := publishedFor(action)
		burst, token := int(want.Burst), time.Duration(math.Ceil(float64(time.Second)/want.PerSecond))
		for _, region := range []string{"us-east-1", "eu-west-1"} {
			if got := c.pass(region, action, nil); got != burst {
				t.Errorf("%s in %s: %d requests at once, want %d", action, region, got, burst)
			}
		}
		for _, test := range []struct {
			pause time.Duration
			want  int
		}{
			{token / 2, 0},
			{token - token/2, 1},
			{3 * token, 3},
			{time.Hour, burst},
		} {
			c.now = c.now.Add(test.pause)
			if got := c.pass("us-east-1", action, nil); got != test.want {
				t.Errorf("%s after %s: %d requests, want %d", action, test.pause, got, test.want)
			}
		}
	}
}

// The provider keeps to the limits of the actions that it uses.
func TestThrottle_sharedLimits(t *testing.T) {
	t.Parallel()
	for action := range actions {
		if !strings.Contains(action, "TrafficMirror") && !slices.Contains([]string{
			"CreateTags", "DeleteTags", "DescribeNetworkInterfaces", "DescribeInstances", "DescribeSubnets", "DescribeVpcs", "DescribeVpcEndpoints",
		}, action) {
			continue
		}
		for _, parameters := range []map[string]string{nil, {"MaxResults": "5"}} {
			name, got := mirror.RequestLimitOf(action, listsAll(parameters))
			if ownName, want := bucketOf(&query.Request{API: query.EC2, Action: action, Parameters: parameters}); got != want || name != ownName {
				t.Errorf("%s with %v: %v of %s, want %v of %s", action, parameters, got, name, want, ownName)
			}
		}
	}
}

// What filters or paginates takes from another bucket than what asks for
// everything, where there are two.
func TestThrottle_listing(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		action, parameter string
		before, after     int // how many pass, and then still pass without the parameter
	}{
		{"DescribeNetworkInterfaces", "MaxResults", 100, 50},
		{"DescribeNetworkInterfaces", "NextToken", 100, 50},
		{"DescribeNetworkInterfaces", "Filter.1.Name", 100, 50},
		{"DescribeNetworkInterfaces", "NetworkInterfaceId.1", 50, 0},
		{"DescribeInstances", "Filter.1.Name", 100, 50},
		{"DescribeInstances", "InstanceId.1", 50, 0},
		{"DescribeSecurityGroups", "MaxResults", 100, 50},
		{"DescribeVpcs", "MaxResults", 100, 0},
		{"DescribeSubnets", "Filter.1.Name", 100, 0},
		{"DescribeTrafficMirrorSessions", "MaxResults", 100, 0},
	} {
		c := newCounter(t)
		before, after := c.pass("us-east-1", test.action, map[string]string{test.parameter: "x"}), c.pass("us-east-1", test.action, nil)
		if before != test.before || after != test.after {
			t.Errorf("%s with %s: %d requests, then %d without, want %d and %d", test.action, test.parameter, before, after, test.before, test.after)
		}
	}
}
